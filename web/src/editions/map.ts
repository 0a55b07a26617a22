// The map of what an edition would change: the new lines, the former ones, and the points whose verdict changes. The list tells the same.

import { AttributionControl, type ExpressionSpecification, type FilterSpecification, Map as MapLibre, type MapMouseEvent, NavigationControl, Popup, ScaleControl } from "maplibre-gl";
import type { FeatureCollection } from "geojson";
import { offerStreets } from "../atlas/basemap.ts";
import { element, find } from "../common/dom.ts";
import { say } from "../common/language.ts";
import { prepareMaps } from "../common/maplibre.ts";

/** Each feature says in `part` what it is: of the former boundaries, of the new ones, or a point. */
type Changes = FeatureCollection & { bbox: [number, number, number, number] };

// Told apart without colour: the worst with the most corners, as in the list.
const MARKS: ExpressionSpecification = ["match", ["get", "level"], "good", "●", "fault", "■", "▲"];
const COLOURS: ExpressionSpecification = ["match", ["get", "level"], "good", "#0a5a2c", "fault", "#9a1616", "#6b4300"];

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
    style: { version: 8, sources: {}, layers: [{ id: "ground", type: "background", paint: { "background-color": "#f3f6f5" } }] },
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
  map.addLayer({ id: "land", type: "fill", source: "changes", filter: of("after"), paint: { "fill-color": "#ece9d8", "fill-opacity": 0.5 } });
  // Under this layer the streets go.
  map.addLayer({ id: "kelurahan-line", type: "line", source: "changes", filter: of("after"), paint: { "line-color": "#55523f", "line-width": 1.5 } });
  map.addLayer({ id: "former-line", type: "line", source: "changes", filter: of("before"), paint: { "line-color": "#9a1616", "line-width": 1.5, "line-dasharray": [4, 3] } });
  map.addLayer({
    id: "changed", type: "symbol", source: "changes", filter: of("changed"),
    layout: { "text-field": MARKS, "text-font": ["sans-serif"], "text-size": 18, "text-allow-overlap": true, "text-ignore-placement": true },
    paint: { "text-color": COLOURS, "text-halo-color": "#ffffff", "text-halo-width": 1.5 },
  });
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
