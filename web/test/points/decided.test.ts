import { equal, deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { isDue, LOOK_EVERY_MS, statesPath } from "../../src/common/looking.ts";
import { decided } from "../../src/points/decided.ts";

const shown = [
  { point: "a", name: "Satu", state: "submitted", version: 1 },
  { point: "b", name: "Dua", state: "submitted", version: 3 },
];
const now = (a: string, version = 1) => [{ point: "a", state: a, version }, { point: "b", state: "submitted", version: 3 }];

test("what stands as it did is not told", () => deepEqual(decided(shown, now("submitted")), []));

test("what was decided, was written anew or is gone is told", () => {
  deepEqual(decided(shown, now("published")).map(({ name }) => name), ["Satu"]);
  deepEqual(decided(shown, now("submitted", 2)).map(({ name }) => name), ["Satu"]);
  deepEqual(decided(shown, []).map(({ name }) => name), ["Satu", "Dua"]);
});

test("a page asks every five minutes, and when it comes back, but not each time", () => {
  equal(isDue(LOOK_EVERY_MS - 1, false), false);
  equal(isDue(LOOK_EVERY_MS, false), true);
  equal(isDue(5_000, true), false);
  equal(isDue(20_000, true), true);
});

test("one request is about all of them", () => equal(statesPath(["a", "b"]), "/points/states?points=a,b"));
