/** The dialog that Slack shows before an element with a `confirm` object sends its action. */

import { h, uniqueId } from "./dom.js";
import { icon } from "./icons.js";
import { textNodes } from "./mrkdwn.js";

/**
 * Keeps the Tab key inside a dialog, where the browser's own trap lets it out to the address bar, and gives Escape to
 * `leave`: left to itself, a browser closes a dialog on the second Escape whatever the page says.
 * @param {HTMLDialogElement} dialog
 * @param {() => void} leave
 */
export function holdKeys(dialog, leave) {
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    leave();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) {
      event.preventDefault();
      leave();
    }
    if (event.key !== "Tab") return;
    const all = /** @type {HTMLElement[]} */ ([
      ...dialog.querySelectorAll("button, input, select, textarea, a[href], [tabindex='0']"),
    ]).filter((node) => !node.hasAttribute("disabled") && node.offsetParent !== null);
    const last = all.at(-1);
    if (!last) return;
    if (event.shiftKey && (document.activeElement === all[0] || document.activeElement === dialog)) {
      event.preventDefault();
      last.focus();
    } else if (!event.shiftKey && document.activeElement === last) {
      event.preventDefault();
      all[0].focus();
    }
  });
}

/**
 * @param {import("./types.js").Confirm} confirm
 * @returns {Promise<boolean>}  whether the person went on
 */
export function confirmed(confirm) {
  const titleId = uniqueId("confirm-title");
  const textId = uniqueId("confirm-text");
  const style = confirm.style === "danger" ? "danger" : "primary";
  const deny = h("button", { type: "button", class: "button" }, ...textNodes(confirm.deny ?? "Cancel"));
  const go = h(
    "button",
    { type: "button", class: `button button-${style} button-solid` },
    ...textNodes(confirm.confirm ?? "Yes"),
  );
  const close = h("button", { type: "button", class: "icon-button", "aria-label": "Close" }, icon("close"));
  const dialog = h(
    "dialog",
    { class: "dialog confirm", role: "alertdialog", "aria-labelledby": titleId, "aria-describedby": textId },
    h(
      "header",
      { class: "dialog-head" },
      h("h2", { id: titleId }, ...textNodes(confirm.title ?? "Are you sure?")),
      close,
    ),
    h("div", { class: "dialog-body text", id: textId }, ...textNodes(confirm.text)),
    h("footer", { class: "dialog-foot" }, deny, go),
  );
  return new Promise((resolve) => {
    const opener = /** @type {HTMLElement|null} */ (document.activeElement);
    const end = (/** @type {boolean} */ answer) => {
      dialog.close();
      dialog.remove();
      const path = opener?.closest("[data-focus]")?.getAttribute("data-focus") ?? "";
      const again = opener?.isConnected ? opener : document.querySelector(`[data-focus="${CSS.escape(path)}"]`);
      /** @type {HTMLElement|null} */ (again)?.focus({ preventScroll: true });
      resolve(answer);
    };
    deny.addEventListener("click", () => end(false));
    close.addEventListener("click", () => end(false));
    go.addEventListener("click", () => end(true));
    holdKeys(dialog, () => end(false));
    document.body.append(dialog);
    dialog.showModal();
    go.focus();
  });
}
