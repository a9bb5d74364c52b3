/** Counts of clusters as images: a map without glyphs has no text. */

const PREFIX = "count-";
const PIXEL_RATIO = 2;
const HEIGHT = 16;

/** The image that shows how many places a cluster stands for, as an expression of MapLibre. */
export const COUNT_IMAGE = ["concat", PREFIX, shortened(["get", "count"])];

/** Shorten a number: 950, 1.2k, 31k, 4.5M. @param {any} count an expression @returns {any} */
function shortened(count) {
  const thousands = (/** @type {number} */ unit) => ["to-string", ["/", ["round", ["/", count, unit / 10]], 10]];
  return [
    "case",
    [">=", count, 999_950], ["concat", thousands(1_000_000), "M"],
    [">=", count, 9_950], ["concat", ["to-string", ["round", ["/", count, 1_000]]], "k"],
    [">=", count, 1_000], ["concat", thousands(1_000), "k"],
    ["to-string", count],
  ];
}

/** Draw the counts that a map asks for. @param {import("maplibre-gl").Map} map */
export function drawCounts(map) {
  map.setMissingStyleImageResolver((id) => {
    if (id.startsWith(PREFIX) && !map.hasImage(id)) {
      map.addImage(id, imageOf(id.slice(PREFIX.length)), { pixelRatio: PIXEL_RATIO });
    }
  });
}

/** @param {string} label @returns {ImageData} */
function imageOf(label) {
  const canvas = document.createElement("canvas");
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const font = `600 ${12 * PIXEL_RATIO}px system-ui, sans-serif`;
  context.font = font;
  canvas.width = Math.ceil(context.measureText(label).width) + 2 * PIXEL_RATIO;
  canvas.height = HEIGHT * PIXEL_RATIO;
  Object.assign(context, { font, fillStyle: "white", textAlign: "center", textBaseline: "middle" });
  context.fillText(label, canvas.width / 2, canvas.height / 2 + PIXEL_RATIO / 2);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}
