/** A small map of the polygons on this phone, drawn as SVG when somebody asks for it: no tiles, no network, no WebGL. */

import { element, svg } from "../common/dom.ts";
import { say } from "../common/language.ts";
import type { Area, Coverage } from "./coverage.ts";
import type { LonLat } from "./geodesy.ts";

const METRES_PER_DEGREE = 111_000;
const CLOSEST_M = 60;
const STEP = 0.25;

export interface Mark {
  lon: number;
  lat: number;
  name: string;
}

export interface MapView {
  root: HTMLElement;
  /** Draws the place that is chosen now, with its accuracy. */
  show: (place: LonLat | null, accuracyM: number | null) => void;
}

/** Metres east and south of the middle, as SVG counts. */
class Plane {
  private readonly middle: LonLat;
  private readonly across: number;

  constructor(middle: LonLat) {
    this.middle = middle;
    this.across = METRES_PER_DEGREE * Math.cos((middle[1] * Math.PI) / 180);
  }

  xy([lon, lat]: LonLat): [x: number, y: number] {
    return [(lon - this.middle[0]) * this.across, (this.middle[1] - lat) * METRES_PER_DEGREE];
  }

  lonLat(x: number, y: number): LonLat {
    const rounded = (degrees: number): number => Math.round(degrees * 1e7) / 1e7;
    return [rounded(this.middle[0] + x / this.across), rounded(this.middle[1] - y / METRES_PER_DEGREE)];
  }
}

export function drawMap(coverage: Coverage, own: readonly string[], start: LonLat | null, marks: readonly Mark[], chosen: (place: LonLat) => void): MapView {
  const first = coverage.areas.find(({ code }) => own.includes(code)) ?? coverage.areas[0];
  const middle: LonLat = start ?? (first ? [(first.box[0] + first.box[2]) / 2, (first.box[1] + first.box[3]) / 2] : [0, 0]);
  const plane = new Plane(middle);
  const view = { x: 0, y: 0, width: start ? 1_200 : widthOf(first) };
  const areas = coverage.areas.map((area) => svg("path", { class: own.includes(area.code) ? "area own" : "area", d: outline(area, plane), "fill-rule": "evenodd" }));
  const names = coverage.areas.map((area) => label(area, plane));
  const dots = marks.map((mark) => dot(mark, plane));
  const circle = svg("circle", { class: "accuracy", r: 0 });
  const pin = svg("circle", { class: "pin", r: 0 });
  const cross = svg("path", { class: "cross", d: "" });
  const drawing = svg("svg", { class: "entry-map", tabindex: 0, role: "img", "aria-label": say("Peta batas kelurahan. Tanda panah menggeser peta, plus dan minus memperbesar dan memperkecil, Enter memilih titik di tengah.", "Map of kelurahan boundaries. Arrow keys move it, plus and minus zoom, Enter chooses the place in the middle.") }, ...areas, ...names, ...dots, circle, pin, cross);

  function draw(): void {
    drawing.setAttribute("viewBox", `${view.x - view.width / 2} ${view.y - view.width / 2} ${view.width} ${view.width}`);
    const unit = view.width / 100;
    cross.setAttribute("d", `M${view.x - 4 * unit} ${view.y}H${view.x + 4 * unit}M${view.x} ${view.y - 4 * unit}V${view.y + 4 * unit}`);
    pin.setAttribute("r", String(pin.dataset["set"] ? 2 * unit : 0));
    for (const one of dots) one.setAttribute("r", String(1.4 * unit));
    for (const one of names) one.setAttribute("font-size", String(4 * unit));
  }
  function zoom(factor: number): void {
    view.width = Math.min(Math.max(view.width * factor, CLOSEST_M), 60_000);
    draw();
  }
  function move(x: number, y: number): void {
    view.x += x * view.width;
    view.y += y * view.width;
    draw();
  }
  const chooseMiddle = (): void => chosen(plane.lonLat(view.x, view.y));

  const keys: Record<string, () => void> = {
    ArrowLeft: () => move(-STEP / 2, 0), ArrowRight: () => move(STEP / 2, 0), ArrowUp: () => move(0, -STEP / 2), ArrowDown: () => move(0, STEP / 2),
    "+": () => zoom(1 / 1.5), "=": () => zoom(1 / 1.5), "-": () => zoom(1.5), Enter: chooseMiddle,
  };
  drawing.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  dragged(drawing, (dx, dy) => move(-dx, -dy), (x, y) => chosen(plane.lonLat(view.x + (x - 0.5) * view.width, view.y + (y - 0.5) * view.width)));

  const button = (text: string, name: string, act: () => void): HTMLButtonElement => {
    const made = element("button", { type: "button", class: "second", "aria-label": name }, text);
    made.addEventListener("click", act);
    return made;
  };
  const tools = element("div", { class: "entry-row" },
    button("+", say("Perbesar", "Zoom in"), () => zoom(1 / 1.5)),
    button("−", say("Perkecil", "Zoom out"), () => zoom(1.5)),
    button(say("Pakai titik di tengah", "Use the place in the middle"), say("Pakai titik di tengah peta", "Use the place in the middle of the map"), chooseMiddle),
  );
  const hint = element("p", { class: "soft" }, say("Ketuk tempatnya. Geser dengan jari. Titik kecil adalah titik yang sudah terbit.", "Tap the place. Drag to move. Small dots are points that are published."));
  draw();
  return {
    root: element("div", { class: "entry-map-box" }, hint, drawing, tools),
    show(place, accuracyM) {
      const [x, y] = place ? plane.xy(place) : [0, 0];
      for (const one of [circle, pin]) {
        one.setAttribute("cx", String(x));
        one.setAttribute("cy", String(y));
      }
      circle.setAttribute("r", String(place ? (accuracyM ?? 0) : 0));
      if (place) pin.dataset["set"] = "yes";
      draw();
    },
  };
}

function widthOf(area: Area | undefined): number {
  if (!area) return 2_000;
  return Math.max(area.box[2] - area.box[0], area.box[3] - area.box[1]) * METRES_PER_DEGREE * 1.15;
}

function outline({ polygons }: Area, plane: Plane): string {
  const parts: string[] = [];
  for (const ring of polygons.flat()) {
    for (let at = 0; at < ring.length - 2; at += 2) {
      const [x, y] = plane.xy([ring[at] ?? 0, ring[at + 1] ?? 0]);
      parts.push(`${at === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`);
    }
    parts.push("Z");
  }
  return parts.join("");
}

function label({ name, box }: Area, plane: Plane): SVGTextElement {
  const [x, y] = plane.xy([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]);
  return svg("text", { x, y, "text-anchor": "middle" }, name);
}

function dot({ lon, lat, name }: Mark, plane: Plane): SVGCircleElement {
  const [cx, cy] = plane.xy([lon, lat]);
  return svg("circle", { class: "dot", cx, cy, r: 0 }, svg("title", {}, name));
}

/** A finger or mouse: moved by parts of the drawing's width, or tapped at parts of it (0 to 1). */
function dragged(drawing: SVGSVGElement, moved: (dx: number, dy: number) => void, tapped: (x: number, y: number) => void): void {
  let from: { x: number; y: number } | null = null;
  let isDrag = false;
  drawing.addEventListener("pointerdown", (event) => {
    from = { x: event.clientX, y: event.clientY };
    isDrag = false;
    drawing.setPointerCapture(event.pointerId);
  });
  drawing.addEventListener("pointermove", (event) => {
    if (!from) return;
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
    if (!isDrag && Math.hypot(dx, dy) < 8) return;
    isDrag = true;
    const { width } = drawing.getBoundingClientRect();
    moved(dx / width, dy / width);
    from = { x: event.clientX, y: event.clientY };
  });
  drawing.addEventListener("pointercancel", () => (from = null));
  drawing.addEventListener("pointerup", (event) => {
    const was = from;
    from = null;
    if (!was || isDrag) return;
    const box = drawing.getBoundingClientRect();
    tapped((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  });
}
