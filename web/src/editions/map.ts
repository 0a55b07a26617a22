// The map of what an edition would change: the new lines, the former ones, and the points whose verdict changes. The list tells the same.

import { AttributionControl, type ExpressionSpecification, type FilterSpecification, type LayerSpecification, Map as MapLibre, type MapMouseEvent, NavigationControl, Popup, ScaleControl } from "maplibre-gl";
import type { FeatureCollection } from "geojson";
import { offerStreets } from "../atlas/basemap.ts";
import { followColours, painted, type Paints } from "../common/colours.ts";
import { element, find } from "../common/dom.ts";
import { say } from "../common/language.ts";
import { prepareMaps } from "../common/maplibre.ts";

/** Each feature says in `part` what it is: of the former boundaries, of the new ones, or a point. */
type Changes = FeatureCollection & { bbox: [number, number, number, number] };

// Told apart without colour: the worst with the most corners, as in the list.
const MARKS: ExpressionSpecification = ["match", ["get", "level"], "good", "●", "fault", "■", "▲"];
const PAINTS: Paints = (colour) => ({
  ground: { "background-color": colour("water") },
  land: { "fill-color": colour("land") },
  "kelurahan-line": { "line-color": colour("place") },
  "former-line": { "line-color": colour("bad") },
  changed: { "text-color": ["match", ["get", "level"], "good", colour("good"), "fault", colour("bad"), colour("warn")], "text-halo-color": colour("paper") },
});

/** Puts the map in the place of the drawn one. */
export async function open(place: HTMLElement): Promise<MapLibre> {
  await prepareMaps(place);
  const answer = await fetch(place.dataset["changes"] ?? "", { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`the changes: ${answer.status}`);
  const changes = (await answer.json()) as Changes;
  const figure = find("figure", place);
  const holder = element("div", { class: "map-canvas is-loading" });
  figure.prepend(holder);
  const map = new MapLibre({
    container: holder,
    style: { version: 8, sources: {}, layers: painted([{ id: "ground", type: "background" }], PAINTS) },
    bounds: changes.bbox,
    fitBoundsOptions: { padding: 20 },
    maxZoom: 19,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 0,
    locale: {
      "Map.Title": say("Peta batas lama dan baru. Geser dengan tombol panah, perbesar dengan tambah dan kurang.", "Map of the former and new boundaries. Move it by the arrow keys, zoom by plus and minus."),
      "NavigationControl.ZoomIn": say("Perbesar", "Zoom in"),
      "NavigationControl.ZoomOut": say("Perkecil", "Zoom out"),
      "Popup.Close": say("Tutup", "Close"),
      "AttributionControl.ToggleAttribution": say("Sumber", "Sources"),
    },
  });
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({}), "bottom-left");
  map.addControl(new AttributionControl({ compact: false }));
  map.touchZoomRotate.disableRotation();
  await new Promise<void>((done, failed) => {
    map.once("load", () => done());
    map.once("error", ({ error }) => failed(error));
  }).catch((error) => {
    map.remove();
    holder.remove();
    throw error;
  });
  figure.querySelector("svg")?.remove();
  holder.classList.remove("is-loading");
  map.resize();
  map.fitBounds(changes.bbox, { padding: 20, animate: false });
  draw(map, changes);
  map.on("click", "changed", (event) => tell(map, event));
  offerStreets(map, place);
  return map;
}

function draw(map: MapLibre, changes: Changes): void {
  map.addSource("changes", { type: "geojson", data: changes });
  const layers: LayerSpecification[] = [
    { id: "land", type: "fill", source: "changes", filter: of("after"), paint: { "fill-opacity": 0.5 } },
    // Under this layer the streets go.
    { id: "kelurahan-line", type: "line", source: "changes", filter: of("after"), paint: { "line-width": 1.5 } },
    { id: "former-line", type: "line", source: "changes", filter: of("before"), paint: { "line-width": 1.5, "line-dasharray": [4, 3] } },
    {
      id: "changed", type: "symbol", source: "changes", filter: of("changed"),
      layout: { "text-field": MARKS, "text-font": ["sans-serif"], "text-size": 18, "text-allow-overlap": true, "text-ignore-placement": true },
      paint: { "text-halo-width": 1.5 },
    },
  ];
  for (const layer of painted(layers, PAINTS)) map.addLayer(layer);
  followColours(map, PAINTS);
  for (const [kind, cursor] of [["mouseenter", "pointer"], ["mouseleave", ""]] as const) {
    map.on(kind, "changed", () => { map.getCanvas().style.cursor = cursor; });
  }
}

function of(part: string): FilterSpecification {
  return ["==", ["get", "part"], part];
}

/** The point, its name as text. */
function tell(map: MapLibre, event: MapMouseEvent): void {
  const [feature] = map.queryRenderedFeatures(event.point, { layers: ["changed"] });
  if (!feature || feature.geometry.type !== "Point") return;
  const { name, says } = feature.properties;
  new Popup({ closeButton: true, maxWidth: "16rem" })
    .setLngLat(feature.geometry.coordinates as [number, number])
    .setDOMContent(element("div", { class: "map-popup" }, element("strong", {}, String(name)), element("p", {}, String(says))))
    .addTo(map);
}
