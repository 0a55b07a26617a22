/** Where does a point lie, and may it? The same decision as `app/placement/rules.py`; a test compares the two on 10,000 places. */

import type { Coverage, Nearby } from "./coverage.ts";
import type { LonLat } from "./geodesy.ts";

export type Verdict = "inside" | "near" | "elsewhere" | "outside";

export interface Placement {
  verdict: Verdict;
  declared: Nearby;
  /** Where the place lies: what covers it, else the nearest within tolerance, else nothing. */
  kelurahan: Nearby | null;
  neighbours: Nearby[];
  edition: string;
  approximate: boolean;
  toleranceM: number;
  isOverlap: boolean;
}

/** `beyond`: the phone has not all polygons around the place, and does not judge. `unclear`: which kelurahan is meant must be chosen. */
export type Judgement =
  | { kind: "judged"; placement: Placement }
  | { kind: "beyond"; edition: string }
  | { kind: "unclear"; candidates: Nearby[] };

const NEIGHBOURS_SHOWN = 5;

/** How far from the declared kelurahan a place may lie and still be believed, metres. An accuracy of 0 or null is unknown. */
export function toleranceM(accuracyM: number | null, rules: Coverage["document"]): number {
  const { accuracy_when_unknown_m, at_least_m, at_most_m } = rules.tolerance;
  const wanted = (accuracyM || accuracy_when_unknown_m) + rules.edition.accuracy_m;
  return Math.max(Math.min(Math.max(wanted, at_least_m), at_most_m), rules.edition.accuracy_m);
}

/** `declared`: the kelurahan that the point names, if any; `own`: those that the writer writes for. */
export function judge(coverage: Coverage, place: LonLat, accuracyM: number | null, declared: string | null, own: readonly string[]): Judgement {
  const tolerance = toleranceM(accuracyM, coverage.document);
  const edition = coverage.document.edition.name;
  if (!coverage.holds(place, tolerance)) return { kind: "beyond", edition };
  const claimed = declared ?? (own.length === 1 ? own[0] : undefined);
  const nearby = coverage.around(place, tolerance, claimed === undefined ? [] : [claimed]);
  const code = claimed ?? onlyOne(nearby)?.code;
  if (code === undefined) return { kind: "unclear", candidates: nearby };
  if (!coverage.has(code)) return { kind: "beyond", edition };
  return { kind: "judged", placement: placed(code, nearby, tolerance, coverage) };
}

function onlyOne(nearby: readonly Nearby[]): Nearby | undefined {
  return nearby.length === 1 ? nearby[0] : undefined;
}

function placed(code: string, nearby: readonly Nearby[], tolerance: number, coverage: Coverage): Placement {
  const declared = nearby.find((kelurahan) => kelurahan.code === code);
  if (declared === undefined) throw new RangeError(code);
  const others = nearby.filter((kelurahan) => kelurahan.code !== code);
  const covers = declared.distanceM === 0;
  const isElsewhere = others[0] !== undefined && others[0].distanceM <= tolerance;
  const verdict: Verdict = covers ? "inside" : declared.distanceM <= tolerance ? "near" : isElsewhere ? "elsewhere" : "outside";
  return {
    verdict,
    declared,
    kelurahan: covers ? declared : verdict === "outside" ? null : (nearby[0] ?? null),
    neighbours: others.slice(0, NEIGHBOURS_SHOWN),
    edition: coverage.document.edition.name,
    approximate: coverage.document.edition.approximate,
    toleranceM: tolerance,
    isOverlap: covers && others.some((kelurahan) => kelurahan.distanceM === 0),
  };
}
