// What every page does.

import htmx from "htmx.org";
import { isDark, onAppearance, switchAppearance } from "../appearance.js";
import { copy } from "../copying.js";
import { watchLiveParts } from "../live_parts.js";
import { shareSession } from "../session.js";

Object.assign(window, { htmx });
shareSession();
watchLiveParts();

// A form that is on its way is not sent again: the browser would give up the first answer, and with it perhaps the
// value of a key, which is shown once. Where no page came of it, as it was stopped, it can be sent after a while.
const SENDING_MS = 30_000;
/** @type {Map<HTMLFormElement, number>} */
const sentAt = new Map();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !(form instanceof HTMLFormElement) || form.method !== "post") return;
  if (performance.now() - (sentAt.get(form) ?? -Infinity) < SENDING_MS) event.preventDefault();
  else sentAt.set(form, performance.now());
});
addEventListener("pageshow", () => sentAt.clear());

const button = document.getElementById("appearance");
if (button) {
  button.hidden = false;
  const say = () => button.setAttribute("aria-pressed", String(isDark()));
  button.addEventListener("click", switchAppearance);
  onAppearance(say);
  say();
}

// Copies what the element named by data-copy shows, or the value that is typed in it.
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
  if (!(button instanceof HTMLElement)) return;
  const source = document.getElementById(button.dataset.copy ?? "");
  if (source) copy(button, source);
});
