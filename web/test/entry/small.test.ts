import assert from "node:assert/strict";
import { test } from "node:test";

import { emptyContent } from "../../src/entry/content.ts";
import type { Entry } from "../../src/entry/outbox.ts";
import { rescueFile, rescueName } from "../../src/entry/rescue.ts";
import { attempts, fitted } from "../../src/entry/shrinking.ts";
import { uuid7 } from "../../src/entry/uuid7.ts";

test("ids are UUIDs of version 7, in the order of their time, and differ", () => {
  const ids = Array.from({ length: 1_000 }, (_, at) => uuid7(1_800_000_000_000 + at));
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual(ids, [...ids].sort());
  assert.equal(new Set(Array.from({ length: 1_000 }, () => uuid7(5))).size, 1_000);
  assert.equal(parseInt(uuid7(1_800_000_000_000).replaceAll("-", "").slice(0, 12), 16), 1_800_000_000_000);
});

test("a photo is made smaller step by step, and never larger", () => {
  assert.deepEqual(fitted({ width: 4_000, height: 3_000 }, 1_600), { width: 1_600, height: 1_200 });
  assert.deepEqual(fitted({ width: 100, height: 50 }, 1_600), { width: 100, height: 50 });
  const tried = [...attempts({ width: 4_000, height: 1_000 })];
  assert.deepEqual(tried[0], { width: 1_600, height: 400, quality: 0.8 });
  assert.ok(tried.length >= 9);
  assert.ok((tried.at(-1)?.width ?? 0) < 600);
});

function anEntry(change: Partial<Entry>): Entry {
  return {
    id: "a1", point: "b1", base: null, account: "pic-1", state: "waiting", isSent: false, savedAt: 0, changedAt: 0, attempts: 0, notBefore: 0, photos: [], contacts: 1,
    content: {
      ...emptyContent("posyandu"), values: { name: "Posyandu" },
      contacts: [{ id: "c1", role: "ketua", name: "Siti Aminah", phone: "081234567890", legal_basis: "SK", term_ends_on: "2027-01-01" }],
    },
    ...change,
  };
}

test("a rescue file holds what is unsent, and nobody's name or telephone", () => {
  const place = { lon: 112, lat: -7.8, accuracyM: null, method: "gps" as const, capturedAt: "2026-11-30T08:00:00Z" };
  const placed = anEntry({ id: "a2", content: { ...anEntry({}).content, place } });
  const sent = anEntry({ id: "a3", state: "published", contacts: 0, content: { ...anEntry({}).content, contacts: [] } });
  const file = rescueFile("pic-1", [anEntry({ state: "draft" }), placed, sent], [{ id: "p1", point: "b1", type: "image/jpeg", bytes: new Uint8Array([1, 2, 3]) }], () => ["name"], new Date(0));
  assert.deepEqual([file.changes.length, file.drafts.length, file.contacts_left_out], [1, 1, 2]);
  assert.equal(file.photos[0]?.base64, "AQID");
  const text = JSON.stringify(file);
  assert.ok(!text.includes("Siti") && !text.includes("0812"));
});

test("a rescue file says of a contact that was not taken that it is not in it", () => {
  const file = rescueFile("pic-1", [anEntry({ state: "in-review", contacts: 0 })], [], () => ["name"], new Date(0));
  assert.deepEqual([file.changes.length, file.drafts.length, file.contacts_left_out], [0, 0, 1]);
});

test("the name of the file can be written everywhere", () => {
  assert.equal(rescueName("pic mojoroto/../é", new Date(0)), "titik-penyelamat-pic-mojoroto--197001010000.json");
});
