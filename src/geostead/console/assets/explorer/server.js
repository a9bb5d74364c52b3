/** Asking the server about one data source, and what it refuses. */

import { _, messageIn, settings } from "../settings.js";

/**
 * @typedef {import("./address.js").Question} Question
 *
 * @typedef {object} Column
 * @property {string} name
 * @property {string} type "Edm.String" …
 * @property {boolean} isKey
 * @property {boolean} [isOrderable] whether rows can be sorted by it
 *
 * @typedef {object} Row
 * @property {string} id
 * @property {number | null} latitude
 * @property {number | null} longitude
 * @property {string[]} values text of each column
 *
 * @typedef {object} Page
 * @property {string} version job id
 * @property {number} count of all that match
 * @property {number} skip
 * @property {number} top
 * @property {Column[]} columns
 * @property {string[]} remarks
 * @property {Row[]} rows
 *
 * @typedef {object} Entity
 * @property {string} id
 * @property {number | null} latitude
 * @property {number | null} longitude
 * @property {Record<string, string>} values
 * @property {GeoJSON.Geometry | null} geography
 * @property {ChangeKind | null} [kind] what the draft does with it
 *
 * @typedef {object} Extent
 * @property {[number, number, number, number] | null} bounds west, south, east, north; west > east crosses ±180°
 * @property {number} located
 * @property {number} count
 *
 * @typedef {"added" | "changed" | "deleted"} ChangeKind
 *
 * @typedef {object} Change
 * @property {string} id
 * @property {ChangeKind} kind
 * @property {number | null} latitude
 * @property {number | null} longitude
 * @property {string} label
 * @property {GeoJSON.Geometry | null} geography
 * @property {Record<string, string>} values all where it is added, {} where it is deleted, else those that differ
 * @property {Record<string, string> | null} before what those that differ are now
 *
 * @typedef {object} Step
 * @property {"add" | "rename" | "remove" | "retype"} step
 * @property {string} name
 * @property {string | null} newName
 * @property {string | null} type
 *
 * @typedef {object} Draft
 * @property {"none" | "open" | "sent"} state
 * @property {{id: string, status: string, error: string | null, url: string, target: "published" | "staged"} | null} job
 * @property {string} version
 * @property {string} current
 * @property {boolean} moved
 * @property {string[]} conflicts
 * @property {Record<ChangeKind, number>} counts
 * @property {number} most
 * @property {Change[]} changes
 * @property {(Column & {was: string | null})[]} properties
 * @property {Step[]} steps
 * @property {string | null} trouble why the steps are not possible any more
 *
 * @typedef {Omit<Draft, "changes" | "properties" | "steps" | "trouble"> & {id: string, change: Change | null}} DraftChanged
 */

/** After that nobody answers any more. */
const PATIENCE_MS = 120_000;

/** Why the server did not do what it was asked. */
export class Refusal extends Error {
  /**
   * @param {number} status of HTTP; 0 if nothing answered
   * @param {Record<string, any>} reply what the server said about it
   */
  constructor(status, reply) {
    super(reply.message);
    this.status = status;
    /** @type {string | null} */
    this.parameter = reply.parameter ?? null;
    /** @type {number | null} 1-based */
    this.position = reply.position ?? null;
    /** @type {Record<string, string>} what was expected, by property */
    this.errors = reply.errors ?? {};
    /** @type {{id: string, property: string, expected: string}[]} entities of a draft that cannot be loaded */
    this.entities = reply.entities ?? [];
    /** @type {number | null} which of several steps it is about, from 0 */
    this.step = reply.step ?? null;
  }
}

/** Tell whether the server may have done what it was asked, or may do it next time. @param {any} error */
export function isDoubtful({ status = 0 }) {
  return status === 0 || status >= 500;
}

/** One data source, as the pages of the console tell it. */
export class Server {
  /**
   * @param {string} url of the data source's pages
   * @param {string} version "published", "staged", or the job id of a version
   */
  constructor(url, version) {
    this.url = url;
    this.version = version;
  }

  /**
   * Return a page of the table.
   *
   * @param {Question} question
   * @param {{order: string, skip: number, top: number}} part
   * @param {AbortSignal} [signal]
   * @returns {Promise<Page>}
   */
  rows(question, { order, skip, top }, signal) {
    return this.get("entities/rows", { ...queryOf(question), order, skip: String(skip), top: String(top) }, signal);
  }

  /** Return where the entities are that match. @param {Question} question @returns {Promise<Extent>} */
  extent(question) {
    return this.get("entities/extent", queryOf(question));
  }

  /** Return an entity, the draft applied where there is one. @param {string} id @param {boolean} drafted @returns {Promise<Entity>} */
  one(id, drafted) {
    return this.get(drafted ? "draft/one" : "entities/one", { id });
  }

  /** Return what may be written in a filter. @returns {Promise<any>} */
  help() {
    return this.get("entities/help", {});
  }

  /**
   * Return the URL of tiles, with {z}, {x} and {y}. Tiles of one version never change: browsers keep them.
   *
   * @param {Question} question
   * @param {string} version job id
   */
  tiles(question, version) {
    const query = new URLSearchParams({ version, ...queryOf(question) });
    return `${new URL(this.url, location.href).href}/tiles/{z}/{x}/{y}.mvt?${query}`;
  }

  /**
   * @param {string} path
   * @param {Record<string, string>} parameters
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  get(path, parameters, signal) {
    const query = new URLSearchParams({ version: this.version, ...parameters });
    const patience = AbortSignal.timeout(PATIENCE_MS);
    return answerTo(fetch(`${this.url}/${path}?${query}`, { signal: signal ? AbortSignal.any([signal, patience]) : patience }));
  }

  /** Do something. @param {string} path @param {Record<string, string>} values @returns {Promise<any>} */
  post(path, values) {
    const body = new URLSearchParams({ version: this.version, ...values });
    const headers = { "X-CSRF-Token": settings.csrf };
    return answerTo(fetch(`${this.url}/${path}`, { method: "POST", body, headers, signal: AbortSignal.timeout(PATIENCE_MS) }));
  }
}

/** Return where an entity is. @param {Entity} entity @returns {{lng: number, lat: number} | null} */
export function placeOf({ latitude, longitude }) {
  return latitude === null || longitude === null ? null : { lng: longitude, lat: latitude };
}

/** @param {Question} question @returns {Record<string, string>} */
function queryOf({ filter, where }) {
  return { ...(filter && { filter }), ...(where && { spatial: where }) };
}

/** @param {Promise<Response>} asked @returns {Promise<any>} */
async function answerTo(asked) {
  const response = await asked.catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new Refusal(0, { message: _("The server cannot be reached. Try again in a moment.") });
  });
  if (response.redirected) throw new Refusal(401, { message: _("You are signed out. Sign in in another tab, then go on here.") });
  const text = await response.text();
  const reply = response.headers.get("Content-Type") === "application/json" ? JSON.parse(text) : { message: messageIn(text) };
  if (response.ok) return reply;
  throw new Refusal(response.status, reply);
}
