// The page of the map: the list works without this. It finds where somebody is, and loads the map that can be moved when it is wanted.

import { find } from "../common/dom.ts";
import { say } from "../common/language.ts";
import { isWanted, withParameters } from "./view.ts";

const GOOD_ENOUGH_M = 100;
const PATIENCE_MS = 10_000;

const nearMe = document.querySelector<HTMLButtonElement>("#near-me");
// A browser gives a place to pages of https and of this machine alone.
if (nearMe && window.isSecureContext && "geolocation" in navigator) {
  nearMe.hidden = false;
  nearMe.addEventListener("click", () => lookNear(nearMe, find("#near-me-says")));
}

const place = document.querySelector<HTMLElement>("#peta");
const opening = document.querySelector<HTMLButtonElement>("#open-map");
if (place && opening) {
  opening.hidden = false;
  opening.addEventListener("click", () => void openMap(place, opening));
  const connection = (navigator as { connection?: { saveData?: boolean } }).connection;
  if (isWanted(window.innerWidth, connection?.saveData === true)) whenIdle(() => void openMap(place, opening));
}

/** After the list can be read and used. */
function whenIdle(work: () => void): void {
  const later = () => ("requestIdleCallback" in window ? requestIdleCallback(work, { timeout: 2_000 }) : setTimeout(work, 200));
  if (document.readyState === "complete") later();
  else window.addEventListener("load", later, { once: true });
}

async function openMap(place: HTMLElement, opening: HTMLButtonElement): Promise<void> {
  if (opening.disabled) return;
  opening.disabled = true;
  opening.textContent = say("Peta sedang dimuat …", "The map is being loaded …");
  try {
    const { open } = await import("./map.ts");
    await open(place);
  } catch (error) {
    console.error(error);
    opening.disabled = false;
    opening.textContent = say("Peta tidak dapat dimuat. Coba lagi", "The map could not be loaded. Try again");
  }
}

function lookNear(button: HTMLButtonElement, says: HTMLElement): void {
  button.disabled = true;
  says.textContent = say("Mencari letak Anda …", "Looking for where you are …");
  let best: GeolocationPosition | null = null;
  const watch = navigator.geolocation.watchPosition(
    (position) => {
      best = !best || position.coords.accuracy < best.coords.accuracy ? position : best;
      if (best.coords.accuracy <= GOOD_ENOUGH_M) done();
    },
    (error) => {
      // Anything but a refusal may pass.
      if (error.code === error.PERMISSION_DENIED) done();
    },
    { enableHighAccuracy: true, timeout: PATIENCE_MS },
  );
  const patience = setTimeout(done, PATIENCE_MS);

  function done(): void {
    clearTimeout(patience);
    navigator.geolocation.clearWatch(watch);
    button.disabled = false;
    if (best) {
      const { longitude, latitude } = best.coords;
      const start = new URL(find<HTMLFormElement>("form.search").action, location.href).href + location.search;
      location.assign(withParameters(start, { near: `${longitude.toFixed(6)},${latitude.toFixed(6)}`, bbox: null, q: null }));
    } else {
      says.textContent = say(
        "Letak Anda tidak diketahui. Tempel koordinat atau tautan peta di kolom pencarian.",
        "Where you are is not known. Paste a coordinate or a link to a map into the search.",
      );
    }
  }
}
