/** The polygons that the phone has taken along (`GET /boundaries/offline`), and which kelurahan lie around a place. */

import { bearing, chord2, metresBetween, nearestOnEdge, type LonLat } from "./geodesy.ts";

export interface OfflineBoundaries {
  edition: { name: string; accuracy_m: number; approximate: boolean };
  tolerance: { accuracy_when_unknown_m: number; at_least_m: number; at_most_m: number };
  complete: boolean;
  base: string[];
  within_m: number;
  per_degree: number;
  kelurahan: { code: string; name: string; kecamatan: string; polygons: number[][][] }[];
}

/** A kelurahan seen from a place: 0 m when it covers it. */
export interface Nearby {
  code: string;
  name: string;
  kecamatan: string;
  distanceM: number;
  bearing: number | null;
}

/** Numbers in turn, lon and lat; the first corner is the last one again. */
type Ring = Float64Array;

export interface Area {
  code: string;
  name: string;
  kecamatan: string;
  polygons: Ring[][];
  box: [west: number, south: number, east: number, north: number];
}

const METRES_PER_DEGREE = 109_000;
/** What does not cover a place is never said to be 0 m away (as in `placement/locating.py`). */
const LEAST_M = 0.001;

export class Coverage {
  readonly document: OfflineBoundaries;
  readonly areas: readonly Area[];
  private readonly base: ReadonlySet<string>;

  constructor(document: OfflineBoundaries) {
    this.document = document;
    this.areas = document.kelurahan.map((kelurahan) => areaOf(kelurahan, document.per_degree));
    this.base = new Set(document.base);
  }

  /** All within `reachM`, and those named in `also` however far, by distance. */
  around(place: LonLat, reachM: number, also: readonly string[] = []): Nearby[] {
    const found: Nearby[] = [];
    for (const area of this.areas) {
      if (!also.includes(area.code) && !isWithinReach(area, place, reachM)) continue;
      const nearby = nearbyOf(area, place);
      if (nearby.distanceM <= reachM || also.includes(area.code)) found.push(nearby);
    }
    return found.sort((a, b) => a.distanceM - b.distanceM || (a.code < b.code ? -1 : 1));
  }

  /** Whether every kelurahan within `reachM` of the place is on this phone, so that a verdict can be given. */
  holds(place: LonLat, reachM: number): boolean {
    if (this.document.complete) return true;
    const far = this.document.within_m - reachM;
    return this.areas.some((area) => this.base.has(area.code) && isWithinReach(area, place, far) && nearbyOf(area, place).distanceM <= far);
  }

  has(code: string): boolean {
    return this.areas.some((area) => area.code === code);
  }
}

function areaOf(kelurahan: OfflineBoundaries["kelurahan"][number], perDegree: number): Area {
  const polygons = kelurahan.polygons.map((rings) => rings.map((steps) => ringOf(steps, perDegree)));
  const box: Area["box"] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of polygons.map((rings) => rings[0] ?? new Float64Array())) {
    for (let at = 0; at < ring.length; at += 2) {
      const [lon, lat] = cornerOf(ring, at);
      box[0] = Math.min(box[0], lon);
      box[1] = Math.min(box[1], lat);
      box[2] = Math.max(box[2], lon);
      box[3] = Math.max(box[3], lat);
    }
  }
  return { code: kelurahan.code, name: kelurahan.name, kecamatan: kelurahan.kecamatan, polygons, box };
}

function ringOf(steps: readonly number[], perDegree: number): Ring {
  const ring = new Float64Array(steps.length + 2);
  let x = 0;
  let y = 0;
  for (let at = 0; at < steps.length; at += 2) {
    x += steps[at] ?? 0;
    y += steps[at + 1] ?? 0;
    ring[at] = x / perDegree;
    ring[at + 1] = y / perDegree;
  }
  ring[steps.length] = ring[0] ?? 0;
  ring[steps.length + 1] = ring[1] ?? 0;
  return ring;
}

function cornerOf(ring: Ring, at: number): LonLat {
  return [ring[at] ?? 0, ring[at + 1] ?? 0];
}

function isWithinReach({ box }: Area, [lon, lat]: LonLat, reachM: number): boolean {
  const high = (reachM + 1) / METRES_PER_DEGREE;
  const wide = high / Math.cos((Math.min(Math.abs(lat), 85) * Math.PI) / 180);
  return lon >= box[0] - wide && lon <= box[2] + wide && lat >= box[1] - high && lat <= box[3] + high;
}

function nearbyOf(area: Area, place: LonLat): Nearby {
  const { code, name, kecamatan } = area;
  if (area.polygons.some((polygon) => covers(polygon, place))) return { code, name, kecamatan, distanceM: 0, bearing: null };
  const edge = nearestEdge(area, place);
  return { code, name, kecamatan, distanceM: Math.max(metresBetween(edge, place), LEAST_M), bearing: bearing(edge, place) };
}

/** In degrees, as ST_Covers does; the border itself is covered. */
function covers(polygon: readonly Ring[], [lon, lat]: LonLat): boolean {
  let isInside = false;
  for (const ring of polygon) {
    for (let at = 2; at < ring.length; at += 2) {
      const [x0, y0] = cornerOf(ring, at - 2);
      const [x1, y1] = cornerOf(ring, at);
      const side = (x1 - x0) * (lat - y0) - (y1 - y0) * (lon - x0);
      const isBeside = Math.min(x0, x1) <= lon && lon <= Math.max(x0, x1) && Math.min(y0, y1) <= lat && lat <= Math.max(y0, y1);
      if (side === 0 && isBeside) return true;
      if (y0 > lat !== y1 > lat && side > 0 === y1 > y0) isInside = !isInside;
    }
  }
  return isInside;
}

/** Chosen on the sphere, as PostGIS chooses it; only then measured on the ellipsoid. */
function nearestEdge(area: Area, place: LonLat): LonLat {
  let nearest: LonLat = [area.box[0], area.box[1]];
  let least = Infinity;
  for (const ring of area.polygons.flat()) {
    for (let at = 2; at < ring.length; at += 2) {
      const foot = nearestOnEdge(place, cornerOf(ring, at - 2), cornerOf(ring, at));
      const distance = chord2(foot, place);
      if (distance < least) {
        least = distance;
        nearest = foot;
      }
    }
  }
  return nearest;
}
