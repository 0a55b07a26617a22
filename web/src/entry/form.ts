/** The form of a category from its JSON Schema (the part of it that docs/categories.md allows), and what is wrong with what was typed. */

import type { Value, Values } from "./content.ts";

export interface Attribute {
  type?: string;
  title?: string;
  "x-title-en"?: string;
  description?: string;
  "x-description-en"?: string;
  "x-ogc-propertySeq"?: number;
  enum?: string[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  items?: Attribute;
}

/** As `GET /categories/{id}` gives it. */
export interface Category {
  id: string;
  title: { id: string; en: string };
  required: string[];
  name_template: { id: string } | null;
  attribute_schema: { properties: Record<string, Attribute>; required?: string[] };
  icon?: string | null;
  colour?: string | null;
  version: number;
}

export type Kind = "text" | "whole" | "number" | "yes-no" | "choice" | "choices" | "date" | "moment" | "time" | "lines";

export interface Words {
  id: string;
  en: string;
}

export interface Field {
  name: string;
  label: Words;
  help: Words | null;
  kind: Kind;
  isRequired: boolean;
  schema: Attribute;
}

/** Of an RT or RW: in no schema, because the server takes it in several spellings (`points/rules.py`). */
const NEIGHBOURHOOD = "neighbourhood-number";
const COMMON: readonly (readonly [string, Words, Attribute])[] = [
  ["name", { id: "Nama", en: "Name" }, { type: "string", maxLength: 200 }],
  ["address", { id: "Alamat", en: "Address" }, { type: "string", maxLength: 500 }],
  ["rw", { id: "Nomor RW", en: "Number of the RW" }, { type: "string", maxLength: 20, format: NEIGHBOURHOOD }],
  ["rt", { id: "Nomor RT", en: "Number of the RT" }, { type: "string", maxLength: 20, format: NEIGHBOURHOOD }],
];

/** Those of every point, then those of the category in its order. A name that is made of other fields is not asked for. */
export function fieldsOf(category: Category): Field[] {
  const common = COMMON.filter(([name]) => name !== "name" || category.name_template === null);
  const own = Object.entries(category.attribute_schema.properties).map(([name, schema]) => [name, titleOf(name, schema), schema] as const);
  const inOrder = own.sort((a, b) => (a[2]["x-ogc-propertySeq"] ?? 0) - (b[2]["x-ogc-propertySeq"] ?? 0));
  const required = new Set([...category.required, ...(category.attribute_schema.required ?? [])]);
  const fields = [...common, ...inOrder].map(([name, label, schema]) => ({
    name,
    label,
    help: schema.description ? { id: schema.description, en: schema["x-description-en"] ?? schema.description } : null,
    kind: kindOf(schema),
    isRequired: required.has(name),
    schema,
  }));
  return [...fields.filter(({ isRequired }) => isRequired), ...fields.filter(({ isRequired }) => !isRequired)];
}

function titleOf(name: string, schema: Attribute): Words {
  const id = schema.title ?? name;
  return { id, en: schema["x-title-en"] ?? id };
}

function kindOf(schema: Attribute): Kind {
  if (schema.enum) return "choice";
  if (schema.type === "array" && schema.items?.enum) return "choices";
  const formats: Record<string, Kind> = { date: "date", "date-time": "moment", time: "time" };
  const kinds: Record<string, Kind> = { integer: "whole", number: "number", boolean: "yes-no", array: "lines" };
  return kinds[schema.type ?? ""] ?? formats[schema.format ?? ""] ?? "text";
}

/** What was typed as a value; undefined where nothing was. A number that is none stays a text, so that it can be shown as wrong. */
export function valueOf(field: Field, text: string): Value | undefined {
  const typed = text.trim();
  if (typed === "") return undefined;
  if (field.kind === "yes-no") return typed === "true";
  if (field.kind === "whole" || field.kind === "number") return numberOf(typed) ?? typed;
  if (field.kind === "time" && /^\d{2}:\d{2}(:\d{2})?$/.test(typed)) return zoned(typed, new Date());
  if (field.kind === "moment" && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(typed)) return zoned(typed, new Date(typed));
  if (isList(field)) return typed.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return typed;
}

/** With its seconds and the zone of this phone, as a schema wants it: `08:30` → `08:30:00+07:00`. */
function zoned(typed: string, at: Date): string {
  const minutes = -at.getTimezoneOffset();
  const two = (number: number): string => String(number).padStart(2, "0");
  const zone = `${minutes < 0 ? "-" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
  return `${typed}${typed.split(":").length === 2 ? ":00" : ""}${zone}`;
}

const isList = ({ kind }: Field): boolean => kind === "lines" || kind === "choices";

/** Both `1,5` and `1.5`. */
function numberOf(typed: string): number | undefined {
  return /^[+-]?\d+([.,]\d+)?$/.test(typed) ? Number(typed.replace(",", ".")) : undefined;
}

export function textOf(value: Value | undefined): string {
  return Array.isArray(value) ? value.join("\n") : value === undefined ? "" : String(value);
}

/** As the field itself shows it: a time of day and a moment to the minute, without their zone. */
export function shownIn({ kind }: Field, value: Value | undefined): string {
  const text = textOf(value);
  const known = { time: /^\d{2}:\d{2}/, moment: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/ };
  return kind === "time" || kind === "moment" ? (known[kind].exec(text)?.[0] ?? text) : text;
}

/** Values that the form has no field for any more: kept on the phone, shown, and not sent. */
export function leftOver(fields: readonly Field[], values: Values): [string, Value][] {
  const known = new Set(fields.map(({ name }) => name));
  return Object.entries(values).filter(([name]) => !known.has(name));
}

/** The sentence for each field that cannot be sent as it is. */
export function faultsOf(fields: readonly Field[], values: Values): Map<string, Words> {
  const found = new Map<string, Words>();
  for (const field of fields) {
    const value = values[field.name];
    const fault = value === undefined ? missing(field) : wrong(field, value);
    if (fault) found.set(field.name, fault);
  }
  return found;
}

function missing(field: Field): Words | null {
  if (!field.isRequired) return null;
  if (field.kind === "choices") return { id: "Pilih sedikitnya satu.", en: "Choose at least one." };
  return field.kind === "choice" ? { id: "Pilih salah satu.", en: "Choose one." } : { id: "Isi dahulu bagian ini.", en: "Fill this in first." };
}

function wrong({ kind, schema }: Field, value: Value): Words | null {
  if (kind === "whole" || kind === "number") return typeof value === "number" ? wrongNumber(schema, value, kind === "whole") : NO_NUMBER;
  if (Array.isArray(value)) return kind === "choices" ? wrongChoices(schema, value) : wrongList(schema, value);
  return typeof value === "string" ? wrongText(schema, value) : null;
}

const NO_NUMBER: Words = { id: "Tulis bilangan, misalnya 12.", en: "Write a number, for example 12." };

function wrongNumber(schema: Attribute, value: number, isWhole: boolean): Words | null {
  if (isWhole && !Number.isInteger(value)) return { id: "Tulis bilangan bulat.", en: "Write a whole number." };
  if (schema.minimum !== undefined && value < schema.minimum) return { id: `Paling kecil ${schema.minimum}.`, en: `At least ${schema.minimum}.` };
  if (schema.maximum !== undefined && value > schema.maximum) return { id: `Paling besar ${schema.maximum}.`, en: `At most ${schema.maximum}.` };
  const { exclusiveMinimum: above, exclusiveMaximum: below, multipleOf: step } = schema;
  if (above !== undefined && value <= above) return { id: `Harus lebih dari ${above}.`, en: `Must be more than ${above}.` };
  if (below !== undefined && value >= below) return { id: `Harus kurang dari ${below}.`, en: `Must be less than ${below}.` };
  if (step === undefined || isMultiple(value, step)) return null;
  return { id: `Harus kelipatan ${step}.`, en: `Must be a multiple of ${step}.` };
}

function isMultiple(value: number, step: number): boolean {
  const times = value / step;
  return Math.abs(times - Math.round(times)) < 1e-9 * Math.max(1, Math.abs(times));
}

function wrongText(schema: Attribute, value: string): Words | null {
  const length = [...value].length;
  if (schema.enum && !schema.enum.includes(value)) return { id: "Pilihan ini tidak ada lagi; pilih yang lain.", en: "This choice is gone; choose another." };
  if (schema.maxLength !== undefined && length > schema.maxLength) return { id: `Paling panjang ${schema.maxLength} huruf.`, en: `At most ${schema.maxLength} letters.` };
  if (schema.minLength !== undefined && length < schema.minLength) return { id: `Paling sedikit ${schema.minLength} huruf.`, en: `At least ${schema.minLength} letters.` };
  if (schema.format === "email" && !/^\S+@\S+$/.test(value)) return { id: "Tulis alamat surel, misalnya nama@contoh.id.", en: "Write an e-mail address such as name@example.org." };
  if (schema.format === "uri" && !/^[a-z][a-z0-9+.-]*:\S+$/i.test(value)) return { id: "Tulis alamat web lengkap, dengan https://", en: "Write the whole web address, with https://" };
  if (schema.format === NEIGHBOURHOOD && !isNeighbourhoodNumber(value)) return { id: "Harus berupa nomor, misalnya 01.", en: "Must be a number such as 01." };
  if (schema.pattern !== undefined && !matches(schema.pattern, value)) return { id: "Bentuknya belum sesuai.", en: "It does not have the right form." };
  return null;
}

/** `1`, `01`, `RT.01`, `I`: Roman only in capitals, up to 89. */
function isNeighbourhoodNumber(text: string): boolean {
  const [, figures, roman] = /^\s*(?:[Rr][TtWw])?[\s.\-/:]*(?:(\d{1,20})|([IVXL]{1,7}))\s*$/.exec(text) ?? [];
  if (roman !== undefined) return /^(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})$/.test(roman);
  return Number(figures) > 0 && Number(figures) < 1_000;
}

/** A pattern that this browser cannot read is left to the server. */
function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    return true;
  }
}

function wrongChoices(schema: Attribute, chosen: readonly string[]): Words | null {
  const { minItems: least, maxItems: most, ...others } = schema;
  if (least !== undefined && chosen.length < least) return { id: `Pilih sedikitnya ${least}.`, en: `Choose at least ${least}.` };
  if (most !== undefined && chosen.length > most) return { id: `Pilih paling banyak ${most}.`, en: `Choose at most ${most}.` };
  return wrongList(others, chosen);
}

function wrongList(schema: Attribute, lines: readonly string[]): Words | null {
  if (schema.minItems !== undefined && lines.length < schema.minItems) return { id: `Paling sedikit ${schema.minItems} baris.`, en: `At least ${schema.minItems} lines.` };
  if (schema.maxItems !== undefined && lines.length > schema.maxItems) return { id: `Paling banyak ${schema.maxItems} baris.`, en: `At most ${schema.maxItems} lines.` };
  if (schema.uniqueItems && new Set(lines).size < lines.length) return { id: "Ada baris yang sama.", en: "Two lines are the same." };
  return lines.map((line) => (schema.items ? wrongText(schema.items, line) : null)).find((fault) => fault !== null) ?? null;
}

/** Which field a pointer of the server's answer means, e.g. `/feature/properties/rw`. */
export function fieldOfPointer(pointer: string): string | null {
  const found = /^\/(?:feature|patch)\/(?:properties\/([^/]+)|(geometry))/.exec(pointer);
  return found ? (found[1] ?? found[2] ?? null) : null;
}
