/** Photos of the point, made small here and stored sealed. */

import { element, fill } from "../common/dom.ts";
import { say } from "../common/language.ts";
import type { Draft } from "./editing.ts";
import { shrunk } from "./pictures.ts";
import type { Section } from "./place_section.ts";
import type { Store } from "./store.ts";
import { uuid7 } from "./uuid7.ts";
import { megabytes } from "./words.ts";

const AT_MOST = 5;

export class PhotoSection implements Section {
  readonly root: HTMLElement;
  private readonly draft: Draft;
  private readonly store: Store;
  private readonly list = element("ul", { class: "entry-photos" });
  private readonly answer = element("p", { "aria-live": "polite" });
  private readonly input = element("input", { id: "entry-photo", type: "file", accept: "image/*", multiple: true });
  private readonly urls = new Map<string, string>();

  constructor(draft: Draft, store: Store) {
    this.draft = draft;
    this.store = store;
    this.input.addEventListener("change", () => void this.take([...(this.input.files ?? [])]));
    this.root = element("section", { class: "entry-section", "aria-labelledby": "entry-photos" },
      element("h3", { id: "entry-photos" }, say("3. Foto", "3. Photos")),
      element("label", { for: "entry-photo" }, say(`Ambil atau pilih foto (paling banyak ${AT_MOST}); dikecilkan di ponsel ini`, `Take or choose photos (at most ${AT_MOST}); made smaller on this phone`)),
      this.input, this.answer, this.list,
    );
    void this.show();
  }

  fault(): null {
    return null;
  }

  close(): void {
    for (const url of this.urls.values()) URL.revokeObjectURL(url);
  }

  private async take(files: readonly File[]): Promise<void> {
    this.input.disabled = true;
    const room = AT_MOST - this.draft.entry.photos.length;
    fill(this.answer, say("Mengecilkan foto …", "Making the photos smaller …"));
    let sentence = files.length > room ? say(`Paling banyak ${AT_MOST} foto untuk satu titik; sisanya tidak diambil.`, `At most ${AT_MOST} photos for a point; the others were left out.`) : "";
    for (const file of files.slice(0, room)) sentence = (await this.add(file)) ?? sentence;
    fill(this.answer, sentence);
    this.input.value = "";
    this.input.disabled = this.draft.entry.photos.length >= AT_MOST;
    await this.show();
  }

  /** A sentence where it could not be taken. */
  private async add(file: File): Promise<string | null> {
    const bytes = await shrunk(file);
    if (bytes === null) return say("Berkas ini bukan foto yang dapat dibaca browser.", "This file is no photo that the browser can read.");
    try {
      await this.draft.addPhoto(uuid7(), bytes);
      return null;
    } catch {
      return say("Tidak ada ruang lagi di ponsel ini untuk foto itu. Kirim dahulu, atau hapus berkas lain.", "There is no room on this phone for that photo. Send first, or delete other files.");
    }
  }

  private async show(): Promise<void> {
    const items = await Promise.all(this.draft.entry.photos.map(({ id, bytes }, at) => this.item(id, bytes, at + 1)));
    fill(this.list, ...items);
  }

  private async item(id: string, bytes: number, number: number): Promise<HTMLElement> {
    const stored = this.urls.has(id) ? null : await this.store.photo(id);
    if (stored) this.urls.set(id, URL.createObjectURL(new Blob([stored], { type: "image/jpeg" })));
    const remove = element("button", { type: "button", class: "second" }, say(`Hapus foto ${number}`, `Delete photo ${number}`));
    remove.addEventListener("click", () => void this.draft.removePhoto(id).then(() => {
      this.input.disabled = false;
      return this.show();
    }));
    return element("li", {}, element("img", { src: this.urls.get(id), alt: say(`Foto ${number}`, `Photo ${number}`), width: 96, height: 96 }), element("span", {}, megabytes(bytes)), remove);
  }
}
