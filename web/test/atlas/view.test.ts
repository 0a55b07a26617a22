import assert from "node:assert/strict";
import { test } from "node:test";
import { isWanted, ownAddress, readBox, readPlace, withParameters, writeBox } from "../../src/atlas/view.ts";

test("a box is read as it was written", () => {
  assert.deepEqual(readBox("112,-7.81,112.01,-7.8"), [112, -7.81, 112.01, -7.8]);
  for (const text of [undefined, "", "1,2,3", "1,2,3,x", "1,2,3,4,5"]) assert.equal(readBox(text), null);
});

test("a box is rounded outwards", () => {
  assert.equal(writeBox([112.0000019, -7.8100019, 112.0100011, -7.8000011]), "112,-7.81001,112.01001,-7.8");
  const box = readBox(writeBox([111.987654321, -7.87654321, 112.12345678, -7.7654321]));
  assert.ok(box && box[0] <= 111.987654321 && box[1] <= -7.87654321 && box[2] >= 112.12345678 && box[3] >= -7.7654321);
});

test("a place is two numbers", () => {
  assert.deepEqual(readPlace("112.5,-7.5"), [112.5, -7.5]);
  assert.equal(readPlace("112.5"), null);
});

test("another view keeps the filters and begins its list anew", () => {
  const address = "https://titik.test/portal/peta?q=melati&category=posyandu&cursor=abc#daftar";
  assert.equal(withParameters(address, { bbox: "1,2,3,4" }), "https://titik.test/portal/peta?q=melati&category=posyandu&bbox=1%2C2%2C3%2C4");
  assert.equal(withParameters(address, { q: null }), "https://titik.test/portal/peta?category=posyandu");
});

test("a map comes by itself only where there is room and data may be spent", () => {
  assert.equal(isWanted(1440, false), true);
  assert.equal(isWanted(1440, true), false);
  assert.equal(isWanted(360, false), false);
});

test("what is the service's own is asked under the name of the page", () => {
  const publicHere = "https://peta.kota.go.id/titik";
  const here = "http://10.0.0.5:8000/titik";
  assert.equal(ownAddress(`${publicHere}/tiles/1/2/3`, publicHere, here), `${here}/tiles/1/2/3`);
  assert.equal(ownAddress(`${here}/tiles/1/2/3`, publicHere, here), `${here}/tiles/1/2/3`);
  assert.equal(ownAddress("https://tile.openstreetmap.org/1/2/3.png", publicHere, here), null);
  assert.equal(ownAddress("http://127.0.0.1:8000/styles/titik", "http://127.0.0.1:8000", "http://127.0.0.1:8000/"), "http://127.0.0.1:8000/styles/titik");
});
