/** The page's root: who looks at what, fetching the state, and drawing it. */

import "./blocks.js";
import { fetchState, listen, post, session } from "./api.js";
import { icon } from "./icons.js";
import { drawModals } from "./modals.js";
import { panes } from "./panes.js";
import { flash, permalink } from "./permalinks.js";
import { arrowKeys, drawPeople, drawSidebar } from "./sidebar.js";
import { store } from "./store.js";

/**
 * @typedef {import("./types.js").Message} Message
 * @typedef {import("./sidebar.js").Place} Place
 */

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @type {Place} */
let place = { kind: "channel", id: "" };
/** @type {string|null} */
let thread = null;
/** @type {() => void} */
let stopListening = () => {};
/** @type {Map<string, string>} */
const drafts = new Map();
/** Lines of Slackbot, which exist in this page only: by person and channel. */
/** @type {Map<string, Message[]>} */
const asides = new Map();

/** @param {string} channel */
const mine = (channel) => `${store.state.me}/${channel}`;

/** @param {string} channel */
function messagesOf(channel) {
  const own = asides.get(mine(channel)) ?? [];
  const all = store.messages(channel).filter((message) => !message.deleted || message.reply_count > 0);
  return own.length ? [...all, ...own].sort((a, b) => Number(a.ts) - Number(b.ts)) : all;
}

/**
 * @param {string} text
 * @param {string|null} threadTs
 */
function aside(text, threadTs) {
  if (place.kind === "home") {
    view.homeTrouble(text);
    return;
  }
  const channel = place.id;
  const lines = asides.get(mine(channel)) ?? [];
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const now = (Date.now() / 1000).toFixed(6);
  lines.push({
    ts: now,
    user: null,
    bot: true,
    text: escaped,
    blocks: null,
    attachments: null,
    ephemeral: true,
    edited: null,
    deleted: false,
    thread_ts: threadTs,
    reply_count: 0,
    files: [],
    slackbot: true,
  });
  asides.set(mine(channel), lines);
  draw();
}

/** @param {string} channel */
const newest = (channel) => store.messages(channel).reduce((ts, message) => (message.ts > ts ? message.ts : ts), "");

/** @param {string} channel */
const readKey = (channel) => `read/${mine(channel)}`;

/** @param {string} channel */
const unread = (channel) => newest(channel) > (sessionStorage.getItem(readKey(channel)) ?? "");

function markRead() {
  if (place.kind === "channel" && !document.hidden) sessionStorage.setItem(readKey(place.id), newest(place.id));
}

function writeAddress(/** @type {boolean} */ push) {
  const query = new URLSearchParams({ user: session.user });
  if (place.kind === "home") query.set("tab", "home");
  else if (place.id) query.set("channel", place.id);
  if (thread) query.set("thread", thread);
  const address = `${location.pathname}?${query}`;
  if (`${location.pathname}${location.search}` === address) return;
  history[push ? "pushState" : "replaceState"](null, "", address);
}

function readAddress() {
  const query = new URLSearchParams(location.search);
  session.user = query.get("user") ?? "";
  place = query.get("tab") === "home" ? { kind: "home" } : { kind: "channel", id: query.get("channel") ?? "" };
  thread = query.get("thread");
}

/** Whoever opens a link to a place they can't see lands in the first channel instead. */
function settlePlace() {
  if (place.kind === "home" || store.channel(place.id)) return;
  const rooms = store.state.channels.filter((channel) => !channel.is_dm && !channel.archived);
  place = { kind: "channel", id: (rooms[0] ?? store.state.channels[0])?.id ?? "" };
  thread = null;
}

/** @param {Place} next */
function go(next) {
  place = next;
  thread = null;
  writeAddress(true);
  showMenu(false);
  view.homeTrouble("");
  draw();
  if (next.kind === "home") openHome();
  else view.focus();
}

async function openHome() {
  const answer = await post("home", {});
  if (!answer.ok) aside(answer.error ?? "The Home tab can't be opened.", null);
}

/** @param {string|null} ts */
function turnThread(ts) {
  const before = thread;
  thread = ts;
  writeAddress(true);
  draw();
  const bar = ts === null && document.querySelector(`[data-focus="${CSS.escape(`thread/${before}`)}"]`);
  /** @type {HTMLElement|null} */ (ts ? byId("thread-close") : bar || null)?.focus({ preventScroll: true });
}

/** @param {string} user */
async function become(user) {
  if (user === session.user) return;
  session.user = user;
  writeAddress(true);
  await start();
}

/**
 * @param {string} text
 * @param {string|null} threadTs
 * @returns {Promise<boolean>}
 */
async function send(text, threadTs) {
  if (place.kind !== "channel") return false;
  const channel = place.id;
  const command = text.startsWith("/");
  if (command && threadTs) {
    aside(`${text.split(" ")[0]} is not supported in threads. Sorry!`, threadTs);
    return false;
  }
  const answer = command
    ? await post("slash", { channel, text })
    : await post("message", { channel, text, ...(threadTs ? { thread_ts: threadTs } : {}) });
  if (!answer.ok) aside(answer.error ?? "That did not work.", threadTs);
  return answer.ok;
}

function showMenu(/** @type {boolean} */ open) {
  byId("frame").classList.toggle("menu-open", open);
  byId("menu-button").setAttribute("aria-expanded", String(open));
}

const view = panes({
  go,
  openThread: (ts) => turnThread(ts),
  closeThread: () => turnThread(null),
  send,
  fail: aside,
  draftOf: (key) => drafts.get(key) ?? "",
  keepDraft: (key, text) => drafts.set(key, text),
});

function draw() {
  settlePlace();
  markRead();
  byId("workspace").textContent = store.state.workspace.name;
  drawPeople(byId("people"), become);
  drawSidebar({ channels: byId("channels"), dms: byId("dms"), apps: byId("apps") }, place, unread, go);
  view.draw(place, thread, messagesOf);
  drawModals(store.state.views);
}

let fetching = false;
let stale = false;
/** @type {Promise<void>} */
let round = Promise.resolve();

/** Fetches the state and draws it. Asked for during a fetch, it fetches once more afterwards. */
function refresh() {
  stale = true;
  if (fetching) return round;
  fetching = true;
  round = (async () => {
    try {
      while (stale) {
        stale = false;
        const user = session.user;
        const answer = await fetchState(user);
        if (user !== session.user) continue;
        if (!answer.ok) {
          byId("offline").textContent = answer.error ?? "";
          byId("offline").hidden = false;
          return;
        }
        byId("offline").hidden = true;
        store.state = /** @type {any} */ (answer);
        draw();
      }
    } finally {
      fetching = false;
    }
  })();
  return round;
}

function online(/** @type {boolean} */ up) {
  byId("offline").hidden = up;
  if (!up) byId("offline").textContent = "The connection is lost. Trying again…";
}

async function start() {
  stopListening();
  await refresh();
  if (!store.state.me && session.user) {
    // A link from another day may name somebody who isn't here now.
    session.user = "";
    await refresh();
  }
  if (!session.user) session.user = store.state.me;
  if (!session.user) return;
  writeAddress(false);
  stopListening = listen(session.user, refresh, online);
  if (place.kind === "home") openHome();
}

session.refresh = refresh;
byId("menu-button").append(icon("menu"));
byId("menu-button").addEventListener("click", () => showMenu(!byId("frame").classList.contains("menu-open")));
document.addEventListener("pointerdown", (event) => {
  const inMenu = event.target instanceof Element && event.target.closest("#sidebar, #menu-button");
  if (!inMenu) showMenu(false);
});
byId("sidebar").addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  showMenu(false);
  byId("menu-button").focus();
});
arrowKeys(byId("people"));
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
  const mentioned = link?.getAttribute("data-channel");
  const message = link instanceof HTMLAnchorElement ? permalink(link.href) : null;
  if (!mentioned && !message) return;
  event.preventDefault();
  if (mentioned && store.channel(mentioned)) go({ kind: "channel", id: mentioned });
  if (!message) return;
  if (place.kind === "home" || place.id !== message.channel) go({ kind: "channel", id: message.channel });
  if (message.thread) turnThread(message.thread);
  flash(message.ts);
});
document.addEventListener("keydown", (event) => {
  // As in Slack, whoever just types writes into the conversation.
  const typed = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
  const taken = event.target instanceof Element && event.target.closest("input, textarea, select, dialog, [role=menu]");
  if (typed && !taken && !event.defaultPrevented && place.kind === "channel") view.focus();
});
document.addEventListener("visibilitychange", () => !document.hidden && draw());
window.addEventListener("popstate", () => {
  const before = session.user;
  readAddress();
  if (session.user === before) draw();
  else start();
});
readAddress();
start().then(() => view.focus());
