/** The list of what was recorded on this phone, each with what has become of it. */

import { element } from "../common/dom.ts";
import { say } from "../common/language.ts";
import { said } from "./editor.ts";
import type { Supplies } from "./kit.ts";
import { isCorrectable, isEditable, type Entry } from "./outbox.ts";
import { inWords, moment, nameOf, SIGNS, stateOf, TONES } from "./words.ts";

export interface Acts {
  edit: (entry: Entry) => void;
  correct: (entry: Entry) => void;
  remove: (entry: Entry) => void;
  /** It is another point than those that are near. */
  confirmNew: (entry: Entry) => void;
}

export function recordList(entries: readonly Entry[], supplies: Supplies, acts: Acts): HTMLElement {
  if (entries.length === 0) return element("p", { class: "soft" }, say("Belum ada catatan di ponsel ini.", "There are no records on this phone yet."));
  return element("ul", { class: "entry-list" }, ...entries.map((entry) => card(entry, supplies, acts)));
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
  if (isEditable(entry)) button(entry.state === "draft" ? say("Lanjutkan", "Go on") : say("Ubah", "Change"), acts.edit);
  if (problem?.type.endsWith(":near-duplicate") && entry.state === "refused") button(say("Memang titik lain, kirim", "It is another point, send it"), acts.confirmNew);
  if (isCorrectable(entry)) button(say("Perbaiki", "Correct"), acts.correct);
  if (isEditable(entry)) button(say("Hapus", "Delete"), acts.remove);
  return element("li", { class: `tone-${TONES[entry.state]}`, "data-state": entry.state, "data-left": leftOf(entry) },
    element("p", {}, element("strong", {}, name), title ? element("span", { class: "soft" }, ` ${title}`) : null),
    element("p", { class: "entry-state" }, element("span", { class: "sign", "aria-hidden": "true" }, SIGNS[entry.state]), stateOf(entry)),
    element("p", { class: "soft" }, moment(entry.savedAt), photosOf(entry)),
    said(problem),
    element("div", { class: "entry-row" }, ...buttons),
  );
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
