/** The rows of a report by the keyboard, and answers without losing one's place. */

import { element, findAll } from "../common/dom.ts";
import { say } from "../common/language.ts";
import { replace } from "./following.ts";
import { stepped } from "./sizes.ts";

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
const ANSWERS: Readonly<Record<string, string>> = { t: "ya", y: "ya", j: "tidak", n: "tidak" };

export function listenToRows(): void {
  prepare();
  document.addEventListener("replaced", prepare);
  document.addEventListener("keydown", (event) => {
    const row = event.target;
    if (!(row instanceof HTMLTableRowElement) || row.dataset["row"] === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    if (step !== undefined) {
      event.preventDefault();
      move(row, step);
    }
    const answer = ANSWERS[event.key.toLowerCase()];
    const button = answer === undefined ? null : row.querySelector<HTMLButtonElement>(`button[name="jawaban"][value="${answer}"]`);
    button?.form?.requestSubmit(button);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset["answer"] === undefined) return;
    event.preventDefault();
    void answerRow(form, event.submitter);
  });
}

/** One row at a time takes part in the order of the tab key; the arrows lead to the others. */
function prepare(): void {
  const rows = findAll<HTMLTableRowElement>("[data-rows] tbody tr");
  rows.forEach((row, at) => (row.tabIndex = at === 0 ? 0 : -1));
  for (const hint of findAll("[data-keys]")) hint.hidden = rows.length === 0;
}

function move(row: HTMLTableRowElement, step: number): void {
  const rows = findAll<HTMLTableRowElement>("[data-rows] tbody tr");
  const next = rows[stepped(rows.indexOf(row), step, rows.length)];
  if (next) focusOn(next);
}

function focusOn(row: HTMLTableRowElement): void {
  for (const other of findAll<HTMLTableRowElement>("[data-rows] tbody tr")) other.tabIndex = -1;
  row.tabIndex = 0;
  row.focus();
}

/** The same form as without a script; the page that comes back takes the place of this one, and the focus stays at the row. */
async function answerRow(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
  const row = form.closest("tr");
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form, submitter)) body.append(name, String(value));
  try {
    const response = await fetch(form.action, { method: "POST", body, credentials: "same-origin" });
    replace(await response.text());
  } catch {
    form.append(element("p", { class: "error", role: "alert" }, say("Jawaban belum sampai. Periksa jaringan, lalu tekan lagi.", "The answer did not arrive. Check the network, then press again.")));
    return;
  }
  const same = row && document.getElementById(row.id);
  if (same instanceof HTMLTableRowElement) focusOn(same);
}
