"""What is not public is planted in every place where it may be written, and searched for in every place where it must not appear."""

import io
import json
import logging
import random
import re
import sys
import zipfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pyarrow.parquet
import pytest
import structlog

from app.connections import open_once
from app.main import create_app
from app.points import service
from app.points.judging import stored
from app.published import projection
from app.settings import Settings
from app.statement import Statement
from app.uuid7 import uuid7
from tests.api.test_imports import committed, judged
from tests.api.test_landing import ENDLESS
from tests.conftest import Client
from tests.factories import (
    BUJEL,
    IN_MOJOROTO,
    MOJOROTO,
    PUBLISH,
    a_feature,
    a_token,
    decision_of,
    execute,
    published,
    running,
    submitted,
    tile_of,
    value,
)

pytestmark = pytest.mark.anyio

# Each in a place of its own, so that a finding names the leak.
PLANTED = {
    "contact name": "Sukarminah-Zx1", "contact phone": "+6281299887701", "restricted": "Rahasia-Zx2", "internal": "Internal-Zx3",
    "address of an RT": "Gang-Zx4", "override reason": "Alasan-Zx5", "draft": "Draf-Zx6", "submitted": "Usulan-Zx7", "returned": "Kembali-Zx8",
    "return reason": "Tolak-Zx9", "closing reason": "Tutup-Zx10", "report": "Laporan-Zx11",
}  # fmt: skip
UNKNOWN: dict[str, Any] = {PLANTED["contact name"]: 1}
INTERNAL = {"internal", "address of an RT"}
CATEGORY = """
    INSERT INTO titik.category (id, title, description, attribute_schema, required, natural_key, cardinality, field_visibility)
    VALUES ('uji', '{"id": "Uji", "en": "Trial"}', '{"id": "Uji", "en": "Trial"}',
            '{"type": "object", "properties": {"tertutup": {"type": "string"}, "dalam": {"type": "string"}}}',
            '{name}', '{}', 'many', '{"tertutup": "restricted", "dalam": "internal"}')
"""
GONE = ("DELETE FROM titik.revision", "DELETE FROM titik.point", "DELETE FROM titik.category WHERE id = 'uji'")


@dataclass
class Planted:
    settings: Settings
    clients: dict[str, Client]
    ids: list[str] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)


def found_in(text: str, *, but: set[str] = frozenset()) -> list[str]:  # type: ignore[assignment]
    return [place for place, secret in PLANTED.items() if secret in text and place not in but]


@pytest.fixture
async def planted(database: Settings) -> AsyncIterator[Planted]:
    async with open_once(database.owner_dsn) as session:
        await execute(session, CATEGORY)
    app = create_app(database.model_copy(update={"log_level": "debug", "log_format": "json"}))
    async with running(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        clients = {"": Client(transport=transport, base_url="http://titik.test")}
        for name, role, code in (("pic", "pic", [MOJOROTO]), ("foreign", "pic", [BUJEL]), ("walidata", "walidata", []), ("opd", "opd", []), ("pembina", "pembina", [])):  # fmt: skip
            token = await a_token(database, role, code, f"akun-{name}")
            clients[name] = Client(transport=transport, base_url="http://titik.test", headers={"Authorization": f"Bearer {token}"})
        world = Planted(database, clients)
        await plant(world)
        yield world
        for client in clients.values():
            await client.aclose()
    async with open_once(database.owner_dsn) as session:
        await execute(session, "TRUNCATE titik.contact, titik.retry, titik.placement_change")
        for statement in GONE:
            await execute(session, statement)


async def plant(world: Planted) -> None:
    pic, walidata = world.clients["pic"], world.clients["walidata"]
    closed: dict[str, Any] = {"tertutup": PLANTED["restricted"], "dalam": PLANTED["internal"], "jenis": None}
    open_point = await published(pic, walidata, a_feature(name="Titik Uji", **closed), "uji")
    ends = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
    contact = {
        "role": "ketua",
        "name": PLANTED["contact name"],
        "phone": PLANTED["contact phone"],
        "legal_basis": "SK",
        "term_ends_on": ends,
    }
    assert (await pic.post(f"/points/{open_point['id']}/contacts", json=contact)).status_code == 201
    assert PLANTED["contact phone"] in (await walidata.get(f"/points/{open_point['id']}/contacts")).text
    rt = a_feature(112.0018, name=None, jenis=None, rt="3", rw="1", address=PLANTED["address of an RT"])
    home = await published(pic, walidata, rt, "rt")
    away = a_feature(*reversed((-7.8001, 111.9895)), kelurahan=MOJOROTO, override_reason=PLANTED["override reason"])
    lent = await published(pic, walidata, away)
    draft = (await pic.post("/collections/posyandu/items?draft=true", json=a_feature(name=PLANTED["draft"]))).json()
    waiting = await submitted(pic, a_feature(112.0021, name=PLANTED["submitted"]))
    returned = await submitted(pic, a_feature(112.0024, name=PLANTED["returned"]))
    await walidata.post(decision_of(returned), json={"decision": "return", "reason": PLANTED["return reason"]})
    closing = {"move": "close", "reason": PLANTED["closing reason"]}
    assert (await pic.post(f"/points/{lent['id']}/revisions", json=closing)).status_code == 200
    told = {"kind": "error", "point": open_point["id"], "text": PLANTED["report"]}
    report = await world.clients[""].post("/reports", json=told)
    assert report.status_code == 201, report.text
    world.reports = [report.json()["number"]]
    world.ids = [point["id"] for point in (open_point, home, lent, draft, waiting, returned)]


async def addresses(world: Planted) -> list[str]:
    """Every GET of the API document, with every value that its parameters can have here: a route that is added later is searched too."""
    document = (await world.clients[""].get("/api")).json()
    lon, lat = IN_MOJOROTO
    tiles = [tile_of(lon, lat, zoom).split("/") for zoom in (0, 8, 12, 14, 16)]
    values = {
        "collection": ["uji", "rt", "posyandu"], "item": world.ids, "point": world.ids, "revision": world.ids, "contact": world.ids[:1], "photo": world.ids[:1], "import_id": world.ids[:1], "category": ["uji", "rt"],
        "tileMatrixSetId": ["WebMercatorQuad"], "tile": tiles, "version": ["0", "1"], "indicator": ["titik_rt", "jumlah_rt"], "kelurahan": [MOJOROTO], "period": ["2024"], "value": [str(uuid7())], "activity": ["uji", "rt", "profiles"], "style": ["titik"], "code": ["a" * 40],
        "account": ["akun-pic"], "token": ["1"], "webhook": world.ids[:1], "edition": ["demo", "1"], "job": world.ids[:1], "number": world.reports,
    }  # fmt: skip
    found = []
    for path, operations in document["paths"].items():
        if "get" in operations and path != ENDLESS:
            addresses = list(filled(path, values))
            is_page = "text/html" in operations["get"]["responses"].get("200", {}).get("content", {})
            found += addresses + ([f"{one}?f=html" for one in addresses] if is_page else [])
    return [*found, "/locate?lon=112.0016&lat=-7.8041", "/collections/posyandu/items?view=work"]


def filled(path: str, values: dict[str, Any]) -> Iterator[str]:
    if "{tileMatrix}" in path:
        for z, y, x in values["tile"]:
            yield from filled(path.replace("{tileMatrix}", z).replace("{tileRow}", y).replace("{tileCol}", x), values)
        return
    before, brace, rest = path.partition("{")
    if not brace:
        yield path
        return
    name, _, after = rest.partition("}")
    for one in values[name]:  # a parameter that nobody has described here is an error, not a gap
        yield from filled(f"{before}{one}{after}", values)


async def test_nothing_planted_is_shown_to_those_who_may_not_see_it(planted: Planted) -> None:
    urls = await addresses(planted)
    assert len(urls) > 60
    shown = 0
    for name in ("", "foreign", "opd", "pembina"):
        for url in urls:
            answer = await planted.clients[name].get(url)
            assert answer.status_code < 500, url
            # The offices of the city read the internal half.
            assert found_in(answer.content.decode("utf-8", "replace"), but=INTERNAL if name else set()) == [], (name, url)
            shown += answer.status_code == 200
    assert shown > 60
    # The search can find: those who work see it.
    work = (await planted.clients["pic"].get("/collections/posyandu/items?view=work")).text
    assert {"draft", "submitted", "returned", "override reason"} <= set(found_in(work))


async def test_nothing_planted_is_in_the_read_halves_the_record_or_what_listeners_get(planted: Planted) -> None:
    async with open_once(planted.settings.owner_dsn) as session:
        for table, but in (
            ("published.item", set[str]()), ("published.collection", set[str]()), ("internal.item", INTERNAL | {"override reason"}),
            ("titik.audit", set[str]()), ("titik.outbox", set[str]()),
        ):  # fmt: skip
            text = await value(session, f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
            assert text
            assert found_in(text, but=but) == [], table
        assert found_in(await value(session, "SELECT string_agg(t::text, ' ') FROM internal.item t")) == ["internal", "address of an RT"]


class Said(list[str]):
    """Everything that is logged, as the service writes it."""

    def __bool__(self) -> bool:
        """structlog takes an empty list for no logger at all."""
        return True

    def msg(self, line: bytes | str) -> None:
        self.append(line.decode() if isinstance(line, bytes) else line)

    debug = info = warning = error = msg


@pytest.fixture
def said(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> Said:
    kept = Said()
    chain = structlog.get_config()["processors"]
    logger = structlog.wrap_logger(kept, processors=chain, wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    for name, module in list(sys.modules.items()):
        if name.startswith("app.") and hasattr(module, "_log"):
            monkeypatch.setattr(module, "_log", logger)
    return kept


async def test_neither_errors_nor_the_log_repeat_what_somebody_sent(planted: Planted, said: Said) -> None:
    pic, secret = planted.clients["pic"], PLANTED["contact name"]
    posyandu = "/collections/posyandu/items"
    answers = [
        await pic.post(posyandu, json=a_feature(jenis=secret)),
        await pic.post(posyandu, json=a_feature(**UNKNOWN)),
        await pic.post(posyandu, json=a_feature(name=secret, rt=secret)),
        await pic.post(posyandu, content=f'{{"name": "{secret}"'),
        await pic.post(posyandu, json=a_feature(kelurahan=secret)),
        await pic.post(posyandu, json=a_feature(name=secret, id=str(uuid7())), headers={"Idempotency-Key": secret + "\x7f"}),
        await pic.post(f"/points/{planted.ids[0]}/contacts", json={"role": secret, "phone": secret, "name": secret}),
        await pic.post(f"/points/{planted.ids[0]}/revisions", json={"move": secret}),
        await pic.get(f"{posyandu}?datetime={secret}"),
        await pic.get(f"{posyandu}?filter={secret}"),
        await pic.get(f"{posyandu}?sortby={secret}&properties={secret}&crs={secret}"),
        await pic.get(f"{posyandu}?bbox={secret}"),
        await pic.get(f"/locate?lon={secret}&lat=1"),
        await pic.get(f"/collections/{secret}/items"),
        await pic.get(f"{posyandu}/{secret}"),
        await pic.get(f"/{secret}"),
        await pic.get("/reviews", headers={"Authorization": f"Bearer {secret}"}),
        await pic.post("/reviews/decisions", json={"decision": "publish", "revisions": [secret]}),
    ]
    assert {answer.status_code // 100 for answer in answers} == {4}
    for answer in answers:
        told = answer.json() | {"instance": ""}
        # The name of a member or a parameter that nobody knows is pointed at, so that it can be found; values never are.
        told["errors"] = [fault for fault in told.get("errors", []) if fault["code"] != "attribute-unknown"]
        assert found_in(json.dumps(told)) == [], answer.request.url
    log = "\n".join(said)
    assert log.count('"event":"request"') == len(answers), "the log was really looked at"
    assert found_in(log) == []


async def test_a_fault_of_ours_is_logged_without_the_row(planted: Planted, said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL quotes the row that breaks a rule; here it is one that no check before it stops."""
    monkeypatch.setattr(service, "stored", lambda placement: {**stored(placement), "verdict": "nowhere"})
    answer = await planted.clients["pic"].post("/collections/posyandu/items", json=a_feature(112.003, name=PLANTED["submitted"]))
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:titik:problem:server-error")
    log = "\n".join(said)
    assert "ck_revision_" in log
    assert found_in(answer.text + log) == []


async def test_publishing_again_or_anew_gives_the_very_same_public_place(planted: Planted) -> None:
    """Not jittered anew each time: many samples would tell the middle."""
    pic, walidata = planted.clients["pic"], planted.clients["walidata"]
    home = f"/collections/rt/items/{planted.ids[1]}"
    first = (await planted.clients[""].get(home)).json()["geometry"]
    assert first["coordinates"] == [round(number, 3) for number in first["coordinates"]]
    for number in range(3):
        changed = await pic.patch(home, json={"properties": {"jumlah_kk": 40 + number}}, headers={"If-Match": "*"})
        assert (await walidata.post(decision_of(changed.json()), json=PUBLISH)).status_code == 200
        assert (await planted.clients[""].get(home)).json()["geometry"] == first
    async with open_once(planted.settings.owner_dsn) as session:
        await projection.rebuild(session)
        assert await session.value(Statement("SELECT feature::jsonb -> 'geometry' FROM published.item WHERE category = 'rt'")) == first


# -- people, through every door

FORMATS = ("geojson", "geojsonseq", "csv", "html", "fgb", "gpkg", "parquet", "kml", "xlsx")
KEPT_FOR_PEOPLE = ("titik.contact", "titik.import_file")


@dataclass(frozen=True)
class Someone:
    name: str
    digits: str
    """Of the telephone, from the operator's number on: `81…`."""

    @property
    def phone(self) -> str:
        return f"0{self.digits}"

    def is_in(self, text: str) -> bool:
        return self.name.casefold() in text.casefold() or self.digits in re.sub(r"[\s().\-]", "", text)


def strangers(number: int, seed: int) -> list[Someone]:
    dice = random.Random(seed)

    def name() -> str:
        return "".join(dice.choices("aeiou", k=1) + dice.choices("bcdfgklmnprst", k=9)).title()

    return [Someone(f"{name()} {name()}", f"8{dice.randint(1, 9)}{dice.randint(10**8, 10**9 - 1)}") for _ in range(number)]


async def through_every_door(world: Planted, people: list[Someone]) -> None:
    """Each of them is sent in another way: kept as a contact, or refused, or left out."""
    pic, walidata = world.clients["pic"], world.clients["walidata"]
    posted, put, file, later, uncommitted, name, own, offline, insisted = people
    ends = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
    contacts = f"/points/{world.ids[0]}/contacts"
    body = {"role": "kader", "name": posted.name, "phone": posted.phone, "legal_basis": "SK", "term_ends_on": ends}
    added = await pic.post(contacts, json=body)
    assert added.status_code == 201
    other = body | {"name": put.name, "phone": f"+62 {put.digits[:3]}-{put.digits[3:]}"}
    assert (await pic.put(f"{contacts}/{added.json()['id']}", json=other)).status_code == 200

    async def sent(someone: Someone, rt: int, phone: str, **asked: Any) -> dict[str, Any]:
        rows = f"Nama,RT,RW,Kelurahan,No HP,Lintang,Bujur\n{someone.name},{rt},9,Mojoroto,{phone},{-7.8041 + rt / 1e5:.6f},112.001655\n"
        return await judged(pic, rows.encode(), category="rt", **asked)

    terms = {"legal_basis": "SK", "term_ends_on": ends}
    done = await committed(pic, await sent(file, 31, f"{file.phone[:4]}-{file.phone[4:8]}-{file.phone[8:]}"), contacts=terms)
    assert done["committed"]["contacts"]["added"] == 1
    done = await committed(pic, await sent(later, 32, later.digits))
    assert done["committed"]["stored"] == 1
    again = await sent(later, 32, later.digits)
    assert (await committed(pic, again, contacts=terms))["committed"]["contacts"]["added"] == 1
    assert (await sent(uncommitted, 33, uncommitted.phone))["people"] == 1
    rt = a_feature(112.0030, jenis=None, rt="34", rw="9")
    assert (await pic.post("/collections/rt/items", json=rt | {"properties": rt["properties"] | {"name": name.name}})).status_code == 422
    unknown = await pic.post("/collections/posyandu/items", json=a_feature(112.0031, jenis=own.name, kader_aktif=own.phone))
    assert unknown.status_code == 422
    change = {"client_id": str(uuid7()), "op": "create", "point": str(uuid7()), "feature": a_feature(112.0032, category="rt", name=offline.name, jenis=None, rt="35", rw="9")}  # fmt: skip
    synced = await pic.post("/sync", json={"changes": [change]})
    assert synced.status_code == 200, synced.text
    results = synced.json()["results"]
    assert (results[0]["code"], offline.is_in(str(results))) == (422, False)
    # A name that somebody insists on is not committed with what is good.
    asked = await sent(insisted, 36, insisted.phone, columns='{"Nama": "name"}')
    assert (await committed(pic, asked))["committed"]["stored"] == 0
    for waiting in (await walidata.get("/reviews?limit=100")).json()["reviews"]:
        await walidata.post(f"/reviews/{waiting['revision']}/decision", json=PUBLISH)


def opened(content: bytes) -> str:
    """What a file holds, as far as texts stand in it plainly or packed by zip."""
    texts = [content.decode("utf-8", "replace"), content.decode("utf-16-le", "replace")]
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            texts += [packed.read(one).decode("utf-8", "replace") for one in packed.namelist()]
    if content[:4] == b"PAR1":
        texts.append(str(pyarrow.parquet.read_table(io.BytesIO(content)).to_pylist()))
    return " ".join(texts)


@pytest.mark.parametrize("seed", [1, 20261129])
@pytest.mark.slow(23)
async def test_nobody_that_went_in_through_any_door_comes_out_of_another(planted: Planted, said: Said, seed: int) -> None:
    people = strangers(9, seed)
    await through_every_door(planted, people)
    shown: dict[str, str] = {}
    for reader in ("", "opd", "foreign"):
        client = planted.clients[reader]
        for collection in ("rt", "posyandu", "uji", "points"):
            for form in FORMATS:
                answer = await client.get(f"/collections/{collection}/items", params={"f": form, "limit": "1000"})
                assert answer.status_code == 200, (collection, form)
                shown[f"{reader} {collection} {form}"] = opened(answer.content)
        for url in [one for one in await addresses(planted) if "tiles/" in one or "/changes" in one or "/notices" in one]:
            shown[f"{reader} {url}"] = opened((await client.get(url)).content)
    assert "RT 31 RW 09" in shown[" rt parquet"]
    assert "RT 31 RW 09" in shown[" rt geojson"]
    async with open_once(planted.settings.owner_dsn) as session:
        tables = await session.all(Statement("SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('titik', 'published', 'internal', 'queue')"))  # fmt: skip
        for table in {row["name"] for row in tables} - {*KEPT_FOR_PEOPLE}:
            shown[table] = await value(session, f"SELECT coalesce(string_agg(CAST(t AS text), ' '), '') FROM {table} t")
        kept = await value(session, "SELECT string_agg(CAST(t AS text), ' ') FROM titik.contact t")
    shown["log"] = "\n".join(said)
    assert shown["log"].count('"event":"request"') > 100
    assert len(shown["titik.audit"]) > 100
    assert [someone.is_in(kept) for someone in people] == [False, True, True, True, *[False] * 5]
    # The rows of an import are its sender's alone, until they are committed or thrown away.
    waiting = shown.pop("titik.import_row")
    assert [someone.is_in(waiting) for someone in people] == [False] * 4 + [True, False, False, False, True]
    assert [(where, people.index(someone)) for where, text in shown.items() for someone in people if someone.is_in(text)] == []
