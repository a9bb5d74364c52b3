/** The draft as the server keeps it, and the way back from each step of it. */

/**
 * @typedef {import("./server.js").Change} Change
 * @typedef {import("./server.js").Draft} DraftReply
 * @typedef {import("./server.js").DraftChanged} DraftChanged
 * @typedef {import("./server.js").Step} Step
 */

import { isDoubtful } from "./server.js";

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
    /** @type {Promise<unknown>} what is being done with it */
    this.turn = Promise.resolve();
  }

  /**
   * Do one thing after the other, as they were asked for: an answer that came late would tell of a draft that is no more.
   *
   * @template T
   * @param {() => Promise<T>} act
   * @returns {Promise<T>}
   */
  inTurn(act) {
    const done = this.turn.then(act);
    this.turn = done.catch(() => {});
    return done;
  }

  /** Ask what is in it. */
  read() {
    return this.inTurn(() => this.readNow());
  }

  async readNow() {
    this.take(await this.server.get("draft", {}));
  }

  /** @param {DraftReply} reply */
  take(reply) {
    this.reply = reply;
    this.changes = new Map(reply.changes.map((change) => [change.id, change]));
    this.dispatchEvent(new Event("change"));
  }

  /** Take what became of one entity, put before all others; ask for the whole where more than that is new. @param {DraftChanged} told */
  async takeOne({ id, change, conflicts, ...now }) {
    const { reply } = this;
    this.changes.delete(id);
    if (change) this.changes = new Map([[id, change], ...this.changes]);
    const count = Object.values(now.counts).reduce((sum, each) => sum + each, 0);
    if (!reply || now.current !== reply.current || now.moved !== reply.moved || count !== this.changes.size) return this.readNow();
    this.reply = { ...reply, ...now, conflicts: [...reply.conflicts.filter((other) => other !== id), ...conflicts] };
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

  /** Take steps that change the properties: all of them, or none. @param {Step[]} steps */
  changeProperties(steps) {
    return this.inTurn(async () => {
      const reply = await this.server.post("draft/schema", { steps: JSON.stringify(steps) });
      for (const _step of steps) this.wayBack.push(() => this.undoStepNow());
      this.take(reply);
    });
  }

  /** Take the last change of the properties back. */
  undoStep() {
    return this.inTurn(() => {
      this.wayBack = [];
      return this.undoStepNow();
    });
  }

  async undoStepNow() {
    this.take(await this.server.post("draft/schema/undo", {}));
  }

  /** Go back by one step of this visit. */
  undo() {
    return this.inTurn(async () => {
      const back = this.wayBack.pop();
      if (!back) return;
      await back().catch(async (error) => {
        if (isDoubtful(error)) this.wayBack.push(back);
        await this.readNow();
        throw error;
      });
      this.dispatchEvent(new Event("change"));
    });
  }

  /** Forget all of it. */
  discard() {
    return this.inTurn(async () => {
      this.wayBack = [];
      this.take(await this.server.post("draft/discard", {}));
    });
  }

  /**
   * Make a load of it.
   *
   * @param {{target: "published" | "staged", leaveOut: boolean, over: string | null}} how
   */
  send({ target, leaveOut, over }) {
    return this.inTurn(async () => {
      await this.server.post("draft/send", {
        target,
        ...(leaveOut && { leaveOut: "1" }),
        ...(over && { over }),
      });
      this.wayBack = [];
      await this.readNow().catch(() => {}); // whoever waits for the load asks again
    });
  }

  /** @param {string} id @param {string} path @param {Record<string, string>} values */
  step(id, path, values) {
    return this.inTurn(async () => {
      const before = this.changes.get(id);
      const reply = await this.server.post(path, { id, ...values });
      this.wayBack.push(() => this.restore(id, before));
      await this.takeOne(reply);
    });
  }

  /** @param {string} id @param {Change} [before] */
  async restore(id, before) {
    const earlier = before && { kind: before.kind, ...named(before.values) };
    await this.takeOne(await this.server.post("draft/undo", { id, ...earlier }));
  }

  /** Return whether it is being loaded, without all that is in it. @returns {Promise<Pick<DraftReply, "state" | "job">>} */
  status() {
    return this.server.get("draft/status", {});
  }
}

/** Return what a change looks like on a map: the place of its entity, and its geography. @param {Change} change @returns {GeoJSON.Feature[]} */
export function featuresOf({ id, kind, label, latitude, longitude, geography }) {
  const properties = { id, kind, label };
  /** @type {GeoJSON.Geometry[]} */
  const shown = geography ? [geography] : [];
  if (latitude !== null && longitude !== null) shown.unshift({ type: "Point", coordinates: [longitude, latitude] });
  return shown.map((geometry) => ({ type: "Feature", geometry, properties }));
}

/** @param {Record<string, string>} values @returns {Record<string, string>} */
function named(values) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`value.${name}`, value]));
}
