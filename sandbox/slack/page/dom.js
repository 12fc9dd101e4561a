/**
 * Building and patching the page. Data only ever becomes text nodes and attributes, never markup, so no name in a
 * registry or a message can become part of the page.
 */

/** @typedef {Node|string|number|null|undefined|false} Child */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {Element} node
 * @param {(Child|Child[])[]} children
 */
export function append(node, ...children) {
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : String(child));
  }
}

/**
 * Sets attributes, listeners (`on`) and properties that have no faithful attribute (`value`, `checked`).
 * @param {Element} node
 * @param {Record<string, any>} props
 */
function decorate(node, props) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name === "value" || name === "checked" || name === "selected") {
      /** @type {any} */ (node)[name] = value;
    } else {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} [props]
 * @param {(Child|Child[])[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  append(node, ...children);
  decorate(node, props);
  return node;
}

/**
 * @param {string} tag
 * @param {Record<string, any>} [props]
 * @param {(Child|Child[])[]} children
 * @returns {SVGElement}
 */
export function svg(tag, props = {}, ...children) {
  const node = /** @type {SVGElement} */ (document.createElementNS(SVG, tag));
  append(node, ...children);
  decorate(node, props);
  return node;
}

let lastId = 0;

/** @param {string} stem */
export function uniqueId(stem) {
  lastId += 1;
  return `${stem}-${lastId}`;
}

/** @param {string} name */
const quoted = (name) => CSS.escape(name);

/**
 * Where the focus and the text cursor were, to put them back after nodes were replaced.
 * @param {Element} within
 * @returns {() => void}
 */
export function keepFocus(within) {
  const active = /** @type {HTMLInputElement|null} */ (document.activeElement);
  if (!active || !within.contains(active)) return () => {};
  const path = active.closest("[data-focus]")?.getAttribute("data-focus");
  const range = "selectionStart" in active ? [active.selectionStart, active.selectionEnd] : null;
  return () => {
    if (document.activeElement === active || !path) return;
    const again = /** @type {HTMLInputElement|null} */ (within.querySelector(`[data-focus="${quoted(path)}"]`));
    again?.focus({ preventScroll: true });
    if (range && again && again.type !== "number" && again.type !== "email" && "setSelectionRange" in again) {
      try {
        again.setSelectionRange(range[0], range[1]);
      } catch {
        // Date and time fields have no text cursor to put back.
      }
    }
  };
}

/** @type {WeakMap<Node, string>} */
const signatures = new WeakMap();

/**
 * @typedef {object} Item
 * @property {string} key  unique among its siblings
 * @property {string} sig  what it looks like; the node stays as it is while this stays the same
 * @property {() => HTMLElement} make
 * @property {(node: HTMLElement) => void} [patch]  changes the node in place where that is better than a new one
 */

/**
 * Makes `parent` hold exactly `items`, and touches only the nodes that differ, so that focus, typed text, open menus and
 * scroll positions of the others survive.
 * @param {Element} parent
 * @param {Item[]} items
 */
export function keyed(parent, items) {
  const restore = keepFocus(parent);
  const wanted = new Set(items.map((item) => item.key));
  /** @type {Map<string, HTMLElement>} */
  const old = new Map();
  for (const child of /** @type {HTMLElement[]} */ ([...parent.children])) {
    if (wanted.has(child.dataset.key ?? "")) old.set(child.dataset.key ?? "", child);
    else child.remove();
  }
  let at = parent.firstElementChild;
  for (const item of items) {
    let node = old.get(item.key);
    if (!node) {
      node = item.make();
    } else if (signatures.get(node) !== item.sig) {
      if (item.patch) {
        item.patch(node);
      } else {
        const fresh = item.make();
        if (at === node) at = fresh;
        node.replaceWith(fresh);
        node = fresh;
      }
    }
    node.dataset.key = item.key;
    signatures.set(node, item.sig);
    if (node === at) at = at.nextElementSibling;
    else parent.insertBefore(node, at);
  }
  restore();
}

/**
 * @param {Element} parent
 * @param {Child[]} children
 */
export function replace(parent, ...children) {
  const restore = keepFocus(parent);
  parent.replaceChildren();
  append(parent, ...children);
  restore();
}
