// What every page of the portal has: a dialog opens by the button that names it, a text is copied by the button beside it,
// a page that is made for paper is printed, and a form keeps the file that was chosen.

import { findAll } from "../common/dom.ts";
import { say } from "../common/language.ts";
import { listenToFormsWithFiles } from "./kept_files.ts";

listenToFormsWithFiles();

for (const button of findAll<HTMLButtonElement>("button[data-opens]")) {
  const dialog = document.getElementById(button.dataset["opens"] ?? "");
  if (dialog instanceof HTMLDialogElement) button.addEventListener("click", () => dialog.showModal());
}

for (const button of findAll<HTMLButtonElement>("button[data-copies]")) {
  const source = document.getElementById(button.dataset["copies"] ?? "");
  // Only on https and on this machine does a browser let a page copy.
  if (!source || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", () => void copy(source.textContent ?? "", button));
}

for (const button of findAll<HTMLButtonElement>("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

async function copy(text: string, button: HTMLButtonElement): Promise<void> {
  await navigator.clipboard.writeText(text.trim());
  button.textContent = say("Tersalin", "Copied");
}
