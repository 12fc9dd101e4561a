/** What the server last said, and the look-ups that every part of the page needs. */

/** @typedef {import("./types.js").State} State */

/** @type {State} */
const EMPTY = {
  workspace: { name: "" },
  app: { name: "", id: "", bot_user: "" },
  commands: [],
  me: "",
  people: [],
  groups: [],
  channels: [],
  messages: {},
  views: [],
  home: null,
};

export const store = {
  state: EMPTY,

  /** @param {string|null|undefined} id */
  person(id) {
    return this.state.people.find((person) => person.id === id);
  },

  /** @param {string} id */
  group(id) {
    return this.state.groups.find((group) => group.id === id);
  },

  /** @param {string|null} id */
  channel(id) {
    return this.state.channels.find((channel) => channel.id === id);
  },

  /** @param {string} id */
  messages(id) {
    return this.state.messages[id] ?? [];
  },

  /** The people that can be switched to. */
  humans() {
    return this.state.people.filter((person) => !person.is_bot);
  },
};

/**
 * The text of a text object, or of a bare string as some fields have it.
 * @param {any} text
 * @returns {string}
 */
export function plain(text) {
  if (text === null || text === undefined) return "";
  if (typeof text === "object") return String(text.text ?? "");
  return String(text);
}

/** @param {import("./types.js").Person|undefined} person */
export const nameOf = (person) => person?.real_name || person?.name || "Somebody";
