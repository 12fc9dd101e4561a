/** A field that lists what matches what is typed: `external_select`, which asks the app, and every select of several. */

import { change, origin } from "./actions.js";
import { post } from "./api.js";
import { h, replace, uniqueId } from "./dom.js";
import { place, watchOutside } from "./floating.js";
import { icon, spinner } from "./icons.js";
import { textNodes } from "./mrkdwn.js";
import { plain } from "./store.js";
import { choice, chosen, offered } from "./values.js";

/**
 * @typedef {import("./types.js").Slot} Slot
 * @typedef {import("./types.js").Element_} Element_
 * @typedef {import("./types.js").Option} Option
 * @typedef {{label: string, options: Option[]}} Offer
 */

const TYPING_PAUSE = 180;

/**
 * @param {Element_} element
 * @param {Slot} slot
 * @param {string} query
 * @returns {Promise<{offers: Offer[], note: string}>}
 */
async function matches(element, slot, query) {
  if (element.type.endsWith("external_select")) {
    const least = Number(element.min_query_length ?? 3);
    if (query.length < least) return { offers: [], note: `Type ${least} or more characters` };
    const answer = await post("suggest", { ...origin(slot, element), value: query });
    if (!answer.ok) return { offers: [], note: answer.error ?? "The app did not answer" };
    if (Array.isArray(answer.option_groups)) return { offers: offered({ type: "", ...answer }), note: "No results" };
    return { offers: [{ label: "", options: answer.options ?? [] }], note: "No results" };
  }
  const wanted = query.toLowerCase();
  const offers = offered(element).map((group) => ({
    label: group.label,
    options: group.options.filter((option) => plain(option.text).toLowerCase().includes(wanted)),
  }));
  return { offers, note: "No results" };
}

/**
 * @param {Element_} element
 * @param {Slot} slot
 */
export function combobox(element, slot) {
  const many = element.type.startsWith("multi_");
  const listId = uniqueId("list");
  let picked = chosen(element, slot);
  let highlighted = -1;
  let asked = 0;
  /** @type {Option[]} */
  let shown = [];
  /** @type {() => void} */
  let stop = () => {};
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let pause;

  const input = h("input", {
    type: "text",
    id: slot.inputId,
    class: "combo-input",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    "data-focus": slot.path,
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": listId,
    "aria-label": slot.inputId ? null : slot.label || plain(element.placeholder) || "Choose",
    "aria-describedby": slot.describedBy,
    "aria-invalid": slot.invalid ? "true" : null,
    placeholder: plain(element.placeholder) || "Type to search",
  });
  const chips = h("span", { class: "chips" });
  const clear = h(
    "button",
    { type: "button", class: "icon-button combo-clear", "aria-label": "Clear the choice" },
    icon("close"),
  );
  const box = h("span", { class: "field combo" }, chips, input, clear);
  const list = h("div", {
    class: "menu combo-list",
    role: "listbox",
    id: listId,
    hidden: true,
    "aria-label": slot.label || "Options",
  });
  const holder = h("span", { class: "combo-holder" }, box, list);

  const draw = () => {
    replace(
      chips,
      ...(many ? picked : []).map((option) =>
        h(
          "span",
          { class: "chip" },
          ...textNodes(option.text),
          h(
            "button",
            {
              type: "button",
              class: "chip-remove",
              "aria-label": `Remove ${plain(option.text)}`,
              on: { click: () => drop(option) },
            },
            icon("close"),
          ),
        ),
      ),
    );
    if (!many) input.value = picked[0] ? plain(picked[0].text) : "";
    clear.hidden = many || picked.length === 0;
  };
  const commit = async (/** @type {Option[]} */ options) => {
    const before = picked;
    picked = options;
    draw();
    if (await change(slot, element, choice(element, options), box)) return;
    picked = before;
    draw();
  };
  const drop = (/** @type {Option} */ option) => commit(picked.filter((other) => other.value !== option.value));
  const close = () => {
    stop();
    clearTimeout(pause);
    asked += 1;
    list.hidden = true;
    highlighted = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    if (many) input.value = "";
    else draw();
  };
  const take = (/** @type {Option} */ option) => {
    const without = picked.filter((other) => other.value !== option.value);
    const next = !many ? [option] : without.length < picked.length ? without : [...picked, option];
    close();
    commit(next);
    input.focus({ preventScroll: true });
  };
  const highlight = (/** @type {number} */ index) => {
    const rows = [...list.querySelectorAll("[role=option]")];
    highlighted = rows.length ? (index + rows.length) % rows.length : -1;
    rows.forEach((row, at) => row.classList.toggle("highlighted", at === highlighted));
    rows[highlighted]?.scrollIntoView({ block: "nearest" });
    if (rows[highlighted]) input.setAttribute("aria-activedescendant", rows[highlighted].id);
    else input.removeAttribute("aria-activedescendant");
  };
  const row = (/** @type {Option} */ option) => {
    const selected = picked.some((other) => other.value === option.value);
    return h(
      "div",
      {
        class: "menu-item",
        role: "option",
        id: uniqueId("option"),
        "aria-selected": String(selected),
        on: {
          pointerdown: (/** @type {Event} */ event) => event.preventDefault(),
          click: () => take(option),
        },
      },
      h("span", {}, ...textNodes(option.text)),
      option.description && h("span", { class: "menu-note" }, ...textNodes(option.description)),
    );
  };
  const show = (/** @type {Node[]} */ ...nodes) => {
    replace(list, ...nodes);
    if (list.hidden) {
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      stop = watchOutside([holder], close);
    }
    place(box, list, { match: true });
  };
  const search = async () => {
    const query = input.value.trim();
    asked += 1;
    const mine = asked;
    if (element.type.endsWith("external_select"))
      show(h("div", { class: "menu-empty" }, spinner("Searching…"), " Searching…"));
    const { offers, note } = await matches(element, slot, query);
    if (mine !== asked || !input.isConnected) return;
    shown = offers.flatMap((offer) => offer.options);
    const rows = offers
      .filter((offer) => offer.options.length > 0)
      .flatMap((offer) => [
        ...(offer.label ? [h("div", { class: "menu-label" }, offer.label)] : []),
        ...offer.options.map(row),
      ]);
    show(...(rows.length ? rows : [h("div", { class: "menu-empty", role: "status" }, note)]));
    highlight(rows.length ? 0 : -1);
  };

  input.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(search, element.type.endsWith("external_select") ? TYPING_PAUSE : 0);
  });
  input.addEventListener("click", () => {
    if (!list.hidden) return;
    if (!many) input.select();
    if (many || picked.length === 0) search();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) search();
      else highlight(highlighted + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (!list.hidden && shown[highlighted]) take(shown[highlighted]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "Tab" && !list.hidden) {
      close();
    } else if (event.key === "Backspace" && many && !input.value && picked.length) {
      drop(picked[picked.length - 1]);
    }
  });
  clear.addEventListener("click", () => {
    commit([]);
    input.focus({ preventScroll: true });
  });
  draw();
  return holder;
}
