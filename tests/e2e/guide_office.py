"""Who walks through the guides, with what in hand, and what others do meanwhile."""

from typing import Any, NamedTuple

import httpx
from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as LateError

from tests.e2e.conftest import OpenPage
from tests.e2e.guide_walk import SCALE, Walk
from tests.e2e.serving import PASSWORD, Portal
from tests.factories import IN_MOJOROTO, MOJOROTO, a_feature

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 600}, "device_scale_factor": SCALE}
DESK: dict[str, Any] = {"viewport": {"width": 800, "height": 500}, "device_scale_factor": SCALE}


class Office:
    """What others do, over HTTP."""

    def __init__(self, portal: Portal) -> None:
        self.url = portal.url
        self.admin, self.walidata, self.pic = (self._client(portal.tokens[role]) for role in ("admin", "walidata", "pic"))

    def _client(self, token: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=60, trust_env=False)

    def link(self, account: str, role: str = "pic", kelurahan: tuple[str, ...] = (MOJOROTO,)) -> str:
        """That by which the new account chooses its password."""
        self.admin.post("/accounts", json={"name": account, "role": role, "kelurahan": list(kelurahan)}).raise_for_status()
        link: str = self.admin.post(f"/accounts/{account}/reset-link").raise_for_status().json()["link"]
        return httpx.URL(link).path

    def add_account(self, account: str, role: str = "pic", kelurahan: tuple[str, ...] = ()) -> None:
        address = self.url + self.link(account, role, kelurahan)
        httpx.post(address, json={"password": PASSWORD}, trust_env=False, timeout=60).raise_for_status()

    def is_active(self, account: str) -> bool:
        active: bool = self.admin.get(f"/accounts/{account}").raise_for_status().json()["active"]
        return active

    def revision(self, name: str) -> str:
        """That of the only entry of this name which waits."""
        found = self.walidata.get("/reviews?limit=500").raise_for_status().json()["reviews"]
        (revision,) = [str(one["revision"]) for one in found if one["name"] == name]
        return revision

    def decide(self, name: str, decision: dict[str, object]) -> None:
        self.walidata.post(f"/reviews/{self.revision(name)}/decision", json=decision).raise_for_status()

    def add(self, name: str, east: int, **properties: Any) -> dict[str, Any]:
        """A posyandu some 90 m from the one before it."""
        feature = a_feature(IN_MOJOROTO[0] - 0.004 + east * 8e-4, IN_MOJOROTO[1] - 0.004, kelurahan=MOJOROTO, name=name, **properties)
        point: dict[str, Any] = self.pic.post("/collections/posyandu/items", json=feature).raise_for_status().json()
        return point

    def report(self, text: str) -> str:
        report = {"kind": "missing", "category": "posyandu", "kelurahan": MOJOROTO, "text": text}
        number: str = httpx.post(f"{self.url}/reports", json=report, trust_env=False).raise_for_status().json()["number"]
        return number


class Reader(NamedTuple):
    """Somebody with a guide in hand. `elsewhere` is a browser on another machine than the service, over plain http."""

    walk: Walk
    open_page: OpenPage
    portal: Portal
    office: Office
    elsewhere: Page

    def phone(self, account: str, password: str = PASSWORD, **options: Any) -> Page:
        page = self.open_page("phone", **PHONE, **options)
        enter(page, account, password)
        return page

    def desk(self, account: str, password: str = PASSWORD) -> Page:
        page = self.open_page("desk", **DESK)
        enter(page, account, password)
        return page


def enter(page: Page, account: str, password: str = PASSWORD) -> None:
    page.goto("/portal/masuk")
    page.get_by_label("Nama akun").fill(account)
    page.get_by_label("Sandi").fill(password)
    page.locator("main form button").first.click()
    page.wait_for_url(lambda url: "/portal/masuk" not in url)


def wait_for_state(page: Page, name: str, state: str) -> None:
    """That of a record on the phone."""
    try:
        page.locator(f".entry-list > li[data-state={state}]").filter(has_text=name).wait_for(timeout=60_000)
    except LateError as late:
        raise AssertionError(page.locator("main").inner_text()) from late
