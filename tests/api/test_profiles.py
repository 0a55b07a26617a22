"""Figures of kelurahan: proposed, checked, reviewed, published, and what the public gets of them."""

from typing import Any

import pytest

from app.connections import open_once
from app.settings import Settings
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, MOJOROTO, PUBLISH, code_of, execute, value

pytestmark = pytest.mark.anyio
PERIOD = "2024"


def at(kelurahan: str = MOJOROTO, period: str = PERIOD) -> str:
    return f"/profiles/{kelurahan}/{period}"


def profile(*values: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"values": list(values), **more}


def a_value(indicator: str = "jumlah_rw", value: float | None = 8, **more: Any) -> dict[str, Any]:
    return {"indicator": indicator, **({} if value is None else {"value": value}), **more}


async def sent(client: Client, *values: dict[str, Any], kelurahan: str = MOJOROTO, period: str = PERIOD) -> list[dict[str, Any]]:
    """The figures that are new by it."""
    answer = await client.put(at(kelurahan, period), json=profile(*values))
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return [one for one in found["values"] if one["id"] in found["stored"]]


async def publish(walidata: Client, *values: dict[str, Any]) -> None:
    answer = await walidata.post("/reviews/decisions", json={"revisions": [one["revision"] for one in values], **PUBLISH})
    assert [one["status"] for one in answer.json()["results"]] == [200] * len(values), answer.text


async def figures(
    client: Client, kelurahan: str = MOJOROTO, period: str = PERIOD
) -> dict[tuple[str, str | None], tuple[float | None, str]]:
    answer = await client.get(at(kelurahan, period))
    assert answer.status_code == 200, answer.text
    return {(one["indicator"], one["class"]): (one["value"], one["meaning"]) for one in answer.json()["values"]}


async def faults_of(client: Client, *values: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    answer = await client.put(at(), json=profile(*values, **more))
    assert answer.status_code == 422, answer.text
    return [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]


async def test_a_figure_goes_its_way(as_role: AsRole, client: Client) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    (first,) = await sent(pic, a_value(source="Laporan Seksi Pemerintahan", note="Per 31 Desember"))
    assert (first["value"], first["meaning"], first["status"], first["state"], first["version"]) == (
        8,
        "value",
        "sementara",
        "submitted",
        1,
    )
    assert await figures(client) == {}
    queued = (await walidata.get("/reviews?subject_kind=value")).json()["reviews"]
    assert [(one["subject"], one["kind"], one["category"], one["name"]) for one in queued] == [
        (first["id"], "new", "jumlah_rw", f"Jumlah RW {PERIOD}")
    ]
    await publish(walidata, first)
    answer = await client.get(f"/profiles/values/{first['id']}")
    assert {name: answer.json()[name] for name in ("indicator", "kelurahan", "period", "value", "source", "note", "indicator_version")} == {
        "indicator": "jumlah_rw", "kelurahan": MOJOROTO, "period": PERIOD, "value": 8, "source": "Laporan Seksi Pemerintahan", "note": "Per 31 Desember",
        "indicator_version": 1,
    }  # fmt: skip
    listed = (await client.get("/profiles")).json()
    assert [(one["kelurahan"], one["period"], one["number"]) for one in listed["profiles"]] == [(MOJOROTO, PERIOD, 1)]
    for link in [listed["profiles"][0]["href"], answer.json()["href"], *(one["href"] for one in (await client.get(at())).json()["links"])]:
        assert (await client.get(link)).status_code == 200, link


async def test_a_returned_figure_is_corrected_and_its_history_tells_all(as_role: AsRole, client: Client) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    (first,) = await sent(pic, a_value(value=8))
    await walidata.post(f"/reviews/{first['revision']}/decision", json={"decision": "return", "reason": "RW 9 belum masuk"})
    work = (await pic.get(f"{at()}?view=work")).json()["values"]
    assert [(one["state"], one["reason"]) for one in work] == [("returned", "RW 9 belum masuk")]
    (second,) = await sent(pic, a_value(value=9, version=1))
    corrected = (await walidata.get(f"/reviews/{second['revision']}")).json()
    assert corrected["corrected"]["reason"] == "RW 9 belum masuk"
    assert corrected["corrected"]["changes"] == [{"property": "value", "before": 8, "after": 9}]
    await publish(walidata, second)
    assert await figures(client) == {("jumlah_rw", None): (9, "value")}
    history = (await pic.get(f"/profiles/values/{first['id']}/revisions")).json()["revisions"]
    assert [(one["version"], one["state"], one.get("decision_reason")) for one in history] == [
        (2, "published", None),
        (1, "superseded", "RW 9 belum masuk"),
    ]
    assert history[0]["changes"] == [{"property": "value", "before": 8, "after": 9}]


async def test_nobody_publishes_their_own(as_role: AsRole) -> None:
    walidata = await as_role("walidata")
    (own,) = await sent(walidata, a_value())
    assert code_of(await walidata.post(f"/reviews/{own['revision']}/decision", json=PUBLISH)) == (403, "own-revision")


async def test_the_same_again_is_nothing_new(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    (first,) = await sent(pic, a_value())
    assert await sent(pic, a_value()) == []
    await publish(walidata, first)
    assert await sent(pic, a_value()) == []
    (other,) = await sent(pic, a_value(status="tetap"))
    assert (other["version"], other["public_version"]) == (2, 1)


async def test_zero_empty_and_not_applicable_are_three_things(as_role: AsRole, client: Client) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    new = await sent(pic, a_value("jumlah_rw", 0), a_value("jumlah_rt", None), a_value("jumlah_lingkungan", None, meaning="not-applicable"))
    await publish(walidata, *new)
    assert await figures(client) == {
        ("jumlah_rw", None): (0, "value"),
        ("jumlah_rt", None): (None, "empty"),
        ("jumlah_lingkungan", None): (None, "not-applicable"),
    }


async def test_what_is_wrong_is_told_and_nothing_is_stored(as_role: AsRole, database: Settings) -> None:
    pic = await as_role("pic", MOJOROTO)
    assert await faults_of(pic, a_value(), a_value("jumlah_apa"), a_value("jumlah_rt", -1), a_value("kepadatan_penduduk")) == [
        ("/values/1/indicator", "value-indicator-unknown"),
        ("/values/2/value", "number-too-small"),
        ("/values/3/indicator", "value-not-entered"),
    ]
    assert await faults_of(
        pic, a_value("jumlah_rt", 2.5), a_value("penduduk_menurut_agama", 4, **{"class": "matahari"}), a_value("jumlah_rt")
    ) == [
        ("/values/0/value", "value-decimals"),
        ("/values/1/class", "value-class"),
        ("/values/2/indicator", "listed-twice"),
    ]
    assert [code for _, code in await faults_of(pic, {"indicator": "jumlah_rt", "value": "1.234"})] == ["not-a-number"]
    assert code_of(await pic.put(at(period="2024-S3"), json=profile(a_value()))) == (404, "period-unknown")
    assert code_of(await pic.put(at("35.71.01.9999"), json=profile(a_value()))) == (404, "profile-kelurahan-unknown")
    assert code_of(await pic.put(at(BUJEL), json=profile(a_value()))) == (403, "kelurahan-not-yours")
    assert code_of(await pic.put(at(period="2024-02-29"), json=profile(a_value()))) == (422, "body-invalid")
    async with open_once(database.owner_dsn) as session:
        assert await value(session, "SELECT count(*) FROM titik.profile_value") == 0


async def test_parts_must_add_up_and_what_is_odd_is_explained(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    people = [a_value("jumlah_penduduk", 100), a_value("penduduk_laki_laki", 49)]
    assert await faults_of(pic, *people, a_value("penduduk_perempuan", 52)) == [("/values/0/value", "misfit-parts")]
    new = await sent(pic, *people, a_value("penduduk_perempuan", 51))
    assert await faults_of(pic, a_value("penduduk_perempuan", 52)) == [("/values/0/value", "misfit-parts")]
    await publish(walidata, *new)
    answer = await pic.put(at(period="2025"), json=profile(a_value("jumlah_penduduk", 150)))
    assert answer.json()["errors"] == [
        {
            "pointer": "/values/0/explanation",
            "code": "explain-change",
            "detail": "150 berbeda 50 persen dari periode sebelumnya (100). Perbaiki, atau jelaskan di explanation mengapa benar.",
        }
    ]
    (explained,) = await sent(pic, a_value("jumlah_penduduk", 150, explanation="Perumahan baru"), period="2025")
    assert [one["kind"] for one in explained["warnings"]] == ["change"]
    review = (await walidata.get(f"/reviews/{explained['revision']}")).json()
    assert (review["flags"], review["attributes"]["explanation"]) == (["misfit-change"], "Perumahan baru")
    assert (await walidata.get("/reviews?clean=true")).json()["reviews"] == []


async def test_a_draft_is_checked_when_it_is_submitted(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    answer = await pic.put(at(), json=profile(a_value("jumlah_rw", 40), a_value("jumlah_rt", 30), draft=True))
    drafts = {one["indicator"]: one for one in answer.json()["values"]}
    assert {one["state"] for one in drafts.values()} == {"draft"}
    moved = await pic.post(f"/profiles/values/{drafts['jumlah_rw']['id']}/revisions", json={"move": "submit"})
    assert moved.status_code == 422, moved.text
    withdrawn = await pic.post(f"/profiles/values/{drafts['jumlah_rw']['id']}/revisions", json={"move": "withdraw"})
    assert withdrawn.json()["state"] == "withdrawn"
    assert [one["indicator"] for one in (await pic.get(f"{at()}?view=work")).json()["values"]] == ["jumlah_rt"]


async def test_who_read_another_version_is_told(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    await sent(pic, a_value(value=8))
    await sent(pic, a_value(value=9, version=1))
    stale = await pic.put(at(), json=profile(a_value(value=10, version=1)))
    assert (code_of(stale), stale.json()["version"]) == ((412, "value-stale"), 2)


async def test_computed_figures_come_with_those_that_they_rest_on(as_role: AsRole, client: Client) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    people = [a_value("jumlah_penduduk", 1000), a_value("penduduk_laki_laki", 500), a_value("penduduk_perempuan", 500)]
    await publish(walidata, *(await sent(pic, *people, a_value("luas_wilayah", 2.5))))
    computed = {one["indicator"]: (one["value"], one["meaning"]) for one in (await client.get(at())).json()["computed"]}
    assert computed["kepadatan_penduduk"] == (400, "value")
    assert computed["rasio_jenis_kelamin"] == (100, "value")
    # What is counted on the map is of now, and of no period.
    assert "rt_bertitik" not in computed


async def test_small_counts_of_persons_and_what_gives_them_back_are_withheld(as_role: AsRole, client: Client) -> None:
    pics = {code: await as_role("pic", code) for code in (MOJOROTO, BUJEL)}
    walidata, opd = await as_role("walidata"), await as_role("opd")
    new = []
    for code, numbers in ((MOJOROTO, (60, 57, 3)), (BUJEL, (80, 42, 38))):
        names = ("jumlah_penduduk", "penduduk_laki_laki", "penduduk_perempuan")
        new += await sent(pics[code], *(a_value(name, number) for name, number in zip(names, numbers, strict=True)), kelurahan=code)
    await publish(walidata, *new)
    shown, inside = await figures(client), await figures(opd)
    assert inside[("penduduk_perempuan", None)] == (3, "value")
    assert shown[("jumlah_penduduk", None)] == (60, "value")
    # 60 minus 57 would be 3.
    assert [shown[(name, None)] for name in ("penduduk_laki_laki", "penduduk_perempuan")] == [(None, "withheld")] * 2
    answer = (await client.get(at())).json()
    assert "melindungi" in answer["note"]
    assert {one["indicator"]: one["meaning"] for one in answer["computed"]}["rasio_jenis_kelamin"] == "withheld"


async def test_what_is_taken_out_of_publication_is_gone_for_all(as_role: AsRole, client: Client) -> None:
    pic, walidata, opd = await as_role("pic", MOJOROTO), await as_role("walidata"), await as_role("opd")
    (first,) = await sent(pic, a_value())
    await publish(walidata, first)
    where = f"/profiles/values/{first['id']}/revisions"
    assert code_of(await walidata.post(where, json={"move": "unpublish"})) == (422, "body-invalid")
    assert (await walidata.post(where, json={"move": "unpublish", "reason": "Salah tahun"})).json()["state"] == "unpublished"
    assert (await figures(client), await figures(opd)) == ({}, {})


async def test_an_internal_indicator_is_not_for_the_public(as_role: AsRole, client: Client, database: Settings) -> None:
    pic, walidata, opd, admin = await as_role("pic", MOJOROTO), await as_role("walidata"), await as_role("opd"), await as_role("admin")
    definition = (await admin.get("/indicators/jumlah_lingkungan")).json()
    changed = await admin.put("/indicators/jumlah_lingkungan", json={**definition, "audience": "internal"}, headers={"If-Match": "*"})
    assert changed.status_code == 200, changed.text
    await publish(walidata, *(await sent(pic, a_value("jumlah_lingkungan", 3))))
    assert (await figures(client), await figures(opd)) == ({}, {("jumlah_lingkungan", None): (3, "value")})
    async with open_once(database.owner_dsn) as session:
        await execute(session, "DELETE FROM titik.indicator WHERE id = 'jumlah_lingkungan' AND version = 2")
