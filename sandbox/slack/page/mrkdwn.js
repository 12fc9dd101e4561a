/**
 * Slack's own text markup, mrkdwn, as DOM nodes.
 * Source: docs.slack.dev/messaging/formatting-message-text.
 */

import { h } from "./dom.js";
import { emoji, isEmoji, withEmoji } from "./emoji.js";
import { link, safeAddress } from "./links.js";
import { store } from "./store.js";
import { fullTime, slackDate } from "./time.js";

/** @typedef {(Node|string)[]} Nodes */

/** @type {Record<string, string>} */
const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/** @param {string} text */
export const unescape = (text) => text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);

/** @param {string} user */
export function userMention(user, label = "") {
  const person = store.person(user);
  const self = user === store.state.me ? " mention-me" : "";
  return h("span", { class: `mention${self}`, title: person?.title || null }, `@${person?.name || label || user}`);
}

/** @param {string} id */
export function channelMention(id, label = "") {
  const channel = store.channel(id);
  return h("a", { class: "mention", href: "#", "data-channel": id }, `#${channel?.name || label || id}`);
}

/** @param {string} id */
export function groupMention(id, label = "") {
  const group = store.group(id);
  const self = group?.users?.includes(store.state.me) ? " mention-me" : "";
  return h("span", { class: `mention${self}`, title: group?.name || null }, `@${group?.handle || label || id}`);
}

/** @param {string} range */
export const broadcast = (range) => h("span", { class: "mention mention-me" }, `@${range}`);

/**
 * What stands between `<` and `>`.
 * @param {string} inner
 * @returns {Node}
 */
function special(inner) {
  const bar = inner.indexOf("|");
  const head = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? "" : unescape(inner.slice(bar + 1));
  if (head.startsWith("@")) return userMention(head.slice(1), label.replace(/^@/, ""));
  if (head.startsWith("#")) return channelMention(head.slice(1), label.replace(/^#/, ""));
  if (head.startsWith("!subteam^")) return groupMention(head.slice(9), label.replace(/^@/, ""));
  if (head.startsWith("!date^")) return dateNode(head.slice(6), label);
  if (/^!(here|channel|everyone)$/.test(head)) return broadcast(head.slice(1));
  if (head.startsWith("!")) return h("span", {}, label || `<${inner}>`);
  const address = unescape(head);
  if (!safeAddress(address)) return h("span", {}, label || `<${unescape(inner)}>`);
  return link(address, label ? inlineNodes(label, false) : [address.replace(/^mailto:/, "")]);
}

/**
 * @param {string} inner  `unix^format` or `unix^format^link`
 * @param {string} fallback
 */
function dateNode(inner, fallback) {
  const [unix, format = "", address] = inner.split("^");
  const seconds = Number(unix);
  const text = slackDate(seconds, format, fallback);
  const date = new Date(seconds * 1000);
  const known = !Number.isNaN(date.getTime());
  const time = h(
    "time",
    { datetime: known ? date.toISOString() : null, title: known ? fullTime(date) : fallback },
    text,
  );
  return address && safeAddress(address) ? link(address, [time]) : time;
}

const STYLES = /** @type {const} */ ({ "*": "strong", _: "em", "~": "s" });
const WORD = /[\p{L}\p{N}]/u;

/**
 * Where the run that opens at `open` closes; -1 where it does not. Code and links inside are stepped over.
 * @param {string} text
 * @param {number} open
 */
function closing(text, open) {
  const mark = text[open];
  for (let at = open + 1; at < text.length; at += 1) {
    if (text[at] === "`" || text[at] === "<") {
      const end = text.indexOf(text[at] === "<" ? ">" : "`", at + 1);
      if (end > 0) at = end;
    } else if (text[at] === mark && at > open + 1 && text[at - 1] !== " " && !WORD.test(text[at + 1] ?? "")) {
      return at;
    }
  }
  return -1;
}

/**
 * One line of mrkdwn.
 * @param {string} text
 * @param {boolean} [links]  false inside a link's label
 * @returns {Nodes}
 */
export function inlineNodes(text, links = true) {
  /** @type {Nodes} */
  const nodes = [];
  let buffer = "";
  const flush = () => {
    if (buffer) nodes.push(...withEmoji(unescape(buffer)));
    buffer = "";
  };
  for (let at = 0; at < text.length;) {
    const found = runAt(text, at, links);
    if (found) {
      flush();
      nodes.push(found.node);
      at = found.end;
    } else {
      buffer += text[at];
      at += 1;
    }
  }
  flush();
  return nodes;
}

/**
 * @param {string} text
 * @param {number} at
 * @param {boolean} links
 * @returns {{node: Node, end: number}|null}
 */
function runAt(text, at, links) {
  const rest = text.slice(at, at + 4100);
  const mark = text[at];
  if (mark === "`") {
    const code = /^`([^`]+)`/.exec(rest);
    return code && { node: h("code", {}, unescape(code[1])), end: at + code[0].length };
  }
  if (mark === "<" && links) {
    const inner = /^<([^<>]+)>/.exec(rest);
    return inner && { node: special(inner[1]), end: at + inner[0].length };
  }
  const before = at > 0 ? text[at - 1] : "";
  if (mark === "*" || mark === "_" || mark === "~") {
    if (WORD.test(before) || /^.(?:\s|$)/.test(rest)) return null;
    const end = closing(text, at);
    if (end < 0) return null;
    return { node: h(STYLES[mark], {}, ...inlineNodes(text.slice(at + 1, end), links)), end: end + 1 };
  }
  if (mark === ":") {
    const name = /^:([a-z0-9_+'-]+(?:::skin-tone-\d)?):/.exec(rest);
    return name && isEmoji(name[1]) ? { node: emoji(name[1]), end: at + name[0].length } : null;
  }
  if (mark === "h" && links && !WORD.test(before)) {
    const bare = /^https?:\/\/[^\s<>|]*[^\s<>|.,;:!?'")\]*_~]/.exec(rest);
    return bare && { node: link(unescape(bare[0]), [unescape(bare[0])]), end: at + bare[0].length };
  }
  return null;
}

/**
 * @param {string[]} lines
 * @returns {Nodes}
 */
function lineNodes(lines) {
  return lines.flatMap((line, index) => (index > 0 ? [h("br"), ...inlineNodes(line)] : inlineNodes(line)));
}

const QUOTE = /^(?:>|&gt;)\s?/;

/**
 * @param {string} text
 * @returns {Nodes}
 */
function paragraphs(text) {
  /** @type {Nodes} */
  const nodes = [];
  const lines = text.split("\n");
  for (let at = 0; at < lines.length;) {
    const quoted = QUOTE.test(lines[at]);
    let end = at;
    while (end < lines.length && QUOTE.test(lines[end]) === quoted) end += 1;
    const run = lines.slice(at, end);
    if (quoted) {
      nodes.push(h("blockquote", {}, ...lineNodes(run.map((line) => line.replace(QUOTE, "")))));
    } else {
      nodes.push(...lineNodes(run));
    }
    at = end;
  }
  return nodes;
}

/**
 * @param {string} text
 * @returns {Nodes}
 */
export function mrkdwn(text) {
  const parts = text.split(/```\n?([\s\S]+?)\n?```\n?/);
  return parts.flatMap((part, index) => {
    if (index % 2 === 1) return [h("pre", { tabindex: "0" }, unescape(part))];
    const prose = index < parts.length - 1 ? part.replace(/\n$/, "") : part;
    return prose ? paragraphs(prose) : [];
  });
}

/**
 * A text object: mrkdwn is marked up, plain text is not, but for its emoji.
 * @param {any} object
 * @returns {Nodes}
 */
export function textNodes(object) {
  if (object === null || object === undefined) return [];
  const text = String(typeof object === "object" ? (object.text ?? "") : object);
  if (object.type === "mrkdwn") return object.verbatim ? [h("span", {}, ...mrkdwn(text))] : mrkdwn(text);
  return plainNodes(text, object.emoji !== false);
}

/**
 * @param {string} text
 * @param {boolean} [named]  whether `:name:` is drawn
 * @returns {Nodes}
 */
export function plainNodes(text, named = true) {
  return text.split("\n").flatMap((line, index) => {
    const nodes = named ? namedEmoji(line) : withEmoji(line);
    return index > 0 ? [h("br"), ...nodes] : nodes;
  });
}

/**
 * @param {string} line
 * @returns {Nodes}
 */
function namedEmoji(line) {
  const parts = line.split(/(:[a-z0-9_+'-]+:)/);
  return parts.flatMap((part) => {
    const name = /^:(.+):$/.exec(part)?.[1];
    return name && isEmoji(name) ? [emoji(name)] : withEmoji(part);
  });
}
