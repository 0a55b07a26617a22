// How short the ways are is asked in `tests/unit/test_tours.py`.
import assert from "node:assert/strict";
import { test } from "node:test";

import { metresBetween, type LonLat } from "../../src/entry/geodesy.ts";
import { MOST_STOPS, tour } from "../../src/quests/tour.ts";

const row: LonLat[] = [112.03, 112.01, 112.04, 112.02].map((lon) => [lon, -7.8]);
const west: LonLat = [112, -7.8];
const east: LonLat = [112.05, -7.8];

test("along a street: from here to anywhere, to the office, back again, and from wherever it is best", () => {
  assert.deepEqual(tour(row, { from: west, to: null }).order, [1, 3, 0, 2]);
  assert.deepEqual(tour(row, { from: east, to: null }).order, [2, 0, 3, 1]);
  assert.deepEqual(tour(row, { from: west, to: east }), { order: [1, 3, 0, 2], metres: tour(row, { from: east, to: west }).metres });
  const round = tour(row, { from: west, to: west });
  assert.equal(round.order[0], 1);
  assert.ok(Math.abs(round.metres - 2 * metresBetween(west, [112.04, -7.8])) < 0.05);
  assert.equal(tour(row, { from: east, to: east }).order[0], 2);
  const free = tour(row, { from: null, to: null });
  assert.ok(Math.abs(free.metres - metresBetween([112.01, -7.8], [112.04, -7.8])) < 0.05);
});

test("none, one, and several at the same place", () => {
  assert.deepEqual(tour([], { from: west, to: null }), { order: [], metres: 0 });
  assert.deepEqual(tour([], { from: null, to: null }), { order: [], metres: 0 });
  assert.ok(tour([], { from: west, to: east }).metres > 5_000);
  assert.deepEqual(tour([west], { from: west, to: null }), { order: [0], metres: 0 });
  assert.deepEqual(tour([west, west, west], { from: null, to: west }), { order: [0, 1, 2], metres: 0 });
});

test("the order of the list, and ties, change nothing", () => {
  const grid: LonLat[] = Array.from({ length: 25 }, (_, at) => [112 + (at % 5) / 1_000, -7.8 + Math.floor(at / 5) / 1_000]);
  const shuffled = grid.map((_, at) => grid[(at * 7) % 25] as LonLat);
  for (const ends of [{ from: west, to: null }, { from: west, to: west }, { from: null, to: null }]) {
    const places = (list: LonLat[]): (LonLat | undefined)[] => tour(list, ends).order.map((at) => list[at]);
    assert.deepEqual(places(shuffled), places(grid));
  }
});

test("too many stops, and what is no place, are refused", () => {
  const many = Array.from({ length: MOST_STOPS }, (_, at): LonLat => [112 + at / 1_000, -7.8]);
  assert.equal(tour(many, { from: west, to: null }).order.length, MOST_STOPS);
  assert.throws(() => tour([...many, west], { from: west, to: null }), RangeError);
  for (const wrong of [[NaN, 0], [0, 91], [181, 0]] as const) {
    assert.throws(() => tour([wrong], { from: null, to: null }), RangeError);
    assert.throws(() => tour([west], { from: wrong, to: null }), RangeError);
  }
});
