// The view of the map in an address, and what its list says of places. Pure.

export type Box = [west: number, south: number, east: number, north: number];
export type Place = [lon: number, lat: number];

/** `west,south,east,north` in degrees; null where it is none. */
export function readBox(text: string | undefined): Box | null {
  const numbers = (text ?? "").split(",").map(Number);
  if ((text ?? "").trim() === "" || numbers.length !== 4 || !numbers.every(Number.isFinite)) return null;
  return numbers as Box;
}

/** Rounded outwards to a metre, so that what stands on the edge of the map stays within. */
export function writeBox([west, south, east, north]: Box): string {
  const sides = [Math.floor(west * 1e5), Math.floor(south * 1e5), Math.ceil(east * 1e5), Math.ceil(north * 1e5)];
  return sides.map((side) => String(side / 1e5)).join(",");
}

/** `lon,lat` of an entry; null where it is none. */
export function readPlace(text: string | undefined): Place | null {
  const numbers = (text ?? "").split(",").map(Number);
  return numbers.length === 2 && numbers.every(Number.isFinite) ? (numbers as Place) : null;
}

/** The same address with other parameters; null takes one out. Another view begins with the first page of its list. */
export function withParameters(address: string, changes: Record<string, string | null>): string {
  const changed = new URL(address);
  for (const [name, value] of Object.entries({ cursor: null, ...changes })) {
    if (value === null || value === "") changed.searchParams.delete(name);
    else changed.searchParams.set(name, value);
  }
  changed.hash = "";
  return changed.href;
}

/** An address of the service by the name under which the page was opened, which need not be its public one; null for those of others. */
export function ownAddress(address: string, publicHere: string, here: string): string | null {
  const root = here.replace(/\/$/, "");
  if (publicHere && address.startsWith(`${publicHere}/`)) return root + address.slice(publicHere.length);
  return address.startsWith(`${new URL(here).origin}/`) ? address : null;
}

/** Whether a map is to be loaded without being asked for: there is room beside the list, and nobody saves data. */
export function isWanted(width: number, savesData: boolean): boolean {
  return width >= 1024 && !savesData;
}
