/**
 * The classic blocks: text, pictures, rows of elements, inputs. Importing this module registers every block.
 * Source: docs.slack.dev/reference/block-kit/blocks.
 */

import "./cards.js";
import "./charts.js";
import "./plans.js";
import "./tables.js";
import { drawElement } from "./elements.js";
import { h, uniqueId } from "./dom.js";
import { icon } from "./icons.js";
import { link, picture, safeAddress } from "./links.js";
import { markdown } from "./markdown.js";
import { textNodes } from "./mrkdwn.js";
import { note, register, slotOf } from "./registry.js";
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
function section(block, spot) {
  const main = h("div", { class: "section-main" });
  if (block.text) main.append(h("div", { class: "text" }, ...textNodes(block.text)));
  if (Array.isArray(block.fields)) {
    main.append(
      h("div", { class: "fields" }, ...block.fields.map((field) => h("div", { class: "text" }, ...textNodes(field)))),
    );
  }
  if (!block.accessory) return h("div", { class: "section" }, main);
  const label = plain(block.text).slice(0, 150);
  const accessory = drawElement(block.accessory, slotOf(block, spot, block.accessory, { label }));
  return h("div", { class: "section section-with" }, main, h("div", { class: "accessory" }, accessory));
}

/**
 * @param {Block} block
 * @param {Spot} spot
 */
const row = (block, spot) =>
  h(
    "div",
    { class: block.type === "context_actions" ? "actions actions-context" : "actions" },
    ...(block.elements ?? []).map((/** @type {any} */ element) => drawElement(element, slotOf(block, spot, element))),
  );

/** @param {Block} block */
const context = (block) =>
  h(
    "div",
    { class: "context" },
    ...(block.elements ?? []).map((/** @type {any} */ element) =>
      element?.type === "image"
        ? picture(element, "context-image")
        : h("div", { class: "text" }, ...textNodes(element)),
    ),
  );

/** @param {Block} block */
function image(block) {
  const title = plain(block.title);
  return h(
    "figure",
    { class: "figure" },
    title && h("figcaption", {}, ...textNodes(block.title)),
    picture(/** @type {any} */ (block), "figure-image"),
  );
}

/** Elements that are labelled as a group and not by a `label` that points at one field. */
const GROUPED = new Set(["checkboxes", "radio_buttons"]);

/**
 * @param {Block} block
 * @param {Spot} spot
 */
function input(block, spot) {
  const element = block.element ?? {};
  const label = plain(block.label);
  const inputId = uniqueId("input");
  const hintId = uniqueId("hint");
  const errorId = uniqueId("error");
  const described = [block.hint && hintId, spot.error && errorId].filter(Boolean).join(" ");
  const slot = slotOf(block, spot, element, {
    label,
    dispatch: block.dispatch_action === true,
    describedBy: described || undefined,
    invalid: Boolean(spot.error),
    ...(GROUPED.has(element.type) ? {} : { inputId }),
  });
  const optional = block.optional && h("span", { class: "optional" }, " (optional)");
  const caption = GROUPED.has(element.type)
    ? h("div", { class: "label" }, ...textNodes(block.label), optional)
    : h("label", { class: "label", for: inputId }, ...textNodes(block.label), optional);
  return h(
    "div",
    { class: spot.error ? "input input-invalid" : "input" },
    caption,
    drawElement(element, slot),
    spot.error && h("div", { class: "error", id: errorId, role: "alert" }, icon("warning"), h("span", {}, spot.error)),
    block.hint && h("div", { class: "hint", id: hintId }, ...textNodes(block.hint)),
  );
}

/** @param {Block} block */
function video(block) {
  const title = h("span", { class: "video-title" }, ...textNodes(block.title));
  const address = safeAddress(block.title_url) ?? safeAddress(block.video_url);
  const by = [plain(block.author_name), plain(block.provider_name)].filter(Boolean).join(" · ");
  return h(
    "div",
    { class: "video" },
    h("div", { class: "video-frame", role: "img", "aria-label": plain(block.alt_text) || "Video" }, icon("play")),
    h(
      "div",
      { class: "video-text" },
      by && h("span", { class: "muted" }, by),
      address ? link(address, [title]) : title,
    ),
    block.description && h("div", { class: "text" }, ...textNodes(block.description)),
  );
}

register("section", section);
register("actions", row);
register("context_actions", row);
register("context", context);
register("image", image);
register("input", input);
register("video", video);
register("header", (block) => h("h3", { class: "header" }, ...textNodes(block.text)));
register("divider", () => h("hr", { class: "divider" }));
register("rich_text", richText);
register("markdown", (block) => markdown(String(block.text ?? "")));
register("file", (block) => note(`remote file ${block.external_id ?? ""}`));
