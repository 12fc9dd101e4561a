/**
 * The shapes that the server's state and Block Kit have, for editors and type checkers. Nothing here runs.
 * Source of the Block Kit shapes: docs.slack.dev/reference/block-kit.
 *
 * @typedef {{id: string, name: string, real_name: string, title: string, is_bot: boolean}} Person
 * @typedef {{id: string, handle: string, name: string, users?: string[]}} Group
 * @typedef {{id: string, name: string, purpose: string, is_dm: boolean, archived: boolean}} Channel
 * @typedef {{command: string, description: string, usage_hint: string}} Command
 * @typedef {{id: string, name: string, size: number, url: string, mimetype: string}} FileInfo
 * @typedef {{type: 'plain_text'|'mrkdwn', text: string, emoji?: boolean}} TextObject
 * @typedef {{text: TextObject, value: string, description?: TextObject, url?: string}} Option
 * @typedef {{label: TextObject, options: Option[]}} OptionGroup
 * @typedef {{title?: TextObject, text?: TextObject, confirm?: TextObject, deny?: TextObject,
 *   style?: 'primary'|'danger'}} Confirm
 *
 * A block or an element as an app sent it: nothing about it is certain but its type.
 * @typedef {{type: string, [field: string]: any}} Block
 * @typedef {{type: string, action_id?: string, confirm?: Confirm, [field: string]: any}} Element_
 *
 * @typedef {object} Message
 * @property {string} ts
 * @property {string|null} user
 * @property {boolean} bot
 * @property {string} text
 * @property {Block[]|null} blocks
 * @property {Block[]|null} attachments
 * @property {boolean} ephemeral
 * @property {string|null} edited
 * @property {boolean} deleted
 * @property {string|null} thread_ts
 * @property {number} reply_count
 * @property {FileInfo[]} files
 * @property {boolean} [slackbot]  a line of Slackbot that exists in this page only
 *
 * @typedef {object} View
 * @property {string} id
 * @property {string} type
 * @property {TextObject|string|null} title
 * @property {TextObject|string|null} submit
 * @property {TextObject|string|null} close
 * @property {Block[]} blocks
 * @property {string} callback_id
 * @property {Record<string, string>|null} errors  by block_id
 *
 * @typedef {object} State
 * @property {{name: string}} workspace
 * @property {{name: string, id: string, bot_user: string}} app
 * @property {Command[]} commands
 * @property {string} me
 * @property {Person[]} people
 * @property {Group[]} groups
 * @property {Channel[]} channels
 * @property {Record<string, Message[]>} messages
 * @property {View[]} views
 * @property {View|null} home
 *
 * What somebody typed or chose, in the shape of `state.values` in Slack's payloads:
 * `{type, value}`, `{type, selected_option}`, `{type, selected_options}`, `{type, selected_date}`, …
 * @typedef {{type: string, [field: string]: any}} Value
 * @typedef {Record<string, Record<string, Value>>} Values  by block_id, then action_id
 *
 * Where blocks stand, and what the page remembers of them across redraws.
 * @typedef {object} Surface
 * @property {'message'|'modal'|'home'} kind
 * @property {string} key  unique in the page
 * @property {string} [channel]
 * @property {string} [ts]
 * @property {string} [viewId]
 * @property {Block[]} blocks  as they are drawn now
 * @property {Values} values  only what the person touched; what the app preset stands in the blocks
 * @property {Map<string, unknown>} memo  what is folded, sorted, turned to which page
 * @property {(error: string) => void} fail  shows an error where the person looks
 *
 * The place of one interactive element.
 * @typedef {object} Slot
 * @property {Surface} surface
 * @property {string} blockId
 * @property {string} path  the same for the same element after a redraw; focus is found again by it
 * @property {string} label  for screen readers, where no label stands beside it
 * @property {boolean} dispatch  whether a change is sent to the app at once
 * @property {string} [inputId]  the id that a visible label points to
 * @property {string} [describedBy]
 * @property {boolean} [invalid]
 */

export {};
