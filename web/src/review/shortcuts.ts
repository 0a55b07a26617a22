// The switch of the shortcuts, which a browser remembers.

import { findAll } from "../common/dom.ts";

const KEPT = "titik.pintasan";

export function areOn(): boolean {
  return stored() !== "off";
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null; // A browser that keeps nothing has them on.
  }
}

/** Shows the switch, and what it does now. */
export function showSwitch(): void {
  for (const panel of findAll<HTMLDetailsElement>("#pintasan")) panel.hidden = false;
  document.documentElement.classList.toggle("without-shortcuts", !areOn());
  for (const button of findAll<HTMLButtonElement>("[data-shortcuts]")) {
    label(button);
    button.addEventListener("click", () => {
      try {
        localStorage.setItem(KEPT, areOn() ? "off" : "on");
      } catch {
        return;
      }
      document.documentElement.classList.toggle("without-shortcuts", !areOn());
      label(button);
    });
  }
}

function label(button: HTMLButtonElement): void {
  button.textContent = (areOn() ? button.dataset["on"] : button.dataset["off"]) ?? "";
}
