/** Suggestions while a filter is typed: names of properties, then words of the query language. */

import { _ } from "../settings.js";
import { announce, make } from "./dom.js";

const WORDS = ["and", "or", "not", "eq", "ne", "gt", "ge", "lt", "le", "in", "startswith", "endswith", "contains", "null"];
const MOST = 8;

/** A list below an input, in the manner of a combobox of ARIA: focus stays in the input. */
export class Suggestions {
  /**
   * @param {HTMLInputElement} input
   * @param {HTMLElement} list an empty element of the role listbox
   * @param {string[]} names of properties
   */
  constructor(input, list, names) {
    this.input = input;
    this.list = list;
    this.words = [...names, ...WORDS.filter((word) => !names.includes(word))];
    /** @type {string[]} */
    this.shown = [];
    this.active = -1;
    input.addEventListener("input", () => this.suggest());
    input.addEventListener("keydown", (event) => this.steer(event));
    input.addEventListener("blur", () => this.show([]));
  }

  /** Offer what begins as the word before the cursor does. */
  suggest() {
    const begun = this.begun().toLowerCase();
    const fits = (/** @type {string} */ word) => word.toLowerCase().startsWith(begun) && word.toLowerCase() !== begun;
    this.show(begun ? this.words.filter(fits).slice(0, MOST) : []);
  }

  /** @returns {string} the word that is being typed; "" inside of quotes */
  begun() {
    const before = this.input.value.slice(0, this.input.selectionStart ?? 0);
    const isQuoted = before.split("'").length % 2 === 0;
    return isQuoted ? "" : (/[\p{L}_][\p{L}\p{N}_]*$/u.exec(before)?.[0] ?? "");
  }

  /** @param {string[]} words */
  show(words) {
    this.shown = words;
    this.active = -1;
    this.list.replaceChildren(...words.map((word, i) => this.option(word, i)));
    this.list.hidden = words.length === 0;
    this.input.setAttribute("aria-expanded", String(words.length > 0));
    this.input.removeAttribute("aria-activedescendant");
    if (words.length > 0) announce(_("{count} suggestions", { count: words.length }));
  }

  /** @param {string} word @param {number} index */
  option(word, index) {
    const take = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.take(word);
    };
    return make("li", { role: "option", id: `${this.list.id}-${index}`, mousedown: take }, word);
  }

  /** @param {KeyboardEvent} event */
  steer(event) {
    if (this.shown.length === 0) return;
    const steps = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1 });
    if (event.key in steps) this.move(steps[event.key]);
    else if (event.key === "Escape") this.show([]);
    else if ((event.key === "Enter" || event.key === "Tab") && this.active >= 0) this.take(this.shown[this.active]);
    else return;
    event.preventDefault();
  }

  /** @param {number} step */
  move(step) {
    this.active = (this.active + step + this.shown.length + (this.active < 0 && step < 0 ? 1 : 0)) % this.shown.length;
    [...this.list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === this.active)));
    this.list.children[this.active].scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", `${this.list.id}-${this.active}`);
  }

  /** @param {string} word */
  take(word) {
    const end = this.input.selectionStart ?? 0;
    this.input.setRangeText(`${word} `, end - this.begun().length, end, "end");
    this.show([]);
  }
}
