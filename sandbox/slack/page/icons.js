/** Line icons, drawn here so that nothing is fetched. Each is decoration: the control that holds it has the name. */

import { svg } from "./dom.js";

/** @type {Record<string, string>} */
const PATHS = {
  hash: "M8 3.5 6.5 16.5 M13.5 3.5 12 16.5 M3.8 7.5h13 M3.2 12.5h13",
  lock: "M6 9V6.5a4 4 0 0 1 8 0V9 M4.8 9h10.4v7.7H4.8z",
  archive: "M3 4h14v3.5H3z M4.3 7.5v9h11.4v-9 M8 10.8h4",
  home: "M3 9.3 10 3.4l7 5.9 M5 8v8.3h3.6v-4.6h2.8v4.6H15V8",
  eye: "M2 10s2.9-5 8-5 8 5 8 5-2.9 5-8 5-8-5-8-5z M12.4 10a2.4 2.4 0 1 1-4.8 0 2.4 2.4 0 0 1 4.8 0z",
  close: "M5 5l10 10 M15 5 5 15",
  send: "M3.2 16.6 17.2 10 3.2 3.4l1.9 6.6z M5.1 10h6.4",
  download: "M10 3.2v9.3 M6 8.9l4 3.9 4-3.9 M3.8 16.6h12.4",
  chevron: "M5.5 7.8 10 12.2l4.5-4.4",
  left: "M12.2 5.2 7.5 10l4.7 4.8",
  right: "M7.8 5.2l4.7 4.8-4.7 4.8",
  up: "M5.5 12.2 10 7.8l4.5 4.4",
  down: "M10 4v11.5 M5.4 11l4.6 4.6 4.6-4.6",
  sort: "M6.8 8 10 4.8 13.2 8 M6.8 12l3.2 3.2 3.2-3.2",
  menu: "M3 5.5h14 M3 10h14 M3 14.5h14",
  check: "M4 10.6l4 4L16 6",
  pending: "M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0z",
  fault: "M17.2 10a7.2 7.2 0 1 1-14.4 0 7.2 7.2 0 0 1 14.4 0z M10 6v4.8 M10 13.6v.2",
  info: "M17.2 10a7.2 7.2 0 1 1-14.4 0 7.2 7.2 0 0 1 14.4 0z M10 9.2V14 M10 6.2v.2",
  warning: "M10 3.2 18 16.8H2z M10 8.4v4 M10 14.6v.1",
  play: "M6.8 4.4v11.2L16 10z",
  file: "M5 2.8h6.6L15.2 6.6v10.6H5z M11.4 2.8v4h3.8",
  table: "M3 4.5h14v11H3z M3 8.2h14 M3 11.9h14 M8 4.5v11",
  image: "M3 4.2h14v11.6H3z M3 13l3.9-3.8 3.6 3.6 2.6-2.4 3.9 3.4 M13.4 7.4v.1",
  thread: "M3 4.4h14v9.2H9.4L6 16.6v-3H3z M6.2 7.6h7.6 M6.2 10.4h5",
  edit: "M4 16l.8-3.6L13.4 3.8l2.8 2.8-8.6 8.6z",
  trash: "M3.8 5.6h12.4 M7.6 5.4V3.4h4.8v2 M5.4 5.8l.8 11h7.6l.8-11",
  bookmark: "M5.6 3.2h8.8v13.6L10 13.4l-4.4 3.4z",
  thumbsup:
    "M3.2 9h3v7.4h-3z M6.2 9.4 9.6 3c1.4 0 2 1 1.8 2.2L11 8h4.6c1 0 1.5.8 1.3 1.7l-1.3 5.4c-.2.8-.8 1.3-1.6 1.3H6.2",
  thumbsdown:
    "M3.2 11h3V3.6h-3z M6.2 10.6 9.6 17c1.4 0 2-1 1.8-2.2L11 12h4.6c1 0 1.5-.8 1.3-1.7l-1.3-5.4c-.2-.8-.8-1.3-1.6-1.3H6.2",
  more: "M4.6 10v.1 M10 10v.1 M15.4 10v.1",
  slash: "M12.6 3.6 7.4 16.4",
};

/**
 * @param {string} name
 * @param {string} [extra]  more classes
 * @returns {SVGElement}
 */
export function icon(name, extra = "") {
  const path = svg("path", { d: PATHS[name] ?? PATHS.info });
  return svg("svg", { class: `icon ${extra}`.trim(), viewBox: "0 0 20 20", "aria-hidden": "true" }, path);
}

/** @param {string} label */
export function spinner(label) {
  const ring = svg("svg", { class: "icon spinner", viewBox: "0 0 20 20", role: "img", "aria-label": label });
  ring.append(svg("circle", { cx: 10, cy: 10, r: 7, class: "spinner-track" }));
  ring.append(svg("path", { d: "M10 3a7 7 0 0 1 7 7" }));
  return ring;
}
