import assert from "node:assert/strict";
import { test } from "node:test";

import { Coverage, type OfflineBoundaries } from "../../src/entry/coverage.ts";
import { metresBetween } from "../../src/entry/geodesy.ts";
import { judge, toleranceM } from "../../src/entry/verdict.ts";

function square(code: string, west: number, south: number, size = 100_000): OfflineBoundaries["kelurahan"][number] {
  return { code, name: `Kelurahan ${code}`, kecamatan: "K", polygons: [[[west, south, size, 0, 0, size, -size, 0]]] };
}
const [WEST, SOUTH] = [1_120_000_000, -78_100_000];
const boundaries = (change: Partial<OfflineBoundaries> = {}): OfflineBoundaries => ({
  edition: { name: "uji", accuracy_m: 5, approximate: false }, tolerance: { accuracy_when_unknown_m: 20, at_least_m: 15, at_most_m: 100 },
  complete: true, base: ["a"], within_m: 2_000, per_degree: 10_000_000,
  kelurahan: [square("a", WEST, SOUTH), square("b", WEST + 100_000, SOUTH)], ...change,
});
const verdict = (lon: number, lat: number, declared: string | null = "a", own: string[] = [], change = {}): unknown => {
  const judged = judge(new Coverage(boundaries(change)), [lon, lat], 8, declared, own);
  return judged.kind === "judged" ? judged.placement.verdict : judged.kind;
};

test("four verdicts", () => {
  assert.equal(verdict(112.005, -7.805), "inside");
  assert.equal(verdict(112.01, -7.805), "inside");
  assert.equal(verdict(112.0101, -7.805), "near");
  assert.equal(verdict(112.0105, -7.805), "elsewhere");
  assert.equal(verdict(112.005, -7.7995), "outside");
});

test("whose point it is when it names no kelurahan", () => {
  assert.equal(verdict(112.005, -7.805, null, ["a"]), "inside");
  assert.equal(verdict(112.015, -7.805, null, ["a"]), "elsewhere");
  assert.equal(verdict(112.015, -7.805, null, ["a", "b"]), "inside");
  assert.equal(verdict(112.01, -7.805, null, ["a", "b"]), "unclear");
});

test("beyond what is on the phone nothing is judged", () => {
  assert.equal(verdict(112.029, -7.805, "a", [], { complete: false }), "beyond");
  assert.equal(verdict(112.0105, -7.805, "a", [], { complete: false }), "elsewhere");
  assert.equal(verdict(112.005, -7.805, "z"), "beyond");
});

test("tolerance", () => {
  const rules = boundaries();
  assert.equal(toleranceM(3, rules), 15);
  assert.equal(toleranceM(0, rules), 25);
  assert.equal(toleranceM(null, rules), 25);
  assert.equal(toleranceM(200, rules), 100);
  assert.equal(toleranceM(8, boundaries({ edition: { name: "kira-kira", accuracy_m: 400, approximate: true } })), 400);
});

test("a hole is not covered, an overlap is told", () => {
  const ring = [WEST, SOUTH, 100_000, 0, 0, 100_000, -100_000, 0];
  const hole = [WEST + 40_000, SOUTH + 40_000, 20_000, 0, 0, 20_000, -20_000, 0];
  const holed = boundaries({ kelurahan: [{ ...square("a", WEST, SOUTH), polygons: [[ring, hole]] }, square("b", WEST + 50_000, SOUTH)] });
  const inHole = judge(new Coverage(holed), [112.0045, -7.805], 8, "a", []);
  assert.equal(inHole.kind === "judged" && inHole.placement.verdict, "outside");
  const both = judge(new Coverage(holed), [112.008, -7.805], 8, "a", []);
  assert.ok(both.kind === "judged" && both.placement.isOverlap);
});

test("a degree on the ellipsoid", () => {
  assert.ok(Math.abs(metresBetween([112, -7.8], [112.01, -7.8]) - 1102.95) < 0.1);
});
