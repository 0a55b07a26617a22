/** Network, session and storage in a few lines: what the phone holds, and whether it is safe there. */

import { element } from "../common/dom.ts";
import { say } from "../common/language.ts";
import type { Supplies } from "./kit.ts";
import { isForgotten, isUnsentForADay, pending, type Entry } from "./outbox.ts";
import type { Obstacle } from "./sending.ts";
import { decimal, megabytes, moment } from "./words.ts";

export const LITTLE_BYTES = 200_000_000;

export interface Storage {
  /** null: this browser does not say. */
  isPersistent: boolean | null;
  freeBytes: number | null;
}

/** Asks that the browser never throws away by itself what is stored here. */
export async function persist(): Promise<boolean | null> {
  return (await navigator.storage?.persist?.().catch(() => null)) ?? null;
}

export async function storage(): Promise<Storage> {
  const isPersistent = (await navigator.storage?.persisted?.().catch(() => null)) ?? null;
  const estimate = await navigator.storage?.estimate?.().catch(() => null);
  const freeBytes = estimate?.quota === undefined ? null : estimate.quota - (estimate.usage ?? 0);
  return { isPersistent, freeBytes };
}

export interface Standing {
  entries: readonly Entry[];
  /** Entries of other accounts, and own ones that do not open. */
  foreign: number;
  broken: number;
  obstacle: Obstacle;
  room: Storage;
}

/** What somebody should do something about. */
export function warnings({ entries, broken, obstacle, room }: Standing, signIn: string): HTMLElement[] {
  const now = Date.now();
  const found: (HTMLElement | null)[] = [
    obstacle === "signed-out" ? warning(say("Masa masuk Anda sudah habis. Catatan tetap tersimpan di ponsel ini, dan dikirim setelah Anda masuk lagi. ", "You are signed out. Your records stay on this phone, and are sent once you sign in again. "), element("a", { href: signIn }, say("Masuk", "Sign in"))) : null,
    obstacle === "other-account" ? warning(say("Akun lain sudah masuk di ponsel ini. Catatan Anda tetap tersimpan, dan dikirim setelah Anda masuk lagi. ", "Another account has signed in on this phone. Your records are kept, and sent once you sign in again. "), element("a", { href: "" }, say("Muat ulang", "Reload"))) : null,
    entries.some((entry) => isUnsentForADay(entry, now)) ? warning(say("Ada catatan yang lebih dari sehari belum terkirim. Cari jaringan, atau simpan berkas penyelamat.", "Some records have not been sent for more than a day. Find a network, or save a rescue file.")) : null,
    entries.some((entry) => isForgotten(entry, now)) ? warning(say("Ada catatan yang sudah lebih dari sehari belum selesai. Lanjutkan, atau hapus.", "Some records were begun more than a day ago and are not finished. Go on with them, or delete them.")) : null,
    room.freeBytes !== null && room.freeBytes < LITTLE_BYTES ? warning(say(`Ruang untuk halaman ini tinggal ${megabytes(room.freeBytes)}. Kirim catatan, lalu hapus berkas lain di ponsel.`, `This page has only ${megabytes(room.freeBytes)} left. Send your records, then delete other files on the phone.`)) : null,
    broken ? warning(say(`${broken} catatan tidak dapat dibuka dengan kunci akun ini. Hubungi pengelola; jangan hapus data situs ini.`, `${broken} records cannot be opened with the key of this account. Call the administrator; do not delete the data of this site.`)) : null,
  ];
  return found.filter((one) => one !== null);
}

/** How things stand. */
export function statusLines({ entries, foreign, obstacle, room }: Standing, supplies: Supplies): HTMLElement {
  const lines = [
    ...unsent(entries, obstacle),
    room.isPersistent === true ? say("Browser menjamin penyimpanan catatan di ponsel ini.", "The browser guarantees that records on this phone are kept.") : say("Browser belum menjamin penyimpanan: jangan hapus data situs, dan kirim catatan secepatnya.", "The browser does not guarantee storage yet: do not delete the site's data, and send records soon."),
    foreign ? say(`${foreign} catatan milik akun lain ada di ponsel ini; isinya hanya terbuka setelah akun itu masuk lagi.`, `${foreign} records of another account are on this phone; only that account can open them, by signing in again.`) : "",
    supplies.coverage && supplies.taken ? say(`Batas kelurahan di ponsel ini: ${supplies.coverage.document.edition.name}, ${supplies.coverage.areas.length} kelurahan, ${megabytes(supplies.taken.bytes)}, diambil ${moment(supplies.taken.at)}.`, `Boundaries on this phone: ${supplies.coverage.document.edition.name}, ${supplies.coverage.areas.length} kelurahan, ${megabytes(supplies.taken.bytes)}, taken ${moment(supplies.taken.at)}.`) : "",
  ];
  return element("ul", { class: "entry-status" }, ...lines.filter(Boolean).map((line) => element("li", {}, line)));
}

/** What goes by itself is counted apart from what waits on somebody. */
function unsent(entries: readonly Entry[], obstacle: Obstacle): string[] {
  const count = (kind: ReturnType<typeof pending>): number => entries.filter((entry) => pending(entry) === kind).length;
  const [going, refused, drafts] = [count("going"), count("refused"), count("draft")];
  if (entries.length > 0 && going + refused + drafts === 0) return [say("Semua catatan sudah terkirim.", "All records have been sent.")];
  return [
    going ? sending(decimal(going), obstacle) : "",
    refused ? say(`${decimal(refused)} catatan belum terkirim seluruhnya, karena harus dibetulkan dahulu.`, `${decimal(refused)} records have not been sent completely, because they must be put right first.`) : "",
    drafts ? say(`${decimal(drafts)} rancangan belum selesai: selesaikan dan kirim.`, `Drafts not finished: ${decimal(drafts)}. Finish and send them.`) : "",
  ];
}

function sending(number: string, obstacle: Obstacle): string {
  if (obstacle === "unreachable") return say(`${number} catatan belum terkirim seluruhnya. Tidak ada jaringan; dikirim sendiri begitu ada.`, `${number} records have not been sent completely. There is no network; they go by themselves once there is.`);
  if (obstacle === "busy") return say(`${number} catatan belum terkirim seluruhnya. Server sedang sibuk; dicoba lagi sebentar lagi.`, `${number} records have not been sent completely. The server is busy; they are tried again soon.`);
  return say(`${number} catatan belum terkirim seluruhnya.`, `${number} records have not been sent completely.`);
}

function warning(...children: (string | HTMLElement)[]): HTMLElement {
  return element("p", { class: "note", role: "alert" }, ...children);
}
