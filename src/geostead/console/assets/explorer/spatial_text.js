/** Shapes on the map and the text of a spatial filter: `nearby`, `bbox` and `intersects`, each way. */

/** @typedef {[number, number]} LonLat */

const EARTH_RADIUS_KM = 6371.0088;
const CIRCLE_CORNERS = 96;

/** Bring a longitude into ±180. @param {number} longitude @returns {number} */
export function wrapped(longitude) {
  return longitude >= -180 && longitude <= 180 ? longitude : ((((longitude + 180) % 360) + 360) % 360) - 180;
}

/** Write a coordinate to about 10 cm. @param {number} degrees @returns {string} */
function written(degrees) {
  return String(Number(degrees.toFixed(6)));
}

/**
 * Write the filter that a drawn circle stands for.
 *
 * @param {LonLat} centre
 * @param {number} radiusKm
 * @returns {string}
 */
export function circleText([longitude, latitude], radiusKm) {
  return `nearby(${written(latitude)},${written(wrapped(longitude))},${Number(radiusKm.toPrecision(4))})`;
}

/** Write the filter that a drawn box stands for. @param {LonLat[]} ring @returns {string} */
export function boxText(ring) {
  const [west, south, east, north] = boundsOf(ring);
  const [left, right] = east - west >= 360 ? [-180, 180] : [wrapped(west), wrapped(east)];
  return `bbox(${[south, left, north, right].map(written).join(",")})`;
}

/** Write the filter that a drawn polygon stands for. @param {LonLat[]} ring closed @returns {string} */
export function polygonText(ring) {
  const corners = ring.map(([longitude, latitude]) => `${written(wrapped(longitude))} ${written(latitude)}`);
  return `intersects('POLYGON ((${corners.join(", ")}))')`;
}

/** Return west, south, east and north of positions. @param {LonLat[]} positions @returns {[number, number, number, number]} */
export function boundsOf(positions) {
  const longitudes = positions.map(([longitude]) => longitude);
  const latitudes = positions.map(([, latitude]) => latitude);
  return [Math.min(...longitudes), Math.min(...latitudes), Math.max(...longitudes), Math.max(...latitudes)];
}

/**
 * Return the outline that a spatial filter has on the map, or null where only the server can tell (an address, a
 * route, a text that is not complete yet).
 *
 * @param {string} filter
 * @returns {GeoJSON.Polygon | null}
 */
export function outlineOf(filter) {
  const [, name, inside] = /^\s*(\w+)\s*\(([\s\S]*)\)\s*$/.exec(filter) ?? [];
  if (!name) return null;
  const numbers = inside.replaceAll("'", "").split(",").map(Number);
  const isComplete = numbers.every(Number.isFinite);
  switch (name.toLowerCase()) {
    case "nearby":
      return isComplete && numbers.length === 3 ? circleOutline([numbers[1], numbers[0]], numbers[2]) : null;
    case "bbox":
      return isComplete && numbers.length === 4 ? boxOutline(numbers) : null;
    case "intersects":
      return polygonOutline(inside);
    default:
      return null;
  }
}

/** @param {LonLat} centre @param {number} radiusKm @returns {GeoJSON.Polygon} */
function circleOutline([longitude, latitude], radiusKm) {
  const ring = [];
  for (let corner = 0; corner <= CIRCLE_CORNERS; corner++) {
    ring.push(positionAt([longitude, latitude], radiusKm, (2 * Math.PI * corner) / CIRCLE_CORNERS));
  }
  return { type: "Polygon", coordinates: [ring] };
}

/**
 * Return where one arrives from a place, by great circle.
 *
 * @param {LonLat} from
 * @param {number} distanceKm
 * @param {number} bearing in radians, clockwise from north
 * @returns {LonLat}
 */
function positionAt([longitude, latitude], distanceKm, bearing) {
  const angle = distanceKm / EARTH_RADIUS_KM;
  const start = (latitude * Math.PI) / 180;
  const end = Math.asin(Math.sin(start) * Math.cos(angle) + Math.cos(start) * Math.sin(angle) * Math.cos(bearing));
  const east = Math.atan2(
    Math.sin(bearing) * Math.sin(angle) * Math.cos(start),
    Math.cos(angle) - Math.sin(start) * Math.sin(end),
  );
  return [longitude + (east * 180) / Math.PI, (end * 180) / Math.PI];
}

/** @param {number[]} edges south, west, north, east @returns {GeoJSON.Polygon} */
function boxOutline([south, west, north, eastAsGiven]) {
  const east = west > eastAsGiven ? eastAsGiven + 360 : eastAsGiven;
  const ring = [west, east, east, west, west].map((longitude, i) => [longitude, i === 2 || i === 3 ? north : south]);
  return { type: "Polygon", coordinates: [ring] };
}

/** @param {string} argument @returns {GeoJSON.Polygon | null} */
function polygonOutline(argument) {
  const [, inside] = /POLYGON\s*\(\s*\(([^()]+)\)/i.exec(argument) ?? [];
  if (!inside) return null;
  /** @type {number[][]} */
  const ring = [];
  for (const corner of inside.split(",")) {
    const [longitude, latitude] = corner.trim().split(/\s+/).map(Number);
    if (!Number.isFinite(longitude) || !Number.isFinite(latitude)) return null;
    ring.push([besides(longitude, ring.at(-1)?.[0]), latitude]);
  }
  return ring.length < 4 ? null : { type: "Polygon", coordinates: [ring] };
}

/** Return a longitude on the side of ±180 that is nearer to the one before it. @param {number} longitude @param {number} [before] */
function besides(longitude, before = longitude) {
  const apart = longitude - before;
  if (Math.abs(apart) <= 180 || Math.abs(apart) === 360) return longitude;
  return apart > 0 ? longitude - 360 : longitude + 360;
}
