// The list beside the map: what it shows, and how it is made anew by the server when the map has moved.

import { find, findAll } from "../common/dom.ts";
import { type Place, readPlace, withParameters } from "./view.ts";

export interface Entry {
  id: string;
  name: string;
  category: string;
  at: Place;
  element: HTMLElement;
  link: HTMLAnchorElement;
}

const PREFIX = "titik-";

export function entries(): Entry[] {
  return findAll("#daftar li[data-at]").flatMap((element) => {
    const at = readPlace(element.dataset["at"]);
    const link = element.querySelector<HTMLAnchorElement>("a");
    if (!at || !link) return [];
    return [{ id: element.id.slice(PREFIX.length), name: link.textContent ?? "", category: element.dataset["category"] ?? "", at, element, link }];
  });
}

let asking: AbortController | null = null;

/** Shows the list of another view, made by the server; the address of the page becomes that of the view. False where a later one came first. */
export async function refresh(changes: Record<string, string | null>): Promise<boolean> {
  asking?.abort();
  const own = (asking = new AbortController());
  const form = find<HTMLFormElement>("form.search");
  const address = withParameters(new URL(form.action, location.href).href + location.search, changes);
  const list = find("#daftar");
  list.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(withParameters(address, { part: "list" }), { headers: { Accept: "text/html" }, signal: own.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const selector of ["#daftar", "nav.categories"]) replace(selector, page);
    for (const [name, value] of Object.entries(changes)) setField(form, name, value);
    history.replaceState(null, "", address);
    return true;
  } catch (error) {
    if (!own.signal.aborted) throw error;
    return false;
  } finally {
    document.querySelector("#daftar")?.removeAttribute("aria-busy");
  }
}

function replace(selector: string, page: Document): void {
  const made = page.querySelector(selector);
  if (made) find(selector).replaceChildren(...Array.from(made.childNodes, (node) => document.importNode(node, true)));
}

/** So that the next search keeps the view. */
function setField(form: HTMLFormElement, name: string, value: string | null): void {
  let field = form.querySelector<HTMLInputElement>(`input[type=hidden][name="${name}"]`);
  if (!field) {
    field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    form.prepend(field);
  }
  field.value = value ?? "";
  field.disabled = !value;
}
