"""What is looked at on each page of the sweep. Each function says in words what is wrong there, and nothing where all is well."""

from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page, Response, ViewportSize

from scripts.web import WEB
from tests.e2e.conftest import LAY_OUT, RULES
from tests.e2e.serving import PASSWORD

NARROW: ViewportSize = {"width": 320, "height": 640}
FINGER = 44
# WCAG 2.2, 1.4.12. A sheet that is constructed needs no leave of the CSP.
SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }");
  document.adoptedStyleSheets = [sheet];
}"""
UNSPACED = "() => { document.adoptedStyleSheets = [] }"
# What does not fit into its box and cannot be scrolled to. Fields scroll by themselves; what is moved out of sight on purpose is `unseen`.
CLIPPED = """() => {
  const found = [], spilt = [], width = document.documentElement.clientWidth;
  const name = (one) => `<${one.tagName.toLowerCase()} class="${one.getAttribute("class") || ""}" id="${one.id}"> ${(one.innerText || "").trim().slice(0, 60)}`;
  if (document.documentElement.scrollWidth > width) found.push(`the page is ${document.documentElement.scrollWidth} px wide`);
  const scrolls = (one) => { const {overflowX} = getComputedStyle(one); return overflowX === "auto" || overflowX === "scroll"; };
  for (const one of document.body.querySelectorAll("*")) {
    if (one.closest("svg, canvas, .unseen, .skip, .stack thead, select, dialog:not([open])") || ["INPUT", "TEXTAREA", "SELECT", "PROGRESS", "IMG", "BR", "OPTION"].includes(one.tagName)) continue;
    if (!one.checkVisibility({visibilityProperty: true})) continue;
    let scroller = one; while (scroller && scroller !== document.body && !scrolls(scroller)) scroller = scroller.parentElement;
    if (scroller && scroller !== document.body) continue;
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    if (box.right > width + 1 && box.width > 0) spilt.push([one, `ends at ${Math.round(box.right)} px: ${name(one)}`]);
    if (style.display === "inline" || style.display === "contents") continue;
    if (one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0) spilt.push([one, `${one.scrollWidth} px in ${one.clientWidth}: ${name(one)}`]);
    if (style.overflowY === "hidden" && one.scrollHeight > one.clientHeight + 2 && one.innerText.trim()) spilt.push([one, `cut off below: ${name(one)}`]);
  }
  // The innermost are the cause.
  const inner = spilt.filter(([one]) => !spilt.some(([other]) => other !== one && one.contains(other)));
  return [...found, ...inner.map(([, words]) => words)].slice(0, 6);
}"""
STRANGE = """() => {
  const found = [];
  if (window.xss !== undefined) found.push("a script of the content has run");
  if (document.querySelector("[data-xss], img[src=x]")) found.push("the content has made an element");
  for (const one of document.querySelectorAll("*")) for (const {name, value} of one.attributes) {
    if (name.startsWith("on") || (["href", "src", "action", "formaction"].includes(name) && /^\\s*(javascript|vbscript|data:text)/i.test(value))) found.push(`${name} of <${one.tagName.toLowerCase()}>`);
  }
  return found;
}"""
STORED = """async () => {
  const read = (request) => new Promise((done, failed) => { request.onsuccess = () => done(request.result); request.onerror = failed; });
  const kept = [document.cookie, JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage})];
  for (const {name} of await indexedDB.databases()) {
    const open = await read(indexedDB.open(name));
    for (const store of open.objectStoreNames) kept.push(JSON.stringify(await read(open.transaction(store).objectStore(store).getAll())));
    open.close();
  }
  for (const name of await caches.keys()) for (const {url} of await (await caches.open(name)).keys()) kept.push(url);
  return kept.join("\\n");
}"""
# Each control that shows; of a group of radio buttons the one that the tab key reaches. What can be pressed but not reached is another matter.
CONTROLS = """() => {
  for (const one of document.querySelectorAll("details")) one.open = true;
  window.reached = new Map();
  const mark = (one) => [...document.querySelectorAll("*")].indexOf(one);
  const controls = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]:not([tabindex='-1'])")]
    .filter((one) => !one.disabled && one.checkVisibility({visibilityProperty: true}) && !one.closest("[inert], dialog:not([open])"))
    .filter((one) => one.tabIndex >= 0 && !(one.tagName === "SUMMARY" && one.parentElement.querySelector("summary") !== one));
  const radios = new Map();
  window.wanted = controls.filter((one) => {
    if (one.type !== "radio") return true;
    const group = `${one.form && mark(one.form)} ${one.name}`;
    if (!radios.has(group)) radios.set(group, []);
    radios.get(group).push(one);
    return radios.get(group).length === 1;
  });
  window.sameRadio = (one, other) => one.type === "radio" && other.type === "radio" && one.name === other.name && one.form === other.form;
  document.addEventListener("focusin", ({target}) => {
    const style = getComputedStyle(target), box = target.getBoundingClientRect(), inner = target.querySelector(".mark");
    const isShown = parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none" || inner && parseFloat(getComputedStyle(inner).strokeWidth) >= 2;
    // A link that breaks has a box for each line, and the one around them holds other words too.
    const line = target.getClientRects()[0] ?? box;
    const x = Math.min(innerWidth - 1, Math.max(0, line.left + line.width / 2)), y = Math.min(innerHeight - 1, Math.max(0, line.top + Math.min(line.height / 2, 12)));
    const top = document.elementFromPoint(x, y);
    const isFree = !top || target.ownerSVGElement || target.contains(top) || top.contains(target) || target.id && top.closest(`label[for="${target.id}"]`) || [...(target.labels || [])].some((label) => label.contains(top));
    window.reached.set(target, {isShown: !!isShown, isFree: !!isFree, isInside: box.bottom > 0 && box.top < innerHeight});
  });
  document.activeElement.blur();
  return window.wanted.length;
}"""
REACHED = """() => {
  const name = (one) => `<${one.tagName.toLowerCase()} ${one.id && "id=" + one.id} ${one.name || ""}> ${(one.getAttribute("aria-label") || one.innerText || one.getAttributeNS("http://www.w3.org/1999/xlink", "href") || "").trim().slice(0, 50)}`;
  const found = [], reached = window.reached;
  for (const one of window.wanted) if (!reached.has(one) && ![...reached.keys()].some((other) => window.sameRadio(one, other))) found.push(`not reached by the tab key: ${name(one)}`);
  for (const [one, {isShown, isFree, isInside}] of reached) {
    if (!one.isConnected || one === document.body) continue;
    if (!isShown) found.push(`its focus is not seen: ${name(one)}`);
    if (!isFree) found.push(`something covers it: ${name(one)}`);
    if (!isInside) found.push(`out of sight when it has the focus: ${name(one)}`);
  }
  for (const one of document.querySelectorAll("main *")) {
    if (getComputedStyle(one).cursor === "pointer" && one.checkVisibility() && !one.closest("a, button, input, select, textarea, summary, label, [tabindex], canvas")) found.push(`only a mouse can press it: ${name(one)}`);
  }
  return [...new Set(found)].slice(0, 6);
}"""
# What a finger has to hit, on its own or within its label. A link among the words of a line is exempt (WCAG 2.2, 2.5.8), and a mark on a map
# whose point is in the list.
SMALL = """(least) => {
  const closed = [...document.querySelectorAll("details:not([open])")];
  for (const one of closed) one.open = true;
  const name = (one) => `<${one.tagName.toLowerCase()} class="${one.getAttribute("class") || ""}" id="${one.id}"> ${(one.getAttribute("aria-label") || one.innerText || one.name || "").trim().slice(0, 50)}`;
  const isInline = (one) => ["inline", "contents"].includes(getComputedStyle(one).display);
  const ends = (one) => one.nodeType === Node.ELEMENT_NODE && (one.tagName === "BR" || !isInline(one));
  const isSaid = (one) => one.nodeType === Node.TEXT_NODE ? /[\\p{L}\\p{N}]/u.test(one.data)
    : one.nodeType === Node.ELEMENT_NODE && !one.matches("a, button, .unseen, svg") && [...one.childNodes].some(isSaid);
  const isInLine = (one) => {
    for (let at = one; at === one ? getComputedStyle(at).display.startsWith("inline") : isInline(at); at = at.parentElement) for (const side of ["previousSibling", "nextSibling"])
      for (let next = at[side]; next && !ends(next); next = next[side]) if (isSaid(next)) return true;
    return false;
  };
  const target = (one) => ["checkbox", "radio"].includes(one.type) && one.labels.length ? one.labels[0] : one;
  const found = [];
  for (const one of document.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden])")) {
    if (!one.checkVisibility({visibilityProperty: true}) || one.closest(".unseen, .skip, dialog:not([open])") || one.ownerSVGElement || isInLine(one)) continue;
    const box = target(one).getBoundingClientRect();
    if (box.height < least - .5) found.push(`${Math.round(box.height)} px high: ${name(one)}`);
  }
  for (const one of closed) one.open = false;
  return [...new Set(found)].slice(0, 6);
}"""
DONE = "() => window.wanted.every((one) => window.reached.has(one) || [...window.reached.keys()].some((other) => window.sameRadio(one, other)))"


def policy_of(answer: Response) -> Iterator[str]:
    policy = answer.headers.get("content-security-policy", "")
    if "default-src 'none'" not in policy or "unsafe-" in policy or "script-src 'self';" not in policy:
        yield f"its policy is {policy!r}"


def content(page: Page) -> Iterator[str]:
    """Whether what people wrote has become more than text."""
    yield from page.evaluate(STRANGE)


def storage(page: Page, secrets: dict[str, str]) -> Iterator[str]:
    """A token or a password where a script can read it."""
    kept: str = page.evaluate(STORED)
    for name, secret in {"the password": PASSWORD, **secrets}.items():
        if secret in kept:
            yield f"{name} is kept where a script reads it"


def violations(page: Page) -> Iterator[str]:
    """What axe finds."""
    page.evaluate((WEB / "node_modules/axe-core/axe.min.js").read_text())
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
    for one in found["violations"]:
        yield f"axe: {one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes'][:2]]}"


def lost_when_narrow(page: Page) -> Iterator[str]:
    """At 320 px, as a window of 1280 px at 400 %; then with the space between letters and lines that readers may want; and whether a finger hits what is to be pressed."""
    before = page.viewport_size
    page.set_viewport_size(NARROW)
    # A map hears of its size a frame later.
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    for words, script in (("at 320 px", None), ("with wide spacing", SPACED)):
        if script:
            page.evaluate(script)
        yield from (f"{words}: {one}" for one in page.evaluate(CLIPPED))
    page.evaluate(UNSPACED)
    page.evaluate(LAY_OUT)
    yield from (f"for a finger: {one}" for one in page.evaluate(SMALL, FINGER))
    if before:
        page.set_viewport_size(before)


def beyond_the_keyboard(page: Page) -> Iterator[str]:
    """Each control is reached by the tab key, seen when it is, and covered by nothing."""
    number: int = page.evaluate(CONTROLS)
    for pressed in range(2 * number + 10):
        page.keyboard.press("Tab")
        if pressed >= number - 2 and pressed % 4 == 0 and page.evaluate(DONE):
            break
    yield from page.evaluate(REACHED)
