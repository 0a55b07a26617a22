"""What strangers may send: every refusal is a problem that says where, shows nothing of the input, and leaves no row behind."""

import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple

import httpx
import orjson
import pytest

from app.accounts import tokens
from app.connections import open_once
from app.db import WriteSession
from app.settings import Settings
from app.uuid7 import uuid7
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, IN_MOJOROTO, MOJOROTO, a_feature, a_token, execute, value

pytestmark = pytest.mark.anyio

POSYANDU = "/collections/posyandu/items"
TILES = "/collections/posyandu/tiles/WebMercatorQuad"
MARK = "rahasia-7f3a"
STORED = (
    "SELECT (SELECT count(*) FROM titik.point) + (SELECT count(*) FROM titik.revision) + (SELECT count(*) FROM published.item)"
    " + (SELECT count(*) FROM internal.item)"
    " + (SELECT count(*) FROM titik.audit WHERE action NOT IN ('account.add', 'token.issue'))"
    " + (SELECT count(*) FROM titik.outbox WHERE type NOT IN ('account.add', 'token.issue'))"
)


def refusal(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem, after all that holds for each of them."""
    assert answer.status_code == status, answer.text[:2_000]
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.content) < 65_536
    assert MARK not in answer.text
    problem: dict[str, Any] = answer.json()
    assert (problem["type"], problem["status"]) == (f"urn:titik:problem:{code}", status)
    assert problem["title"]
    assert problem["detail"]
    assert problem["request_id"] == answer.headers["x-request-id"] != ""
    errors = [orjson.dumps(error) for error in problem.get("errors", [])]
    assert len(errors) <= 20
    assert len(set(errors)) == len(errors)
    assert "{" not in "".join(error["detail"] for error in problem.get("errors", [])) + problem["detail"]
    return problem


def places(problem: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(error.get("pointer", error.get("parameter")), error["code"]) for error in problem.get("errors", [])}


# -- bodies that cannot be read


class Raw(NamedTuple):
    """Bytes, and the answer to them."""

    body: bytes
    status: int
    code: str
    fault: str | None = None


def body_with(coordinates: bytes = b"[112.0016,-7.8041]", name: bytes = b'"Posyandu"', more: bytes = b"") -> bytes:
    return (
        b'{"type":"Feature","geometry":{"type":"Point","coordinates":' + coordinates
        + b'},"properties":{"name":' + name + b',"address":"' + MARK.encode() + b'"}' + more + b"}"
    )  # fmt: skip


def deep(opening: bytes, closing: bytes, times: int = 50_000) -> bytes:
    return b'{"type":"Feature","geometry":' + opening * times + b"1" + closing * times + b"}"


NOT_JSON = (400, "body-not-json")
RAW = {
    "cut off": Raw(body_with()[:-1], *NOT_JSON),
    "not JSON at all": Raw(f"{MARK} {MARK}".encode(), *NOT_JSON),
    "something after the end": Raw(body_with() + MARK.encode(), *NOT_JSON),
    "NaN": Raw(body_with(b"[NaN,-7.8]"), *NOT_JSON),
    "Infinity": Raw(body_with(b"[112.0,-Infinity]"), *NOT_JSON),
    "1e999": Raw(body_with(b"[1e999,-7.8]"), *NOT_JSON),
    "UTF-16": Raw(body_with().decode().encode("utf-16"), *NOT_JSON),
    "a byte order mark": Raw(b"\xef\xbb\xbf" + body_with(), *NOT_JSON),
    "invalid UTF-8": Raw(body_with(name=b'"Pos\xff\xfeyandu"'), *NOT_JSON),
    "a lone surrogate": Raw(body_with(name=rb'"Pos\ud800yandu"'), *NOT_JSON),
    "a bare NUL": Raw(body_with(name=b'"Pos\x00yandu"'), *NOT_JSON),
    "a picture": Raw(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, *NOT_JSON),
    "nothing": Raw(b"", *NOT_JSON),
    "null": Raw(b"null", 422, "body-invalid", "not-an-object"),
    "a list": Raw(b"[]", 422, "body-invalid", "not-an-object"),
    "a NUL in a value": Raw(body_with(name=rb'"Pos\u0000yandu"'), 422, "body-invalid", "nul-character"),
    "a NUL in a name": Raw(body_with(more=rb',"a\u0000b":1'), 422, "body-invalid", "nul-character"),
    "arrays 50,000 deep": Raw(deep(b"[", b"]"), 400, "body-too-deep"),
    "objects 50,000 deep": Raw(deep(b'{"a":', b"}"), 400, "body-too-deep"),
    "geometries 2,000 deep": Raw(deep(b'{"type":"GeometryCollection","geometries":[', b"]}", 2_000), 400, "body-too-deep"),
    "2 MB": Raw(body_with(name=b'"' + MARK.encode() * 175_000 + b'"'), 413, "body-too-large"),
}  # fmt: skip


@pytest.mark.parametrize("raw", RAW.values(), ids=RAW)
async def test_a_body_that_cannot_be_read_is_refused(as_role: AsRole, owner: WriteSession, raw: Raw) -> None:
    pic = await as_role("pic", MOJOROTO)
    problem = refusal(await pic.post(POSYANDU, content=raw.body), raw.status, raw.code)
    assert {code for _, code in places(problem)} == ({raw.fault} if raw.fault else set())
    assert await value(owner, STORED) == 0


async def test_a_body_may_be_as_long_as_the_limit_and_no_longer(as_role: AsRole, database: Settings) -> None:
    pic = await as_role("pic", MOJOROTO)
    room = database.max_body_bytes - len(body_with())
    assert (await pic.post(POSYANDU, content=body_with() + b" " * room)).status_code == 201
    refusal(await pic.post(POSYANDU, content=body_with() + b" " * (room + 1)), 413, "body-too-large")


# -- bodies that can be read but are wrong


def changed(member: str | None = None, to: object = None, /, **properties: Any) -> dict[str, Any]:
    """A good feature with one member replaced, or some properties."""
    feature = a_feature(address=MARK, **properties)
    return feature | {member: to} if member else feature


def at(*coordinates: object, type_: str = "Point") -> dict[str, Any]:
    return changed("geometry", {"type": type_, "coordinates": list(coordinates)})


def given(member: str, to: object) -> dict[str, Any]:
    """A good feature with this property, `None` included."""
    feature = changed()
    return feature | {"properties": feature["properties"] | {member: to}}


WRONG: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "another type": (changed("type", MARK), ("/type", "not-one-of")),
    "a line": (at(112.0, -7.8, type_="LineString"), ("/geometry/type", "not-one-of")),
    "a collection of geometries": (at(112.0, -7.8, type_="GeometryCollection"), ("/geometry/type", "not-one-of")),
    "no geometry": (changed("geometry", None), ("/geometry", "not-an-object")),
    "no coordinates": (at(), ("/geometry/coordinates", "list-too-short")),
    "one number": (at(112.0016), ("/geometry/coordinates", "list-too-short")),
    "five numbers": (at(112.0016, -7.8041, 1.0, 2.0, 3.0), ("/geometry/coordinates", "list-too-long")),
    "numbers as text": (at("112.0016", -7.8041), ("/geometry/coordinates/0", "not-a-number")),
    "NaN as text": (at("NaN", -7.8041), ("/geometry/coordinates/0", "not-a-number")),
    "an underscore": (at(112.0016, "1_0"), ("/geometry/coordinates/1", "not-a-number")),
    "a yes": (at(True, -7.8041), ("/geometry/coordinates/0", "not-a-number")),
    "a CRS member": (changed("crs", {"type": "name", "properties": {"name": MARK}}), ("/crs", "crs-beside-header")),
    "an id that is none": (changed("id", MARK), ("/id", "not-a-uuid")),
    "an id of version 4": (changed("id", str(uuid.uuid4())), ("/id", "not-a-uuid7")),
    "no properties": (changed("properties", None), ("/properties", "not-an-object")),
    "no name": (changed(name=None), ("/properties/name", "value-missing")),
    "a name of blanks": (changed(name="   "), ("/properties/name", "value-missing")),
    "a name that is a number": (changed(name=7), ("/properties/name", "not-text")),
    "a name too long": (changed(name=MARK * 30), ("/properties/name", "text-too-long")),
    "an unknown attribute": (changed(warna=MARK), ("/properties/warna", "attribute-unknown")),
    "a number as text": (changed(kader_aktif=MARK), ("/properties/kader_aktif", "attribute-type")),
    "half a volunteer": (changed(kader_aktif=1.5), ("/properties/kader_aktif", "attribute-type")),
    "fewer than no volunteers": (changed(kader_aktif=-1), ("/properties/kader_aktif", "attribute-minimum")),
    "too many volunteers": (changed(kader_aktif=501), ("/properties/kader_aktif", "attribute-maximum")),
    "a kind that is none": (changed(jenis=MARK), ("/properties/jenis", "attribute-enum")),
    "an attribute too long": (changed(nomor_registrasi=MARK * 5), ("/properties/nomor_registrasi", "attribute-too-long")),
    "an attribute that is an object": (changed(nomor_sk={"a": MARK}), ("/properties/nomor_sk", "attribute-type")),
    "an unknown kelurahan": (changed(kelurahan="99.99.99.9999"), ("/properties/kelurahan", "kelurahan-unknown")),
    "the code of a kecamatan": (changed(kelurahan="35.71.01"), ("/properties/kelurahan", "kelurahan-unknown")),
    "a kelurahan by a name that is none": (changed(kelurahan=MARK), ("/properties/kelurahan", "kelurahan-unknown")),
    "another category": (changed(category=MARK), ("/properties/category", "category-differs")),
    "an RT that is no number": (changed(rt=MARK), ("/properties/rt", "not-a-neighbourhood-number")),
    "an accuracy below nothing": (changed(accuracy_m=-1), ("/properties/accuracy_m", "number-too-small")),
    "an accuracy of a country": (changed(accuracy_m=1e6), ("/properties/accuracy_m", "number-too-large")),
    "an unknown method": (changed(method=MARK), ("/properties/method", "not-one-of")),
    "a time without zone": (changed(captured_at="2026-11-22T08:30:00"), ("/properties/captured_at", "timezone-missing")),
    "a time that is none": (changed(captured_at="2026-02-30T24:61:00Z"), ("/properties/captured_at", "not-an-instant")),
    "a time as a number": (changed(captured_at=1_790_000_000), ("/properties/captured_at", "not-an-instant")),
    "a state": (given("state", "published"), ("/properties/state", "server-decides")),
    "a version": (given("version", 1), ("/properties/version", "server-decides")),
    "a verdict": (given("placement", {"verdict": "inside"}), ("/properties/placement", "server-decides")),
    "a time of verification": (given("verified_at", "2026-11-22T08:30:00Z"), ("/properties/verified_at", "server-decides")),
    "a status": (given("status", "closed"), ("/properties/status", "status-by-move")),
}  # fmt: skip


@pytest.mark.parametrize(("feature", "fault"), WRONG.values(), ids=WRONG)
async def test_a_feature_that_is_wrong_is_refused_with_the_place_of_the_fault(
    as_role: AsRole, owner: WriteSession, feature: dict[str, Any], fault: tuple[str, str]
) -> None:
    walidata = await as_role("walidata")
    problem = refusal(await walidata.post(POSYANDU, json=feature), 422, "body-invalid")
    assert places(problem) == {fault}
    assert await value(owner, STORED) == 0


@pytest.mark.parametrize(
    "coordinates", [(1e308, -7.8041), (181.0, -7.8041), (112.0016, -91.0), (0.0, 0.0), (180.0, 90.0), (112.0, -1e-320)]
)
async def test_numbers_that_are_nowhere_are_outside(as_role: AsRole, owner: WriteSession, coordinates: tuple[float, float]) -> None:
    pic = await as_role("pic", MOJOROTO)
    refusal(await pic.post(POSYANDU, json=at(*coordinates)), 422, "point-outside")
    assert await value(owner, STORED) == 0


async def test_a_thousand_faults_are_answered_with_twenty(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", MOJOROTO)
    many = at(*([MARK] * 1_000)) | {"properties": {f"atribut_{number}": MARK for number in range(150)}}
    assert len(refusal(await pic.post(POSYANDU, json=many), 422, "body-invalid")["errors"]) in range(1, 21)
    attributes = changed(**{f"atribut_{number}": MARK for number in range(150)})
    assert len(refusal(await pic.post(POSYANDU, json=attributes), 422, "body-invalid")["errors"]) == 20
    keys = changed(**{f"atribut_{number}": 1 for number in range(40_000)})
    refusal(await pic.post(POSYANDU, json=keys), 422, "body-invalid")
    assert await value(owner, STORED) == 0


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({}, ("/decision", "value-missing")),
        ({"decision": MARK}, ("/decision", "not-one-of")),
        ({"decision": "publish", "state": MARK}, ("/state", "member-unknown")),
        ({"decision": "return"}, ("/reason", "reason-missing")),
        ({"decision": "return", "reason": ""}, ("/reason", "text-too-short")),
        ({"decision": "return", "reason": MARK * 100}, ("/reason", "text-too-long")),
    ],
)
async def test_a_decision_that_is_wrong_is_refused(as_role: AsRole, body: dict[str, Any], fault: tuple[str, str]) -> None:
    problem = refusal(await (await as_role("walidata")).post(f"/reviews/{uuid7()}/decision", json=body), 422, "body-invalid")
    assert places(problem) == {fault}


# -- who is asking


async def test_a_foreign_kelurahan_is_forbidden(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", MOJOROTO)
    for spelling in (BUJEL, "Bujel", "3571011006"):
        refusal(await pic.post(POSYANDU, json=changed(kelurahan=spelling)), 403, "kelurahan-not-yours")
    assert await value(owner, STORED) == 0


@pytest.mark.parametrize("role", ["opd", "pembina", "admin"])
async def test_who_only_reads_may_not_write(as_role: AsRole, owner: WriteSession, role: str) -> None:
    reader = await as_role(role)
    refusal(await reader.post(POSYANDU, json=changed()), 403, "action-forbidden")
    refusal(await reader.post(f"/reviews/{uuid7()}/decision", json={"decision": "publish"}), 403, "action-forbidden")
    assert await value(owner, STORED) == 0


UNKNOWN = tokens.new_token()
AUTHORIZATIONS = {
    "none": ("", "token-missing"),
    "another scheme": (f"Basic {UNKNOWN}", "token-missing"),
    "no token after the word": ("Bearer ", "token-missing"),
    "garbage": (f"Bearer {MARK}", "token-unknown"),
    "not ASCII": ("Bearer titik_\xff\xfe", "token-unknown"),
    "very long": (f"Bearer titik_{MARK * 5_000}", "token-unknown"),
    "a JWT without signature": ("Bearer eyJhbGciOiJub25lIn0.eyJyb2xlIjoiYWRtaW4ifQ.", "token-unknown"),
    "well formed but never issued": (f"Bearer {UNKNOWN}", "token-unknown"),
}


@pytest.mark.parametrize(("authorization", "code"), AUTHORIZATIONS.values(), ids=AUTHORIZATIONS)
async def test_without_a_token_of_ours_nothing_is_written(client: Client, owner: WriteSession, authorization: str, code: str) -> None:
    headers = {b"Authorization": authorization.encode("latin-1")} if authorization else {}
    for path in (POSYANDU, f"/reviews/{uuid7()}/decision"):
        answer = await client.post(path, json=changed(), headers=headers)
        refusal(answer, 401, code)
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert await value(owner, STORED) == 0


ENDED = {
    "expired": "UPDATE titik.token SET expires_at = now() - interval '1 second'",
    "revoked": "UPDATE titik.token SET revoked_at = now()",
    "of an account that is no longer active": "UPDATE titik.account SET active = false",
}


@pytest.mark.parametrize("ending", ENDED.values(), ids=ENDED)
async def test_a_token_that_has_ended_opens_nothing(client: Client, database: Settings, ending: str) -> None:
    headers = {"Authorization": f"Bearer {await a_token(database, 'pic', [MOJOROTO])}"}
    assert (await client.post(POSYANDU, json=changed(), headers=headers)).status_code == 201
    async with open_once(database.owner_dsn) as session:
        await execute(session, ending)
    refusal(await client.post(POSYANDU, json=changed(), headers=headers), 401, "token-unknown")
    refusal(await client.get(f"{POSYANDU}/{uuid7()}", headers=headers), 401, "token-unknown")


# -- addresses


PARAMETER = (400, "parameter-invalid")
ADDRESSES: dict[str, tuple[str, int, str, tuple[str, str] | None]] = {
    "an unknown parameter": (f"{POSYANDU}?warna={MARK}", *PARAMETER, ("warna", "parameter-unknown")),
    "a parameter of another case": (f"{POSYANDU}?Limit=5", *PARAMETER, ("Limit", "parameter-unknown")),
    "a repeated parameter": (f"{POSYANDU}?limit=5&limit={MARK}", *PARAMETER, ("limit", "parameter-repeated")),
    "an unknown parameter of the landing page": (f"/?warna={MARK}", *PARAMETER, ("warna", "parameter-unknown")),
    "an unknown parameter of a tile": (f"{TILES}/0/0/0?warna={MARK}", *PARAMETER, ("warna", "parameter-unknown")),
    "an unknown format": (f"{POSYANDU}?f={MARK}", *PARAMETER, ("f", "not-one-of")),
    "a negative limit": (f"{POSYANDU}?limit=-1", *PARAMETER, ("limit", "limit-invalid")),
    "a limit of nothing": (f"{POSYANDU}?limit=0", *PARAMETER, ("limit", "limit-invalid")),
    "a limit of words": (f"{POSYANDU}?limit={MARK}", *PARAMETER, ("limit", "limit-invalid")),
    "an empty limit": (f"{POSYANDU}?limit=", *PARAMETER, ("limit", "limit-invalid")),
    "a limit with a fraction": (f"{POSYANDU}?limit=1.5", *PARAMETER, ("limit", "limit-invalid")),
    "a limit with an exponent": (f"{POSYANDU}?limit=1e9", *PARAMETER, ("limit", "limit-invalid")),
    "a limit in other digits": (f"{POSYANDU}?limit=\u0665", *PARAMETER, ("limit", "limit-invalid")),
    "a limit of 5,000 digits": (f"{POSYANDU}?limit={'9' * 5_000}", *PARAMETER, ("limit", "limit-invalid")),
    "a box upside down": (f"{POSYANDU}?bbox=112,-7,113,-8", *PARAMETER, ("bbox", "bbox-invalid")),
    "a box with NaN": (f"{POSYANDU}?bbox=112,NaN,113,-7", *PARAMETER, ("bbox", "bbox-invalid")),
    "an endless box": (f"{POSYANDU}?bbox=-inf,-90,inf,90", *PARAMETER, ("bbox", "bbox-invalid")),
    "a box of three": (f"{POSYANDU}?bbox=112,-8,113", *PARAMETER, ("bbox", "bbox-invalid")),
    "a box of five": (f"{POSYANDU}?bbox=112,-8,0,113,-7", *PARAMETER, ("bbox", "bbox-invalid")),
    "a box of words": (f"{POSYANDU}?bbox={MARK}", *PARAMETER, ("bbox", "bbox-invalid")),
    "a box off the earth": (f"{POSYANDU}?bbox=112,-8,190,-7", *PARAMETER, ("bbox", "bbox-invalid")),
    "a forged cursor": (f"{POSYANDU}?cursor={MARK}", *PARAMETER, ("cursor", "cursor-unknown")),
    "an empty cursor": (f"{POSYANDU}?cursor=", *PARAMETER, ("cursor", "cursor-unknown")),
    "a cursor of zeros": (f"{POSYANDU}?cursor={'A' * 32}", *PARAMETER, ("cursor", "cursor-unknown")),
    "a cursor that is not ASCII": (f"{POSYANDU}?cursor=%C3%BF", *PARAMETER, ("cursor", "cursor-unknown")),
    "a kelurahan with NUL": (f"{POSYANDU}?kelurahan=%00{MARK}", *PARAMETER, ("kelurahan", "nul-character")),
    "a kelurahan too long": (f"{POSYANDU}?kelurahan={MARK * 10}", *PARAMETER, ("kelurahan", "kelurahan-unknown")),
    "a zoom too deep": (f"{TILES}/31/0/0", *PARAMETER, ("tile", "tile-unknown")),
    "a column out of range": (f"{TILES}/2/0/4", *PARAMETER, ("tile", "tile-unknown")),
    "a row out of range": (f"{TILES}/2/4/0", *PARAMETER, ("tile", "tile-unknown")),
    "a negative column": (f"{TILES}/2/0/-1", *PARAMETER, ("tile", "tile-unknown")),
    "a zoom with zeros before": (f"{TILES}/007/0/0", *PARAMETER, ("tile", "tile-unknown")),
    "a row of letters": (f"{TILES}/7/a/0", *PARAMETER, ("tile", "tile-unknown")),
    "a place without lat": ("/locate?lon=112", *PARAMETER, ("lat", "parameter-missing")),
    "a place of words": (f"/locate?lon={MARK}&lat=-7.8", *PARAMETER, ("lon", "coordinate-invalid")),
    "a place with NaN": ("/locate?lon=NaN&lat=-7.8", *PARAMETER, ("lon", "coordinate-invalid")),
    "a place of 1e999": ("/locate?lon=112&lat=1e999", *PARAMETER, ("lat", "coordinate-invalid")),
    "an accuracy below nothing": ("/locate?lon=112&lat=-7.8&accuracy=-1", *PARAMETER, ("accuracy", "coordinate-invalid")),
    "an unknown CRS": (f"/locate?lon=112&lat=-7.8&crs={MARK}", *PARAMETER, ("crs", "crs-unknown")),
    "a CRS with NUL": ("/locate?lon=112&lat=-7.8&crs=EPSG:%004326", *PARAMETER, ("crs", "nul-character")),
    "an unknown path": ("/tidak/ada", 404, "not-found", None),
    "an unknown collection": ("/collections/warung", 404, "collection-unknown", None),
    "items of an unknown collection": ("/collections/warung/items", 404, "collection-unknown", None),
    "a tile of an unknown collection": ("/collections/warung/tiles/WebMercatorQuad/0/0/0", 404, "collection-unknown", None),
    "a collection with NUL": ("/collections/posyandu%00", 404, "not-found", None),
    "items of a collection with NUL": ("/collections/posyandu%00/items", 404, "not-found", None),
    "a tile of a collection with NUL": ("/collections/posyandu%00/tiles/WebMercatorQuad/0/0/0", 404, "not-found", None),
    "a collection that is SQL": ("/collections/'; DROP TABLE titik.point; --/items", 404, "collection-unknown", None),
    "a collection that is not UTF-8": ("/collections/%ff%fe/items", 404, "collection-unknown", None),
    "an unknown tile matrix set": ("/collections/posyandu/tiles/WorldCRS84Quad/0/0/0", 404, "not-found", None),
    "an unknown item": (f"{POSYANDU}/{uuid7()}", 404, "item-unknown", None),
    "an item that is no UUID": (f"{POSYANDU}/{MARK[:4]}", 404, "item-unknown", None),
}  # fmt: skip


@pytest.mark.parametrize(("path", "status", "code", "fault"), ADDRESSES.values(), ids=ADDRESSES)
async def test_an_address_that_is_wrong_is_refused(
    client: Client, path: str, status: int, code: str, fault: tuple[str, str] | None
) -> None:
    assert places(refusal(await client.get(path), status, code)) == ({fault} if fault else set())


@pytest.mark.parametrize("revision", ["01a2049a-e375-7e1d-9c32-9cec5016a16e", "abc", "35.71"])
async def test_a_revision_that_is_unknown_is_not_found(as_role: AsRole, revision: str) -> None:
    answer = await (await as_role("walidata")).post(f"/reviews/{revision}/decision", json={"decision": "publish"})
    refusal(answer, 404, "revision-unknown")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "XYZ"])
async def test_a_method_that_is_not_offered_is_refused(client: Client, method: str) -> None:
    refusal(await client.request(method, POSYANDU, json=changed()), 405, "method-not-allowed")


async def test_writing_to_an_unknown_collection_is_not_found(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", MOJOROTO)
    for collection in ("warung", "p%C3%B6syandu", "Posyandu"):
        refusal(await pic.post(f"/collections/{collection}/items", json=changed()), 404, "collection-unknown")
    assert await value(owner, STORED) == 0


async def test_a_request_id_of_the_client_is_kept_and_a_hostile_one_is_not(client: Client) -> None:
    kept = await client.get("/tidak/ada", headers={"X-Request-Id": "telepon-12345678"})
    assert refusal(kept, 404, "not-found")["request_id"] == "telepon-12345678"
    for hostile in (f"{MARK} <b>", "x" * 65, "", "a\tb\tc\td\te"):
        refusal(await client.get("/tidak/ada", headers={"X-Request-Id": hostile}), 404, "not-found")


async def test_the_same_refusal_in_english(client: Client) -> None:
    problem = refusal(await client.get(f"{POSYANDU}?limit=0", headers={"Accept-Language": "en"}), 400, "parameter-invalid")
    assert (problem["title"], problem["errors"][0]["detail"]) == ("Invalid parameter", "A whole number from 1.")


def test_the_good_feature_is_good_so_that_each_refusal_has_one_cause() -> None:
    assert (changed()["geometry"]["coordinates"], changed()["properties"]["address"]) == (list(IN_MOJOROTO), MARK)
