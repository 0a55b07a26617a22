/** What is asked of the server, by the session of the page. */

import { type PointState, statesPath } from "../common/looking.ts";
import type { Change, Contact, ServerFeature } from "./content.ts";
import type { OfflineBoundaries } from "./coverage.ts";
import type { Category } from "./form.ts";
import type { Problem, Result } from "./outbox.ts";

export type Reply<Body> =
  | { kind: "ok"; body: Body }
  /** No network, or an answer that is not the service's own. */
  | { kind: "unreachable" }
  | { kind: "signed-out" }
  /** Another account has signed in meanwhile. */
  | { kind: "other-account" }
  /** The server cannot just now. */
  | { kind: "busy"; afterMs: number }
  | { kind: "refused"; status: number; problem: Problem };

export interface Me {
  account: string;
  role: string;
  kelurahan: { code: string; name: string }[];
}

export interface TextReading {
  decision: "as-is" | "one-repair" | "ambiguous" | "none";
  detail?: string;
  lon?: number;
  lat?: number;
  coarse?: boolean;
  repairs?: { code: string; detail: string }[];
  readings: { lon: number; lat: number; repairs: string[]; kelurahan: { name: string } }[];
}

export interface PointFeature {
  id: string;
  geometry: { coordinates: [number, number] } | null;
  properties: { name: string | null; category: string; kelurahan_name: string };
}

export interface PointNow {
  feature: ServerFeature & { properties: { state?: string } };
  status: string;
  open: { version: number; state: string } | null;
}

const TIMEOUT_MS = 60_000;

export class Api {
  readonly base: string;
  private readonly language: string;
  private readonly writer: string | null;
  private told: { path: string; tag: string } | null = null;

  constructor(base: string, language: string, writer: string | null = null) {
    this.base = base;
    this.language = language;
    this.writer = writer;
  }

  /** The same, but what it sends counts for this writer alone: the server refuses it by the session of another. */
  of(writer: string): Api {
    return new Api(this.base, this.language, writer);
  }

  whose = (): Promise<Reply<{ writer: string }>> => this.get("/me/entry-key");
  me = (): Promise<Reply<Me>> => this.get("/me");
  categories = (): Promise<Reply<{ categories: { id: string }[] }>> => this.get("/categories");
  category = (id: string): Promise<Reply<Category>> => this.get(`/categories/${encodeURIComponent(id)}`);
  boundaries = (codes: readonly string[]): Promise<Reply<OfflineBoundaries>> => this.get(`/boundaries/offline?kelurahan=${codes.map(encodeURIComponent).join(",")}`);
  read = (text: string): Promise<Reply<TextReading>> => this.get(`/locate?text=${encodeURIComponent(text)}`);
  pointsOf = (code: string): Promise<Reply<{ features: PointFeature[] }>> => this.get(`/collections/points/items?kelurahan=${encodeURIComponent(code)}&limit=2000&f=geojson`);
  pointsIn = (box: readonly number[]): Promise<Reply<{ features: PointFeature[] }>> => this.get(`/collections/points/items?bbox=${box.join(",")}&limit=50&f=geojson`);
  point = (id: string): Promise<Reply<PointNow>> => this.get(`/points/${id}`);
  /** How points stand now; undefined: as they were told the last time. */
  states = (points: readonly string[]): Promise<Reply<{ states: PointState[] } | undefined>> => this.getIfChanged(statesPath(points));
  history = (id: string): Promise<Reply<{ revisions: { state: string; decision_reason?: string }[] }>> => this.get(`/points/${id}/revisions?limit=1`);

  sync = (changes: readonly Change[]): Promise<Reply<{ results: Result[] }>> => this.send("POST", "/sync", JSON.stringify({ changes }), "application/json");
  contact = (point: string, contact: Contact): Promise<Reply<unknown>> => this.send("POST", `/points/${point}/contacts`, JSON.stringify({ ...contact, phone: contact.phone || null }), "application/json");
  photo = (point: string, id: string, bytes: ArrayBuffer): Promise<Reply<unknown>> => this.send("PUT", `/points/${point}/photos/${id}`, bytes, "image/jpeg");

  private async getIfChanged<Body>(path: string): Promise<Reply<Body | undefined>> {
    const headers: Record<string, string> = this.told?.path === path ? { "If-None-Match": this.told.tag } : {};
    return this.fetched<Body>(path, { headers }, ({ status, headers: answered }) => {
      const tag = answered.get("etag");
      if (status === 200) this.told = tag ? { path, tag } : null;
    });
  }

  private get<Body>(path: string): Promise<Reply<Body>> {
    return this.fetched(path, {});
  }

  private send<Body>(method: string, path: string, body: BodyInit, type: string): Promise<Reply<Body>> {
    return this.fetched(path, { method, body, headers: { "Content-Type": type, ...(this.writer === null ? {} : { "Titik-Writer": this.writer }) } });
  }

  private async fetched<Body>(path: string, init: RequestInit, look?: (answer: Response) => void): Promise<Reply<Body>> {
    try {
      const headers = { Accept: "application/json", "Accept-Language": this.language, ...init.headers };
      const answer = await fetch(this.base + path, { ...init, headers, credentials: "same-origin", redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
      look?.(answer);
      return await replied<Body>(answer);
    } catch {
      return { kind: "unreachable" };
    }
  }
}

/** A login page of a hotel's network is no answer: only JSON is. */
async function replied<Body>(answer: Response): Promise<Reply<Body>> {
  const isJson = /\bjson\b/.test(answer.headers.get("content-type") ?? "");
  if (answer.status === 401) return { kind: "signed-out" };
  if (answer.status === 429 || answer.status === 503) return { kind: "busy", afterMs: 1000 * (Number(answer.headers.get("retry-after")) || 2) };
  if (answer.status >= 500) return { kind: "busy", afterMs: 10_000 };
  if (answer.status === 204 || answer.status === 304) return { kind: "ok", body: undefined as Body };
  if (!isJson) return { kind: "unreachable" };
  const body: unknown = await answer.json();
  if (answer.status === 403 && (body as Problem).type.endsWith(":other-writer")) return { kind: "other-account" };
  return answer.ok ? { kind: "ok", body: body as Body } : { kind: "refused", status: answer.status, problem: body as Problem };
}
