// Sends a file with progress, takes one that is dropped, and keeps the map and the inputs in step with the preview.

import { showFaults } from "../faults.js";
import { showPlaces } from "../places.js";
import { _, messageIn, settings } from "../settings.js";

const form = document.getElementById("upload");
if (form instanceof HTMLFormElement) prepare(form);

document.addEventListener("htmx:afterSwap", () => {
  const decisions = document.getElementById("decisions");
  if (decisions instanceof HTMLFormElement) showFaults(decisions);
  const map = document.querySelector("[data-places='places']");
  if (!(map instanceof HTMLElement)) return;
  if (map.querySelector("canvas")) map.dispatchEvent(new Event("places"));
  else showPlaces(map);
});

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
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const file = input.files?.[0];
    if (file) send(form, file);
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {File} file
 */
function send(form, file) {
  say("");
  const limit = Number(form.dataset.maxBytes);
  if (file.size > limit) {
    say(_("The file has {size} bytes; the account may upload {limit}.", { size: file.size, limit }));
    return;
  }
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("X-CSRF-Token", settings.csrf);
  request.setRequestHeader("HX-Request", "true");
  request.upload.addEventListener("progress", (event) => showSent(event.loaded / Math.max(event.total, 1)));
  request.addEventListener("load", () => {
    const next = request.getResponseHeader("HX-Redirect");
    if (next) location.assign(next);
    else say(messageIn(request.responseText));
  });
  request.addEventListener("error", () => say(_("The server cannot be reached. Try again in a moment.")));
  showSent(0);
  request.send(new FormData(form));
}

/** @param {number} share from 0 to 1 */
function showSent(share) {
  const percent = Math.floor(share * 100);
  /** @type {HTMLProgressElement} */ (document.getElementById("sent")).value = percent;
  /** @type {HTMLElement} */ (document.getElementById("sent-share")).textContent = `${percent} %`;
  /** @type {HTMLElement} */ (document.getElementById("sending")).hidden = false;
}

/** @param {string} text what is wrong; "" for nothing */
function say(text) {
  /** @type {HTMLElement} */ (document.getElementById("file-error")).textContent = text;
  if (text) /** @type {HTMLElement} */ (document.getElementById("sending")).hidden = true;
}
