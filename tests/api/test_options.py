"""OPTIONS of every resource: what the token may do there."""

from collections.abc import Sequence

import pytest

from app.access.rights import RIGHTS, SCOPES, Scope
from app.http.rights import needed
from app.routers import ROUTERS
from app.settings import Settings
from tests.api.test_landing import LIKELY
from tests.conftest import AsRole, Client
from tests.factories import MOJOROTO, a_feature, a_token, code_of, published

pytestmark = pytest.mark.anyio

ITEMS = "/collections/posyandu/items"
READING = {"GET", "HEAD", "OPTIONS"}
WRITING = {"PUT", "PATCH", "DELETE"}


def allowed(answer: object) -> set[str]:
    return set(answer.headers["allow"].split(", "))  # type: ignore[attr-defined]


async def test_of_items_by_who_asks(as_role: AsRole, client: Client) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    feature = await published(pic, walidata, a_feature())
    one = f"{ITEMS}/{feature['id']}"
    for who, of_items, of_one in (
        (client, READING, READING),
        (await as_role("opd"), READING, READING),
        (await as_role("admin"), READING, READING),
        (pic, READING | {"POST"}, READING | WRITING),
        (walidata, READING | {"POST"}, READING | WRITING),
    ):
        for address, expected in ((ITEMS, of_items), (one, of_one), (f"{ITEMS}/apa-saja", of_one), ("/collections/points/items", of_items)):
            answer = await who.options(address)
            assert (answer.status_code, answer.content, allowed(answer)) == (200, b"", expected), address
            assert (answer.headers["content-length"], answer.headers["vary"]) == ("0", "Authorization, Cookie")
            assert ("no-store" in answer.headers.get("cache-control", "")) is (who is not client)


@pytest.mark.parametrize(("scopes", "expected"), [(("read",), READING), (("write",), READING | {"POST"}), (("read", "contacts"), READING)])
async def test_by_the_scopes_of_the_token(database: Settings, client: Client, scopes: Sequence[Scope], expected: set[str]) -> None:
    token = await a_token(database, "pic", [MOJOROTO], scopes=scopes)
    answer = await client.options(ITEMS, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, allowed(answer)) == (200, expected)


async def test_areas_are_never_to_be_edited(as_role: AsRole) -> None:
    for address in ("/collections/kelurahan/items", "/collections/kecamatan/items/35.71.01"):
        assert allowed(await (await as_role("walidata")).options(address)) == READING


async def test_of_what_is_not_there(client: Client, as_role: AsRole) -> None:
    assert code_of(await client.options("/tidak/ada")) == (404, "not-found")
    assert code_of(await client.options("/collections/tidak-ada/items")) == (404, "collection-unknown")
    for token in ("salah", "titik_" + "a" * 38):
        assert (await client.options(ITEMS, headers={"Authorization": f"Bearer {token}"})).status_code == 401
    assert (await (await as_role("pic", MOJOROTO)).options("/collections/tidak-ada/items")).status_code == 404


async def test_of_every_resource_by_every_role(as_role: AsRole, client: Client) -> None:
    """What is offered is what the table of rights lets in, no more and no less."""
    routes = [route for router in ROUTERS for route in router.routes if route.path != "/{path:path}"]  # type: ignore[attr-defined]
    paths = {route.path: route.path_format.format_map(LIKELY) for route in routes}  # type: ignore[attr-defined]
    askers = {role: await as_role(role, *([MOJOROTO] if role == "pic" else [])) for role in RIGHTS}
    for path, address in paths.items():
        for role, who in (*askers.items(), (None, client)):
            answer = await who.options(f"{address}?f=json")
            assert answer.status_code == 200, (path, role, answer.text)
            offered = allowed(answer) - {"HEAD", "OPTIONS"}
            expected = {
                method
                for route in routes if route.path == path  # type: ignore[attr-defined]
                for method in route.methods  # type: ignore[attr-defined]
                if not needed(route.endpoint) or (role and needed(route.endpoint) & RIGHTS[role])  # type: ignore[attr-defined]
            }  # fmt: skip
            assert offered - {"HEAD"} >= expected - {"HEAD", "OPTIONS"}, (path, role)
            assert ("HEAD" in allowed(answer)) is ("GET" in offered)
    assert set(SCOPES) >= {"read", "write"}


async def test_a_method_that_is_not_offered_names_those_that_are(client: Client) -> None:
    answer = await client.patch(ITEMS)
    assert (answer.status_code, allowed(answer)) == (405, READING | {"POST"})
