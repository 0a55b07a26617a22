/** The entry page (`/portal/catat`): starts without a network, keeps what is typed, sends it by itself. */

import { element, fill, find } from "../common/dom.ts";
import { say } from "../common/language.ts";
import { Api } from "./api.ts";
import { rebased, type Both, type Choice } from "./conflict.ts";
import { openContactEditor } from "./contact_editor.ts";
import { Draft, draftLock, newEntry } from "./editing.ts";
import { DELETED, KEPT, openEditor } from "./editor.ts";
import { keepFocus } from "./focus.ts";
import { claimIdentity, dropIdentity, identity } from "./identity.ts";
import { Supplies } from "./kit.ts";
import { DAY_MS, isEditable, isUnsent, pending, replaced, type Entry } from "./outbox.ts";
import { correctionFor } from "./opening.ts";
import { recordList } from "./records.ts";
import { rescueFile, rescueName, MEDIA_TYPE, type RescuedPhoto } from "./rescue.ts";
import { Sender, type Obstacle } from "./sending.ts";
import { persist, statusLines, storage, warnings, type Standing } from "./status.ts";
import { Store } from "./store.ts";
import { inWords, language, nameOf } from "./words.ts";

const root = find("#entry");
const base = root.dataset["base"] ?? "";
const signIn = `${base}/portal/masuk?ke=/portal/catat`;
const api = new Api(base, language());
const KEPT_MS = 30 * DAY_MS;
const PATIENCE_MS = 800;

class Application {
  private readonly store: Store;
  private readonly supplies: Supplies;
  private readonly sender: Sender;
  private readonly channel = new BroadcastChannel("titik-catat");
  private readonly done = element("p", { class: "entry-done", role: "status", tabindex: -1 });
  private readonly status = element("div", { class: "entry-top" });
  private readonly body = element("div");
  private obstacle: Obstacle;
  private isEditing = false;
  private hasAsked = false;
  private isStale = false;
  /** What somebody has been told, until they do something else. */
  private told = "";
  private showing: Promise<void> | null = null;

  constructor(store: Store, supplies: Supplies, obstacle: Obstacle) {
    this.obstacle = obstacle;
    this.store = store;
    this.supplies = supplies;
    this.sender = new Sender(api, store, {
      fieldsOf: (category) => supplies.fieldNames(category),
      changed: () => this.changed(),
      obstacle: (obstacle) => this.stumbled(obstacle),
    });
    this.channel.onmessage = () => void this.show();
  }

  async start(): Promise<void> {
    fill(root, this.done, this.status, this.body);
    this.showAccount();
    await this.clear();
    await this.show();
    await this.openAsked();
    this.sender.start();
    addEventListener("pagehide", () => this.channel.close());
  }

  /** However often something changes meanwhile, what is there in the end is drawn once. */
  show(): Promise<void> {
    this.isStale = true;
    this.showing ??= this.drawWhileStale().finally(() => (this.showing = null));
    return this.showing;
  }

  private async drawWhileStale(): Promise<void> {
    while (this.isStale) {
      this.isStale = false;
      await this.draw();
    }
  }

  /** The list, unless a point is being entered; the lines above it in any case. */
  private async draw(): Promise<void> {
    const { entries, foreign, broken } = await this.store.all();
    const standing: Standing = { entries, foreign, broken, obstacle: this.obstacle, room: await storage() };
    keepFocus(this.status, () => fill(this.status, this.told ? element("p", { class: "note", role: "alert" }, this.told) : null, ...warnings(standing, signIn)));
    if (this.isEditing) return;
    this.showSent(entries);
    const act = (run: (entry: Entry) => Promise<void>) => (entry: Entry) => {
      this.told = "";
      fill(this.done);
      void run(entry);
    };
    const list = recordList(entries, this.supplies, {
      edit: act((entry) => this.edit(entry)),
      correct: act(({ point }) => this.correct(point)),
      remove: act((entry) => this.remove(entry)),
      confirmNew: act((entry) => this.confirmNew(entry)),
      settle: (entry, both, choice) => void this.settle(entry, both, choice),
      editContact: act((entry) => this.editContact(entry)),
    });
    const heading = element("h2", { tabindex: -1 }, say("Catatan di ponsel ini", "Records on this phone"));
    keepFocus(this.body, () => fill(this.body, this.choice(), heading, list, this.foot(standing)), heading);
  }

  /** What was to be sent has its answer: that is said where it was promised. */
  private showSent(entries: readonly Entry[]): void {
    if (this.done.textContent !== KEPT() || entries.some((entry) => pending(entry) === "going")) return;
    const isRefused = entries.some((entry) => pending(entry) === "refused");
    fill(this.done, isRefused ? say("Server belum menerima semuanya; alasannya tertulis di bawah.", "The server has not taken all of it; the reason stands below.") : say("Sudah terkirim.", "It has been sent."));
  }

  private changed(): void {
    this.channel.postMessage("changed");
    void this.show();
  }

  private stumbled(obstacle: Obstacle): void {
    if (obstacle === this.obstacle) return;
    this.obstacle = obstacle;
    void this.show();
    if (obstacle === null) void this.supplies.refresh(api).then(() => this.show());
  }

  private choice(): HTMLElement {
    const categories = this.supplies.kit?.categories ?? [];
    const buttons = categories.map((category) => {
      const button = element("button", { type: "button", "data-category": category.id }, inWords(category.title));
      button.addEventListener("click", () => void this.open(newEntry(this.store.writer, category.id)));
      return element("li", {}, button);
    });
    return element("section", { class: "entry-new", "aria-labelledby": "entry-new" }, element("h2", { id: "entry-new" }, say("Catat titik baru", "Enter a new point")), element("ul", {}, ...buttons));
  }

  private foot(standing: Standing): HTMLElement {
    const { entries } = standing;
    const rescue = element("button", { type: "button", class: "second" }, say("Simpan berkas penyelamat", "Save a rescue file"));
    rescue.addEventListener("click", () => void this.rescue(entries));
    rescue.hidden = !entries.some(isUnsent);
    const account = this.supplies.kit?.me.account ?? "";
    return element("div", { class: "entry-foot" }, statusLines(standing, this.supplies), rescue, element("p", { class: "soft" }, say(`Masuk sebagai ${account}.`, `Signed in as ${account}.`)));
  }

  /** What was published long ago, and what a newer record has taken the place of, is no longer this phone's business. */
  private async clear(): Promise<void> {
    const { entries } = await this.store.all();
    const isOver = (entry: Entry): boolean => (entry.state === "published" || entry.state === "ended") && !isUnsent(entry) && Date.now() - entry.changedAt > KEPT_MS;
    for (const entry of new Set([...entries.filter(isOver), ...replaced(entries)])) await this.store.remove(entry);
  }

  /** The page came without a name, because the service worker keeps it for whoever comes next. */
  private showAccount(): void {
    const link = document.querySelector<HTMLAnchorElement>("header a.account");
    if (!link || !this.supplies.kit) return;
    const { account, role } = this.supplies.kit.me;
    link.href = `${base}/portal/akun`;
    fill(link, say("Akun", "Account"), " ", element("span", { class: "who" }, account));
    const menu = document.querySelector<HTMLTemplateElement>(`template[data-role="${CSS.escape(role)}"]`);
    if (menu) fill(find("header nav"), menu.content.cloneNode(true));
  }

  // -- one point

  private async edit({ id }: Entry): Promise<void> {
    // Opened again it is a draft, so that it does not leave half changed.
    const entry = await this.store.update(id, (now) => (isEditable(now) ? { ...now, state: "draft" } : null));
    if (entry) await this.open(entry);
    else await this.show();
  }

  /** From another page: `?titik=` names the point that is to be corrected. Opened again, the page begins with the list. */
  private async openAsked(): Promise<void> {
    const point = new URL(location.href).searchParams.get("titik");
    if (!point) return;
    history.replaceState(null, "", location.pathname);
    await this.correct(point);
  }

  private async correct(point: string): Promise<void> {
    const found = await correctionFor(point, this.store, this.supplies, api);
    if (typeof found === "string") return this.tell(found);
    return isEditable(found) && found.state !== "draft" ? this.edit(found) : this.open(found);
  }

  private async settle({ id }: Entry, both: Both, choice: Choice): Promise<void> {
    const fields = (entry: Entry): string[] => this.supplies.fieldNames(entry.content.category);
    await this.store.update(id, (now) => (now.state === "refused" ? rebased(now, both, choice, fields(now)) : null));
    this.changed();
    void this.sender.run();
  }

  private async editContact({ id }: Entry): Promise<void> {
    const entry = await this.store.one(id);
    if (!entry) return this.show();
    this.isEditing = true;
    const category = this.supplies.category(entry.content.category);
    openContactEditor(this.body, entry, nameOf(entry, category && inWords(category.title)), this.store, (isFinished, told) => this.closed(isFinished, told));
  }

  private closed(isFinished: boolean, told: string): void {
    this.isEditing = false;
    this.told = "";
    fill(this.done, told);
    this.done.focus({ preventScroll: true });
    this.changed();
    scrollTo(0, 0);
    if (isFinished) void this.sender.run();
  }

  private async open(entry: Entry): Promise<void> {
    const category = this.supplies.category(entry.content.category);
    if (!category) return this.tell(say("Kategori ini tidak ada lagi. Catatan tetap tersimpan; simpan berkas penyelamat dan hubungi walidata.", "This category is gone. The record is kept; save a rescue file and call the walidata."));
    const draft = await Draft.hold(this.store, entry, () => this.tell(say("Belum tersimpan: ruang di ponsel ini habis.", "Not stored: there is no room on this phone.")));
    if (!draft) return this.tell(say("Catatan ini sedang dibuka di tab lain.", "This record is open in another tab."));
    if (!this.hasAsked) void persist().then(() => this.show());
    this.hasAsked = true;
    this.isEditing = true;
    fill(this.done);
    const { entries } = await this.store.all();
    const hide = (): void => void draft.save();
    document.addEventListener("visibilitychange", hide);
    openEditor(this.body, draft, category, {
      store: this.store, supplies: this.supplies, api, others: entries,
      left: (isFinished, told) => {
        document.removeEventListener("visibilitychange", hide);
        this.closed(isFinished, told);
      },
    });
  }

  private async remove(entry: Entry): Promise<void> {
    if (!confirm(say("Hapus catatan ini beserta fotonya dari ponsel?", "Delete this record and its photos from the phone?"))) return;
    // One that another tab is working on is not taken from under its hands.
    const isFree = await navigator.locks.request(draftLock(entry.id), { ifAvailable: true }, async (lock) => {
      const now = lock && (await this.store.one(entry.id));
      if (now && isEditable(now)) await this.store.remove(now);
      return lock !== null;
    });
    if (isFree) {
      fill(this.done, DELETED());
      this.done.focus();
    }
    this.changed();
    if (!isFree) this.tell(say("Catatan ini sedang dibuka di tab lain.", "This record is open in another tab."));
  }

  private async confirmNew({ id }: Entry): Promise<void> {
    await this.store.update(id, (now) => (now.state === "refused" ? { ...now, state: "waiting", content: { ...now.content, isNoDuplicate: true, problem: null } } : null));
    this.changed();
    void this.sender.run();
  }

  private tell(text: string): void {
    this.told = text;
    void this.show();
  }

  // -- the rescue file

  private async rescue(entries: readonly Entry[]): Promise<void> {
    const photos: RescuedPhoto[] = [];
    for (const { point, photos: marks } of entries) {
      for (const { id, state } of marks) {
        const bytes = state === "waiting" ? await this.store.photo(id) : null;
        if (bytes) photos.push({ id, point, type: "image/jpeg", bytes: new Uint8Array(bytes) });
      }
    }
    const now = new Date();
    const account = this.supplies.kit?.me.account ?? "";
    const file = rescueFile(account, entries, photos, (category) => this.supplies.fieldNames(category), now);
    const url = URL.createObjectURL(new Blob([JSON.stringify(file)], { type: MEDIA_TYPE }));
    element("a", { href: url, download: rescueName(account, now) }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }
}

async function begin(): Promise<void> {
  if (!isSecureContext || !("serviceWorker" in navigator) || !navigator.locks) return notice(say("Letak dan catatan tanpa jaringan perlu alamat https. Buka halaman ini lewat https, atau kirim data dengan berkas.", "The place and records without a network need an https address. Open this page by https, or send your data as a file."));
  void navigator.serviceWorker.register(`${base}/portal/sw.js`, { scope: `${base}/portal/` }).catch(() => undefined);
  for (const form of document.querySelectorAll<HTMLFormElement>("form[action$='/portal/keluar']")) form.addEventListener("submit", () => void dropIdentity());
  // Whose session it is should be known before anything is shown; but entry never waits for a network.
  const claiming = claimIdentity(base);
  const before = await identity();
  const claim = await (before ? Promise.race([claiming, patience()]) : claiming);
  const own = await identity();
  if (claim === "refused") return notice(say("Akun ini tidak mencatat titik. Masuk dengan akun PIC kelurahan.", "This account enters no points. Sign in with the account of a kelurahan's PIC."), signIn);
  if (!own) return notice(claim === "unreachable" ? say("Buka halaman ini sekali dengan jaringan dan masuk; sesudah itu dapat dipakai tanpa jaringan.", "Open this page once with a network and sign in; after that it works without one.") : say("Masuk dahulu untuk mencatat titik.", "Sign in first to enter points."), signIn);
  const supplies = new Supplies();
  await supplies.load();
  if (!supplies.kit) await supplies.refresh(api);
  else void supplies.refresh(api).then((isFresh) => (isFresh ? application.show() : undefined));
  const application = new Application(new Store(own), supplies, claim === "signed-out" ? claim : null);
  await application.start();
  if ((await claiming) === "other" && (await identity())?.writer !== own.writer) location.reload();
}

function patience(): Promise<"unreachable"> {
  return new Promise((resolve) => setTimeout(() => resolve("unreachable"), PATIENCE_MS));
}

function notice(text: string, link?: string): void {
  fill(root, element("p", { class: "note" }, text, " ", link ? element("a", { href: link }, say("Masuk", "Sign in")) : null));
}

void begin();
