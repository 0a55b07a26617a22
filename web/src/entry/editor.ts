/** The screen on which one point is entered. */

import { element, fill } from "../common/dom.ts";
import { say } from "../common/language.ts";
import type { Api } from "./api.ts";
import { ContactSection } from "./contact_section.ts";
import type { Draft } from "./editing.ts";
import { fieldOfPointer, type Category } from "./form.ts";
import { FormSection } from "./form_section.ts";
import type { Supplies } from "./kit.ts";
import type { Entry, Problem } from "./outbox.ts";
import { PhotoSection } from "./photo_section.ts";
import { PlaceSection, type Section } from "./place_section.ts";
import type { Store } from "./store.ts";
import { inWords, labelOf } from "./words.ts";

/** Back to the list, where `told` is said; `isFinished`: it is to be sent. */
export type Left = (isFinished: boolean, told: string) => void;

export interface Around {
  store: Store;
  supplies: Supplies;
  api: Api;
  others: readonly Entry[];
  left: Left;
}

export function openEditor(root: Element, draft: Draft, category: Category, around: Around): void {
  const sections: Section[] = [
    new PlaceSection(draft, around.supplies, around.api, around.others),
    new FormSection(draft, category),
    new PhotoSection(draft, around.store),
    ...(draft.entry.base === null ? [contactsOf(draft)] : []),
  ];
  const answer = element("p", { class: "fault", "aria-live": "assertive" });
  const heading = element("h2", { tabindex: -1 }, `${draft.entry.base === null ? say("Titik baru", "New point") : say("Perbaikan", "Correction")}: ${inWords(category.title)}`);

  async function leave(isFinished: boolean, told: string, end: () => Promise<void>): Promise<void> {
    try {
      await end();
    } catch {
      fill(answer, say("Belum tersimpan: ruang di ponsel ini habis. Hapus berkas lain, lalu coba lagi.", "Not stored: there is no room on this phone. Delete other files, then try again."));
      return;
    }
    for (const section of sections) section.close();
    around.left(isFinished, told);
  }
  async function finish(): Promise<void> {
    const missing = sections.map((section) => section.fault()).find((found) => found !== null);
    if (!missing) return leave(true, KEPT(), () => draft.finish());
    fill(answer, say("Belum dapat dikirim: ada bagian yang perlu diisi atau dibetulkan. Yang sudah diisi tetap tersimpan.", "Not ready to be sent: something is to be filled in or put right. What you typed is kept."));
    missing.focus();
    missing.scrollIntoView({ block: "center" });
  }

  const done = element("button", { type: "submit" }, say("Simpan dan kirim", "Save and send"));
  const later = element("button", { type: "button", class: "second" }, say("Simpan dahulu, selesaikan nanti", "Keep it, finish later"));
  later.addEventListener("click", () => void leave(false, say("Tersimpan sebagai rancangan; belum dikirim.", "Kept as a draft; not sent yet."), () => draft.close()));
  const discard = element("button", { type: "button", class: "second" }, say("Hapus catatan ini", "Delete this record"));
  discard.addEventListener("click", () => {
    if (confirm(say("Hapus catatan ini beserta fotonya dari ponsel?", "Delete this record and its photos from the phone?"))) void leave(false, DELETED(), () => draft.discard());
  });
  const form = element("form", { class: "entry-form", novalidate: true }, ...sections.map(({ root: own }) => own), answer, element("div", { class: "entry-row" }, done, later, discard));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void finish();
  });
  const mended = (): void => {
    const isFaulty = [...form.querySelectorAll(".fault")].some((one) => one !== answer && one.textContent !== "");
    if (!isFaulty) fill(answer);
  };
  form.addEventListener("input", mended);
  form.addEventListener("change", mended);
  fill(root, heading, said(draft.entry.content.problem, category), reasonOf(draft.entry), form);
  scrollTo(0, 0);
  // Where the server has found something wrong, one goes on there.
  const wrong = form.querySelector<HTMLElement>("[aria-invalid=true]");
  (wrong ?? heading).focus();
  wrong?.scrollIntoView({ block: "center" });
}

export const KEPT = (): string => say("Tersimpan di ponsel ini; dikirim sendiri begitu ada jaringan.", "Kept on this phone; it goes by itself once there is a network.");
export const DELETED = (): string => say("Dihapus dari ponsel ini.", "Deleted from this phone.");

function contactsOf(draft: Draft): ContactSection {
  return new ContactSection({ contact: draft.entry.content.contacts[0] ?? null, problem: null, change: (contact) => draft.change({ contacts: contact ? [contact] : [] }) });
}

/** What the server has said; each fault with the name of its field. */
export function said(problem: Problem | null, category?: Category): HTMLElement | null {
  if (problem === null) return null;
  const errors = (problem.errors ?? []).map(({ pointer, detail }) => {
    const field = fieldOfPointer(pointer ?? "");
    return element("li", {}, field ? element("strong", {}, `${labelOf(field, category)}: `) : null, detail);
  });
  const found = (problem.candidates ?? []).map(({ name }) => element("li", {}, name));
  return element("div", { class: "note" }, element("p", {}, element("strong", {}, problem.title), " ", problem.detail), errors.length ? element("ul", {}, ...errors) : null, found.length ? element("ul", {}, ...found) : null);
}

function reasonOf({ content: { reason } }: Entry): HTMLElement | null {
  return reason ? element("div", { class: "note" }, element("p", {}, say(`Dikembalikan, karena: ${reason}`, `Returned, because: ${reason}`))) : null;
}
