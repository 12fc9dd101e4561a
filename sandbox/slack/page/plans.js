/** The `plan`, `task_card` and `alert` blocks: what an app is doing and what it warns of. */

import { h } from "./dom.js";
import { icon, spinner } from "./icons.js";
import { link } from "./links.js";
import { plainNodes, textNodes } from "./mrkdwn.js";
import { register } from "./registry.js";
import { richText } from "./richtext.js";
import { plain } from "./store.js";

/** @typedef {import("./types.js").Block} Block */

/** @type {Record<string, {say: string, draw: () => SVGElement}>} */
const STATUSES = {
  pending: { say: "Pending", draw: () => icon("pending") },
  in_progress: { say: "In progress", draw: () => spinner("In progress") },
  complete: { say: "Complete", draw: () => icon("check") },
  error: { say: "Failed", draw: () => icon("fault") },
};

/** @param {any} text  a rich_text block or a plain string */
const prose = (text) =>
  text?.type === "rich_text" ? richText(text) : h("div", { class: "text" }, ...plainNodes(plain(text)));

/** @param {Block} block */
function task(block) {
  const status = STATUSES[block.status] ? block.status : "pending";
  const sources = Array.isArray(block.sources) ? block.sources : [];
  return h(
    "div",
    { class: `task task-${status}` },
    h("span", { class: "task-icon", title: STATUSES[status].say }, STATUSES[status].draw()),
    h(
      "div",
      { class: "task-main" },
      h(
        "div",
        { class: block.hide_title ? "sr-only" : "task-title" },
        h("span", { class: "sr-only" }, `${STATUSES[status].say}: `),
        ...plainNodes(plain(block.title)),
      ),
      block.details && h("div", { class: "task-details" }, prose(block.details)),
      block.output && h("div", { class: "task-output" }, prose(block.output)),
      sources.length > 0 &&
        h(
          "div",
          { class: "task-sources" },
          ...sources.map((source) => link(String(source?.url ?? ""), [plain(source?.text)])),
        ),
    ),
  );
}

/** @param {Block} block */
function plan(block) {
  /** @type {Block[]} */
  const tasks = block.tasks ?? [];
  const done = tasks.filter((one) => one.status === "complete").length;
  const list = h("ol", { class: "plan-tasks" }, ...tasks.map((one) => h("li", {}, task(one))));
  return h(
    "section",
    { class: "plan", "aria-label": plain(block.title) },
    h(
      "div",
      { class: "plan-head" },
      h("strong", {}, ...plainNodes(plain(block.title))),
      tasks.length > 0 && h("span", { class: "muted" }, `${done} of ${tasks.length}`),
    ),
    tasks.length > 0 && list,
  );
}

/** @type {Record<string, string>} */
const LEVELS = { default: "info", info: "info", warning: "warning", error: "fault", success: "check" };

/** @param {Block} block */
function alert(block) {
  const level = LEVELS[block.level] ? block.level : "default";
  return h(
    "div",
    { class: `alert alert-${level}`, role: level === "error" || level === "warning" ? "alert" : "note" },
    icon(LEVELS[level]),
    h("div", { class: "text" }, ...textNodes(block.text)),
  );
}

register("task_card", (block) => h("div", { class: "plan plan-single" }, task(block)));
register("plan", plan);
register("alert", alert);
