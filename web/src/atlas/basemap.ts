// Streets under the points: those of the city's own server where it has one, else OpenStreetMap's, and only after it was said who is asked.

import type { Map as MapLibre } from "maplibre-gl";
import { element, fill, find } from "../common/dom.ts";
import { say } from "../common/language.ts";

const OPENSTREETMAP = "https://tile.openstreetmap.org/{z}/{x}/{y}.png";
const CONTRIBUTORS = '© <a href="https://www.openstreetmap.org/copyright">OpenStreetMap</a>';
const BEFORE = "kelurahan-line";

export function offerStreets(map: MapLibre, place: HTMLElement): void {
  const own = place.dataset["basemap"];
  if (own) {
    add(map, own, place.dataset["basemapBy"] ?? "");
    return;
  }
  const panel = element("div", { class: "streets" });
  const toggle = element("button", { type: "button", class: "second" }, say("Tampilkan jalan", "Show the streets"));
  fill(panel, toggle);
  find("figure", place).append(panel);
  toggle.addEventListener("click", () => ask(map, panel, toggle));
}

function ask(map: MapLibre, panel: HTMLElement, toggle: HTMLButtonElement): void {
  const yes = element("button", { type: "button" }, say("Tampilkan", "Show them"));
  const no = element("button", { type: "button", class: "second" }, say("Jangan", "No"));
  const sentence = say(
    "Gambar jalan datang dari OpenStreetMap (tile.openstreetmap.org). Server itu akan melihat alamat internet Anda dan bagian peta yang Anda buka.",
    "The pictures of streets come from OpenStreetMap (tile.openstreetmap.org). That server will see your internet address and the part of the map that you look at.",
  );
  fill(panel, element("p", {}, sentence), yes, no);
  yes.focus();
  yes.addEventListener("click", () => {
    add(map, OPENSTREETMAP, CONTRIBUTORS);
    const off = element("button", { type: "button", class: "second" }, say("Sembunyikan jalan", "Hide the streets"));
    fill(panel, off);
    off.focus();
    off.addEventListener("click", () => {
      remove(map);
      back();
    });
  });
  no.addEventListener("click", back);

  function back(): void {
    fill(panel, toggle);
    toggle.focus();
  }
}

/** `by`: whose pictures they are, as it stands on the map. */
function add(map: MapLibre, template: string, by: string): void {
  map.addSource("streets", { type: "raster", tiles: [template], tileSize: 256, maxzoom: 19, attribution: by });
  map.addLayer({ id: "streets", type: "raster", source: "streets" }, map.getLayer(BEFORE) ? BEFORE : undefined);
}

function remove(map: MapLibre): void {
  map.removeLayer("streets");
  map.removeSource("streets");
}
