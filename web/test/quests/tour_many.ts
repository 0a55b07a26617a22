/** Tours for `tests/unit/test_tours.py`: reads `[{stops, from, to}, …]`, writes `[{order, metres, ms}, …]`. */

import { readFileSync } from "node:fs";

import { tour } from "../../src/quests/tour.ts";

const asked = JSON.parse(readFileSync(0, "utf8"));
const found = asked.map(({ stops, from, to }: { stops: [number, number][]; from: [number, number] | null; to: [number, number] | null }) => {
  const began = process.cpuUsage();
  const { order, metres } = tour(stops, { from, to });
  return { order, metres, ms: (process.cpuUsage(began).user + process.cpuUsage(began).system) / 1_000 };
});
process.stdout.write(JSON.stringify(found));
