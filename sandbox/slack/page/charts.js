/**
 * The `data_visualization` block: line, bar, area and pie, drawn as SVG with the numbers as a table for screen readers.
 * Source: docs.slack.dev/reference/block-kit/blocks/data-visualization-block.
 */

import { h, replace, svg } from "./dom.js";
import { note, register } from "./registry.js";
import { plain } from "./store.js";

/**
 * @typedef {import("./types.js").Block} Block
 * @typedef {{name: string, values: (number|null)[]}} Series
 * @typedef {{type: string, categories: string[], series: Series[], xLabel: string, yLabel: string}} Chart
 * @typedef {{left: number, right: number, top: number, bottom: number}} Frame
 */

const HEIGHT = 260;

const number = (/** @type {number} */ value) => value.toLocaleString([], { maximumFractionDigits: 2 });

/**
 * @param {any} chart
 * @returns {Chart}
 */
function read(chart) {
  const axis = chart.axis_config ?? {};
  /** @type {any[]} */
  const given = chart.series ?? [];
  const labels = given.flatMap((one) => (one.data ?? []).map((/** @type {any} */ point) => plain(point.label)));
  const categories = (axis.categories ?? [...new Set(labels)]).map(String);
  const series = given.map((one) => {
    const points = new Map(
      (one.data ?? []).map((/** @type {any} */ point) => [plain(point.label), Number(point.value)]),
    );
    return {
      name: plain(one.name),
      values: categories.map((/** @type {string} */ label) => points.get(label) ?? null),
    };
  });
  return { type: String(chart.type), categories, series, xLabel: plain(axis.x_label), yLabel: plain(axis.y_label) };
}

/**
 * Round numbers from 0, or below it, to the top of the data.
 * @param {number} low
 * @param {number} high
 */
function ticks(low, high) {
  const span = high - low || 1;
  const rough = span / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? power;
  const first = Math.floor(low / step) * step;
  const count = Math.ceil((high - first) / step);
  return Array.from({ length: count + 1 }, (_, index) => first + index * step);
}

/** @param {Series[]} series */
function stacked(series) {
  const below = series[0]?.values.map(() => 0) ?? [];
  return series.map((one) =>
    one.values.map((value, at) => {
      const from = below[at];
      below[at] = from + (value ?? 0);
      return [from, below[at]];
    }),
  );
}

/**
 * Axes with their grid, and how a value and a category become a place.
 * @param {Chart} chart
 * @param {number} width
 * @param {number} low
 * @param {number} high
 */
function axes(chart, width, low, high) {
  const marks = ticks(Math.min(0, low), Math.max(high, low + 1));
  const widest = Math.max(...marks.map((mark) => number(mark).length));
  const frame = {
    left: 14 + widest * 7 + (chart.yLabel ? 18 : 0),
    right: width - 10,
    top: 14,
    bottom: HEIGHT - (chart.xLabel ? 46 : 28),
  };
  const top = marks[marks.length - 1];
  const y = (/** @type {number} */ value) =>
    frame.bottom - ((value - marks[0]) / (top - marks[0])) * (frame.bottom - frame.top);
  const band = (frame.right - frame.left) / Math.max(1, chart.categories.length);
  const x = (/** @type {number} */ index) => frame.left + band * (index + 0.5);
  const grid = marks.flatMap((mark) => [
    svg("line", {
      class: mark === 0 ? "chart-base" : "chart-grid",
      x1: frame.left,
      x2: frame.right,
      y1: y(mark),
      y2: y(mark),
    }),
    svg("text", { class: "chart-tick", x: frame.left - 8, y: y(mark) + 4, "text-anchor": "end" }, number(mark)),
  ]);
  const room = Math.floor(band / 6.6);
  const every = Math.max(1, Math.ceil(28 / band));
  const names = chart.categories.map((name, index) => {
    if (index % every) return null;
    const fits = room * every;
    const short = name.length > fits ? `${name.slice(0, Math.max(1, fits - 1))}…` : name;
    return svg(
      "text",
      { class: "chart-tick", x: x(index), y: frame.bottom + 18, "text-anchor": "middle" },
      svg("title", {}, name),
      short,
    );
  });
  const middle = (frame.top + frame.bottom) / 2;
  const titles = [
    chart.xLabel &&
      svg(
        "text",
        { class: "chart-axis", x: (frame.left + frame.right) / 2, y: HEIGHT - 6, "text-anchor": "middle" },
        chart.xLabel,
      ),
    chart.yLabel &&
      svg(
        "text",
        { class: "chart-axis", x: 12, y: middle, "text-anchor": "middle", transform: `rotate(-90 12 ${middle})` },
        chart.yLabel,
      ),
  ];
  return { frame, band, x, y, nodes: [...grid, ...names, ...titles] };
}

/** @param {string} text */
const tip = (text) => svg("title", {}, text);

/**
 * @param {Chart} chart
 * @param {number} width
 */
function bars(chart, width) {
  const all = chart.series.flatMap((one) => one.values.map((value) => value ?? 0));
  const { band, x, y, nodes } = axes(chart, width, Math.min(...all, 0), Math.max(...all, 0));
  const group = Math.min(band * 0.72, 64 * chart.series.length);
  const each = group / chart.series.length;
  const gap = chart.series.length > 1 ? Math.min(2, each * 0.2) : 0;
  const labelled = chart.series.length === 1 && band > 34;
  const marks = chart.series.flatMap((one, at) =>
    one.values.flatMap((value, index) => {
      if (value === null) return [];
      const left = x(index) - group / 2 + at * each + gap / 2;
      const [high, low] = [Math.min(y(value), y(0)), Math.max(y(value), y(0))];
      const bar = svg("rect", {
        class: `series-${at % 6}`,
        x: left,
        y: high,
        width: Math.max(1, each - gap),
        height: Math.max(low - high, 0.5),
        rx: 2,
      });
      bar.append(tip(`${one.name}, ${chart.categories[index]}: ${number(value)}`));
      const label =
        labelled &&
        svg("text", { class: "chart-value", x: x(index), y: high - 5, "text-anchor": "middle" }, number(value));
      return [bar, label];
    }),
  );
  return [...nodes, ...marks];
}

/**
 * @param {Chart} chart
 * @param {number} width
 */
function lines(chart, width) {
  const all = chart.series.flatMap((one) => one.values.map((value) => value ?? 0));
  const { x, y, nodes } = axes(chart, width, Math.min(...all, 0), Math.max(...all, 0));
  const marks = chart.series.flatMap((one, at) => {
    const points = one.values.flatMap((value, index) => (value === null ? [] : [[x(index), y(value), value, index]]));
    const path = points.map(([px, py], index) => `${index ? "L" : "M"}${px.toFixed(1)} ${py.toFixed(1)}`).join("");
    const dots = points.map(([px, py, value, index]) => {
      const dot = svg("circle", { class: `series-${at % 6}`, cx: px, cy: py, r: 3.5 });
      dot.append(tip(`${one.name}, ${chart.categories[index]}: ${number(value)}`));
      return dot;
    });
    return [svg("path", { class: `chart-line series-${at % 6}`, d: path }), ...dots];
  });
  return [...nodes, ...marks];
}

/**
 * Areas stack: together they show a total and what it is made of.
 * @param {Chart} chart
 * @param {number} width
 */
function areas(chart, width) {
  const layers = stacked(chart.series);
  const { x, y, nodes } = axes(chart, width, 0, Math.max(...layers.flat(2), 0));
  const marks = layers.flatMap((layer, at) => {
    const over = layer.map(([, to], index) => `${x(index).toFixed(1)} ${y(to).toFixed(1)}`);
    const under = layer.map(([from], index) => `${x(index).toFixed(1)} ${y(from).toFixed(1)}`).reverse();
    const area = svg("path", { class: `chart-area series-${at % 6}`, d: `M${[...over, ...under].join("L")}Z` });
    area.append(tip(chart.series[at].name));
    return [area, svg("path", { class: `chart-line series-${at % 6}`, d: `M${over.join("L")}` })];
  });
  return [...nodes, ...marks];
}

/**
 * @param {{label: string, value: number}[]} segments
 * @param {number} width
 */
function pie(segments, width) {
  const total = segments.reduce((sum, one) => sum + Math.max(0, one.value), 0) || 1;
  const radius = 104;
  const [cx, cy] = [width / 2, HEIGHT / 2];
  let turn = -Math.PI / 2;
  return segments.map((one, at) => {
    const share = Math.max(0, one.value) / total;
    const end = turn + share * Math.PI * 2;
    const [x1, y1, x2, y2] = [turn, end].flatMap((angle) => [
      cx + radius * Math.cos(angle),
      cy + radius * Math.sin(angle),
    ]);
    const wedge = `M${cx} ${cy}L${x1} ${y1}A${radius} ${radius} 0 ${share > 0.5 ? 1 : 0} 1 ${x2} ${y2}Z`;
    const whole = { class: `chart-wedge series-${at % 6}`, cx, cy, r: radius };
    const node = share > 0.9999 ? svg("circle", whole) : svg("path", { class: whole.class, d: wedge });
    node.append(tip(`${one.label}: ${number(one.value)} (${Math.round(share * 100)} %)`));
    turn = end;
    return node;
  });
}

/** @param {[string, string][]} entries  name and figure */
const legend = (entries) =>
  h(
    "ul",
    { class: "legend" },
    ...entries.map(([name, figure], at) =>
      h(
        "li",
        {},
        h("span", { class: `swatch swatch-${at % 6}` }),
        name,
        figure && h("span", { class: "muted" }, figure),
      ),
    ),
  );

/**
 * @param {string} title
 * @param {string[]} head
 * @param {string[][]} rows
 */
const spoken = (title, head, rows) =>
  h(
    "table",
    { class: "sr-only" },
    h("caption", {}, title),
    h("thead", {}, h("tr", {}, ...head.map((cell) => h("th", { scope: "col" }, cell)))),
    h("tbody", {}, ...rows.map((row) => h("tr", {}, ...row.map((cell) => h("td", {}, cell))))),
  );

/**
 * @param {string} title
 * @param {(width: number) => (Node|null|false|"")[]} paint
 * @param {(Node|false)[]} below
 */
function figure(title, paint, below) {
  const holder = h("div", { class: "chart-paint", "aria-hidden": "true" });
  let painted = 0;
  const draw = (/** @type {number} */ width) => {
    const wide = Math.max(240, Math.round(width));
    if (wide === painted) return;
    painted = wide;
    replace(holder, svg("svg", { viewBox: `0 0 ${wide} ${HEIGHT}`, width: wide, height: HEIGHT }, ...paint(wide)));
  };
  draw(520);
  new ResizeObserver(([entry]) => entry.contentRect.width > 0 && draw(entry.contentRect.width)).observe(holder);
  return h("figure", { class: "chart", "aria-label": title }, h("figcaption", {}, title), holder, ...below);
}

/** @type {Record<string, (chart: Chart, width: number) => (Node|null|false|"")[]>} */
const PAINTERS = { bar: bars, line: lines, area: areas };

/** @param {Block} block */
function visualization(block) {
  const title = plain(block.title);
  const chart = block.chart ?? {};
  if (chart.type === "pie") {
    /** @type {{label: string, value: number}[]} */
    const segments = (chart.segments ?? []).map((/** @type {any} */ one) => ({
      label: plain(one.label),
      value: Number(one.value) || 0,
    }));
    const rows = segments.map((one) => [one.label, number(one.value)]);
    const entries = /** @type {[string, string][]} */ (rows);
    return figure(title, (width) => pie(segments, width), [legend(entries), spoken(title, ["Part", "Value"], rows)]);
  }
  const painter = PAINTERS[chart.type];
  if (!painter) return note(`chart of type ${chart.type}`);
  const data = read(chart);
  const head = [data.xLabel || "Category", ...data.series.map((one) => one.name)];
  const rows = data.categories.map((name, index) => [
    name,
    ...data.series.map((one) => (one.values[index] === null ? "" : number(one.values[index]))),
  ]);
  const names = /** @type {[string, string][]} */ (data.series.map((one) => [one.name, ""]));
  return figure(title, (width) => painter(data, width), [
    data.series.length > 1 && legend(names),
    spoken(title, head, rows),
  ]);
}

register("data_visualization", visualization);
