/** Messages: who, when, what they say, their files and their thread. */

import { h, keyed } from "./dom.js";
import { fileCard } from "./files.js";
import { icon } from "./icons.js";
import { mrkdwn, textNodes } from "./mrkdwn.js";
import { drawBlocks } from "./registry.js";
import { nameOf, plain, store } from "./store.js";
import { messageSurface } from "./surfaces.js";
import { ago, clock, dateOf, dayKey, dayLabel, fullTime } from "./time.js";

/**
 * @typedef {import("./types.js").Message} Message
 * @typedef {import("./dom.js").Item} Item
 *
 * @typedef {object} Scene
 * @property {string} channel
 * @property {(ts: string) => void} openThread
 * @property {(error: string, threadTs: string|null) => void} fail  shows an error as a line of Slackbot
 * @property {boolean} [inThread]
 */

/** One person's messages within this time stand under one name. */
const GROUPED_SECONDS = 300;

/** @param {string} id */
export const colour = (id) => [...id].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 8, 7);

/** @param {string} name */
export const initials = (name) =>
  name
    .split(/[\s._-]+/)
    .filter(Boolean)
    .map((word) => [...word][0])
    .slice(0, 2)
    .join("")
    .toUpperCase() || "?";

/**
 * @param {string} id
 * @param {string} name
 * @param {string} [extra]
 */
export const avatar = (id, name, extra = "") =>
  h("span", { class: `avatar avatar-${colour(id)} ${extra}`.trim(), "aria-hidden": "true" }, initials(name));

/** @param {Message} message */
export function author(message) {
  if (message.slackbot) return { id: "USLACKBOT", name: "Slackbot", app: false };
  const person = store.person(message.user);
  const { app } = store.state;
  if (message.bot || person?.is_bot)
    return { id: message.user ?? app.bot_user, name: person?.real_name || person?.name || app.name, app: true };
  return { id: message.user ?? "", name: nameOf(person), app: false };
}

/** @param {Message} message */
export const isReply = (message) => message.thread_ts !== null && message.thread_ts !== message.ts;

/** @param {Message} message */
function head(message) {
  const { name, app } = author(message);
  const date = dateOf(message.ts);
  return [
    h("span", { class: "author" }, name),
    app && h("span", { class: "badge" }, "APP"),
    h("time", { class: "stamp", datetime: date.toISOString(), title: fullTime(date) }, clock(date)),
  ];
}

/** @param {any[]} attachments */
function attachmentItems(attachments, /** @type {import("./types.js").Surface} */ surface) {
  return attachments.map((attachment, index) => {
    const make = () => {
      const box = h("div", { class: "attachment" });
      const bar = String(attachment.color ?? "");
      if (/^#?[0-9a-f]{6}$/i.test(bar)) box.style.setProperty("border-left-color", `#${bar.replace("#", "")}`);
      if (attachment.pretext) box.append(h("div", { class: "text" }, ...mrkdwn(plain(attachment.pretext))));
      if (attachment.title)
        box.append(
          h("div", { class: "attachment-title" }, ...textNodes({ type: "plain_text", text: attachment.title })),
        );
      if (Array.isArray(attachment.blocks)) {
        const inside = h("div", { class: "blocks" });
        drawBlocks(
          inside,
          attachment.blocks,
          Object.assign(Object.create(surface), { key: `${surface.key}/attachment-${index}` }),
        );
        box.append(inside);
      } else {
        box.append(h("div", { class: "text" }, ...mrkdwn(plain(attachment.text ?? attachment.fallback))));
      }
      return box;
    };
    return { key: `attachment-${index}`, sig: JSON.stringify(attachment), make };
  });
}

/**
 * Fills a message's body; whatever has not changed stays.
 * @param {HTMLElement} body
 * @param {Message} message
 * @param {Scene} scene
 * @param {boolean} compact
 */
function fill(body, message, scene, compact) {
  const blocks = message.blocks ?? [];
  const attachments = message.attachments ?? [];
  const fail = (/** @type {string} */ error) =>
    scene.fail(error, isReply(message) || scene.inThread ? message.thread_ts : null);
  const surface = messageSurface(store.state.me, scene.channel, message, fail);
  surface.blocks = [...blocks, ...attachments.flatMap((attachment) => attachment.blocks ?? [])];
  /** @type {Item[]} */
  const items = [];
  if (message.ephemeral)
    items.push({
      key: "private",
      sig: "",
      make: () => h("div", { class: "private" }, icon("eye"), "Only visible to you"),
    });
  if (!compact)
    items.push({
      key: "head",
      sig: `${message.ts}${author(message).name}`,
      make: () => h("div", { class: "message-head" }, ...head(message)),
    });
  if (message.deleted) {
    items.push({ key: "gone", sig: "", make: () => h("div", { class: "muted" }, "This message was deleted.") });
  } else if (blocks.length > 0) {
    const draw = (/** @type {HTMLElement} */ node) => drawBlocks(node, blocks, surface);
    const make = () => {
      const node = h("div", { class: "blocks" });
      draw(node);
      return node;
    };
    items.push({ key: "blocks", sig: JSON.stringify(blocks), make, patch: draw });
  } else if (message.text) {
    items.push({
      key: "text",
      sig: message.text,
      make: () => h("div", { class: "text message-text" }, ...mrkdwn(message.text)),
    });
  }
  if (message.edited && !message.deleted) {
    const when = fullTime(dateOf(message.edited));
    items.push({
      key: "edited",
      sig: message.edited,
      make: () => h("span", { class: "edited", title: when }, "(edited)"),
    });
  }
  items.push(...attachmentItems(message.deleted ? [] : attachments, surface));
  for (const file of message.deleted ? [] : message.files)
    items.push({ key: `file-${file.id}`, sig: JSON.stringify(file), make: () => fileCard(file) });
  if (!scene.inThread && message.reply_count > 0) items.push(threadItem(message, scene));
  keyed(body, items);
}

/**
 * @param {Message} message
 * @param {Scene} scene
 * @returns {Item}
 */
function threadItem(message, scene) {
  const replies = store
    .messages(scene.channel)
    .filter((other) => other.thread_ts === message.ts && other.ts !== message.ts);
  const last = replies.at(-1);
  const authors = [...new Map(replies.map((reply) => [author(reply).id, author(reply)])).values()].slice(0, 4);
  const count = `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`;
  const make = () =>
    h(
      "button",
      {
        type: "button",
        class: "thread-bar",
        "data-focus": `thread/${message.ts}`,
        on: { click: () => scene.openThread(message.ts) },
      },
      ...authors.map(({ id, name, app }) => avatar(id, name, app ? "avatar-small avatar-app" : "avatar-small")),
      h("span", { class: "thread-count" }, count),
      last && h("span", { class: "muted" }, `Last reply ${ago(dateOf(last.ts))}`),
    );
  return { key: "thread", sig: JSON.stringify([count, last?.ts, authors]), make };
}

/**
 * @param {Message} message
 * @param {Scene} scene
 * @param {boolean} compact
 * @returns {Item}
 */
function item(message, scene, compact) {
  const { id, name, app } = author(message);
  const date = dateOf(message.ts);
  const kind = `${message.ephemeral ? " message-private" : ""}${compact ? " message-compact" : ""}`;
  const replies = store.messages(scene.channel).filter((other) => other.thread_ts === message.ts);
  const make = () => {
    const body = h("div", { class: "message-body" });
    const gutter = compact
      ? h("time", { class: "gutter-time", datetime: date.toISOString() }, clock(date))
      : avatar(id, name, app ? "avatar-app" : "");
    const start = h(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": "Reply in thread",
        title: "Reply in thread",
        on: { click: () => scene.openThread(message.ts) },
      },
      icon("thread"),
    );
    const tools =
      !message.ephemeral && !scene.inThread && !message.deleted && h("div", { class: "message-tools" }, start);
    const node = h(
      "article",
      { class: `message${kind}`, "data-ts": message.ts, "aria-label": `${name}, ${clock(date)}` },
      h("div", { class: "gutter" }, gutter),
      body,
      tools,
    );
    fill(body, message, scene, compact);
    return node;
  };
  const patch = (/** @type {HTMLElement} */ node) =>
    fill(/** @type {HTMLElement} */ (node.querySelector(".message-body")), message, scene, compact);
  const sig = JSON.stringify([message, replies.map((reply) => reply.ts), name]);
  return { key: `${message.slackbot ? "bot" : "message"}-${message.ts}-${compact}`, sig, make, patch };
}

/**
 * The items of a list of messages, with a line between days.
 * @param {Message[]} messages  in the order of their time
 * @param {Scene} scene
 * @returns {Item[]}
 */
export function messageItems(messages, scene) {
  /** @type {Item[]} */
  const items = [];
  /** @type {Message|undefined} */
  let before;
  for (const message of messages) {
    const date = dateOf(message.ts);
    const newDay = !before || dayKey(dateOf(before.ts)) !== dayKey(date);
    if (newDay && !scene.inThread) {
      const label = dayLabel(date);
      items.push({
        key: `day-${dayKey(date)}`,
        sig: label,
        make: () => h("div", { class: "day", role: "separator" }, h("span", {}, label)),
      });
    }
    const near = before && Number(message.ts) - Number(before.ts) < GROUPED_SECONDS;
    const alike = before && author(before).id === author(message).id && !before.ephemeral && !message.ephemeral;
    const quiet = before && before.reply_count === 0 && !before.deleted && !message.deleted;
    items.push(item(message, scene, Boolean(near && alike && quiet && (scene.inThread || !newDay))));
    before = message;
  }
  return items;
}
