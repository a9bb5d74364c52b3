/**
 * Entities on the map: clusters with their counts, single places and shapes from the server's tiles; above them the
 * draft, the spatial filter, and what is selected.
 */

import { COUNT_IMAGE, drawCounts } from "./count_images.js";
import { paletteOf } from "./palette.js";

/** @typedef {import("maplibre-gl").Map} Map */
/** @typedef {import("maplibre-gl").LayerSpecification} Layer */
/** @typedef {import("./palette.js").Palette} Palette */
/** @typedef {"entities" | "draft" | "where" | "selection"} Source */

const NOTHING = /** @type {GeoJSON.FeatureCollection} */ ({ type: "FeatureCollection", features: [] });
const IS_HIDDEN = ["boolean", ["feature-state", "drafted"], false];
const MAX_ZOOM = 22;
const LOWEST_OF_DRAFT = "draft-fills";
const SOURCE_LAYERS = ["entities", "shapes"];

/** Layers in which an entity is found. */
export const ENTITY_LAYERS = ["draft-points", "draft-lines", "draft-fills", "points", "lines", "fills"];

/** Sources and layers, put back whenever the map has lost them to another style. */
export class Layers {
  /** @param {string} tilesUrl with {z}, {x} and {y} */
  constructor(tilesUrl) {
    this.tilesUrl = tilesUrl;
    /** @type {Map | null} */
    this.map = null;
    /** @type {Record<string, GeoJSON.FeatureCollection>} */
    this.shown = { draft: NOTHING, where: NOTHING, selection: NOTHING };
    /** @type {Set<string>} */
    this.drafted = new Set();
  }

  /** Put everything on a map that has just got its style. @param {Map} map */
  addTo(map) {
    this.map = map;
    drawCounts(map);
    for (const [source, data] of Object.entries(this.shown)) map.addSource(source, { type: "geojson", data });
    this.addEntities(map);
    for (const layer of layersIn(paletteOf(map.getContainer()))) map.addLayer(layer);
  }

  /** @param {Map} map */
  addEntities(map) {
    map.addSource("entities", { type: "vector", tiles: [this.tilesUrl], maxzoom: MAX_ZOOM, promoteId: "key" });
    for (const id of this.drafted) this.setDrafted(id, true);
  }

  /**
   * Show what other tiles have. They come as another source: given other addresses, MapLibre 6 shows tiles it was
   * waiting for under the old ones, and never asks again for those that failed.
   *
   * @param {string} tilesUrl
   */
  setTiles(tilesUrl) {
    if (tilesUrl === this.tilesUrl) return;
    this.tilesUrl = tilesUrl;
    const { map } = this;
    if (!map || !this.source("entities")) return;
    const layers = layersIn(paletteOf(map.getContainer())).filter((layer) => "source" in layer && layer.source === "entities");
    for (const { id } of layers) map.removeLayer(id);
    map.removeSource("entities");
    this.addEntities(map);
    for (const layer of layers) map.addLayer(layer, LOWEST_OF_DRAFT);
  }

  /** Show features in place of those that were there. @param {Source} name @param {GeoJSON.Feature[]} features */
  set(name, features) {
    this.shown[name] = { type: "FeatureCollection", features };
    this.source(name)?.setData(this.shown[name]);
  }

  /** Leave entities out that the draft shows. An id goes to MapLibre as the key that tiles have for it. @param {Set<string>} ids */
  hide(ids) {
    for (const id of this.drafted) if (!ids.has(id)) this.setDrafted(id, false);
    for (const id of ids) if (!this.drafted.has(id)) this.setDrafted(id, true);
    this.drafted = ids;
  }

  /** @param {string} id @param {boolean} drafted */
  setDrafted(id, drafted) {
    if (!this.source("entities")) return;
    for (const sourceLayer of SOURCE_LAYERS) {
      this.map?.setFeatureState({ source: "entities", sourceLayer, id: `=${id}` }, { drafted });
    }
  }

  /** @param {Source} name @returns {any} */
  source(name) {
    return this.map?.getSource(name);
  }
}

/** @param {Palette} palette @returns {Layer[]} from the lowest to the uppermost */
function layersIn(palette) {
  return /** @type {any} */ ([
    ...whereLayers(palette),
    ...shapeLayers("", { source: "entities", "source-layer": "shapes" }, palette.place),
    ...clusterLayers(palette),
    pointLayer("points", { source: "entities", "source-layer": "entities" }, palette.place, palette),
    ...draftLayers(palette),
    ...selectionLayers(palette),
  ]);
}

/** @param {Palette} palette */
function whereLayers({ where }) {
  return [
    { id: "where-fill", type: "fill", source: "where", paint: { "fill-color": where, "fill-opacity": 0.1 } },
    {
      id: "where-line",
      type: "line",
      source: "where",
      paint: { "line-color": where, "line-width": 2, "line-dasharray": [3, 2] },
    },
  ];
}

/** @param {string} prefix @param {object} source @param {unknown} colour */
function shapeLayers(prefix, source, colour) {
  const shown = (/** @type {number} */ opacity) => ["case", IS_HIDDEN, 0, opacity];
  return [
    {
      id: `${prefix}fills`,
      type: "fill",
      ...source,
      filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "fill-color": colour, "fill-opacity": shown(0.25) },
    },
    {
      id: `${prefix}lines`,
      type: "line",
      ...source,
      filter: ["!=", ["geometry-type"], "Point"],
      paint: { "line-color": colour, "line-width": 2, "line-opacity": shown(1) },
    },
  ];
}

/** @param {Palette} palette */
function clusterLayers({ cluster, edge }) {
  const source = { source: "entities", "source-layer": "entities", filter: ["has", "count"] };
  const radius = ["interpolate", ["linear"], ["log10", ["get", "count"]], 0.3, 12, 2, 16, 4, 24, 6, 32];
  return [
    {
      id: "clusters",
      type: "circle",
      ...source,
      paint: { "circle-color": cluster, "circle-radius": radius, "circle-stroke-width": 2, "circle-stroke-color": edge },
    },
    {
      id: "cluster-counts",
      type: "symbol",
      ...source,
      layout: { "icon-image": COUNT_IMAGE, "icon-allow-overlap": true, "icon-ignore-placement": true },
    },
  ];
}

/** @param {string} id @param {object} source @param {unknown} colour @param {Palette} palette */
function pointLayer(id, source, colour, { edge }) {
  const opacity = ["case", IS_HIDDEN, 0, 1];
  return {
    id,
    type: "circle",
    ...source,
    filter: ["all", ["==", ["geometry-type"], "Point"], ["!", ["has", "count"]]],
    paint: {
      "circle-color": colour,
      "circle-radius": ["interpolate", ["linear"], ["zoom"], 4, 4, 14, 7],
      "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 4, 0.5, 10, 1.5],
      "circle-stroke-color": edge,
      "circle-opacity": opacity,
      "circle-stroke-opacity": opacity,
    },
  };
}

/** @param {Palette} palette */
function draftLayers(palette) {
  const colour = ["match", ["get", "kind"], "deleted", palette.deleted, palette.added];
  const source = { source: "draft" };
  return [...shapeLayers("draft-", source, colour), pointLayer("draft-points", source, colour, palette)];
}

/** @param {Palette} palette */
function selectionLayers({ selected }) {
  const ring = { "circle-radius": 11, "circle-opacity": 0, "circle-stroke-width": 3, "circle-stroke-color": selected };
  return [{ id: "selection", type: "circle", source: "selection", paint: ring }];
}
