/** Which colour is what on the map of the atlas. Pure. */

import type { Paints } from "../common/colours.ts";

export const PAINTS: Paints = (colour) => {
  const text = { "text-color": colour("ink"), "text-halo-color": colour("paper") };
  return {
    background: { "background-color": colour("water") },
    "kecamatan-fill": { "fill-color": colour("land") },
    "kelurahan-line": { "line-color": colour("boundary") },
    "kecamatan-line": { "line-color": colour("place") },
    clusters: { "circle-color": colour("primary"), "circle-opacity": 1, "circle-stroke-color": colour("paper") },
    "cluster-numbers": { "text-color": colour("on-primary") },
    "point-names": text,
    "kelurahan-names": text,
    "kecamatan-names": text,
    ringed: { "circle-stroke-color": colour("ink") },
  };
};
