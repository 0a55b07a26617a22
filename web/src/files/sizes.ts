/** Sizes and shares as people read them. Pure. */

import type { Language } from "../common/language.ts";

/** Megabytes with one decimal, at least 0.1. */
export function megabytes(bytes: number, language: Language): string {
  const value = Math.max(0.1, Math.ceil(bytes / 104_857.6) / 10);
  return `${value.toLocaleString(language === "en" ? "en-GB" : "id-ID")} MB`;
}

/** Whole per cent, 100 only when all of it is sent. */
export function share(sent: number, total: number): number {
  return total > 0 ? Math.min(sent >= total ? 100 : 99, Math.floor((100 * sent) / total)) : 0;
}

/** Which of `count` places comes after `at`, by a step; it stays at the ends. */
export function stepped(at: number, step: number, count: number): number {
  return Math.max(0, Math.min(count - 1, at + step));
}

/** How long to wait before looking again: soon at first, then less and less often. */
export function pause(looks: number): number {
  return Math.min(5_000, 500 + 250 * looks);
}
