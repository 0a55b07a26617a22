/** The page as the server makes it, put in place of what is shown: while a step runs, and after an answer. */

import { find, findAll } from "../common/dom.ts";
import { pause } from "./sizes.ts";

const LIVE = "[data-live]";

/** Shows the newest state as long as the server is at work. */
export function followWork(): void {
  let looks = 0;
  const look = async (): Promise<void> => {
    if (find(LIVE).dataset["busy"] === undefined) return;
    if (!document.hidden) {
      try {
        const response = await fetch(location.pathname + location.search, { credentials: "same-origin" });
        if (response.redirected) return location.assign(response.url);
        if (response.ok) replace(await response.text());
      } catch {
        // No network for a moment: the next look may have one.
      }
    }
    looks += 1;
    setTimeout(() => void look(), pause(looks));
  };
  for (const link of findAll("[data-without-script]")) link.hidden = true;
  setTimeout(() => void look(), pause(looks));
}

/** Puts the live part of a page that the server has made in place of that which is shown. Scripts in it do not run. */
export function replace(page: string): void {
  const parsed = new DOMParser().parseFromString(page, "text/html");
  const fresh = parsed.querySelector(LIVE);
  if (!fresh) return location.reload();
  const shown = find(LIVE);
  const wasBusy = shown.dataset["busy"] !== undefined;
  const live = document.adoptNode(fresh);
  for (const link of findAll("[data-without-script]", live)) link.hidden = true;
  shown.replaceWith(live);
  document.dispatchEvent(new Event("replaced"));
  const heading = live.querySelector("h1");
  if (wasBusy && find(LIVE).dataset["busy"] === undefined && heading) {
    heading.tabIndex = -1;
    heading.focus();
  }
}
