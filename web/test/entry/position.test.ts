import assert from "node:assert/strict";
import { test } from "node:test";

import { nearest } from "../../src/entry/kit.ts";
import { better, fixOf, isGood, search, type Fix } from "../../src/entry/position.ts";
import { assetsOf } from "../../src/entry/shell.ts";

const fix = (accuracyM: number | null, at = 0): Fix => ({ lon: 112, lat: -7.8, accuracyM, at });

class FakeGeolocation {
  found: PositionCallback = () => undefined;
  failed: PositionErrorCallback = () => undefined;
  isWatching = false;
  watchPosition(found: PositionCallback, failed?: PositionErrorCallback | null): number {
    [this.found, this.failed, this.isWatching] = [found, failed ?? (() => undefined), true];
    return 1;
  }
  clearWatch(): void {
    this.isWatching = false;
  }
  getCurrentPosition(): void {
    assert.fail();
  }
  at(accuracy: number): void {
    this.found({ coords: { longitude: 112.00160001, latitude: -7.8041, accuracy }, timestamp: 5 } as GeolocationPosition);
  }
  fail(code: number): void {
    this.failed({ code } as GeolocationPositionError);
  }
}

function watched(): { fake: FakeGeolocation; done: (Fix | null)[]; denied: number[]; finish: () => void } {
  const fake = new FakeGeolocation();
  const done: (Fix | null)[] = [];
  const denied: number[] = [];
  const { finish } = search({ progress: () => undefined, done: (best) => done.push(best), denied: () => denied.push(1) }, fake as unknown as Geolocation);
  return { fake, done, denied, finish };
}

test("the more exact of two is kept, and a known accuracy before an unknown one", () => {
  assert.deepEqual(better(fix(30), fix(12)), fix(12));
  assert.deepEqual(better(fix(12), fix(30)), fix(12));
  assert.deepEqual(better(fix(12), fix(null)), fix(12));
  assert.deepEqual(better(fix(null), fix(90)), fix(90));
  assert.ok(isGood(fix(15)) && !isGood(fix(15.1)) && !isGood(fix(null)) && !isGood(null));
});

test("an accuracy of 0 is none that is known", () => {
  const { accuracyM, lon } = fixOf({ coords: { longitude: 112.00160001, latitude: -7.8, accuracy: 0 } as GeolocationCoordinates, timestamp: 1 });
  assert.deepEqual([accuracyM, lon], [null, 112.0016]);
});

test("fifteen metres end the search", () => {
  const { fake, done } = watched();
  fake.at(80);
  assert.equal(done.length, 0);
  fake.at(9);
  assert.equal(done[0]?.accuracyM, 9);
  assert.ok(!fake.isWatching);
});

test("no satellite passes, a refusal ends it", () => {
  const { fake, done, denied } = watched();
  fake.fail(2);
  fake.fail(3);
  assert.ok(fake.isWatching && denied.length === 0);
  fake.at(40);
  fake.fail(1);
  assert.ok(!fake.isWatching);
  assert.deepEqual([done.length, denied.length], [0, 1]);
});

test("whoever does not wait gets the best so far", () => {
  const { fake, done, finish } = watched();
  fake.at(40);
  fake.at(60);
  finish();
  assert.equal(done[0]?.accuracyM, 40);
});

test("what is near, the nearest first", () => {
  const points = [{ lon: 112.0005, lat: -7.8, name: "b" }, { lon: 112.0001, lat: -7.8, name: "a" }, { lon: 112.01, lat: -7.8, name: "c" }];
  assert.deepEqual(nearest(points, [112, -7.8], 60).map(({ name }) => name), ["a", "b"]);
});

test("the files of a page and of a script", () => {
  const page = '<link href="/sub/static/style-1.css"><script src="/sub/static/entry-2.js"></script><a href="/sub/portal/masuk">';
  assert.deepEqual(assetsOf(page, "https://x.id/sub/portal/catat"), ["https://x.id/sub/static/style-1.css", "https://x.id/sub/static/entry-2.js"]);
  assert.deepEqual(assetsOf('import{a}from"./chunk-A.js";import("./chunk-B.js")', "https://x.id/sub/static/entry-2.js"), ["https://x.id/sub/static/chunk-A.js", "https://x.id/sub/static/chunk-B.js"]);
});
