// Sends a file with progress, takes one that is dropped, and keeps the map and the inputs in step with the preview.

import { showFaults } from "../faults.js";
import { showPlaces } from "../places.js";
import { _, messageIn, settings } from "../settings.js";

/** @type {XMLHttpRequest | null} what sends a file now, or did so last */
let request = null;
const form = document.getElementById("upload");
if (form instanceof HTMLFormElement) prepare(form);

// What was chosen before the scripts had come, or is remembered by the browser, has been heard by nobody.
document.addEventListener("DOMContentLoaded", () => {
  const fields = [...document.querySelectorAll("#table input, #table select")];
  if (fields.some(isChanged)) document.getElementById("decisions")?.dispatchEvent(new Event("change"));
});

document.addEventListener("htmx:afterSwap", () => {
  const decisions = document.getElementById("decisions");
  if (decisions instanceof HTMLFormElement) showFaults(decisions);
  const map = document.querySelector("[data-places='places']");
  if (!(map instanceof HTMLElement)) return;
  if (map.querySelector("canvas")) map.dispatchEvent(new Event("places"));
  else showPlaces(map);
});

/** @param {Element} field */
function isChanged(field) {
  if (field instanceof HTMLSelectElement) return field.selectedOptions[0]?.defaultSelected === false;
  return field instanceof HTMLInputElement && field.value !== field.defaultValue;
}

/** @param {HTMLFormElement} form */
function prepare(form) {
  const input = /** @type {HTMLInputElement} */ (document.getElementById("file"));
  const zone = /** @type {HTMLElement} */ (document.getElementById("dropzone"));
  for (const name of ["dragover", "dragleave", "drop"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.toggle("is-over", name === "dragover");
    });
  }
  zone.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length) return;
    input.files = event.dataTransfer.files;
    form.requestSubmit();
  });
  input.addEventListener("change", () => request?.abort());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const file = input.files?.[0];
    if (file) send(form, file);
  });
  stop(""); // a browser may remember that the button was disabled
  addEventListener("pageshow", ({ persisted }) => persisted && stop(""));
}

/**
 * Send a file; one that is still on its way is given up.
 * @param {HTMLFormElement} form
 * @param {File} file
 */
function send(form, file) {
  request?.abort();
  const limit = Number(form.dataset.maxBytes);
  if (file.size > limit) {
    stop(_("The file has {size} bytes; the account may upload {limit}.", { size: file.size, limit }));
    return;
  }
  request = start(form.action);
  request.send(new FormData(form));
}

/**
 * Make a request that tells how far it is, and leads on in the end.
 * @param {string} url
 */
function start(url) {
  const made = new XMLHttpRequest();
  made.open("POST", url);
  made.setRequestHeader("X-CSRF-Token", settings.csrf);
  made.setRequestHeader("HX-Request", "true");
  made.upload.addEventListener("progress", (event) => showSent(event.loaded / Math.max(event.total, 1)));
  made.addEventListener("load", () => {
    const next = made.getResponseHeader("HX-Redirect");
    if (next) location.assign(next);
    else stop(messageIn(made.responseText));
  });
  made.addEventListener("abort", () => stop(""));
  for (const name of ["error", "timeout"]) {
    made.addEventListener(name, () => stop(_("The server cannot be reached. Try again in a moment.")));
  }
  stop("");
  showSent(0);
  return made;
}

/** @param {number} share from 0 to 1 */
function showSent(share) {
  const percent = Math.floor(share * 100);
  /** @type {HTMLProgressElement} */ (document.getElementById("sent")).value = percent;
  /** @type {HTMLElement} */ (document.getElementById("sent-share")).textContent = `${percent} %`;
  setSending(true);
}

/** @param {string} text what is wrong; "" for nothing */
function stop(text) {
  /** @type {HTMLElement} */ (document.getElementById("file-error")).textContent = text;
  setSending(false);
}

/** @param {boolean} isSending */
function setSending(isSending) {
  /** @type {HTMLElement} */ (document.getElementById("sending")).hidden = !isSending;
  /** @type {HTMLButtonElement} */ (document.querySelector("#upload button")).disabled = isSending;
}
