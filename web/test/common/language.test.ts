import assert from "node:assert/strict";
import { test } from "node:test";
import { languageOf, number } from "../../src/common/language.ts";

test("a page is Indonesian unless it says that it is English", () => {
  assert.deepEqual(["id", "en", "en-GB", ""].map(languageOf), ["id", "en", "en", "id"]);
});

test("numbers are written as in the language", () => {
  assert.equal(number(1234567, "id"), "1.234.567");
  assert.equal(number(1234567, "en"), "1,234,567");
});
