/** Menus and lists that float beside a control without being cut off by what scrolls around it. */

/**
 * Puts `box` below `anchor`, or above where there is more room, and keeps it inside the window.
 * @param {HTMLElement} anchor
 * @param {HTMLElement} box
 * @param {{side?: 'left'|'right', match?: boolean}} [options]  `match`: as wide as the anchor
 */
export function place(anchor, box, { side = "left", match = false } = {}) {
  const at = anchor.getBoundingClientRect();
  box.style.setProperty("position", "fixed");
  if (match) box.style.setProperty("width", `${at.width}px`);
  const below = window.innerHeight - at.bottom - 12;
  const above = at.top - 12;
  const up = below < Math.min(box.scrollHeight, 220) && above > below;
  box.style.setProperty("max-height", `${Math.max(96, Math.min(up ? above : below, 320))}px`);
  const size = box.getBoundingClientRect();
  const left = side === "right" ? at.right - size.width : at.left;
  box.style.setProperty("left", `${Math.max(8, Math.min(left, window.innerWidth - size.width - 8))}px`);
  box.style.setProperty("top", `${up ? at.top - size.height - 4 : at.bottom + 4}px`);
}

/**
 * Calls `leave` once as soon as the person clicks elsewhere, scrolls what is behind, or resizes the window.
 * @param {HTMLElement[]} inside  clicks and scrolling in these don't count
 * @param {() => void} leave
 * @returns {() => void}  stops watching
 */
export function watchOutside(inside, leave) {
  const stop = new AbortController();
  const within = (/** @type {Event} */ event) =>
    inside.some((node) => event.target instanceof Node && node.contains(event.target));
  const quit = (/** @type {Event} */ event) => {
    if (within(event)) return;
    stop.abort();
    leave();
  };
  const options = { capture: true, signal: stop.signal };
  document.addEventListener("pointerdown", quit, options);
  document.addEventListener("scroll", quit, options);
  window.addEventListener("resize", quit, options);
  return () => stop.abort();
}
