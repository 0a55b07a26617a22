// One's own points (`/portal/titik`): what the walidata decides while the page is open is said on it.

import { element, fill, find, findAll } from "../common/dom.ts";
import { say } from "../common/language.ts";
import { lookAgain, type PointState, statesPath } from "../common/looking.ts";
import { decided } from "./decided.ts";

const says = find("#keputusan-baru");
const shown = findAll("[data-point]").map(({ dataset }) => ({ point: dataset["point"] ?? "", name: dataset["name"] ?? "", state: dataset["state"] ?? "", version: Number(dataset["version"]) }));
const address = (says.dataset["root"] ?? "") + statesPath(shown.map(({ point }) => point));
let tag = "";

if (shown.length > 0) lookAgain(look);

async function look(): Promise<void> {
  try {
    const headers = { Accept: "application/json", ...(tag ? { "If-None-Match": tag } : {}) };
    const answer = await fetch(address, { headers, credentials: "same-origin", redirect: "error" });
    if (answer.status !== 200) return;
    tag = answer.headers.get("etag") ?? "";
    const { states } = (await answer.json()) as { states: PointState[] };
    tell(decided(shown, states).map(({ name }) => name));
  } catch {
    // No network for a moment: the next look may have one.
  }
}

function tell(names: readonly string[]): void {
  if (names.length === 0) return;
  const many = names.length > 3 ? say(` dan ${names.length - 3} lagi`, ` and ${names.length - 3} more`) : "";
  const again = element("a", { class: "button second", href: location.href.replace(/#.*/, "") }, say("Tampilkan", "Show"));
  fill(says, element("p", {}, say("Keadaannya sudah berubah: ", "These stand differently by now: "), names.slice(0, 3).join(", "), `${many}.`), again);
  says.hidden = false;
}
