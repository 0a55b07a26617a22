/** Sending a file: it may be dropped, its size is looked at before, and one sees how far it is. */

import { element, find, findAll } from "../common/dom.ts";
import { languageOf, say } from "../common/language.ts";
import { megabytes, share } from "./sizes.ts";

interface Problem {
  title?: string;
  detail?: string;
  hint?: string;
}

export function listenToUpload(form: HTMLFormElement): void {
  const input = find<HTMLInputElement>('input[type="file"]', form);
  const zone = find("[data-drop]", form);
  const most = Number(form.dataset["most"]);
  find("[data-drop-hint]", form).hidden = false;

  for (const kind of ["dragenter", "dragover"]) zone.addEventListener(kind, (event) => mark(event, zone, true));
  for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, (event) => mark(event, zone, false));
  zone.addEventListener("drop", (event) => {
    const files = event.dataTransfer?.files;
    if (!files?.length) return;
    input.files = files;
    input.dispatchEvent(new Event("change"));
  });
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    complain(input, file && file.size > most ? tooLarge(file.size, most) : "");
    if (file) find<HTMLButtonElement>("[data-category]", form).focus();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const [file] = input.files ?? [];
    const category = event.submitter instanceof HTMLButtonElement ? event.submitter.value : "";
    if (!file || !category) return complain(input, say("Pilih satu berkas dulu.", "Choose a file first."));
    if (file.size > most) return complain(input, tooLarge(file.size, most));
    send(form, input, file, category);
  });
}

function mark(event: Event, zone: HTMLElement, isOver: boolean): void {
  event.preventDefault();
  zone.classList.toggle("over", isOver);
}

function tooLarge(size: number, most: number): string {
  const language = languageOf(document.documentElement.lang);
  return say(
    `Berkas ini ${megabytes(size, language)}; paling besar ${megabytes(most, language)}. Bagi menjadi beberapa berkas.`,
    `This file has ${megabytes(size, language)}; at most ${megabytes(most, language)} are taken. Split it into several files.`,
  );
}

/** `fetch` tells nothing of how far a body has been sent. */
function send(form: HTMLFormElement, input: HTMLInputElement, file: File, category: string): void {
  const home = form.dataset["home"] ?? "";
  const request = new XMLHttpRequest();
  const query = new URLSearchParams({ category, name: file.name.slice(-200) });
  request.open("POST", `${home.replace(/\/portal\/impor$/, "")}/imports?${query}`);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.setRequestHeader("Accept-Language", document.documentElement.lang);
  request.responseType = "json";
  request.upload.addEventListener("progress", ({ loaded, total }) => progress(form, share(loaded, total)));
  request.addEventListener("load", () => {
    const answer = request.response as ({ id?: string } & Problem) | null;
    if (request.status === 202 && answer?.id) return location.assign(`${home}/${answer.id}`);
    refused(form, input, answer);
  });
  request.addEventListener("error", () => refused(form, input, null));
  progress(form, 0);
  request.send(file);
}

function progress(form: HTMLFormElement, percent: number | null): void {
  find("[data-sending]", form).hidden = percent === null;
  find<HTMLProgressElement>("progress", form).value = percent ?? 0;
  // Said aloud at every quarter only.
  const status = find("[data-sent]", form);
  if (percent === null || percent % 25 === 0) status.textContent = percent === null ? "" : `${percent} %`;
  for (const button of findAll<HTMLButtonElement>("[data-category]", form)) button.disabled = percent !== null;
}

function refused(form: HTMLFormElement, input: HTMLInputElement, problem: Problem | null): void {
  progress(form, null);
  const lost = say("Berkas tidak sampai. Periksa jaringan, lalu tekan jenisnya lagi.", "The file did not arrive. Check the network, then press its kind again.");
  complain(input, problem?.detail ? `${problem.detail} ${problem.hint ?? ""}`.trim() : lost);
}

/** The sentence at the field, which is focused; nothing where all is well. The file stays chosen. */
function complain(input: HTMLInputElement, sentence: string): void {
  const id = `${input.id}-salah`;
  document.getElementById(id)?.remove();
  input.removeAttribute("aria-invalid");
  input.setAttribute("aria-describedby", sentence ? `batas ${id}` : "batas");
  if (!sentence) return;
  input.setAttribute("aria-invalid", "true");
  input.before(element("p", { class: "error", id, role: "alert" }, sentence));
  input.focus();
}
