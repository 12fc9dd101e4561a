/** Links that are safe to follow, and images that may be shown. */

import { h } from "./dom.js";
import { icon } from "./icons.js";

const FOLLOWED = new Set(["http:", "https:", "mailto:", "slack:", "tel:"]);

/**
 * @param {string} address  with its scheme: a relative one would lead into this page
 * @returns {URL|null}  null for what is no address, and for schemes that run code
 */
function parsed(address) {
  try {
    const url = new URL(address);
    return FOLLOWED.has(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

/** @param {any} address */
export const safeAddress = (address) => (typeof address === "string" ? (parsed(address)?.href ?? null) : null);

/**
 * @param {string} address
 * @param {(Node|string)[]} label
 * @returns {Node}  plain text where the address must not be followed
 */
export function link(address, label) {
  const href = safeAddress(address);
  if (!href) return h("span", {}, ...label);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...label);
}

/**
 * An image of the page's own server; any other stays a placeholder with its description, so that the page never
 * fetches from elsewhere.
 * @param {{image_url?: string, slack_file?: {id?: string}, alt_text?: string}} image
 * @param {string} className
 * @returns {HTMLElement}
 */
export function picture(image, className) {
  const alt = image.alt_text ?? "";
  const file = image.slack_file?.id;
  const address = file ? `${location.origin}/_ui/files/${encodeURIComponent(file)}` : (image.image_url ?? "");
  const own = parsed(address)?.origin === location.origin || /^data:image\/(png|jpeg|gif|webp);/i.test(address);
  if (own) return h("img", { class: className, src: address, alt, title: alt, loading: "lazy" });
  const box = h("span", {
    class: `${className} picture-missing`,
    role: "img",
    "aria-label": alt || "image",
    title: address,
  });
  box.append(icon("image"));
  return box;
}
