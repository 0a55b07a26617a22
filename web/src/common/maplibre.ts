// What every map that can be moved needs first: MapLibre's worker and style sheet, from us.

import { setWorkerUrl } from "maplibre-gl";
import { element } from "./dom.ts";

/** `place` names their addresses (`data-worker`, `data-sheet`). */
export async function prepareMaps(place: HTMLElement): Promise<void> {
  setWorkerUrl(new URL(place.dataset["worker"] ?? "", location.href).href);
  if (document.querySelector("link[data-map]")) return;
  const sheet = element("link", { rel: "stylesheet", href: place.dataset["sheet"] ?? "", "data-map": true });
  await new Promise((done) => {
    sheet.addEventListener("load", done);
    sheet.addEventListener("error", done);
    document.head.append(sheet);
  });
}
