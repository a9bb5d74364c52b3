/** The box of the filter: what is wrong with it is shown where it is wrong, and nothing typed is lost. */

import { find, make } from "./dom.js";
import { Suggestions } from "./suggestions.js";

/** One text of the query language with what was refused about it. */
export class TextBox {
  /** @param {HTMLInputElement} input whose aria-describedby names the element for what is wrong */
  constructor(input) {
    this.input = input;
    /** @type {HTMLElement} */
    this.fault = find(`#${(input.getAttribute("aria-describedby") ?? "").split(" ")[0]}`);
    input.addEventListener("input", () => this.accept());
  }

  get text() {
    return this.input.value.trim();
  }

  set text(text) {
    if (text !== this.text) this.input.value = text;
    this.accept();
  }

  /** Nothing is wrong. */
  accept() {
    this.input.removeAttribute("aria-invalid");
    this.fault.hidden = true;
    this.fault.replaceChildren();
  }

  /** Show what is wrong and put the cursor there. @param {import("./server.js").Refusal} refusal */
  refuse(refusal) {
    this.input.setAttribute("aria-invalid", "true");
    this.fault.hidden = false;
    this.fault.replaceChildren(make("p", {}, refusal.message));
    if (refusal.position === null) return;
    const text = this.text;
    const start = [...text].slice(0, refusal.position - 1).join("").length;
    const end = endOfWord(text, start);
    this.input.value = text;
    this.fault.append(marked(text, start, end));
    this.input.focus();
    this.input.setSelectionRange(start, end);
  }
}

/** Return the text with the part from `start` to `end` underlined. @param {string} text @param {number} start @param {number} end */
function marked(text, start, end) {
  const wrong = make("mark", {}, text.slice(start, end) || " ");
  return make("code", { class: "wrong-at" }, text.slice(0, start), wrong, text.slice(end));
}

/** @param {string} text @param {number} start @returns {number} */
function endOfWord(text, start) {
  const found = /^'(?:[^']|'')*'?|^[\p{L}\p{N}_.]+|^./u.exec(text.slice(start));
  return start + (found ? found[0].length : 0);
}

/** The form with both texts, their help and their buttons. */
export class FilterBox {
  /**
   * @param {HTMLFormElement} form
   * @param {string[]} names of properties
   * @param {(question: import("./address.js").Question) => void} onAsk
   */
  constructor(form, names, onAsk) {
    this.filter = new TextBox(find("#filter", form));
    this.where = new TextBox(find("#where", form));
    this.onAsk = onAsk;
    new Suggestions(this.filter.input, find("#filter-suggestions", form), names);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask();
    });
    find("#filter-clear", form).addEventListener("click", () => this.clear());
  }

  /** Show a question, or a part of one, without asking it. @param {Partial<import("./address.js").Question>} question */
  show({ filter, where }) {
    if (filter !== undefined) this.filter.text = filter;
    if (where !== undefined) this.where.text = where;
  }

  /** Write a part of a question into its box, to be looked at before it is asked. @param {Partial<import("./address.js").Question>} part */
  write(part) {
    this.show(part);
    this.filter.input.focus();
  }

  /** Ask what the boxes say. */
  ask() {
    this.onAsk({ filter: this.filter.text, where: this.where.text });
  }

  /** Empty both boxes and ask for everything. */
  clear() {
    this.show({ filter: "", where: "" });
    this.ask();
    this.filter.input.focus();
  }

  /** Write a word where the cursor is. @param {string} word */
  insert(word) {
    const { input } = this.filter;
    const end = input.selectionEnd ?? 0;
    const isApart = end === 0 || /[\s(]$/.test(input.value.slice(0, end));
    input.setRangeText(`${isApart ? "" : " "}${word} `, end, end, "end");
    this.filter.accept();
    input.focus();
  }

  /**
   * Show what the server refused next to the text that it is about, unless another has been typed since.
   *
   * @param {import("./server.js").Refusal} refusal
   * @param {import("./address.js").Question} question
   */
  refuse(refusal, { filter, where }) {
    const [box, asked] = refusal.parameter === "spatial" ? [this.where, where] : [this.filter, filter];
    if (box.text === asked.trim()) box.refuse(refusal);
  }
}
