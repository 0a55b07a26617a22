import assert from "node:assert/strict";
import { test } from "node:test";

import { bothOf, rebased, type Both } from "../../src/entry/conflict.ts";
import { changeOf, contentOf, type ServerFeature, type Value } from "../../src/entry/content.ts";
import { correctionOfPoint } from "../../src/entry/editing.ts";
import type { Problem } from "../../src/entry/outbox.ts";

const FIELDS = ["name", "address", "rw", "kader_aktif", "jenis"];
const feature = (change: Record<string, unknown> = {}, at: [number, number] = [112.0016, -7.8041]): ServerFeature => ({
  geometry: { coordinates: at },
  properties: { category: "posyandu", kelurahan: "35.71.01.1011", name: "Melati", rw: "03", method: "gps", accuracy_m: 8, captured_at: "2026-11-30T08:00:00Z", version: 2, ...change },
});

/** As the server answers a change that touches what somebody else has changed. */
function problemOf(base: ServerFeature, mine: ServerFeature, theirs: ServerFeature, version: number): Problem {
  const changed = (of: ServerFeature, name: string): boolean => name === "geometry" ? String(of.geometry.coordinates) !== String(base.geometry.coordinates) : of.properties[name] !== base.properties[name];
  const same = (name: string): boolean => name === "geometry" ? String(mine.geometry.coordinates) === String(theirs.geometry.coordinates) : mine.properties[name] === theirs.properties[name];
  const conflicts = ["geometry", ...FIELDS].filter((name) => changed(mine, name) && changed(theirs, name) && !same(name)).map((property) => ({ property, mine: mine.properties[property], theirs: theirs.properties[property] }));
  return { type: "urn:titik:problem:changed-both", title: "t", detail: "d", version, conflicts, base, theirs, mine };
}
const both = (problem: Problem): Both => bothOf(problem) ?? assert.fail();

test("a correction that changes nothing sends what the server has", () => {
  const entry = correctionOfPoint("pic-1", "p", feature({ kader_aktif: 4 }), FIELDS, "Alamat?", 0);
  assert.equal(entry.base, 2);
  assert.equal(entry.content.reason, "Alamat?");
  const { base, patch } = changeOf(entry, entry.content, FIELDS);
  assert.equal(base, 2);
  assert.deepEqual(patch?.geometry.coordinates, [112.0016, -7.8041]);
  assert.deepEqual(patch?.properties, {
    name: "Melati", address: null, rw: "03", kader_aktif: 4, jenis: null, kelurahan: "35.71.01.1011", method: "gps", accuracy_m: 8, captured_at: "2026-11-30T08:00:00Z", override_reason: null,
  });
});

test("a point of no known time is corrected without one", () => {
  const entry = correctionOfPoint("pic-1", "p", feature({ captured_at: undefined, method: "import" }), FIELDS, null, 0);
  const change = changeOf(entry, entry.content, FIELDS);
  assert.ok(!("captured_at" in change) && !("captured_at" in (change.patch?.properties ?? {})));
});

test("other refusals leave nothing to choose", () => {
  assert.equal(bothOf(null), null);
  assert.equal(bothOf({ type: "urn:titik:problem:near-duplicate", title: "", detail: "" }), null);
  assert.equal(bothOf({ type: "urn:titik:problem:changed-both", title: "", detail: "" }), null);
});

test("what only one side has changed is taken from that side, and by choice what both have", () => {
  const base = feature();
  const mine = feature({ address: "Jalan A", name: "Mawar" }, [112.002, -7.8041]);
  const theirs = feature({ address: "Jalan B", rw: "04", version: 5 });
  const entry = { ...correctionOfPoint("pic-1", "p", base, FIELDS, null, 0), state: "refused" as const };
  const typed = { ...entry, content: { ...contentOf(mine, FIELDS), problem: problemOf(base, mine, theirs, 5) } };
  for (const [choice, address] of [["mine", "Jalan A"], ["theirs", "Jalan B"]] as const) {
    const next = rebased(typed, both(typed.content.problem), choice, FIELDS);
    assert.deepEqual([next.base, next.state, next.isSent, next.content.problem], [5, "waiting", false, null]);
    assert.deepEqual(next.content.values, { name: "Mawar", address, rw: "04" });
    assert.equal(next.content.place?.lon, 112.002);
  }
});

test("of a thousand pairs of changes none is lost that nobody contests", () => {
  let seed = 7;
  const chance = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
  const words: (Value | undefined)[] = ["x", "y", "z", undefined];
  for (let round = 0; round < 1000; round += 1) {
    const some = (): Record<string, unknown> => Object.fromEntries(FIELDS.map((name) => [name, words[chance(4)]]));
    const places: [number, number][] = [[112, -7.8], [112.1, -7.8]];
    const [base, mine, theirs] = [0, 1, 2].map((version) => feature({ ...some(), version }, places[chance(2)])) as [ServerFeature, ServerFeature, ServerFeature];
    const problem = problemOf(base, mine, theirs, 9);
    const entry = { ...correctionOfPoint("pic-1", "p", base, FIELDS, null, 0), state: "refused" as const };
    const typed = { ...entry, content: { ...contentOf(mine, FIELDS), values: { ...contentOf(mine, FIELDS).values, lama: "tetap" }, problem } };
    for (const choice of ["mine", "theirs"] as const) {
      const { content } = rebased(typed, both(problem), choice, FIELDS);
      assert.equal(content.values["lama"], "tetap");
      for (const name of FIELDS) {
        const [was, my, their] = [base, mine, theirs].map(({ properties }) => properties[name]);
        const expected = my === was ? their : their === was || choice === "mine" ? my : their;
        assert.equal(content.values[name], expected, `${round} ${choice} ${name}`);
      }
    }
  }
});
