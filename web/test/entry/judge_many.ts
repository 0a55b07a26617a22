/** Judges places for `tests/sql/test_phone_verdict.py`: reads `{boundaries, places: [[lon, lat, accuracy, declared], …]}`, writes verdicts. */

import { readFileSync } from "node:fs";

import { Coverage } from "../../src/entry/coverage.ts";
import { judge, toleranceM } from "../../src/entry/verdict.ts";

const { boundaries, places } = JSON.parse(readFileSync(0, "utf8"));
const coverage = new Coverage(boundaries);
const verdicts = places.map(([lon, lat, accuracy, declared]: [number, number, number | null, string]) => {
  const judged = judge(coverage, [lon, lat], accuracy, declared, []);
  if (judged.kind !== "judged") return { verdict: judged.kind };
  const { verdict, declared: claimed, kelurahan, isOverlap } = judged.placement;
  const others = coverage.around([lon, lat], toleranceM(accuracy, boundaries) + 1).filter(({ code }) => code !== declared);
  return {
    verdict,
    kelurahan: kelurahan?.code ?? null,
    distance_m: claimed.distanceM,
    bearing: claimed.bearing,
    overlap: isOverlap,
    distances: [claimed.distanceM, ...others.map(({ distanceM }) => distanceM)],
    tolerance: judged.placement.toleranceM,
  };
});
process.stdout.write(JSON.stringify(verdicts));
