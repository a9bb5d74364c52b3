// Forms of a page go on working when the person has signed in again in another tab.

import { settings } from "./settings.js";

/** Tell the other tabs which session there is now, and follow when they tell of a later one. */
export function shareSession() {
  if (!settings.person) return;
  const tabs = new BroadcastChannel(`geostead ${settings.root}`);
  const tell = () => {
    const { person, csrf, signedInAt } = settings;
    tabs.postMessage({ person, csrf, signedInAt });
  };
  tabs.addEventListener("message", ({ data }) => {
    if (data.person !== settings.person) return;
    if (data.signedInAt > settings.signedInAt) adopt(data);
    else if (data.signedInAt < settings.signedInAt) tell();
  });
  tell();
}

/**
 * Send with forms and requests what belongs to the new session.
 * @param {{csrf: string, signedInAt: number}} session
 */
function adopt({ csrf, signedInAt }) {
  Object.assign(settings, { csrf, signedInAt });
  for (const field of document.querySelectorAll("input[name=csrf_token]")) {
    if (field instanceof HTMLInputElement) field.value = csrf;
  }
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRF-Token": csrf }));
}
