/** Focus is kept where what has it is drawn anew. */

/** Draws, and gives focus to the element that is called as the one that had it, else to `otherwise`. */
export function keepFocus(within: Element, draw: () => void, otherwise?: HTMLElement): void {
  const held = document.activeElement;
  const name = held && within.contains(held) ? nameOf(held) : null;
  draw();
  if (name === null) return;
  const same = [...within.querySelectorAll<HTMLElement>("a, button, [tabindex]")].find((one) => nameOf(one) === name);
  (same ?? otherwise)?.focus({ preventScroll: true });
}

const nameOf = (one: Element): string => one.getAttribute("aria-label") ?? one.textContent;
