/** Elements, made in one expression. */

/**
 * Make an element. Text is always text, never markup.
 *
 * @param {string} tag
 * @param {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} [attributes] false, null and undefined
 *   leave an attribute out; a function becomes a listener of the event of that name
 * @param {...(Node | string | null | undefined)} children
 * @returns {any}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

/**
 * Return the element that a selector finds. Throws if the page has none: template and module belong together.
 *
 * @param {string} selector
 * @param {ParentNode} [within]
 * @returns {any}
 */
export function find(selector, within = document) {
  const element = within.querySelector(selector);
  if (!element) throw new Error(`the page has no ${selector}`);
  return element;
}

/** Do something that a second press of its button must not begin again meanwhile. @param {HTMLButtonElement} button @param {() => Promise<unknown>} act */
export async function whileDisabled(button, act) {
  button.disabled = true;
  try {
    await act();
  } finally {
    button.disabled = false;
  }
}

/** Say something to those who cannot see what changed. @param {string} message */
export function announce(message) {
  find("#explorer-live").textContent = message;
}

/** Tell whether somebody asked for no movement. @returns {boolean} */
export function prefersNoMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
