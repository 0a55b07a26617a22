/** The list of what was recorded on this phone, each with what has become of it. */

import { element, type Child } from "../common/dom.ts";
import { say } from "../common/language.ts";
import { bothOf, type Both, type Choice } from "./conflict.ts";
import { said } from "./editor.ts";
import { textOf, type Category } from "./form.ts";
import type { Supplies } from "./kit.ts";
import { byNeed, hasContactLeft, isCorrectable, isEditable, superseded, type Entry } from "./outbox.ts";
import { inWords, labelOf, moment, nameOf, placedBy, SIGNS, stateOf, TONES } from "./words.ts";

export interface Acts {
  edit: (entry: Entry) => void;
  correct: (entry: Entry) => void;
  remove: (entry: Entry) => void;
  /** It is another point than those that are near. */
  confirmNew: (entry: Entry) => void;
  /** Somebody else has changed the same. */
  settle: (entry: Entry, both: Both, choice: Choice) => void;
  editContact: (entry: Entry) => void;
}

export function recordList(entries: readonly Entry[], supplies: Supplies, acts: Acts): HTMLElement {
  if (entries.length === 0) return element("p", { class: "soft" }, say("Belum ada catatan di ponsel ini.", "There are no records on this phone yet."));
  const former = new Set(superseded(entries));
  return element("ul", { class: "entry-list" }, ...byNeed(entries).filter((entry) => !former.has(entry)).map((entry) => card(entry, supplies, acts)));
}

function card(entry: Entry, supplies: Supplies, acts: Acts): HTMLElement {
  const category = supplies.category(entry.content.category);
  const title = category && inWords(category.title);
  const name = nameOf(entry, title);
  const buttons: HTMLElement[] = [];
  const button = (text: string, act: (entry: Entry) => void): void => {
    const made = element("button", { type: "button", class: "second", "aria-label": `${text}: ${name}` }, text);
    made.addEventListener("click", () => act(entry));
    buttons.push(made);
  };
  const { problem } = entry.content;
  const both = entry.state === "refused" ? bothOf(problem) : null;
  if (both) {
    button(say("Pakai isian saya", "Take what I typed"), () => acts.settle(entry, both, "mine"));
    button(say("Pakai yang di server", "Take the server's"), () => acts.settle(entry, both, "theirs"));
  } else if (isEditable(entry)) button(entry.state === "draft" ? say("Lanjutkan", "Go on") : say("Ubah", "Change"), acts.edit);
  if (problem?.type.endsWith(":near-duplicate") && entry.state === "refused") button(say("Memang titik lain, kirim", "It is another point, send it"), acts.confirmNew);
  if (hasContactLeft(entry)) button(say("Perbaiki penanggung jawab", "Put the contact right"), acts.editContact);
  if (isCorrectable(entry)) button(say("Perbaiki", "Correct"), acts.correct);
  if (isEditable(entry)) button(say("Hapus", "Delete"), acts.remove);
  const placed = placedBy(entry);
  return element("li", { class: `tone-${TONES[entry.state]}`, "data-state": entry.state, "data-left": leftOf(entry) },
    element("p", {}, element("strong", {}, name), title ? element("span", { class: "soft" }, ` ${title}`) : null),
    element("p", { class: "entry-state" }, element("span", { class: "sign", "aria-hidden": "true" }, SIGNS[entry.state]), stateOf(entry)),
    element("p", { class: "soft" }, moment(entry.savedAt), photosOf(entry)),
    placed ? element("p", { class: "soft" }, placed) : null,
    said(problem, category),
    both ? versions(both, category) : null,
    hasContactLeft(entry) ? contactLeft(entry) : null,
    element("div", { class: "entry-row" }, ...buttons),
  );
}

/** Both versions of what both have changed. */
function versions({ conflicts }: Both, category: Category | undefined): HTMLElement {
  const lines = conflicts.flatMap(({ property, mine, theirs }): Child[] => [
    element("dt", {}, labelOf(property, category)),
    element("dd", {}, say("Isian Anda: ", "You typed: "), element("strong", {}, shown(mine))),
    element("dd", {}, say("Di server sekarang: ", "On the server now: "), element("strong", {}, shown(theirs))),
  ]);
  return element("dl", { class: "entry-versions" }, ...lines);
}

function shown(value: unknown): string {
  if (value === undefined || value === null || value === "") return say("kosong", "empty");
  if (Array.isArray(value) && typeof value[0] === "number") return `${String(value[1])}, ${String(value[0])}`;
  return textOf(value as Parameters<typeof textOf>[0]);
}

function contactLeft({ content: { contactProblem } }: Entry): HTMLElement {
  return element("div", {}, element("p", { class: "tone-wait" }, say("Titiknya sudah terkirim, tetapi penanggung jawabnya belum diterima. Isinya masih di ponsel ini.", "The point has been sent, but its contact was not taken. It is still on this phone.")), said(contactProblem ?? null));
}

/** How many contacts and photos are still to go. */
function leftOf({ contacts, photos }: Entry): number {
  return contacts + photos.filter(({ state }) => state === "waiting").length;
}

function photosOf({ photos }: Entry): string {
  if (photos.length === 0) return "";
  const sent = photos.filter(({ state }) => state === "sent").length;
  const refused = photos.filter(({ state }) => state === "refused").length;
  const told = say(`; foto terkirim ${sent} dari ${photos.length}`, `; ${sent} of ${photos.length} photos sent`);
  return refused ? `${told}${say(`, ditolak ${refused}`, `, ${refused} refused`)}` : told;
}
