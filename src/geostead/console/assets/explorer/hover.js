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
  }

  /**
   * Show what an entity is where it is.
   *
   * @param {{lng: number, lat: number}} at
   * @param {string} title
   * @param {[string, string][]} properties name and text, the telling ones first
   */
  show(at, title, properties) {
    this.popup.setLngLat(at).setDOMContent(contentOf(title, properties));
    if (!this.popup.isOpen()) this.popup.addTo(this.map);
  }

  /** Show nothing. */
  hide() {
    this.popup.remove();
  }
}

/** @param {string} title @param {[string, string][]} properties @returns {HTMLElement} */
function contentOf(title, properties) {
  const told = properties.filter(([, value]) => value).slice(0, MOST_PROPERTIES);
  const rows = told.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]);
  return make("div", {}, make("strong", {}, title), make("dl", {}, ...rows));
}
