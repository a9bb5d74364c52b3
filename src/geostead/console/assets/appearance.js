// Light or dark: what the system says, unless somebody chose here.

const system = matchMedia("(prefers-color-scheme: dark)");
/** @type {Set<(isDark: boolean) => void>} */
const listeners = new Set();

/** @returns {boolean} whether the page is dark now */
export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : system.matches;
}

/**
 * Call a function whenever the page turns light or dark.
 * @param {(isDark: boolean) => void} listener
 */
export function onAppearance(listener) {
  listeners.add(listener);
}

function tell() {
  for (const listener of listeners) listener(isDark());
}

/** Turn the page dark, or light again, and remember it. */
export function switchAppearance() {
  const chosen = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = chosen;
  localStorage.setItem("theme", chosen);
  tell();
}

system.addEventListener("change", tell);
