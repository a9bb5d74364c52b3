// What the server tells the scripts of a page.

/**
 * @typedef {object} Settings
 * @property {string} root path of the console: "/console", behind a proxy perhaps with something before it
 * @property {string} csrf what a request that changes something sends as X-CSRF-Token
 * @property {string} person id of who is signed in, "" for nobody
 * @property {number} signedInAt when that session began, in seconds of the server's clock; 0 without one
 * @property {string} language of the texts: "en"
 * @property {Record<string, string>} files URLs of files by name: "map-worker.js", "outline-50m.json", …
 * @property {{styleUrl: string | null, tilesUrl: string | null, attribution: string}} map what the operator chose
 * @property {Record<string, string>} texts translations by the English text
 */

/** @type {Settings} */
export const settings = JSON.parse(document.getElementById("console-settings")?.textContent ?? "{}");

/**
 * Translate a text; `{name}` is replaced by `values.name`. The texts that scripts use are listed in script_texts.py.
 * @param {string} text in English
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function _(text, values = {}) {
  const translated = settings.texts[text] ?? text;
  return translated.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/**
 * Find what an error page of the console says.
 * @param {string} html
 * @returns {string}
 */
export function messageIn(html) {
  const said = new DOMParser().parseFromString(html, "text/html").querySelector("[role=alert]")?.textContent?.trim();
  return said || _("The server did not answer as expected. Try again in a moment.");
}
