/** What editors do: entities added, changed, moved and deleted, properties changed, all of it in a draft. */

import { _ } from "../settings.js";
import { announce, find } from "./dom.js";
import { Draft } from "./draft.js";
import { DraftPanel } from "./draft_panel.js";
import { Editor } from "./editor.js";
import { SchemaDialog } from "./schema_dialog.js";
import { SendDialog } from "./send_dialog.js";
import { isDoubtful, placeOf } from "./server.js";

/**
 * @typedef {import("./server.js").Entity} Entity
 * @typedef {{lng: number, lat: number}} LngLat
 */

const POLL_MS = 700;
const MOST_POLL_MS = 20_000;

/** Leads from buttons and handles to the draft, and from the draft to table and map. */
export class Editing {
  /** @param {import("./explorer.js").Explorer} explorer */
  constructor(explorer) {
    this.explorer = explorer;
    this.draft = new Draft(explorer.server);
    this.editor = new Editor(find("#editor"), {
      save: (id, values, isNew) => this.save(id, values, isNew),
      saved: (id) => this.leaveFormFor(id),
      tell: (refusal) => explorer.tell(refusal),
      close: () => this.closeForm(),
      escape: () => this.map?.isBusy || this.closeForm(),
      place: (at) => this.map?.setHandle(at),
      point: () => this.map?.askForPoint(_("Click on the map where it is. Escape to stop.")),
    });
    const tell = (/** @type {unknown} */ error) => explorer.tell(error);
    this.panel = new DraftPanel(find("#draft"), this.draft, { select: (id) => explorer.select(id), tell });
    this.schema = new SchemaDialog(find("#schema-dialog"), (steps) => this.draft.changeProperties(steps));
    this.isFollowing = false;
    this.sending = new SendDialog(find("#send-dialog"), this.draft, (target) => this.follow(target));
    this.draft.addEventListener("change", () => this.show());
    this.listen();
  }

  get map() {
    return this.explorer.map;
  }

  get isPossible() {
    return Boolean(this.draft.reply) && !this.draft.isSent;
  }

  get columns() {
    return this.draft.reply?.properties ?? this.explorer.page.columns;
  }

  listen() {
    const clicks = /** @type {[string, () => void][]} */ ([
      ["#add-on-map", () => this.map?.askForPoint(_("Click on the map where the new entity is. Escape to stop."))],
      ["#add-by-form", () => this.add(null)],
      ["#edit-properties", () => this.schema.open(this.columns)],
      [".draft-publish", () => this.sending.open("published")],
      [".draft-stage", () => this.sending.open("staged")],
      [".draft-discard", () => find("#discard-dialog").showModal()],
      ["#discard-dialog .dialog-cancel", () => find("#discard-dialog").close()],
      ["#discard-dialog [type=submit]", () => this.discard()],
    ]);
    for (const [selector, act] of clicks) find(selector).addEventListener("click", act);
  }

  /** Ask what is in the draft; where the server cannot tell, again and again. */
  async start() {
    try {
      await this.draft.read();
    } catch (error) {
      this.explorer.tell(error);
      untilDone(() => this.draft.read());
    }
  }

  /** Show the draft in table and map, and the selected entity as it is now; wait for its load, whoever sent it. */
  show() {
    const { changes, reply } = this.draft;
    if (!reply) return;
    if (this.draft.isSent) this.follow(reply.job?.target ?? "published");
    this.explorer.known.clear();
    this.explorer.table?.showDraft(changes, reply.properties);
    this.map?.showDraft(changes);
    for (const button of document.querySelectorAll(".edits")) {
      /** @type {HTMLButtonElement} */ (button).disabled = !this.isPossible;
    }
    if (!this.editor.isOpen) this.explorer.refresh();
  }

  /** Open the form of a new entity, unless something else was opened before there is an id for it. @param {LngLat | null} at */
  async add(at) {
    const { editor: { fields }, explorer: { selectedId } } = this;
    const isStillWanted = () => this.editor.fields === fields && this.explorer.selectedId === selectedId;
    try {
      const { id } = await this.explorer.server.get("draft/new-id", {});
      if (!isStillWanted()) return;
      this.explorer.deselect();
      const key = this.columns.find(({ isKey }) => isKey)?.name ?? "";
      const entity = { id, latitude: null, longitude: null, values: { [key]: id }, geography: null };
      this.editor.open(entity, this.columns, true);
      if (at) this.editor.setPlace(at);
      this.map?.setHandle(at);
    } catch (error) {
      this.explorer.tell(error);
    }
  }

  /** Open the form of an entity. @param {Entity} entity */
  edit(entity) {
    this.explorer.details?.hide();
    this.editor.open(entity, this.columns, false);
  }

  /** @param {Entity} entity */
  delete({ id }) {
    return this.does(() => this.draft.delete(id), _("Deleted in the draft: {id}", { id }));
  }

  /** @param {Entity} entity */
  takeBack({ id }) {
    return this.does(() => this.draft.takeBack(id), _("Taken back: {id}", { id }));
  }

  /** @param {string} id @param {Record<string, string>} values @param {boolean} isNew */
  async save(id, values, isNew) {
    const isThere = () => this.draft.changes.has(id);
    const wasThere = isThere();
    try {
      await (isNew ? this.draft.add(id, values) : this.draft.change(id, values));
    } catch (error) {
      const { status } = /** @type {import("./server.js").Refusal} */ (error);
      if (status !== 422) await this.draft.read().catch(() => {});
      if (!(isDoubtful(error) && isNew && !wasThere && isThere())) throw error; // else only the answer was lost
    }
    announce(_("In the draft: {id}", { id }));
  }

  /** Look at an entity in place of the form. @param {string} id */
  async leaveFormFor(id) {
    this.leaveForm();
    await this.explorer.select(id);
    if (this.explorer.selectedId === id) this.explorer.table?.button(id)?.focus();
  }

  /** Somebody clicked where an entity is. @param {LngLat} at */
  point(at) {
    if (!this.editor.isOpen) {
      this.add(at);
      return;
    }
    this.editor.setPlace(at);
    this.map?.setHandle(at);
  }

  /** Somebody dragged the handle. @param {LngLat} at */
  async drop(at) {
    const { selected } = this.explorer;
    if (this.editor.isOpen) this.editor.setPlace(at);
    else if (selected) {
      await this.does(() => this.draft.move(selected.id, at), _("Moved in the draft: {id}", { id: selected.id }));
    }
  }

  /** Close the form and look at what was looked at before. */
  closeForm() {
    const { selectedId } = this.explorer;
    this.leaveForm();
    if (selectedId) this.explorer.select(selectedId);
    else find("#add-by-form").focus();
  }

  /** Close the form. */
  leaveForm() {
    if (!this.editor.isOpen) return;
    this.editor.hide();
    this.map?.stop();
    this.map?.setHandle(this.explorer.selected ? placeOf(this.explorer.selected) : null);
  }

  async discard() {
    find("#discard-dialog").close();
    this.explorer.deselect();
    await this.does(() => this.draft.discard(), _("The draft was discarded."));
  }

  /** @param {() => Promise<unknown>} act @param {string} done */
  async does(act, done) {
    try {
      await act();
      announce(done);
    } catch (error) {
      this.explorer.tell(error);
      await this.draft.read().catch(() => {});
    }
  }

  /** Wait until the load of the draft is over, then show what it made. @param {import("./send_dialog.js").Target} target */
  async follow(target) {
    if (this.isFollowing) return;
    this.isFollowing = true;
    this.explorer.deselect();
    while (await untilDone(() => this.isLoading()));
    this.isFollowing = false;
    if (this.draft.reply?.job) announce(_("The load of the draft was not possible."));
    else this.arrive(target);
  }

  async isLoading() {
    if ((await this.draft.status()).state === "sent") return true;
    await this.draft.read();
    return this.draft.isSent;
  }

  /** @param {import("./send_dialog.js").Target} target */
  arrive(target) {
    const url = new URL(location.href);
    url.searchParams.set("version", target);
    url.searchParams.set("done", target);
    location.assign(url);
  }
}

/**
 * Do something after a while; where the server cannot, again, less and less often.
 *
 * @template T
 * @param {() => Promise<T>} act
 * @returns {Promise<T>}
 */
async function untilDone(act) {
  for (let wait = POLL_MS; ; wait = Math.min(2 * wait, MOST_POLL_MS)) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    try {
      return await act();
    } catch (error) {
      console.warn(error);
    }
  }
}
