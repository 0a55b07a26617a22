/**
 * What a phone has recorded and what has become of it. Pure: no storage, no network, no clock.
 *
 *     draft → waiting → received → in-review → published
 *                 ↘ refused          ↘ returned
 *
 * `waiting`: on this phone only. `refused`: the server has said why, nothing was stored there. `received`: its answer is kept, photos still go.
 */

import type { Contact, Place, ServerFeature, Values } from "./content.ts";
import type { Placement } from "./verdict.ts";

export type State = "draft" | "waiting" | "refused" | "received" | "in-review" | "returned" | "published" | "ended";
export type PhotoState = "waiting" | "sent" | "refused";

/** RFC 9457, as every address of the service answers. */
export interface Problem {
  type: string;
  title: string;
  detail: string;
  hint?: string;
  errors?: { pointer?: string; code: string; detail: string }[];
  candidates?: { id: string; name: string; distance_m?: number }[];
  placement?: { verdict: string; kelurahan_name?: string | null; distance_m?: number };
  /** Of a change to what somebody else has changed too: both versions (docs/phones.md). */
  version?: number;
  conflicts?: { property: string; base?: unknown; theirs?: unknown; mine?: unknown }[];
  base?: ServerFeature;
  theirs?: ServerFeature;
  mine?: ServerFeature;
}

/** The server's answer, kept: the revision, its number and when it came. */
export interface Receipt {
  revision: string;
  version: number;
  at: string;
  verdict: string | null;
  /** The edition of boundaries that the server has judged by; older records do not have it. */
  edition?: string | null;
}

/** What is sealed with the key of its account before it is stored. */
export interface Content {
  category: string;
  kelurahan: string | null;
  place: Place | null;
  /** Coordinate text that was pasted without a network, to be read when there is one. */
  raw: string | null;
  values: Values;
  overrideReason: string;
  isNoDuplicate: boolean;
  contacts: Contact[];
  /** Why the server did not take a contact; it stays in `contacts`, and `Envelope.contacts` counts it no longer. */
  contactProblem?: Problem | null;
  judgement: Placement | null;
  receipt: Receipt | null;
  problem: Problem | null;
  /** The walidata's, when it was returned. */
  reason: string | null;
}

/** What can be read of a record without the key: nothing of the point itself. */
export interface Envelope {
  /** Of the change: the server knows it by this when it comes twice. */
  id: string;
  point: string;
  /** The version on the server that a correction rests on. */
  base: number | null;
  account: string;
  state: State;
  /** It was sent at least once, and may have arrived: its content is what it is. */
  isSent: boolean;
  savedAt: number;
  changedAt: number;
  attempts: number;
  /** Not to be sent before. */
  notBefore: number;
  photos: PhotoMark[];
  contacts: number;
}

export interface PhotoMark {
  id: string;
  state: PhotoState;
  bytes: number;
  attempts: number;
  notBefore: number;
}

export interface Entry extends Envelope {
  content: Content;
}

/** One result of `POST /sync`. */
export interface Result {
  client_id: string | null;
  status: "created" | "changed" | "merged" | "unchanged" | "submitted" | "closing" | "withdrawn" | "conflict" | "refused" | "later" | "failed";
  code: number;
  version?: number;
  feature?: { properties: { revision?: string; version?: number; state?: string; placement?: { verdict: string; edition?: string } | null } };
  problem?: Problem;
}

export type Step = { kind: "data" } | { kind: "contact" } | { kind: "photo"; photo: PhotoMark };

const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 5 * 60_000;
export const DAY_MS = 24 * 3_600_000;
const ON_PHONE: readonly State[] = ["draft", "waiting", "refused"];
const AT_SERVER: readonly State[] = ["received", "in-review", "returned", "published"];

/** Twice as long after each try, with `chance` (0 to 1) so that many phones do not come back at once. */
export function pauseMs(attempts: number, chance: number): number {
  const whole = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(attempts - 1, 20), LONGEST_PAUSE_MS);
  return whole / 2 + (whole / 2) * chance;
}

/** What is to be sent next of an entry: its data, then its contacts, then its photos; null: nothing, or not yet. */
export function nextStep(entry: Envelope, now: number): Step | null {
  if (entry.state === "waiting") return entry.notBefore <= now ? { kind: "data" } : null;
  if (!AT_SERVER.includes(entry.state)) return null;
  if (entry.contacts > 0 && entry.notBefore <= now) return { kind: "contact" };
  const photo = entry.photos.find((mark) => mark.state === "waiting" && mark.notBefore <= now);
  return photo ? { kind: "photo", photo } : null;
}

/** Whether something of it is only on this phone. */
export function isUnsent(entry: Entry): boolean {
  return ON_PHONE.includes(entry.state) || entry.contacts > 0 || hasContactLeft(entry) || entry.photos.some(({ state }) => state === "waiting");
}

/** Whether there is a contact that goes nowhere by itself: the server has refused it, or its point is gone. Somebody puts it right, or deletes it. */
export function hasContactLeft({ state, contacts, content }: Entry): boolean {
  return content.contacts.length > 0 && (state === "ended" || (AT_SERVER.includes(state) && contacts === 0));
}

/** What of it is left, and on whom that waits: `draft` and `refused` on somebody, `going` on a network or the server; null: it has been sent. */
export function pending(entry: Entry): "draft" | "refused" | "going" | null {
  if (entry.state === "draft") return "draft";
  if (entry.state === "refused" || hasContactLeft(entry)) return "refused";
  return isUnsent(entry) ? "going" : null;
}

/** First what waits on somebody: what was refused or returned, then drafts. */
export function byNeed(entries: readonly Entry[]): Entry[] {
  const need = (entry: Entry): number => (entry.state === "returned" || pending(entry) === "refused" ? 0 : entry.state === "draft" ? 1 : 2);
  return [...entries].sort((a, b) => need(a) - need(b));
}

/** Those whose point has a newer record in `by`, and of which nothing is on this phone only. */
export function superseded(entries: readonly Entry[], by: readonly Entry[] = entries): Entry[] {
  return entries.filter((entry) => !isUnsent(entry) && by.some((one) => isNewer(one, entry)));
}

/** Those that may be dropped: the server has answered to the newer record. */
export function replaced(entries: readonly Entry[]): Entry[] {
  return superseded(entries, entries.filter(({ state }) => !ON_PHONE.includes(state)));
}

/** By what the server has counted; a clock that was set back decides only where it has not yet. */
function isNewer(one: Entry, than: Entry): boolean {
  if (one.point !== than.point || one.id === than.id) return false;
  const [version, before] = [one.content.receipt?.version, than.content.receipt?.version];
  return version === undefined || before === undefined || version === before ? one.id > than.id : version > before;
}

export function isUnsentForADay(entry: Entry, now: number): boolean {
  return isUnsent(entry) && entry.state !== "draft" && now - entry.savedAt > DAY_MS;
}

/** Somebody has begun it, and not come back for a day. */
export function isForgotten(entry: Entry, now: number): boolean {
  return entry.state === "draft" && now - entry.changedAt > DAY_MS;
}

/** Whether what was typed may still be changed in place. What may have arrived is corrected by a change of its own. */
export function isEditable(entry: Envelope): boolean {
  return entry.state === "draft" || entry.state === "refused" || (entry.state === "waiting" && !entry.isSent);
}

export function isCorrectable(entry: Envelope): boolean {
  return entry.state === "returned" || entry.state === "published" || entry.state === "in-review";
}

/** The entry after the server has answered. */
export function answered(entry: Entry, result: Result, now: number, chance: number): Entry {
  if (result.status === "later" || result.status === "failed") return postponed(entry, now, chance);
  if (result.status === "conflict" || result.status === "refused") {
    const problem = result.problem ?? { type: "", title: "", detail: String(result.code) };
    return { ...entry, state: "refused", isSent: false, changedAt: now, attempts: 0, notBefore: 0, content: { ...entry.content, problem } };
  }
  const properties = result.feature?.properties;
  const receipt: Receipt = {
    revision: properties?.revision ?? entry.id,
    version: result.version ?? properties?.version ?? 1,
    at: new Date(now).toISOString(),
    verdict: properties?.placement?.verdict ?? null,
    edition: properties?.placement?.edition ?? null,
  };
  const content = { ...entry.content, receipt, problem: null, reason: null };
  return settled({ ...entry, state: "received", changedAt: now, attempts: 0, notBefore: 0, content }, properties?.state);
}

/** It is tried again later: the server was busy, or has failed. */
export function postponed<Kind extends Envelope>(entry: Kind, now: number, chance: number): Kind {
  const attempts = entry.attempts + 1;
  return { ...entry, attempts, notBefore: now + pauseMs(attempts, chance) };
}

export function withPhoto<Kind extends Envelope>(entry: Kind, id: string, change: Partial<PhotoMark>): Kind {
  return { ...entry, photos: entry.photos.map((mark) => (mark.id === id ? { ...mark, ...change } : mark)) };
}

/** As the server says that the point stands now; `reason` where it was returned. */
export function settled(entry: Entry, state: string | undefined, reason: string | null = null): Entry {
  const known: Record<string, State> = { submitted: "in-review", returned: "returned", published: "published", unpublished: "ended", withdrawn: "ended" };
  const next = state === undefined ? undefined : known[state];
  return next === undefined ? entry : { ...entry, state: next, content: { ...entry.content, reason: next === "returned" ? reason : null } };
}

/** A number to say over the telephone: the end of the revision's id, by which the walidata finds it too. */
export function receiptNumber({ revision }: Receipt): string {
  const end = revision.replaceAll("-", "").slice(-8).toUpperCase();
  return `${end.slice(0, 4)}-${end.slice(4)}`;
}

/** `items` in lists of at most `most`. */
export function inBatches<Item>(items: readonly Item[], most: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / most) }, (_, at) => items.slice(at * most, (at + 1) * most));
}
