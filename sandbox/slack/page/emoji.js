/** Emoji by their Slack names, and the drawing of one. */

import { h, svg } from "./dom.js";
import { ART } from "./emoji_art.js";

/** The common ones; another name stays as it was typed, which is what Slack does with a name it does not know. */
const NAMES = `
+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|100 💯|alarm_clock ⏰|arrow_down ⬇️|arrow_left ⬅️|arrow_right ➡️
arrow_up ⬆️|arrows_counterclockwise 🔄|bar_chart 📊|bell 🔔|blue_book 📘|bomb 💣|book 📖|bookmark 🔖|bookmark_tabs 📑
boom 💥|broom 🧹|bug 🐛|bulb 💡|busts_in_silhouette 👥|calendar 📅|card_index_dividers 🗂️|chart_with_downwards_trend 📉
chart_with_upwards_trend 📈|clap 👏|clipboard 📋|clock1 🕐|clock3 🕒|closed_lock_with_key 🔐|cloud ☁️|construction 🚧
cyclone 🌀|date 📅|dizzy 💫|dolphin 🐬|envelope ✉️|exclamation ❗|eyes 👀|file_folder 📁|fire 🔥|floppy_disk 💾
gear ⚙️|ghost 👻|globe_with_meridians 🌐|green_circle 🟢|grin 😁|hammer 🔨|hammer_and_wrench 🛠️|hand ✋|handshake 🤝
heart ❤️|heavy_check_mark ✔️|heavy_multiplication_x ✖️|heavy_minus_sign ➖|heavy_plus_sign ➕|hourglass ⌛
hourglass_flowing_sand ⏳|house 🏠|inbox_tray 📥|information_source ℹ️|key 🔑|label 🏷️|large_blue_circle 🔵
large_green_circle 🟢|large_orange_circle 🟠|large_yellow_circle 🟡|link 🔗|lock 🔒|mag 🔍|mag_right 🔎|mailbox 📫
mega 📣|memo 📝|muscle 💪|mute 🔇|no_entry ⛔|no_entry_sign 🚫|octagonal_sign 🛑|ok ✅|ok_hand 👌|open_file_folder 📂
outbox_tray 📤|package 📦|page_facing_up 📄|paperclip 📎|party_popper 🎉|tada 🎉|pause_button ⏸️|pencil ✏️|pencil2 ✏️
point_down 👇|point_left 👈|point_right 👉|point_up ☝️|pray 🙏|pushpin 📌|question ❓|rainbow 🌈|raised_hands 🙌
recycle ♻️|red_circle 🔴|repeat 🔁|robot_face 🤖|rocket 🚀|rotating_light 🚨|scales ⚖️|scissors ✂️|scroll 📜|see_no_evil 🙈
shield 🛡️|ship 🚢|shrug 🤷|slightly_smiling_face 🙂|smile 😄|snail 🐌|sparkles ✨|speech_balloon 💬|star ⭐
stop_button ⏹️|stop_sign 🛑|stopwatch ⏱️|sunny ☀️|thinking_face 🤔|ticket 🎫|tools 🛠️|trophy 🏆|truck 🚚|umbrella ☂️
unlock 🔓|v ✌️|vertical_traffic_light 🚦|warning ⚠️|wastebasket 🗑️|wave 👋|whale 🐳|white_check_mark ✅|white_circle ⚪
wrench 🔧|x ❌|yum 😋|zap ⚡|zzz 💤
`;

/** @type {Map<string, string>} */
const BY_NAME = new Map();
/** @type {Map<string, string>} */
const BY_CHARACTER = new Map();
for (const pair of NAMES.trim().split(/[|\n]/)) {
  const [name, character] = pair.split(" ");
  BY_NAME.set(name, character);
  const drawn = BY_CHARACTER.get(character);
  if (!drawn || (!ART[drawn] && ART[name])) BY_CHARACTER.set(character, name);
}

/** A known emoji character, with or without the selector that asks for its coloured form. */
const CHARACTERS = new RegExp(
  [...BY_CHARACTER.keys()]
    .map((character) => character.replace(/\uFE0F/g, ""))
    .sort((a, b) => b.length - a.length)
    .map((character) => `${character}\uFE0F?`)
    .join("|"),
  "u",
);

/** @param {string} name */
export const isEmoji = (name) => BY_NAME.has(name.replace(/::skin-tone-\d$/, ""));

/**
 * @param {string} name
 * @returns {HTMLElement}
 */
export function emoji(name) {
  const stem = name.replace(/::skin-tone-\d$/, "");
  const character = BY_NAME.get(stem) ?? "";
  const art = ART[stem] ?? ART[BY_CHARACTER.get(character) ?? ""];
  const label = `:${name}:`;
  if (!art) return h("span", { class: "emoji emoji-text", role: "img", "aria-label": label, title: label }, character);
  const drawing = svg("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" });
  for (const [tag, attributes] of art) drawing.append(svg(tag, attributes));
  return h("span", { class: "emoji", role: "img", "aria-label": label, title: label }, drawing);
}

/**
 * Splits text into text and drawn emoji characters. Only characters that have a drawing are taken out, so that text
 * can be copied as it was sent.
 * @param {string} text
 * @returns {(string|Node)[]}
 */
export function withEmoji(text) {
  /** @type {(string|Node)[]} */
  const parts = [];
  let rest = text;
  let plainText = "";
  for (let found = CHARACTERS.exec(rest); found; found = CHARACTERS.exec(rest)) {
    const bare = found[0].replace(/\uFE0F/g, "");
    const name = BY_CHARACTER.get(`${bare}\uFE0F`) ?? BY_CHARACTER.get(bare) ?? "";
    plainText += rest.slice(0, found.index);
    if (ART[name]) {
      if (plainText) parts.push(plainText);
      plainText = "";
      parts.push(emoji(name));
    } else {
      plainText += found[0];
    }
    rest = rest.slice(found.index + found[0].length);
  }
  plainText += rest;
  if (plainText) parts.push(plainText);
  return parts;
}
