// What every page does.

import htmx from "htmx.org";
import { showAlert } from "../alerts.js";
import { isDark, onAppearance, switchAppearance } from "../appearance.js";
import { _, messageIn } from "../settings.js";

Object.assign(window, { htmx });

document.addEventListener("htmx:responseError", (event) => {
  showAlert(messageIn(/** @type {CustomEvent} */ (event).detail.xhr.responseText));
});
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => showAlert(_("The server cannot be reached. Try again in a moment.")));
}

const button = document.getElementById("appearance");
if (button) {
  button.hidden = false;
  const say = () => button.setAttribute("aria-pressed", String(isDark()));
  button.addEventListener("click", switchAppearance);
  onAppearance(say);
  say();
}

// Copies what the element named by data-copy shows, or the value that is typed in it.
document.addEventListener("click", async (event) => {
  const copier = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
  if (!(copier instanceof HTMLElement)) return;
  const source = document.getElementById(copier.dataset.copy ?? "");
  const text = source instanceof HTMLInputElement ? source.value : (source?.textContent ?? "");
  await navigator.clipboard.writeText(text.trim());
  const before = copier.textContent;
  copier.textContent = _("Copied");
  setTimeout(() => (copier.textContent = before), 1500);
});
