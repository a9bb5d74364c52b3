/** What editors do: entities added, changed, moved and deleted, properties changed, all of it in a draft. */

import { _ } from "../settings.js";
import { announce, find } from "./dom.js";
import { Draft } from "./draft.js";
import { DraftPanel } from "./draft_panel.js";
import { Editor } from "./editor.js";
import { SchemaDialog } from "./schema_dialog.js";
import { SendDialog } from "./send_dialog.js";
import { placeOf } from "./server.js";

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
      close: () => this.closeForm(),
      place: (at) => this.map?.setHandle(at),
      point: () => this.map?.askForPoint(_("Click on the map where it is. Escape to stop.")),
    });
    const tell = (/** @type {unknown} */ error) => explorer.tell(error);
    this.panel = new DraftPanel(find("#draft"), this.draft, { select: (id) => explorer.select(id), tell });
    this.schema = new SchemaDialog(find("#schema-dialog"), (steps) => this.draft.changeProperties(steps));
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

  async start() {
    try {
      await this.draft.read();
      if (this.draft.isSent) this.follow(this.draft.reply?.job?.target ?? "published");
    } catch (error) {
      this.explorer.tell(error);
    }
  }

  /** Show the draft in table and map, and the selected entity as it is now. */
  show() {
    const { changes, reply } = this.draft;
    if (!reply) return;
    this.explorer.known.clear();
    this.explorer.table?.showDraft(changes, reply.properties);
    this.map?.showDraft(changes);
    for (const button of document.querySelectorAll(".edits")) {
      /** @type {HTMLButtonElement} */ (button).disabled = !this.isPossible;
    }
  }

  /** Open the form of a new entity. @param {LngLat | null} at */
  async add(at) {
    try {
      const { id } = await this.explorer.server.get("draft/new-id", {});
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
  async delete({ id }) {
    await this.does(() => this.draft.delete(id), _("Deleted in the draft: {id}", { id }));
    if (this.draft.changes.has(id)) await this.explorer.select(id);
    else this.explorer.deselect();
  }

  /** @param {Entity} entity */
  async takeBack({ id, kind }) {
    await this.does(() => this.draft.takeBack(id), _("Taken back: {id}", { id }));
    if (kind === "added") this.explorer.deselect();
    else await this.explorer.select(id);
  }

  /** @param {string} id @param {Record<string, string>} values @param {boolean} isNew */
  async save(id, values, isNew) {
    await (isNew ? this.draft.add(id, values) : this.draft.change(id, values));
    announce(_("In the draft: {id}", { id }));
    await this.explorer.select(id);
    this.explorer.table?.button(id)?.focus();
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
      await this.explorer.select(selected.id);
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
    this.explorer.deselect();
    while (await this.isLoading());
    if (this.draft.reply?.job) announce(_("The load of the draft was not possible."));
    else this.arrive(target);
  }

  /** Look after a while whether the draft is still being loaded; less and less often where the server cannot tell. */
  async isLoading() {
    for (let wait = POLL_MS; ; wait = Math.min(2 * wait, MOST_POLL_MS)) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      try {
        if ((await this.draft.status()).state === "sent") return true;
        await this.draft.read();
        return this.draft.isSent;
      } catch (error) {
        if (wait === POLL_MS) this.explorer.tell(error);
      }
    }
  }

  /** @param {import("./send_dialog.js").Target} target */
  arrive(target) {
    const url = new URL(location.href);
    url.searchParams.set("version", target);
    url.searchParams.set("done", target);
    location.assign(url);
  }
}
