/** What is beneath the pointer, or in the focused row, told in a popup. */

import { Popup } from "maplibre-gl";

import { make } from "./dom.js";

const MOST_PROPERTIES = 4;

/** One popup that follows what is looked at. */
export class Hover {
  /** @param {import("maplibre-gl").Map} map */
  constructor(map) {
    this.map = map;
    this.popup = new Popup({ closeButton: false, closeOnClick: false, offset: 12, maxWidth: "18rem", className: "hover" });
    /** @type {string | null} */
    this.shown = null;
  }

  /**
   * Show what an entity is where it is.
   *
   * @param {{lng: number, lat: number}} at
   * @param {string} id
   * @param {[string, string][]} properties name and text, the telling ones first
   */
  show(at, id, properties) {
    this.popup.setLngLat(at);
    if (this.shown === id && this.popup.isOpen()) return;
    this.shown = id;
    this.popup.setDOMContent(contentOf(id, properties)).addTo(this.map);
  }

  /** Show nothing. */
  hide() {
    this.shown = null;
    this.popup.remove();
  }
}

/** @param {string} id @param {[string, string][]} properties @returns {HTMLElement} */
function contentOf(id, properties) {
  const told = properties.filter(([, value]) => value).slice(0, MOST_PROPERTIES);
  const rows = told.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]);
  return make("div", {}, make("strong", {}, id), make("dl", {}, ...rows));
}
