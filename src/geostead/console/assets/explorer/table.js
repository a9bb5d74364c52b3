/** The table: one page of what matches, and above it what the draft adds. */

import { _ } from "../settings.js";
import { find, make } from "./dom.js";
import { kindBadge } from "./kinds.js";
import { typeName } from "./schema_steps.js";

/**
 * @typedef {import("./server.js").Column} Column
 * @typedef {import("./server.js").Row} Row
 * @typedef {import("./server.js").Page} Page
 * @typedef {import("./server.js").Change} Change
 * @typedef {import("./server.js").Entity} Entity
 * @typedef {Column & {was: string | null}} DraftColumn a property in the draft, and what it was called before
 * @typedef {{column: Column, index: number, now: DraftColumn | null}} Place a column: before the draft and in it
 *
 * @typedef {object} Listeners
 * @property {(id: string) => void} select
 * @property {(id: string | null) => void} look at the row of an entity, or away
 * @property {(order: string) => void} order
 * @property {(skip: number) => void} turn the page
 */

const LONG = 40;
const MOST_ADDED = 100;

/** Rows of entities; each has a button, so that a keyboard reaches what a pointer does. */
export class Table {
  /** @param {HTMLElement} section @param {Listeners} listeners */
  constructor(section, listeners) {
    this.section = section;
    this.listeners = listeners;
    this.head = find("thead", section);
    this.added = find("tbody.drafted", section);
    this.body = find("tbody.matching", section);
    this.order = "";
    /** @type {Page | null} */
    this.page = null;
    /** @type {Map<string, Change>} */
    this.changes = new Map();
    /** @type {Entity | null} the selected one, as soon as it is known */
    this.guest = null;
    /** @type {DraftColumn[] | null} null: no draft changes them */
    this.properties = null;
    /** @type {string | null} */
    this.selected = null;
    find("[data-turn=back]", section).addEventListener("click", () => this.turn(-1));
    find("[data-turn=on]", section).addEventListener("click", () => this.turn(1));
    this.follow(find("table", section));
  }

  /** Show a page. @param {Page} page @param {string} order */
  show(page, order) {
    this.page = page;
    this.order = order;
    this.draw();
  }

  /** Show what a draft does. @param {Map<string, Change>} changes @param {DraftColumn[]} properties as they are in it */
  showDraft(changes, properties) {
    this.changes = changes;
    this.properties = properties;
    this.draw();
  }

  /**
   * Select a row. One that is on another page is shown above this one, if the entity is given.
   *
   * @param {string | null} id
   * @param {Entity | null} [entity]
   */
  select(id, entity = null) {
    this.selected = id;
    this.guest = entity;
    this.drawAbove();
    for (const row of this.section.querySelectorAll("tr[data-id]")) this.mark(/** @type {HTMLElement} */ (row));
    this.section.querySelector("tr.selected")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** @param {HTMLElement} row */
  mark(row) {
    const isSelected = row.dataset.id === this.selected;
    row.classList.toggle("selected", isSelected);
    row.querySelector("button")?.setAttribute("aria-pressed", String(isSelected));
  }

  draw() {
    const { page } = this;
    if (!page) return;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.closest("tr")?.dataset.id;
    const places = this.places(page);
    this.head.replaceChildren(make("tr", {}, ...places.map((place) => this.heading(place))));
    this.body.replaceChildren(...page.rows.map((found) => this.row(found.id, found, places)));
    this.drawAbove();
    this.count(page);
    if (focused) this.button(focused)?.focus();
  }

  /** Draw what the draft adds, and the selected entity if it is on another page. */
  drawAbove() {
    const { page, guest } = this;
    if (!page) return;
    const places = this.places(page);
    const added = [...this.changes.values()].filter((change) => change.kind === "added");
    const shown = added.slice(0, MOST_ADDED);
    const rows = shown.map(({ id }) => this.row(id, null, places));
    const isHere = guest && (page.rows.some(({ id }) => id === guest.id) || shown.some(({ id }) => id === guest.id));
    if (added.length > shown.length) {
      const more = _("and {count} more", { count: added.length - shown.length });
      rows.push(make("tr", {}, make("td", { colspan: places.length, class: "muted" }, more)));
    }
    if (guest && !isHere) rows.unshift(this.row(guest.id, rowOf(guest, places), places));
    this.added.replaceChildren(...rows);
  }

  /** @param {string} id @returns {HTMLElement | null | undefined} */
  button(id) {
    return this.section.querySelector(`tr[data-id="${CSS.escape(id)}"] button`);
  }

  /** Return the columns of a page, and after them those that the draft adds. @param {Page} page @returns {Place[]} */
  places({ columns }) {
    const { properties } = this;
    const nowOf = (/** @type {Column} */ column) =>
      properties ? (properties.find(({ was }) => was === column.name) ?? null) : { ...column, was: column.name };
    const added = (properties ?? []).filter(({ was }) => was === null);
    return [
      ...columns.map((column, index) => ({ column, index, now: nowOf(column) })),
      ...added.map((now) => ({ column: now, index: -1, now })),
    ];
  }

  /** @param {Place} place */
  heading({ column: { name, type, isOrderable }, index, now }) {
    const change = changeOf(name, type, now, index < 0);
    const shown = { scope: "col", class: isNumber(type) ? "number" : null };
    if (index < 0 || !isOrderable) return make("th", shown, name, change);
    const [by, way] = this.order.split(" ");
    const sorted = by !== name ? null : way === "desc" ? "descending" : "ascending";
    const next = sorted === "ascending" ? `${name} desc` : name;
    const arrow = { ascending: "▲", descending: "▼", "": "" }[sorted ?? ""];
    const sign = make("span", { class: "arrow", "aria-hidden": "true" }, arrow);
    const button = make("button", { type: "button", class: "heading", click: () => this.listeners.order(next) }, name, sign);
    return make("th", { ...shown, "aria-sort": sorted }, button, change);
  }

  /** @param {string} id @param {Row | null} row null: the draft adds it @param {Place[]} places */
  row(id, row, places) {
    const change = this.changes.get(id);
    const made = make("tr", { "data-id": id, class: change ? `is-${change.kind}` : null });
    made.append(...places.map((place) => cellOf(place, row, id, change)));
    this.mark(made);
    return made;
  }

  /** @param {Page} page */
  count({ count, skip, rows }) {
    const said = rows.length
      ? _("{first} to {last} of {count}", { first: written(skip + 1), last: written(skip + rows.length), count: written(count) })
      : _("No entity matches.");
    find(".count", this.section).textContent = said;
    find("[data-turn=back]", this.section).disabled = skip === 0;
    find("[data-turn=on]", this.section).disabled = skip + rows.length >= count;
  }

  /** @param {1 | -1} direction */
  turn(direction) {
    if (this.page) this.listeners.turn(Math.max(0, this.page.skip + direction * this.page.top));
  }

  /** @param {HTMLTableElement} table */
  follow(table) {
    const idOf = (/** @type {Event} */ event) =>
      /** @type {HTMLElement} */ (event.target).closest("tr")?.dataset.id ?? null;
    table.addEventListener("click", (event) => {
      const id = idOf(event);
      if (id !== null) this.listeners.select(id);
    });
    for (const name of ["mouseover", "focusin"]) table.addEventListener(name, (event) => this.listeners.look(idOf(event)));
    for (const name of ["mouseleave", "focusout"]) table.addEventListener(name, () => this.listeners.look(null));
  }
}

/** @param {number} number */
function written(number) {
  return new Intl.NumberFormat(document.documentElement.lang).format(number);
}

/** @param {Entity} entity @param {Place[]} places @returns {Row} */
function rowOf(entity, places) {
  const values = places.map(({ column, now }) => entity.values[now?.name ?? column.name] ?? "");
  return { ...entity, values };
}

/** @param {Place} place @param {Row | null} row @param {string} id @param {Change} [change] @returns {HTMLElement} */
function cellOf({ column, index, now }, row, id, change) {
  if (column.isKey) {
    const button = make("button", { type: "button", class: "entity-id", "aria-pressed": "false" }, id);
    return make("th", { scope: "row" }, button, change ? kindBadge(change.kind) : null);
  }
  const before = row?.values[index] ?? "";
  const value = change && now && change.kind !== "deleted" ? (change.values[now.name] ?? before) : before;
  return make("td", { class: isNumber(column.type) ? "number" : null, title: value.length > LONG ? value : null }, value);
}

/** Tell what the draft does with a property. @param {string} name @param {string} type @param {DraftColumn | null} now @param {boolean} isAdded */
function changeOf(name, type, now, isAdded) {
  if (isAdded) return kindBadge("added");
  if (!now) return kindBadge("deleted");
  if (now.name === name && now.type === type) return null;
  const told = now.name === name ? typeName(now.type) : now.name;
  return make("span", { class: "kind kind-changed" }, "→ ", told);
}

/** @param {string} type */
function isNumber(type) {
  return type === "Edm.Int64" || type === "Edm.Double";
}
