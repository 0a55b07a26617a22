import assert from "node:assert/strict";
import { test } from "node:test";

import { emptyContent } from "../../src/entry/content.ts";
import { alike, type Known } from "../../src/entry/kit.ts";
import type { Entry } from "../../src/entry/outbox.ts";

const PLACE = { lon: 112.0016, lat: -7.8041, accuracyM: 8, method: "gps" as const, capturedAt: "2026-11-30T08:00:00Z" };

function anEntry(id: string, point: string, name: string, state: Entry["state"] = "in-review"): Entry {
  const envelope = { base: null, account: "pic-1", isSent: false, savedAt: 0, changedAt: 0, attempts: 0, notBefore: 0, photos: [], contacts: 0 };
  return { id, point, state, ...envelope, content: { ...emptyContent("posyandu"), place: PLACE, values: { name } } };
}
const known = (id: string, name: string, change: Partial<Known> = {}): Known => ({ id, lon: PLACE.lon, lat: PLACE.lat, name, category: "posyandu", ...change });
const names = (draft: Entry, entries: Entry[], there: Known[]): string[] => alike(draft, entries, there, [PLACE.lon, PLACE.lat], 60).map(({ name }) => name);

test("a point that is corrected is never taken for another one", () => {
  const draft = anEntry("2", "p", "Ngasinan", "draft");
  assert.deepEqual(names(draft, [draft, anEntry("1", "p", "Ngasinan", "returned")], [known("p", "Ngasinan")]), []);
});

test("each point that is near stands there once, by its newest name", () => {
  const draft = anEntry("9", "new", "", "draft");
  assert.deepEqual(names(draft, [draft, anEntry("3", "p", "Baru", "waiting"), anEntry("1", "p", "Lama", "returned")], []), ["Baru"]);
  assert.deepEqual(names(draft, [anEntry("3", "p", "Baru")], [known("p", "Di server"), known("q", "Lain", { category: "rt" }), known("r", "Jauh", { lat: -7.81 })]), ["Di server"]);
  assert.deepEqual(names(draft, [anEntry("3", "p", "Terbit", "published")], []), []);
});
