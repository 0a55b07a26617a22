import assert from "node:assert/strict";
import { test } from "node:test";

import { decisionOf } from "../../src/review/decision.ts";
import { commandOf, takesLetters } from "../../src/review/keys.ts";

const press = (key: string, more = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, ...more });

test("letters are commands in either case", () => {
  assert.equal(commandOf(press("j"), false), "next");
  assert.equal(commandOf(press("K"), false), "previous");
  assert.equal(commandOf(press("s"), false), "seen");
  assert.equal(commandOf(press("?"), false), "help");
  assert.deepEqual(commandOf(press("3"), false), { reason: 3 });
  assert.equal(commandOf(press("x"), false), null);
});

test("what is typed, or meant for the browser, is no command", () => {
  assert.equal(commandOf(press("t"), true), null);
  for (const key of ["ctrlKey", "metaKey", "altKey"]) assert.equal(commandOf(press("t", { [key]: true }), false), null);
});

test("boxes and radio buttons take no letters, fields do", () => {
  assert.equal(takesLetters({ tagName: "INPUT", type: "radio" }), false);
  assert.equal(takesLetters({ tagName: "INPUT", type: "checkbox" }), false);
  assert.equal(takesLetters({ tagName: "INPUT", type: "search" }), true);
  assert.equal(takesLetters({ tagName: "TEXTAREA" }), true);
  assert.equal(takesLetters({ tagName: "SELECT" }), true);
  assert.equal(takesLetters({ tagName: "A" }), false);
  assert.equal(takesLetters(null), false);
});

function fields(values: Record<string, string | string[]>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(values)) for (const one of [value].flat()) data.append(name, one);
  return data;
}

test("a return needs a reason, from the list or written, or both", () => {
  assert.equal(decisionOf(fields({ reason: "", note: "  " }), "return", "new"), null);
  assert.deepEqual(decisionOf(fields({ reason: "Alamat belum lengkap.", note: " RW 2 " }), "return", "new"), {
    decision: "return",
    reason: "Alamat belum lengkap. RW 2",
  });
});

test("a closing is published only where its box is ticked", () => {
  assert.equal(decisionOf(fields({}), "publish", "close"), null);
  assert.deepEqual(decisionOf(fields({ closing: "seen" }), "publish", "close"), { decision: "publish", photos: [] });
  assert.deepEqual(decisionOf(fields({ photo: ["a", "b"], note: "x" }), "publish", "change"), { decision: "publish", photos: ["a", "b"] });
});
