"""Indicators: read, added, changed, refused; and figures that open exactly the records they count, for whoever asks."""

import copy
import random
from collections.abc import Mapping
from typing import Any

import pytest

from app.connections import open_once
from app.indicators.queries import shipped
from app.settings import Settings
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, IN_MOJOROTO, MOJOROTO, a_feature, code_of, execute, published, value

pytestmark = pytest.mark.anyio

IN_BUJEL = (111.9895, -7.8001)
PAGE = {"Accept": "text/html"}
TAMAN: dict[str, Any] = {
    "id": "jumlah_taman", "subject": "environment", "name": {"id": "Jumlah Taman", "en": "Parks"}, "concept": {"id": "Taman", "en": "Parks"},
    "definition": {"id": "Taman kota.", "en": "City parks."}, "interpretation": {"id": "Makin banyak.", "en": "The more."},
    "formula": {"id": "Menghitung.", "en": "Counting."}, "measure": {"id": "Jumlah", "en": "Number"}, "unit": {"id": "taman", "en": "parks"},
    "source": {"id": "Dinas.", "en": "The office."},
}  # fmt: skip


def taman(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(TAMAN), **changes}


def counted(name: str, **count: Any) -> dict[str, Any]:
    return taman(
        id=name, name={"id": f"Titik {name.title().replace('_', ' ')}", "en": name}, kind="counted", count={"category": "posyandu", **count}
    )


@pytest.fixture
async def admin(as_role: AsRole) -> Client:
    return await as_role("admin")


async def test_everybody_reads_what_is_shipped(client: Client) -> None:
    listed = (await client.get("/indicators")).json()
    assert listed["numberReturned"] == len(shipped()) > 40
    one = (await client.get("/indicators/jumlah_penduduk")).json()
    assert (one["version"], one["kind"], one["threshold"], one["composite"]) == (1, "entered", 5, False)
    assert one["checks"][0] == {
        "kind": "parts",
        "indicators": ["penduduk_laki_laki", "penduduk_perempuan"],
        "percent": None,
        "severity": "fault",
    }
    density = (await client.get("/indicators/kepadatan_penduduk")).json()
    assert (density["composite"], density["built_from"]) == (True, ["jumlah_penduduk", "luas_wilayah"])
    share = (await client.get("/indicators/posyandu_terdaftar")).json()
    assert (share["composite"], share["built_from"]) == (False, ["nomor_registrasi"])
    for link in [*listed["links"], *one["links"], *share["links"], *(link for each in listed["indicators"] for link in each["links"])]:
        answer = await client.get(link["href"])
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, link["type"]), link


async def test_who_has_it_is_told_so(client: Client) -> None:
    for path in ("/indicators", "/indicators/jumlah_rt", "/indicators/jumlah_rt/versions/1"):
        first = await client.get(path)
        again = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), path


async def test_an_administrator_adds_and_changes_one_and_every_version_stays(client: Client, admin: Client, database: Settings) -> None:
    added = await admin.post("/indicators", json=TAMAN)
    assert (added.status_code, added.headers["etag"]) == (201, '"1"'), added.text
    assert added.headers["location"].endswith("/indicators/jumlah_taman")
    assert (await admin.post("/indicators", json=TAMAN)).status_code == 200
    assert code_of(await admin.post("/indicators", json=taman(decimals=2))) == (409, "indicator-there")

    path = "/indicators/jumlah_taman"
    read = (await admin.get(path)).json()
    assert code_of(await admin.put(path, json=read | {"decimals": 2})) == (428, "version-missing")
    changed = await admin.put(path, json=read | {"decimals": 2}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"], changed.json()["version"]) == (200, '"2"', 2)
    stale = await admin.put(path, json=read | {"decimals": 3}, headers={"If-Match": '"1"'})
    assert (code_of(stale), stale.json()["version"]) == ((412, "indicator-stale"), 2)
    assert (await admin.put(path, json=read | {"decimals": 2}, headers={"If-Match": "*"})).json()["version"] == 2

    now = (await client.get(path)).json()
    assert [one["version"] for one in now["versions"]] == [2, 1]
    former = [(await client.get(one["links"][0]["href"])).json() for one in now["versions"]]
    assert [one["decimals"] for one in former] == [2, 0]
    for number in ("3", "0", "x"):
        assert code_of(await client.get(f"{path}/versions/{number}")) == (404, "indicator-unknown")
    async with open_once(database.owner_dsn) as session:
        deeds = await value(session, "SELECT array_agg(action ORDER BY id) FROM titik.audit WHERE subject = 'jumlah_taman'")
    assert deeds == ["indicator.add", "indicator.change"]


async def test_no_etag_of_the_public_form_changes_anything(client: Client, admin: Client) -> None:
    read = await client.get("/indicators/jumlah_rt")
    refused = await admin.put("/indicators/jumlah_rt", json=read.json() | {"decimals": 1}, headers={"If-Match": read.headers["etag"]})
    assert code_of(refused) == (412, "indicator-stale")


async def test_the_public_learns_nothing_of_what_is_internal(client: Client, admin: Client, as_role: AsRole) -> None:
    opd, path = await as_role("opd"), "/indicators/jumlah_taman"
    secret = {"id": "Rahasia.", "en": "Secret."}
    assert (await admin.post("/indicators", json=taman(audience="internal", definition=secret))).status_code == 201
    assert code_of(await client.get(path)) == code_of(await client.get(f"{path}/versions/1")) == (404, "indicator-unknown")
    assert "jumlah_taman" not in (await client.get("/indicators")).text + (await client.get("/indicators", headers=PAGE)).text
    assert "jumlah_taman" in (await opd.get("/indicators")).text
    assert (await opd.get(path)).json()["definition"] == secret
    # Now public: what it said before stays where it was.
    assert (await admin.put(path, json=TAMAN, headers={"If-Match": '"1"'})).status_code == 200
    assert [one["version"] for one in (await client.get(path)).json()["versions"]] == [2]
    assert code_of(await client.get(f"{path}/versions/1")) == (404, "indicator-unknown")
    assert [one["version"] for one in (await opd.get(path)).json()["versions"]] == [2, 1]
    # And internal again: nothing of it is left to the public.
    assert (await admin.put(path, json=taman(audience="internal"), headers={"If-Match": '"2"'})).status_code == 200
    assert code_of(await client.get(f"{path}/versions/2")) == (404, "indicator-unknown")


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"name": {"id": "jumlah taman", "en": "Parks"}}, "/name/id", "name-capitals"),
        ({"concept": {"id": "Jumlah Taman", "en": "Parks"}}, "/concept/id", "concept-measure"),
        ({"concept": {"id": "Taman Kelurahan Mojoroto", "en": "Parks"}}, "/concept/id", "name-region"),
        ({"name": {"id": "Jumlah Penduduk", "en": "Population"}}, "/name/id", "name-not-unique"),
        ({"kind": "computed", "expression": "jumlah_taman + 1"}, "/expression", "expression-itself"),
        ({"kind": "computed", "expression": "jumlah_penduduk / 0"}, "/expression", "expression-division-by-zero"),
        ({"kind": "computed", "expression": "1,5 * jumlah_penduduk"}, "/expression", "expression-unexpected"),
        ({"kind": "computed", "expression": "jumlah_pendudk"}, "/expression", "indicator-not-there"),
        ({"kind": "counted", "count": {"category": "tidak_ada"}}, "/count/category", "field-not-there"),
        ({"kind": "counted", "count": {"category": "posyandu", "filter": "strata ="}}, "/count/filter", "filter-invalid"),
        ({"kind": "counted", "count": {"category": "posyandu", "filter": "tempat = 'balai'"}}, "/count/filter", "property-unknown"),
        ({"kind": "counted", "count": {"category": "posyandu", "of": "strata = 'madya'"}}, "/count/of", "count-of-no-share"),
        ({"threshold": "5"}, "/threshold", "not-a-number"),
        ({"definition": {"id": "", "en": "x"}}, "/definition/id", "text-too-short"),
        ({"wrong": 1}, "/wrong", "member-unknown"),
    ],
)
async def test_what_is_wrong_is_said_in_both_languages_and_nothing_is_stored(
    admin: Client, client: Client, changes: dict[str, Any], pointer: str, code: str
) -> None:
    told = []
    for language in ("id", "en"):
        refused = await admin.post("/indicators", json=taman(**changes), headers={"Accept-Language": language})
        assert refused.status_code == 422, refused.text
        told.append(next(one["detail"] for one in refused.json()["errors"] if (one["pointer"], one["code"]) == (pointer, code)))
    assert told[0] != told[1]
    assert (await client.get("/indicators/jumlah_taman")).status_code == 404


async def test_a_circle_of_two_is_refused(admin: Client) -> None:
    first = taman(id="satu", name={"id": "Satu", "en": "One"})
    second = taman(id="dua", name={"id": "Dua", "en": "Two"}, kind="computed", expression="satu * 2")
    for one in (first, second):
        assert (await admin.post("/indicators", json=one)).status_code == 201
    turned = first | {"kind": "computed", "expression": "dua / 2"}
    refused = await admin.put("/indicators/satu", json=turned, headers={"If-Match": "*"})
    assert refused.json()["errors"][0]["code"] == "expression-circle"
    assert "satu → dua → satu" in refused.json()["errors"][0]["detail"]


@pytest.mark.parametrize("role", ["pic", "walidata", "opd", "pembina"])
async def test_only_an_administrator_defines(as_role: AsRole, role: str) -> None:
    other = await as_role(role, *([MOJOROTO] if role == "pic" else []))
    assert code_of(await other.post("/indicators", json=TAMAN)) == (403, "action-forbidden")
    assert code_of(await other.put("/indicators/jumlah_rt", json=TAMAN, headers={"If-Match": "*"})) == (403, "action-forbidden")


async def test_the_database_takes_no_change_of_a_version(database: Settings) -> None:
    async with open_once(database.service_dsn) as session:
        for right in ("UPDATE", "DELETE", "TRUNCATE"):
            assert not await value(session, f"SELECT has_table_privilege('titik.indicator', '{right}')")


# -- figures


async def _sow(as_role: AsRole) -> None:
    pic, other, walidata = await as_role("pic", MOJOROTO), await as_role("pic", BUJEL), await as_role("walidata")
    for at, (strata, number, venue) in enumerate(
        [("mandiri", "P-1", "balai"), ("mandiri", None, "rumah_warga"), ("madya", "P-2", "balai"), (None, None, None)]
    ):
        more: dict[str, Any] = {"strata": strata, "nomor_registrasi": number, "tempat": venue}
        await published(pic, walidata, a_feature(IN_MOJOROTO[0] + at * 0.0002, name=f"Posyandu {at}", **more))
    await published(other, walidata, a_feature(*IN_BUJEL, kelurahan=BUJEL, name="Posyandu Bujel", strata="pratama"))
    # Not published: not counted.
    assert (await pic.post("/collections/posyandu/items", json=a_feature(IN_MOJOROTO[0] + 0.001, name="Menunggu"))).status_code == 201


async def _matched(reader: Client, href: str) -> int:
    """By the number that is told, and by the records themselves."""
    page = (await reader.get(f"{href}&limit=100")).json()
    hits = (await reader.get(f"{href}&resultType=hits")).json()
    assert page["numberMatched"] == hits["numberMatched"] == page["numberReturned"]
    return int(hits["numberMatched"])


async def test_a_figure_is_the_number_of_the_records_that_it_opens(as_role: AsRole, admin: Client, client: Client) -> None:
    await _sow(as_role)
    wanted = [
        counted("semua"), counted("mandiri", filter="strata = 'mandiri'"), counted("tanpa_strata", filter="strata IS NULL"),
        counted("bukan_mandiri", filter="NOT strata = 'mandiri'"), counted("bernama", filter="CASEI(name) LIKE CASEI('posyandu 1%')"),
        counted("bagian", filter="nomor_registrasi IS NOT NULL", of="strata = 'mandiri' OR strata = 'madya'", share=True),
        counted("semua_bagian", share=True), counted("di_balai", filter="tempat = 'balai'") | {"audience": "internal"},
    ]  # fmt: skip
    for one in wanted:
        added = await admin.post("/indicators", json=one)
        assert added.status_code == 201, added.text
    readers: Mapping[str, Client] = {"public": client, "opd": await as_role("opd"), "walidata": await as_role("walidata")}
    seen: dict[str, dict[str, tuple[int, float | None]]] = {}
    for role, reader in readers.items():
        for name in [one["id"] for one in wanted if role != "public" or one.get("audience") != "internal"]:
            figures = (await reader.get(f"/indicators/{name}/figures?limit=500")).json()["figures"]
            assert len(figures) == 46
            for figure in figures:
                if figure["kelurahan"] in (MOJOROTO, BUJEL, figures[0]["kelurahan"]):
                    assert await _matched(reader, figure["href"]) == figure["number"], (role, figure)
                    if figure["of"] is not None:
                        assert await _matched(reader, figure["of_href"]) == figure["of"]
            seen.setdefault(role, {})[name] = next((one["number"], one["value"]) for one in figures if one["kelurahan"] == MOJOROTO)
            assert sum(one["number"] for one in figures if one["kelurahan"] not in (MOJOROTO, BUJEL)) == 0
    expected = {
        "semua": (4, 4.0), "mandiri": (2, 2.0), "tanpa_strata": (1, 1.0), "bukan_mandiri": (1, 1.0), "bernama": (1, 1.0),
        "bagian": (2, round(200 / 3, 6)), "semua_bagian": (4, 100.0),
    }  # fmt: skip
    assert seen == {"public": expected, "opd": expected | {"di_balai": (2, 2.0)}, "walidata": expected | {"di_balai": (2, 2.0)}}


_STRATA, _VENUES, _KINDS = (
    (None, "pratama", "madya", "purnama", "mandiri"),
    (None, "balai", "rumah_warga"),
    (None, "balita", "lansia", "remaja"),
)


def _condition(rng: random.Random, depth: int = 2) -> str:
    """A filter of fields that everybody may ask for."""
    if depth and rng.random() < 0.5:
        joined = f" {rng.choice(['AND', 'OR'])} ".join(f"({_condition(rng, depth - 1)})" for _ in range(2))
        return joined if rng.random() < 0.8 else f"NOT ({joined})"
    field, known = rng.choice([("strata", _STRATA[1:]), ("jenis", _KINDS[1:])])
    return rng.choice([
        f"{field} = '{rng.choice(known)}'", f"{field} <> '{rng.choice(known)}'", f"{field} IS NULL", f"{field} IN ('{known[0]}', '{known[-1]}')",
        "nomor_registrasi IS NOT NULL", f"kader_aktif >= {rng.randrange(8)}", f"name LIKE 'Posyandu {rng.randrange(3)}%'",
    ])  # fmt: skip


async def test_random_figures_are_the_numbers_of_the_records_that_they_open(as_role: AsRole, admin: Client, client: Client) -> None:
    """For the public, an office and the walidata: over random points, random filters, random shares."""
    rng = random.Random(1611)
    walidata, pics = await as_role("walidata"), {MOJOROTO: await as_role("pic", MOJOROTO), BUJEL: await as_role("pic", BUJEL)}
    for at in range(16):
        kelurahan, (lon, lat) = (MOJOROTO, IN_MOJOROTO) if at % 4 else (BUJEL, IN_BUJEL)
        more: dict[str, Any] = {
            "strata": rng.choice(_STRATA),
            "tempat": rng.choice(_VENUES),
            "jenis": rng.choice(_KINDS),
            "kader_aktif": rng.randrange(8),
        }
        more |= {"nomor_registrasi": f"P-{at}" if rng.random() < 0.5 else None}
        spot = (lon + at % 4 * 0.0003, lat + at // 4 * 0.0003)
        await published(pics[kelurahan], walidata, a_feature(*spot, kelurahan=kelurahan, name=f"Posyandu {at}", **more))
    names = [f"acak_{at}" for at in range(24)]
    for name in names:
        share = rng.random() < 0.4
        count = {"filter": _condition(rng)} | ({"share": True, "of": _condition(rng, 1)} if share else {})
        internal = rng.random() < 0.3
        if internal:
            count["filter"] = f"({count['filter']}) AND tempat = 'balai'"
        added = await admin.post("/indicators", json=counted(name, **count) | ({"audience": "internal"} if internal else {}))
        assert added.status_code == 201, added.text
    readers: Mapping[str, Client] = {"public": client, "opd": await as_role("opd"), "walidata": walidata}
    looked_at, counted_something = 0, 0
    for role, reader in readers.items():
        for name in names:
            answer = await reader.get(f"/indicators/{name}/figures?limit=500")
            if role == "public" and answer.status_code == 404:
                continue
            figures = answer.json()["figures"]
            for figure in [one for one in figures if one["kelurahan"] in (MOJOROTO, BUJEL)] + rng.sample(figures, 2):
                assert await _matched(reader, figure["href"]) == figure["number"], (role, figure)
                if figure["of"] is not None:
                    assert await _matched(reader, figure["of_href"]) == figure["of"], (role, figure)
                looked_at, counted_something = looked_at + 1, counted_something + bool(figure["number"])
    assert looked_at >= 200
    assert counted_something >= 50


async def test_a_share_of_nothing_does_not_apply(as_role: AsRole, client: Client) -> None:
    await _sow(as_role)
    empty = (await client.get("/indicators/posyandu_terdaftar/figures", params={"kelurahan": "35.71.02.1009"})).json()["figures"]
    assert [(one["value"], one["status"], one["number"], one["of"]) for one in empty] == [(None, "not-applicable", 0, 0)]
    there = (await client.get("/indicators/posyandu_terdaftar/figures", params={"kelurahan": BUJEL})).json()["figures"]
    assert [(one["value"], one["status"], one["of"]) for one in there] == [(0.0, "value", 1)]


async def test_figures_come_in_pages_and_of_what_is_counted_only(client: Client) -> None:
    path, codes = "/indicators/titik_rt/figures?limit=20", []
    for _ in range(3):
        page = (await client.get(path)).json()
        codes += [one["kelurahan"] for one in page["figures"]]
        path = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert (len(codes), codes, path) == (46, sorted(set(codes)), "")
    assert code_of(await client.get("/indicators/jumlah_rt/figures")) == (404, "indicator-not-counted")
    assert code_of(await client.get("/indicators/tidak_ada/figures")) == (404, "indicator-unknown")
    assert (await client.get("/indicators/titik_rt/figures?kelurahan=entah")).status_code == 400


async def test_what_can_no_longer_be_counted_for_the_public_says_so(client: Client, as_role: AsRole, database: Settings) -> None:
    hidden = "UPDATE titik.category SET audience = '{}', version = version + 1 WHERE id = 'posyandu'"
    async with open_once(database.owner_dsn) as session:
        await execute(session, hidden.format("internal"))
    opd = await as_role("opd")
    figures = await _until(client, "/indicators/titik_posyandu/figures", 404)
    assert figures.json()["type"].endswith("collection-unknown")
    assert "tidak dapat ditampilkan" in (await client.get("/indicators/titik_posyandu", headers=PAGE)).text
    assert (await opd.get("/indicators/titik_posyandu/figures")).status_code == 200


async def _until(client: Client, path: str, status: int) -> Any:
    """Workers hear of what the owner does a moment later."""
    for _ in range(200):
        answer = await client.get(path)
        if answer.status_code == status:
            break
    return answer


# -- pages


async def test_pages_tell_what_a_figure_means_and_open_its_records(as_role: AsRole, client: Client) -> None:
    await _sow(as_role)
    listed = (await client.get("/indicators", headers=PAGE)).text
    assert all(one["name"]["id"] in listed for one in shipped())
    page = (await client.get("/indicators/titik_posyandu", headers=PAGE)).text
    assert f'href="/collections/posyandu/items?kelurahan={MOJOROTO}">4<' in page
    english = (await client.get("/indicators/posyandu_terdaftar", headers=PAGE | {"Accept-Language": "en"})).text
    assert "not applicable" in english
    assert ">50<" in english
    past = (await client.get("/indicators/rt_bertitik/versions/1", headers=PAGE)).text
    assert "100 * titik_rt / jumlah_rt" in past
    assert 'href="/indicators/rt_bertitik"' in past
    checks = (await client.get("/indicators/jumlah_penduduk", headers=PAGE)).text
    assert "Jumlah Penduduk Laki-Laki, Jumlah Penduduk Perempuan bersama-sama" in checks
