/** The surfaces that blocks stand on, kept over redraws so that what people typed, sorted and folded stays. */

/** @typedef {import("./types.js").Surface} Surface */

/** @type {Map<string, Surface>} */
const surfaces = new Map();

/**
 * @param {string} key
 * @param {Omit<Surface, "key"|"blocks"|"values"|"memo">} where
 * @returns {Surface}
 */
function kept(key, where) {
  let surface = surfaces.get(key);
  if (!surface) {
    surface = { ...where, key, blocks: [], values: {}, memo: new Map() };
    surfaces.set(key, surface);
  }
  return surface;
}

/**
 * What each person has open is their own: two people typing into copies of the same message don't share a draft.
 * @param {string} user
 * @param {string} channel
 * @param {import("./types.js").Message} message
 * @param {(error: string) => void} fail
 */
export const messageSurface = (user, channel, message, fail) =>
  kept(`message/${user}/${channel}/${message.ts}`, { kind: "message", channel, ts: message.ts, fail });

/**
 * @param {import("./types.js").View} view
 * @param {(error: string) => void} fail
 */
export function viewSurface(view, fail) {
  const kind = view.type === "home" ? "home" : "modal";
  return kept(`${kind}/${view.id}`, { kind, viewId: view.id, fail });
}
