/** Somebody else has changed the same point: both versions, and how a record goes on from the newer one. Pure. */

import { placeOf, type ServerFeature, type Value } from "./content.ts";
import type { Entry, Problem } from "./outbox.ts";

/** Whose word stands where both have changed the same. */
export type Choice = "mine" | "theirs";

export interface Both {
  version: number;
  conflicts: { property: string; theirs?: unknown; mine?: unknown }[];
  base: ServerFeature;
  theirs: ServerFeature;
  mine: ServerFeature;
}

// A place goes with what describes it, as the server merges it.
const OF_PLACE = ["geometry", "accuracy_m", "method", "captured_at", "override_reason"];

/** null: the record was refused for another reason, or there is nothing to choose between. */
export function bothOf(problem: Problem | null): Both | null {
  if (!problem?.type.endsWith(":changed-both")) return null;
  const { version, conflicts, base, theirs, mine } = problem;
  return version !== undefined && conflicts && base && theirs && mine ? { version, conflicts, base, theirs, mine } : null;
}

/** The record on top of the newer version, to be sent: what only one side has changed is taken from that side, what both have by `choice`. */
export function rebased(entry: Entry, both: Both, choice: Choice, fields: readonly string[]): Entry {
  const contested = new Set(both.conflicts.map(({ property }) => property));
  const isMine = (...names: string[]): boolean => names.some((name) => isChanged(both, name)) && (choice === "mine" || !names.some((name) => contested.has(name)));
  const values = fields.flatMap((name): [string, Value][] => {
    const value = isMine(name) ? entry.content.values[name] : both.theirs.properties[name];
    return value === undefined || value === null ? [] : [[name, value as Value]];
  });
  const { content } = entry;
  const place = isMine(...OF_PLACE) ? {} : { place: placeOf(both.theirs), overrideReason: String(both.theirs.properties["override_reason"] ?? "") };
  const kelurahan = isMine("kelurahan") || content.kelurahan === null ? content.kelurahan : String(both.theirs.properties["kelurahan"]);
  // Values of no field stay on the phone, as they do without a conflict.
  const others = Object.entries(content.values).filter(([name]) => !fields.includes(name));
  const merged = { ...content, ...place, kelurahan, values: Object.fromEntries([...others, ...values]), problem: null };
  return { ...entry, base: both.version, state: "waiting", isSent: false, attempts: 0, notBefore: 0, content: merged };
}

function isChanged({ base, mine }: Both, name: string): boolean {
  return name === "geometry" ? !isSame(base.geometry.coordinates, mine.geometry.coordinates) : !isSame(base.properties[name], mine.properties[name]);
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
