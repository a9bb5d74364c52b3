/** Steps that change the properties of a data source, and what they mean. */

import { _ } from "../settings.js";

/** @typedef {import("./server.js").Step} Step */

/** The types that a property may have, and how people call them. */
export const TYPES = /** @type {[string, () => string][]} */ ([
  ["Edm.String", () => _("text")],
  ["Edm.Int64", () => _("whole number")],
  ["Edm.Double", () => _("number")],
  ["Edm.Boolean", () => _("yes or no")],
  ["Edm.DateTime", () => _("date and time")],
  ["Edm.Geography", () => _("geography")],
]);

/** @param {string | null} type @returns {string} */
export function typeName(type) {
  return TYPES.find(([name]) => name === type)?.[1]() ?? String(type);
}

/** Say in one sentence what a step does. @param {Step} step @returns {string} */
export function told({ step, name, newName, type }) {
  switch (step) {
    case "add":
      return _("Add {name} ({type})", { name, type: typeName(type) });
    case "rename":
      return _("Rename {name} to {newName}", { name, newName: newName ?? "" });
    case "remove":
      return _("Remove {name}", { name });
    case "retype":
      return _("Make {name} a {type}", { name, type: typeName(type) });
  }
}

/** Say what a step means for entities and for those who query. @param {Step} step @returns {string} */
export function consequence({ step, name, newName, type }) {
  switch (step) {
    case "add":
      return _("Every entity gets {name}, without a value at first.", { name });
    case "rename":
      return _("All values stay. Queries that say {name} have to say {newName} from then on.", { name, newName: newName ?? "" });
    case "remove":
      return _("All values of {name} are gone with the load. Queries that filter by it are refused from then on.", { name });
    case "retype":
      return _("Values of {name} that are no {type} are errors: you choose when you publish whether their entities are left out.", {
        name,
        type: typeName(type),
      });
  }
}
