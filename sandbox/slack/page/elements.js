/** Draws any interactive element, wherever a block has one. */

import { boxes, select } from "./choices.js";
import { button, feedbackButtons, iconButton, overflow } from "./buttons.js";
import { combobox } from "./combobox.js";
import { h } from "./dom.js";
import { fileInput, picker, textInput } from "./inputs.js";
import { picture } from "./links.js";

/**
 * @typedef {import("./types.js").Slot} Slot
 * @typedef {import("./types.js").Element_} Element_
 */

/** @type {Record<string, (element: Element_, slot: Slot) => HTMLElement>} */
const KINDS = {
  button,
  workflow_button: button,
  icon_button: iconButton,
  feedback_buttons: feedbackButtons,
  overflow,
  static_select: select,
  users_select: select,
  channels_select: select,
  conversations_select: select,
  external_select: combobox,
  multi_static_select: combobox,
  multi_external_select: combobox,
  multi_users_select: combobox,
  multi_channels_select: combobox,
  multi_conversations_select: combobox,
  checkboxes: boxes,
  radio_buttons: boxes,
  datepicker: picker,
  timepicker: picker,
  datetimepicker: picker,
  plain_text_input: textInput,
  rich_text_input: textInput,
  number_input: textInput,
  email_text_input: textInput,
  url_text_input: textInput,
  file_input: fileInput,
};

/**
 * @param {any} element
 * @param {Slot} slot
 * @returns {HTMLElement}
 */
export function drawElement(element, slot) {
  if (element?.type === "image") return picture(element, "thumb");
  const kind = KINDS[element?.type];
  return kind ? kind(element, slot) : h("span", { class: "unknown" }, `element of type ${element?.type}`);
}
