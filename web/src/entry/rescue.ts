/** The rescue file: what is only on this phone, to be saved, kept and handed to a colleague. Contacts are never in it. */

import { changeOf, type Change } from "./content.ts";
import { hasContactLeft, isUnsent, type Entry } from "./outbox.ts";

export const MEDIA_TYPE = "application/vnd.titik.rescue+json";

export interface RescueFile {
  titik_rescue: 1;
  /** The account that has recorded it, and stays its writer. */
  account: string;
  saved_at: string;
  /** As `POST /sync` takes them; ids make it harmless twice. */
  changes: Change[];
  /** What has no place yet, as it was typed. */
  drafts: { id: string; category: string; raw: string | null; values: Record<string, unknown> }[];
  photos: { id: string; point: string; type: string; base64: string }[];
  contacts_left_out: number;
}

export interface RescuedPhoto {
  id: string;
  point: string;
  type: string;
  bytes: Uint8Array;
}

/** `fieldsOf` gives the names of the form of a category. */
export function rescueFile(account: string, entries: readonly Entry[], photos: readonly RescuedPhoto[], fieldsOf: (category: string) => readonly string[], now: Date): RescueFile {
  const unsent = entries.filter(isUnsent);
  const isPlaced = (entry: Entry): boolean => entry.content.place !== null;
  const onPhone = unsent.filter(({ state }) => state === "draft" || state === "waiting" || state === "refused");
  return {
    titik_rescue: 1,
    account,
    saved_at: now.toISOString(),
    changes: onPhone.filter(isPlaced).map((entry) => changeOf(entry, entry.content, fieldsOf(entry.content.category))),
    drafts: onPhone.filter((entry) => !isPlaced(entry)).map(({ id, content }) => ({ id, category: content.category, raw: content.raw, values: content.values })),
    photos: photos.map(({ id, point, type, bytes }) => ({ id, point, type, base64: base64(bytes) })),
    contacts_left_out: unsent.reduce((sum, entry) => sum + (hasContactLeft(entry) ? entry.content.contacts.length : entry.contacts), 0),
  };
}

export function rescueName(account: string, now: Date): string {
  const plain = account.replaceAll(/[^A-Za-z0-9_-]+/g, "-").slice(0, 40);
  return `titik-penyelamat-${plain}-${now.toISOString().slice(0, 16).replaceAll(/[-:T]/g, "")}.json`;
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
