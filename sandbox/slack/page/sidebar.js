/** The list of conversations at the left, and the switch between people at the top. */

import { h, keyed } from "./dom.js";
import { icon } from "./icons.js";
import { avatar } from "./messages.js";
import { nameOf, store } from "./store.js";

/**
 * @typedef {import("./types.js").Channel} Channel
 * @typedef {import("./types.js").Person} Person
 * @typedef {{kind: 'channel', id: string}|{kind: 'home'}} Place
 */

/** The conversation with the app: what its Messages tab shows. */
export const appDm = () => store.state.channels.find((channel) => channel.is_dm);

/** @param {Channel} channel */
export const channelName = (channel) => (channel.is_dm ? store.state.app.name : channel.name);

/**
 * @param {{key: string, icon: Node, text: string, active: boolean, unread: boolean, go: () => void, badge?: boolean}} row
 * @returns {import("./dom.js").Item}
 */
function entry({ key, icon: picture, text, active, unread, go, badge }) {
  const make = () =>
    h(
      "button",
      {
        type: "button",
        class: `place${active ? " place-active" : ""}${unread ? " place-unread" : ""}`,
        "data-focus": `place/${key}`,
        "aria-current": active ? "page" : null,
        on: { click: go },
      },
      picture,
      h("span", { class: "place-name" }, text),
      badge && h("span", { class: "badge" }, "APP"),
      unread && h("span", { class: "sr-only" }, "unread"),
    );
  return { key, sig: JSON.stringify([text, active, unread, badge]), make };
}

/**
 * @param {{channels: HTMLElement, dms: HTMLElement, apps: HTMLElement}} lists
 * @param {Place} place
 * @param {(channel: string) => boolean} unread
 * @param {(place: Place) => void} go
 */
export function drawSidebar(lists, place, unread, go) {
  const { app, channels } = store.state;
  const here = place.kind === "channel" ? place.id : "";
  const rooms = channels
    .filter((channel) => !channel.is_dm)
    .sort((a, b) => Number(a.archived) - Number(b.archived) || a.name.localeCompare(b.name));
  const face = () => avatar(app.bot_user, app.name, "avatar-small avatar-app");
  keyed(
    lists.channels,
    rooms.map((channel) =>
      entry({
        key: channel.id,
        icon: icon(channel.archived ? "archive" : "hash"),
        text: channel.name,
        active: here === channel.id,
        unread: unread(channel.id),
        go: () => go({ kind: "channel", id: channel.id }),
      }),
    ),
  );
  const dms = channels.filter((channel) => channel.is_dm);
  keyed(
    lists.dms,
    dms.map((channel) =>
      entry({
        key: channel.id,
        icon: face(),
        text: app.name,
        badge: true,
        active: here === channel.id,
        unread: unread(channel.id),
        go: () => go({ kind: "channel", id: channel.id }),
      }),
    ),
  );
  /** @type {HTMLElement} */ (lists.dms.parentElement).hidden = dms.length === 0;
  keyed(lists.apps, [
    entry({
      key: "home",
      icon: icon("home"),
      text: `${app.name} Home`,
      active: place.kind === "home",
      unread: false,
      go: () => go({ kind: "home" }),
    }),
  ]);
}

/**
 * @param {HTMLElement} holder
 * @param {(user: string) => void} choose
 */
export function drawPeople(holder, choose) {
  const { me } = store.state;
  keyed(
    holder,
    store.humans().map((person) => {
      const active = person.id === me;
      const name = nameOf(person);
      const full = person.title ? `${name} (${person.title})` : name;
      const [first, ...more] = name.split(" ");
      const make = () =>
        h(
          "button",
          {
            type: "button",
            class: active ? "who who-active" : "who",
            role: "radio",
            "aria-checked": String(active),
            tabindex: active ? "0" : "-1",
            "data-focus": `who/${person.id}`,
            "data-user": person.id,
            title: full,
            "aria-label": full,
            on: { click: () => choose(person.id) },
          },
          avatar(person.id, name, "avatar-small"),
          h(
            "span",
            { class: "who-name" },
            first,
            more.length > 0 && h("span", { class: "who-more" }, ` ${more.join(" ")}`),
            person.title && h("span", { class: "who-title" }, ` (${person.title})`),
          ),
        );
      return { key: person.id, sig: JSON.stringify([person, active]), make };
    }),
  );
}

/**
 * Arrow keys move between the people, as in any group of radio buttons.
 * @param {HTMLElement} holder
 */
export function arrowKeys(holder) {
  holder.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = /** @type {HTMLElement[]} */ ([...holder.querySelectorAll("[role=radio]")]);
    const next =
      all[(all.indexOf(/** @type {HTMLElement} */ (document.activeElement)) + step + all.length) % all.length];
    next?.focus();
    next?.click();
  });
}
