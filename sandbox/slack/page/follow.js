/** Keeps a list of messages scrolled to its end while the person is there, and leaves them alone when they are not. */

import { h } from "./dom.js";
import { icon } from "./icons.js";

/** Nearer to the end than this counts as at the end. */
const NEAR = 60;

/**
 * @param {HTMLElement} scroller
 * @param {HTMLElement} list
 * @returns {{toEnd: () => void, grew: (more: boolean) => void}}  `grew`: after a redraw, whether something new came
 */
export function follow(scroller, list) {
  let atEnd = true;
  const pill = h(
    "button",
    { type: "button", class: "new-pill", hidden: true, on: { click: () => toEnd() } },
    icon("down"),
    "New messages",
  );
  scroller.after(pill);
  const settle = () => {
    if (atEnd) scroller.scrollTop = scroller.scrollHeight;
  };
  const toEnd = () => {
    atEnd = true;
    pill.hidden = true;
    settle();
  };
  scroller.addEventListener("scroll", () => {
    atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;
    if (atEnd) pill.hidden = true;
  });
  // Previews and charts grow after they were drawn, and the window changes its height.
  const watch = new ResizeObserver(settle);
  watch.observe(list);
  watch.observe(scroller);
  return {
    toEnd,
    grew(more) {
      if (more && !atEnd) pill.hidden = false;
      settle();
    },
  };
}
