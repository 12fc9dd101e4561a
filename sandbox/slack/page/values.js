/** What people typed and chose, in the shapes that Slack sends it. */

import { nameOf, plain, store } from "./store.js";

/**
 * @typedef {import("./types.js").Slot} Slot
 * @typedef {import("./types.js").Surface} Surface
 * @typedef {import("./types.js").Block} Block
 * @typedef {import("./types.js").Element_} Element_
 * @typedef {import("./types.js").Option} Option
 * @typedef {import("./types.js").OptionGroup} OptionGroup
 * @typedef {import("./types.js").Value} Value
 * @typedef {import("./types.js").Values} Values
 * @typedef {Pick<Slot, "surface"|"blockId">} Place
 */

/**
 * @param {Place} slot
 * @param {Element_} element
 * @returns {Value|undefined}
 */
export function entered(slot, element) {
  const value = slot.surface.values[slot.blockId]?.[element.action_id ?? ""];
  return value?.type === element.type ? value : undefined;
}

/**
 * Remembers what somebody typed or chose, so that it survives redraws and goes along with the next action.
 * @param {Place} slot
 * @param {Element_} element
 * @param {Value} value
 */
export function enter(slot, element, value) {
  slot.surface.values[slot.blockId] ??= {};
  slot.surface.values[slot.blockId][element.action_id ?? ""] = value;
}

/** @type {Record<string, {options: () => Option[], one: string, many: string, initial: string}>} */
const LISTED = {
  users: {
    options: () => store.humans().map((person) => listed(person.id, nameOf(person))),
    one: "selected_user",
    many: "selected_users",
    initial: "initial_user",
  },
  channels: {
    options: () => rooms().map((channel) => listed(channel.id, `# ${channel.name}`)),
    one: "selected_channel",
    many: "selected_channels",
    initial: "initial_channel",
  },
  conversations: {
    options: () => [...rooms().map((channel) => listed(channel.id, `# ${channel.name}`)), ...LISTED.users.options()],
    one: "selected_conversation",
    many: "selected_conversations",
    initial: "initial_conversation",
  },
};

const rooms = () => store.state.channels.filter((channel) => !channel.is_dm && !channel.archived);

/**
 * @param {string} value
 * @param {string} text
 * @returns {Option}
 */
const listed = (value, text) => ({ value, text: { type: "plain_text", text, emoji: false } });

/**
 * What a select offers that needs no question to the app.
 * @param {Element_} element
 * @returns {{label: string, options: Option[]}[]}
 */
export function offered(element) {
  const kind = element.type.replace(/^multi_/, "").replace(/_select$/, "");
  if (LISTED[kind]) return [{ label: "", options: LISTED[kind].options() }];
  if (Array.isArray(element.option_groups)) {
    return element.option_groups.map((/** @type {OptionGroup} */ group) => ({
      label: plain(group.label),
      options: group.options ?? [],
    }));
  }
  return [{ label: "", options: element.options ?? [] }];
}

/**
 * What is chosen now: what the person chose, else what the app chose for them.
 * @param {Element_} element
 * @param {Place} slot
 * @returns {Option[]}
 */
export function chosen(element, slot) {
  const value = entered(slot, element);
  const source = value ?? element;
  const prefix = value ? "selected" : "initial";
  const kind = LISTED[element.type.replace(/^multi_/, "").replace(/_select$/, "")];
  if (kind) {
    const field = value ? kind.one : kind.initial;
    const ids = [source[field], ...(source[`${field}s`] ?? [])].filter(Boolean);
    const all = kind.options();
    return ids.map((id) => all.find((option) => option.value === id) ?? listed(id, id));
  }
  return [source[`${prefix}_option`], ...(source[`${prefix}_options`] ?? [])].filter(Boolean);
}

/**
 * The choice in the shape that Slack sends for this kind of element.
 * @param {Element_} element
 * @param {Option[]} options
 * @returns {Value}
 */
export function choice(element, options) {
  const kind = LISTED[element.type.replace(/^multi_/, "").replace(/_select$/, "")];
  const many = element.type.startsWith("multi_") || element.type === "checkboxes";
  if (kind && many) return { type: element.type, [kind.many]: options.map((option) => option.value) };
  if (kind) return { type: element.type, [kind.one]: options[0]?.value ?? null };
  if (many) return { type: element.type, selected_options: options };
  return { type: element.type, selected_option: options[0] ?? null };
}

/** @type {Record<string, {initial: string, selected: string}>} */
export const PICKED = {
  datepicker: { initial: "initial_date", selected: "selected_date" },
  timepicker: { initial: "initial_time", selected: "selected_time" },
  datetimepicker: { initial: "initial_date_time", selected: "selected_date_time" },
};

const CHOICES = /_select$|^checkboxes$|^radio_buttons$/;
const TYPED = /^(plain_text|number|email_text|url_text)_input$/;

/**
 * The value of an element now: what the person gave it, else what the app preset.
 * @param {Element_} element
 * @param {Place} slot
 * @returns {Value|null}  null for elements that hold none
 */
export function current(element, slot) {
  const own = entered(slot, element);
  if (own) return own;
  const type = element.type;
  if (CHOICES.test(type)) return choice(element, chosen(element, slot));
  if (TYPED.test(type)) return { type, value: plain(element.initial_value) || null };
  if (type === "rich_text_input") return { type, rich_text_value: element.initial_value ?? null };
  const picked = PICKED[type];
  return picked ? { type, [picked.selected]: element[picked.initial] ?? null } : null;
}

/**
 * @param {Block[]} blocks
 * @returns {Block[]}  with what containers hold
 */
const flat = (blocks) => blocks.flatMap((block) => [block, ...flat(block.child_blocks ?? [])]);

/**
 * What the person gave to the elements that a message or a view has now; the server knows itself what was preset.
 * @param {Surface} surface
 * @returns {Values}
 */
export function collect(surface) {
  /** @type {Values} */
  const values = {};
  for (const block of flat(surface.blocks)) {
    const blockId = block.block_id ?? "";
    const inner = [...(Array.isArray(block.elements) ? block.elements : []), block.accessory, block.element];
    for (const element of inner) {
      if (!element?.action_id) continue;
      const value = entered({ surface, blockId }, element);
      if (value) (values[blockId] ??= {})[element.action_id] = value;
    }
  }
  return values;
}

/** @param {Value|null} value */
export function isEmpty(value) {
  if (!value) return true;
  const { type: _type, ...fields } = value;
  const held = Object.values(fields);
  if (fields.rich_text_value) return !JSON.stringify(fields.rich_text_value).includes('"text":"');
  return held.every((field) => field === null || field === "" || (Array.isArray(field) && field.length === 0));
}
