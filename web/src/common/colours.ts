/** The colours of maps that can be moved: from the tokens of the style sheet, so that a map is dark where its page is, also when that changes. */

import type { LayerSpecification, Map as MapLibre } from "maplibre-gl";

/** The names of custom properties in `tokens.css`, without their dashes. */
export type Token = "water" | "land" | "boundary" | "place" | "ink" | "paper" | "primary" | "on-primary" | "sign-edge" | "good" | "warn" | "bad";
/** What is painted, by layer and property; `colour` gives that of a token. */
export type Paints = (colour: (token: Token) => string) => Record<string, Record<string, unknown>>;

export function colourOf(token: Token): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${token}`).trim();
}

/** The layers with these colours in place of their own. */
export function painted<Layer extends LayerSpecification>(layers: readonly Layer[], paints: Paints, colour: (token: Token) => string = colourOf): Layer[] {
  const wanted = paints(colour);
  return layers.map((layer) => (wanted[layer.id] ? ({ ...layer, paint: { ...("paint" in layer ? layer.paint : {}), ...wanted[layer.id] } } as Layer) : layer));
}

/** As long as the map is there, each change of the page's colours is followed; `also`: what else is to be drawn anew. */
export function followColours(map: MapLibre, paints: Paints, also: () => void = () => undefined): void {
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const repaint = (): void => {
    for (const [layer, values] of Object.entries(paints(colourOf))) {
      if (!map.getLayer(layer)) continue;
      for (const [property, value] of Object.entries(values)) map.setPaintProperty(layer, property as Parameters<MapLibre["setPaintProperty"]>[1], value as never);
    }
    also();
  };
  scheme.addEventListener("change", repaint);
  map.once("remove", () => scheme.removeEventListener("change", repaint));
}
