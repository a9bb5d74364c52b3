/** The dialog in which properties are added, renamed, removed and retyped. */

import { _ } from "../settings.js";
import { find, make, whileDisabled } from "./dom.js";
import { consequence, told, TYPES } from "./schema_steps.js";

/**
 * @typedef {import("./server.js").Step} Step
 * @typedef {import("./server.js").Column} Column
 *
 * @typedef {object} Line
 * @property {Column | null} property null: one to add
 * @property {HTMLElement} element
 * @property {HTMLInputElement} name
 * @property {HTMLSelectElement} type
 * @property {HTMLElement} wrong what is wrong with it
 * @property {boolean} isRemoved
 */

const PLACE = /^(latitude|longitude)$/i;
const NUMBER = /^(latitude|longitude|elevation)$/i;

let numberOfLine = 0;

/** Shows the properties as the draft has them; what is changed becomes steps, told before they are taken. */
export class SchemaDialog {
  /** @param {HTMLDialogElement} dialog @param {(steps: Step[]) => Promise<void>} take all of them, or none */
  constructor(dialog, take) {
    this.dialog = dialog;
    this.take = take;
    /** @type {Line[]} */
    this.lines = [];
    this.body = find("tbody", dialog);
    this.wrong = find(".form-wrong", dialog);
    find(".schema-add", dialog).addEventListener("click", () => this.add());
    find(".dialog-cancel", dialog).addEventListener("click", () => dialog.close());
    dialog.addEventListener("input", () => {
      this.accept();
      this.preview();
    });
    find("form", dialog).addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      whileDisabled(find("[type=submit]", dialog), () => this.submit());
    });
  }

  /** @param {Column[]} properties */
  open(properties) {
    this.show(properties);
    this.dialog.showModal();
    this.lines[0]?.name.focus();
  }

  /** @param {Column[]} properties */
  show(properties) {
    this.lines = properties.map((property) => this.line(property));
    this.body.replaceChildren(...this.lines.map(({ element }) => element));
    this.accept();
    this.preview();
  }

  /** @param {Column | null} property null: one to add @returns {Line} */
  line(property) {
    const isPlace = PLACE.test(property?.name ?? "");
    const called = property?.name || _("new property");
    const name = make("input", { value: property?.name ?? "", "aria-label": _("Name of {name}", { name: called }), autocomplete: "off" });
    name.readOnly = isPlace;
    const options = TYPES.map(([type, label]) => make("option", { value: type, selected: type === property?.type }, label()));
    const type = make("select", { "aria-label": _("Type of {name}", { name: called }) }, ...options);
    type.disabled = NUMBER.test(property?.name ?? "") || Boolean(property?.isKey);
    const remove = make("button", { type: "button", class: "button button-small", "aria-label": _("Remove {name}", { name: called }) });
    remove.textContent = _("Remove");
    remove.disabled = isPlace || Boolean(property?.isKey);
    const cells = [name, type, remove].map((content) => make("td", {}, content));
    const wrong = make("span", { class: "error", id: `property-wrong-${numberOfLine++}`, hidden: true });
    name.setAttribute("aria-describedby", wrong.id);
    cells[0].append(wrong);
    if (property?.isKey) cells[2].append(make("span", { class: "hint" }, _("entity id")));
    /** @type {Line} */
    const line = { property, element: make("tr", {}, ...cells), name, type, wrong, isRemoved: false };
    remove.addEventListener("click", () => this.remove(line, remove));
    return line;
  }

  add() {
    const line = this.line(null);
    this.lines.push(line);
    this.body.append(line.element);
    line.name.focus();
    this.preview();
  }

  /** Remove a property, or keep it after all. @param {Line} line @param {HTMLButtonElement} button */
  remove(line, button) {
    line.isRemoved = !line.isRemoved;
    line.element.classList.toggle("is-deleted", line.isRemoved);
    line.name.disabled = line.isRemoved;
    line.type.disabled = line.isRemoved;
    const name = line.property?.name || line.name.value || _("new property");
    button.textContent = line.isRemoved ? _("Keep") : _("Remove");
    button.setAttribute("aria-label", line.isRemoved ? _("Keep {name}", { name }) : _("Remove {name}", { name }));
    this.preview();
  }

  /** @returns {Step[]} */
  steps() {
    return this.lines.flatMap((line) => stepsOf(line));
  }

  preview() {
    const steps = this.steps();
    const items = steps.map((step) => make("li", {}, make("strong", {}, told(step)), " – ", consequence(step)));
    find(".schema-preview", this.dialog).replaceChildren(...items);
    find(".schema-nothing", this.dialog).hidden = steps.length > 0;
    find("[type=submit]", this.dialog).disabled = steps.length === 0;
  }

  async submit() {
    const { lines } = this;
    this.accept();
    try {
      await this.take(this.steps());
      if (this.lines === lines) this.dialog.close();
    } catch (refusal) {
      if (this.lines === lines) this.refuse(/** @type {import("./server.js").Refusal} */ (refusal));
    }
  }

  /** Say what is wrong beneath the line that it is about, or at the end. @param {import("./server.js").Refusal} refusal */
  refuse({ message, step }) {
    const line = step === null ? undefined : this.lines.flatMap((each) => stepsOf(each).map(() => each))[step];
    line?.name.setAttribute("aria-invalid", "true");
    const wrong = line?.wrong ?? this.wrong;
    wrong.textContent = message;
    wrong.hidden = false;
    line?.name.focus();
  }

  accept() {
    this.wrong.hidden = true;
    for (const { name, wrong } of this.lines) {
      name.removeAttribute("aria-invalid");
      wrong.hidden = true;
    }
  }
}

/** @param {Line} line @returns {Step[]} */
function stepsOf({ property, name: { value }, type: { value: type }, isRemoved }) {
  const name = value.trim();
  if (!property) return isRemoved || !name ? [] : [{ step: "add", name, newName: null, type }];
  if (isRemoved) return [{ step: "remove", name: property.name, newName: null, type: null }];
  /** @type {Step[]} */
  const steps = [];
  if (name && name !== property.name) steps.push({ step: "rename", name: property.name, newName: name, type: null });
  if (type !== property.type) steps.push({ step: "retype", name: name || property.name, newName: null, type });
  return steps;
}
