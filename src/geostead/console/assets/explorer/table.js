/** The table: one page of what matches, and above it what the draft adds. */

import { _ } from "../settings.js";
import { find, make } from "./dom.js";
import { kindBadge } from "./kinds.js";

/**
 * @typedef {import("./server.js").Column} Column
 * @typedef {import("./server.js").Row} Row
 * @typedef {import("./server.js").Page} Page
 * @typedef {import("./server.js").Change} Change
 *
 * @typedef {object} Listeners
 * @property {(id: string) => void} select
 * @property {(id: string | null) => void} look at the row of an entity, or away
 * @property {(order: string) => void} order
 * @property {(skip: number) => void} turn the page
 */

const NOT_ORDERED = /^(latitude|longitude)$/i;

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

  /** Show what a draft does. @param {Map<string, Change>} changes */
  showDraft(changes) {
    this.changes = changes;
    this.draw();
  }

  /** @param {string | null} id */
  select(id) {
    this.selected = id;
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
    const added = [...this.changes.values()].filter((change) => change.kind === "added");
    this.head.replaceChildren(make("tr", {}, ...page.columns.map((column) => this.heading(column))));
    this.added.replaceChildren(...added.map((change) => this.row(change.id, null, change)));
    this.body.replaceChildren(...page.rows.map((row) => this.row(row.id, row, this.changes.get(row.id))));
    this.count(page);
    if (focused) this.button(focused)?.focus();
  }

  /** @param {string} id @returns {HTMLElement | null | undefined} */
  button(id) {
    return this.section.querySelector(`tr[data-id="${CSS.escape(id)}"] button`);
  }

  /** @param {Column} column */
  heading({ name, type }) {
    const [by, way] = this.order.split(" ");
    const sorted = by === name ? (way === "desc" ? "descending" : "ascending") : null;
    if (NOT_ORDERED.test(name) || type === "Edm.Geography") return make("th", { scope: "col" }, name);
    const next = sorted === "ascending" ? `${name} desc` : name;
    const arrow = make("span", { class: "arrow", "aria-hidden": "true" }, { ascending: "▲", descending: "▼" }[sorted ?? ""] ?? "");
    const button = make("button", { type: "button", class: "heading", click: () => this.listeners.order(next) }, name, arrow);
    return make("th", { scope: "col", "aria-sort": sorted }, button);
  }

  /** @param {string} id @param {Row | null} row @param {Change} [change] */
  row(id, row, change) {
    const columns = this.page?.columns ?? [];
    const valueOf = (/** @type {Column} */ { name }, /** @type {number} */ i) =>
      change && change.kind !== "deleted" ? (change.values[name] ?? row?.values[i] ?? "") : (row?.values[i] ?? "");
    const cells = columns.map((column, i) => this.cell(column, valueOf(column, i), id, change));
    const made = make("tr", { "data-id": id, class: change ? `is-${change.kind}` : null }, ...cells);
    this.mark(made);
    return made;
  }

  /** @param {Column} column @param {string} value @param {string} id @param {Change} [change] */
  cell({ isKey, type }, value, id, change) {
    if (isKey) {
      const button = make("button", { type: "button", class: "entity-id", "aria-pressed": "false" }, id);
      return make("th", { scope: "row" }, button, change ? kindBadge(change.kind) : null);
    }
    const isNumber = type === "Edm.Int64" || type === "Edm.Double";
    return make("td", { class: isNumber ? "number" : null, title: value.length > 40 ? value : null }, value);
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
