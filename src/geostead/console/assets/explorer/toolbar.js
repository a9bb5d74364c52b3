/** The buttons above map and table. */

import { _ } from "../settings.js";
import { announce, find } from "./dom.js";

/** Draws shapes, zooms, opens the help, and on a phone switches between map and table. */
export class Toolbar {
  /** @param {import("./explorer.js").Explorer} explorer */
  constructor(explorer) {
    this.explorer = explorer;
    this.map = /** @type {import("./map_view.js").MapView} */ (explorer.map);
    this.shapes = /** @type {HTMLButtonElement[]} */ ([...explorer.root.querySelectorAll("[data-draw]")]);
    for (const button of this.shapes) button.addEventListener("click", () => this.draw(button));
    for (const button of explorer.root.querySelectorAll("[data-view]")) {
      button.addEventListener("click", () => this.switchTo(/** @type {HTMLElement} */ (button).dataset.view ?? ""));
    }
    find("#zoom-matches").addEventListener("click", () => explorer.zoomToMatches());
    find("#help-button").addEventListener("click", () => this.toggleHelp());
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.stop());
    this.map.onMode = () => this.showMode();
    this.showMode();
  }

  /** Draw a shape, or stop if it is being drawn. @param {HTMLButtonElement} button */
  async draw(button) {
    const shape = /** @type {import("./drawing.js").Shape} */ (button.dataset.draw);
    if (this.map.drawing?.shape === shape) return this.stop();
    try {
      await this.map.draw(shape);
    } catch (error) {
      this.explorer.tell(error);
    }
  }

  stop() {
    if (!this.map.isBusy) return;
    this.map.stop();
    announce(_("Stopped."));
  }

  showMode() {
    for (const button of this.shapes) {
      button.setAttribute("aria-pressed", String(this.map.drawing?.shape === button.dataset.draw));
      button.disabled = !this.map.map;
    }
    const hint = find("#map-hint");
    hint.textContent = this.map.hint;
    hint.hidden = !this.map.hint;
  }

  /** @param {string} view "map" or "table" */
  switchTo(view) {
    this.explorer.root.dataset.shows = view;
    for (const button of this.explorer.root.querySelectorAll("[data-view]")) {
      button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.view === view));
    }
    this.map.map?.resize();
  }

  toggleHelp() {
    const help = find("#help");
    help.hidden = !help.hidden;
    if (!help.hidden) this.explorer.loadHelp();
    find("#help-button").setAttribute("aria-expanded", String(!help.hidden));
  }
}
