/** Files of a message as cards; a CSV shows its first rows. */

import { fetchText } from "./api.js";
import { parseCsv } from "./csv.js";
import { h, replace } from "./dom.js";
import { icon } from "./icons.js";

/** @typedef {import("./types.js").FileInfo} FileInfo */

const ROWS = 5;
const MORE_ROWS = 50;

/** @param {number} bytes */
export function size(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** @param {FileInfo} file */
const address = (file) => `/_ui/files/${encodeURIComponent(file.id)}`;

/** @param {FileInfo} file */
const ending = (file) => /\.(\w{1,5})$/.exec(file.name)?.[1].toUpperCase() ?? "File";

/** @param {FileInfo} file */
const isCsv = (file) => file.mimetype === "text/csv" || /\.csv$/i.test(file.name);

/** @param {FileInfo} file */
function head(file) {
  return h(
    "div",
    { class: "file-head" },
    h("span", { class: isCsv(file) ? "file-icon file-icon-table" : "file-icon" }, icon(isCsv(file) ? "table" : "file")),
    h(
      "div",
      { class: "file-names" },
      h("div", { class: "file-name", title: file.name }, file.name),
      h("div", { class: "muted" }, `${ending(file)} · ${size(file.size)}`),
    ),
    h(
      "a",
      {
        class: "button button-icon",
        href: address(file),
        download: file.name,
        "aria-label": `Download ${file.name}`,
        title: "Download",
      },
      icon("download"),
    ),
  );
}

/**
 * @param {string[][]} rows  the first is the head
 * @param {string} name
 */
function grid(rows, name) {
  const line = (/** @type {string[]} */ row, /** @type {"th"|"td"} */ tag) =>
    h("tr", {}, ...row.map((cell) => h(tag, { title: cell.length > 24 ? cell : null }, cell)));
  const [top = [], ...body] = rows;
  const table = h(
    "table",
    { class: "grid grid-file" },
    h("thead", {}, line(top, "th")),
    h("tbody", {}, ...body.map((row) => line(row, "td"))),
  );
  return h(
    "div",
    { class: "table-scroll file-table", tabindex: "0", role: "region", "aria-label": `First rows of ${name}` },
    table,
  );
}

/**
 * @param {FileInfo} file
 * @param {HTMLElement} preview
 */
async function showCsv(file, preview) {
  const rows = parseCsv(await fetchText(file.id));
  if (rows.length === 0) {
    replace(preview, h("div", { class: "file-more muted" }, "No preview"));
    return;
  }
  const total = rows.length - 1;
  const draw = (/** @type {number} */ count) => {
    const shown = Math.min(count, total);
    const note = h("span", { class: "muted" }, `${shown} of ${total.toLocaleString()} rows`);
    const more =
      count < MORE_ROWS &&
      total > shown &&
      h("button", { type: "button", class: "link-button", on: { click: () => draw(MORE_ROWS) } }, "Show more");
    replace(preview, grid(rows.slice(0, shown + 1), file.name), h("div", { class: "file-more" }, note, more));
  };
  draw(ROWS);
}

/**
 * @param {FileInfo} file
 * @returns {HTMLElement}
 */
export function fileCard(file) {
  const card = h("div", { class: "file", role: "group", "aria-label": `File ${file.name}` }, head(file));
  if (isCsv(file)) {
    const preview = h("div", { class: "file-preview" }, h("div", { class: "file-more muted" }, "Loading the preview…"));
    card.append(preview);
    showCsv(file, preview);
  } else if (/^image\/(png|jpeg|gif|webp)$/.test(file.mimetype)) {
    card.append(h("img", { class: "file-image", src: address(file), alt: file.name, loading: "lazy" }));
  }
  return card;
}
