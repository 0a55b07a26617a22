/**
 * Seals what is stored with the key of an account, so that another account on the same phone cannot read it (docs/adr/0055).
 * The key comes from the server, to a session of that account only, and lies here as one that no script can read out.
 */

export interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  bytes: ArrayBuffer;
}

export async function importKey(text: string): Promise<CryptoKey> {
  const raw = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** `name`: of what is sealed; it opens under this name only. */
export async function seal(key: CryptoKey, name: string, content: BufferSource): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, bytes: await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: encoded(name) }, key, content) };
}

/** Throws where it was sealed with another key or under another name. */
export async function unseal(key: CryptoKey, name: string, { iv, bytes }: Sealed): Promise<ArrayBuffer> {
  return crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: encoded(name) }, key, bytes);
}

export const encoded = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
export const decoded = (bytes: ArrayBuffer): string => new TextDecoder().decode(bytes);
