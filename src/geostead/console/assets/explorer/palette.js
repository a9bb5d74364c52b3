/** The colours of places: the stylesheet says them, so that dark mode changes the map along with the page. */

/**
 * @typedef {object} Palette
 * @property {string} place
 * @property {string} edge around places
 * @property {string} cluster
 * @property {string} added
 * @property {string} deleted
 * @property {string} selected
 * @property {string} where the outline of the spatial filter
 */

const NAMES = ["place", "edge", "cluster", "added", "deleted", "selected", "where"];

/** Return the colours as they are now. @param {HTMLElement} element @returns {Palette} */
export function paletteOf(element) {
  const style = getComputedStyle(element);
  const colours = NAMES.map((name) => [name, style.getPropertyValue(`--map-${name}`).trim()]);
  return /** @type {any} */ (Object.fromEntries(colours));
}
