// The map that all pages share: the outline of the world, or what the operator chose, with places above it.

import { AttributionControl, Map as MapLibreMap, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import { showAlert } from "./alerts.js";
import { isDark, onAppearance } from "./appearance.js";
import { _, settings } from "./settings.js";

/** @typedef {import("maplibre-gl").StyleSpecification} Style */
/** @typedef {import("maplibre-gl").MapOptions} MapOptions */

const COLOURS = {
  light: { water: "#dfe8ef", land: "#f7f6f2", border: "#b9bec4" },
  dark: { water: "#12181f", land: "#232b34", border: "#46505c" },
};

/**
 * Show a map in an element. Where the browser cannot (no WebGL) the element says so, and null is returned.
 *
 * Add sources and layers in `whenReady`: it is called at the start, and again when a switch between light and dark
 * has taken them away.
 * @param {HTMLElement} element has a size and an accessible name
 * @param {Partial<MapOptions>} [options]
 * @param {(map: MapLibreMap) => void} [whenReady]
 * @returns {MapLibreMap | null}
 */
export function createMap(element, options = {}, whenReady = () => {}) {
  element.classList.add("map");
  setWorkerUrl(new URL(settings.files["map-worker.js"], location.href).href);
  try {
    const map = new MapLibreMap({
      container: element,
      style: baseStyle(),
      center: [10, 25],
      zoom: 1,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      locale: words(),
      ...options,
    });
    furnish(map, whenReady);
    return map;
  } catch {
    element.classList.add("map-missing");
    element.textContent = _("This browser cannot draw maps (WebGL is off). Everything else on this page works.");
    return null;
  }
}

/**
 * @param {MapLibreMap} map
 * @param {(map: MapLibreMap) => void} whenReady
 */
function furnish(map, whenReady) {
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl(), "bottom-left");
  map.addControl(new AttributionControl({ compact: true, customAttribution: settings.map.attribution || undefined }));
  map.on("style.load", () => whenReady(map));
  map.on("error", ({ error }) => tell(error));
  onAppearance(() => map.setStyle(baseStyle(), { diff: false }));
}

let isTold = false;

/** Say once that something is missing on the map, which looks like nothing being there. @param {{message: string, name?: string, status?: number}} error */
function tell(error) {
  const isOfQuestion = error.status === 400;
  if (isTold || isOfQuestion || error.name === "AbortError") return;
  isTold = true;
  console.warn(error);
  showAlert(_("Something is missing on the map, as it could not be loaded. Load the page again in a moment."));
}

/** @returns {Style | string} what lies beneath the places, light or dark as the page is now */
function baseStyle() {
  if (settings.map.styleUrl) return settings.map.styleUrl;
  const colours = COLOURS[isDark() ? "dark" : "light"];
  /** @type {Style} */
  const style = {
    version: 8,
    sources: {
      coarse: { type: "geojson", data: fileUrl("outline-110m.json"), attribution: "Natural Earth" },
      fine: { type: "geojson", data: fileUrl("outline-50m.json"), attribution: "Natural Earth" },
    },
    layers: [
      { id: "water", type: "background", paint: { "background-color": colours.water } },
      ...outline("coarse", 0, 3, colours),
      ...outline("fine", 3, 24, colours),
    ],
  };
  return settings.map.tilesUrl ? withTiles(style, settings.map.tilesUrl) : style;
}

/**
 * @param {string} source
 * @param {number} minzoom
 * @param {number} maxzoom
 * @param {{land: string, border: string}} colours
 * @returns {Style["layers"]}
 */
function outline(source, minzoom, maxzoom, colours) {
  const common = { source, minzoom, maxzoom };
  return [
    {
      ...common,
      id: `land-${source}`,
      type: "fill",
      filter: ["==", ["get", "kind"], "land"],
      paint: { "fill-color": colours.land, "fill-outline-color": colours.border },
    },
    {
      ...common,
      id: `border-${source}`,
      type: "line",
      filter: ["==", ["get", "kind"], "border"],
      paint: { "line-color": colours.border, "line-width": 0.75 },
    },
  ];
}

/**
 * @param {Style} style
 * @param {string} template
 * @returns {Style}
 */
function withTiles(style, template) {
  const tiles = { type: /** @type {const} */ ("raster"), tiles: [template], tileSize: 256, maxzoom: 19 };
  return {
    ...style,
    sources: { tiles },
    layers: [style.layers[0], { id: "tiles", type: "raster", source: "tiles" }],
  };
}

/** @param {string} name */
function fileUrl(name) {
  return new URL(settings.files[name], location.href).href;
}

/** @returns {Record<string, string>} what the controls of the map say */
function words() {
  return {
    "Map.Title": _("Map"),
    "NavigationControl.ZoomIn": _("Zoom in"),
    "NavigationControl.ZoomOut": _("Zoom out"),
    "AttributionControl.ToggleAttribution": _("About this map"),
  };
}
