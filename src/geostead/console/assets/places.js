// A map of a few places that come with the page.

import { LngLatBounds } from "maplibre-gl";
import { createMap } from "./map.js";

/** @typedef {import("geojson").FeatureCollection<import("geojson").Point>} Places */

/**
 * Show the places that `data-places` names: the id of a script element with GeoJSON.
 * @param {HTMLElement} element
 */
export function showPlaces(element) {
  const source = document.getElementById(element.dataset.places ?? "");
  /** @type {Places} */
  const places = JSON.parse(source?.textContent || '{"type": "FeatureCollection", "features": []}');
  const map = createMap(element, {}, (ready) => {
    ready.addSource("places", { type: "geojson", data: places });
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
  if (!map || places.features.length === 0) return;
  const bounds = new LngLatBounds();
  for (const { geometry } of places.features) bounds.extend([geometry.coordinates[0], geometry.coordinates[1]]);
  map.fitBounds(bounds, { padding: 40, maxZoom: 12, animate: false });
}
