/** The order of a day's stops: a short way past all of them, found on the phone without a network. Pure. */

import { metresBetween, type LonLat } from "../entry/geodesy.ts";

/** More are no day's work. */
export const MOST_STOPS = 100;
// Of a dozen stops each is tried as the first, of a hundred two: among few, a single attempt can end far from the optimum (1.38 times was seen).
const STOPS_SET_OUT = 150;
const LONGEST_STRETCH = 3;

/** `from`: where one stands; `to`: where the way ends, for a round trip the same place. Null: wherever the way is shortest. */
export interface Ends {
  from: LonLat | null;
  to: LonLat | null;
}

/** `order`: indices of the stops; `metres`: the whole way, from the one end and to the other. */
export interface Tour {
  order: number[];
  metres: number;
}

/** Between two places by their numbers; whole centimetres, so that sums are exact and equal ways stay equal on every phone. */
type Distance = (one: number, other: number) => number;

/** What a change of the way saves, and how it is made. */
interface Change {
  saved: number;
  apply: (way: readonly number[]) => number[];
}

/**
 * The same stops give the same tour, in whatever order they come; a round trip goes to the nearer of its first and last stop first.
 * RangeError: more than `MOST_STOPS`, or a place that is none.
 */
export function tour(stops: readonly LonLat[], { from, to }: Ends): Tour {
  if (stops.length > MOST_STOPS) throw new RangeError(`at most ${MOST_STOPS} stops, not ${stops.length}`);
  const wrong = [...stops, from, to].find((place) => place && !(Math.abs(place[0]) <= 180 && Math.abs(place[1]) <= 90));
  if (wrong) throw new RangeError(`no longitude and latitude: ${wrong.join()}`);
  const sorted = stops.map((place, index) => ({ place, index })).sort((a, b) => a.place[0] - b.place[0] || a.place[1] - b.place[1]);
  const distance = distances([...sorted.map(({ place }) => place), from, to]);
  const way = shortest(stops.length, distance);
  const order = way.slice(1, -1);
  const [here, first = 0, last = 0] = [stops.length, order.at(0), order.at(-1)];
  if (isSame(from, to) && distance(here, first) > distance(here, last)) order.reverse();
  return { order: order.map((at) => sorted[at]?.index ?? -1), metres: length(way, distance) / 100 };
}

const isSame = (one: LonLat | null, other: LonLat | null): boolean => one !== null && other !== null && one[0] === other[0] && one[1] === other[1];

/** To an end that may be anywhere it is no way at all. */
function distances(places: readonly (LonLat | null)[]): Distance {
  const count = places.length;
  const table = new Uint32Array(count * count);
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < row; column++) {
      const [one, other] = [places[row], places[column]];
      const centimetres = one && other ? Math.round(metresBetween(one, other) * 100) : 0;
      table[row * count + column] = table[column * count + row] = centimetres;
    }
  }
  return (one, other) => table[one * count + other] as number;
}

/** The shortest of several, which begin with one or another of the nearest stops. */
function shortest(stops: number, distance: Distance): number[] {
  const nearest = Array.from({ length: stops }, (_, at) => at).sort((a, b) => distance(stops, a) - distance(stops, b));
  const firsts = nearest.slice(0, Math.ceil(STOPS_SET_OUT / stops));
  const ways = firsts.map((first) => shortened(greedy(first, stops, distance), distance));
  return ways.reduce((best, way) => (length(way, distance) < length(best, distance) ? way : best), ways[0] ?? [stops, stops + 1]);
}

/** From one end (numbered after the stops) to `first`, then always to the nearest stop that is left, and to the other end. */
function greedy(first: number, stops: number, distance: Distance): number[] {
  const left = Array.from({ length: stops }, (_, at) => at).filter((at) => at !== first);
  const way = [stops, first];
  for (let here = first; left.length > 0; ) {
    const next = left.reduce((best, one) => (distance(here, one) < distance(here, best) ? one : best));
    left.splice(left.indexOf(next), 1);
    way.push(next);
    here = next;
  }
  return [...way, stops + 1];
}

/** Makes the turn that saves most, or where none saves anything the move, until there is none either. */
function shortened(way: number[], distance: Distance): number[] {
  for (;;) {
    const turn = bestTurn(way, distance);
    const { saved, apply } = turn.saved > 0 ? turn : bestMove(way, distance);
    if (saved <= 0) return way;
    way = apply(way);
  }
}

/** 2-opt: a stretch is walked the other way round. */
function bestTurn(way: readonly number[], distance: Distance): Change {
  const at = (index: number): number => way[index] as number;
  let best = { saved: 0, first: 0, last: 0 };
  for (let first = 1; first < way.length - 2; first++) {
    const before = at(first - 1);
    const head = at(first);
    const entered = distance(before, head);
    for (let last = first + 1; last < way.length - 1; last++) {
      const tail = at(last);
      const after = at(last + 1);
      const saved = entered + distance(tail, after) - distance(before, tail) - distance(head, after);
      if (saved > best.saved) best = { saved, first, last };
    }
  }
  const { saved, first, last } = best;
  return { saved, apply: (old) => [...old.slice(0, first), ...old.slice(first, last + 1).reverse(), ...old.slice(last + 1)] };
}

/** Or-opt: a few stops in a row are visited elsewhere, in either direction. */
function bestMove(way: readonly number[], distance: Distance): Change {
  const at = (index: number): number => way[index] as number;
  let best = { saved: 0, first: 0, last: 0, gap: 0, isTurned: false };
  for (let first = 1; first < way.length - 1; first++) {
    const head = at(first);
    for (let last = first; last < Math.min(first + LONGEST_STRETCH, way.length - 1); last++) {
      const tail = at(last);
      const out = distance(at(first - 1), head) + distance(tail, at(last + 1)) - distance(at(first - 1), at(last + 1));
      // By the triangle inequality no gap saves more.
      if (out + distance(head, tail) <= best.saved) continue;
      for (let gap = 0; gap < way.length - 1; gap++) {
        if (gap >= first - 1 && gap <= last) continue;
        const left = at(gap);
        const right = at(gap + 1);
        const straight = distance(left, head) + distance(tail, right);
        const turned = distance(left, tail) + distance(head, right);
        const saved = out + distance(left, right) - Math.min(straight, turned);
        if (saved > best.saved) best = { saved, first, last, gap, isTurned: turned < straight };
      }
    }
  }
  const { saved, first, last, gap, isTurned } = best;
  return {
    saved,
    apply: (old) => {
      const stretch = old.slice(first, last + 1);
      if (isTurned) stretch.reverse();
      return gap < first
        ? [...old.slice(0, gap + 1), ...stretch, ...old.slice(gap + 1, first), ...old.slice(last + 1)]
        : [...old.slice(0, first), ...old.slice(last + 1, gap + 1), ...stretch, ...old.slice(gap + 1)];
    },
  };
}

function length(way: readonly number[], distance: Distance): number {
  return way.slice(1).reduce((sum, at, index) => sum + distance(way[index] as number, at), 0);
}
