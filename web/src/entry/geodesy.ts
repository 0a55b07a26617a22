/**
 * Distances as PostGIS measures them between `geography` values: the nearest place of an edge on the sphere of latitudes and longitudes, then
 * the length to it on the ellipsoid WGS 84. So a phone and the server judge alike; a plane would differ by metres.
 */

const RADIANS = Math.PI / 180;
const MAJOR_M = 6_378_137;
const FLATTENING = 1 / 298.257223563;
const ECCENTRICITY2 = FLATTENING * (2 - FLATTENING);

/** Degrees: longitude, latitude. */
export type LonLat = readonly [number, number];
type Vector = readonly [number, number, number];

function onSphere([lon, lat]: LonLat): Vector {
  const across = Math.cos(lat * RADIANS);
  return [across * Math.cos(lon * RADIANS), across * Math.sin(lon * RADIANS), Math.sin(lat * RADIANS)];
}

function inDegrees([x, y, z]: Vector): LonLat {
  return [Math.atan2(y, x) / RADIANS, Math.atan2(z, Math.hypot(x, y)) / RADIANS];
}

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const cross = (a: Vector, b: Vector): Vector => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];

/** The place of the great-circle edge from `start` to `end` that is nearest to `place`. */
export function nearestOnEdge(place: LonLat, start: LonLat, end: LonLat): LonLat {
  const p = onSphere(place);
  const a = onSphere(start);
  const b = onSphere(end);
  const normal = cross(a, b);
  const length = Math.hypot(...normal);
  if (length < 1e-15) return start;
  const n: Vector = [normal[0] / length, normal[1] / length, normal[2] / length];
  const height = dot(p, n);
  const foot: Vector = [p[0] - height * n[0], p[1] - height * n[1], p[2] - height * n[2]];
  const isWithin = dot(cross(a, foot), n) >= 0 && dot(cross(foot, b), n) >= 0;
  if (isWithin) return inDegrees(foot);
  const toStart = minus(p, a);
  const toEnd = minus(p, b);
  return dot(toStart, toStart) <= dot(toEnd, toEnd) ? start : end;
}

/** The square of the straight line between two places of the unit sphere: to compare distances with. */
export function chord2(one: LonLat, other: LonLat): number {
  const line = minus(onSphere(one), onSphere(other));
  return dot(line, line);
}

/** Metres on the ellipsoid; exact to a millimetre over the few kilometres that a verdict is about. */
export function metresBetween(one: LonLat, other: LonLat): number {
  const [east, north] = stepsOf(one, other);
  return Math.hypot(east, north);
}

/** Degrees clockwise from north, from `one` to `other`. */
export function bearing(one: LonLat, other: LonLat): number {
  const [east, north] = stepsOf(one, other);
  const degrees = Math.atan2(east, north) / RADIANS;
  return (degrees + 360) % 360;
}

function stepsOf(one: LonLat, other: LonLat): [east: number, north: number] {
  const middle = ((one[1] + other[1]) / 2) * RADIANS;
  const w2 = 1 - ECCENTRICITY2 * Math.sin(middle) ** 2;
  const across = MAJOR_M / Math.sqrt(w2);
  const along = (MAJOR_M * (1 - ECCENTRICITY2)) / w2 ** 1.5;
  return [(other[0] - one[0]) * RADIANS * across * Math.cos(middle), (other[1] - one[1]) * RADIANS * along];
}
