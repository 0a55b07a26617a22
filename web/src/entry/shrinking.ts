/** How small a photo is made before it is stored and sent: at most 300 kB, so that forty of them are a morning's data and not a month's. */

export const MOST_BYTES = 300_000;
const LONGEST_SIDE = 1_600;
const QUALITIES = [0.8, 0.65, 0.5] as const;
const SHORTER = 0.7;
const SHORTEST_SIDE = 320;

export interface Size {
  width: number;
  height: number;
}

export interface Attempt extends Size {
  quality: number;
}

/** Within a square of `longest`, never larger than it is. */
export function fitted({ width, height }: Size, longest: number): Size {
  const scale = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** Sizes and qualities to try in turn, until one is small enough. */
export function* attempts(size: Size): Generator<Attempt> {
  for (let longest = LONGEST_SIDE; longest >= SHORTEST_SIDE; longest = Math.round(longest * SHORTER)) {
    for (const quality of QUALITIES) yield { ...fitted(size, longest), quality };
  }
}
