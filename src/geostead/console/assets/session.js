// Forms of a page go on working when the person has signed in again in another tab.

import { settings } from "./settings.js";

/** Tell the other tabs which session there is now, and follow when they tell. */
export function shareSession() {
  if (!settings.person) return;
  const tabs = new BroadcastChannel(`geostead ${settings.root}`);
  tabs.addEventListener("message", ({ data }) => data.person === settings.person && adopt(data.csrf));
  tabs.postMessage({ person: settings.person, csrf: settings.csrf });
}

/** Send with forms and requests what belongs to the new session. @param {string} csrf */
function adopt(csrf) {
  settings.csrf = csrf;
  for (const field of document.querySelectorAll("input[name=csrf_token]")) {
    if (field instanceof HTMLInputElement) field.value = csrf;
  }
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRF-Token": csrf }));
}
