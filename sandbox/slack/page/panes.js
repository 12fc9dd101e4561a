/** The conversation in the middle, the thread at the right, and the app's Home tab. */

import { composer } from "./composer.js";
import { h, keyed, replace } from "./dom.js";
import { follow } from "./follow.js";
import { icon } from "./icons.js";
import { isReply, messageItems } from "./messages.js";
import { drawBlocks } from "./registry.js";
import { appDm, channelName } from "./sidebar.js";
import { store } from "./store.js";
import { viewSurface } from "./surfaces.js";

/**
 * @typedef {import("./types.js").Message} Message
 * @typedef {import("./sidebar.js").Place} Place
 *
 * @typedef {object} Moves
 * @property {(place: Place) => void} go
 * @property {(ts: string) => void} openThread
 * @property {() => void} closeThread
 * @property {(text: string, threadTs: string|null) => Promise<boolean>} send
 * @property {(error: string, threadTs: string|null) => void} fail
 * @property {(key: string) => string} draftOf
 * @property {(key: string, text: string) => void} keepDraft
 */

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/**
 * A scrolling list of messages with a composer below it.
 * @param {{scroller: string, list: string, foot: string, commands: boolean}} ids
 * @param {Moves} moves
 */
function conversation({ scroller, list, foot, commands }, moves) {
  const messages = byId(list);
  const follower = follow(byId(scroller), messages);
  let shown = "";
  let last = "";
  let draftKey = "";
  let threadTs = /** @type {string|null} */ (null);
  const field = composer({
    commands,
    send: (text) => moves.send(text, threadTs),
    draft: (text) => moves.keepDraft(draftKey, text),
  });
  const closed = h("div", { class: "closed" }, icon("archive"), "This channel is archived. Nothing can be sent to it.");
  return {
    field,
    /**
     * @param {{key: string, channel: string, thread: string|null, label: string, archived: boolean}} where
     * @param {Message[]} all
     * @param {import("./dom.js").Item[]} before  items above the messages
     */
    draw(where, all, before) {
      const turned = where.key !== shown;
      shown = where.key;
      draftKey = where.key;
      threadTs = where.thread;
      const scene = {
        channel: where.channel,
        openThread: moves.openThread,
        fail: moves.fail,
        inThread: where.thread !== null,
      };
      if (turned) messages.replaceChildren();
      keyed(messages, [...before, ...messageItems(all, scene)]);
      const newest = all.at(-1)?.ts ?? "";
      const more = !turned && newest > last;
      last = newest;
      const bottom = where.archived ? closed : field.node;
      if (byId(foot).firstChild !== bottom) byId(foot).replaceChildren(bottom);
      field.show(where.label, moves.draftOf(where.key), where.key);
      if (turned) follower.toEnd();
      else follower.grew(more);
    },
  };
}

/**
 * @param {Moves} moves
 */
export function panes(moves) {
  const main = conversation({ scroller: "scroller", list: "messages", foot: "foot", commands: true }, moves);
  const side = conversation(
    { scroller: "thread-scroller", list: "thread-messages", foot: "thread-foot", commands: false },
    moves,
  );
  byId("thread-close").append(icon("close"));
  byId("thread-close").addEventListener("click", moves.closeThread);
  byId("thread").addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    moves.closeThread();
  });

  /** @param {Place} place */
  const drawTabs = (place) => {
    const dm = appDm();
    const onApp = place.kind === "home" || place.id === dm?.id;
    byId("tabs").hidden = !onApp;
    if (!onApp) return;
    const tab = (/** @type {string} */ text, /** @type {boolean} */ active, /** @type {Place|null} */ to) => ({
      key: text,
      sig: `${active}${to === null}`,
      make: () =>
        h(
          "button",
          {
            type: "button",
            role: "tab",
            class: active ? "tab tab-active" : "tab",
            "aria-selected": String(active),
            "data-focus": `tab/${text}`,
            disabled: to === null,
            on: { click: () => to && moves.go(to) },
          },
          text,
        ),
    });
    const toDm = dm ? /** @type {Place} */ ({ kind: "channel", id: dm.id }) : null;
    keyed(byId("tabs"), [
      tab("Home", place.kind === "home", { kind: "home" }),
      tab("Messages", place.kind === "channel", toDm),
    ]);
  };

  const drawHome = () => {
    const { home, app } = store.state;
    const holder = byId("home-blocks");
    if (!home) {
      replace(holder, h("p", { class: "empty" }, `${app.name} has not published a Home tab yet.`));
      return;
    }
    if (holder.querySelector(".empty")) holder.replaceChildren();
    const surface = viewSurface(home, (error) => moves.fail(error, null));
    surface.blocks = home.blocks;
    drawBlocks(holder, home.blocks, surface);
  };

  /**
   * @param {import("./types.js").Channel} channel
   * @returns {import("./dom.js").Item}
   */
  const beginning = (channel) => ({
    key: "beginning",
    sig: JSON.stringify(channel),
    make: () =>
      h(
        "div",
        { class: "beginning" },
        h("h2", {}, channel.is_dm ? channelName(channel) : `# ${channel.name}`),
        h(
          "p",
          { class: "muted" },
          channel.is_dm
            ? `This is where ${channelName(channel)} writes to you alone.`
            : channel.purpose || "This is the very beginning of the channel.",
        ),
      ),
  });

  return {
    focus: () => main.field.focus(),
    /** @param {string} text  empty for none */
    homeTrouble(text) {
      byId("home-trouble").hidden = text === "";
      replace(byId("home-trouble"), icon("fault"), h("div", { class: "text" }, text));
    },
    /**
     * @param {Place} place
     * @param {string|null} thread
     * @param {(channel: string) => Message[]} messagesOf
     */
    draw(place, thread, messagesOf) {
      const { me, app } = store.state;
      const home = place.kind === "home";
      for (const id of ["scroller", "foot"]) byId(id).hidden = home;
      byId("home").hidden = !home;
      drawTabs(place);
      const channel = place.kind === "channel" ? store.channel(place.id) : undefined;
      const named = channel ? channelName(channel) : app.name;
      const mark = channel && !channel.is_dm ? icon(channel.archived ? "archive" : "hash") : null;
      replace(byId("channel-name"), mark, named, !mark && h("span", { class: "badge" }, "APP"));
      byId("channel-purpose").textContent = channel && !channel.is_dm ? channel.purpose : "";
      document.title = `${named} · ${store.state.workspace.name}`;
      if (home) drawHome();
      const root = channel && thread ? messagesOf(channel.id).find((message) => message.ts === thread) : undefined;
      byId("thread").hidden = !root;
      byId("frame").classList.toggle("with-thread", Boolean(root));
      if (!channel) return;
      const all = messagesOf(channel.id);
      const label = channel.is_dm ? `Message ${named}` : `Message #${named}`;
      const key = `${me}/${channel.id}`;
      main.draw(
        { key, channel: channel.id, thread: null, label, archived: channel.archived },
        all.filter((message) => !isReply(message)),
        [beginning(channel)],
      );
      if (!root) return;
      byId("thread-channel").textContent = channel.is_dm ? named : `# ${named}`;
      const replies = all.filter((message) => isReply(message) && message.thread_ts === thread);
      const count = `${replies.length} ${replies.length === 1 ? "reply" : "replies"}`;
      const line = {
        key: "count",
        sig: count,
        make: () => h("div", { class: "reply-count", role: "separator" }, h("span", {}, count)),
      };
      const rootScene = { channel: channel.id, openThread: moves.openThread, fail: moves.fail, inThread: true };
      const above = [...messageItems([root], rootScene), ...(replies.length ? [line] : [])];
      side.draw(
        { key: `${key}/${thread}`, channel: channel.id, thread, label: "Reply…", archived: channel.archived },
        replies,
        above,
      );
    },
  };
}
