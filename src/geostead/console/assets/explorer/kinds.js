/** What a draft does with an entity: told by a word and a sign, not by colour alone. */

import { _ } from "../settings.js";
import { make } from "./dom.js";

const SIGNS = { added: "+", changed: "✎", deleted: "−" };

/** @param {import("./server.js").ChangeKind} kind @returns {string} */
export function kindName(kind) {
  return { added: _("new"), changed: _("changed"), deleted: _("deleted") }[kind];
}

/** @param {import("./server.js").ChangeKind} kind @returns {HTMLElement} */
export function kindBadge(kind) {
  const sign = make("span", { "aria-hidden": "true" }, SIGNS[kind]);
  return make("span", { class: `kind kind-${kind}` }, sign, " ", kindName(kind));
}
