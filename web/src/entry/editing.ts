/** The draft that is open on the screen: held by this tab alone, and on the disk a moment after each letter. */

import { contentOf, emptyContent, type ServerFeature } from "./content.ts";
import type { Content, Entry, PhotoMark } from "./outbox.ts";
import type { NewPhoto, Store } from "./store.ts";
import { uuid7 } from "./uuid7.ts";

const PAUSE_MS = 250;

export function newEntry(writer: string, category: string, now = Date.now()): Entry {
  const shared = { base: null, account: writer, state: "draft" as const, isSent: false, attempts: 0, notBefore: 0, photos: [], contacts: 0 };
  return { id: uuid7(now), point: uuid7(now), ...shared, savedAt: now, changedAt: now, content: emptyContent(category) };
}

/** A change of what the server has, as a draft of its own. */
export function correctionOf(entry: Entry, now = Date.now()): Entry {
  const base = entry.content.receipt?.version ?? entry.base ?? 1;
  const content = { ...entry.content, receipt: null, problem: null, judgement: null, isNoDuplicate: false, contacts: [], contactProblem: null };
  return { ...newEntry(entry.account, entry.content.category, now), point: entry.point, base, content };
}

/** The same of a point that this phone need not have recorded: it rests on the version that the server has now. */
export function correctionOfPoint(writer: string, point: string, feature: ServerFeature, fields: readonly string[], reason: string | null, now = Date.now()): Entry {
  const content = { ...contentOf(feature, fields), reason };
  const version = feature.properties["version"];
  return { ...newEntry(writer, content.category, now), point, base: typeof version === "number" ? version : 1, content };
}

/** The lock of whichever tab has the record open. */
export const draftLock = (id: string): string => `titik-draft-${id}`;

export class Draft {
  entry: Entry;
  /** Waits for the last save; what it rejects with has been told by `failed`. */
  saving: Promise<void> = Promise.resolve();
  private readonly store: Store;
  private readonly failed: (error: unknown) => void;
  private readonly release: () => void;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isDirty = false;

  private constructor(store: Store, entry: Entry, failed: (error: unknown) => void, release: () => void) {
    this.store = store;
    this.entry = entry;
    this.failed = failed;
    this.release = release;
  }

  /** null: another tab has it open. */
  static async hold(store: Store, entry: Entry, failed: (error: unknown) => void): Promise<Draft | null> {
    return new Promise((resolve, reject) => {
      navigator.locks
        .request(draftLock(entry.id), { ifAvailable: true }, async (lock) => {
          // Since it was read another tab may have gone on with it, or sent it.
          const now = lock && ((await store.one(entry.id)) ?? entry);
          if (now?.state !== "draft") return resolve(null);
          return new Promise<void>((release) => resolve(new Draft(store, now, failed, release)));
        })
        .catch(reject);
    });
  }

  change(content: Partial<Content>): void {
    this.entry = { ...this.entry, changedAt: Date.now(), content: { ...this.entry.content, ...content } };
    this.isDirty = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.save(), PAUSE_MS);
  }

  /** Writes what has not been written yet. */
  save(photos: readonly NewPhoto[] = []): Promise<void> {
    clearTimeout(this.timer);
    if (!this.isDirty && photos.length === 0) return this.saving;
    this.isDirty = false;
    const entry = this.entry;
    this.saving = this.saving.catch(() => undefined).then(() => this.store.put(entry, photos));
    this.saving.catch(this.failed);
    return this.saving;
  }

  async addPhoto(id: string, bytes: ArrayBuffer): Promise<void> {
    const mark: PhotoMark = { id, state: "waiting", bytes: bytes.byteLength, attempts: 0, notBefore: 0 };
    const before = this.entry;
    this.entry = { ...before, photos: [...before.photos, mark] };
    try {
      await this.save([{ id, bytes }]);
    } catch (error) {
      this.entry = { ...this.entry, photos: this.entry.photos.filter((photo) => photo.id !== id) };
      throw error;
    }
  }

  async removePhoto(id: string): Promise<void> {
    this.entry = { ...this.entry, photos: this.entry.photos.filter((photo) => photo.id !== id) };
    await this.store.update(this.entry.id, () => this.entry, [id]);
  }

  /** From now on it is to be sent. */
  async finish(): Promise<void> {
    const now = Date.now();
    const before = this.entry;
    const contacts = before.content.contacts.length;
    this.entry = { ...this.entry, state: "waiting", savedAt: now, changedAt: now, attempts: 0, notBefore: 0, contacts, content: { ...this.entry.content, problem: null } };
    this.isDirty = true;
    try {
      await this.save();
    } catch (error) {
      // Still a draft: what goes on being typed must not leave meanwhile.
      this.entry = before;
      throw error;
    }
    this.release();
  }

  /** Puts it away as it is. */
  async close(): Promise<void> {
    await this.save().finally(this.release);
  }

  async discard(): Promise<void> {
    clearTimeout(this.timer);
    this.isDirty = false;
    await this.saving.catch(() => undefined);
    await this.store.remove(this.entry);
    this.release();
  }
}
