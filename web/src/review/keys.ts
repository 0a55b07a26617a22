// Which key means what on a reviewer's page. Single letters can be switched off, and never count where somebody types (WCAG 2.1.4).

export type Command = "next" | "previous" | "publish" | "return" | "seen" | "queue" | "open" | "help" | { reason: number };

const LETTERS: Record<string, Command> = {
  j: "next",
  k: "previous",
  t: "publish",
  r: "return",
  s: "seen",
  q: "queue",
  "?": "help",
};

export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** What is typed into a field, or meant for the browser, is no command. */
export function commandOf(press: Press, isTyping: boolean): Command | null {
  if (isTyping || press.ctrlKey || press.metaKey || press.altKey) return null;
  if (/^[1-9]$/.test(press.key)) return { reason: Number(press.key) };
  return LETTERS[press.key.toLowerCase()] ?? null;
}

/** A radio button and a box to tick take no letters, so that these stay commands there. */
export function takesLetters(element: { tagName: string; type?: string; isContentEditable?: boolean } | null): boolean {
  if (!element) return false;
  if (element.isContentEditable) return true;
  if (element.tagName === "INPUT") return !["checkbox", "radio", "button", "submit"].includes(element.type ?? "text");
  return element.tagName === "TEXTAREA" || element.tagName === "SELECT";
}
