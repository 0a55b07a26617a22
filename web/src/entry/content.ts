/** A point as it was typed, and the change that is sent of it (`docs/phones.md`). */

import type { Content, Envelope } from "./outbox.ts";

export type Value = string | number | boolean | string[];
export type Values = Record<string, Value>;
export type Method = "gps" | "map" | "geocoded" | "import";

export interface Place {
  lon: number;
  lat: number;
  accuracyM: number | null;
  method: Method;
  capturedAt: string;
}

/** Sent apart from the point, never within a rescue file, and wiped from the phone once the server has it. */
export interface Contact {
  id: string;
  role: string;
  name: string;
  phone: string;
  legal_basis: string;
  term_ends_on: string;
}

export interface Change {
  client_id: string;
  op: "create" | "change";
  point: string;
  base?: number;
  /** Left out of a correction whose place is of no known time. */
  captured_at?: string;
  feature?: Feature;
  patch?: Feature;
}

/** A point as the server gives it to those who work on it. */
export interface ServerFeature {
  geometry: { coordinates: number[] };
  properties: Record<string, unknown>;
}

interface Feature {
  type: "Feature";
  geometry: { type: "Point"; coordinates: [number, number] };
  properties: Record<string, Value | null>;
}

export function emptyContent(category: string): Content {
  return {
    category,
    kelurahan: null,
    place: null,
    raw: null,
    values: {},
    overrideReason: "",
    isNoDuplicate: false,
    contacts: [],
    judgement: null,
    receipt: null,
    problem: null,
    reason: null,
  };
}

/** What the server has of a point, as the form shows it; `fields`: the names that the form has. */
export function contentOf({ geometry, properties }: ServerFeature, fields: readonly string[]): Content {
  const known = fields.flatMap((name): [string, Value][] => (isValue(properties[name]) ? [[name, properties[name]]] : []));
  return {
    ...emptyContent(textOf(properties["category"])),
    kelurahan: textOf(properties["kelurahan"]) || null,
    place: placeOf({ geometry, properties }),
    values: Object.fromEntries(known),
    overrideReason: textOf(properties["override_reason"]),
  };
}

export function placeOf({ geometry, properties }: ServerFeature): Place {
  const [lon = 0, lat = 0] = geometry.coordinates;
  const accuracy = properties["accuracy_m"];
  return { lon, lat, accuracyM: typeof accuracy === "number" ? accuracy : null, method: textOf(properties["method"]) as Method, capturedAt: textOf(properties["captured_at"]) };
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

function isValue(value: unknown): value is Value {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" || (Array.isArray(value) && value.every((one) => typeof one === "string"));
}

/** `fields`: the names that the form has now; null is sent of those that were left empty in a correction. Values of no field are not sent. */
export function changeOf(envelope: Envelope, content: Content, fields: readonly string[]): Change {
  const place = content.place;
  if (place === null) throw new Error("a point without a place is a draft");
  const geometry = { type: "Point" as const, coordinates: [place.lon, place.lat] as [number, number] };
  const shared = { client_id: envelope.id, point: envelope.point, ...(place.capturedAt ? { captured_at: place.capturedAt } : {}) };
  const properties = propertiesOf(content, place, fields, envelope.base !== null);
  if (envelope.base === null) return { ...shared, op: "create", feature: { type: "Feature", geometry, properties: { category: content.category, ...properties } } };
  return { ...shared, op: "change", base: envelope.base, patch: { type: "Feature", geometry, properties } };
}

function propertiesOf(content: Content, place: Place, fields: readonly string[], isCorrection: boolean): Record<string, Value | null> {
  const typed = fields.map((name): [string, Value | null] => [name, content.values[name] ?? null]);
  return {
    ...Object.fromEntries(isCorrection ? typed : typed.filter(([, value]) => value !== null)),
    ...(content.kelurahan === null ? {} : { kelurahan: content.kelurahan }),
    method: place.method,
    ...(place.accuracyM === null && !isCorrection ? {} : { accuracy_m: place.accuracyM }),
    ...(place.capturedAt ? { captured_at: place.capturedAt } : {}),
    ...(content.overrideReason || isCorrection ? { override_reason: content.overrideReason || null } : {}),
    ...(content.isNoDuplicate ? { confirm_not_duplicate: true } : {}),
  };
}
