/** IndexedDB with promises. A transaction holds what belongs together and is over at once: other tabs wait for it. */

const NAME = "titik-catat";
const VERSION = 1;
export type StoreName = "entries" | "photos" | "keep";

let opening: Promise<IDBDatabase> | undefined;

export function database(): Promise<IDBDatabase> {
  opening ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("entries", { keyPath: "id" });
      request.result.createObjectStore("photos", { keyPath: "id" });
      request.result.createObjectStore("keep");
    };
    request.onsuccess = () => {
      // A newer page in another tab must not wait for this one.
      request.result.onversionchange = () => forget(request.result);
      request.result.onclose = () => forget(request.result);
      resolve(request.result);
    };
    request.onerror = () => {
      // Tried again when it is asked for next.
      opening = undefined;
      reject(request.error);
    };
  });
  return opening;
}

function forget(closed: IDBDatabase): void {
  closed.close();
  opening = undefined;
}

/** Resolves with what `work` gave once all of it is on the disk. A full store rejects with `QuotaExceededError`. */
export async function transact<Result>(
  names: StoreName[],
  mode: IDBTransactionMode,
  work: (stores: Record<StoreName, IDBObjectStore>) => Promise<Result> | Result,
): Promise<Result> {
  const transaction = (await database()).transaction(names, mode, { durability: mode === "readwrite" ? "strict" : "default" });
  const ended = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
    transaction.onerror = () => reject(transaction.error);
  });
  ended.catch(() => undefined);
  const stores = Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)])) as Record<StoreName, IDBObjectStore>;
  let result: Result;
  try {
    result = await work(stores);
  } catch (error) {
    try {
      transaction.abort();
    } catch {
      // It has ended by itself: its own error is the one to tell.
      await ended;
    }
    throw error;
  }
  await ended;
  return result;
}

export function settle<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export function keep(name: string, value: unknown): Promise<IDBValidKey> {
  return transact(["keep"], "readwrite", ({ keep: store }) => settle(store.put(value, name)));
}

export async function kept<Value>(name: string): Promise<Value | undefined> {
  return transact(["keep"], "readonly", ({ keep: store }) => settle<Value | undefined>(store.get(name)));
}

export function drop(...names: string[]): Promise<void> {
  return transact(["keep"], "readwrite", async ({ keep: store }) => {
    for (const name of names) await settle(store.delete(name));
  });
}
