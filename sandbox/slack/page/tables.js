/**
 * The `table` and `data_table` blocks.
 * Source: docs.slack.dev/reference/block-kit/blocks/table-block and .../data-table-block.
 */

import { drawElement } from "./elements.js";
import { h, replace } from "./dom.js";
import { icon } from "./icons.js";
import { plainNodes } from "./mrkdwn.js";
import { register, remembered, slotOf } from "./registry.js";
import { richText } from "./richtext.js";

/**
 * @typedef {import("./registry.js").Spot} Spot
 * @typedef {import("./types.js").Block} Block
 * @typedef {{type: string, [field: string]: any}} Cell
 */

/**
 * @param {Cell} cell
 * @param {Block} block
 * @param {Spot} spot
 * @returns {(Node|string)[]}
 */
function content(cell, block, spot) {
  if (cell?.type === "rich_text") return [richText(cell)];
  if (cell?.type === "action_cell") {
    const place = slotOf(block, spot, cell.element);
    return [drawElement(cell.element, { ...place, path: `${place.path}/${cell.element?.value ?? ""}` })];
  }
  if (cell?.type === "raw_number") return [String(cell.text ?? cell.value ?? "")];
  return plainNodes(String(cell?.text ?? ""), false);
}

/** @param {Cell} cell */
function words(cell) {
  if (cell?.type !== "rich_text") return String(cell?.fallback?.text ?? cell?.text ?? "");
  return JSON.stringify(cell.elements ?? "").replace(/"(type|style)":"[^"]*"/g, "");
}

/** @param {Cell[][]} rows */
const numeric = (rows) =>
  (rows[0] ?? []).map(
    (_, column) => rows.length > 1 && rows.slice(1).every((row) => row[column]?.type === "raw_number"),
  );

/**
 * @param {HTMLElement} table
 * @param {string} label
 */
const scroller = (table, label) =>
  h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": label }, table);

/**
 * @param {Block} block
 * @param {Spot} spot
 */
function table(block, spot) {
  /** @type {Cell[][]} */
  const rows = block.rows ?? [];
  const numbers = numeric(rows);
  const settings = block.column_settings ?? [];
  const look = (/** @type {number} */ column) => {
    const align = settings[column]?.align ?? (numbers[column] ? "right" : "left");
    return `align-${align} ${settings[column]?.is_wrapped ? "wrapped" : "unwrapped"}`;
  };
  const line = (/** @type {Cell[]} */ row, /** @type {boolean} */ head) =>
    h(
      "tr",
      {},
      ...row.map((cell, column) =>
        h(head ? "th" : "td", { class: look(column), scope: head ? "col" : null }, ...content(cell, block, spot)),
      ),
    );
  const [head, ...body] = rows;
  const grid = h(
    "table",
    { class: "grid" },
    head && h("thead", {}, line(head, true)),
    h("tbody", {}, ...body.map((row) => line(row, false))),
  );
  return scroller(grid, `Table of ${body.length} rows`);
}

/** @typedef {{column: number, down: boolean, page: number}} Turned */

/**
 * @param {Cell[][]} body
 * @param {Turned} turned
 */
function sorted(body, { column, down }) {
  if (column < 0) return body;
  const side = down ? -1 : 1;
  return [...body].sort((a, b) => {
    const [left, right] = [a[column], b[column]];
    if (left?.type === "raw_number" && right?.type === "raw_number") return side * (left.value - right.value);
    return side * words(left).localeCompare(words(right), undefined, { numeric: true });
  });
}

/**
 * @param {Block} block
 * @param {Spot} spot
 */
function dataTable(block, spot) {
  /** @type {Cell[][]} */
  const [head = [], ...body] = block.rows ?? [];
  const numbers = numeric(block.rows ?? []);
  const size = Math.min(Math.max(Number(block.page_size) || 5, 1), 100);
  const rowHead = Number(block.row_header_column_index ?? 0);
  const memory = remembered(spot, "turned", /** @type {Turned} */ ({ column: -1, down: false, page: 0 }));
  const pages = Math.max(1, Math.ceil(body.length / size));
  const holder = h("div", { class: "data-table" });
  const turn = (/** @type {Partial<Turned>} */ more) => {
    memory.value = { ...memory.value, ...more };
    draw();
  };
  const heading = (/** @type {Cell} */ cell, /** @type {number} */ column) => {
    const { column: by, down } = memory.value;
    if (!cell?.text) return h("td", {});
    const mine = by === column;
    const order = mine ? (down ? "descending" : "ascending") : "none";
    const click = () => turn({ column, down: mine ? !down : false, page: 0 });
    const props = {
      type: "button",
      class: mine ? "sort sort-on" : "sort",
      "data-focus": `${spot.path}/sort/${column}`,
      on: { click },
    };
    const arrow = icon(mine ? (down ? "chevron" : "up") : "sort");
    return h(
      "th",
      { scope: "col", "aria-sort": order, class: numbers[column] ? "align-right" : null },
      h("button", props, ...plainNodes(String(cell?.text ?? ""), false), arrow),
    );
  };
  const line = (/** @type {Cell[]} */ row) =>
    h(
      "tr",
      {},
      ...row.map((cell, column) =>
        h(
          column === rowHead ? "th" : "td",
          { scope: column === rowHead ? "row" : null, class: numbers[column] ? "align-right" : "wrapped" },
          ...content(cell, block, spot),
        ),
      ),
    );
  const step = (/** @type {string} */ name, /** @type {string} */ label, /** @type {number} */ page) =>
    h(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": label,
        "data-focus": `${spot.path}/${name}`,
        "aria-disabled": page < 0 || page >= pages ? "true" : null,
        on: { click: () => page >= 0 && page < pages && turn({ page }) },
      },
      icon(name),
    );
  const draw = () => {
    const page = Math.min(memory.value.page, pages - 1);
    const from = page * size;
    const shown = sorted(body, memory.value).slice(from, from + size);
    const caption = String(block.caption ?? "");
    const grid = h(
      "table",
      { class: "grid" },
      h("caption", {}, caption),
      h("thead", {}, h("tr", {}, ...head.map(heading))),
      h("tbody", {}, ...shown.map(line)),
    );
    const range = h(
      "span",
      { class: "muted", role: "status" },
      `${body.length ? from + 1 : 0}–${from + shown.length} of ${body.length}`,
    );
    const foot = h(
      "div",
      { class: "pager" },
      range,
      step("left", "Previous page", page - 1),
      step("right", "Next page", page + 1),
    );
    replace(holder, scroller(grid, caption || "Data table"), pages > 1 && foot);
  };
  draw();
  return holder;
}

register("table", table);
register("data_table", dataTable);
