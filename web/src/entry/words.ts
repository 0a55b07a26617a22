/** The sentences of the entry page. */

import { languageOf, say, type Language } from "../common/language.ts";
import type { Value } from "./content.ts";
import { fieldsOf, type Category, type Words } from "./form.ts";
import { receiptNumber, type Entry, type State } from "./outbox.ts";
import type { Judgement } from "./verdict.ts";

export const language = (): Language => languageOf(document.documentElement.lang);
export const inWords = (words: Words): string => say(words.id, words.en);

const OTHERS = (): Record<string, string> => ({
  geometry: say("Letak (lintang, bujur)", "Place (latitude, longitude)"), accuracy_m: say("Ketelitian (m)", "Accuracy (m)"), method: say("Cara menentukan letak", "How the place was found"),
  captured_at: say("Waktu pencatatan", "Time of capture"), override_reason: say("Alasan letaknya benar", "Why the place is right"), status: say("Masih dipakai", "In use"), kelurahan: "Kelurahan",
});

/** What a property of a point is called on the form. */
export function labelOf(property: string, category: Category | undefined): string {
  const field = (category ? fieldsOf(category) : []).find(({ name }) => name === property);
  return field ? inWords(field.label) : (OTHERS()[property] ?? property);
}

/** A decimal as people of the language write it. */
export const decimal = (value: number, digits = 0): string => new Intl.NumberFormat(language() === "en" ? "en-GB" : "id-ID", { maximumFractionDigits: digits }).format(value);

export function distance(metres: number): string {
  return metres < 1_000 ? `${decimal(Math.max(1, Math.round(metres)))} m` : `${decimal(metres / 1_000, 1)} km`;
}

/** By the clock of the phone. */
export function moment(at: number | string): string {
  const written = (style: Intl.DateTimeFormatOptions): string => new Intl.DateTimeFormat(language() === "en" ? "en-GB" : "id-ID", style).format(new Date(at));
  const [day, time] = [written({ dateStyle: "long" }), written({ timeStyle: "short" })];
  return say(`${day} pukul ${time}`, `${day}, ${time}`);
}

export function megabytes(bytes: number): string {
  return bytes < 1_000_000 ? `${decimal(bytes / 1_000)} kB` : `${decimal(bytes / 1_000_000, 1)} MB`;
}

const DIRECTIONS: readonly (readonly [string, string])[] = [
  ["utara", "north"], ["timur laut", "north-east"], ["timur", "east"], ["tenggara", "south-east"],
  ["selatan", "south"], ["barat daya", "south-west"], ["barat", "west"], ["barat laut", "north-west"],
];

export function direction(bearing: number | null): string {
  const [id, en] = DIRECTIONS[Math.round((bearing ?? 0) / 45) % 8] ?? ["", ""];
  return say(id, en);
}

export const TONES: Record<State, "plain" | "wait" | "bad" | "good"> = {
  draft: "plain", waiting: "wait", refused: "bad", received: "wait", "in-review": "wait", returned: "bad", published: "good", ended: "plain",
};

/** Each state with a sign of its own: none is told by its colour alone. */
export const SIGNS: Record<State, string> = { draft: "✎", waiting: "↑", refused: "!", received: "✓", "in-review": "◷", returned: "↩", published: "●", ended: "–" };

export function stateOf({ state, content, isSent }: Entry): string {
  const number = content.receipt ? receiptNumber(content.receipt) : "";
  const received = number && say(`Diterima no. ${number}`, `Received no. ${number}`);
  const waiting = isSent ? say("Di ponsel ini, menunggu jawaban server", "On this phone, waiting for the server's answer") : say("Di ponsel ini, menunggu jaringan", "On this phone, waiting for a network");
  const texts: Record<State, string> = {
    draft: say("Di ponsel ini, belum selesai", "On this phone, not finished"),
    waiting,
    refused: say("Di ponsel ini, perlu diperbaiki", "On this phone, to be corrected"),
    received,
    "in-review": say(`${received}, sedang diperiksa`, `${received}, in review`),
    returned: say(`Dikembalikan, karena: ${content.reason ?? "tidak ada alasan"}`, `Returned, because: ${content.reason ?? "no reason given"}`),
    published: say("Sudah terbit", "Published"),
    ended: say("Tidak dipakai lagi", "No longer in use"),
  };
  return texts[state];
}

/** How the place was judged, and by which edition: the server's word where there is one, else the phone's. */
export function placedBy({ content: { receipt, judgement } }: Entry): string {
  const verdict = receipt?.verdict ?? judgement?.verdict;
  if (!verdict) return "";
  const texts: Record<string, string> = {
    inside: say("di dalam kelurahannya", "within its kelurahan"),
    near: say("di tepi kelurahannya, masih dalam toleransi", "at the edge of its kelurahan, within the tolerance"),
    elsewhere: say("di kelurahan lain", "in another kelurahan"),
    outside: say("di luar semua kelurahan", "outside of every kelurahan"),
  };
  const edition = receipt?.verdict ? receipt.edition : judgement?.edition;
  const by = edition ? say(`, menurut batas ${edition}`, `, by the boundaries ${edition}`) : "";
  const who = receipt?.verdict ? "" : say(" (diperiksa di ponsel ini)", " (checked on this phone)");
  return say(`Letak ${texts[verdict] ?? verdict}${by}${who}.`, `Its place is ${texts[verdict] ?? verdict}${by}${who}.`);
}

export function judged(judgement: Judgement): { text: string; tone: "good" | "wait" | "bad" } {
  if (judgement.kind === "beyond") {
    return {
      tone: "wait",
      text: say("Di luar wilayah yang tersimpan di ponsel ini, jadi letaknya belum dapat diperiksa. Server memeriksanya setelah terkirim.", "Outside of what is stored on this phone, so the place cannot be checked yet. The server checks it once it is sent."),
    };
  }
  if (judgement.kind === "unclear") {
    return { tone: "wait", text: say("Pilih dahulu kelurahannya; titik ini dekat dengan lebih dari satu.", "Choose the kelurahan first; this place is near more than one.") };
  }
  const { verdict, declared, kelurahan, toleranceM } = judgement.placement;
  const far = distance(declared.distanceM);
  const where = direction(declared.bearing);
  const texts = {
    inside: say(`Berada di ${declared.name}.`, `It is in ${declared.name}.`),
    near: say(`Di luar ${declared.name}, ${far} dari batasnya; masih dalam toleransi ${distance(toleranceM)}. Pemeriksa akan melihatnya.`, `Outside ${declared.name}, ${far} from its boundary; still within the tolerance of ${distance(toleranceM)}. The reviewer will look at it.`),
    elsewhere: say(`Titik ini berada di ${kelurahan?.name ?? "?"}, bukan di ${declared.name}: ${far} di sebelah ${where} batas ${declared.name}.`, `This place is in ${kelurahan?.name ?? "?"}, not in ${declared.name}: ${far} to the ${where} of the boundary of ${declared.name}.`),
    outside: say(`Titik ini di luar semua kelurahan: ${far} di sebelah ${where} batas ${declared.name}.`, `This place is outside of every kelurahan: ${far} to the ${where} of the boundary of ${declared.name}.`),
  };
  const tones = { inside: "good", near: "wait", elsewhere: "bad", outside: "bad" } as const;
  return { text: texts[verdict], tone: tones[verdict] };
}

/** What a record is called in lists. */
export function nameOf({ content: { values, category } }: Entry, title: string | undefined): string {
  const name = textual(values["name"]);
  if (name) return name;
  const numbers = (["rt", "rw"] as const).flatMap((field) => (textual(values[field]) ? [`${field.toUpperCase()} ${textual(values[field])}`] : []));
  return numbers.join(" ") || say(`${title ?? category} tanpa nama`, `${title ?? category} without a name`);
}

const textual = (value: Value | undefined): string => (value === undefined ? "" : String(value));
