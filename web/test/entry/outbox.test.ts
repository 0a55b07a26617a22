import assert from "node:assert/strict";
import { test } from "node:test";

import { changeOf, emptyContent } from "../../src/entry/content.ts";
import {
  answered, byNeed, hasContactLeft, inBatches, isEditable, isForgotten, isUnsent, isUnsentForADay, nextStep, pauseMs, pending, postponed, receiptNumber, replaced, settled, superseded, withPhoto, type Entry, type Result,
} from "../../src/entry/outbox.ts";

const NOW = 1_800_000_000_000;
const PLACE = { lon: 112.0016, lat: -7.8041, accuracyM: 8, method: "gps" as const, capturedAt: "2026-11-30T08:00:00Z" };

function anEntry(change: Partial<Entry> = {}): Entry {
  return {
    id: "0199e3c4-5a10-7000-8000-0000000000a1", point: "0199e3c4-5a10-7000-8000-0000000000b1", base: null, account: "pic-1", state: "waiting",
    isSent: false, savedAt: NOW, changedAt: NOW, attempts: 0, notBefore: 0, photos: [], contacts: 0,
    content: { ...emptyContent("posyandu"), place: PLACE, values: { name: "Posyandu Melati", kader_aktif: 4, lama: "x" } }, ...change,
  };
}
const mark = (id: string, change = {}) => ({ id, state: "waiting" as const, bytes: 1000, attempts: 0, notBefore: 0, ...change });
const result = (change: Partial<Result>): Result => ({ client_id: anEntry().id, status: "created", code: 201, ...change });
const created = result({ version: 3, feature: { properties: { revision: "0199e3c4-5a10-7000-8000-00001234abcd", state: "submitted", placement: { verdict: "near", edition: "Batas 2026" } } } });

test("data goes first, then contacts, then photos one by one", () => {
  const entry = anEntry({ contacts: 1, photos: [mark("p1"), mark("p2")] });
  assert.deepEqual(nextStep(entry, NOW), { kind: "data" });
  const received = answered(entry, created, NOW, 0);
  assert.equal(received.state, "in-review");
  assert.deepEqual(nextStep(received, NOW), { kind: "contact" });
  const first = nextStep({ ...received, contacts: 0 }, NOW);
  assert.equal(first?.kind === "photo" && first.photo.id, "p1");
  const second = nextStep(withPhoto({ ...received, contacts: 0 }, "p1", { state: "sent" }), NOW);
  assert.equal(second?.kind === "photo" && second.photo.id, "p2");
  assert.equal(nextStep({ ...received, contacts: 0, photos: [mark("p1", { state: "sent" })] }, NOW), null);
});

test("nothing is sent of a draft, nor of what was refused", () => {
  for (const state of ["draft", "refused", "ended"] as const) assert.equal(nextStep(anEntry({ state, photos: [mark("p1")], contacts: 1 }), NOW), null);
});

test("the receipt is the server's answer", () => {
  const { content } = answered(anEntry(), created, NOW, 0);
  assert.deepEqual(content.receipt, { revision: "0199e3c4-5a10-7000-8000-00001234abcd", version: 3, at: new Date(NOW).toISOString(), verdict: "near", edition: "Batas 2026" });
  assert.equal(content.receipt && receiptNumber(content.receipt), "1234-ABCD");
});

test("what is refused keeps its content and may be edited and sent again", () => {
  const problem = { type: "urn:titik:problem:point-elsewhere", title: "t", detail: "d" };
  const refused = answered(anEntry({ isSent: true }), result({ status: "refused", code: 422, problem }), NOW, 0);
  assert.equal(refused.state, "refused");
  assert.deepEqual(refused.content.values, anEntry().content.values);
  assert.deepEqual(refused.content.problem, problem);
  assert.ok(isEditable(refused));
});

test("what may have arrived is not edited in place", () => {
  assert.ok(isEditable(anEntry()));
  assert.ok(!isEditable(anEntry({ isSent: true })));
});

test("a busy server is asked again, each time later, but within five minutes", () => {
  let entry = anEntry();
  let before = 0;
  for (let times = 1; times <= 12; times += 1) {
    entry = answered(entry, result({ status: times % 2 ? "later" : "failed", code: 503 }), NOW, 1);
    assert.equal(entry.state, "waiting");
    const pause = entry.notBefore - NOW;
    assert.ok(pause >= before && pause <= 300_000, `${pause}`);
    before = pause;
  }
  assert.equal(before, 300_000);
  assert.equal(nextStep(entry, NOW), null);
  assert.deepEqual(nextStep(entry, NOW + 300_000), { kind: "data" });
  assert.equal(pauseMs(1, 0), 1_000);
  assert.equal(postponed(anEntry(), NOW, 0.5).attempts, 1);
});

test("the states that the server names", () => {
  const sent = answered(anEntry(), created, NOW, 0);
  assert.equal(settled(sent, "published").state, "published");
  const returned = settled(sent, "returned", "Nama belum lengkap");
  assert.deepEqual([returned.state, returned.content.reason], ["returned", "Nama belum lengkap"]);
  assert.equal(settled(returned, "submitted").content.reason, null);
  assert.equal(settled(sent, "unpublished").state, "ended");
  assert.equal(settled(sent, "something new"), sent);
});

test("unsent is what only this phone has", () => {
  assert.ok(isUnsent(anEntry()));
  assert.ok(isUnsent(anEntry({ state: "published", photos: [mark("p1")] })));
  assert.ok(!isUnsent(anEntry({ state: "in-review", photos: [mark("p1", { state: "sent" }), mark("p2", { state: "refused" })] })));
  assert.ok(isUnsentForADay(anEntry({ savedAt: NOW - 25 * 3_600_000 }), NOW));
  assert.ok(!isUnsentForADay(anEntry({ savedAt: NOW - 23 * 3_600_000 }), NOW));
});

test("a new point is created, with the fields of the form only", () => {
  const entry = anEntry();
  const change = changeOf(entry, entry.content, ["name", "kader_aktif", "address"]);
  assert.equal(change.op, "create");
  assert.deepEqual(change.feature?.geometry.coordinates, [112.0016, -7.8041]);
  assert.deepEqual(change.feature?.properties, {
    category: "posyandu", name: "Posyandu Melati", kader_aktif: 4, method: "gps", accuracy_m: 8, captured_at: "2026-11-30T08:00:00Z",
  });
});

test("a correction rests on the version that it corrects, and says what was emptied", () => {
  const entry = anEntry({ base: 3 });
  const change = changeOf(entry, entry.content, ["name", "address"]);
  assert.deepEqual([change.op, change.base, change.feature], ["change", 3, undefined]);
  assert.deepEqual(change.patch?.properties["address"], null);
  assert.ok(!("category" in (change.patch?.properties ?? {})));
});

test("batches", () => {
  assert.deepEqual(inBatches([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]]);
  assert.deepEqual(inBatches([], 2), []);
});

const CONTACT = { id: "c1", role: "ketua", name: "Bu Siti", phone: "", legal_basis: "SK 12", term_ends_on: "2029-01-01" };

test("a contact that was not taken stays on the phone, is unsent, and goes again once it counts", () => {
  const sent = answered(anEntry({ contacts: 1, content: { ...anEntry().content, contacts: [CONTACT] } }), created, NOW, 0);
  assert.ok(!hasContactLeft(sent));
  const refused = { ...sent, contacts: 0 };
  assert.ok(hasContactLeft(refused) && isUnsent(refused) && isUnsentForADay(refused, NOW + 86_400_001));
  assert.equal(nextStep(refused, NOW), null);
  assert.deepEqual(nextStep({ ...refused, contacts: 1 }, NOW), { kind: "contact" });
  const done = { ...refused, content: { ...refused.content, contacts: [] } };
  assert.ok(!hasContactLeft(done) && !isUnsent(done));
  // Of a point that is gone it cannot go, and is still not forgotten.
  assert.ok(hasContactLeft({ ...sent, state: "ended" }));
  assert.ok(!hasContactLeft(anEntry({ state: "draft", content: sent.content })));
});

test("a draft that nobody came back to is told of after a day", () => {
  assert.ok(isForgotten(anEntry({ state: "draft" }), NOW + 86_400_001));
  assert.ok(!isForgotten(anEntry({ state: "draft" }), NOW + 80_000_000));
  assert.ok(!isForgotten(anEntry(), NOW + 86_400_001));
});

function aRecord(id: string, state: Entry["state"], version: number | null, change: Partial<Entry> = {}): Entry {
  const receipt = version === null ? null : { revision: id, version, at: "2026-11-30T08:00:00Z", verdict: null };
  return anEntry({ id, state, content: { ...anEntry().content, receipt }, ...change });
}
const ids = (entries: readonly Entry[]): string[] => entries.map(({ id }) => id);

test("a returned record gives way to its correction, and is dropped only once the server has answered to that", () => {
  const returned = aRecord("1", "returned", 1);
  for (const state of ["draft", "waiting", "refused"] as const) {
    const correction = aRecord("2", state, null, { base: 1 });
    assert.deepEqual(ids(superseded([correction, returned])), ["1"], state);
    assert.deepEqual(replaced([correction, returned]), [], state);
  }
  for (const state of ["received", "in-review", "returned", "published", "ended"] as const) {
    assert.deepEqual(ids(replaced([aRecord("2", state, 2, { base: 1 }), returned])), ["1"], state);
  }
  assert.deepEqual(superseded([returned, aRecord("2", "in-review", 2, { point: "another" })]), []);
});

test("what only this phone has gives way to nothing", () => {
  const newer = aRecord("9", "in-review", 3);
  const contact = aRecord("1", "returned", 1);
  const left = [
    aRecord("1", "draft", null), aRecord("1", "waiting", null), aRecord("1", "refused", null), aRecord("1", "returned", 1, { contacts: 1 }),
    aRecord("1", "returned", 1, { photos: [mark("p1")] }), { ...contact, content: { ...contact.content, contacts: [CONTACT] } },
  ];
  for (const one of left) assert.deepEqual([superseded([newer, one]), replaced([newer, one])], [[], []]);
});

test("which is newer is what the server has counted, though the clock of the phone was set back", () => {
  assert.deepEqual(ids(replaced([aRecord("5", "returned", 1), aRecord("2", "in-review", 2)])), ["5"]);
  assert.deepEqual(ids(replaced([aRecord("5", "in-review", 2), aRecord("2", "published", 2)])), ["2"]);
});

test("what waits on somebody is counted apart from what goes by itself, and stands first", () => {
  const sent = aRecord("1", "in-review", 1);
  const contact = { ...sent, id: "2", content: { ...sent.content, contacts: [CONTACT] } };
  const all = [sent, contact, aRecord("3", "waiting", null), aRecord("4", "draft", null), aRecord("5", "returned", 1), aRecord("6", "refused", null), aRecord("7", "in-review", 1, { photos: [mark("p")] })];
  assert.deepEqual(all.map(pending), [null, "refused", "going", "draft", null, "refused", "going"]);
  assert.deepEqual(ids(byNeed(all)), ["2", "5", "6", "4", "1", "3", "7"]);
});
