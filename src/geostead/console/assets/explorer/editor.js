/** The form of one entity: to add one, or to change it. */

import { _ } from "../settings.js";
import { find } from "./dom.js";
import { Field } from "./fields.js";

/**
 * @typedef {import("./server.js").Column} Column
 * @typedef {import("./server.js").Entity} Entity
 *
 * @typedef {object} Listeners
 * @property {(id: string, values: Record<string, string>, isNew: boolean) => Promise<void>} save
 * @property {(id: string) => void} saved: what the form says is in the draft
 * @property {(refusal: unknown) => void} tell what was refused of a form that is not open any more
 * @property {() => void} close
 * @property {() => void} escape: close, unless there is something else to stop
 * @property {(at: {lng: number, lat: number} | null) => void} place: coordinates were typed
 * @property {() => void} point: choose the place on the map
 */

/** A panel with one input for each property. What was refused is told next to its input, and nothing typed is lost. */
export class Editor {
  /** @param {HTMLElement} panel @param {Listeners} listeners */
  constructor(panel, listeners) {
    this.panel = panel;
    this.listeners = listeners;
    /** @type {Map<string, Field>} */
    this.fields = new Map();
    this.isNew = false;
    /** @type {HTMLFormElement} */
    this.form = find("form", panel);
    this.wrong = find(".form-wrong", panel);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.save();
    });
    this.form.addEventListener("input", (event) => this.follow(/** @type {HTMLInputElement} */ (event.target)));
    find(".editor-cancel", panel).addEventListener("click", listeners.close);
    find(".editor-point", panel).addEventListener("click", listeners.point);
    panel.addEventListener("keydown", (event) => event.key === "Escape" && listeners.escape());
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  /** @param {Entity} entity @param {Column[]} columns @param {boolean} isNew */
  open(entity, columns, isNew) {
    this.isNew = isNew;
    this.id = entity.id;
    const fields = columns.map((column) => fieldFor(column, entity, isNew));
    this.fields = new Map(fields.map((field) => [field.name, field]));
    find(".editor-fields", this.panel).replaceChildren(...fields.map((field) => field.element));
    find("h2", this.panel).textContent = isNew ? _("New entity") : _("Edit {id}", { id: entity.id });
    this.wrong.hidden = true;
    this.panel.hidden = false;
    this.hold(false);
    (fields.find(({ input }) => !input.readOnly && !input.value) ?? fields[0]).input.focus();
  }

  /** Let nothing be typed, or put into the draft, for a while. @param {boolean} isHeld */
  hold(isHeld) {
    find(".editor-fields", this.panel).inert = isHeld;
    find(".button-primary", this.panel).disabled = isHeld;
  }

  hide() {
    this.panel.hidden = true;
  }

  /** Write a place into the inputs. @param {{lng: number, lat: number}} at */
  setPlace(at) {
    for (const [name, degrees] of /** @type {[string, number][]} */ ([["latitude", at.lat], ["longitude", at.lng]])) {
      const field = this.coordinate(name);
      if (field) field.value = String(Number(degrees.toFixed(6)));
    }
  }

  /** @param {string} name in lower case @returns {Field | undefined} */
  coordinate(name) {
    return [...this.fields.values()].find((field) => field.name.toLowerCase() === name);
  }

  /** Say where the coordinates lie that are being typed. @param {HTMLInputElement} input */
  follow({ name }) {
    if (!["latitude", "longitude"].includes(name.toLowerCase())) return;
    const [lat, lng] = ["latitude", "longitude"].map((each) => Number(this.coordinate(each)?.value || NaN));
    const isPlace = Math.abs(lat) <= 90 && Math.abs(lng) <= 180;
    this.listeners.place(isPlace ? { lng, lat } : null);
  }

  /** Save what is typed; nothing can be typed until the server has answered, but another form may be opened. */
  async save() {
    const { fields, isNew, listeners } = this;
    const isStillOpen = () => this.isOpen && this.fields === fields;
    const all = [...fields.values()];
    const id = isNew ? (all.find(({ input }) => input.required)?.value ?? "") : (this.id ?? "");
    const typed = all.filter((field) => isNew || field.isChanged).map((field) => [field.name, field.value]);
    this.wrong.hidden = true;
    this.hold(true);
    try {
      await listeners.save(id, Object.fromEntries(typed), isNew);
      if (isStillOpen()) listeners.saved(id);
    } catch (refusal) {
      if (!isStillOpen()) return listeners.tell(refusal);
      this.hold(false);
      this.refuse(/** @type {import("./server.js").Refusal} */ (refusal));
    }
  }

  /** @param {import("./server.js").Refusal} refusal */
  refuse(refusal) {
    const wrong = Object.entries(refusal.errors ?? {}).filter(([name]) => this.fields.has(name));
    for (const [name, message] of wrong) this.fields.get(name)?.refuse(message);
    this.wrong.textContent = refusal.message;
    this.wrong.hidden = false;
    (this.fields.get(wrong[0]?.[0])?.input ?? this.wrong).focus();
  }
}

/** @param {Column} column @param {Entity} entity @param {boolean} isNew */
function fieldFor(column, entity, isNew) {
  const field = new Field(column, isNew ? "" : (entity.values[column.name] ?? ""), column.isKey && !isNew);
  if (isNew && entity.values[column.name]) field.value = entity.values[column.name];
  return field;
}
