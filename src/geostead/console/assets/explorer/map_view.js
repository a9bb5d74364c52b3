/** The map: what is on it, and what a pointer does there. */

import { Marker } from "maplibre-gl";

import { onAppearance } from "../appearance.js";
import { createMap } from "../map.js";
import { _ } from "../settings.js";
import { announce, prefersNoMotion } from "./dom.js";
import { featuresOf } from "./draft.js";
import { Drawing } from "./drawing.js";
import { Hover } from "./hover.js";
import { ENTITY_LAYERS, Layers } from "./layers.js";
import { paletteOf } from "./palette.js";
import { outlineOf } from "./spatial_text.js";

/**
 * @typedef {{lng: number, lat: number}} LngLat
 * @typedef {import("maplibre-gl").Map} MapLibreMap
 *
 * @typedef {object} Listeners
 * @property {(id: string | null) => void} select
 * @property {(id: string | null, at: LngLat | null, label: string) => void} look at an entity, or away
 * @property {(at: LngLat) => void} point somewhere, after `askForPoint`
 * @property {(at: LngLat) => void} drop the handle
 * @property {(text: string) => void} drawn: a spatial filter
 * @property {() => void} moved: the map
 */

const HINTS = {
  circle: () => _("Click the centre, then the edge. Escape to stop."),
  rectangle: () => _("Click one corner, then the opposite one. Escape to stop."),
  polygon: () => _("Click each corner, and the last one twice. Escape to stop."),
};
const CLOSE_ZOOM = 14;
const FINGER_PX = 4;

/** The map of the explorer; where a browser has no WebGL everything here does nothing. */
export class MapView {
  /**
   * @param {HTMLElement} element
   * @param {string} tilesUrl
   * @param {Partial<import("maplibre-gl").MapOptions>} options
   * @param {Listeners} listeners
   */
  constructor(element, tilesUrl, options, listeners) {
    this.element = element;
    this.listeners = listeners;
    this.layers = new Layers(tilesUrl);
    /** @type {Marker | null} */
    this.handle = null;
    this.isPointing = false;
    /** How often somebody has moved the map. */
    this.gestures = 0;
    this.hint = "";
    this.onMode = () => {};
    this.map = createMap(element, options, (map) => this.layers.addTo(map));
    if (!this.map) return;
    this.hover = new Hover(this.map);
    this.drawing = new Drawing(this.map, (text) => {
      this.stop();
      listeners.drawn(text);
    });
    this.follow(this.map);
    onAppearance(() => this.stop());
  }

  /** @param {MapLibreMap} map */
  follow(map) {
    map.on("click", (event) => this.click(event));
    map.on("mousemove", (event) => this.look(event));
    map.on("mouseout", () => this.listeners.look(null, null, ""));
    map.on("movestart", ({ originalEvent }) => {
      if (originalEvent) this.gestures += 1;
    });
    map.on("moveend", () => this.listeners.moved());
  }

  get isBusy() {
    return this.isPointing || Boolean(this.drawing?.shape);
  }

  /** @param {import("maplibre-gl").MapMouseEvent} event */
  click({ point, lngLat }) {
    if (this.drawing?.shape) return;
    if (this.isPointing) {
      this.stop();
      this.listeners.point(lngLat.wrap());
      return;
    }
    const found = this.at(point, ["clusters", ...ENTITY_LAYERS]);
    if (found?.properties.count) this.fit(found.properties.bounds.split(",").map(Number));
    else this.listeners.select(found ? String(found.properties.id) : null);
  }

  /** @param {import("maplibre-gl").MapMouseEvent} event */
  look({ point, lngLat }) {
    if (this.isBusy) return;
    const found = this.at(point, ["clusters", ...ENTITY_LAYERS]);
    this.cursor(found ? "pointer" : "");
    if (!found || found.properties.count) this.listeners.look(null, null, "");
    else this.listeners.look(String(found.properties.id), placeOf(found, lngLat), String(found.properties.label ?? ""));
  }

  /**
   * Return what is uppermost near a point; what the draft shows hides what the tiles have.
   *
   * @param {{x: number, y: number}} point
   * @param {string[]} layers
   */
  at({ x, y }, layers) {
    const { map } = this;
    if (!map?.getLayer(layers[0])) return undefined;
    const box = /** @type {any} */ ([[x - FINGER_PX, y - FINGER_PX], [x + FINGER_PX, y + FINGER_PX]]);
    const found = map.queryRenderedFeatures(box, { layers });
    return found.find(({ source, properties }) => source === "draft" || !this.layers.drafted.has(String(properties.id)));
  }

  /** Show a spatial filter. @param {string} where */
  showWhere(where) {
    const geometry = outlineOf(where);
    this.layers.set("where", geometry ? [{ type: "Feature", properties: {}, geometry }] : []);
  }

  /** Show a draft in place of what the tiles have of its entities. @param {Map<string, import("./server.js").Change>} changes */
  showDraft(changes) {
    this.layers.set("draft", [...changes.values()].flatMap(featuresOf));
    this.layers.hide(new Set(changes.keys()));
  }

  /** Mark a place. @param {LngLat | null} at */
  mark(at) {
    const features = at ? [{ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [at.lng, at.lat] } }] : [];
    this.layers.set("selection", /** @type {any} */ (features));
  }

  /** Give a place a handle to drag it by, or take it away. @param {LngLat | null} at */
  setHandle(at) {
    if (!this.map || !at) {
      this.handle?.remove();
      this.handle = null;
      return;
    }
    if (!this.handle) {
      const colour = paletteOf(this.element).selected;
      this.handle = new Marker({ draggable: true, color: colour, className: "handle" }).setLngLat(at).addTo(this.map);
      this.handle.on("dragend", () => this.handle && this.listeners.drop(this.handle.getLngLat().wrap()));
    }
    this.handle.setLngLat(at);
  }

  /** Draw a shape; clicks are asked for when they draw. @param {import("./drawing.js").Shape} shape */
  async draw(shape) {
    if (!this.drawing) return;
    this.stop();
    this.listeners.look(null, null, "");
    const beginning = this.drawing.begin(shape, paletteOf(this.element).selected);
    this.onMode();
    try {
      if (await beginning) this.setMode({ hint: HINTS[shape]() });
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  /** Ask for a click on the map. @param {string} hint */
  askForPoint(hint) {
    this.stop();
    this.listeners.look(null, null, "");
    this.isPointing = true;
    this.setMode({ hint, cursor: "crosshair" });
  }

  /** Stop drawing and asking. */
  stop() {
    this.drawing?.cancel();
    this.isPointing = false;
    this.setMode({ hint: "" });
  }

  /** @param {{hint: string, cursor?: string}} mode */
  setMode({ hint, cursor = "" }) {
    this.hint = hint;
    this.cursor(cursor);
    this.onMode();
    if (hint) announce(hint);
  }

  /** @param {string} cursor */
  cursor(cursor) {
    if (this.map) this.map.getCanvas().style.cursor = cursor;
  }

  /** Show an extent. @param {number[] | null} bounds west, south, east, north; west > east crosses ±180° @param {{isAtOnce?: boolean}} [how] */
  fit(bounds, { isAtOnce = false } = {}) {
    if (!bounds || !this.map) return;
    const [west, south, east, north] = bounds;
    const box = /** @type {[[number, number], [number, number]]} */ ([[west, south], [east < west ? east + 360 : east, north]]);
    const animate = !isAtOnce && !prefersNoMotion();
    this.map.fitBounds(box, { padding: 48, maxZoom: CLOSE_ZOOM, animate, duration: 600 });
  }

  /** Bring a place into view, at the zoom there is. @param {LngLat} at */
  reveal(at) {
    if (this.map && !this.map.getBounds().contains(at)) this.map.easeTo({ center: at, animate: !prefersNoMotion() });
  }

  /** Come close to a place. @param {LngLat} at */
  zoomTo(at) {
    const zoom = Math.max(this.map?.getZoom() ?? 0, CLOSE_ZOOM);
    this.map?.easeTo({ center: at, zoom, animate: !prefersNoMotion() });
  }
}

/** @param {any} feature @param {LngLat} pointer @returns {LngLat} */
function placeOf({ geometry }, pointer) {
  return geometry.type === "Point" ? { lng: geometry.coordinates[0], lat: geometry.coordinates[1] } : pointer;
}
