// What a decision sends to the API, from the form that also works without this script.

export interface Decision {
  decision: "publish" | "return";
  reason?: string;
  photos?: string[];
}

/** Of the fields of the form; null where a reason is missing, or a closing was not ticked: the form itself then says so. */
export function decisionOf(fields: FormData, move: string, kind: string): Decision | null {
  if (move === "publish") {
    if (kind === "close" && fields.get("closing") !== "seen") return null;
    return { decision: "publish", photos: fields.getAll("photo").map(String) };
  }
  const reason = [fields.get("reason"), fields.get("note")].map((one) => String(one ?? "").trim()).filter(Boolean).join(" ");
  return reason ? { decision: "return", reason } : null;
}
