/** The draft as the server keeps it, and the way back from each step of it. */

/**
 * @typedef {import("./server.js").Change} Change
 * @typedef {import("./server.js").Draft} DraftReply
 * @typedef {import("./server.js").Step} Step
 */

/** Fires "change" whenever the server told anew what is in the draft. */
export class Draft extends EventTarget {
  /** @param {import("./server.js").Server} server */
  constructor(server) {
    super();
    this.server = server;
    /** @type {DraftReply | null} */
    this.reply = null;
    /** @type {Map<string, Change>} */
    this.changes = new Map();
    /** @type {(() => Promise<unknown>)[]} */
    this.wayBack = [];
  }

  /** Ask what is in it. */
  async read() {
    this.take(await this.server.get("draft", {}));
  }

  /** @param {DraftReply} reply */
  take(reply) {
    this.reply = reply;
    this.changes = new Map(reply.changes.map((change) => [change.id, change]));
    this.dispatchEvent(new Event("change"));
  }

  get isOpen() {
    return this.reply?.state === "open";
  }

  get isSent() {
    return this.reply?.state === "sent";
  }

  get canUndo() {
    return this.wayBack.length > 0 && !this.isSent;
  }

  /** @param {string} id @param {Record<string, string>} values */
  add(id, values) {
    return this.step(id, "draft/add", named(values));
  }

  /** @param {string} id @param {Record<string, string>} values those that change */
  change(id, values) {
    return this.step(id, "draft/change", named(values));
  }

  /** @param {string} id @param {{lng: number, lat: number}} to */
  move(id, to) {
    return this.step(id, "draft/move", { latitude: String(to.lat), longitude: String(to.lng) });
  }

  /** @param {string} id */
  delete(id) {
    return this.step(id, "draft/delete", {});
  }

  /** Leave an entity as it was before the draft. @param {string} id */
  takeBack(id) {
    return this.step(id, "draft/undo", {});
  }

  /** @param {Partial<Step>} step */
  async changeSchema(step) {
    this.take(await this.server.post("draft/schema", /** @type {Record<string, string>} */ (step)));
    this.wayBack.push(() => this.server.post("draft/schema/undo", {}));
    this.dispatchEvent(new Event("change"));
  }

  /** Take the last change of the properties back. */
  async undoStep() {
    this.wayBack = [];
    this.take(await this.server.post("draft/schema/undo", {}));
  }

  /** Go back by one step of this visit. */
  async undo() {
    const back = this.wayBack.pop();
    if (!back) return;
    try {
      await back();
    } finally {
      await this.read();
    }
  }

  /** Forget all of it. */
  async discard() {
    this.wayBack = [];
    this.take(await this.server.post("draft/discard", {}));
  }

  /**
   * Make a load of it.
   *
   * @param {{target: "published" | "staged", leaveOut: boolean, over: string | null}} how
   * @returns {Promise<{job: string, url: string}>}
   */
  async send({ target, leaveOut, over }) {
    const sent = await this.server.post("draft/send", {
      target,
      ...(leaveOut && { leaveOut: "1" }),
      ...(over && { over }),
    });
    this.wayBack = [];
    await this.read();
    return sent;
  }

  /** @param {string} id @param {string} path @param {Record<string, string>} values */
  async step(id, path, values) {
    const before = this.changes.get(id);
    const reply = await this.server.post(path, { id, ...values });
    this.wayBack.push(() => this.restore(id, before));
    this.take(reply);
  }

  /** @param {string} id @param {Change} [before] */
  async restore(id, before) {
    await this.server.post("draft/undo", { id });
    if (!before) return;
    const paths = { added: "draft/add", changed: "draft/change", deleted: "draft/delete" };
    await this.server.post(paths[before.kind], { id, ...named(before.values) });
  }
}

/** @param {Record<string, string>} values @returns {Record<string, string>} */
function named(values) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`value.${name}`, value]));
}
