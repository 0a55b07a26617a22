import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { away, between } from "../../src/quests/words.ts";

const speak = (lang: string): void => void Object.assign(globalThis, { document: { documentElement: { lang } } });

beforeEach(() => speak("id"));

test("how far, and where to", () => {
  assert.equal(away([112, -7.8], [112.01, -7.79]), "1,6 km ke arah timur laut");
  assert.equal(away([112, -7.8], [112, -7.8018]), "199 m ke arah selatan");
  assert.equal(away([112, -7.8], [112.00005, -7.8]), "di sini");
  speak("en");
  assert.equal(away([112, -7.8], [111.99, -7.79]), "1.6 km to the north-west");
  assert.equal(away([112, -7.8], [112, -7.8]), "here");
});

test("the neighbours of a missing number are the nearest that are there, in whatever order", () => {
  assert.equal(between(5, [6, 1, 4, 12]), "antara RT 4 dan RT 6");
  assert.equal(between(5, [9, 2]), "antara RT 2 dan RT 9");
  assert.equal(between(32, [31, 30]), "setelah RT 31");
  assert.equal(between(1, [2, 3]), "sebelum RT 2");
  assert.equal(between(1, []), "");
  speak("en");
  assert.equal(between(5, [4, 6]), "between RT 4 and RT 6");
  assert.equal(between(32, [31]), "after RT 31");
  assert.equal(between(1, [2]), "before RT 2");
});
