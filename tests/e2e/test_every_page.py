"""What holds for every page, looked at on every page (`every_page.PAGES`): axe, 320 pixels, the keyboard, content that stays text, no secret in storage.

In each run one page of each route is looked at, in one of the languages; `--whole` looks at all of them in both, and photographs them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Response
from playwright.sync_api import TimeoutError as LateError

from app.language import LANGUAGE_COOKIE
from tests.e2e import looking
from tests.e2e.conftest import PHOTOS, PROFILES, Language, photograph
from tests.e2e.every_form import BY_SCRIPT, FORMS, TAKES_ANYTHING, BadInput
from tests.e2e.every_page import ELSEWHERE, NO_PAGES, PAGES, ListedPage, first_of_each_route, route_of, routes_of_pages
from tests.e2e.serving import ACCOUNTS, PASSWORD, Portal
from tests.e2e.sown import NEWCOMER, SETTINGS, WITH_CODE, Sower

# Many pages in one test: on a machine that is busy with others it may take ten times as long.
pytestmark = [pytest.mark.disruptive(90), pytest.mark.timeout(2400)]

TITIK = SETTINGS
NAMES = {role: account for role, (account, _) in ACCOUNTS.items()} | {"newcomer": NEWCOMER, "coded": WITH_CODE}
LANGUAGES: tuple[Language, Language] = ("id", "en")
Look = Literal["phone", "desk", "scriptless"]
LOOKS = PROFILES | {"scriptless": PROFILES["desk"] | {"java_script_enabled": False}}


@pytest.fixture(scope="module")
def sown(portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return Sower(portal).sow(tmp_path_factory.mktemp("sown"))


class Visitors:
    """A browser for each role, which signs in once."""

    def __init__(self, browser: Browser, portal: Portal) -> None:
        self._browser, self._portal = browser, portal
        self._opened: dict[tuple[str | None, Look], Page] = {}
        self.errors: list[str] = []

    def page(self, role: str | None, language: Language, look: Look) -> Page:
        if (role, look) not in self._opened:
            self._opened[role, look] = self._open(role, look)
        page = self._opened[role, look]
        page.context.add_cookies([{"name": LANGUAGE_COOKIE, "value": language, "url": self._portal.url}])
        return page

    def _open(self, role: str | None, look: Look) -> Page:
        context = self._browser.new_context(base_url=self._portal.url, **LOOKS[look])
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(f"{page.url}: {error}"))
        page.on(
            "console", lambda message: self.errors.append(f"{page.url}: {message.text}") if "Content Security" in message.text else None
        )
        if role:
            page.goto("/portal/masuk")
            page.locator("#akun").fill(NAMES[role])
            page.locator("#sandi").fill(PASSWORD)
            page.locator("main form button").first.click()
            page.wait_for_url(lambda url: "/portal/masuk" not in url)
        return page

    def close(self) -> None:
        contexts: set[BrowserContext] = {page.context for page in self._opened.values()}
        for context in contexts:
            context.close()


@pytest.fixture(scope="module")
def visitors(browser: Browser, portal: Portal) -> Iterator[Visitors]:
    opened = Visitors(browser, portal)
    yield opened
    opened.close()
    assert opened.errors == []


def visit(page: Page, listed: ListedPage, sown: dict[str, str]) -> Iterator[str]:
    """Goes there; says what is wrong with the answer."""
    answer = page.goto(listed.address.format(**sown))
    assert answer is not None
    if answer.status != listed.status:
        yield f"answered {answer.status}"
    yield from looking.policy_of(answer)
    if listed.reach:
        listed.reach(page)
    if page.locator("[data-worker]").count():
        # The map that can be moved takes the place of the drawn one; in between there are both.
        page.wait_for_load_state("networkidle")
        page.evaluate("() => new Promise((done) => requestIdleCallback(() => done()))")
        page.wait_for_function("() => !document.querySelector('.map-canvas.is-loading, #open-map:disabled')")


def looked_at(listed: ListedPage, page: Page, language: Language, sown: dict[str, str], secrets: dict[str, str]) -> Iterator[str]:
    yield from visit(page, listed, sown)
    if (lang := page.locator("html").get_attribute("lang")) != language:
        yield f"is in {lang}"
    yield from looking.content(page)
    yield from looking.storage(page, secrets)
    yield from looking.violations(page)
    yield from looking.lost_when_narrow(page)
    yield from looking.beyond_the_keyboard(page)


def test_the_list_has_every_page() -> None:
    """A route that answers a page and is in no line of `PAGES` is looked at by nobody."""
    known: defaultdict[str, str] = defaultdict(lambda: "01a22cf6-0000-7000-8000-000000000000")
    listed = {route_of(page.address.format_map(known)) for page in PAGES}
    missing = sorted(set(routes_of_pages()) - listed - NO_PAGES - ELSEWHERE)
    assert missing == [], f"add a line to PAGES in tests/e2e/every_page.py for each of {missing}"
    assert len({page.name for page in PAGES}) == len(PAGES), "two pages have the same name"


def test_every_page(visitors: Visitors, sown: dict[str, str], portal: Portal, pytestconfig: pytest.Config) -> None:
    firsts = first_of_each_route(sown)
    turns: list[tuple[ListedPage, Language, Look]] = []
    for number, listed in enumerate(PAGES):
        if pytestconfig.getoption("--whole", default=False):
            turns += [(listed, "id", "phone"), (listed, "en", "desk")]
        elif listed.name in firsts:
            turns.append((listed, LANGUAGES[number % 2], "desk"))
    found = [
        f"{listed.name} ({language}, {look}): {words}"
        for listed, language, look in turns
        for words in looked_at(listed, visitors.page(listed.role, language, look), language, sown, portal.tokens)
    ]
    assert found == [], "\n" + "\n".join(found)


def test_photographs_of_every_page(visitors: Visitors, sown: dict[str, str], pytestconfig: pytest.Config) -> None:
    """At 360 and 1440 px, light and dark; `photos/index.html` shows them together."""
    if not pytestconfig.getoption("--whole", default=False):
        pytest.skip("only with --whole")
    for listed in PAGES:
        page = visitors.page(listed.role, "id", "desk")
        assert list(visit(page, listed, sown)) == []
        page.wait_for_load_state("networkidle")
        photograph(page, f"semua-{listed.name}")
    shown = "".join(
        f"<h2>{listed.name}</h2><p>{listed.role or 'anybody'}: {listed.address}</p>"
        + "".join(
            f'<a href="{photo.name}"><img src="{photo.name}" width="{90 if "-360-" in photo.name else 360}"></a>'
            for photo in _photos_of(listed)
        )
        for listed in PAGES
    )
    (PHOTOS / "index.html").write_text(f"<!doctype html><meta charset=utf-8><title>Titik</title>{shown}")


def _photos_of(listed: ListedPage) -> list[Path]:
    return [PHOTOS / f"semua-{listed.name}-{width}-{scheme}.png" for width in (360, 1440) for scheme in ("light", "dark")]


def forms_of(page: Page) -> set[str]:
    """The forms that take something typed, by method and route; that of the language stands on each page, and one of buttons alone takes nothing."""
    sent: list[list[str]] = page.evaluate(
        """() => [...document.forms].filter((one) => one.method !== "dialog" && [...one.elements].some((field) =>
             field.name && !["hidden", "submit", "button", "fieldset"].includes(field.type)))
             .map((one) => [one.method.toUpperCase(), new URL(one.getAttribute("action") ?? "", location.href).pathname])"""
    )
    return {f"{method} {route_of(path, method)}" for method, path in sent}


def test_the_list_has_every_form(visitors: Visitors, sown: dict[str, str], pytestconfig: pytest.Config) -> None:
    """A form that is in no line of `FORMS` is tried by nobody."""
    found: dict[str, str] = {}
    is_whole, firsts = pytestconfig.getoption("--whole", default=False), first_of_each_route(sown)
    for listed in PAGES:
        if not is_whole and listed.name not in firsts:
            continue
        page = visitors.page(listed.role, "id", "desk")
        list(visit(page, listed, sown))
        if route_of(listed.address.format(**sown)) not in BY_SCRIPT:
            found |= dict.fromkeys(forms_of(page), listed.name)
    missing = {form: name for form, name in found.items() if form not in FORMS and form not in TAKES_ANYTHING}
    assert missing == {}, "add a line to FORMS in tests/e2e/every_form.py"
    if is_whole:
        assert sorted(FORMS.keys() - found.keys()) == [], "these forms are on no page of PAGES"


def fill(form: Locator, typed: Mapping[str, str]) -> None:
    """As somebody would whose browser looks after nothing."""
    form.evaluate(
        "(form) => { form.noValidate = true; for (const one of document.querySelectorAll('details')) one.open = true; for (const field of form.elements) field.removeAttribute('maxlength') }"
    )
    for name, text in typed.items():
        field = form.locator(f'[name="{name}"]').first
        kind = field.evaluate("(field) => field.type")
        if kind == "file":
            field.set_input_files({"name": "kosong.csv", "mimeType": "text/csv", "buffer": b""})
        elif kind == "radio":
            form.locator(f'[name="{name}"][value="{text}"]').check()
        elif kind == "checkbox":
            field.check()
        elif kind == "select-one":
            field.select_option(text)
        else:
            field.fill(text)


# How it stands with the field at which something is wrong, once the page says so.
TOLD = """(at) => {
  const focused = document.activeElement, field = focused && focused.name === at ? focused : document.querySelector(`[name="${at}"]`);
  if (!field) return "the field is gone";
  if (focused !== field) return `the focus is at ${focused && (focused.name || focused.id || focused.tagName)}`;
  const group = field.closest("fieldset"), names = [field, ...(field.type === "radio" && group ? [group] : [])].flatMap((one) => (one.getAttribute("aria-describedby") || "").split(" "));
  const error = names.map((name) => name && document.getElementById(name)).find((one) => one && one.classList.contains("error") && one.innerText.trim());
  if (!error) return "no sentence belongs to it";
  if (field.type !== "radio" && field.getAttribute("aria-invalid") !== "true") return "it is not marked";
  const [upper, lower] = [error.getBoundingClientRect(), field.getBoundingClientRect()];
  if (Math.min(Math.abs(lower.top - upper.bottom), Math.abs(upper.top - lower.bottom)) > 60) return `the sentence stands ${Math.round(lower.top - upper.bottom)} px away`;
  return "";
}"""


def wrongly_sent(page: Page, bad: BadInput) -> Iterator[str]:
    form = page.locator(bad.selector)
    if form.count() != 1:
        yield f"{form.count()} forms of this kind are on {page.url}"
        return
    fill(form, bad.typed)
    answers: list[int] = []

    def note(answer: Response) -> None:
        if answer.request.method == "POST" or answer.request.is_navigation_request():
            answers.append(answer.status)

    page.on("response", note)
    form.locator(bad.press).first.click()
    try:
        page.locator("main .error:visible").first.wait_for(timeout=15_000)
    except LateError:
        yield "nothing is said"
        return
    finally:
        page.remove_listener("response", note)
    page.wait_for_load_state()
    # Without an answer it was the script that saw it.
    if answers and not 400 <= answers[-1] < 500:
        yield f"answered {answers[-1]}"
    if told := page.evaluate(TOLD, bad.at):
        yield told
    for name, text in bad.typed.items():
        stays = page.locator(f'{bad.selector} [name="{name}"]').first.evaluate(
            """(field) => field.type === "radio" ? (field.form.querySelector(`[name="${field.name}"]:checked`) || {}).value : field.type === "checkbox" ? (field.checked ? field.value : "") : field.value"""
        )
        if name not in bad.lost and stays != text:
            yield f"of {name} {stays!r} stays"


@pytest.mark.parametrize("look", ["desk", "scriptless"])
def test_what_is_wrong_is_said_at_its_field(visitors: Visitors, sown: dict[str, str], look: Look, pytestconfig: pytest.Config) -> None:
    """And what was typed stays, and the focus goes there. In each run one input of each form is tried, with scripts."""
    is_whole = pytestconfig.getoption("--whole", default=False)
    if look == "scriptless" and not is_whole:
        pytest.skip("only with --whole")
    listed = {page.name: page for page in PAGES}
    found = []
    for form, inputs in FORMS.items():
        for bad in inputs if is_whole else inputs[:1]:
            own = listed[bad.name]
            page = visitors.page(own.role, "id", look)
            list(visit(page, own, sown))
            found += [f"{form} ({bad.name}, {bad.at}): {words}" for words in wrongly_sent(page, bad)]
    assert found == [], "\n" + "\n".join(found)
