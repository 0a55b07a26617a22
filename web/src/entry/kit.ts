/** What the page needs without a network: who writes, for which kelurahan, the forms, the polygons, and what is there already. */

import type { Api, Me, PointFeature } from "./api.ts";
import { Coverage, type OfflineBoundaries } from "./coverage.ts";
import { keep, kept } from "./database.ts";
import { fieldsOf, type Category } from "./form.ts";
import { metresBetween, type LonLat } from "./geodesy.ts";
import type { Entry } from "./outbox.ts";

export interface Kit {
  me: Me;
  categories: Category[];
  at: number;
}

export interface Known {
  /** Of a point that the server has; null: only this phone has it. */
  id: string | null;
  lon: number;
  lat: number;
  name: string;
  category: string;
}

/** `own`: of which kelurahan. */
interface Around {
  points: Known[];
  own: string;
  at: number;
}

// A kelurahan of 2,000 points is a megabyte; where there is a network, what is near is asked for anyhow.
const AROUND_KEPT_MS = 12 * 3_600_000;

interface Taken {
  boundaries: OfflineBoundaries;
  at: number;
  bytes: number;
}

export class Supplies {
  kit: Kit | null = null;
  coverage: Coverage | null = null;
  taken: { at: number; bytes: number } | null = null;
  around: Known[] = [];

  async load(): Promise<void> {
    this.kit = (await kept<Kit>("kit")) ?? null;
    const taken = await kept<Taken>("boundaries");
    if (taken) this.hold(taken);
    this.around = (await kept<Around>("around"))?.points ?? [];
  }

  get own(): string[] {
    return this.kit?.me.kelurahan.map(({ code }) => code) ?? [];
  }

  category(id: string): Category | undefined {
    return this.kit?.categories.find((category) => category.id === id);
  }

  fieldNames(category: string): string[] {
    const known = this.category(category);
    return known ? fieldsOf(known).map(({ name }) => name) : [];
  }

  /** False: there was no network, or it broke off; what was there before stays. */
  async refresh(api: Api): Promise<boolean> {
    const [me, listed] = await Promise.all([api.me(), api.categories()]);
    if (me.kind !== "ok" || listed.kind !== "ok") return false;
    const found = await Promise.all(listed.body.categories.map(({ id }) => api.category(id)));
    const categories = found.flatMap((reply) => (reply.kind === "ok" ? [reply.body] : []));
    if (categories.length < found.length) return false;
    this.kit = { me: me.body, categories, at: Date.now() };
    await keep("kit", this.kit);
    await this.refreshBoundaries(api);
    await this.refreshAround(api);
    return true;
  }

  /** What is within about a hundred metres by the server; without a network, what was taken along. */
  async knownAround(api: Api, [lon, lat]: LonLat): Promise<Known[]> {
    const reply = await api.pointsIn([lon - 1e-3, lat - 1e-3, lon + 1e-3, lat + 1e-3]);
    return reply.kind === "ok" ? reply.body.features.flatMap(knownOf) : this.around;
  }

  private async refreshBoundaries(api: Api): Promise<void> {
    if (this.own.length === 0) return;
    const reply = await api.boundaries(this.own.slice(0, 50));
    if (reply.kind !== "ok") return;
    const taken: Taken = { boundaries: reply.body, at: Date.now(), bytes: JSON.stringify(reply.body).length };
    await keep("boundaries", taken);
    this.hold(taken);
  }

  private async refreshAround(api: Api): Promise<void> {
    const own = this.own.slice(0, 10);
    const before = await kept<Around>("around");
    if (before?.own === own.join() && Date.now() - before.at < AROUND_KEPT_MS) return;
    const replies = await Promise.all(own.map((code) => api.pointsOf(code)));
    if (replies.some(({ kind }) => kind !== "ok")) return;
    this.around = replies.flatMap((reply) => (reply.kind === "ok" ? reply.body.features.flatMap(knownOf) : []));
    await keep("around", { points: this.around, own: own.join(), at: Date.now() } satisfies Around);
  }

  private hold({ boundaries, at, bytes }: Taken): void {
    this.coverage = new Coverage(boundaries);
    this.taken = { at, bytes };
  }
}

export function knownOf({ id, geometry, properties }: PointFeature): Known[] {
  if (!geometry) return [];
  const [lon, lat] = geometry.coordinates;
  return [{ id, lon, lat, name: properties.name ?? "", category: properties.category }];
}

/** What may be the point of this draft already: of its category and near, each point once, and never the point itself. */
export function alike({ point, content: { category } }: Entry, entries: readonly Entry[], known: readonly Known[], place: LonLat, withinM: number): (Known & { metres: number })[] {
  const own = entries.flatMap((entry): [string, Known][] => {
    const { place: there, values } = entry.content;
    return there && entry.state !== "published" ? [[entry.point, { id: null, lon: there.lon, lat: there.lat, name: String(values["name"] ?? ""), category: entry.content.category }]] : [];
  });
  // The newest record counts, and the server before the phone.
  const points = new Map([...own.reverse(), ...known.map((one): [string, Known] => [one.id ?? "", one])]);
  points.delete(point);
  return nearest([...points.values()], place, withinM).filter((one) => one.category === category);
}

export function nearest<Point extends { lon: number; lat: number }>(points: readonly Point[], place: LonLat, withinM: number): (Point & { metres: number })[] {
  return points
    .filter(({ lon, lat }) => Math.abs(lat - place[1]) < 0.02 && Math.abs(lon - place[0]) < 0.02)
    .map((point) => ({ ...point, metres: metresBetween(place, [point.lon, point.lat]) }))
    .filter(({ metres }) => metres <= withinM)
    .sort((a, b) => a.metres - b.metres);
}
