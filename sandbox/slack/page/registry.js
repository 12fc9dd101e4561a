/** One renderer for each type of block; containers draw what they hold through here as well. */

import { h, keyed } from "./dom.js";

/**
 * @typedef {import("./types.js").Block} Block
 * @typedef {import("./types.js").Surface} Surface
 * @typedef {import("./types.js").Slot} Slot
 *
 * The place of one block.
 * @typedef {{surface: Surface, path: string, error?: string}} Spot
 * @typedef {(block: Block, spot: Spot) => HTMLElement} Renderer
 */

/** @type {Map<string, Renderer>} */
const renderers = new Map();

/**
 * @param {string} type
 * @param {Renderer} renderer
 */
export const register = (type, renderer) => renderers.set(type, renderer);

/** @param {string} text */
export const note = (text) => h("div", { class: "unknown" }, text);

/**
 * Draws one block. A type that is not known and a block that is broken are said, never left out in silence.
 * @param {Block} block
 * @param {Spot} spot
 * @returns {HTMLElement}
 */
export function drawBlock(block, spot) {
  const type = String(block?.type ?? "unknown");
  const renderer = renderers.get(type);
  let inner;
  try {
    inner = renderer ? renderer(block, spot) : note(`block of type ${type}`);
  } catch (error) {
    inner = note(`block of type ${type} could not be drawn: ${error instanceof Error ? error.message : error}`);
  }
  return h("div", { class: "block", "data-type": type, "data-block-id": block?.block_id ?? null }, inner);
}

/**
 * Draws blocks into `parent`; those that stayed the same stay untouched. The caller keeps `surface.blocks`.
 * @param {Element} parent
 * @param {Block[]} blocks
 * @param {Surface} surface
 * @param {Record<string, string>} [errors]  by block_id
 */
export function drawBlocks(parent, blocks, surface, errors = {}) {
  keyed(
    parent,
    blocks.map((block, index) => {
      const error = errors[block?.block_id ?? ""] ?? "";
      const spot = { surface, path: `${surface.key}/${index}`, error };
      return {
        key: `${index}:${block?.type}`,
        sig: JSON.stringify([block, error]),
        make: () => drawBlock(block, spot),
      };
    }),
  );
}

/**
 * The place of an interactive element in a block.
 * @param {Block} block
 * @param {Spot} spot
 * @param {any} element
 * @param {Partial<Slot>} [more]
 * @returns {Slot}
 */
export const slotOf = (block, spot, element, more = {}) => ({
  surface: spot.surface,
  blockId: String(block.block_id ?? ""),
  path: `${spot.path}/${element?.action_id ?? ""}`,
  label: "",
  dispatch: true,
  ...more,
});

/**
 * What the page remembers of a block across redraws, such as the page of a table.
 * @template T
 * @param {Spot} spot
 * @param {string} what
 * @param {T} initial
 * @returns {{value: T}}
 */
export function remembered(spot, what, initial) {
  const { memo } = spot.surface;
  const key = `${spot.path}#${what}`;
  if (!memo.has(key)) memo.set(key, { value: initial });
  return /** @type {{value: T}} */ (memo.get(key));
}
