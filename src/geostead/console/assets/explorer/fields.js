/** Inputs for the properties of an entity, one by its type. */

import { _ } from "../settings.js";
import { make } from "./dom.js";

/** @typedef {import("./server.js").Column} Column */

const LONG_TEXT = 60;
const PLAIN_DATE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)Z?$/;

/** One property in a form. */
export class Field {
  /** @param {Column} column @param {string} value @param {boolean} isFixed */
  constructor(column, value, isFixed) {
    this.name = column.name;
    this.before = value;
    const id = `property-${column.name}`;
    this.input = inputFor(column, value);
    Object.assign(this.input, { id, name: column.name, readOnly: isFixed, required: column.isKey });
    this.input.setAttribute("aria-describedby", `${id}-wrong`);
    this.wrong = make("span", { class: "error", id: `${id}-wrong`, hidden: true });
    const hint = make("span", { class: "hint" }, hintFor(column));
    this.element = make("div", { class: "field" }, make("label", { for: id }, column.name, " ", hint), this.input, this.wrong);
    this.input.addEventListener("input", () => this.accept());
    this.shown = this.input.value;
  }

  get value() {
    return this.input.value === this.shown ? this.before : this.input.value.trim();
  }

  set value(value) {
    this.input.value = value;
    this.accept();
  }

  get isChanged() {
    return this.value !== this.before;
  }

  accept() {
    this.input.removeAttribute("aria-invalid");
    this.wrong.hidden = true;
  }

  /** @param {string} message */
  refuse(message) {
    this.input.setAttribute("aria-invalid", "true");
    this.wrong.textContent = message;
    this.wrong.hidden = false;
  }
}

/** @param {Column} column @param {string} value @returns {any} */
function inputFor({ type }, value) {
  const date = PLAIN_DATE.exec(value);
  switch (type) {
    case "Edm.Boolean":
      return make("select", {}, ...["", "true", "false"].map((each) => choice(each, value)));
    case "Edm.DateTime":
      return value && !date ? make("input", { value }) : make("input", { type: "datetime-local", step: 1, value: date?.[1] });
    case "Edm.Int64":
      return make("input", { value, inputmode: "numeric", autocomplete: "off" });
    case "Edm.Double":
      return make("input", { value, inputmode: "decimal", autocomplete: "off" });
    case "Edm.Geography":
      return make("textarea", { rows: 3, class: "mono", spellcheck: "false" }, value);
    default:
      return value.length > LONG_TEXT || value.includes("\n")
        ? make("textarea", { rows: 3 }, value)
        : make("input", { value, autocomplete: "off" });
  }
}

/** @param {string} each @param {string} value */
function choice(each, value) {
  const labels = /** @type {Record<string, string>} */ ({ "": "–", true: _("yes"), false: _("no") });
  return make("option", { value: each, selected: each === value.toLowerCase() }, labels[each]);
}

/** @param {Column} column @returns {string} */
function hintFor({ type, isKey }) {
  if (isKey) return _("entity id");
  const hints = /** @type {Record<string, string>} */ ({
    "Edm.String": _("text"),
    "Edm.Int64": _("whole number"),
    "Edm.Double": _("number"),
    "Edm.Boolean": _("yes or no"),
    "Edm.DateTime": _("date and time, UTC"),
    "Edm.Geography": _("well-known text: POINT (lon lat), POLYGON ((lon lat, …))"),
  });
  return hints[type] ?? type;
}
