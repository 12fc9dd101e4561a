/** Buttons of every kind, and the overflow menu. */

import { act } from "./actions.js";
import { append, h, uniqueId } from "./dom.js";
import { place, watchOutside } from "./floating.js";
import { icon } from "./icons.js";
import { safeAddress } from "./links.js";
import { textNodes } from "./mrkdwn.js";
import { plain, store } from "./store.js";

/**
 * @typedef {import("./types.js").Slot} Slot
 * @typedef {import("./types.js").Element_} Element_
 * @typedef {import("./types.js").Option} Option
 */

/**
 * A button; one with a `url` opens it and tells the app of the click too, as Slack does.
 * @param {Element_} element
 * @param {Slot} slot
 */
export function button(element, slot) {
  const href = safeAddress(element.url);
  const style =
    element.style === "primary" || element.style === "danger" ? ` button-${element.style} button-solid` : "";
  const props = {
    class: `button${style}`,
    "data-focus": slot.path,
    "aria-label": element.accessibility_label || null,
    on: { click: () => act(slot, element, { value: element.value }, node) },
  };
  const label = h("span", { class: "button-label" }, ...textNodes(element.text));
  /** @type {HTMLElement} */
  const node = href
    ? h("a", { ...props, href, target: "_blank", rel: "noopener noreferrer" }, label)
    : h("button", { ...props, type: "button" }, label);
  return node;
}

/**
 * @param {Element_} element
 * @param {Slot} slot
 */
export function iconButton(element, slot) {
  const seen = element.visible_to_user_ids;
  if (Array.isArray(seen) && !seen.includes(store.state.me)) return h("span", { hidden: true });
  const label = element.accessibility_label || plain(element.text);
  const node = h(
    "button",
    {
      type: "button",
      class: "icon-button",
      "data-focus": slot.path,
      "aria-label": label,
      title: plain(element.text),
      on: { click: () => act(slot, element, { value: element.value }, node) },
    },
    icon(String(element.icon ?? "info")),
  );
  return node;
}

/**
 * @param {Element_} element
 * @param {Slot} slot
 */
export function feedbackButtons(element, slot) {
  const one = (/** @type {any} */ choice, /** @type {string} */ name) => {
    const label = choice?.accessibility_label || plain(choice?.text);
    const node = h(
      "button",
      {
        type: "button",
        class: "icon-button",
        "data-focus": `${slot.path}/${name}`,
        "aria-label": label,
        title: plain(choice?.text),
        on: { click: () => act(slot, element, { value: choice?.value }, node) },
      },
      icon(name),
    );
    return node;
  };
  return h(
    "span",
    { class: "feedback" },
    one(element.positive_button, "thumbsup"),
    one(element.negative_button, "thumbsdown"),
  );
}

/**
 * @param {Option} option
 * @param {(option: Option) => void} choose
 */
function menuItem(option, choose) {
  const href = safeAddress(option.url);
  const props = { class: "menu-item", role: "menuitem", tabindex: "-1", on: { click: () => choose(option) } };
  const node = href
    ? h("a", { ...props, href, target: "_blank", rel: "noopener noreferrer" })
    : h("button", { ...props, type: "button" });
  append(node, h("span", {}, ...textNodes(option.text)));
  if (option.description) append(node, h("span", { class: "menu-note" }, ...textNodes(option.description)));
  return node;
}

/**
 * @param {Element_} element
 * @param {Slot} slot
 */
export function overflow(element, slot) {
  const menuId = uniqueId("menu");
  /** @type {() => void} */
  let stop = () => {};
  const close = (/** @type {boolean} */ refocus) => {
    stop();
    menu.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    if (refocus) opener.focus({ preventScroll: true });
  };
  const choose = (/** @type {Option} */ option) => {
    close(true);
    act(slot, element, { selected_option: option }, opener);
  };
  const items = (element.options ?? []).map((/** @type {Option} */ option) => menuItem(option, choose));
  const menu = h("div", { class: "menu", role: "menu", id: menuId, hidden: true }, ...items);
  const open = () => {
    menu.hidden = false;
    place(opener, menu, { side: "right" });
    opener.setAttribute("aria-expanded", "true");
    stop = watchOutside([opener, menu], () => close(false));
    items[0]?.focus();
  };
  const opener = h(
    "button",
    {
      type: "button",
      class: "button button-icon",
      "data-focus": slot.path,
      "aria-label": slot.label || "More actions",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "aria-controls": menuId,
      on: { click: () => (menu.hidden ? open() : close(true)) },
    },
    icon("more"),
  );
  menu.addEventListener("keydown", (event) => {
    const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const step = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
    if (event.key === "Escape" || event.key === "Tab") {
      event.stopPropagation();
      if (event.key === "Escape") event.preventDefault();
      close(true);
    } else if (step !== undefined) {
      event.preventDefault();
      items[step % items.length]?.focus();
    }
  });
  return h("span", { class: "menu-holder" }, opener, menu);
}
