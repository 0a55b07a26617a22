/** Sends what is on the phone, by itself: data in batches, then contacts, then photos one by one. One that is wrong never stops the others. */

import { isDue } from "../common/looking.ts";
import type { Api, Reply } from "./api.ts";
import { changeOf } from "./content.ts";
import { answered, inBatches, nextStep, postponed, replaced, settled, withPhoto, type Entry, type PhotoMark, type Problem, type Result } from "./outbox.ts";
import type { Store } from "./store.ts";

const BATCH = 50;
const EVERY_MS = 5_000;
// As many as one request may ask for.
const LOOKED_AT_ONCE = 100;

/** Why sending has stopped for now; null: it has not. `other-account`: the session is no longer that of the writer. */
export type Obstacle = "unreachable" | "signed-out" | "busy" | "other-account" | null;

export interface Hooks {
  /** The names of the fields of a category's form. */
  fieldsOf: (category: string) => readonly string[];
  changed: () => void;
  obstacle: (obstacle: Obstacle) => void;
}

export class Sender {
  private readonly api: Api;
  private readonly store: Store;
  private readonly hooks: Hooks;
  private isRunning = false;
  private isWanted = false;
  private notBefore = 0;
  private lookedAt = 0;
  private isBack = false;
  private readonly lookedAtOf = new Map<string, number>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Api, store: Store, hooks: Hooks) {
    this.api = api.of(store.writer);
    this.store = store;
    this.hooks = hooks;
  }

  /** From now on: at once, when the network or the page comes back, and every few seconds (not every browser tells of a network). */
  start(): void {
    const wake = (): void => {
      this.notBefore = 0;
      this.isBack = !document.hidden;
      void this.run();
    };
    addEventListener("online", wake);
    document.addEventListener("visibilitychange", wake);
    this.timer = setInterval(() => void this.run(), EVERY_MS);
    wake();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Only one tab sends at a time; the others leave it to that one. */
  async run(): Promise<void> {
    this.isWanted = true;
    if (this.isRunning || Date.now() < this.notBefore) return;
    this.isRunning = true;
    try {
      await navigator.locks.request(`titik-send-${this.store.writer}`, { ifAvailable: true }, async (lock) => {
        while (lock && this.isWanted) {
          this.isWanted = false;
          await this.round();
        }
      });
    } finally {
      this.isRunning = false;
    }
  }

  private async round(): Promise<void> {
    const now = Date.now();
    const { entries } = await this.store.all();
    const due = entries.filter((entry) => nextStep(entry, now) !== null);
    if (due.length > 0 && !(await this.isOwnSession())) return;
    const waiting = due.filter(({ state }) => state === "waiting").reverse();
    if (!(await this.sendData(waiting))) return;
    const rest = entries.filter(({ state }) => state !== "draft").map(({ id }) => id).reverse();
    for (const id of rest) if (!(await this.sendRest(id))) return;
    await this.lookAgain();
  }

  /** What was recorded by one account is never sent as another, which may have signed in meanwhile. */
  private async isOwnSession(): Promise<boolean> {
    const reply = await this.api.whose();
    if (reply.kind === "ok" && reply.body.writer === this.store.writer) return true;
    if (reply.kind === "ok" || reply.kind === "refused") this.hooks.obstacle("other-account");
    else await this.halted(reply, []);
    return false;
  }

  /** False: there is no sense in going on now. */
  private async sendData(waiting: readonly Entry[]): Promise<boolean> {
    for (const batch of inBatches(waiting, BATCH)) {
      const reply = await this.sendBatch(batch);
      if (reply.kind === "ok") await this.keepResults(batch, reply.body.results);
      else if (reply.kind === "refused" && batch.length > 1) {
        // Something in it makes the whole request unreadable: each alone, so that only that one stays.
        for (const entry of batch) if (!(await this.sendData([entry]))) return false;
      } else if (reply.kind === "refused") await this.keepResults(batch, [refusal(batch[0], reply.problem, reply.status)]);
      else if (reply.kind === "busy" && batch.length > 1 && (batch[0]?.attempts ?? 0) > 1) {
        for (const entry of batch) if (!(await this.sendData([entry]))) return false;
      } else return this.halted(reply, batch);
      this.hooks.obstacle(null);
    }
    return true;
  }

  private async sendBatch(batch: readonly Entry[]): Promise<Reply<{ results: Result[] }>> {
    // Marked before it leaves: from here on it may have arrived. What somebody has opened again meanwhile stays here.
    const leaving: Entry[] = [];
    for (const { id } of batch) {
      const marked = await this.store.update(id, (entry) => (entry.state === "waiting" ? { ...entry, isSent: true } : null));
      if (marked) leaving.push(marked);
    }
    if (leaving.length === 0) return { kind: "ok", body: { results: [] } };
    return this.api.sync(leaving.map((entry) => changeOf(entry, entry.content, this.hooks.fieldsOf(entry.content.category))));
  }

  private async keepResults(batch: readonly Entry[], results: readonly Result[]): Promise<void> {
    const byId = new Map(results.map((result) => [result.client_id, result]));
    for (const { id } of batch) {
      const result = byId.get(id);
      await this.store.update(id, (entry) => {
        if (entry.state !== "waiting") return null;
        return result ? answered(entry, result, Date.now(), Math.random()) : postponed(entry, Date.now(), Math.random());
      });
    }
    if (batch.some(({ base }) => base !== null)) await this.dropReplaced();
    this.hooks.changed();
  }

  /** A point that was corrected stands here once, as the server has it now. */
  private async dropReplaced(): Promise<void> {
    const { entries } = await this.store.all();
    for (const entry of replaced(entries)) await this.store.remove(entry);
  }

  private async sendRest(id: string): Promise<boolean> {
    for (;;) {
      const entry = await this.store.one(id);
      const step = entry && nextStep(entry, Date.now());
      if (!entry || !step || step.kind === "data") return true;
      const goesOn = step.kind === "contact" ? await this.sendContact(entry) : await this.sendPhoto(entry, step.photo);
      this.hooks.changed();
      if (!goesOn) return false;
    }
  }

  /** Once the server has it, it is wiped here. */
  private async sendContact(entry: Entry): Promise<boolean> {
    const contact = entry.content.contacts[0];
    if (!contact) return (await this.store.update(entry.id, (now) => ({ ...now, contacts: 0 }))) !== null;
    const reply = await this.api.contact(entry.point, contact);
    if (reply.kind !== "ok" && reply.kind !== "refused") return this.halted(reply, [entry]);
    const problem = reply.kind === "refused" ? reply.problem : null;
    await this.store.update(entry.id, (now) => {
      if (problem) return { ...now, contacts: 0, content: { ...now.content, contactProblem: problem } };
      const contacts = now.content.contacts.filter(({ id }) => id !== contact.id);
      return { ...now, contacts: contacts.length, content: { ...now.content, contacts, contactProblem: null } };
    });
    return true;
  }

  private async sendPhoto(entry: Entry, mark: PhotoMark): Promise<boolean> {
    const bytes = await this.store.photo(mark.id);
    const reply = bytes && (await this.api.photo(entry.point, mark.id, bytes));
    if (reply === null) await this.store.update(entry.id, (now) => withPhoto(now, mark.id, { state: "refused" }));
    else if (reply.kind === "ok") await this.store.update(entry.id, (now) => withPhoto(now, mark.id, { state: "sent" }), [mark.id]);
    else if (reply.kind === "refused") {
      await this.store.update(entry.id, (now) => withPhoto({ ...now, content: { ...now.content, problem: reply.problem } }, mark.id, { state: "refused" }));
    } else if (reply.kind === "busy") {
      const later = postponed({ ...entry, attempts: mark.attempts }, Date.now(), Math.random());
      await this.store.update(entry.id, (now) => withPhoto(now, mark.id, { attempts: later.attempts, notBefore: later.notBefore }));
    } else return this.halted(reply, []);
    this.hooks.obstacle(null);
    return true;
  }

  private async halted(reply: Reply<unknown>, batch: readonly Entry[]): Promise<false> {
    if (reply.kind === "busy") {
      this.notBefore = Date.now() + reply.afterMs;
      for (const { id } of batch) await this.store.update(id, (entry) => postponed(entry, Date.now(), Math.random()));
    }
    this.hooks.obstacle(reply.kind === "ok" || reply.kind === "refused" ? null : reply.kind);
    return false;
  }

  /** What the walidata has decided meanwhile. */
  private async lookAgain(): Promise<void> {
    const isBack = this.isBack;
    this.isBack = false;
    if (document.hidden || !isDue(Date.now() - this.lookedAt, isBack)) return;
    this.lookedAt = Date.now();
    const { entries } = await this.store.all();
    const open = entries.filter(isOpen);
    const longestAgo = open.sort((a, b) => (this.lookedAtOf.get(a.id) ?? 0) - (this.lookedAtOf.get(b.id) ?? 0));
    const asked = longestAgo.slice(0, LOOKED_AT_ONCE);
    if (asked.length === 0) return this.hooks.obstacle(null);
    for (const { id } of asked) this.lookedAtOf.set(id, Date.now());
    const reply = await this.api.states([...new Set(asked.map(({ point }) => point))].sort());
    if (reply.kind !== "ok") return void (await this.halted(reply, []));
    this.hooks.obstacle(null);
    if (!reply.body) return;
    const now = new Map(reply.body.states.map((one) => [one.point, one]));
    for (const { id, point } of asked) {
      const { state, reason } = now.get(point) ?? {};
      await this.store.update(id, (entry) => (isOpen(entry) ? settled(entry, state, reason) : null));
    }
    this.hooks.changed();
  }
}

/** The server has it, and it may stand otherwise there by now: decided on, or corrected elsewhere. */
function isOpen({ state }: Entry): boolean {
  return state === "received" || state === "in-review" || state === "returned";
}

function refusal(entry: Entry | undefined, problem: Problem, code: number): Result {
  return { client_id: entry?.id ?? null, status: "refused", code, problem };
}
