/** The `rich_text` block. Source: docs.slack.dev/reference/block-kit/blocks/rich-text-block. */

import { h } from "./dom.js";
import { emoji, isEmoji, withEmoji } from "./emoji.js";
import { link } from "./links.js";
import { broadcast, channelMention, groupMention, userMention } from "./mrkdwn.js";
import { fullTime, slackDate } from "./time.js";

/** @typedef {Record<string, any>} Part */

/**
 * @param {Part} part
 * @returns {(Node|string)[]}
 */
function bare(part) {
  switch (part.type) {
    case "text":
      return lines(String(part.text ?? ""));
    case "link":
      return [link(String(part.url ?? ""), withEmoji(String(part.text || part.url || "")))];
    case "user":
      return [userMention(String(part.user_id))];
    case "usergroup":
      return [groupMention(String(part.usergroup_id))];
    case "channel":
      return [channelMention(String(part.channel_id))];
    case "broadcast":
      return [broadcast(String(part.range))];
    case "emoji":
      return [isEmoji(String(part.name)) ? emoji(String(part.name)) : `:${part.name}:`];
    case "date":
      return [dateNode(part)];
    case "color":
      return [colour(String(part.value ?? ""))];
    default:
      return [h("span", { class: "unknown" }, `[${part.type}]`)];
  }
}

/** @param {string} text */
const lines = (text) =>
  text.split("\n").flatMap((line, index) => (index > 0 ? [h("br"), ...withEmoji(line)] : withEmoji(line)));

/** @param {Part} part */
function dateNode(part) {
  const date = new Date(Number(part.timestamp) * 1000);
  const text = slackDate(Number(part.timestamp), String(part.format ?? "{date}"), String(part.fallback ?? ""));
  const known = !Number.isNaN(date.getTime());
  const time = h("time", { datetime: known ? date.toISOString() : null, title: known ? fullTime(date) : null }, text);
  return part.url ? link(String(part.url), [time]) : time;
}

/** @param {string} value */
function colour(value) {
  const swatch = h("span", { class: "swatch" });
  swatch.style.setProperty("background-color", value);
  return h("span", {}, swatch, value);
}

const WRAPS = /** @type {const} */ ([
  ["code", "code"],
  ["bold", "strong"],
  ["italic", "em"],
  ["strike", "s"],
  ["underline", "u"],
]);

/**
 * @param {Part} part
 * @returns {(Node|string)[]}
 */
function styled(part) {
  let nodes = bare(part);
  for (const [style, tag] of WRAPS) {
    if (part.style?.[style]) nodes = [h(tag, {}, ...nodes)];
  }
  return nodes;
}

/** @param {Part[]} parts */
const run = (parts) => parts.flatMap(styled);

/**
 * @param {Part} section
 * @returns {HTMLElement}
 */
function piece(section) {
  const parts = Array.isArray(section.elements) ? section.elements : [];
  switch (section.type) {
    case "rich_text_section":
      return h("div", { class: "rich-section" }, ...run(parts));
    case "rich_text_preformatted":
      return h("pre", { tabindex: "0" }, ...run(parts));
    case "rich_text_quote":
      return h("blockquote", {}, ...run(parts));
    case "rich_text_list":
      return list(section, parts);
    default:
      return h("div", { class: "unknown" }, `rich text of type ${section.type}`);
  }
}

/**
 * @param {Part} section
 * @param {Part[]} items
 */
function list(section, items) {
  const indent = Math.min(Number(section.indent) || 0, 8);
  const border = section.border ? " rich-list-border" : "";
  const props = { class: `rich-list rich-list-${indent}${border}` };
  const entries = items.map((item) => h("li", {}, ...run(item.elements ?? [])));
  if (section.style !== "ordered") return h("ul", props, ...entries);
  return h("ol", { ...props, start: (Number(section.offset) || 0) + 1 }, ...entries);
}

/**
 * @param {Part} block
 * @returns {HTMLElement}
 */
export function richText(block) {
  const sections = Array.isArray(block.elements) ? block.elements : [];
  return h("div", { class: "rich text" }, ...sections.map(piece));
}
