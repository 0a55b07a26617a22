import assert from "node:assert/strict";
import { test } from "node:test";
import { megabytes, pause, share, stepped } from "../../src/files/sizes.ts";

test("sizes are said as people of the language write them", () => {
  assert.equal(megabytes(1, "id"), "0,1 MB");
  assert.equal(megabytes(32 * 1024 * 1024, "en"), "32 MB");
  assert.equal(megabytes(1.55 * 1024 * 1024, "id"), "1,6 MB");
});

test("all of it is sent only when it is", () => {
  assert.deepEqual([share(0, 10), share(999, 1_000), share(1_000, 1_000), share(0, 0)], [0, 99, 100, 0]);
});

test("steps stay within the rows", () => {
  assert.deepEqual([stepped(0, -1, 5), stepped(0, 1, 5), stepped(4, 10, 5), stepped(2, -Infinity, 5), stepped(2, Infinity, 5)], [0, 1, 4, 0, 4]);
});

test("the server is asked less and less often, but at least every five seconds", () => {
  const waits = Array.from({ length: 60 }, (_, looks) => pause(looks));
  assert.deepEqual(waits, [...waits].sort((one, other) => one - other));
  assert.equal(waits[0], 500);
  assert.equal(Math.max(...waits), 5_000);
});
