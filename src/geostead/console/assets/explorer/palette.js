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

/** Return the colours as they are now, light or dark. @param {HTMLElement} element @returns {Palette} */
export function paletteOf(element) {
  const probe = element.ownerDocument.createElement("span"); // only a property that takes colours tells which of two it is
  element.append(probe);
  const colours = NAMES.map((name) => {
    probe.style.color = `var(--map-${name})`;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return /** @type {any} */ (Object.fromEntries(colours));
}
