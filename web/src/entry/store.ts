/** The entries and photos on this phone: envelopes in the open, contents sealed. */

import { settle, transact } from "./database.ts";
import type { Identity } from "./identity.ts";
import type { Content, Entry, Envelope } from "./outbox.ts";
import { decoded, encoded, seal, unseal, type Sealed } from "./vault.ts";

/** `turn` grows with every change, so that two tabs do not write over each other unknowingly. */
interface EntryRow extends Envelope, Sealed {
  turn: number;
}

interface PhotoRow extends Sealed {
  id: string;
  entry: string;
  account: string;
}

export interface NewPhoto {
  id: string;
  bytes: ArrayBuffer;
}

export class Store {
  readonly writer: string;
  private readonly key: CryptoKey;

  constructor({ writer, key }: Identity) {
    this.writer = writer;
    this.key = key;
  }

  /** Own entries, the newest first; and how many there are of other accounts, or cannot be opened. */
  async all(): Promise<{ entries: Entry[]; foreign: number; broken: number }> {
    const rows = await transact(["entries"], "readonly", ({ entries }) => settle<EntryRow[]>(entries.getAll()));
    const own = rows.filter(({ account }) => account === this.writer);
    const opened = await Promise.all(own.map((row) => this.open(row).catch(() => null)));
    const entries = opened.filter((entry) => entry !== null).sort((a, b) => (a.id < b.id ? 1 : -1));
    return { entries, foreign: rows.length - own.length, broken: own.length - entries.length };
  }

  async one(id: string): Promise<Entry | null> {
    const row = await this.row(id);
    return row ? this.open(row) : null;
  }

  /** A new entry, or the draft that this tab holds, with photos that come along: all of it or nothing. */
  async put(entry: Entry, photos: readonly NewPhoto[] = []): Promise<void> {
    const row = await this.sealed(entry);
    const pictures = await Promise.all(photos.map((photo) => this.sealedPhoto(entry.id, photo)));
    await transact(["entries", "photos"], "readwrite", async (stores) => {
      const before = await settle<EntryRow | undefined>(stores.entries.get(entry.id));
      await settle(stores.entries.put({ ...row, turn: (before?.turn ?? 0) + 1 }));
      for (const picture of pictures) await settle(stores.photos.put(picture));
    });
  }

  /** Changes an entry as it is now; null where it is gone. Photos in `done` are deleted in the same transaction. */
  async update(id: string, change: (entry: Entry) => Entry | null, done: readonly string[] = []): Promise<Entry | null> {
    for (;;) {
      const before = await this.row(id);
      if (!before) return null;
      const after = change(await this.open(before));
      if (after === null) return null;
      const row = { ...(await this.sealed(after)), turn: before.turn + 1 };
      const isStored = await transact(["entries", "photos"], "readwrite", async (stores) => {
        const now = await settle<EntryRow | undefined>(stores.entries.get(id));
        if (now?.turn !== before.turn) return false;
        await settle(stores.entries.put(row));
        for (const photo of done) await settle(stores.photos.delete(photo));
        return true;
      });
      if (isStored) return after;
    }
  }

  async remove({ id, photos }: Envelope): Promise<void> {
    await transact(["entries", "photos"], "readwrite", async (stores) => {
      await settle(stores.entries.delete(id));
      for (const photo of photos) await settle(stores.photos.delete(photo.id));
    });
  }

  async photo(id: string): Promise<ArrayBuffer | null> {
    const row = await transact(["photos"], "readonly", ({ photos }) => settle<PhotoRow | undefined>(photos.get(id)));
    return row ? unseal(this.key, row.id, row) : null;
  }

  private row(id: string): Promise<EntryRow | undefined> {
    return transact(["entries"], "readonly", ({ entries }) => settle<EntryRow | undefined>(entries.get(id)));
  }

  private async open(row: EntryRow): Promise<Entry> {
    const { iv, bytes, turn: _, ...envelope } = row;
    return { ...envelope, content: JSON.parse(decoded(await unseal(this.key, row.id, { iv, bytes }))) as Content };
  }

  private async sealed(entry: Entry): Promise<Omit<EntryRow, "turn">> {
    const { content, ...envelope } = entry;
    return { ...envelope, ...(await seal(this.key, entry.id, encoded(JSON.stringify(content)))) };
  }

  private async sealedPhoto(entry: string, { id, bytes }: NewPhoto): Promise<PhotoRow> {
    return { id, entry, account: this.writer, ...(await seal(this.key, id, bytes)) };
  }
}
