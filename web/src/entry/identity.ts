/** Whose phone it is at the moment: the account whose key lies here. The page and its service worker both look after it. */

import { drop, keep, kept } from "./database.ts";
import { importKey } from "./vault.ts";

export interface Identity {
  /** A name for the account that says nothing of it. */
  writer: string;
  key: CryptoKey;
}

const IDENTITY = "identity";
const OF_ACCOUNT = ["kit", "around"];

export const identity = (): Promise<Identity | undefined> => kept<Identity>(IDENTITY);

/** `refused`: an account that enters no points. */
export type Claim = "same" | "other" | "signed-out" | "refused" | "unreachable";

/** Asks the server whose session this is. Another account takes the place of the former one, whose key is deleted. */
export async function claimIdentity(base: string): Promise<Claim> {
  const answer = await fetch(`${base}/me/entry-key`, { credentials: "same-origin", cache: "no-store" }).catch(() => null);
  if (answer === null || answer.status >= 500 || answer.status === 429) return "unreachable";
  if (!answer.ok) return answer.status === 403 ? "refused" : "signed-out";
  const { writer, key } = (await answer.json()) as { writer: string; key: string };
  const before = await identity();
  if (before?.writer === writer) return "same";
  if (before) await drop(...OF_ACCOUNT);
  await keep(IDENTITY, { writer, key: await importKey(key) } satisfies Identity);
  return "other";
}

/** On signing out: what is unsent stays, sealed; the key is gone until this account signs in again. */
export const dropIdentity = (): Promise<void> => drop(IDENTITY, ...OF_ACCOUNT);
