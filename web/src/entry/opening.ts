/** A point that is to be corrected, by its id: as the server has it now, else as this phone knows it. */

import { say } from "../common/language.ts";
import type { Api } from "./api.ts";
import { correctionOf, correctionOfPoint } from "./editing.ts";
import type { Supplies } from "./kit.ts";
import { isCorrectable, isEditable, type Entry } from "./outbox.ts";
import type { Store } from "./store.ts";

/** The record to open, or the sentence that says why there is none. What is begun already of this point is gone on with. */
export async function correctionFor(point: string, store: Store, supplies: Supplies, api: Api): Promise<Entry | string> {
  const own = (await store.all()).entries.filter((entry) => entry.point === point);
  const begun = own.find(isEditable);
  if (begun) return begun;
  if (own.some(({ state }) => state === "waiting")) return say("Perbaikan titik ini sedang dikirim. Tunggu jawaban server, lalu buka lagi.", "A correction of this point is being sent. Wait for the server's answer, then open it again.");
  const reply = await api.point(point);
  if (reply.kind === "ok") {
    const { feature, status } = reply.body;
    const { category, state } = feature.properties;
    if (status === "closed" || status === "moved") return say("Titik ini sudah ditutup atau pindah, jadi tidak dapat diperbaiki.", "This point has been closed or has moved, so it cannot be corrected.");
    return correctionOfPoint(store.writer, point, feature, supplies.fieldNames(String(category)), state === "returned" ? await reasonOf(api, point) : null);
  }
  if (reply.kind === "refused") return reply.problem.detail;
  const known = own.find(isCorrectable);
  if (known) return correctionOf(known);
  if (reply.kind === "signed-out") return say("Masuk dahulu, lalu buka titik ini lagi.", "Sign in first, then open this point again.");
  return say("Titik ini belum ada di ponsel dan tidak ada jaringan. Buka lagi setelah ada jaringan.", "This point is not on the phone, and there is no network. Open it again once there is one.");
}

async function reasonOf(api: Api, point: string): Promise<string | null> {
  const reply = await api.history(point);
  return reply.kind === "ok" ? (reply.body.revisions[0]?.decision_reason ?? null) : null;
}
