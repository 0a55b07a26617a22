"""Keys for other systems by the pages of one's own account: made, shown once, used, ended."""

import re
from html import unescape

import httpx
import pytest

from app.settings import Settings
from tests.api.test_sessions import OWN, a_browser, age
from tests.conftest import AsRole, Client
from tests.factories import MOJOROTO

pytestmark = pytest.mark.anyio
PATH = "/portal/akun/token"


@pytest.mark.parametrize("role", ["pic", "walidata", "opd", "pembina", "admin"])
async def test_a_key_is_made_used_and_ended(service: httpx.ASGITransport, database: Settings, client: Client, role: str) -> None:
    desk = await a_browser(service, database, role, *([MOJOROTO] if role == "pic" else []))
    assert "Belum ada kunci" in (await desk.get(PATH)).text
    form = await desk.get(f"{PATH}/baru")
    assert ("scope-admin" in form.text, "scope-review" in form.text) == (role == "admin", role == "walidata")
    fields = {"label": "QGIS <script>alert(1)</script>", "scope-account": "ya", "expires_days": "30"}
    made = await desk.post(f"{PATH}/baru", data=fields)
    assert (made.status_code, made.headers["cache-control"]) == (200, "private, no-store")
    secret = re.search(r'<code class="copied">([^<]+)<', made.text)
    assert secret is not None
    mine = {"Authorization": f"Bearer {secret[1]}"}
    assert (await client.get("/me", headers=mine)).json()["role"] == role
    listed = await desk.get(PATH)
    assert (secret[1] in listed.text, "<script>alert" in listed.text, "QGIS <script>" in unescape(listed.text)) == (False, False, True)
    assert "Mengurus akun sendiri" in listed.text
    (number,) = re.findall(rf'action="{PATH}/(\d+)/akhiri"', listed.text)
    ended = await desk.post(f"{PATH}/{number}/akhiri", headers=OWN)
    assert (ended.status_code, ended.headers["location"]) == (303, f"{PATH}?sudah=diakhiri")
    assert (await client.get("/me", headers=mine)).status_code == 401
    await desk.aclose()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"label": "", "scope-read": "ya", "expires_days": "90"}, "label"),
        ({"label": "x" * 101, "scope-read": "ya", "expires_days": "90"}, "label"),
        ({"label": "QGIS", "expires_days": "90"}, "scopes"),
        ({"label": "QGIS", "scope-read": "ya", "expires_days": "401"}, "expires_days"),
        ({"label": "QGIS", "scope-read": "ya", "expires_days": "seabad"}, "expires_days"),
    ],
)
async def test_what_is_wrong_stands_at_its_field(as_role: AsRole, fields: dict[str, str], field: str) -> None:
    opd = await as_role("opd")
    answer = await opd.post(f"{PATH}/baru", data=fields)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    marked = re.search(rf'<input[^>]*aria-describedby="[^"]*{field}-error[^>]*>', answer.text)
    assert marked is not None
    assert "autofocus" in marked[0]
    assert f'value="{fields["label"]}"' in answer.text
    assert answer.text.count('value="ya" checked') == ("scope-read" in fields)


async def test_a_browser_gives_the_password_again_first(service: httpx.ASGITransport, database: Settings) -> None:
    desk = await a_browser(service, database, "opd")
    await age(database, authenticated_at="16 minutes")
    assert (await desk.get(PATH)).status_code == 200
    asked = await desk.get(f"{PATH}/baru")
    assert (asked.status_code, asked.headers["location"]) == (303, f"/portal/sandi?ke={PATH}/baru")
    assert (await desk.post(f"{PATH}/baru", data={"label": "x", "scope-read": "ya", "expires_days": "7"})).status_code == 303
    assert (await desk.get("/tokens")).json()["tokens"] == []
    await desk.aclose()
