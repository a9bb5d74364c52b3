/** What can be written in a filter of this data source; everything in it can be clicked into the box. */

import { _ } from "../settings.js";
import { find, make } from "./dom.js";

/**
 * @typedef {{text: string, meaning: string}} Entry
 * @typedef {{properties: {name: string, type: string, operators: string[], example: string}[], operators: Entry[],
 *   functions: Entry[], spatial: Entry[], examples: string[]}} Help
 *
 * @typedef {object} Listeners
 * @property {(word: string) => void} word into the filter, where the cursor is
 * @property {(filter: string) => void} whole filter
 * @property {(where: string) => void} where: a spatial filter
 */

/** Fill the panel. @param {HTMLElement} panel @param {Help} help @param {Listeners} listeners */
export function showHelp(panel, help, { word, whole, where }) {
  const entries = (/** @type {Entry[]} */ found, /** @type {(text: string) => void} */ put) =>
    found.flatMap(({ text, meaning }) => [make("dt", {}, clickable(text, put)), make("dd", {}, meaning)]);
  const properties = help.properties.flatMap(({ name, type, example }) => [
    make("dt", {}, clickable(name, word), " ", make("span", { class: "hint" }, type.replace("Edm.", ""))),
    make("dd", {}, example ? clickable(example, whole) : ""),
  ]);
  find(".help-properties", panel).replaceChildren(...properties);
  find(".help-operators", panel).replaceChildren(...entries([...help.operators, ...help.functions], word));
  find(".help-spatial", panel).replaceChildren(...entries(help.spatial, where));
  find(".help-examples", panel).replaceChildren(...help.examples.map((text) => make("li", {}, clickable(text, whole))));
}

/** @param {string} text @param {(text: string) => void} put */
function clickable(text, put) {
  const label = _("Put into the box: {text}", { text });
  return make("button", { type: "button", class: "insert", title: label, click: () => put(text) }, make("code", {}, text));
}
