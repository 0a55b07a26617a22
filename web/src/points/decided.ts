// What has become of the points of a page since it was made. Pure.

import type { PointState } from "../common/looking.ts";

export interface ShownPoint {
  point: string;
  name: string;
  state: string;
  version: number;
}

/** Those that stand differently now, or are gone. */
export function decided(shown: readonly ShownPoint[], states: readonly PointState[]): ShownPoint[] {
  const now = new Map(states.map((one) => [one.point, one]));
  return shown.filter(({ point, state, version }) => now.get(point)?.state !== state || now.get(point)?.version !== version);
}
