/** The screen on which one point is entered. */

import { element, fill } from "../common/dom.ts";
import { say } from "../common/language.ts";
import type { Api } from "./api.ts";
import { ContactSection } from "./contact_section.ts";
import type { Draft } from "./editing.ts";
import type { Category } from "./form.ts";
import { FormSection } from "./form_section.ts";
import type { Supplies } from "./kit.ts";
import type { Entry, Problem } from "./outbox.ts";
import { PhotoSection } from "./photo_section.ts";
import { PlaceSection, type Section } from "./place_section.ts";
import type { Store } from "./store.ts";
import { inWords } from "./words.ts";

export interface Around {
  store: Store;
  supplies: Supplies;
  api: Api;
  others: readonly Entry[];
  /** Back to the list; `isFinished`: it is to be sent. */
  left: (isFinished: boolean) => void;
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

  async function leave(isFinished: boolean, end: () => Promise<void>): Promise<void> {
    try {
      await end();
    } catch {
      fill(answer, say("Belum tersimpan: ruang di ponsel ini habis. Hapus berkas lain, lalu coba lagi.", "Not stored: there is no room on this phone. Delete other files, then try again."));
      return;
    }
    for (const section of sections) section.close();
    around.left(isFinished);
  }
  async function finish(): Promise<void> {
    const missing = sections.map((section) => section.fault()).find((found) => found !== null);
    if (!missing) return leave(true, () => draft.finish());
    fill(answer, say("Belum dapat dikirim: ada bagian yang perlu diisi atau dibetulkan. Yang sudah diisi tetap tersimpan.", "Not ready to be sent: something is to be filled in or put right. What you typed is kept."));
    missing.focus();
    missing.scrollIntoView({ block: "center" });
  }

  const done = element("button", { type: "submit" }, say("Simpan dan kirim", "Save and send"));
  const later = element("button", { type: "button", class: "second" }, say("Simpan dahulu, selesaikan nanti", "Keep it, finish later"));
  later.addEventListener("click", () => void leave(false, () => draft.close()));
  const discard = element("button", { type: "button", class: "second" }, say("Hapus catatan ini", "Delete this record"));
  discard.addEventListener("click", () => {
    if (confirm(say("Hapus catatan ini beserta fotonya dari ponsel?", "Delete this record and its photos from the phone?"))) void leave(false, () => draft.discard());
  });
  const form = element("form", { class: "entry-form", novalidate: true }, ...sections.map(({ root: own }) => own), answer, element("div", { class: "entry-row" }, done, later, discard));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void finish();
  });
  fill(root, heading, said(draft.entry.content.problem), reasonOf(draft.entry), form);
  heading.focus();
  scrollTo(0, 0);
}

function contactsOf(draft: Draft): ContactSection {
  return new ContactSection({ contact: draft.entry.content.contacts[0] ?? null, problem: null, change: (contact) => draft.change({ contacts: contact ? [contact] : [] }) });
}

export function said(problem: Problem | null): HTMLElement | null {
  if (problem === null) return null;
  const errors = (problem.errors ?? []).map(({ detail }) => element("li", {}, detail));
  const found = (problem.candidates ?? []).map(({ name }) => element("li", {}, name));
  return element("div", { class: "note" }, element("p", {}, element("strong", {}, problem.title), " ", problem.detail), errors.length ? element("ul", {}, ...errors) : null, found.length ? element("ul", {}, ...found) : null);
}

function reasonOf({ content: { reason } }: Entry): HTMLElement | null {
  return reason ? element("div", { class: "note" }, element("p", {}, say(`Dikembalikan, karena: ${reason}`, `Returned, because: ${reason}`))) : null;
}
