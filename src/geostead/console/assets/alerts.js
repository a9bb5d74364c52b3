// Messages that scripts show at the top of the page.

import { _ } from "./settings.js";

/**
 * Show a message; screen readers read it at once.
 * @param {string} text
 * @returns {HTMLElement | null} the message; null on a page that has no place for any
 */
export function showAlert(text) {
  const place = document.getElementById("alerts");
  if (!place) return null;
  const alert = document.createElement("div");
  alert.className = "alert alert-error";
  const words = document.createElement("p");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button button-quiet";
  close.textContent = "×";
  close.setAttribute("aria-label", _("Close this message"));
  close.addEventListener("click", () => alert.remove());
  alert.append(words, close);
  place.replaceChildren(alert);
  return alert;
}
