// A form with text and a file is sent by this script, because a page that comes back with what is wrong has lost the file that was chosen.
// The answered page takes the place of this one, with the field that still holds the file; who is led on goes there.

import { element, find, findAll } from "../common/dom.ts";
import { say } from "../common/language.ts";

const FORMS = "form[data-keeps-files]";

export function listenToFormsWithFiles(): void {
  for (const form of findAll<HTMLFormElement>(FORMS)) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void send(form);
    });
  }
}

async function send(form: HTMLFormElement): Promise<void> {
  const buttons = findAll<HTMLButtonElement>("button", form);
  const body = new FormData(form);
  for (const button of buttons) button.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin", headers: { Accept: "text/html" } });
    if (answer.redirected) return location.assign(answer.url);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (page.querySelector(FORMS)) return showAgain(form, page);
    complain(form, page.querySelector("main")?.textContent?.replace(/\s+/g, " ").trim() ?? "");
  } catch {
    complain(form, say("Belum terkirim. Isian dan foto Anda masih ada: periksa jaringan, dan besar fotonya, lalu kirim lagi.", "Not sent yet. What you entered and the photo are still here: check the network, and how large the photo is, then send it again."));
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

function showAgain(form: HTMLFormElement, page: Document): void {
  const main = find("main", page);
  for (const field of findAll<HTMLInputElement>('input[type="file"]', form)) {
    const fresh = main.querySelector(`[id="${field.id}"]`);
    if (!fresh || !field.files?.length) continue;
    for (const name of ["aria-invalid", "aria-describedby", "autofocus"]) {
      const value = fresh.getAttribute(name);
      if (value === null) field.removeAttribute(name);
      else field.setAttribute(name, value);
    }
    fresh.replaceWith(field);
  }
  for (const sentence of findAll("[data-file-lost]", main)) sentence.remove();
  find("main").replaceChildren(...main.childNodes);
  listenToFormsWithFiles();
  (document.querySelector<HTMLElement>("main [autofocus]") ?? find("main")).focus();
}

function complain(form: HTMLFormElement, sentence: string): void {
  document.querySelector("[data-not-sent]")?.remove();
  const note = element("p", { class: "note bad", role: "alert", tabindex: -1, "data-not-sent": true }, sentence);
  form.before(note);
  note.focus();
}
