// Copies texts for people, also where the console has no secure address: the clipboard is only there in secure contexts.

import { showAlert } from "./alerts.js";
import { _ } from "./settings.js";

const SAID_MS = 1500;

/** @type {WeakMap<HTMLElement, {label: string | null, timer: number}>} buttons that say "Copied", with their own words */
const said = new WeakMap();

/**
 * Copy what an element shows, or the value that is typed in it; the button says so for a moment. Where the browser
 * refuses, the text is left selected, so that the keyboard copies it.
 * @param {HTMLElement} button
 * @param {HTMLElement} source
 */
export async function copy(button, source) {
  if ((await isWritten(textOf(source))) || isSelectionCopied(source)) confirm(button);
  else showAlert(_("The browser does not let this page copy. The text is selected: press Ctrl+C."));
}

/** @param {HTMLElement} source */
function textOf(source) {
  return (source instanceof HTMLInputElement ? source.value : (source.textContent ?? "")).trim();
}

/** @param {string} text */
async function isWritten(text) {
  if (!navigator.clipboard) return false;
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** @param {HTMLElement} source */
function isSelectionCopied(source) {
  if (source instanceof HTMLInputElement) source.select();
  else getSelection()?.selectAllChildren(source);
  return document.execCommand("copy");
}

/** @param {HTMLElement} button */
function confirm(button) {
  const before = said.get(button);
  if (before) clearTimeout(before.timer);
  const label = before ? before.label : button.textContent;
  button.textContent = _("Copied");
  const timer = setTimeout(() => {
    said.delete(button);
    button.textContent = label;
  }, SAID_MS);
  said.set(button, { label, timer });
}
