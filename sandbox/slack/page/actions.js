/** From an element on the page to the action that the app gets. */

import { post } from "./api.js";
import { confirmed } from "./confirm.js";
import { spinner } from "./icons.js";
import { collect, enter, entered } from "./values.js";

/**
 * @typedef {import("./types.js").Slot} Slot
 * @typedef {import("./types.js").Element_} Element_
 * @typedef {import("./types.js").Value} Value
 */

/** A click is worth at least this long a sign, or it only flickers. */
const BUSY_AT_LEAST = 250;

/**
 * Where an action came from, as every move on an element says it.
 * @param {Slot} slot
 * @param {Element_} element
 */
export function origin(slot, element) {
  const { kind, channel, ts, viewId } = slot.surface;
  const where = kind === "message" ? { channel, ts } : { view_id: viewId };
  return { ...where, block_id: slot.blockId || undefined, action_id: element.action_id };
}

/**
 * @param {HTMLElement} control
 * @returns {() => void}  ends the busy state
 */
function busy(control) {
  if (isBusy(control)) return () => {};
  const ring = spinner("Working…");
  ring.classList.add("busy-ring");
  control.setAttribute("aria-busy", "true");
  if (!control.matches("input, textarea")) control.append(ring);
  const started = performance.now();
  return () => {
    const left = Math.max(0, BUSY_AT_LEAST - (performance.now() - started));
    setTimeout(() => {
      control.removeAttribute("aria-busy");
      ring.remove();
    }, left);
  };
}

/** @param {HTMLElement} control */
const isBusy = (control) => control.getAttribute("aria-busy") === "true";

/**
 * Sends an action: asks first where the element wants that, shows that it is under way, shows what went wrong.
 * @param {Slot} slot
 * @param {Element_} element
 * @param {Record<string, any>} what  `{value}`, `{selected_option}`, `{selected_date}`, …
 * @param {HTMLElement} control
 * @returns {Promise<boolean>}  false where the person said no
 */
async function send(slot, element, what, control) {
  if (element.confirm && !(await confirmed(element.confirm))) return false;
  const done = busy(control);
  const { type: _type, ...sent } = what;
  const answer = await post("click", { ...origin(slot, element), ...sent, state: { values: collect(slot.surface) } });
  done();
  if (!answer.ok) slot.surface.fail(answer.error ?? "That did not work.");
  return true;
}

/**
 * A click on a button. A second one while the first is under way is not sent.
 * @param {Slot} slot
 * @param {Element_} element
 * @param {Record<string, any>} what
 * @param {HTMLElement} control
 */
export async function act(slot, element, what, control) {
  if (!isBusy(control)) await send(slot, element, what, control);
}

/**
 * A new value of an input or a select: kept, and sent at once where the app listens for it.
 * @param {Slot} slot
 * @param {Element_} element
 * @param {Value} value
 * @param {HTMLElement} control
 * @returns {Promise<boolean>}  false where a confirm dialog was answered with no; the old value stands again
 */
export async function change(slot, element, value, control) {
  const before = entered(slot, element);
  enter(slot, element, value);
  if (!slot.dispatch) return true;
  if (await send(slot, element, value, control)) return true;
  if (before) enter(slot, element, before);
  else delete slot.surface.values[slot.blockId][element.action_id ?? ""];
  return false;
}
