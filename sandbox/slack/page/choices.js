/** Selects with a fixed list, checkboxes and radio buttons. */

import { change } from "./actions.js";
import { h, uniqueId } from "./dom.js";
import { icon } from "./icons.js";
import { textNodes } from "./mrkdwn.js";
import { plain } from "./store.js";
import { choice, chosen, offered } from "./values.js";

/**
 * @typedef {import("./types.js").Slot} Slot
 * @typedef {import("./types.js").Element_} Element_
 * @typedef {import("./types.js").Option} Option
 */

/**
 * @param {Element_} element
 * @param {Slot} slot
 */
export function select(element, slot) {
  const groups = offered(element);
  const all = groups.flatMap((group) => group.options);
  const now = chosen(element, slot)[0]?.value;
  const entries = (/** @type {Option[]} */ options) =>
    options.map((option) =>
      h("option", { value: String(all.indexOf(option)), selected: option.value === now }, plain(option.text)),
    );
  const node = h(
    "select",
    {
      id: slot.inputId,
      class: "field select",
      "data-focus": slot.path,
      "aria-label": slot.inputId ? null : slot.label || plain(element.placeholder) || "Choose",
      "aria-describedby": slot.describedBy,
      "aria-invalid": slot.invalid ? "true" : null,
      on: {
        change: async () => {
          const option = all[Number(node.value)];
          const kept = await change(slot, element, choice(element, option ? [option] : []), holder);
          if (!kept) holder.replaceWith(select(element, slot));
        },
      },
    },
    h("option", { value: "", selected: now === undefined }, plain(element.placeholder) || "Choose an option"),
    ...groups
      .map((group) =>
        group.label ? h("optgroup", { label: group.label }, ...entries(group.options)) : entries(group.options),
      )
      .flat(),
  );
  const holder = h("span", { class: "select-holder" }, node, icon("chevron"));
  return holder;
}

/**
 * Checkboxes or radio buttons.
 * @param {Element_} element
 * @param {Slot} slot
 */
export function boxes(element, slot) {
  const single = element.type === "radio_buttons";
  /** @type {Option[]} */
  const options = element.options ?? [];
  const now = new Set(chosen(element, slot).map((option) => option.value));
  const name = uniqueId("choice");
  const inputs = options.map((option, index) =>
    h("input", {
      type: single ? "radio" : "checkbox",
      name,
      "data-focus": `${slot.path}/${index}`,
      checked: now.has(option.value),
      "aria-invalid": slot.invalid ? "true" : null,
      on: {
        change: async () => {
          const picked = options.filter((_, at) => inputs[at].checked);
          const kept = await change(slot, element, choice(element, picked), group);
          if (!kept) group.replaceWith(boxes(element, slot));
        },
      },
    }),
  );
  const rows = options.map((option, index) =>
    h(
      "label",
      { class: "choice" },
      inputs[index],
      h(
        "span",
        { class: "choice-text" },
        h("span", {}, ...textNodes(option.text)),
        option.description && h("span", { class: "choice-note" }, ...textNodes(option.description)),
      ),
    ),
  );
  const group = h(
    "div",
    {
      class: "choices",
      id: slot.inputId,
      role: single ? "radiogroup" : "group",
      "aria-label": slot.label || "Options",
      "aria-describedby": slot.describedBy,
    },
    ...rows,
  );
  return group;
}
