import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { faultsOf, fieldOfPointer, fieldsOf, leftOver, shownIn, textOf, valueOf, type Attribute, type Category, type Field } from "../../src/entry/form.ts";

const shipped = new URL("../../../app/categories/shipped/", import.meta.url);
const categories: Category[] = readdirSync(shipped).filter((name) => name.endsWith(".json")).map((name) => JSON.parse(readFileSync(new URL(name, shipped), "utf8")));
const category = (id: string): Category => categories.find((one) => one.id === id) ?? assert.fail(id);

function aField(schema: Attribute, isRequired = false): Field {
  const only: Category = { ...category("posyandu"), required: isRequired ? ["x"] : [], attribute_schema: { properties: { x: schema } } };
  return fieldsOf(only).find(({ name }) => name === "x") ?? assert.fail();
}
const fault = (schema: Attribute, text: string): string | null => {
  const field = aField(schema);
  const value = valueOf(field, text);
  return faultsOf([field], value === undefined ? {} : { x: value }).get("x")?.en ?? null;
};

test("every shipped category has a form with a title in both languages", () => {
  assert.ok(categories.length >= 4);
  for (const one of categories) {
    for (const { label, name } of fieldsOf(one)) assert.ok(label.id && label.en, `${one.id} ${name}`);
  }
});

test("what must be filled in comes first; a name that is made is not asked for", () => {
  assert.equal(fieldsOf(category("posyandu"))[0]?.name, "name");
  const rt = fieldsOf(category("rt")).map(({ name }) => name);
  assert.deepEqual(rt.slice(0, 2), ["rw", "rt"]);
  assert.ok(!rt.includes("name"));
});

test("kinds", () => {
  const kinds: [Attribute, string][] = [
    [{ type: "integer" }, "whole"], [{ type: "number" }, "number"], [{ type: "boolean" }, "yes-no"], [{ type: "string", enum: ["a"] }, "choice"],
    [{ type: "string", format: "date" }, "date"], [{ type: "string", format: "date-time" }, "moment"], [{ type: "array" }, "lines"],
    [{ type: "string", format: "time" }, "time"], [{ type: "array", items: { type: "string", enum: ["a"] } }, "choices"], [{ type: "string" }, "text"],
  ];
  for (const [schema, kind] of kinds) assert.equal(aField(schema).kind, kind);
});

test("values, and the text of them again", () => {
  assert.equal(valueOf(aField({ type: "number" }), " 1,5 "), 1.5);
  assert.equal(valueOf(aField({ type: "integer" }), "dua"), "dua");
  assert.equal(valueOf(aField({ type: "boolean" }), "false"), false);
  assert.deepEqual(valueOf(aField({ type: "array" }), "a\n\n b "), ["a", "b"]);
  assert.equal(valueOf(aField({ type: "string" }), "   "), undefined);
  assert.equal(textOf(["a", "b"]), "a\nb");
  assert.equal(textOf(undefined), "");
});

test("a time of day and a moment carry the zone of the phone, and are shown without it", () => {
  const [time, moment] = [aField({ type: "string", format: "time" }), aField({ type: "string", format: "date-time" })];
  assert.match(String(valueOf(time, "08:30")), /^08:30:00[+-]\d{2}:\d{2}$/);
  assert.match(String(valueOf(moment, "2026-11-30T08:30")), /^2026-11-30T08:30:00[+-]\d{2}:\d{2}$/);
  assert.equal(valueOf(time, "08:30:15Z"), "08:30:15Z");
  assert.equal(shownIn(time, valueOf(time, "08:30")), "08:30");
  assert.equal(shownIn(moment, "2026-11-30T08:30:00+07:00"), "2026-11-30T08:30");
  assert.equal(shownIn(aField({ type: "string" }), "08:30:00"), "08:30:00");
});

test("several choices", () => {
  const tools: Attribute = { type: "array", items: { type: "string", enum: ["ayunan", "perosotan", "bangku"] }, minItems: 1, maxItems: 2, uniqueItems: true };
  assert.deepEqual(valueOf(aField(tools), "ayunan\nbangku"), ["ayunan", "bangku"]);
  assert.equal(fault(tools, "ayunan\nbangku"), null);
  assert.equal(fault(tools, "ayunan\nbangku\nperosotan"), "Choose at most 2.");
  assert.equal(fault({ ...tools, minItems: 2 }, "ayunan"), "Choose at least 2.");
  assert.equal(fault(tools, "jungkat-jungkit"), "This choice is gone; choose another.");
  assert.equal(faultsOf([aField(tools, true)], {}).get("x")?.id, "Pilih sedikitnya satu.");
});

test("faults stand at their fields", () => {
  assert.equal(fault({ type: "integer" }, "2,5"), "Write a whole number.");
  assert.equal(fault({ type: "integer" }, "dua"), "Write a number, for example 12.");
  assert.equal(fault({ type: "integer", minimum: 0 }, "-1"), "At least 0.");
  assert.equal(fault({ type: "integer", maximum: 500 }, "501"), "At most 500.");
  assert.equal(fault({ type: "number", exclusiveMinimum: 0 }, "0"), "Must be more than 0.");
  assert.equal(fault({ type: "number", multipleOf: 0.1 }, "0,3"), null);
  assert.equal(fault({ type: "number", multipleOf: 0.5 }, "0,3"), "Must be a multiple of 0.5.");
  assert.equal(fault({ type: "string", maxLength: 3 }, "abcd"), "At most 3 letters.");
  assert.equal(fault({ type: "string", enum: ["a"] }, "b"), "This choice is gone; choose another.");
  assert.equal(fault({ type: "string", pattern: "^[0-9]{3}$" }, "12"), "It does not have the right form.");
  assert.equal(fault({ type: "string", pattern: "^(?i)broken$" }, "12"), null);
  assert.equal(fault({ type: "array", maxItems: 1, items: { type: "string" } }, "a\nb"), "At most 1 lines.");
  assert.equal(fault({ type: "string" }, "anything"), null);
});

test("what is required and empty", () => {
  const field = aField({ type: "string" }, true);
  assert.equal(faultsOf([field], {}).get("x")?.id, "Isi dahulu bagian ini.");
  assert.equal(faultsOf([field], { x: "y" }).size, 0);
});

test("a value whose field has gone is kept apart, not lost", () => {
  assert.deepEqual(leftOver(fieldsOf(category("posyandu")), { name: "A", dulu: "ada" }), [["dulu", "ada"]]);
});

test("pointers of the server", () => {
  assert.equal(fieldOfPointer("/feature/properties/rw"), "rw");
  assert.equal(fieldOfPointer("/patch/geometry/coordinates"), "geometry");
  assert.equal(fieldOfPointer("/captured_at"), null);
});

test("what the schema of a category requires is required, and comes first", () => {
  const own = { ...category("posyandu"), attribute_schema: { properties: { a: { type: "string" }, b: { type: "string" } }, required: ["b"] } };
  const fields = fieldsOf(own).filter(({ isRequired }) => isRequired);
  assert.deepEqual(fields.map(({ name }) => name), ["name", "b"]);
});

test("the number of an RT or RW is what the server takes for one", () => {
  const rw = fieldsOf(category("posyandu")).find(({ name }) => name === "rw") ?? assert.fail();
  const isWrong = (text: string): boolean => faultsOf([rw], { ...{ name: "x" }, rw: text }).has("rw");
  for (const text of ["1", "01", "001", "RT.01", "rw 7", "RW/03", "I", "IV", "XLIX", "LXXXIX", "999"]) assert.ok(!isWrong(text), text);
  for (const text of ["ii", "0", "00", "1000", "IIII", "XC", "IC", "dua", "1a", "RW", "-", "1-2", "VX"]) assert.ok(isWrong(text), text);
  assert.equal(faultsOf([rw], { rw: "ii" }).get("rw")?.id, "Harus berupa nomor, misalnya 01.");
});
