/** The form of the category: each fault stands at its field, and what was typed stays. */

import { element, fill } from "../common/dom.ts";
import { say } from "../common/language.ts";
import type { Values } from "./content.ts";
import type { Draft } from "./editing.ts";
import { faultsOf, fieldOfPointer, fieldsOf, leftOver, shownIn, textOf, valueOf, type Category, type Field } from "./form.ts";
import type { Section } from "./place_section.ts";
import { inWords } from "./words.ts";

type Input = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** `input` takes the focus; `control` is all that the field is filled in with. */
interface Line {
  field: Field;
  input: Input;
  control: HTMLElement;
  fault: HTMLElement;
  read: () => string;
}

export class FormSection implements Section {
  readonly root: HTMLElement;
  private readonly draft: Draft;
  private readonly lines: Line[];
  private readonly others: HTMLDetailsElement;

  constructor(draft: Draft, category: Category) {
    this.draft = draft;
    const fields = fieldsOf(category);
    this.lines = fields.map((field) => this.line(field));
    const required = this.lines.filter(({ field }) => field.isRequired).map(boxOf);
    const others = this.lines.filter(({ field }) => !field.isRequired);
    this.others = element("details", {}, element("summary", {}, say(`Isian lain, boleh dikosongkan (${others.length})`, `More, may stay empty (${others.length})`)), ...others.map(boxOf));
    this.others.open = others.some(({ field }) => draft.entry.content.values[field.name] !== undefined);
    this.root = element("section", { class: "entry-section", "aria-labelledby": "entry-form" },
      element("h3", { id: "entry-form" }, say("2. Isian", "2. Details")),
      ...required,
      others.length ? this.others : null,
      this.remains(leftOver(fields, draft.entry.content.values)),
    );
    this.showAnswer();
  }

  fault(): HTMLElement | null {
    const faults = faultsOf(this.lines.map(({ field }) => field), this.draft.entry.content.values);
    for (const { field, input, fault } of this.lines) {
      const words = faults.get(field.name);
      show(input, fault, words ? inWords(words) : "");
    }
    const first = this.lines.find(({ field }) => faults.has(field.name))?.input ?? null;
    if (first && this.others.contains(first)) this.others.open = true;
    return first;
  }

  close(): void {
    // Nothing runs here.
  }

  private line(field: Field): Line {
    const id = `entry-field-${field.name}`;
    const fault = element("p", { class: "fault", id: `${id}-fault` });
    const line = { field, fault, ...controlOf(field, id, shownIn(field, this.draft.entry.content.values[field.name])) };
    line.input.setAttribute("aria-describedby", `${id}-fault${field.help ? ` ${id}-help` : ""}`);
    if (field.isRequired && field.kind !== "choices") line.input.setAttribute("aria-required", "true");
    line.control.addEventListener("input", () => this.typed(line));
    line.control.addEventListener("change", () => this.check(line));
    return line;
  }

  private typed(line: Line): void {
    const { field, input, read } = line;
    const { [field.name]: _, ...others } = this.draft.entry.content.values;
    const value = valueOf(field, read());
    this.draft.change({ values: value === undefined ? others : { ...others, [field.name]: value } });
    if (input.getAttribute("aria-invalid")) this.check(line);
  }

  private check({ field, input, fault, read }: Line): void {
    const words = read().trim() === "" ? undefined : faultsOf([field], this.draft.entry.content.values).get(field.name);
    show(input, fault, words ? inWords(words) : "");
  }

  /** The server's sentences at the fields that they are about. */
  private showAnswer(): void {
    for (const { pointer, detail } of this.draft.entry.content.problem?.errors ?? []) {
      const name = fieldOfPointer(pointer ?? "");
      const line = this.lines.find(({ field }) => field.name === name);
      if (!line) continue;
      show(line.input, line.fault, detail);
      if (!line.field.isRequired) this.others.open = true;
    }
  }

  private remains(values: readonly [string, Values[string]][]): HTMLElement | null {
    if (values.length === 0) return null;
    const items = values.map(([name, value]) => element("li", {}, `${name}: ${textOf(value)}`));
    return element("div", {}, element("p", { class: "tone-wait" }, say("Bagian ini tidak lagi ada di formulir, jadi tidak ikut dikirim:", "These are no longer part of the form, so they are not sent:")), element("ul", {}, ...items));
  }
}

function boxOf({ field, input, control, fault }: Line): HTMLElement {
  const mark = field.isRequired ? element("span", { class: "must" }, say(" (wajib)", " (required)")) : null;
  const help = field.help ? element("p", { class: "soft", id: `${input.id}-help` }, inWords(field.help)) : null;
  if (field.kind === "choices") return element("fieldset", { class: "entry-field" }, element("legend", {}, inWords(field.label), mark), help, control, fault);
  return element("div", { class: "entry-field" }, element("label", { for: input.id }, inWords(field.label), mark), help, input, fault);
}

export function show(input: Input, fault: HTMLElement, text: string): void {
  fill(fault, text);
  if (text) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
}

function controlOf(field: Field, id: string, text: string): Pick<Line, "input" | "control" | "read"> {
  if (field.kind === "choices") return ticksOf(field, id, text.split("\n").filter((line) => line !== ""));
  const input = inputOf(field, id);
  input.value = text;
  return { input, control: input, read: () => input.value };
}

/** A tick for each choice; one that was chosen before and is none any more is there to be taken away. */
function ticksOf(field: Field, id: string, chosen: readonly string[]): Pick<Line, "input" | "control" | "read"> {
  const values = [...new Set([...(field.schema.items?.enum ?? []), ...chosen])];
  const boxes = values.map((value, at) => element("input", { type: "checkbox", value, id: at === 0 ? id : `${id}-${at}`, checked: chosen.includes(value) }));
  const control = element("div", {}, ...boxes.map((box) => element("label", { class: "choice" }, box, " ", readable(box.value))));
  return { input: boxes[0] ?? element("input", { id, type: "checkbox" }), control, read: () => boxes.filter((box) => box.checked).map((box) => box.value).join("\n") };
}

function inputOf(field: Field, id: string): Input {
  const none = element("option", { value: "" }, say("Belum diisi", "Not filled in"));
  if (field.kind === "choice") return element("select", { id }, none, ...(field.schema.enum ?? []).map((value) => element("option", { value }, readable(value))));
  if (field.kind === "yes-no") return element("select", { id }, none, element("option", { value: "true" }, say("Ya", "Yes")), element("option", { value: "false" }, say("Tidak", "No")));
  if (field.kind === "lines") return element("textarea", { id, rows: 3 });
  const types: Partial<Record<Field["kind"], string>> = { date: "date", time: "time", moment: "datetime-local" };
  const modes: Partial<Record<Field["kind"], string>> = { whole: "numeric", number: "decimal" };
  return element("input", { id, type: types[field.kind] ?? "text", inputmode: modes[field.kind], autocomplete: "off", enterkeyhint: "next" });
}

/** `gedung_sendiri` as people write it. */
function readable(value: string): string {
  return value.replaceAll("_", " ");
}
