/**
 * Standard markdown, for the `markdown` block: headings, emphasis, code, lists, task lists, quotes, tables, links.
 * HTML in it stays text.
 */

import { h } from "./dom.js";
import { emoji, isEmoji, withEmoji } from "./emoji.js";
import { link, picture } from "./links.js";

/** @typedef {(Node|string)[]} Nodes */

/** @type {Record<string, string>} */
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", nbsp: "\u00a0" };

/** @param {string} text */
const decoded = (text) => text.replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (_, name) => ENTITIES[name]);

/** @type {[RegExp, (found: RegExpExecArray) => Node|string][]} */
const RUNS = [
  [/^\\([!-/:-@[-`{-~])/, (found) => found[1]],
  [/^(`+)(.+?)\1(?!`)/s, (found) => h("code", {}, found[2].trim() || found[2])],
  [/^!\[([^\]]*)\]\(([^\s)]+)[^)]*\)/, (found) => picture({ image_url: found[2], alt_text: found[1] }, "md-image")],
  [
    /^\[((?:[^[\]]|\[[^\]]*\])+)\]\(<?((?:[^\s()<>]|\([^\s()<>]*\))+)>?(?:\s+"[^"]*")?\)/,
    (found) => link(found[2], inline(found[1])),
  ],
  [/^<((?:https?:\/\/|mailto:)[^<>\s]+)>/, (found) => link(found[1], [found[1]])],
  [/^\*\*(?=\S)(.+?\S|\S)\*\*/s, (found) => h("strong", {}, ...inline(found[1]))],
  [/^~~(?=\S)(.+?)~~/s, (found) => h("s", {}, ...inline(found[1]))],
  [/^\*(?=\S)((?:[^*]|\*\*[^*]+\*\*)*?[^\s*])\*(?!\*)/s, (found) => h("em", {}, ...inline(found[1]))],
  [/^https?:\/\/[^\s<>|]*[^\s<>|.,;:!?'")\]*_~]/, (found) => link(found[0], [found[0]])],
  [/^ {2,}\n|^\\\n/, () => h("br")],
];

/** These need a boundary before them: `snake_case_name` is no emphasis. */
/** @type {[RegExp, (found: RegExpExecArray) => Node|string][]} */
const WORD_RUNS = [
  [/^__(?=\S)(.+?\S|\S)__(?![\p{L}\p{N}])/su, (found) => h("strong", {}, ...inline(found[1]))],
  [/^_(?=\S)(.+?\S|\S)_(?![\p{L}\p{N}])/su, (found) => h("em", {}, ...inline(found[1]))],
  [/^:([a-z0-9_+'-]+):/, (found) => (isEmoji(found[1]) ? emoji(found[1]) : found[0])],
];

const STARTS = new Set(["\\", "`", "!", "[", "<", "*", "~", "_", ":", "h", " "]);

/**
 * @param {string} text
 * @returns {Nodes}
 */
function inline(text) {
  /** @type {Nodes} */
  const nodes = [];
  let buffer = "";
  for (let at = 0; at < text.length;) {
    const inWord = at > 0 && /[\p{L}\p{N}]/u.test(text[at - 1]);
    const runs = inWord ? RUNS : [...RUNS, ...WORD_RUNS];
    const rest = STARTS.has(text[at]) ? text.slice(at) : "";
    const hit = rest && firstRun(runs, rest);
    if (hit) {
      if (buffer) nodes.push(...withEmoji(decoded(buffer)));
      buffer = "";
      nodes.push(hit.node);
      at += hit.length;
    } else {
      buffer += text[at];
      at += 1;
    }
  }
  if (buffer) nodes.push(...withEmoji(decoded(buffer)));
  return nodes;
}

/**
 * @param {[RegExp, (found: RegExpExecArray) => Node|string][]} runs
 * @param {string} rest
 */
function firstRun(runs, rest) {
  for (const [pattern, make] of runs) {
    const found = pattern.exec(rest);
    if (found) return { node: make(found), length: found[0].length };
  }
  return null;
}

const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const FENCE = /^\s{0,3}(```+|~~~+)\s*([\w+-]*)\s*$/;
const RULE = /^\s{0,3}([-*_])(?:\s*\1){2,}\s*$/;
const DIVIDER = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

/**
 * @param {string[]} lines
 * @param {number} at
 * @param {(line: string) => boolean} while_
 */
function take(lines, at, while_) {
  let end = at;
  while (end < lines.length && while_(lines[end])) end += 1;
  return end;
}

/**
 * @param {string[]} lines
 * @returns {HTMLElement[]}
 */
function blocks(lines) {
  /** @type {HTMLElement[]} */
  const nodes = [];
  for (let at = 0; at < lines.length;) {
    const line = lines[at];
    const fence = FENCE.exec(line);
    const heading = /^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$/.exec(line);
    let end = at + 1;
    if (!line.trim()) {
      // Only separates.
    } else if (fence) {
      const close = take(lines, at + 1, (next) => !next.trim().startsWith(fence[1]));
      nodes.push(h("pre", { tabindex: "0" }, lines.slice(at + 1, close).join("\n")));
      end = close + 1;
    } else if (heading) {
      const level = /** @type {"h3"|"h4"|"h5"} */ (["h3", "h3", "h4", "h5", "h5", "h5"][heading[1].length - 1]);
      nodes.push(h(level, { class: `md-h md-h${heading[1].length}` }, ...inline(heading[2])));
    } else if (RULE.test(line)) {
      nodes.push(h("hr"));
    } else if (/^\s{0,3}>/.test(line)) {
      end = take(lines, at, (next) => /^\s{0,3}>/.test(next));
      const inner = lines.slice(at, end).map((next) => next.replace(/^\s{0,3}>\s?/, ""));
      nodes.push(h("blockquote", {}, ...blocks(inner)));
    } else if (ITEM.test(line)) {
      end = take(lines, at, (next) => ITEM.test(next) || /^\s+\S/.test(next));
      nodes.push(list(lines.slice(at, end)));
    } else if (line.includes("|") && DIVIDER.test(lines[at + 1] ?? "") && (lines[at + 1] ?? "").includes("-")) {
      end = take(lines, at + 2, (next) => next.includes("|") && next.trim() !== "");
      nodes.push(table(lines.slice(at, end)));
    } else {
      end = take(
        lines,
        at + 1,
        (next) => next.trim() !== "" && !/^\s{0,3}(#{1,6}\s|>|```|~~~)/.test(next) && !ITEM.test(next),
      );
      nodes.push(h("p", {}, ...softLines(lines.slice(at, end))));
    }
    at = end;
  }
  return nodes;
}

/**
 * Slack shows single line breaks as such.
 * @param {string[]} lines
 * @returns {Nodes}
 */
function softLines(lines) {
  /** @type {Nodes} */
  const nodes = [];
  for (const node of inline(lines.join("\n"))) {
    if (typeof node !== "string") nodes.push(node);
    else nodes.push(...node.split("\n").flatMap((part, index) => (index > 0 ? [h("br"), part] : [part])));
  }
  return nodes;
}

/** @param {string[]} lines */
function list(lines) {
  const first = /** @type {RegExpExecArray} */ (ITEM.exec(lines[0]));
  const depth = first[1].length;
  const ordered = /\d/.test(first[2]);
  const parent = ordered ? h("ol", { start: Number.parseInt(first[2], 10) }) : h("ul");
  for (let at = 0; at < lines.length;) {
    const found = ITEM.exec(lines[at]);
    const end = take(lines, at + 1, (next) => (ITEM.exec(next)?.[1].length ?? depth + 1) > depth);
    const below = lines.slice(at + 1, end);
    const sub = below.findIndex((next) => ITEM.test(next));
    const own = [found?.[3] ?? lines[at].trim(), ...(sub < 0 ? below : below.slice(0, sub)).map((next) => next.trim())];
    const task = /^\[([ xX])\]\s+/.exec(own[0]);
    if (task) own[0] = own[0].slice(task[0].length);
    const box =
      task && h("input", { type: "checkbox", disabled: true, checked: task[1] !== " ", "aria-label": "done" });
    const item = h("li", { class: task ? "md-task" : null }, box, ...softLines(own));
    if (sub >= 0) item.append(list(below.slice(sub)));
    parent.append(item);
    at = end;
  }
  return parent;
}

/** @param {string} line */
const cells = (line) =>
  line
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));

/** @param {string[]} lines  header, divider, rows */
function table(lines) {
  const sides = cells(lines[1]).map((cell) => {
    if (/^:-*:$/.test(cell)) return "center";
    return cell.endsWith(":") ? "right" : "left";
  });
  const row = (/** @type {string} */ line, /** @type {"th"|"td"} */ tag) =>
    h(
      "tr",
      {},
      ...cells(line).map((cell, column) => h(tag, { class: `align-${sides[column] ?? "left"}` }, ...inline(cell))),
    );
  const head = h("thead", {}, row(lines[0], "th"));
  const body = h("tbody", {}, ...lines.slice(2).map((line) => row(line, "td")));
  return h(
    "div",
    { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Table" },
    h("table", { class: "grid" }, head, body),
  );
}

/**
 * @param {string} text
 * @returns {HTMLElement}
 */
export function markdown(text) {
  return h("div", { class: "md text" }, ...blocks(text.split(/\r?\n/)));
}
