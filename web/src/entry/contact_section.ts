/** Who answers for the point: apart from the form, sent apart from it, and wiped from the phone once the server has it. */

import { element, fill } from "../common/dom.ts";
import { say } from "../common/language.ts";
import type { Contact } from "./content.ts";
import { show } from "./form_section.ts";
import type { Problem } from "./outbox.ts";
import type { Section } from "./place_section.ts";
import { uuid7 } from "./uuid7.ts";

const ROLES = ["ketua", "sekretaris", "bendahara", "kader", "petugas", "lainnya"];
type Name = Exclude<keyof Contact, "id">;
type Input = HTMLInputElement | HTMLSelectElement;

/** Where what is typed here is kept. */
export interface ContactHolder {
  contact: Contact | null;
  /** What the server has said of it. */
  problem: Problem | null;
  /** null: nothing is filled in. */
  change: (contact: Contact | null) => void;
}

interface Line {
  name: Name;
  input: Input;
  fault: HTMLElement;
}

export class ContactSection implements Section {
  readonly root = element("details", { class: "entry-section" });
  private readonly holder: ContactHolder;
  private readonly lines: Line[];
  private readonly id: string;
  private contact: Contact | null;

  constructor(holder: ContactHolder, title = say("4. Penanggung jawab (bila perlu)", "4. Who answers for it (if needed)")) {
    this.holder = holder;
    const before = holder.contact;
    this.contact = before;
    this.id = before?.id ?? uuid7();
    const role = element("select", { id: "entry-contact-role" }, ...ROLES.map((value) => element("option", { value }, value)));
    const inputs: [Name, string, Input][] = [
      ["name", say("Nama orang", "Name of the person"), element("input", { id: "entry-contact-name", type: "text", maxlength: 200, autocomplete: "off" })],
      ["role", say("Tugas", "Office"), role],
      ["phone", say("Nomor telepon (boleh kosong)", "Telephone number (may stay empty)"), element("input", { id: "entry-contact-phone", type: "tel", maxlength: 40, autocomplete: "off" })],
      ["legal_basis", say("Dasar hukum menyimpan nama ini, misalnya nomor SK", "Legal basis for keeping this name, such as the number of a decree"), element("input", { id: "entry-contact-legal_basis", type: "text", maxlength: 200, autocomplete: "off" })],
      ["term_ends_on", say("Akhir masa jabatan", "End of the term"), element("input", { id: "entry-contact-term_ends_on", type: "date" })],
    ];
    this.lines = inputs.map(([name, , input]) => ({ name, input, fault: element("p", { class: "fault", id: `${input.id}-fault` }) }));
    this.root.open = before !== null;
    fill(this.root,
      element("summary", {}, title),
      element("p", { class: "soft" }, say("Nama dan telepon disimpan terpisah, tidak pernah diterbitkan, dan dihapus dari ponsel ini setelah terkirim.", "Name and telephone are kept apart, never published, and wiped from this phone once they are sent.")),
      ...inputs.map(([, text, input], at) => element("div", { class: "entry-field" }, element("label", { for: input.id }, text), input, this.lines[at]?.fault)),
    );
    for (const { name, input, fault } of this.lines) {
      if (before) input.value = before[name];
      input.setAttribute("aria-describedby", fault.id);
      input.addEventListener("input", () => this.typed());
      const told = (holder.problem?.errors ?? []).find(({ pointer }) => pointer === `/${name}`);
      if (told) show(input, fault, told.detail);
    }
  }

  fault(): HTMLElement | null {
    const { contact } = this;
    for (const { name, input, fault } of this.lines) show(input, fault, contact ? faultOf(name, contact) : "");
    const wrong = this.lines.find(({ name }) => contact && faultOf(name, contact));
    if (wrong) this.root.open = true;
    return wrong?.input ?? null;
  }

  close(): void {
    // Nothing runs here.
  }

  private typed(): void {
    const text = (name: Name): string => this.lines.find((line) => line.name === name)?.input.value.trim() ?? "";
    const contact: Contact = { id: this.id, role: text("role"), name: text("name"), phone: text("phone"), legal_basis: text("legal_basis"), term_ends_on: text("term_ends_on") };
    const isEmpty = !contact.name && !contact.phone && !contact.legal_basis && !contact.term_ends_on;
    this.contact = isEmpty ? null : contact;
    for (const { name, input, fault } of this.lines) if (input.getAttribute("aria-invalid")) show(input, fault, this.contact ? faultOf(name, contact) : "");
    this.holder.change(this.contact);
  }
}

function faultOf(name: Name, contact: Contact): string {
  const value = contact[name];
  if (name === "phone") return value === "" || /^(\+62|62|0)\d{7,13}$|^\+\d{8,15}$/.test(value.replaceAll(/[\s().-]/g, "")) ? "" : say("Tulis nomor telepon, misalnya 0812 3456 7890.", "Write a telephone number such as 0812 3456 7890.");
  return value === "" ? say("Isi dahulu bagian ini, atau kosongkan semua bagian penanggung jawab.", "Fill this in first, or leave all of this part empty.") : "";
}
