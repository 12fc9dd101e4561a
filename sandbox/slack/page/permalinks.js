/** Links to messages, as `chat.getPermalink` makes them, lead to the message in this page. */

import { store } from "./store.js";

/**
 * @param {string} href
 * @returns {{channel: string, ts: string, thread: string|null}|null}  null for any other link, and for what isn't here
 */
export function permalink(href) {
  const found = /\/archives\/(\w+)\/p(\d+)(\d{6})(?:[?#]|$)/.exec(href);
  if (!found || !store.channel(found[1])) return null;
  const message = store.messages(found[1]).find((one) => one.ts === `${found[2]}.${found[3]}`);
  if (!message) return null;
  const reply = message.thread_ts !== null && message.thread_ts !== message.ts;
  return { channel: found[1], ts: message.ts, thread: reply ? message.thread_ts : null };
}

/** @param {string} ts */
export function flash(ts) {
  const places = document.querySelectorAll(`article[data-ts="${CSS.escape(ts)}"]`);
  const node = places[places.length - 1];
  if (!node) return;
  node.scrollIntoView({ block: "center" });
  node.classList.add("message-flash");
  setTimeout(() => node.classList.remove("message-flash"), 2000);
}
