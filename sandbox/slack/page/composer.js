/** The field at the foot of a conversation: messages, slash commands with suggestions, and what was sent before. */

import { h, replace, uniqueId } from "./dom.js";
import { icon } from "./icons.js";
import { store } from "./store.js";

/** @typedef {import("./types.js").Command} Command */

const KEPT = 100;

/** What each person sent in this tab, the latest last. */
/** @type {Map<string, string[]>} */
const sent = new Map();

/** @param {string} user */
function historyOf(user) {
  if (!sent.has(user)) {
    const raw = sessionStorage.getItem(`history/${user}`);
    sent.set(user, raw ? JSON.parse(raw) : []);
  }
  return /** @type {string[]} */ (sent.get(user));
}

/**
 * @param {string} user
 * @param {string} text
 */
function remember(user, text) {
  const history = historyOf(user);
  if (history.at(-1) !== text) history.push(text);
  history.splice(0, history.length - KEPT);
  sessionStorage.setItem(`history/${user}`, JSON.stringify(history));
}

/**
 * The commands that what is typed could become.
 * @param {string} text
 * @returns {Command[]}
 */
const candidates = (text) =>
  /^\/\S*$/.test(text) ? store.state.commands.filter((one) => one.command.startsWith(text.toLowerCase())) : [];

/**
 * The command that is typed already, for the hint on what may follow.
 * @param {string} text
 */
const typedCommand = (text) => store.state.commands.find((one) => text.startsWith(`${one.command} `));

/**
 * @typedef {object} Composer
 * @property {HTMLElement} node
 * @property {(label: string, draft: string, draftKey: string) => void} show  turns it to another conversation
 * @property {() => void} focus
 */

/**
 * @param {{commands: boolean, send: (text: string) => Promise<boolean>, draft: (text: string) => void}} options
 *   `send` answers whether it worked; what did not work comes back into the field
 * @returns {Composer}
 */
export function composer({ commands, send, draft }) {
  const listId = uniqueId("commands");
  let past = -1;
  let stash = "";
  let highlighted = 0;
  let shownFor = "";
  /** @type {Command[]} */
  let offered = [];

  const input = h("input", {
    type: "text",
    class: "composer-input",
    autocomplete: "off",
    spellcheck: "false",
    enterkeyhint: "send",
    role: commands ? "combobox" : null,
    "aria-autocomplete": commands ? "list" : null,
    "aria-expanded": commands ? "false" : null,
    "aria-controls": commands ? listId : null,
  });
  const button = h("button", { type: "submit", class: "send", "aria-label": "Send", title: "Send" }, icon("send"));
  const list = h("div", { class: "commands", role: "listbox", id: listId, "aria-label": "Commands", hidden: true });
  const hint = h("div", { class: "command-hint", role: "status", hidden: true });
  const form = h(
    "form",
    { class: "composer", novalidate: true },
    list,
    hint,
    h("div", { class: "composer-box" }, input, button),
  );

  const set = (/** @type {string} */ text) => {
    input.value = text;
    input.setSelectionRange(text.length, text.length);
    input.scrollLeft = input.scrollWidth;
    draft(text);
    button.classList.toggle("send-ready", text.trim() !== "");
  };
  const complete = (/** @type {Command} */ command) => {
    set(`${command.command} `);
    suggest();
    input.focus();
  };
  const suggest = () => {
    const text = input.value;
    offered = commands && past < 0 ? candidates(text) : [];
    const known = commands ? typedCommand(text) : undefined;
    hint.hidden = !known?.usage_hint;
    replace(hint, known && h("strong", {}, known.command), known && h("span", { class: "mono" }, known.usage_hint));
    list.hidden = offered.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    highlighted = Math.min(highlighted, Math.max(0, offered.length - 1));
    const rows = offered.map((command, index) =>
      h(
        "div",
        {
          class: index === highlighted ? "command highlighted" : "command",
          role: "option",
          id: `${listId}-${index}`,
          "aria-selected": String(index === highlighted),
          on: {
            pointerdown: (/** @type {Event} */ event) => event.preventDefault(),
            click: () => complete(command),
          },
        },
        h(
          "span",
          { class: "command-name" },
          h("strong", {}, command.command),
          command.usage_hint && h("span", { class: "mono muted" }, command.usage_hint),
        ),
        h("span", { class: "muted" }, command.description),
      ),
    );
    replace(list, h("div", { class: "commands-head" }, store.state.app.name), ...rows);
    if (offered.length && commands) input.setAttribute("aria-activedescendant", `${listId}-${highlighted}`);
    else input.removeAttribute("aria-activedescendant");
  };
  const leaf = (/** @type {number} */ step) => {
    const history = historyOf(store.state.me);
    const next = past + step;
    if (next >= history.length || next < -1) return;
    if (past < 0) stash = input.value;
    past = next;
    set(past < 0 ? stash : history[history.length - 1 - past]);
    suggest();
  };
  const submit = async () => {
    const text = input.value.trim();
    if (!text) return;
    const own = shownFor;
    remember(store.state.me, text);
    past = -1;
    set("");
    suggest();
    const worked = await send(text);
    if (!worked && own === shownFor && input.value === "") set(text);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  input.addEventListener("input", () => {
    past = -1;
    highlighted = 0;
    draft(input.value);
    button.classList.toggle("send-ready", input.value.trim() !== "");
    suggest();
  });
  input.addEventListener("blur", () => {
    list.hidden = true;
  });
  input.addEventListener("focus", suggest);
  input.addEventListener("keydown", (event) => {
    const open = !list.hidden && offered.length > 0;
    const arrow = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (arrow && open) {
      event.preventDefault();
      highlighted = (highlighted + arrow + offered.length) % offered.length;
      suggest();
    } else if (arrow) {
      event.preventDefault();
      leaf(-arrow);
    } else if (
      (event.key === "Tab" && !event.shiftKey && open) ||
      (event.key === "Enter" && open && offered[highlighted].command !== input.value)
    ) {
      event.preventDefault();
      complete(offered[highlighted]);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      list.hidden = true;
    }
  });
  return {
    node: form,
    show(label, text, draftKey) {
      input.setAttribute("aria-label", label);
      input.placeholder = label;
      if (draftKey === shownFor) return;
      shownFor = draftKey;
      past = -1;
      set(text);
      list.hidden = true;
      hint.hidden = true;
    },
    focus: () => input.focus({ preventScroll: true }),
  };
}
