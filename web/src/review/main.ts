// The reviewer's pages by keyboard: commands, the next entry fetched ahead, and decisions without a load of the page between them.
// Whatever the API refuses is sent once more as the plain form, so that the server shows why, and nothing that was typed is lost.

import { find, findAll } from "../common/dom.ts";
import { say } from "../common/language.ts";
import { decisionOf } from "./decision.ts";
import { commandOf, takesLetters, type Command } from "./keys.ts";
import { areOn, showSwitch } from "./shortcuts.ts";

const fetchedAhead = new Map<string, Promise<string | null>>();
let isDeciding = false;

function page(): HTMLElement {
  return find("[data-review]");
}

function tell(text: string): void {
  const news = document.getElementById("kabar");
  if (news) news.textContent = text;
}

/** A page of our own, or null where it could not be had: then the browser goes there itself. */
async function fetchPage(address: string): Promise<string | null> {
  try {
    const answer = await fetch(address, { credentials: "same-origin", headers: { Accept: "text/html" } });
    return answer.ok && !answer.redirected ? await answer.text() : null;
  } catch {
    return null;
  }
}

function fetchAhead(address: string | undefined): void {
  if (address && !fetchedAhead.has(address)) fetchedAhead.set(address, fetchPage(address));
}

/** Shows another entry in place of this one; what was fetched ahead is shown at once. */
async function go(address: string, news = "", isBack = false): Promise<void> {
  const html = await (fetchedAhead.get(address) ?? fetchPage(address));
  fetchedAhead.clear();
  const parsed = html === null ? null : new DOMParser().parseFromString(html, "text/html");
  const main = parsed?.querySelector("main");
  if (!parsed || !main?.querySelector('[data-review="entry"]')) {
    location.assign(address);
    return;
  }
  find("main").replaceWith(document.adoptNode(main));
  document.title = parsed.title;
  if (!isBack) history.pushState(null, "", address);
  scrollTo(0, 0);
  begin();
  tell(news);
  find("h1").focus({ preventScroll: true });
}

async function decide(form: HTMLFormElement, move: string): Promise<void> {
  const here = page().dataset;
  const decision = decisionOf(new FormData(form), move, here["kind"] ?? "");
  if (!decision) return submitPlainly(form);
  if (isDeciding) return;
  isDeciding = true;
  tell(say("Menyimpan keputusan …", "Storing the decision …"));
  try {
    const answer = await fetch(here["api"] ?? "", {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(decision),
    });
    if (answer.status === 401) return tell(say("Sesi Anda berakhir. Masuk di tab lain, lalu ulangi; isian ini tetap di sini.", "Your session has ended. Sign in in another tab, then try again; what you wrote stays here."));
    if (!answer.ok) return submitPlainly(form);
    const name = find("h1").textContent ?? "";
    const news = move === "publish" ? say(`Terbit: ${name}`, `Published: ${name}`) : say(`Dikembalikan: ${name}`, `Returned: ${name}`);
    if (here["next"]) await go(here["next"], news).then(countDecided);
    else location.assign(withDecided(here["queue"] ?? "", here["revision"] ?? ""));
  } catch {
    tell(say("Tidak ada jaringan. Keputusan belum tersimpan; coba lagi.", "No network. The decision is not stored yet; try again."));
  } finally {
    isDeciding = false;
  }
}

/** What was fetched ahead still counts the entry that has been decided on since. */
function countDecided(): void {
  const { ahead, matched } = page().dataset;
  const place = document.querySelector(".review-steps span");
  if (place && ahead && matched && Number(ahead) > 0) place.textContent = `${ahead} ${say("dari", "of")} ${Number(matched) - 1}`;
}

/** The queue says what was decided last. */
function withDecided(queue: string, revision: string): string {
  return `${queue}${queue.includes("?") ? "&" : "?"}sudah=${revision}`;
}

function submitPlainly(form: HTMLFormElement): void {
  const closing = form.querySelector<HTMLInputElement>("#tutup");
  if (closing && !closing.checked) {
    find("#salah-tutup", form).hidden = false;
    closing.setAttribute("aria-describedby", "salah-tutup");
    closing.setAttribute("aria-invalid", "true");
    closing.focus();
    tell(say("Penutupan: centang dulu kotaknya (spasi), lalu tekan t lagi.", "A closing: tick the box first (space), then press t again."));
    return;
  }
  form.submit();
}

function run(command: Command): boolean {
  const here = page().dataset;
  if (command === "help") return help();
  if (here["review"] === "queue") return typeof command === "string" && (command === "next" || command === "previous") && step(command);
  if (here["review"] !== "entry") return false;
  if (command === "next" || command === "previous") {
    const address = here[command];
    if (address) void go(address);
    else tell(command === "next" ? say("Ini isian terakhir.", "This is the last entry.") : say("Ini isian pertama.", "This is the first entry."));
    return true;
  }
  if (command === "queue") {
    location.assign(here["queue"] ?? "");
    return true;
  }
  if (command === "seen") return see();
  const [publishing, returning] = ["#menerbitkan", "#mengembalikan"].map((id) => document.querySelector<HTMLFormElement>(id));
  if (!publishing || !returning) return false;
  if (command === "publish") void decide(publishing, "publish");
  else if (command === "return") askForReason(returning);
  else if (typeof command === "object") return choose(returning, command.reason);
  return true;
}

/** Ticks off a verdict that boundaries have turned; by the plain form, whose answer is the next entry. */
function see(): boolean {
  const form = document.querySelector<HTMLFormElement>("#melihat");
  form?.requestSubmit();
  return form !== null;
}

/** The first press leads to the reasons; once there is one, the next returns the entry. */
function askForReason(form: HTMLFormElement): void {
  const radios = findAll<HTMLInputElement>('input[name="reason"]', form);
  if (form.contains(document.activeElement) && decisionOf(new FormData(form), "return", "")) return void decide(form, "return");
  const chosen = radios.find((radio) => radio.checked) ?? radios[0];
  chosen?.focus();
  tell(say("Pilih alasan: panah atau angka. Enter mengembalikan.", "Choose a reason: arrows or a number. Enter returns the entry."));
}

/** A number counts only where the reasons have the focus: elsewhere it is pressed by accident. */
function choose(form: HTMLFormElement, number: number): boolean {
  const radios = findAll<HTMLInputElement>('input[name="reason"]', form);
  const radio = radios[number - 1];
  if (!radio || !radios.some((one) => one === document.activeElement)) return false;
  radio.checked = true;
  radio.focus();
  return true;
}

function help(): boolean {
  const panel = find<HTMLDetailsElement>("#pintasan");
  panel.open = !panel.open;
  if (panel.open) panel.querySelector("summary")?.focus();
  return true;
}

/** From one line of the list to another. */
function step(command: "next" | "previous"): boolean {
  const links = findAll<HTMLAnchorElement>(".review-name");
  const at = links.findIndex((link) => link === document.activeElement);
  const link = links[command === "next" ? at + 1 : Math.max(at - 1, 0)];
  link?.focus();
  return true;
}

/** How many are ticked stands on the button. */
function count(): void {
  const button = document.querySelector<HTMLButtonElement>("#bersama button");
  if (!button) return;
  const ticked = findAll<HTMLInputElement>('input[name="revision"]').filter((box) => box.checked).length;
  button.disabled = ticked === 0;
  button.textContent = (button.dataset["count"] ?? "").replace("{n}", String(ticked));
}

function begin(): void {
  showSwitch();
  fetchAhead(page().dataset["next"]);
  for (const [id, move] of [["#menerbitkan", "publish"], ["#mengembalikan", "return"]] as const) {
    const form = document.querySelector<HTMLFormElement>(id);
    form?.addEventListener("submit", (event) => {
      event.preventDefault();
      void decide(form, move);
    });
  }
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.repeat || !areOn()) return;
  const target = document.activeElement as HTMLElement | null;
  const command = commandOf(event, takesLetters(target as HTMLInputElement | null));
  if (command && run(command)) event.preventDefault();
});
document.addEventListener("change", count);
addEventListener("popstate", () => {
  if (page().dataset["review"] === "entry") void go(location.href, "", true);
});
begin();
