import { deepEqual, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PAINTS } from "../../src/atlas/colours.ts";
import { painted, type Token } from "../../src/common/colours.ts";

const SHEET = readFileSync(new URL("../../../app/pages/styles/tokens.css", import.meta.url), "utf8");
const [, light = "", dark = ""] = SHEET.split(":root {");

/** The tokens of a scheme: the dark one names only what differs. */
function tokens(...blocks: string[]): Map<string, string> {
  return new Map(blocks.flatMap((block) => [...block.matchAll(/--([\w-]+): (#[0-9a-f]{3,6});/g)].map((found) => [found[1] ?? "", found[2] ?? ""] as const)));
}

const SCHEMES = { light: tokens(light), dark: tokens(light, dark) };

function luminance(colour: string): number {
  const digits = colour.length === 4 ? [...colour.slice(1)].map((one) => one + one) : (colour.slice(1).match(/../g) ?? []);
  const [red = 0, green = 0, blue = 0] = digits.map((one) => parseInt(one, 16) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(scheme: Map<string, string>, one: Token, other: Token): number {
  const [low = 0, high = 0] = [one, other].map((token) => luminance(scheme.get(token) ?? "")).sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

for (const [name, scheme] of Object.entries(SCHEMES)) {
  test(`lines, labels and numbers are seen on the map that is ${name}`, () => {
    for (const line of ["boundary", "place"] as const) for (const ground of ["land", "water"] as const) ok(contrast(scheme, line, ground) >= 3, `${line} on ${ground}`);
    for (const [text, ground] of [["ink", "land"], ["ink", "water"], ["ink", "paper"], ["on-primary", "primary"]] as const) ok(contrast(scheme, text, ground) >= 4.5, `${text} on ${ground}`);
    ok(contrast(scheme, "primary", "land") >= 3);
    ok(contrast(scheme, "primary", "water") >= 3);
    for (const mark of ["good", "warn", "bad"] as const) ok(contrast(scheme, mark, "land") >= 3, mark);
  });
}

test("the dark map is dark", () => {
  ok(luminance(SCHEMES.dark.get("water") ?? "") < 0.05);
  ok(luminance(SCHEMES.light.get("water") ?? "") > 0.8);
});

test("a layer keeps what is no colour of ours", () => {
  const layers = [
    { id: "background", type: "background" as const, paint: { "background-color": "#f5f3ee", "background-opacity": 1 } },
    { id: "other", type: "background" as const, paint: { "background-color": "#123456" } },
  ];
  deepEqual(painted(layers, PAINTS, (token) => `of ${token}`), [
    { id: "background", type: "background", paint: { "background-color": "of water", "background-opacity": 1 } },
    layers[1],
  ]);
});
