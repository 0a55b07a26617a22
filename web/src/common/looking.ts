/** A page that waits for a decision asks again while somebody looks at it: when it comes back into sight, and every few minutes. Pure but for `lookAgain`. */

export const LOOK_EVERY_MS = 5 * 60_000;
// Whoever goes to and fro between two windows does not ask each time.
const AT_LEAST_MS = 15_000;

/** How a point stands at the server. */
export interface PointState {
  point: string;
  version: number;
  state: string;
  reason?: string;
}

export function statesPath(points: readonly string[]): string {
  return `/points/states?points=${points.join(",")}`;
}

/** Whether it is time: `since` the last look, `isBack`: the page has just come back into sight. */
export function isDue(sinceMs: number, isBack: boolean): boolean {
  return sinceMs >= (isBack ? AT_LEAST_MS : LOOK_EVERY_MS);
}

/** Calls `look` from now on; it is not called while nobody sees the page. */
export function lookAgain(look: () => Promise<void>): void {
  let lookedAt = Date.now();
  const perhaps = (isBack: boolean): void => {
    if (document.hidden || !navigator.onLine || !isDue(Date.now() - lookedAt, isBack)) return;
    lookedAt = Date.now();
    void look();
  };
  document.addEventListener("visibilitychange", () => perhaps(true));
  addEventListener("online", () => perhaps(true));
  setInterval(() => perhaps(false), AT_LEAST_MS);
}
