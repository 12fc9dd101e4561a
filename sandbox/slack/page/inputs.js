/** Fields that are typed into, and the pickers of dates and times. */

import { change } from "./actions.js";
import { h } from "./dom.js";
import { plain } from "./store.js";
import { PICKED, enter, entered } from "./values.js";

/**
 * @typedef {import("./types.js").Slot} Slot
 * @typedef {import("./types.js").Element_} Element_
 * @typedef {import("./types.js").Value} Value
 */

/**
 * @param {Element_} element
 * @param {Slot} slot
 */
const common = (element, slot) => ({
  id: slot.inputId,
  class: "field",
  "data-focus": slot.path,
  placeholder: plain(element.placeholder) || null,
  "aria-label": slot.inputId ? null : slot.label || plain(element.placeholder) || "Value",
  "aria-describedby": slot.describedBy,
  "aria-invalid": slot.invalid ? "true" : null,
  autofocus: element.focus_on_load === true,
  autocomplete: "off",
});

/** @type {Record<string, string>} */
const KEYBOARDS = { email_text_input: "email", url_text_input: "url", number_input: "decimal" };

/**
 * Text, number, e-mail and web address. An app that dispatches on Enter gets the action then, others on leaving.
 * @param {Element_} element
 * @param {Slot} slot
 */
export function textInput(element, slot) {
  const rich = element.type === "rich_text_input";
  const before = entered(slot, element);
  const initial = rich ? richToPlain(element.initial_value) : plain(element.initial_value);
  const tag = rich || element.multiline ? "textarea" : "input";
  const type = tag === "input" ? "text" : null;
  const value = before ? (rich ? richToPlain(before.rich_text_value) : (before.value ?? "")) : initial;
  /** @returns {Value} */
  const now = () =>
    rich
      ? { type: element.type, rich_text_value: plainToRich(node.value) }
      : { type: element.type, value: node.value || null };
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const send = () => change(slot, element, now(), node);
  const node = h(tag, {
    ...common(element, slot),
    type,
    value,
    inputmode: KEYBOARDS[element.type] ?? null,
    rows: tag === "textarea" ? "4" : null,
    maxlength: element.max_length ?? null,
    spellcheck: "false",
    on: {
      input: () => (slot.dispatch && triggers.includes("on_character_entered") ? send() : enter(slot, element, now())),
      keydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "Enter" || tag === "textarea" || !slot.dispatch || !triggers.includes("on_enter_pressed"))
          return;
        event.preventDefault();
        send();
      },
    },
  });
  return node;
}

/** @param {string} text */
const plainToRich = (text) => ({
  type: "rich_text",
  elements: [{ type: "rich_text_section", elements: text ? [{ type: "text", text }] : [] }],
});

/** @param {any} rich */
function richToPlain(rich) {
  /** @type {any[]} */
  const sections = rich?.elements ?? [];
  return sections
    .map((section) => (section.elements ?? []).map((/** @type {any} */ part) => part.text ?? part.url ?? "").join(""))
    .join("\n");
}

const pad = (/** @type {number} */ n) => String(n).padStart(2, "0");

/**
 * @param {number} unix  seconds
 * @returns {string}  as a datetime-local field wants it
 */
function localTime(unix) {
  const date = new Date(unix * 1000);
  if (Number.isNaN(date.getTime())) return "";
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day}T${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** @type {Record<string, string>} */
const FIELDS = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" };

/**
 * @param {Element_} element
 * @param {Slot} slot
 */
export function picker(element, slot) {
  const { initial, selected } = PICKED[element.type];
  const unix = element.type === "datetimepicker";
  const raw = entered(slot, element)?.[selected] ?? element[initial] ?? "";
  const value = unix && raw ? localTime(Number(raw)) : String(raw ?? "");
  const sent = (/** @type {string} */ text) =>
    unix && text ? Math.floor(new Date(text).getTime() / 1000) : text || null;
  const node = h("input", {
    ...common(element, slot),
    class: "field field-short",
    type: FIELDS[element.type],
    value,
    on: {
      change: async () => {
        const kept = await change(slot, element, { type: element.type, [selected]: sent(node.value) }, node);
        if (!kept) node.replaceWith(picker(element, slot));
      },
    },
  });
  return node;
}

/**
 * Files can be chosen in Slack only: the stand-in takes none from people.
 * @param {Element_} element
 * @param {Slot} slot
 */
export function fileInput(element, slot) {
  const node = h("input", { ...common(element, slot), type: "file", disabled: true });
  return h(
    "span",
    { class: "file-input" },
    node,
    h("span", { class: "hint" }, "This workspace takes no uploads from people."),
  );
}
