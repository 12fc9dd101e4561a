/**
 * Drawings of the emoji that a bot's messages use most, on a grid of 20 by 20: many a Linux desktop and every bare
 * server has no colour emoji font and would show boxes instead.
 */

/** @typedef {[tag: string, attributes: Record<string, string|number>][]} Art */

/** @type {(fill: string) => Art} */
const disc = (fill) => [["circle", { cx: 10, cy: 10, r: 8.4, fill }]];

/** @type {(d: string, stroke: string, width?: number) => [string, Record<string, string|number>]} */
const line = (d, stroke, width = 2) => [
  "path",
  { d, stroke, "stroke-width": width, fill: "none", "stroke-linecap": "round", "stroke-linejoin": "round" },
];

/** @type {(d: string, fill: string) => [string, Record<string, string|number>]} */
const shape = (d, fill) => ["path", { d, fill }];

/** @type {(fill: string) => [string, Record<string, string|number>]} */
const tile = (fill) => ["rect", { x: 1.8, y: 1.8, width: 16.4, height: 16.4, rx: 3.6, fill }];

const TRIANGLE = "M10 1.8 19 17.6a.7.7 0 0 1-.6 1H1.6a.7.7 0 0 1-.6-1z";
const OCTAGON = "M6.4 1.4h7.2l5 5v7.2l-5 5H6.4l-5-5V6.4z";
const GLASS =
  "M4.4 1.8h11.2v1.8c0 3-2.6 4.6-4 6.4 1.4 1.8 4 3.4 4 6.4v1.8H4.4v-1.8c0-3 2.6-4.6 4-6.4-1.4-1.8-4-3.4-4-6.4z";

/** @type {Record<string, Art>} */
export const ART = {
  white_check_mark: [tile("#2eb67d"), line("M5.4 10.4 8.6 13.6 14.8 6.6", "#fff", 2.4)],
  heavy_check_mark: [line("M3.6 10.8 8 15.2 16.6 5", "#2eb67d", 3.2)],
  x: [line("M4.4 4.4 15.6 15.6 M15.6 4.4 4.4 15.6", "#e01e5a", 3.4)],
  warning: [shape(TRIANGLE, "#ecb22e"), line("M10 7.4v5", "#1d1c1d", 2), line("M10 15.5v.1", "#1d1c1d", 2.2)],
  information_source: [tile("#36a3dd"), line("M10 9.4v5", "#fff", 2.2), line("M10 5.8v.1", "#fff", 2.6)],
  no_entry: [...disc("#d72b4b"), ["rect", { x: 4.6, y: 8.4, width: 10.8, height: 3.2, rx: 0.8, fill: "#fff" }]],
  no_entry_sign: [
    ["circle", { cx: 10, cy: 10, r: 7.2, fill: "none", stroke: "#d72b4b", "stroke-width": 2.6 }],
    line("M5 5l10 10", "#d72b4b", 2.6),
  ],
  octagonal_sign: [shape(OCTAGON, "#d72b4b"), line("M6.4 10h7.2", "#fff", 2.4)],
  hourglass: [
    shape(GLASS, "#9fc9e6"),
    shape("M6 16.6c.4-2 2.4-3 4-4.6 1.6 1.6 3.6 2.6 4 4.6z", "#ecb22e"),
    line("M3.6 1.9h12.8 M3.6 18.1h12.8", "#8d5a2b", 1.8),
  ],
  hourglass_flowing_sand: [
    shape(GLASS, "#9fc9e6"),
    shape(
      "M7 5.4h6c-.6 1.6-2 2.8-3 4-1-1.2-2.4-2.4-3-4z M6.6 16.6c.6-1.4 2-1.8 3.4-2.6 1.4.8 2.8 1.2 3.4 2.6z",
      "#ecb22e",
    ),
    line("M3.6 1.9h12.8 M3.6 18.1h12.8", "#8d5a2b", 1.8),
  ],
  lock: [
    line("M6.4 9V6a3.6 3.6 0 0 1 7.2 0v3", "#8b8f94", 2.2),
    ["rect", { x: 3.6, y: 8.6, width: 12.8, height: 9.4, rx: 2, fill: "#ecb22e" }],
    line("M10 12.2v2.4", "#6b4e0a", 2),
  ],
  unlock: [
    line("M3.4 9V5.6a3.4 3.4 0 0 1 6.8 0V9", "#8b8f94", 2.2),
    ["rect", { x: 4.6, y: 8.6, width: 12.8, height: 9.4, rx: 2, fill: "#ecb22e" }],
    line("M11 12.2v2.4", "#6b4e0a", 2),
  ],
  wastebasket: [
    shape("M4 6h12l-1.2 12.2H5.2z", "#8b97a3"),
    line("M2.8 5.4h14.4", "#6c7883", 2.2),
    line("M7.4 9l.4 6 M12.6 9l-.4 6 M10 9v6", "#dfe5ea", 1.4),
    line("M8 3h4", "#6c7883", 2),
  ],
  eyes: [
    ["ellipse", { cx: 5.8, cy: 10, rx: 4.2, ry: 6.2, fill: "#fff", stroke: "#8b8f94", "stroke-width": 1 }],
    ["ellipse", { cx: 14.2, cy: 10, rx: 4.2, ry: 6.2, fill: "#fff", stroke: "#8b8f94", "stroke-width": 1 }],
    ["circle", { cx: 4.4, cy: 11, r: 2.2, fill: "#1d1c1d" }],
    ["circle", { cx: 12.8, cy: 11, r: 2.2, fill: "#1d1c1d" }],
  ],
  rocket: [
    shape("M18.4 1.6c-5 0-8.6 2.4-10.8 6.6l4.2 4.2c4.2-2.2 6.6-5.8 6.6-10.8z", "#b9c4ce"),
    shape("M8.4 6.8 4.4 7 2 10.4l4.6.6z M13.2 11.6l-.2 4-3.4 2.4-.6-4.6z", "#d72b4b"),
    shape("M6.4 11.6 2 18l6.4-4.4z", "#ecb22e"),
    ["circle", { cx: 13.6, cy: 6.4, r: 1.8, fill: "#36a3dd" }],
  ],
  tada: [
    shape("M2 18.4 6.4 7.6l6 6z", "#ecb22e"),
    line("M4.4 12.4l3.2 3.2", "#d72b4b", 1.6),
    line("M10.4 7.4c1.6-1 1.8-3 .6-4.8 M12.8 10c1.6-1.4 3.4-1.4 5.2-.2", "#36a3dd", 1.6),
    ["circle", { cx: 15, cy: 4.6, r: 1.3, fill: "#2eb67d" }],
    ["circle", { cx: 6.4, cy: 3.6, r: 1.1, fill: "#e01e5a" }],
    ["circle", { cx: 16.8, cy: 14.2, r: 1.1, fill: "#7a4fd0" }],
  ],
  package: [
    shape("M2 6 10 2l8 4v8.4L10 18.4 2 14.4z", "#c28f5c"),
    shape("M10 10v8.4l8-4V6z", "#a87542"),
    shape("M2 6l8 4 8-4-8-4z", "#d9ac7c"),
    line("M6 4 14 8v3", "#f1d7b8", 1.4),
  ],
  bar_chart: [
    tile("#eef3f7"),
    ["rect", { x: 4.6, y: 9.6, width: 2.8, height: 6, fill: "#2eb67d" }],
    ["rect", { x: 8.6, y: 5, width: 2.8, height: 10.6, fill: "#d72b4b" }],
    ["rect", { x: 12.6, y: 7.4, width: 2.8, height: 8.2, fill: "#36a3dd" }],
  ],
  bulb: [
    shape("M10 1.4a6 6 0 0 0-3.4 11c.6.5.9 1 .9 1.8h5c0-.8.3-1.3.9-1.8A6 6 0 0 0 10 1.4z", "#f5cf58"),
    line("M7.8 16.2h4.4 M8.6 18.4h2.8", "#8b8f94", 1.6),
  ],
  bell: [
    shape("M10 2a5 5 0 0 0-5 5c0 4-1.4 5.6-2.4 6.8h14.8C16.4 12.6 15 11 15 7a5 5 0 0 0-5-5z", "#ecb22e"),
    ["circle", { cx: 10, cy: 16, r: 2, fill: "#b8860b" }],
  ],
  label: [
    shape("M2 10.4 9.4 3h7.6v7.6L9.6 18z", "#d9ac7c"),
    ["circle", { cx: 13.8, cy: 6.2, r: 1.5, fill: "#6b4e2a" }],
  ],
  page_facing_up: [
    shape("M4 1.4h8l4.4 4.4v12.8H4z", "#e3e9ee"),
    shape("M12 1.4v4.4h4.4z", "#9fb0bf"),
    line("M6.6 9h7 M6.6 12h7 M6.6 15h4.6", "#6c7883", 1.3),
  ],
  mag: [
    ["circle", { cx: 8.2, cy: 8.2, r: 5.6, fill: "#cfe6f5", stroke: "#56636e", "stroke-width": 2 }],
    line("M12.6 12.6l5 5", "#56636e", 2.8),
  ],
  zap: [shape("M11.6 1 3.6 11.4h5L7.6 19l8.8-11h-5.2z", "#ecb22e")],
  broom: [
    line("M16.6 2 10 9.6", "#8d5a2b", 2),
    shape("M7.6 8 12 12.2c-1.4 3.6-4.6 5.8-9.8 6 1-1.8 1-3 .8-4.8C3.8 10.6 5.6 9 7.6 8z", "#e0b04a"),
    line("M6.2 9.4l4.4 4.2", "#b9822b", 1.4),
  ],
  recycle: [tile("#2eb67d"), line("M7 9.6 10 5.2l3 4.4 M5.6 11.6l-.2 3.2h4.2 M14.4 11.6l.4 3.2h-3.8", "#fff", 1.8)],
  rotating_light: [
    shape("M4.4 15V9.600a5.6 5.6 0 0 1 11.2 0V15z", "#e01e5a"),
    ["rect", { x: 2.4, y: 14.6, width: 15.2, height: 3.4, rx: 1, fill: "#6c7883" }],
    line("M8.2 12V9.800a1.8 1.8 0 0 1 1.8-1.8", "#fff", 1.4),
    line("M10 .9v1.4 M2.9 3.9l1 1 M17.1 3.9l-1 1", "#e01e5a", 1.5),
  ],
  calendar: [
    ["rect", { x: 2, y: 3.2, width: 16, height: 15, rx: 2, fill: "#e9eef2" }],
    shape("M2 5.200a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v3H2z", "#d72b4b"),
    line("M6.4 1.8v3 M13.6 1.8v3", "#56636e", 1.8),
    line("M5.6 11.4h1.6 M9.2 11.4h1.6 M12.8 11.4h1.6 M5.6 14.8h1.6 M9.2 14.8h1.6", "#56636e", 1.8),
  ],
  clipboard: [
    ["rect", { x: 3, y: 2.8, width: 14, height: 15.8, rx: 1.8, fill: "#a87542" }],
    ["rect", { x: 5, y: 5, width: 10, height: 11.8, fill: "#fff" }],
    ["rect", { x: 7, y: 1.2, width: 6, height: 4, rx: 1, fill: "#8b97a3" }],
    line("M7 8.6h6 M7 11.2h6 M7 13.8h4", "#8b97a3", 1.3),
  ],
  memo: [
    shape("M3 2h10.6L16 4.4V18.4H3z", "#e9eef2"),
    line("M5.6 6.4h7.6 M5.6 9.4h7.6 M5.6 12.4h4", "#8b97a3", 1.3),
    line("M10 15.4 17.6 7.4", "#ecb22e", 2.6),
    line("M9.4 16.2l.6-.8", "#1d1c1d", 2),
  ],
  robot_face: [
    ["rect", { x: 3, y: 5.4, width: 14, height: 12, rx: 2.6, fill: "#9fb0bf" }],
    line("M10 5V2.6", "#6c7883", 1.6),
    ["circle", { cx: 10, cy: 2.2, r: 1.4, fill: "#e01e5a" }],
    ["circle", { cx: 7, cy: 9.8, r: 1.9, fill: "#fff" }],
    ["circle", { cx: 13, cy: 9.8, r: 1.9, fill: "#fff" }],
    ["circle", { cx: 7, cy: 9.8, r: 0.9, fill: "#1d1c1d" }],
    ["circle", { cx: 13, cy: 9.8, r: 0.9, fill: "#1d1c1d" }],
    line("M6.6 14h6.8", "#56636e", 1.6),
  ],
  key: [
    ["circle", { cx: 6.4, cy: 6.4, r: 3.6, fill: "none", stroke: "#ecb22e", "stroke-width": 2.6 }],
    line("M9.2 9.2l7.4 7.4 M13.2 13.2l-1.8 1.8 M16 16l-1.6 1.6", "#ecb22e", 2.2),
  ],
  link: [
    line(
      "M8.6 11.400a3.4 3.4 0 0 0 4.8 0l3-3a3.4 3.4 0 0 0-4.8-4.8l-1 1 M11.4 8.600a3.4 3.4 0 0 0-4.8 0l-3 3a3.4 3.4 0 0 0 4.8 4.8l1-1",
      "#8b97a3",
      2.2,
    ),
  ],
  shield: [
    shape("M10 1.4 17 4v5.400c0 4.4-2.8 7.6-7 9.2-4.2-1.6-7-4.8-7-9.2V4z", "#36a3dd"),
    shape("M10 3.4v13c-3.2-1.4-5.2-3.8-5.2-7V5.2z", "#7cc4ea"),
  ],
  red_circle: disc("#e01e5a"),
  large_green_circle: disc("#2eb67d"),
  large_blue_circle: disc("#36a3dd"),
  large_yellow_circle: disc("#ecb22e"),
  large_orange_circle: disc("#ee8a2a"),
  white_circle: [["circle", { cx: 10, cy: 10, r: 7.8, fill: "#f4f5f6", stroke: "#9aa3ab", "stroke-width": 1.2 }]],
  thumbsup: [
    shape("M2 9h3.6v9H2z", "#36a3dd"),
    shape(
      "M6.4 9.4 9.6 2.2c1.8 0 2.8 1.4 2.4 3L11.4 8h4.8c1.4 0 2.2 1.2 1.8 2.4l-1.8 6c-.3 1-1 1.6-2.2 1.6H6.4z",
      "#f5cf58",
    ),
  ],
  thumbsdown: [
    shape("M2 2h3.6v9H2z", "#36a3dd"),
    shape(
      "M6.4 10.6 9.6 17.8c1.8 0 2.8-1.4 2.4-3L11.4 12h4.8c1.4 0 2.2-1.2 1.8-2.4l-1.8-6c-.3-1-1-1.6-2.2-1.6H6.4z",
      "#f5cf58",
    ),
  ],
  question: [
    line("M6.6 6.8c0-2.2 1.5-3.6 3.5-3.6s3.5 1.3 3.5 3.2c0 2.6-3.4 2.9-3.4 6", "#e01e5a", 2.8),
    line("M10.1 16.6v.1", "#e01e5a", 3.2),
  ],
  exclamation: [line("M10 3v8.8", "#e01e5a", 3.4), line("M10 16.6v.1", "#e01e5a", 3.6)],
  wave: [
    shape(
      "M5 10.4 3.4 7.8c-.8-1.4 1-2.4 1.8-1.2L6.6 9 5 4.6c-.5-1.6 1.5-2.2 2.1-.8L9 8 8.6 3.2c-.1-1.6 2-1.8 2.2-.2l.9 4.8 1-3c.4-1.5 2.3-1 2 .5l-1 5.3 1.8-1.4c1.2-.9 2.4.5 1.5 1.6l-3.6 5.4c-1.2 1.8-3.8 2.6-6 1.4C5.8 16.7 5.6 13 5 10.4z",
      "#f5cf58",
    ),
  ],
};
