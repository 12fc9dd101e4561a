/** The stack of modals that the app has opened for this person; the top one shows. */

import { post } from "./api.js";
import { holdKeys } from "./confirm.js";
import { h, keepFocus, replace, uniqueId } from "./dom.js";
import { icon, spinner } from "./icons.js";
import { avatar } from "./messages.js";
import { plainNodes } from "./mrkdwn.js";
import { drawBlocks } from "./registry.js";
import { plain, store } from "./store.js";
import { viewSurface } from "./surfaces.js";
import { collect, current, isEmpty } from "./values.js";

/**
 * @typedef {import("./types.js").View} View
 * @typedef {import("./types.js").Block} Block
 */

/** @type {{dialog: HTMLDialogElement, view: View, draw: (view: View) => void}|null} */
let open = null;

/**
 * Faults that Slack finds by itself before it asks the app.
 * @param {View} view
 * @param {import("./types.js").Surface} surface
 * @returns {Record<string, string>}  by block_id
 */
function faults(view, surface) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const block of view.blocks) {
    if (block.type !== "input" || !block.element) continue;
    const blockId = block.block_id ?? "";
    const value = current(block.element, { surface, blockId });
    const fault = isEmpty(value)
      ? !block.optional && "Please complete this required field."
      : typeFault(block.element, String(value?.value ?? ""));
    if (fault) found[blockId] = fault;
  }
  return found;
}

/**
 * @param {import("./types.js").Element_} element
 * @param {string} text
 */
function typeFault(element, text) {
  if (element.type === "email_text_input" && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text))
    return "Enter a valid email address.";
  if (element.type === "url_text_input" && !/^https?:\/\/\S+$/i.test(text)) return "Enter a valid URL.";
  if (element.type === "plain_text_input" && element.min_length && text.length < element.min_length)
    return `Enter at least ${element.min_length} characters.`;
  if (element.type !== "number_input") return "";
  const number = Number(text);
  if (Number.isNaN(number) || (!element.is_decimal_allowed && !Number.isInteger(number))) return "Enter a number.";
  if (element.min_value !== undefined && number < Number(element.min_value))
    return `Enter ${element.min_value} or more.`;
  if (element.max_value !== undefined && number > Number(element.max_value))
    return `Enter ${element.max_value} or less.`;
  return "";
}

/**
 * @param {View} first
 */
function show(first) {
  let view = first;
  let own = /** @type {Record<string, string>} */ ({});
  let waiting = false;
  const titleId = uniqueId("modal-title");
  const title = h("h2", { id: titleId });
  const icon_ = h("span", { class: "dialog-app" });
  const closeIcon = h("button", { type: "button", class: "icon-button", "aria-label": "Close" }, icon("close"));
  const trouble = h("div", { class: "alert alert-error modal-trouble", role: "alert", hidden: true });
  const body = h("div", { class: "blocks" });
  const foot = h("footer", { class: "dialog-foot" });
  const form = h(
    "form",
    { class: "modal-form", novalidate: true },
    h("div", { class: "dialog-body", tabindex: "-1" }, trouble, body),
    foot,
  );
  const dialog = h(
    "dialog",
    { class: "dialog modal", "aria-labelledby": titleId },
    h("header", { class: "dialog-head" }, icon_, title, closeIcon),
    form,
  );
  const fail = (/** @type {string} */ error) => {
    replace(trouble, icon("fault"), h("div", { class: "text" }, error));
    trouble.hidden = false;
    trouble.scrollIntoView({ block: "nearest" });
  };
  const surface = viewSurface(view, fail);
  surface.fail = fail;

  const drawFoot = () => {
    const submit = view.submit ? plain(view.submit) || "Submit" : "";
    const close = plain(view.close) || (submit ? "Cancel" : "Close");
    const restore = keepFocus(foot);
    const go =
      submit &&
      h(
        "button",
        {
          type: "submit",
          class: "button button-primary button-solid",
          "data-focus": "modal/submit",
          "aria-busy": waiting ? "true" : null,
        },
        waiting ? spinner("Sending…") : null,
        h("span", { class: "button-label" }, submit),
      );
    foot.replaceChildren(
      h("button", { type: "button", class: "button", "data-focus": "modal/close", on: { click: leave } }, close),
    );
    if (go) foot.append(go);
    restore();
  };
  const draw = (/** @type {View} */ next) => {
    view = next;
    surface.blocks = view.blocks;
    replace(title, ...plainNodes(plain(view.title)));
    replace(icon_, avatar(store.state.app.bot_user, store.state.app.name, "avatar-small avatar-app"));
    drawBlocks(body, view.blocks, surface, { ...own, ...(view.errors ?? {}) });
    drawFoot();
  };
  const toFirstFault = () => {
    const bad = /** @type {HTMLElement|null} */ (body.querySelector("[aria-invalid='true']"));
    bad?.focus();
    bad?.closest(".block")?.scrollIntoView({ block: "nearest" });
  };
  const leave = async () => {
    if (waiting) return;
    const answer = await post("close", { view_id: view.id });
    if (!answer.ok) fail(answer.error ?? "It can't be closed.");
  };
  const send = async () => {
    if (waiting || !view.submit) return;
    trouble.hidden = true;
    own = faults(view, surface);
    if (Object.keys(own).length > 0) {
      draw(view);
      toFirstFault();
      return;
    }
    waiting = true;
    draw({ ...view, errors: null });
    const answer = await post("submit", { view_id: view.id, values: collect(surface) });
    waiting = false;
    drawFoot();
    if (!answer.ok) fail(answer.error ?? "That did not work.");
    if (Object.keys(view.errors ?? {}).length > 0) toFirstFault();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  closeIcon.addEventListener("click", leave);
  holdKeys(dialog, leave);
  draw(first);
  document.body.append(dialog);
  dialog.showModal();
  const firstField = /** @type {HTMLElement|null} */ (
    dialog.querySelector("[autofocus]") ?? body.querySelector("input, select, textarea")
  );
  (firstField ?? form.querySelector(".dialog-body"))?.focus?.();
  return { dialog, view: first, draw };
}

/** @param {View[]} views  the stack, the top one last */
export function drawModals(views) {
  const top = views.at(-1);
  if (open && open.view.id !== top?.id) {
    open.dialog.close();
    open.dialog.remove();
    open = null;
  }
  if (!top) return;
  if (!open) open = show(top);
  else if (JSON.stringify(open.view) !== JSON.stringify(top)) open.draw(top);
  open.view = top;
}
