/** The question before a draft is published or staged. */

import { _ } from "../settings.js";
import { find, make, whileDisabled } from "./dom.js";
import { isDoubtful } from "./server.js";

/** @typedef {"published" | "staged"} Target */

/** Asks once, tells what will happen, and what the server has against it. */
export class SendDialog {
  /** @param {HTMLDialogElement} dialog @param {import("./draft.js").Draft} draft @param {(target: Target) => void} onSent */
  constructor(dialog, draft, onSent) {
    this.dialog = dialog;
    this.draft = draft;
    this.onSent = onSent;
    /** @type {Target} */
    this.target = "published";
    /** Whether an earlier try may have been done, though nobody said so. */
    this.isDoubtful = false;
    this.wrong = find(".form-wrong", dialog);
    find(".dialog-cancel", dialog).addEventListener("click", () => dialog.close());
    find("form", dialog).addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      const [submit, cancel] = [find("[type=submit]", dialog), find(".dialog-cancel", dialog)];
      whileDisabled(submit, () => whileDisabled(cancel, () => this.send()));
    });
    dialog.addEventListener("cancel", (/** @type {Event} */ event) => {
      if (find(".dialog-cancel", dialog).disabled) event.preventDefault();
    });
  }

  /** @param {Target} target */
  open(target) {
    this.target = target;
    this.isDoubtful = false;
    this.wrong.hidden = true;
    this.describe();
    this.dialog.showModal();
  }

  describe() {
    const reply = this.draft.reply;
    const isPublish = this.target === "published";
    find("h2", this.dialog).textContent = isPublish ? _("Publish the draft?") : _("Stage the draft?");
    find(".send-meaning", this.dialog).textContent = isPublish
      ? _("Queries see the changes as soon as the load is complete. The version that is published now stays, so that you can roll back.")
      : _("The changes become the staged version. Queries see them when you publish it.");
    find("[type=submit]", this.dialog).textContent = isPublish ? _("Publish") : _("Stage");
    find(".send-moved", this.dialog).hidden = !reply?.moved;
    find(".send-leave-out", this.dialog).hidden = !reply?.steps.some(({ step }) => step === "retype");
  }

  async send() {
    const { draft: { reply }, target } = this;
    try {
      const leaveOut = find("[name=leaveOut]", this.dialog).checked;
      await this.draft.send({ target, leaveOut, over: reply?.moved ? reply.current : null });
      this.end(target);
    } catch (refusal) {
      await this.refuse(/** @type {import("./server.js").Refusal} */ (refusal), target);
    }
  }

  /** @param {Target} target */
  end(target) {
    this.dialog.close();
    this.onSent(target);
  }

  /** @param {import("./server.js").Refusal} refusal @param {Target} target */
  async refuse(refusal, target) {
    const faults = refusal.entities.map(({ id, property, expected }) => make("li", {}, `${id}, ${property}: ${expected}`));
    this.wrong.replaceChildren(make("div", {}, make("p", {}, refusal.message), faults.length ? make("ul", {}, ...faults) : null));
    this.wrong.hidden = false;
    this.isDoubtful ||= isDoubtful(refusal);
    await this.draft.read().catch(() => {});
    const { state, job } = this.draft.reply ?? {};
    if (state === "sent") this.end(job?.target ?? target);
    else if (state === "none" && this.isDoubtful) this.end(target);
    else this.describe();
  }
}
