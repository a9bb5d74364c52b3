/** One entity: all that is known about it, and for editors the form to change it. */

import { _ } from "../settings.js";
import { announce, find, make, whileDisabled } from "./dom.js";
import { kindBadge } from "./kinds.js";

/**
 * @typedef {import("./server.js").Entity} Entity
 * @typedef {import("./server.js").Column} Column
 *
 * @typedef {object} Actions what an editor may do; viewers have none
 * @property {(entity: Entity) => void} edit
 * @property {(entity: Entity) => Promise<void>} delete
 * @property {(entity: Entity) => Promise<void>} takeBack
 */

/** The panel of the selected entity. */
export class Details {
  /**
   * @param {HTMLElement} panel
   * @param {{close: () => void, zoom: (entity: Entity) => void, actions: Actions | null}} listeners
   */
  constructor(panel, { close, zoom, actions }) {
    this.panel = panel;
    this.zoom = zoom;
    this.actions = actions;
    this.heading = find("h2", panel);
    this.body = find(".details-body", panel);
    this.buttons = find(".details-actions", panel);
    find(".details-close", panel).addEventListener("click", close);
    panel.addEventListener("keydown", (event) => event.key === "Escape" && close());
  }

  /**
   * @param {Entity} entity
   * @param {Column[]} columns
   * @param {boolean} canEdit now: a draft that is being published cannot be changed
   */
  show(entity, columns, canEdit) {
    this.heading.replaceChildren(entity.id, ...(entity.kind ? [" ", kindBadge(entity.kind)] : []));
    this.body.replaceChildren(...columns.flatMap(({ name }) => told(name, entity.values[name] ?? "")));
    this.buttons.replaceChildren(...this.buttonsFor(entity, canEdit));
    this.panel.hidden = false;
    this.panel.inert = false;
    announce(_("Selected: {id}", { id: entity.id }));
  }

  /** Take no clicks until the next entity is shown. */
  wait() {
    this.panel.inert = true;
  }

  hide() {
    this.panel.hidden = true;
  }

  /** @param {Entity} entity @param {boolean} canEdit @returns {HTMLElement[]} */
  buttonsFor(entity, canEdit) {
    const button = (/** @type {string} */ label, /** @type {(entity: Entity) => void | Promise<void>} */ act, style = "") => {
      const click = (/** @type {any} */ { currentTarget }) => whileDisabled(currentTarget, async () => act(entity));
      return make("button", { type: "button", class: `button ${style}`, click }, label);
    };
    const isPlaced = entity.latitude !== null || entity.geography;
    const buttons = isPlaced ? [button(_("Zoom to it"), this.zoom)] : [];
    const { actions } = this;
    if (!actions || !canEdit) return buttons;
    if (entity.kind !== "deleted") {
      buttons.unshift(button(_("Edit"), (each) => actions.edit(each), "button-primary"));
      buttons.push(button(_("Delete"), (each) => actions.delete(each), "button-danger"));
    }
    if (entity.kind) buttons.push(button(_("Take the change back"), (each) => actions.takeBack(each)));
    return buttons;
  }
}

/** @param {string} name @param {string} value */
function told(name, value) {
  return [make("dt", {}, name), make("dd", {}, value || "–")];
}
