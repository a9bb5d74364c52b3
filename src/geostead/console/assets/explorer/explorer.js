/** The explorer: table and map of one version, both showing what the filter asks for. */

import { showAlert } from "../alerts.js";
import { _ } from "../settings.js";
import * as address from "./address.js";
import { Details } from "./details.js";
import { announce, find, prefersNoMotion } from "./dom.js";
import { Editing } from "./editing.js";
import { FilterBox } from "./filter_box.js";
import { showHelp } from "./help_panel.js";
import { MapView } from "./map_view.js";
import { placeOf, Server } from "./server.js";
import { Table } from "./table.js";
import { Toolbar } from "./toolbar.js";

/**
 * @typedef {import("./server.js").Column} Column
 * @typedef {import("./server.js").Entity} Entity
 * @typedef {import("./server.js").Refusal} Refusal
 * @typedef {{lng: number, lat: number}} LngLat
 *
 * @typedef {object} Page what the page says about itself
 * @property {string} url of the data source's pages
 * @property {string} version "published", "staged", or the job id of a version
 * @property {string} job id of the load that made that version
 * @property {Column[]} columns
 * @property {string} key name of the property that is the entity id
 * @property {string} label name of the property that names entities for people
 * @property {boolean} canEdit
 */

const ROWS = 50;
const LOOK_MS = 120;
const MOST_KNOWN = 500;

/** Everything on the page, and what it is about now. */
export class Explorer {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {Page} */
    this.page = JSON.parse(find("#explorer-page").textContent);
    this.page.columns = this.page.columns.map((column) => ({ ...column, isKey: column.name === this.page.key }));
    this.server = new Server(this.page.url, this.page.version);
    /** What table and map show the answer to. */
    this.question = address.asked();
    /** @type {address.Question | null} what was asked and is not answered yet */
    this.pending = null;
    this.order = "";
    this.skip = 0;
    /** @type {AbortController | null} */
    this.asking = null;
    /** @type {string | null} */
    this.selectedId = null;
    /** @type {Entity | null} its entity, as soon as the server has told it */
    this.selected = null;
    /** @type {string | null} */
    this.lookedAt = null;
    /** @type {number | undefined} */
    this.looking = undefined;
    /** @type {Promise<void> | undefined} */
    this.helping = undefined;
    /** How much of what was asked is on its way. */
    this.underWay = 0;
    /** @type {Map<string, Promise<Entity>>} */
    this.known = new Map();
    this.build();
  }

  build() {
    const names = this.page.columns.map(({ name }) => name);
    this.filterBox = new FilterBox(find("#filter-form"), names, (question) => this.ask(question));
    this.table = new Table(find("#table-pane"), {
      select: (id) => this.select(id),
      look: (id) => this.lookAtRow(id),
      order: (order) => this.show(this.latest, { order }),
      turn: (skip) => this.show(this.latest, { order: this.order, skip }),
    });
    this.map = new MapView(find("#map"), this.server.tiles(this.question, this.page.job), this.startOfMap(), this.mapListeners());
    this.editing = this.page.canEdit ? new Editing(this) : null;
    this.details = new Details(find("#details"), {
      close: () => this.deselect(),
      zoom: (/** @type {Entity} */ entity) => this.zoomTo(entity),
      actions: this.editing,
    });
    this.toolbar = new Toolbar(this);
  }

  /** @returns {import("./map_view.js").Listeners} */
  mapListeners() {
    return {
      select: (id) => (id === null ? this.deselect() : this.select(id)),
      look: (id, at, label) => this.look(id, at, label),
      point: (at) => this.editing?.point(at),
      drop: (at) => this.editing?.drop(at),
      drawn: (where) => {
        this.filterBox?.show({ where });
        this.filterBox?.ask();
      },
      moved: () => this.map?.map && address.stand(this.map.map.getCenter(), this.map.map.getZoom()),
    };
  }

  /** @returns {Partial<import("maplibre-gl").MapOptions>} */
  startOfMap() {
    const place = address.place();
    const reduced = prefersNoMotion() ? { fadeDuration: 0 } : {};
    return place ? { ...reduced, center: [place.longitude, place.latitude], zoom: place.zoom } : reduced;
  }

  /** Show what the address asks for, and follow it. */
  async start() {
    addEventListener("popstate", () => {
      const question = address.asked();
      this.filterBox?.show(question);
      this.show(question);
    });
    this.filterBox?.show(this.question);
    const isPlaced = address.place() !== null;
    await Promise.all([
      this.show(this.question),
      isPlaced ? null : this.zoomToMatches({ isAtStart: true }),
      this.loadHelp(),
      this.editing?.start(),
    ]);
    this.root.dataset.state = "ready";
  }

  /** Fetch the help, unless it is here. */
  loadHelp() {
    this.helping ??= this.server.help().then(
      (help) => this.showHelp(help),
      (error) => {
        this.helping = undefined;
        this.tell(error);
      },
    );
    return this.helping;
  }

  /** @param {import("./help_panel.js").Help} help */
  showHelp(help) {
    showHelp(find("#help"), help, {
      word: (word) => this.filterBox?.insert(word),
      whole: (filter) => this.filterBox?.write({ filter }),
      where: (where) => this.filterBox?.write({ where }),
    });
  }

  /** Ask something new: it becomes part of the history, and the map goes where the matches of a new filter are. @param {address.Question} question */
  ask(question) {
    const isOtherFilter = question.filter !== this.question.filter;
    address.ask(question);
    return this.whileBusy(async () => {
      if ((await this.show(question)) && isOtherFilter) await this.zoomToMatches();
    });
  }

  /** Say that the page is busy until something is done. @template T @param {() => Promise<T>} act @returns {Promise<T>} */
  async whileBusy(act) {
    this.underWay += 1;
    this.root.setAttribute("aria-busy", "true");
    try {
      return await act();
    } finally {
      this.underWay -= 1;
      if (this.underWay === 0) this.root.removeAttribute("aria-busy");
    }
  }

  /** What was asked last: what else is asked goes on from there. */
  get latest() {
    return this.pending ?? this.question;
  }

  /**
   * Show the answer to a question in table and map, in place of one that is on its way. Returns whether the server gave
   * one; if it did not, what was shown stays.
   *
   * @param {address.Question} question
   * @param {{order?: string, skip?: number}} [part]
   */
  show(question, part = {}) {
    return this.whileBusy(() => this.showNow(question, part));
  }

  /** @param {address.Question} question @param {{order?: string, skip?: number}} part */
  async showNow(question, { order = this.order, skip = 0 }) {
    this.asking?.abort();
    const asking = new AbortController();
    Object.assign(this, { asking, pending: question });
    try {
      const page = await this.server.rows(question, { order, skip, top: ROWS }, asking.signal);
      if (asking.signal.aborted) return false;
      Object.assign(this, { question, order, skip });
      this.answer(page);
      return true;
    } catch (error) {
      if (!asking.signal.aborted) this.refuse(/** @type {Refusal} */ (error), question);
      return false;
    } finally {
      if (this.asking === asking) this.pending = null;
    }
  }

  /** @param {import("./server.js").Page} page */
  answer(page) {
    this.table?.show(page, this.order);
    this.map?.showWhere(this.question.where);
    this.map?.layers.setTiles(this.server.tiles(this.question, page.version));
    const remarks = find("#remarks");
    remarks.hidden = page.remarks.length === 0;
    remarks.textContent = page.remarks.join(" ");
    announce(_("Entities that match: {count}", { count: page.count }));
  }

  /** @param {Refusal} refusal @param {address.Question} question */
  refuse(refusal, question) {
    if (refusal.parameter === "filter" || refusal.parameter === "spatial") this.filterBox?.refuse(refusal, question);
    else this.tell(refusal);
  }

  /** Tell what went wrong, where nothing more special can. @param {unknown} error */
  tell(error) {
    showAlert(error instanceof Error ? error.message : String(error));
  }

  /** Show on the map all that match, unless somebody asks for something else or moves the map meanwhile. @param {{isAtStart?: boolean}} [how] */
  async zoomToMatches({ isAtStart = false } = {}) {
    const { latest, map } = this;
    const gestures = map?.gestures;
    try {
      const { bounds } = await this.server.extent(latest);
      if (this.latest === latest && map?.gestures === gestures) map?.fit(bounds, { isAtOnce: isAtStart });
    } catch (error) {
      this.tell(error);
    }
  }

  /** Select an entity in table, map and details. @param {string} id */
  async select(id) {
    if (this.selected?.id !== id) this.leaveSelected();
    this.selectedId = id;
    this.table?.select(id);
    try {
      const entity = await this.entity(id);
      if (this.selectedId !== id) return;
      this.selected = entity;
      this.showSelected(entity);
    } catch (error) {
      if (this.selectedId !== id) return;
      this.tell(error);
      this.deselect();
    }
  }

  /** Show the selected entity as it is now. */
  async refresh() {
    const { selectedId: id, editing } = this;
    if (id === null || !this.selected) return;
    if (this.selected.kind === "added" && !editing?.draft.changes.has(id)) return this.deselect();
    try {
      const entity = await this.entity(id);
      if (this.selectedId !== id || editing?.editor.isOpen) return;
      this.selected = entity;
      this.showSelected(entity, { isNew: false });
    } catch (error) {
      if (this.selectedId === id) this.tell(error);
    }
  }

  /** @param {Entity} entity @param {{isNew?: boolean}} [how] */
  showSelected(entity, { isNew = true } = {}) {
    const at = placeOf(entity);
    this.table?.select(entity.id, entity);
    this.editing?.leaveForm();
    this.details?.show(entity, this.editing?.columns ?? this.page.columns, this.editing?.isPossible ?? false);
    this.map?.mark(at);
    this.map?.setHandle(this.editing?.isPossible && entity.kind !== "deleted" ? at : null);
    if (at && isNew) this.map?.reveal(at);
  }

  /** Let nobody act on what was selected, until there is something in its place. */
  leaveSelected() {
    this.selected = null;
    this.details?.wait();
    this.map?.setHandle(null);
  }

  /** Select nothing; the focus goes back to the row. */
  deselect() {
    const id = this.selectedId;
    this.selectedId = null;
    this.selected = null;
    this.editing?.leaveForm();
    this.details?.hide();
    this.table?.select(null);
    this.map?.mark(null);
    this.map?.setHandle(null);
    if (id) this.table?.button(id)?.focus();
  }

  /** Return an entity, with the draft applied; each is asked for once. @param {string} id @returns {Promise<Entity>} */
  entity(id) {
    const known = this.known.get(id) ?? this.server.one(id, Boolean(this.editing));
    if (this.known.size > MOST_KNOWN) this.known.clear();
    this.known.set(id, known);
    known.catch(() => this.known.delete(id));
    return known;
  }

  /** @param {Entity} entity */
  zoomTo(entity) {
    const at = placeOf(entity);
    if (at) this.map?.zoomTo(at);
  }

  /** @param {string | null} id */
  lookAtRow(id) {
    const row = this.table?.page?.rows.find((each) => each.id === id);
    const change = id === null ? undefined : this.editing?.draft.changes.get(id);
    const { latitude, longitude } = change?.latitude != null ? change : (row ?? change ?? { latitude: null, longitude: null });
    this.look(id, latitude !== null && longitude !== null ? { lng: longitude, lat: latitude } : null, "");
  }

  /**
   * Tell what is beneath the pointer or in the focused row: its label at once, its properties when it stays there.
   *
   * @param {string | null} id
   * @param {LngLat | null} at
   * @param {string} label
   */
  look(id, at, label) {
    if (id === this.lookedAt && id !== null) return;
    clearTimeout(this.looking);
    this.lookedAt = id;
    if (id === null || !at) {
      this.map?.hover?.hide();
      return;
    }
    this.map?.hover?.show(at, label || id, []);
    this.looking = setTimeout(() => this.tellMore(id, at, label), LOOK_MS);
  }

  /** @param {string} id @param {LngLat} at @param {string} label */
  async tellMore(id, at, label) {
    if (this.editing?.draft.isSent) return;
    const entity = await this.entity(id).catch(() => null);
    if (this.lookedAt !== id || !entity) return;
    const title = entity.values[this.page.label] || label || id;
    const all = this.editing?.columns ?? this.page.columns;
    const told = all.filter(({ name, type }) => name !== this.page.label && type !== "Edm.Geography");
    this.map?.hover?.show(at, title, told.map(({ name }) => [name, entity.values[name] ?? ""]));
  }
}
