/** The panel of the draft: what is in it, and what becomes of it. */

import { _ } from "../settings.js";
import { announce, find, make } from "./dom.js";
import { kindBadge, kindName } from "./kinds.js";
import { told } from "./schema_steps.js";

/**
 * @typedef {import("./draft.js").Draft} Draft
 * @typedef {import("./server.js").Change} Change
 * @typedef {import("./server.js").Draft} Reply
 */

const MOST_SHOWN = 200;
const MOST_DIFFERENCES = 4;

/** Lists the changes of a draft; each can be looked at and taken back. */
export class DraftPanel {
  /**
   * @param {HTMLElement} panel
   * @param {Draft} draft
   * @param {{select: (id: string) => void, tell: (error: unknown) => void}} listeners
   */
  constructor(panel, draft, { select, tell }) {
    this.panel = panel;
    this.draft = draft;
    this.select = select;
    this.tell = tell;
    this.undo = find(".draft-undo", panel);
    draft.addEventListener("change", () => this.show());
    this.undo.addEventListener("click", () => this.does(draft.undo(), _("Undone.")));
    find(".steps-undo", panel).addEventListener("click", () => this.does(draft.undoStep(), _("Undone.")));
    document.addEventListener("keydown", (event) => this.hear(event));
  }

  /** Ctrl+Z where nothing is being typed. @param {KeyboardEvent} event */
  hear(event) {
    const isTyping = event.target instanceof Element && event.target.matches("input, textarea, select");
    if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || isTyping || !this.draft.canUndo) return;
    event.preventDefault();
    this.does(this.draft.undo(), _("Undone."));
  }

  /** @param {Promise<unknown>} doing @param {string} done */
  does(doing, done) {
    doing.then(() => announce(done), this.tell);
  }

  show() {
    const reply = /** @type {Reply} */ (this.draft.reply);
    const isEmpty = this.draft.changes.size === 0 && reply.steps.length === 0;
    this.panel.hidden = isEmpty && !reply.job && !this.draft.canUndo;
    find(".draft-counts", this.panel).replaceChildren(...countsOf(reply));
    find(".draft-job", this.panel).replaceChildren(...jobOf(reply));
    this.showMoved(reply);
    this.showSteps(reply);
    this.showChanges();
    this.undo.disabled = !this.draft.canUndo;
    for (const button of this.panel.querySelectorAll(".draft-send, .draft-discard")) {
      /** @type {HTMLButtonElement} */ (button).disabled = isEmpty || this.draft.isSent;
    }
  }

  /** @param {Reply} reply */
  showMoved({ moved, conflicts, trouble }) {
    const said = find(".draft-trouble", this.panel);
    said.hidden = !trouble;
    said.textContent = trouble;
    const alert = find(".draft-moved", this.panel);
    alert.hidden = !moved;
    const links = conflicts.map((id) => make("li", {}, this.link(id)));
    find(".draft-conflicts", alert).replaceChildren(...links);
    find(".draft-conflicts-title", alert).hidden = conflicts.length === 0;
  }

  /** @param {Reply} reply */
  showSteps({ steps }) {
    find(".draft-steps", this.panel).hidden = steps.length === 0;
    find(".steps-undo", this.panel).disabled = this.draft.isSent;
    find(".draft-steps ol", this.panel).replaceChildren(...steps.map((step) => make("li", {}, told(step))));
  }

  showChanges() {
    const changes = [...this.draft.changes.values()];
    const shown = changes.slice(0, MOST_SHOWN).map((change) => this.item(change));
    find(".draft-changes", this.panel).replaceChildren(...shown);
    const rest = find(".draft-rest", this.panel);
    rest.hidden = changes.length <= MOST_SHOWN;
    rest.textContent = _("and {count} more", { count: changes.length - MOST_SHOWN });
  }

  /** @param {Change} change */
  item(change) {
    const takeBack = () => this.does(this.draft.takeBack(change.id), _("Taken back: {id}", { id: change.id }));
    const label = _("Take back what is {kind}: {id}", { kind: kindName(change.kind), id: change.id });
    const attributes = { type: "button", class: "button button-small", "aria-label": label, disabled: this.draft.isSent };
    const button = make("button", { ...attributes, click: takeBack }, _("Take back"));
    const head = make("div", { class: "row row-between" }, make("span", {}, kindBadge(change.kind), " ", this.link(change.id)), button);
    return make("li", { class: `is-${change.kind}` }, head, ...differencesOf(change));
  }

  /** @param {string} id */
  link(id) {
    return make("button", { type: "button", class: "entity-id", click: () => this.select(id) }, id);
  }
}

/** @param {Reply} reply @returns {HTMLElement[]} */
function countsOf({ counts, steps }) {
  const kinds = /** @type {const} */ (["added", "changed", "deleted"]);
  const badges = kinds.filter((kind) => counts[kind] > 0).map((kind) => {
    const badge = kindBadge(kind);
    badge.prepend(`${counts[kind]} `);
    return badge;
  });
  if (steps.length) badges.push(make("span", { class: "badge badge-info" }, _("changes of properties: {count}", { count: steps.length })));
  return badges;
}

/** @param {Reply} reply @returns {HTMLElement[]} */
function jobOf({ job, state }) {
  if (!job) return [];
  const link = make("a", { href: job.url }, _("Look at the job"));
  if (state === "sent") {
    const progress = make("progress", { "aria-label": _("The draft is being loaded") });
    return [make("p", {}, _("The draft is being loaded. It can be changed again when that is over."), " ", link), progress];
  }
  const said = _("The last load of this draft was not possible: {reason}", { reason: job.error ?? job.status });
  return [make("p", { class: "alert alert-error" }, make("span", {}, said, " ", link))];
}

/** @param {Change} change @returns {HTMLElement[]} */
function differencesOf({ kind, values, before }) {
  if (kind !== "changed" || !before) return [];
  const names = Object.keys(values);
  const shown = names.slice(0, MOST_DIFFERENCES).flatMap((name) => [
    make("dt", {}, name),
    make("dd", {}, make("del", {}, before[name] || "–"), " → ", make("ins", {}, values[name] || "–")),
  ]);
  if (names.length > MOST_DIFFERENCES) shown.push(make("dt", {}, _("and {count} more", { count: names.length - MOST_DIFFERENCES })));
  return [make("dl", { class: "differences" }, ...shown)];
}
