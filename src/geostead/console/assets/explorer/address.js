/** What the address bar says: the filter and the map's place, so that a link shows what its sender saw. */

/**
 * @typedef {object} Question
 * @property {string} filter text of the query language; "" for none
 * @property {string} where text of a spatial filter; "" for none
 */

/** Return what the address asks for. @returns {Question} */
export function asked() {
  const parameters = new URLSearchParams(location.search);
  return { filter: parameters.get("filter") ?? "", where: parameters.get("spatial") ?? "" };
}

/** Return where the map stood, or null. @returns {{latitude: number, longitude: number, zoom: number} | null} */
export function place() {
  const [latitude, longitude, zoom] = (new URLSearchParams(location.search).get("map") ?? "").split(",").map(Number);
  return [latitude, longitude, zoom].every(Number.isFinite) ? { latitude, longitude, zoom } : null;
}

/** Make a question part of the history: the back button returns to the one before. @param {Question} question */
export function ask({ filter, where }) {
  const url = changed({ filter, spatial: where });
  if (url !== location.href) history.pushState(null, "", url);
}

/** Note where the map stands. @param {{lat: number, lng: number}} centre @param {number} zoom */
export function stand(centre, zoom) {
  history.replaceState(null, "", changed({ map: `${centre.lat.toFixed(4)},${centre.lng.toFixed(4)},${zoom.toFixed(1)}` }));
}

/** @param {Record<string, string>} parameters "" leaves one out @returns {string} */
function changed(parameters) {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(parameters)) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  return url.href;
}
