/** Drawing a circle, a box or a polygon on the map, which ends as the text of a spatial filter. */

import { _ } from "../settings.js";
import { boundsOf, boxText, circleText, polygonText } from "./spatial_text.js";

/** @typedef {"circle" | "rectangle" | "polygon"} Shape */

/** Draws one shape at a time. What draws is fetched when it is first used. */
export class Drawing {
  /**
   * @param {import("maplibre-gl").Map} map
   * @param {(text: string) => void} onDrawn
   */
  constructor(map, onDrawn) {
    this.map = map;
    this.onDrawn = onDrawn;
    /** @type {import("terra-draw").TerraDraw | null} */
    this.draw = null;
    /** @type {Promise<import("terra-draw").TerraDraw> | null} */
    this.making = null;
    /** @type {Shape | null} */
    this.shape = null;
  }

  /**
   * Begin a shape, in place of one that has begun. Returns whether clicks draw it now: not if it was given up while
   * what draws was on its way. Throws where that cannot be had.
   *
   * @param {Shape} shape
   * @param {string} colour
   */
  async begin(shape, colour) {
    this.cancel();
    this.shape = shape;
    this.making ??= this.make(/** @type {any} */ (colour));
    try {
      this.draw = await this.making;
    } catch (error) {
      this.making = null;
      console.warn(error);
      throw new Error(_("Drawing could not be loaded. Load the page again in a moment."));
    }
    if (this.shape !== shape || this.draw.enabled) return false;
    this.draw.start();
    this.draw.setMode(shape);
    return true;
  }

  /** Forget what has begun. */
  cancel() {
    this.shape = null;
    if (this.draw?.enabled) this.draw.stop();
  }

  /** @param {any} colour */
  async make(colour) {
    const [terra, { TerraDrawMapLibreGLAdapter }] = await Promise.all([
      import("terra-draw"),
      import("terra-draw-maplibre-gl-adapter"),
    ]);
    const styles = { fillColor: colour, fillOpacity: 0.15, outlineColor: colour, outlineWidth: 2 };
    const draw = new terra.TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map: this.map, coordinatePrecision: 9 }),
      modes: [
        new terra.TerraDrawCircleMode({ styles, projection: "globe", drawInteraction: "click-move-or-drag" }),
        new terra.TerraDrawRectangleMode({ styles, drawInteraction: "click-move-or-drag" }),
        new terra.TerraDrawPolygonMode({ styles }),
      ],
    });
    draw.on("finish", (id) => this.finish(id));
    return draw;
  }

  /** @param {string | number} id */
  finish(id) {
    const drawn = /** @type {any} */ (this.draw?.getSnapshotFeature(id));
    const text = textOf(drawn);
    this.cancel();
    this.onDrawn(text);
  }
}

/** @param {{geometry: GeoJSON.Polygon, properties: any}} drawn @returns {string} */
function textOf({ geometry, properties }) {
  const ring = /** @type {[number, number][]} */ (geometry.coordinates[0]);
  if (properties.mode === "rectangle") return boxText(ring);
  if (properties.mode === "polygon") return polygonText(ring);
  const [west, south, east, north] = boundsOf(ring);
  return circleText([(west + east) / 2, (south + north) / 2], properties.radiusKilometers);
}
