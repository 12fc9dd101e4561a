/** The `card`, `carousel` and `container` blocks. */

import { drawElement } from "./elements.js";
import { h, uniqueId } from "./dom.js";
import { icon } from "./icons.js";
import { picture } from "./links.js";
import { textNodes } from "./mrkdwn.js";
import { drawBlocks, register, remembered, slotOf } from "./registry.js";
import { richText } from "./richtext.js";
import { plain } from "./store.js";

/**
 * @typedef {import("./registry.js").Spot} Spot
 * @typedef {import("./types.js").Block} Block
 */

/**
 * @param {Block} block
 * @param {Spot} spot
 */
function card(block, spot) {
  const head = h(
    "div",
    { class: "card-head" },
    block.icon && picture(block.icon, "card-icon"),
    h(
      "div",
      { class: "card-titles" },
      block.title && h("div", { class: "card-title" }, ...textNodes(block.title)),
      block.subtitle && h("div", { class: "muted" }, ...textNodes(block.subtitle)),
    ),
  );
  /** @type {any[]} */
  const elements = block.actions ?? [];
  return h(
    "article",
    { class: "card", "aria-label": plain(block.title) || "Card" },
    block.hero_image && picture(block.hero_image, "card-hero"),
    (block.icon || block.title || block.subtitle) && head,
    block.body && h("div", { class: "card-body text" }, ...textNodes(block.body)),
    block.subtext && h("div", { class: "muted" }, ...textNodes(block.subtext)),
    elements.length > 0 &&
      h("div", { class: "actions" }, ...elements.map((element) => drawElement(element, slotOf(block, spot, element)))),
  );
}

/**
 * @param {Block} block
 * @param {Spot} spot
 */
function carousel(block, spot) {
  /** @type {Block[]} */
  const cards = block.elements ?? [];
  const items = cards.map((one, index) => h("li", {}, card(one, { ...spot, path: `${spot.path}/${index}` })));
  const rail = h("ul", { class: "carousel-rail", tabindex: "0", "aria-label": `${cards.length} cards` }, ...items);
  const scroll = (/** @type {number} */ side) => () =>
    rail.scrollBy({ left: side * rail.clientWidth * 0.8, behavior: "smooth" });
  const step = (/** @type {string} */ name, /** @type {string} */ label, /** @type {number} */ side) =>
    h(
      "button",
      { type: "button", class: `icon-button carousel-${name}`, "aria-label": label, on: { click: scroll(side) } },
      icon(name),
    );
  return h(
    "div",
    { class: "carousel" },
    rail,
    h("div", { class: "carousel-steps" }, step("left", "Previous cards", -1), step("right", "More cards", 1)),
  );
}

/**
 * @param {Block} block
 * @param {Spot} spot
 */
function container(block, spot) {
  const bodyId = uniqueId("container");
  const body = h("div", { class: "container-body", id: bodyId });
  // Shares everything with the surface around it but the key, so that its values go along with every action.
  const inner = Object.assign(Object.create(spot.surface), { key: spot.path });
  drawBlocks(body, block.child_blocks ?? [], inner);
  const title = block.rich_text_title ? richText(block.rich_text_title) : h("span", {}, ...textNodes(block.title));
  const titles = h(
    "span",
    { class: "container-titles" },
    h("span", { class: "container-title" }, title),
    block.subtitle && h("span", { class: "muted" }, ...textNodes(block.subtitle)),
  );
  const width = ["narrow", "wide", "full"].includes(block.width) ? block.width : "standard";
  const inside = [block.icon && picture(block.icon, "card-icon"), titles];
  const classes = `container container-${width}${block.has_header_divider ? " container-divided" : ""}`;
  if (!block.is_collapsible)
    return h("section", { class: classes }, h("div", { class: "container-head" }, ...inside), body);

  const folded = remembered(spot, "folded", block.default_collapsed === true);
  const head = h(
    "button",
    {
      type: "button",
      class: "container-head container-fold",
      "aria-controls": bodyId,
      "data-focus": `${spot.path}/fold`,
    },
    icon("chevron"),
    ...inside,
  );
  const show = () => {
    body.hidden = folded.value;
    head.setAttribute("aria-expanded", String(!folded.value));
  };
  head.addEventListener("click", () => {
    folded.value = !folded.value;
    show();
  });
  show();
  return h("section", { class: classes }, head, body);
}

register("card", card);
register("carousel", carousel);
register("container", container);
