// The pages of boundary editions: how far a job is, and the map of what an edition would change. Both work without this.

import { say } from "../common/language.ts";
import { followWork } from "../files/following.ts";

if (document.querySelector("[data-live]")) followWork();

const place = document.querySelector<HTMLElement>("#peta");
const opening = document.querySelector<HTMLButtonElement>("#open-map");
if (place && opening) {
  opening.hidden = false;
  opening.addEventListener("click", () => void openMap(place, opening));
}

async function openMap(place: HTMLElement, opening: HTMLButtonElement): Promise<void> {
  if (opening.disabled) return;
  opening.disabled = true;
  opening.textContent = say("Peta sedang dimuat …", "The map is being loaded …");
  try {
    const { open } = await import("./map.ts");
    await open(place);
    opening.remove();
  } catch (error) {
    console.error(error);
    opening.disabled = false;
    opening.textContent = say("Peta tidak dapat dimuat. Coba lagi", "The map could not be loaded. Try again");
  }
}
