/** Where the point lies: by GPS, by pasted text, by the map; with the verdict at once. */

import { element, fill } from "../common/dom.ts";
import { say } from "../common/language.ts";
import type { Api, TextReading } from "./api.ts";
import type { Place } from "./content.ts";
import type { Draft } from "./editing.ts";
import type { LonLat } from "./geodesy.ts";
import { alike, type Supplies } from "./kit.ts";
import { drawMap, type MapView, type Mark } from "./map.ts";
import type { Entry } from "./outbox.ts";
import { search, type Fix, type Search } from "./position.ts";
import { judge, type Judgement } from "./verdict.ts";
import { decimal, distance, judged } from "./words.ts";

const NEAR_M = 60;

export interface Section {
  root: HTMLElement;
  /** Where focus goes when something is missing here; null: nothing is. */
  fault: () => HTMLElement | null;
  close: () => void;
}

export class PlaceSection implements Section {
  readonly root = element("section", { class: "entry-section", "aria-labelledby": "entry-place" });
  private readonly draft: Draft;
  private readonly supplies: Supplies;
  private readonly api: Api;
  private readonly others: readonly Entry[];
  private readonly gps = element("button", { type: "button" }, say("Ambil letak di sini (GPS)", "Take the place here (GPS)"));
  private readonly search = element("div", { class: "entry-search", role: "status" });
  private readonly text = element("input", { id: "entry-text", type: "text", autocomplete: "off", inputmode: "text" });
  private readonly textAnswer = element("div", { role: "status" });
  private readonly mapBox = element("div");
  private readonly verdict = element("div", { class: "entry-verdict", role: "status", tabindex: -1 });
  private readonly reason = element("textarea", { id: "entry-reason", rows: 2, maxlength: 500, "aria-describedby": "entry-reason-fault" });
  private readonly reasonBox = element("div");
  private readonly reasonFault = element("p", { class: "fault", id: "entry-reason-fault" });
  private readonly near = element("div", { "aria-live": "polite" });
  private readonly kelurahan: HTMLSelectElement | null;
  private running: Search | null = null;
  private map: MapView | null = null;

  constructor(draft: Draft, supplies: Supplies, api: Api, others: readonly Entry[]) {
    this.draft = draft;
    this.supplies = supplies;
    this.api = api;
    this.others = others;
    this.kelurahan = this.choiceOfKelurahan();
    this.gps.addEventListener("click", () => this.startGps());
    this.reason.addEventListener("input", () => {
      this.draft.change({ overrideReason: this.reason.value.trim() });
      if (this.reason.value.trim()) this.showReasonFault("");
    });
    this.build();
    this.show();
  }

  judgement(): Judgement | null {
    const { place, kelurahan } = this.draft.entry.content;
    const { coverage, own } = this.supplies;
    return place && coverage ? judge(coverage, [place.lon, place.lat], place.accuracyM, kelurahan, own) : null;
  }

  fault(): HTMLElement | null {
    const { place, overrideReason } = this.draft.entry.content;
    if (place === null) {
      fill(this.verdict, element("p", { class: "fault" }, say("Tentukan letaknya dahulu.", "Say where it is first.")));
      return this.gps;
    }
    const judgement = this.judgement();
    if (judgement?.kind === "unclear" && this.kelurahan) return this.kelurahan;
    if (judgement?.kind !== "judged" || !isWrong(judgement) || overrideReason) return null;
    this.showReasonFault(say("Ambil letak yang benar, atau tulis mengapa letak ini benar.", "Take the right place, or write why this place is right."));
    return this.reason;
  }

  close(): void {
    this.running?.cancel();
  }

  private build(): void {
    const read = element("button", { type: "button", class: "second" }, say("Baca", "Read"));
    read.addEventListener("click", () => void this.readText());
    this.text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      void this.readText();
    });
    const openMap = element("button", { type: "button", class: "second" }, say("Tunjuk di peta", "Show on the map"));
    openMap.addEventListener("click", () => this.openMap());
    openMap.hidden = this.supplies.coverage === null;
    const reasonLabel = element("label", { for: "entry-reason" }, say("Alasan letak ini tetap benar (untuk pemeriksa)", "Why this place is right all the same (for the reviewer)"));
    fill(this.reasonBox, reasonLabel, this.reason, this.reasonFault);
    this.root.append(
      element("h3", { id: "entry-place" }, say("1. Letak", "1. Place")),
      ...(this.kelurahan ? [element("label", { for: "entry-kelurahan" }, "Kelurahan"), this.kelurahan] : []),
      this.gps, this.search, openMap, this.mapBox,
      element("label", { for: "entry-text" }, say("Atau tempel koordinat atau tautan peta", "Or paste a coordinate or a map link")),
      element("div", { class: "entry-row" }, this.text, read), this.textAnswer, this.verdict, this.reasonBox, this.near,
    );
    const { overrideReason, raw } = this.draft.entry.content;
    this.reason.value = overrideReason;
    this.text.value = raw ?? "";
    if (raw) this.showText(say("Akan dibaca setelah ada jaringan. Tekan “Baca” untuk mencoba lagi.", "It will be read once there is a network. Press “Read” to try again."));
  }

  private choiceOfKelurahan(): HTMLSelectElement | null {
    const own = this.supplies.kit?.me.kelurahan ?? [];
    if (own.length < 2) return null;
    const options = own.map(({ code, name }) => element("option", { value: code }, name));
    const select = element("select", { id: "entry-kelurahan" }, element("option", { value: "" }, say("Sesuai letaknya", "By its place")), ...options);
    select.value = this.draft.entry.content.kelurahan ?? "";
    select.addEventListener("change", () => {
      this.draft.change({ kelurahan: select.value || null });
      this.show();
    });
    return select;
  }

  private set(place: Place): void {
    this.draft.change({ place, raw: null });
    this.draft.change({ judgement: placementOf(this.judgement()) });
    this.show();
  }

  private show(): void {
    const { place } = this.draft.entry.content;
    this.map?.show(place && [place.lon, place.lat], place?.accuracyM ?? null);
    const judgement = this.judgement();
    fill(this.verdict);
    if (place) {
      const exact = place.accuracyM === null ? say("ketelitian tidak diketahui", "accuracy unknown") : say(`ketelitian ${decimal(place.accuracyM, 1)} m`, `accurate to ${decimal(place.accuracyM, 1)} m`);
      this.verdict.append(element("p", { class: "entry-place" }, `${place.lat.toFixed(6)}, ${place.lon.toFixed(6)} (${exact})`));
      this.verdict.append(...this.sentences(judgement));
      void this.showNear([place.lon, place.lat]);
    }
    this.reasonBox.hidden = !(judgement?.kind === "judged" && isWrong(judgement));
    if (this.reasonBox.hidden) this.showReasonFault("");
    // As a field says it: what was missing may be there now.
    this.root.dispatchEvent(new Event("change", { bubbles: true }));
  }

  private sentences(judgement: Judgement | null): HTMLElement[] {
    if (judgement === null) {
      return [element("p", { class: "tone-wait" }, say("Batas kelurahan belum tersimpan di ponsel ini; server memeriksa letaknya setelah terkirim.", "The boundaries are not on this phone yet; the server checks the place once it is sent."))];
    }
    const { text, tone } = judged(judgement);
    const sign = { good: "✓", wait: "◷", bad: "!" }[tone];
    const edition = judgement.kind === "unclear" ? null : judgement.kind === "beyond" ? judgement.edition : judgement.placement.edition;
    const isRough = judgement.kind === "judged" && judgement.placement.approximate;
    const by = edition && say(`Menurut ${edition}${isRough ? ", yang hanya perkiraan" : ""}.`, `By ${edition}${isRough ? ", which is only approximate" : ""}.`);
    return [element("p", { class: `tone-${tone}`, "data-verdict": judgement.kind === "judged" ? judgement.placement.verdict : judgement.kind }, element("span", { class: "sign", "aria-hidden": "true" }, sign), text), ...(by ? [element("p", { class: "soft" }, by)] : [])];
  }

  private showReasonFault(text: string): void {
    fill(this.reasonFault, text);
    this.reason.setAttribute("aria-invalid", String(text !== ""));
  }

  // -- GPS

  private startGps(): void {
    this.running?.cancel();
    const bar = element("progress", { max: 1, value: 0, "aria-label": say("Waktu mencari letak", "Time of the search") });
    const words = element("p", {}, say("Mencari satelit …", "Looking for satellites …"));
    const use = element("button", { type: "button", class: "second" }, say("Pakai yang sekarang", "Use what there is"));
    use.hidden = true;
    use.addEventListener("click", () => this.running?.finish());
    fill(this.search, bar, words, use);
    this.gps.disabled = true;
    this.running = search({
      progress: (best, passed) => {
        bar.value = passed;
        use.hidden = best === null;
        if (best) fill(words, exactness(best));
      },
      done: (best) => this.endGps(best),
      denied: () => this.endSearch(say("Browser tidak mengizinkan halaman ini membaca letak. Izinkan lokasi di setelan browser, atau pakai peta.", "The browser does not let this page read the place. Allow location in the browser's settings, or use the map.")),
    });
  }

  private endGps(best: Fix | null): void {
    if (best === null) return this.endSearch(say("Letak belum ditemukan dalam 30 detik. Coba di tempat terbuka, atau pakai peta.", "No place was found within 30 seconds. Try in the open, or use the map."));
    this.set({ lon: best.lon, lat: best.lat, accuracyM: best.accuracyM, method: "gps", capturedAt: new Date(best.at).toISOString() });
    this.endSearch("");
  }

  /** `text`: why nothing was found. */
  private endSearch(text: string): void {
    // Who has gone on to a field meanwhile stays there.
    const isAwaited = document.querySelector("input:focus, select:focus, textarea:focus") === null;
    this.gps.disabled = false;
    fill(this.search, text && element("p", { class: "tone-wait" }, text));
    if (isAwaited) (text ? this.gps : this.verdict).focus({ preventScroll: true });
  }

  // -- text

  private async readText(): Promise<void> {
    const text = this.text.value.trim();
    if (!text) return;
    const reply = await this.api.read(text);
    if (reply.kind === "ok") return this.showReading(reply.body);
    if (reply.kind === "refused") return this.showText(reply.problem.errors?.[0]?.detail ?? reply.problem.detail);
    this.draft.change({ raw: text });
    this.showText(say("Belum ada jaringan. Teks ini disimpan apa adanya dan dapat dibaca nanti.", "There is no network yet. The text is kept as it is, and can be read later."));
  }

  private showReading(reading: TextReading): void {
    const { lon, lat } = reading;
    if (reading.decision === "as-is" && lon !== undefined && lat !== undefined) {
      this.showText("");
      return this.setByText(lon, lat);
    }
    if (reading.decision === "one-repair" && lon !== undefined && lat !== undefined) {
      const repairs = (reading.repairs ?? []).map(({ detail }) => detail).join(" ");
      return this.offer(say(`Teks ini perlu dibetulkan: ${repairs} Hasilnya ${lat}, ${lon}.`, `This text needs a repair: ${repairs} It gives ${lat}, ${lon}.`), [[lon, lat, say("Pakai hasil ini", "Use this")]]);
    }
    if (reading.decision === "ambiguous") {
      return this.offer(say("Teks ini dapat berarti beberapa tempat. Pilih yang benar.", "This text may mean several places. Choose the right one."), reading.readings.map((one) => [one.lon, one.lat, `${one.kelurahan.name}: ${one.lat}, ${one.lon}`]));
    }
    this.showText(reading.detail ?? say("Tidak ada koordinat di dalam teks ini.", "There is no coordinate in this text."));
  }

  private offer(sentence: string, choices: readonly (readonly [number, number, string])[]): void {
    const buttons = choices.map(([lon, lat, text]) => {
      const button = element("button", { type: "button", class: "second" }, text);
      button.addEventListener("click", () => {
        this.showText("");
        this.setByText(lon, lat);
        this.verdict.focus({ preventScroll: true });
      });
      return button;
    });
    fill(this.textAnswer, element("p", {}, sentence), ...buttons);
  }

  private setByText(lon: number, lat: number): void {
    this.set({ lon, lat, accuracyM: null, method: "map", capturedAt: new Date().toISOString() });
  }

  private showText(text: string): void {
    fill(this.textAnswer, text && element("p", { class: "tone-wait" }, text));
  }

  // -- map

  private openMap(): void {
    const { coverage, own, around } = this.supplies;
    if (coverage === null || this.map) return;
    const { place } = this.draft.entry.content;
    const marks: Mark[] = around;
    this.map = drawMap(coverage, own, place && [place.lon, place.lat], marks, ([lon, lat]) => this.set({ lon, lat, accuracyM: null, method: "map", capturedAt: new Date().toISOString() }));
    fill(this.mapBox, this.map.root);
    this.map.show(place && [place.lon, place.lat], place?.accuracyM ?? null);
  }

  // -- what is there already

  /** What has been typed stays as a draft. */
  private correctInstead(id: string): HTMLElement {
    return element("a", { href: `${this.api.base}/portal/catat?titik=${id}` }, say("Ini titiknya, perbaiki", "It is this one, correct it"));
  }

  private async showNear(place: LonLat): Promise<void> {
    const known = await this.supplies.knownAround(this.api, place);
    const now = this.draft.entry.content.place;
    if (now?.lon !== place[0] || now.lat !== place[1]) return;
    const found = alike(this.draft.entry, this.others, known, place, NEAR_M);
    fill(this.near);
    if (found.length === 0) return;
    const lines = found.slice(0, 5).map(({ id, name, metres }) => element("li", {}, `${name || say("tanpa nama", "without a name")}, ${distance(metres)} `, id ? this.correctInstead(id) : null));
    this.near.append(element("p", { class: "tone-wait" }, say("Sudah ada di dekat sini. Pastikan bukan titik yang sama:", "These are near already. Make sure that it is not the same point:")), element("ul", {}, ...lines));
  }
}

function isWrong(judgement: Judgement): boolean {
  return judgement.kind === "judged" && (judgement.placement.verdict === "elsewhere" || judgement.placement.verdict === "outside");
}

const placementOf = (judgement: Judgement | null) => (judgement?.kind === "judged" ? judgement.placement : null);

function exactness({ accuracyM }: Fix): string {
  if (accuracyM === null) return say("Letak ditemukan, ketelitiannya tidak diketahui. Menunggu yang lebih baik …", "A place was found, its accuracy is unknown. Waiting for a better one …");
  return say(`Ketelitian ${decimal(accuracyM)} m. Menunggu yang lebih teliti (15 m) …`, `Accurate to ${decimal(accuracyM)} m. Waiting for a better one (15 m) …`);
}
