/** The service worker of the portal: keeps the entry page so that it starts without a network, says of other pages that they do not, and the key only as long as its account is signed in. */

/// <reference lib="webworker" />
import { claimIdentity, dropIdentity } from "./identity.ts";
import { assetsOf } from "./shell.ts";

declare const self: ServiceWorkerGlobalScope;

const PREFIX = "titik-catat-";
const PATIENCE_MS = 2_500;
const scope = new URL(self.registration.scope);
const base = scope.pathname.replace(/\/portal\/$/, "");
const PAGE = `${base}/portal/catat`;
const WITHOUT_NETWORK = `${base}/portal/tanpa-jaringan`;
let isSigningIn = false;

self.addEventListener("install", (event) => {
  event.waitUntil(fresh().then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== scope.origin) return;
  if (request.method === "GET" && url.pathname === PAGE && request.mode === "navigate") event.respondWith(page());
  else if (request.method === "GET" && url.pathname.startsWith(`${base}/static/`)) event.respondWith(asset(request));
  else if (request.mode === "navigate") passing(event, request, url.pathname.slice(base.length));
});

/** Other pages come from the network or not at all; whose phone it is afterwards is asked with the page that follows. */
function passing(event: FetchEvent, request: Request, path: string): void {
  if (path === "/portal/keluar" && request.method === "POST") event.waitUntil(dropIdentity().then(() => closePages(event.clientId)));
  else if (path.startsWith("/portal/masuk") || path.startsWith("/portal/kode")) isSigningIn = true;
  else if (isSigningIn) {
    isSigningIn = false;
    event.waitUntil(claimIdentity(base));
  }
  if (request.method === "GET") event.respondWith(fetch(request).catch(withoutNetwork));
}

/** No answer of the service: it says so by its status too. */
async function withoutNetwork(): Promise<Response> {
  const found = await keptPage(WITHOUT_NETWORK);
  if (!found) return Response.error();
  const headers = new Headers({ "Cache-Control": "no-store" });
  for (const name of ["Content-Type", "Content-Language", "Content-Security-Policy"]) headers.set(name, found.headers.get(name) ?? "");
  return new Response(found.body, { status: 503, statusText: "Service Unavailable", headers });
}

/** What other tabs still show is gone with its key. */
async function closePages(signingOut: string): Promise<void> {
  for (const client of await self.clients.matchAll({ type: "window" })) {
    if (client.id !== signingOut && new URL(client.url).pathname === PAGE) await client.navigate(client.url).catch(() => null);
  }
}

/** The newest page where the network gives it in time, else the one that is kept: always with all of its own scripts. */
async function page(): Promise<Response> {
  const newest = fresh().catch(() => undefined);
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, PATIENCE_MS));
  return (await Promise.race([newest, late])) ?? (await keptPage()) ?? (await newest) ?? Response.error();
}

async function keptPage(path = PAGE): Promise<Response | undefined> {
  for (const name of (await caches.keys()).filter((one) => one.startsWith(PREFIX)).sort().reverse()) {
    const found = await (await caches.open(name)).match(path);
    if (found) return found;
  }
  return undefined;
}

/** Fetches the page, and whatever it needs that is not kept yet; only a whole set takes the place of the former one. */
async function fresh(): Promise<Response> {
  const answer = await fetched(PAGE);
  const text = await answer.clone().text();
  const before = await keptPage();
  if (before && (await before.text()) === text) return answer;
  const name = `${PREFIX}${Date.now()}`;
  const cache = await caches.open(name);
  const copy = answer.clone();
  try {
    await assetsInto(cache, assetsOf(text, new URL(PAGE, scope).href));
    // It has no files but those of the page.
    await cache.put(WITHOUT_NETWORK, await fetched(WITHOUT_NETWORK));
    // Last, because a set is whole when it has its page.
    await cache.put(PAGE, copy);
  } catch (error) {
    await caches.delete(name);
    throw error;
  }
  const old = (await caches.keys()).filter((one) => one.startsWith(PREFIX) && one !== name);
  // A tab may still run the former scripts: their set goes with the next but one.
  await Promise.all(old.sort().slice(0, -1).map((one) => caches.delete(one)));
  return answer;
}

async function fetched(path: string): Promise<Response> {
  const answer = await fetch(path, { credentials: "same-origin", cache: "no-cache" });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  return answer;
}

async function assetsInto(cache: Cache, addresses: readonly string[], done = new Set<string>()): Promise<void> {
  for (const address of addresses.filter((one) => !done.has(one))) {
    done.add(address);
    const answer = (await caches.match(address)) ?? (await fetch(address, { credentials: "same-origin" }));
    if (!answer.ok) throw new Error(address);
    await cache.put(address, answer.clone());
    const isScript = new URL(address).pathname.endsWith(".js");
    if (isScript) await assetsInto(cache, assetsOf(await answer.text(), address), done);
  }
}

/** Its address names its content: what is kept is right. */
async function asset(request: Request): Promise<Response> {
  return (await caches.match(request.url)) ?? fetch(request);
}
