// Parts of pages that htmx asks for: says when one fails, and takes nothing away that is being pressed.

import { showAlert } from "./alerts.js";
import { _, messageIn } from "./settings.js";

/** @type {WeakMap<Element, HTMLElement>} what was said of the element that asked */
const said = new WeakMap();

/** Look after all live parts of the page. */
export function watchLiveParts() {
  document.addEventListener("htmx:responseError", (event) => {
    const { requestConfig, xhr } = /** @type {CustomEvent} */ (event).detail;
    fail(requestConfig.elt, messageIn(xhr.responseText));
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => {
      const { requestConfig } = /** @type {CustomEvent} */ (event).detail;
      fail(requestConfig.elt, _("The server cannot be reached. Try again in a moment."));
    });
  }
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { detail } = /** @type {CustomEvent} */ (event);
    if (detail.isError) return;
    said.get(detail.requestConfig.elt)?.remove();
    if (looksAgain(detail.requestConfig.elt) && detail.target.querySelector(":active")) detail.shouldSwap = false;
  });
}

/**
 * Tell what went wrong, and show in the part what it has for that case.
 * @param {Element} part
 * @param {string} text
 */
function fail(part, text) {
  const alert = showAlert(text);
  if (alert) said.set(part, alert);
  const instead = part.querySelector("template.if-failed");
  if (instead instanceof HTMLTemplateElement) part.replaceChildren(instead.content);
}

/** Tell whether a part asks again by itself, so that an answer may be let go. @param {Element} part */
function looksAgain(part) {
  return part.getAttribute("hx-trigger")?.startsWith("every") ?? false;
}
