/** Where to look for what is missing, in the words of the entry page. */

import { say } from "../common/language.ts";
import { bearing, metresBetween, type LonLat } from "../entry/geodesy.ts";
import { direction, distance } from "../entry/words.ts";

// Nearer than a phone can tell.
const HERE_M = 10;

/** `350 m ke arah timur laut`. */
export function away(here: LonLat, there: LonLat): string {
  const metres = metresBetween(here, there);
  if (metres < HERE_M) return say("di sini", "here");
  const [far, where] = [distance(metres), direction(bearing(here, there))];
  return say(`${far} ke arah ${where}`, `${far} to the ${where}`);
}

/** Between which RT of its RW a missing one should be, of those that are there; empty where there is none. */
export function between(missing: number, there: readonly number[]): string {
  const before = Math.max(...there.filter((number) => number < missing));
  const after = Math.min(...there.filter((number) => number > missing));
  if (before > 0 && after < Infinity) return say(`antara RT ${before} dan RT ${after}`, `between RT ${before} and RT ${after}`);
  if (before > 0) return say(`setelah RT ${before}`, `after RT ${before}`);
  return after < Infinity ? say(`sebelum RT ${after}`, `before RT ${after}`) : "";
}
