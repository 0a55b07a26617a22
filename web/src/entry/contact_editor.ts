/** The screen on which a contact is put right that the server did not take. What is typed is kept, sealed, from letter to letter. */

import { element, fill } from "../common/dom.ts";
import { say } from "../common/language.ts";
import { ContactSection } from "./contact_section.ts";
import type { Contact } from "./content.ts";
import { DELETED, KEPT, said, type Left } from "./editor.ts";
import { hasContactLeft, type Entry } from "./outbox.ts";
import type { Store } from "./store.ts";

const PAUSE_MS = 250;

export function openContactEditor(root: Element, entry: Entry, name: string, store: Store, left: Left): void {
  let typed: Contact | null = entry.content.contacts[0] ?? null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const answer = element("p", { class: "fault", "aria-live": "assertive" });
  const problem = entry.content.contactProblem ?? null;

  async function keep(change: (now: Entry) => Entry): Promise<boolean> {
    clearTimeout(timer);
    try {
      // What another tab has sent or deleted meanwhile is left alone.
      await store.update(entry.id, (now) => (hasContactLeft(now) ? change(now) : null));
      return true;
    } catch {
      fill(answer, say("Belum tersimpan: ruang di ponsel ini habis. Hapus berkas lain, lalu coba lagi.", "Not stored: there is no room on this phone. Delete other files, then try again."));
      return false;
    }
  }
  const held = (now: Entry): Entry => (typed ? { ...now, content: { ...now.content, contacts: [typed] } } : now);
  const section = new ContactSection({
    contact: typed, problem,
    change: (contact) => {
      typed = contact;
      clearTimeout(timer);
      timer = setTimeout(() => void keep(held), PAUSE_MS);
    },
  }, say("Penanggung jawab", "Contact"));

  async function send(): Promise<void> {
    const missing = section.fault();
    if (missing) return missing.focus();
    if (!typed) return void fill(answer, say("Isi dahulu, atau hapus dari ponsel ini.", "Fill it in first, or delete it from this phone."));
    const isKept = await keep((now) => ({ ...held(now), contacts: 1, attempts: 0, notBefore: 0, content: { ...held(now).content, contactProblem: null } }));
    if (isKept) left(true, KEPT());
  }
  async function remove(): Promise<void> {
    if (!confirm(say("Hapus penanggung jawab ini dari ponsel? Titiknya tetap ada di server.", "Delete this contact from the phone? Its point stays on the server."))) return;
    if (await keep((now) => ({ ...now, contacts: 0, content: { ...now.content, contacts: [], contactProblem: null } }))) left(false, DELETED());
  }

  const back = element("button", { type: "button", class: "second" }, say("Kembali, kirim nanti", "Back, send it later"));
  back.addEventListener("click", () => void keep(held).then((isKept) => (isKept ? left(false, say("Tersimpan di ponsel ini; belum dikirim.", "Kept on this phone; not sent yet.")) : undefined)));
  const deletion = element("button", { type: "button", class: "second" }, say("Hapus dari ponsel", "Delete from the phone"));
  deletion.addEventListener("click", () => void remove());
  const again = entry.state === "ended" ? null : element("button", { type: "submit" }, say("Kirim lagi", "Send it again"));
  const form = element("form", { class: "entry-form", novalidate: true }, section.root, answer, element("div", { class: "entry-row" }, again, back, deletion));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
  });
  const gone = entry.state === "ended" ? element("p", { class: "note" }, say("Titiknya tidak dipakai lagi, jadi penanggung jawab ini tidak dapat dikirim.", "Its point is no longer in use, so this contact cannot be sent.")) : null;
  const heading = element("h2", { tabindex: -1 }, `${say("Penanggung jawab", "Contact")}: ${name}`);
  fill(root, heading, gone, said(problem), form);
  heading.focus();
  scrollTo(0, 0);
}
