// The map that can be moved, over the city's own tiles. The list tells the same; where there is no WebGL the drawn map stays.

import {
  AttributionControl, type ExpressionSpecification, type FilterSpecification, type GeoJSONSource, type LayerSpecification, Map as MapLibre,
  type MapGeoJSONFeature, type MapMouseEvent, NavigationControl, Popup, ScaleControl, type StyleSpecification,
} from "maplibre-gl";
import type { FeatureCollection } from "geojson";
import { colourOf, followColours, painted } from "../common/colours.ts";
import { element, fill, find } from "../common/dom.ts";
import { say } from "../common/language.ts";
import { prepareMaps } from "../common/maplibre.ts";
import { offerStreets } from "./basemap.ts";
import { PAINTS } from "./colours.ts";
import { type Entry, entries, refresh } from "./list.ts";
import { imageName, picture, readSigns, type Sign } from "./signs.ts";
import { type Box, ownAddress, readBox, writeBox } from "./view.ts";

const SETTLED_MS = 350;
const NEAREST_ZOOM = 15;
const RECOVERY_MS = 4_000;
const POINTS = ["points", "point-names"];
const LISTED = "listed";

/** Puts the map in the place of the drawn one. */
export async function open(place: HTMLElement): Promise<MapLibre> {
  const [style] = await Promise.all([styleOf(place), prepareMaps(place)]);
  const holder = element("div", { class: "map-canvas is-loading" });
  const figure = find("figure", place);
  const drawing = figure.querySelector("svg");
  figure.prepend(holder);
  const box = readBox(place.dataset["bounds"]);
  // The view of a link is shown as it was; around all else there is some room.
  const fitting = { padding: readBox(currentBox()) ? 0 : 30, maxZoom: NEAREST_ZOOM };
  const map = new MapLibre({
    container: holder,
    style,
    ...(box ? { bounds: box, fitBoundsOptions: fitting } : {}),
    maxZoom: 19,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 0,
    locale: words(),
    transformRequest: (url) => {
      const own = ownAddress(url, place.dataset["here"] ?? "", new URL(place.dataset["root"] ?? "", location.origin).href);
      return own ? { url: own } : { url, referrerPolicy: "strict-origin-when-cross-origin" };
    },
  });
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({}), "bottom-left");
  map.addControl(new AttributionControl({ compact: false }));
  map.touchZoomRotate.disableRotation();
  map.once("style.load", () => addSigns(map, readSigns(place.dataset["signs"])));
  await new Promise<void>((done, failed) => {
    map.once("load", () => done());
    map.once("error", ({ error }) => failed(error));
  }).catch((error) => {
    // A tile that is missing now may come later; only a map that never began is given up.
    if (!map.isStyleLoaded()) {
      map.remove();
      holder.remove();
      throw error;
    }
  });
  drawing?.remove();
  find("figcaption", place).textContent =
    place.dataset["listed"] === "yes"
      ? say("Titik dalam daftar.", "The points of the list.")
      : say("Semua titik; daftar menunjukkan yang ada di bagian peta ini.", "All points; the list has those of this part of the map.");
  holder.classList.remove("is-loading");
  map.resize();
  if (box) map.fitBounds(box, { ...fitting, animate: false });
  addListed(map);
  follow(map, place);
  followColours(map, PAINTS, () => addSigns(map, readSigns(place.dataset["signs"])));
  survive(map, place, holder);
  offerStreets(map, place);
  return map;
}

/** The city's own style, with signs in place of dots and no more than the page looks for. */
async function styleOf(place: HTMLElement): Promise<StyleSpecification> {
  const answer = await fetch(place.dataset["style"] ?? "");
  if (!answer.ok) throw new Error(`the style: ${answer.status}`);
  const style = (await answer.json()) as StyleSpecification;
  const { category, kelurahan, listed } = place.dataset;
  const source = style.sources["titik"];
  if (category && source && "url" in source) source.url += `?collections=${encodeURIComponent(`${category},kelurahan,kecamatan`)}`;
  style.layers = painted(style.layers.flatMap((layer) => adapted(layer, kelurahan, listed === "yes")), PAINTS);
  return style;
}

function adapted(layer: LayerSpecification, kelurahan: string | undefined, isListedOnly: boolean): LayerSpecification[] {
  const isOfPoints = POINTS.includes(layer.id);
  if (layer.id === "point-icons" || (isListedOnly && (isOfPoints || layer.id.startsWith("cluster")))) return [];
  // Numbers of clusters are those of all kelurahan.
  if (kelurahan && layer.id.startsWith("cluster")) return [];
  if (!isOfPoints || !("source" in layer)) return [layer];
  const filter: FilterSpecification | undefined = kelurahan ? ["==", ["get", "kelurahan"], kelurahan] : undefined;
  if (layer.id !== "points") return [{ ...layer, ...(filter ? { filter } : {}) } as LayerSpecification];
  return [
    {
      id: "points", type: "symbol", source: "titik", "source-layer": layer["source-layer"] ?? "points", minzoom: layer.minzoom ?? 0,
      ...(filter ? { filter } : {}), layout: signLayout(),
    } as LayerSpecification,
  ];
}

function signLayout() {
  const size: ExpressionSpecification = ["interpolate", ["linear"], ["zoom"], 10, 0.45, 14, 0.85, 18, 1.3];
  const image: ExpressionSpecification = ["concat", "sign-", ["get", "category"]];
  return { "icon-image": image, "icon-size": size, "icon-allow-overlap": true, "icon-ignore-placement": true };
}

function addSigns(map: MapLibre, signs: Sign[]): void {
  for (const sign of signs) {
    const { image, pixelRatio } = picture(sign, colourOf("sign-edge"));
    if (map.hasImage(imageName(sign.category))) map.updateImage(imageName(sign.category), image);
    else map.addImage(imageName(sign.category), image, { pixelRatio });
  }
}

/** What the list shows stands on the map too, whatever the zoom; one of them is ringed. */
function addListed(map: MapLibre): void {
  map.addSource(LISTED, { type: "geojson", data: collected(entries()) });
  map.addSource("ringed", { type: "geojson", data: collected([]) });
  map.addLayer({ id: LISTED, type: "symbol", source: LISTED, layout: signLayout() });
  map.addLayer({
    id: "ringed", type: "circle", source: "ringed",
    paint: { "circle-radius": 17, "circle-color": "rgba(0,0,0,0)", "circle-stroke-color": colourOf("ink"), "circle-stroke-width": 3 },
  });
}

function collected(found: Entry[]): FeatureCollection {
  return {
    type: "FeatureCollection",
    features: found.map(({ id, name, category, at }) => ({ type: "Feature", geometry: { type: "Point", coordinates: at }, properties: { id, name, category } })),
  };
}

function setData(map: MapLibre, source: string, found: Entry[]): void {
  map.getSource<GeoJSONSource>(source)?.setData(collected(found));
}

/** List and map in step: the list is that of the map where somebody has moved it, and an entry that has the focus is ringed. */
function follow(map: MapLibre, place: HTMLElement): void {
  const says = element("p", { class: "map-says", role: "status" });
  find("figure", place).append(says);
  // Only where somebody has moved the map (one that turns to an entry of the list does not change the list), and when it has come to rest
  // and nobody holds it: on a slow machine it stands still within a drag, too.
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isHeld = false, isMoved = false;
  const wait = () => {
    clearTimeout(timer);
    if (isMoved && !isHeld) timer = setTimeout(() => { isMoved = false; void show(map, says); }, SETTLED_MS);
  };
  const hold = (held: boolean) => () => { isHeld = held; wait(); };
  map.on("mousedown", hold(true));
  map.on("touchstart", hold(true));
  map.on("touchend", hold(false));
  map.on("touchcancel", hold(false));
  map.on("movestart", (event) => {
    if ("originalEvent" in event && event.originalEvent) clearTimeout(timer);
  });
  map.on("moveend", (event) => {
    if (!("originalEvent" in event) || !event.originalEvent) return;
    isMoved = true;
    wait();
  });
  const end = new AbortController();
  map.once("remove", () => end.abort());
  // It may be let go beside the map.
  window.addEventListener("mouseup", hold(false), { signal: end.signal });
  const list = find("#daftar");
  list.addEventListener("focusin", (event) => ring(map, event.target as Element), { signal: end.signal });
  list.addEventListener("pointerover", (event) => ring(map, event.target as Element, false), { signal: end.signal });
  map.on("click", (event) => choose(map, place, event));
  for (const layer of ["points", LISTED, "clusters"]) {
    map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
  }
}

async function show(map: MapLibre, says: HTMLElement): Promise<void> {
  const bounds = map.getBounds();
  const box: Box = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  try {
    if (await refresh({ bbox: writeBox(box) })) {
      setData(map, LISTED, entries());
      setData(map, "ringed", []);
      says.textContent = "";
    }
  } catch {
    says.textContent = say("Daftar belum diperbarui: tidak ada jaringan. Geser peta untuk mencoba lagi.", "The list is not yet that of the map: no network. Move the map to try again.");
  }
}

function ring(map: MapLibre, target: Element, turnsToIt = true): void {
  const found = entries().filter((entry) => entry.element.contains(target));
  setData(map, "ringed", found);
  const at = found[0]?.at;
  if (!at || !turnsToIt || map.getBounds().contains(at)) return;
  const isCalm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  map[isCalm ? "jumpTo" : "easeTo"]({ center: at });
}

function choose(map: MapLibre, place: HTMLElement, event: MapMouseEvent): void {
  const layers = ["points", LISTED, "clusters"].filter((layer) => map.getLayer(layer));
  const [feature] = map.queryRenderedFeatures(event.point, { layers });
  if (!feature) return;
  if (feature.layer.id === "clusters") map.easeTo({ center: event.lngLat, zoom: map.getZoom() + 2 }, { originalEvent: event.originalEvent });
  else openPopup(map, place, feature);
}

/** The point, its name as text; the same in the list, where it is there. */
function openPopup(map: MapLibre, place: HTMLElement, { geometry, properties }: MapGeoJSONFeature): void {
  if (geometry.type !== "Point") return;
  const id = String(properties["id"]);
  const listed = entries().filter((entry) => entry.id === id);
  setData(map, "ringed", listed);
  listed[0]?.element.scrollIntoView({ block: "nearest" });
  const link = element("a", { href: `${place.dataset["root"] ?? ""}/p/${encodeURIComponent(id)}` }, String(properties["name"] ?? id));
  const kelurahan = properties["kelurahan_name"] ?? "";
  new Popup({ closeButton: true, maxWidth: "16rem" })
    .setLngLat(geometry.coordinates as [number, number])
    .setDOMContent(element("div", { class: "map-popup" }, link, kelurahan ? element("p", {}, String(kelurahan)) : null))
    .addTo(map);
}

/** A phone may take the memory of a map away. The list goes on, and the map comes back by itself. */
function survive(map: MapLibre, place: HTMLElement, holder: HTMLElement): void {
  const says = find(".map-says", place);
  let timer: ReturnType<typeof setTimeout> | undefined;
  map.on("webglcontextlost", () => {
    says.textContent = say("Peta berhenti sebentar; daftar tetap berjalan.", "The map has stopped for a moment; the list goes on.");
    timer = setTimeout(() => void again(), RECOVERY_MS);
  });
  map.on("webglcontextrestored", () => {
    clearTimeout(timer);
    says.textContent = "";
    addSigns(map, readSigns(place.dataset["signs"]));
  });

  async function again(): Promise<void> {
    const bounds = map.getBounds();
    place.dataset["bounds"] = writeBox([bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()]);
    map.remove();
    holder.remove();
    fill(says);
    says.remove();
    place.querySelector(".streets")?.remove();
    await open(place);
  }
}

function currentBox(): string | undefined {
  return new URLSearchParams(location.search).get("bbox") ?? undefined;
}

function words(): Record<string, string> {
  return {
    "Map.Title": say("Peta. Geser dengan tombol panah, perbesar dengan tambah dan kurang; daftar mengikutinya.", "Map. Move it by the arrow keys, zoom by plus and minus; the list follows."),
    "NavigationControl.ZoomIn": say("Perbesar", "Zoom in"),
    "NavigationControl.ZoomOut": say("Perkecil", "Zoom out"),
    "Popup.Close": say("Tutup", "Close"),
    "AttributionControl.ToggleAttribution": say("Sumber", "Sources"),
  };
}
