// A map in every element with data-map; data-places names a script element with GeoJSON of what lies on it.

import { showPlaces } from "../places.js";

for (const element of document.querySelectorAll("[data-map]")) {
  if (element instanceof HTMLElement) showPlaces(element);
}
