// A map of a few places that come with the page.

import { LngLatBounds } from "maplibre-gl";
import { createMap } from "./map.js";

/** @typedef {import("geojson").FeatureCollection<import("geojson").Point>} Places */
/** @typedef {import("maplibre-gl").GeoJSONSource} GeoJSONSource */

/**
 * Show the places that `data-places` names: the id of a script element with GeoJSON. They are read again at the event
 * `places` of the element.
 * @param {HTMLElement} element
 */
export function showPlaces(element) {
  const map = createMap(element, {}, (ready) => {
    ready.addSource("places", { type: "geojson", data: placesOf(element) });
    ready.addLayer({
      id: "places",
      type: "circle",
      source: "places",
      paint: {
        "circle-radius": 5,
        "circle-color": "#0a6483",
        "circle-stroke-color": "#ffffff",
        "circle-stroke-width": 1.5,
      },
    });
  });
  if (!map) return;
  showAll(map, placesOf(element));
  element.addEventListener("places", () => {
    const source = /** @type {GeoJSONSource | undefined} */ (map.getSource("places"));
    source?.setData(placesOf(element));
    showAll(map, placesOf(element));
  });
}

/**
 * @param {HTMLElement} element
 * @returns {Places}
 */
function placesOf(element) {
  const source = document.getElementById(element.dataset.places ?? "");
  return JSON.parse(source?.textContent || '{"type": "FeatureCollection", "features": []}');
}

/**
 * @param {import("maplibre-gl").Map} map
 * @param {Places} places
 */
function showAll(map, places) {
  if (places.features.length === 0) return;
  const bounds = new LngLatBounds();
  for (const { geometry } of places.features) bounds.extend([geometry.coordinates[0], geometry.coordinates[1]]);
  map.fitBounds(bounds, { padding: 40, maxZoom: 12, animate: false });
}
