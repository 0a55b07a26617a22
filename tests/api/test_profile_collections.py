"""Figures of kelurahan as collections: single values and whole profiles, in every format, for both halves, filtered by period, and as tiles."""

import csv
import io
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import openpyxl
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from app.connections import open_once
from app.exports import sdmx
from app.figures.periods import read_period
from app.figures.rules import FigureKey, id_of
from app.published import areas
from app.settings import Settings
from app.statement import Statement
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, IN_MOJOROTO, MOJOROTO, PUBLISH, code_of, tile_of, value

pytestmark = pytest.mark.anyio
LONG, WIDE = "/collections/profile_values", "/collections/profiles"
TILES = f"{WIDE}/tiles/WebMercatorQuad"
Figures = dict[str, float | None]
YEAR: dict[str, Figures] = {
    MOJOROTO: {
        "jumlah_penduduk": 60, "penduduk_laki_laki": 57, "penduduk_perempuan": 3, "jumlah_rw": 8, "jumlah_rt": None, "luas_wilayah": 2.49,
    },
    BUJEL: {"jumlah_penduduk": 80, "penduduk_laki_laki": 42, "penduduk_perempuan": 38, "jumlah_rw": 0},
}  # fmt: skip


def a_value(indicator: str, number: float | None, **more: Any) -> dict[str, Any]:
    return {"indicator": indicator, **({"meaning": "empty"} if number is None else {"value": number}), **more}


async def publish(pic: Client, walidata: Client, kelurahan: str, period: str, *values: Mapping[str, Any]) -> list[str]:
    """The ids of the figures."""
    answer = await pic.put(f"/profiles/{kelurahan}/{period}", json={"values": list(values)})
    assert answer.status_code == 200, answer.text
    new = [one for one in answer.json()["values"] if one["id"] in answer.json()["stored"]]
    decided = await walidata.post("/reviews/decisions", json={"revisions": [one["revision"] for one in new], **PUBLISH})
    assert {one["status"] for one in decided.json()["results"]} == {200}, decided.text
    return [one["id"] for one in new]


@dataclass(frozen=True)
class Readers:
    anybody: Client
    opd: Client
    pic: Client
    walidata: Client


@pytest.fixture
async def readers(client: Client, as_role: AsRole) -> Readers:
    """Two kelurahan in 2024, one of them also in a month and a semester of 2025, with a class and with what does not apply."""
    pic, other, walidata = await as_role("pic", MOJOROTO), await as_role("pic", BUJEL), await as_role("walidata")
    classes = [
        a_value("penduduk_menurut_agama", 40, explanation="Baru satu agama", **{"class": "islam"}),
        a_value("jumlah_lingkungan", None, meaning="not-applicable"),
    ]
    new = []
    for one, code, more in ((pic, MOJOROTO, classes), (other, BUJEL, [])):
        values = [a_value(name, number, explanation="Sudah dicek") for name, number in YEAR[code].items()] + more
        answer = await one.put(f"/profiles/{code}/2024", json={"values": values})
        assert answer.status_code == 200, answer.text
        new += [state["revision"] for state in answer.json()["values"]]
    decided = await walidata.post("/reviews/decisions", json={"revisions": new, **PUBLISH})
    assert {one["status"] for one in decided.json()["results"]} == {200}, decided.text
    await publish(pic, walidata, MOJOROTO, "2025-S1", a_value("jumlah_rw", 9, note="=Per 30 Juni", status="tetap"))
    return Readers(client, await as_role("opd"), pic, walidata)


async def features(client: Client, address: str) -> list[dict[str, Any]]:
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["features"]
    return found


async def profile_figures(client: Client) -> dict[str, tuple[float | None, str]]:
    """By id, as `/profiles` tells the same reader."""
    listed = (await client.get("/profiles")).json()["profiles"]
    found = {}
    for one in listed:
        for figure in (await client.get(f"/profiles/{one['kelurahan']}/{one['period']}")).json()["values"]:
            found[figure["id"]] = (figure["value"], figure["meaning"])
    return found


async def test_each_reader_reads_the_same_figures_as_in_the_profiles(readers: Readers) -> None:
    for client in (readers.anybody, readers.opd):
        listed = {one["id"]: one["properties"] for one in await features(client, f"{LONG}/items?limit=100")}
        assert {key: (one["value"], one["meaning"]) for key, one in listed.items()} == await profile_figures(client)
        assert len(listed) == 13
        for key, properties in listed.items():
            alone = (await client.get(f"{LONG}/items/{key}")).json()
            assert alone["properties"] == properties
    withheld = {one["properties"]["indicator"] for one in await features(readers.anybody, f"{LONG}/items?limit=100&meaning=withheld")}
    assert withheld == {"penduduk_laki_laki", "penduduk_perempuan"}
    assert await features(readers.opd, f"{LONG}/items?meaning=withheld") == []
    area = (await readers.anybody.get(f"/collections/kelurahan/items/{MOJOROTO}")).json()
    (one,) = await features(readers.anybody, f"{LONG}/items?indicator=jumlah_rw&kelurahan=mojoroto&period=2025-s1")
    assert one["geometry"] == area["geometry"]
    assert list(one["properties"].items())[:12] == [
        ("indicator", "jumlah_rw"), ("indicator_name", "Jumlah RW"), ("class", None), ("kelurahan", MOJOROTO), ("kelurahan_name", "Mojoroto"),
        ("kecamatan", "Mojoroto"), ("period", "2025-S1"), ("begins", "2025-01-01"), ("ends", "2025-06-30"), ("value", 9), ("unit", "unit"),
        ("meaning", "value"),
    ]  # fmt: skip


async def test_a_profile_has_every_indicator_as_a_column_and_tells_why_one_is_null(readers: Readers) -> None:
    public, inside = [
        {one["id"]: one["properties"] for one in await features(client, f"{WIDE}/items?limit=100")}
        for client in (readers.anybody, readers.opd)
    ]
    keys = [f"{BUJEL}-2024", f"{MOJOROTO}-2024", f"{MOJOROTO}-2025-S1"]
    assert sorted(public) == sorted(inside) == sorted(keys)
    shown, known = public[f"{MOJOROTO}-2024"], inside[f"{MOJOROTO}-2024"]
    assert (shown["penduduk_perempuan"], known["penduduk_perempuan"]) == (None, 3)
    assert set(shown["withheld"]) == {"penduduk_laki_laki", "penduduk_perempuan"}
    assert known["withheld"] is None
    for one in (shown, known):
        assert (one["empty"], one["not_applicable"]) == (["jumlah_rt"], ["jumlah_lingkungan"])
        assert (one["luas_wilayah"], one["jumlah_rw"], one["jumlah_rt"], one["jumlah_kk"]) == (2.49, 8, None, None)
    assert public[f"{BUJEL}-2024"]["jumlah_rw"] == 0
    entered = {one["id"] for one in (await readers.anybody.get("/indicators")).json()["indicators"] if one["kind"] == "entered"}
    assert entered <= set(shown)
    assert all(set(one) == set(shown) for one in (*public.values(), *inside.values()))
    schema = (await readers.anybody.get(f"{WIDE}/schema")).json()["properties"]
    assert set(schema) - {"id", "geometry"} == set(shown)
    assert schema["begins"]["x-ogc-role"] == "primary-interval-start"
    assert await features(readers.anybody, f"{WIDE}/items?filter=penduduk_perempuan=3") == []
    assert [one["id"] for one in await features(readers.opd, f"{WIDE}/items?filter=penduduk_perempuan=3")] == [f"{MOJOROTO}-2024"]


def plain(properties: Mapping[str, Any]) -> tuple[Any, ...]:
    """What every format can hold alike."""
    return properties["indicator"], properties["kelurahan"], properties["period"], given(properties["value"]), properties["meaning"]


def given(number: float | None) -> float | None:
    """None where a format without nulls has NaN."""
    return None if number is None or math.isnan(number) else number


async def read_as(client: Client, collection: str, form: str, directory: Path) -> list[dict[str, Any]]:
    """The rows of a file with their ids, read by a reader of that format."""
    answer = await client.get(f"{collection}/items?f={form}")
    assert answer.status_code == 200, answer.text
    path = directory / f"file.{form}"
    path.write_bytes(answer.content)
    match form:
        case "csv":
            rows = list(csv.DictReader(io.StringIO(answer.text)))
            for row in rows:
                assert shapely.from_wkt(row["wkt"]).geom_type == "MultiPolygon"
            return [{name: _number(cell) for name, cell in row.items()} for row in rows]
        case "xlsx":
            head, *cells = openpyxl.load_workbook(path).worksheets[0].values
            return [dict(zip(map(str, head), row, strict=True)) for row in cells]
        case "parquet":
            file = pq.ParquetFile(path)
            geo = json.loads(file.metadata.metadata[b"geo"])
            assert geo["columns"]["geometry"]["geometry_types"] == ["MultiPolygon"]
            return list(file.read().to_pylist())
        case "geojsonseq":
            found = [json.loads(line) for line in answer.text.split("\x1e")[1:]]
            return [{"id": one["id"], **one["properties"]} for one in found]
        case _:
            meta, _, geometry, columns = pyogrio.raw.read(path)
            assert {one.geom_type for one in shapely.from_wkb(geometry)} == {"MultiPolygon"}
            names = [str(name) for name in meta["fields"]]
            return [dict(zip(names, row, strict=True)) for row in zip(*(column.tolist() for column in columns), strict=True)]


def _number(cell: str) -> Any:
    return None if cell == "" else float(cell) if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cell) else cell


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet", "geojsonseq", "gpkg", "fgb"])
async def test_every_file_says_what_the_pages_say(readers: Readers, form: str, tmp_path: Path) -> None:
    for client in (readers.anybody, readers.opd):
        listed = {one["id"]: one["properties"] for one in await features(client, f"{LONG}/items?limit=100")}
        rows = {row["id"]: row for row in await read_as(client, LONG, form, tmp_path)}
        assert rows.keys() == listed.keys()
        for key, row in rows.items():
            assert plain({**row, "period": str(row["period"]).removesuffix(".0")}) == plain(listed[key])
        wide = {one["id"]: one["properties"] for one in await features(client, f"{WIDE}/items?limit=100")}
        rows = {row["id"]: row for row in await read_as(client, WIDE, form, tmp_path)}
        assert rows.keys() == wide.keys()
        for key, row in rows.items():
            for name in ("jumlah_rw", "penduduk_perempuan", "jumlah_rt", "luas_wilayah"):
                assert given(row[name]) == wide[key][name], (key, name)
            lists = [row[name] for name in ("withheld", "empty", "not_applicable")]
            texts = ["; ".join(one) if isinstance(one, list) else one or None for one in lists]
            assert texts == [
                "; ".join(one) if one else None for one in (wide[key][name] for name in ("withheld", "empty", "not_applicable"))
            ]


async def test_kml_and_pages_show_them_too(readers: Readers) -> None:
    kml = (await readers.anybody.get(f"{WIDE}/items?f=kml")).text
    assert kml.count("<Placemark") == 3
    for collection in (LONG, WIDE):
        for path in ("", "/items", "/queryables", "/sortables", "/schema"):
            page = await readers.anybody.get(f"{collection}{path}?f=html")
            assert (page.status_code, "Mojoroto" in page.text or path != "/items") == (200, True), path
    shown = (await readers.anybody.get(f"{LONG}/items?f=html&indicator=jumlah_rw&sortby=-begins")).text
    assert "Jumlah RW Mojoroto 2025-S1" in shown
    assert ">9<" in re.sub(r"\s", "", shown)
    (one,) = await features(readers.anybody, f"{LONG}/items?indicator=jumlah_rw&period=2025-S1")
    assert "Jumlah RW Mojoroto 2025-S1" in (await readers.anybody.get(f"{LONG}/items/{one['id']}?f=html")).text
    assert "Mojoroto 2024" in (await readers.anybody.get(f"{WIDE}/items/{MOJOROTO}-2024?f=html")).text


@pytest.mark.parametrize(
    ("datetime", "periods"),
    [
        ("2024-12-31", {"2024"}),
        ("2025-01-01", {"2025-S1"}),
        ("2025-06-30T23:59:59Z", {"2025-S1"}),
        ("2025-07-01", set()),
        ("2024-06-01/2025-01-01", {"2024", "2025-S1"}),
        ("../2024-01-01", {"2024"}),
        ("2025-01-01/..", {"2025-S1"}),
        ("2026-01-01/..", set()),
    ],
)
async def test_a_period_is_an_interval(readers: Readers, datetime: str, periods: set[str]) -> None:
    for collection in (LONG, WIDE):
        found = await features(readers.anybody, f"{collection}/items?limit=100&datetime={datetime}")
        assert {one["properties"]["period"] for one in found} == periods
    text = (await readers.anybody.get(f"{LONG}/items?f=csv&datetime={datetime}")).text
    assert {row["period"] for row in csv.DictReader(io.StringIO(text))} == periods


async def test_they_are_filtered_sorted_and_walked_like_others(readers: Readers) -> None:
    client = readers.anybody
    sorted_by = await features(client, f"{LONG}/items?filter=value > 50&sortby=-value&limit=100")
    assert [one["properties"]["value"] for one in sorted_by] == [80, 60]
    overlapping = "T_INTERSECTS(INTERVAL(begins, ends), INTERVAL('2025-03-01', '2025-03-02')) AND status = 'tetap'"
    assert [one["properties"]["value"] for one in await features(client, f"{LONG}/items?filter={overlapping}")] == [9]
    for collection, limit in ((LONG, 4), (WIDE, 2)):
        every = {one["id"] for one in await features(client, f"{collection}/items?limit=100")}
        for order in ("", "&sortby=-kelurahan_name,begins"):
            walked, address = [], f"{collection}/items?limit={limit}{order}"
            while address:
                page = (await client.get(address)).json()
                walked += [one["id"] for one in page["features"]]
                address = next((one["href"] for one in page["links"] if one["rel"] == "next"), "")
            assert len(walked) == len(every), order
            assert set(walked) == every
        lon, lat = IN_MOJOROTO
        box = await features(client, f"{collection}/items?limit=100&bbox={lon},{lat},{lon},{lat}")
        assert {one["properties"]["kelurahan"] for one in box} == {MOJOROTO}
        moved = (await client.get(f"{collection}/items?limit=1&crs=http://www.opengis.net/def/crs/EPSG/0/32749")).json()["features"][0]
        assert moved["place"]["coordinates"][0][0][0][0] > 100_000
        few = await features(client, f"{collection}/items?limit=1&properties=period,verified_at")
        assert few[0]["properties"].keys() == {"period", "verified_at"}
        whole = (await client.get(f"{collection}/items/{few[0]['id']}")).json()["properties"]
        assert few[0]["properties"] == {name: whole[name] for name in ("period", "verified_at")}
    assert {one["properties"]["kelurahan"] for one in await features(client, f"{LONG}/items?q=bujel&limit=100")} == {BUJEL}


async def test_what_cannot_be_is_refused(readers: Readers) -> None:
    client = readers.anybody
    for query, code in (
        ("indicator=jumlah_apa", "value-not-there"), ("period=2025-S3", "period-invalid"), ("meaning=rahasia", "value-not-there"),
        ("datetime=2025", "datetime-invalid"), ("f=sdmx-csv&properties=value", "properties-of-format"), ("kelurahan=atlantis", "kelurahan-unknown"),
    ):  # fmt: skip
        answer = await client.get(f"{LONG}/items?{query}")
        assert answer.status_code == 400, query
        assert answer.json()["errors"][0]["code"] == code, answer.text
    assert (await client.get(f"{WIDE}/items?f=sdmx-csv")).status_code == 400
    assert (await client.get("/collections/posyandu/items?f=sdmx-csv")).status_code == 400
    for address in (f"{LONG}/items/x", f"{LONG}/items/01900000-0000-7000-8000-000000000000", f"{WIDE}/items/x", f"{LONG}/tiles"):
        assert (await client.get(address)).status_code == 404, address
    assert code_of(await client.get("/collections/kelurahan/tiles/WebMercatorQuad/10/534/830?datetime=2024-01-01"))[0] == 400
    assert "POST" not in (await readers.pic.options(f"{LONG}/items")).headers["allow"]


async def test_a_new_figure_is_another_version(readers: Readers) -> None:
    client = readers.anybody
    addresses = [
        f"{LONG}/items?limit=100", f"{WIDE}/items?limit=100", f"{LONG}/items?f=csv", f"{WIDE}/items?f=gpkg", f"{LONG}/items?f=sdmx-csv", LONG,
        f"{TILES}/10/534/830",
    ]  # fmt: skip
    tags = [(await client.get(address)).headers["etag"] for address in addresses]
    for address, tag in zip(addresses, tags, strict=True):
        assert (await client.get(address, headers={"If-None-Match": tag})).status_code == 304, address
    before = (await client.get("/collections")).json()["collections"]
    points = {one["id"]: one for one in before}["points"]
    await publish(readers.pic, readers.walidata, MOJOROTO, "2025", a_value("jumlah_rw", 10, explanation="RW baru"))
    for address, tag in zip(addresses, tags, strict=True):
        again = await client.get(address, headers={"If-None-Match": tag})
        assert (again.status_code, again.headers["etag"] == tag) == (200, False), address
    collections = {one["id"]: one for one in (await client.get("/collections")).json()["collections"]}
    assert collections["points"] == points
    interval = collections["profile_values"]["extent"]["temporal"]["interval"]
    assert interval == [["2024-01-01T00:00:00Z", "2025-12-31T23:59:59Z"]]
    assert [one["id"] for one in await features(client, f"{WIDE}/items?period=2025")] == [f"{MOJOROTO}-2025"]


async def test_figures_that_are_decided_about_together_change_together(readers: Readers) -> None:
    """The whole family of a city is written again: of each kelurahan there is still one profile, with the newest of all."""
    before = {one["id"]: one["properties"] for one in await features(readers.opd, f"{WIDE}/items?limit=100")}
    await publish(readers.pic, readers.walidata, MOJOROTO, "2024", a_value("penduduk_perempuan", 3, explanation="Tetap", status="tetap"))
    after = {one["id"]: one["properties"] for one in await features(readers.opd, f"{WIDE}/items?limit=100")}
    assert {key: {**one, "verified_at": ""} for key, one in after.items()} == {
        key: {**one, "verified_at": ""} for key, one in before.items()
    }
    (one,) = await features(readers.opd, f"{LONG}/items?indicator=penduduk_perempuan&kelurahan={MOJOROTO}")
    assert (one["properties"]["status"], one["properties"]["version"]) == ("tetap", 2)


async def test_what_is_taken_out_of_publication_leaves_both(readers: Readers, database: Settings) -> None:
    period = read_period("2025-S1")
    assert period is not None
    key = id_of(MOJOROTO, FigureKey("jumlah_rw"), period)
    answer = await readers.walidata.post(f"/profiles/values/{key}/revisions", json={"move": "unpublish", "reason": "Salah periode"})
    assert answer.json()["state"] == "unpublished"
    for client in (readers.anybody, readers.opd):
        assert (await client.get(f"{LONG}/items/{key}")).status_code == 404
        assert len(await features(client, f"{LONG}/items?limit=100")) == 12
        assert len(await features(client, f"{WIDE}/items?limit=100")) == 2
    async with open_once(database.owner_dsn) as session:
        for half in ("published", "internal"):
            numbers = "SELECT string_agg(category || number, ' ' ORDER BY category) FROM {}.collection WHERE category LIKE 'profile%'"
            assert await value(session, numbers.format(half)) == "profile_values12 profiles2"


async def test_an_indicator_that_becomes_internal_takes_its_column_and_figures_along(readers: Readers, as_role: AsRole) -> None:
    admin = await as_role("admin")
    definition = (await admin.get("/indicators/jumlah_lingkungan")).json()
    changed = await admin.put("/indicators/jumlah_lingkungan", json={**definition, "audience": "internal"}, headers={"If-Match": "*"})
    assert changed.status_code == 200, changed.text
    for client, is_seen in ((readers.anybody, False), (readers.opd, True)):
        values = await features(client, f"{LONG}/items?limit=100")
        assert ("jumlah_lingkungan" in {one["properties"]["indicator"] for one in values}) == is_seen
        assert len(values) == 12 + is_seen
        (profile,) = await features(client, f"{WIDE}/items?kelurahan={MOJOROTO}&period=2024")
        assert ("jumlah_lingkungan" in profile["properties"], profile["properties"]["not_applicable"] is not None) == (is_seen, is_seen)
        assert (await client.get(f"{LONG}/items?indicator=jumlah_lingkungan")).status_code == (200 if is_seen else 400)


async def shown_on(client: Client, query: str = "") -> dict[str, dict[str, Any]]:
    answer = await client.get(f"{TILES}/{tile_of(*IN_MOJOROTO, 11)}{query}")
    assert answer.status_code == 200, answer.text
    layers = mapbox_vector_tile.decode(answer.content) if answer.content else {}
    found = layers.get("profiles", {"features": []})["features"]
    assert {one["geometry"]["type"] for one in found} <= {"Polygon", "MultiPolygon"}
    return {one["properties"]["code"]: one["properties"] for one in found}


async def test_tiles_show_one_period_with_the_columns_of_the_reader(readers: Readers) -> None:
    public, inside = await shown_on(readers.anybody), await shown_on(readers.opd)
    assert public.keys() == inside.keys() == {MOJOROTO, BUJEL}
    assert (public[MOJOROTO]["period"], public[MOJOROTO]["jumlah_rw"], public[MOJOROTO]["luas_wilayah"]) == ("2024", 8, 2.49)
    assert "penduduk_perempuan" not in public[MOJOROTO]
    assert set(public[MOJOROTO]["withheld"].split()) == {"penduduk_laki_laki", "penduduk_perempuan"}
    assert (inside[MOJOROTO]["penduduk_perempuan"], "withheld" in inside[MOJOROTO]) == (3, False)
    half = await shown_on(readers.anybody, "?datetime=2025-01-01/2025-06-30")
    assert {code: (one["period"], one["jumlah_rw"]) for code, one in half.items()} == {MOJOROTO: ("2025-S1", 9)}
    assert await shown_on(readers.anybody, "?datetime=2026-01-01") == {}
    await publish(readers.pic, readers.walidata, MOJOROTO, "2025", a_value("jumlah_rw", 10, explanation="RW baru"))
    # The longest that touches it, unless its very days are asked for.
    assert (await shown_on(readers.anybody, "?datetime=2025-03-01"))[MOJOROTO]["period"] == "2025"
    assert (await shown_on(readers.anybody, "?datetime=2025-01-01/2025-06-30"))[MOJOROTO]["period"] == "2025-S1"
    document = (await readers.anybody.get(f"{TILES}/tilejson.json?datetime=2025-01-01/2025-06-30")).json()
    for path in (f"{WIDE}/tiles", TILES):
        assert (await readers.anybody.get(path)).status_code == 200
    (layer,) = document["vector_layers"]
    assert (layer["id"], layer["fields"]["jumlah_rw"]) == ("profiles", "Number")
    address = document["tiles"][0].format(z=11, **dict(zip(("y", "x"), tile_of(*IN_MOJOROTO, 11).split("/")[1:], strict=True)))
    versioned = await readers.anybody.get(address)
    assert "immutable" in versioned.headers["cache-control"]
    (only,) = mapbox_vector_tile.decode(versioned.content)["profiles"]["features"]
    assert only["properties"]["period"] == "2025-S1"


async def test_sdmx_csv_has_every_observation(readers: Readers) -> None:
    for client, confidence in ((readers.anybody, "F"), (readers.opd, "N")):
        answer = await client.get(f"{LONG}/items", headers={"Accept": "application/vnd.sdmx.data+csv"})
        assert answer.headers["content-type"] == "application/vnd.sdmx.data+csv;version=2.0.0"
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert tuple(rows[0]) == sdmx.HEAD
        assert {(row["STRUCTURE"], row["STRUCTURE_ID"], row["ACTION"]) for row in rows} == {("dataflow", sdmx.STRUCTURE, "I")}
        keys = [tuple(row[name] for name in ("FREQ", "REF_AREA", "INDICATOR", "CLASS", "TIME_PERIOD")) for row in rows]
        assert len(set(keys)) == len(keys) == 13
        found = dict(zip(keys, rows, strict=True))
        listed = [one["properties"] for one in await features(client, f"{LONG}/items?limit=100")]
        for one in listed:
            frequency = "S" if "S" in one["period"] else "A"
            of_class = f"C_{one['class']}" if one["class"] else "_T"
            row = found[frequency, f"ID{one['kelurahan'].replace('.', '')}", one["indicator"], of_class, one["period"]]
            assert row["OBS_VALUE"] == ("NaN" if one["value"] is None else str(one["value"]))
            assert (row["VALUE_STATUS"], row["UNIT_MEASURE"], row["LAST_UPDATE"][:19]) == (
                one["status"],
                one["unit"],
                one["verified_at"][:19],
            )
            reasons = {"value": "P" if one["status"] == "sementara" else "A", "empty": "O", "not-applicable": "M", "withheld": "Q"}
            assert row["OBS_STATUS"] == reasons[one["meaning"]]
            assert row["CONF_STATUS"] == ("C" if one["meaning"] == "withheld" else confidence)
        assert found["S", "ID3571011011", "jumlah_rw", "_T", "2025-S1"]["COMMENT_OBS"] == "'=Per 30 Juni"
    some = await readers.anybody.get(f"{LONG}/items?f=sdmx-csv&datetime=2025-01-01/..&limit=5")
    assert len(some.text.splitlines()) == 2
    links = (await readers.anybody.get(LONG)).json()["links"]
    assert [one["type"] for one in links if one["href"].endswith("f=sdmx-csv")] == ["application/vnd.sdmx.data+csv;version=2.0.0"]


@pytest.mark.parametrize(("period", "frequency"), [("2026", "A"), ("2026-S1", "S"), ("2026-08", "M"), ("2026-08-17", "D")])
def test_periods_and_classes_are_codes_of_sdmx(period: str, frequency: str) -> None:
    values = (MOJOROTO, "jumlah_rt", "01.a", period, 3, "RT", "value", "tetap", None, None, 1, None)
    row = dict(zip(sdmx.HEAD, sdmx._observation(values, "F"), strict=True))
    assert (row["FREQ"], row["TIME_PERIOD"], row["CLASS"], row["OBS_STATUS"]) == (frequency, period, "C_01@a", "A")


async def test_figures_of_a_kelurahan_without_an_area_are_kept(readers: Readers, database: Settings, tmp_path: Path) -> None:
    """A kelurahan that the edition in force does not have any more."""
    async with open_once(database.owner_dsn) as session:
        await session.run(Statement("DELETE FROM published.area WHERE code = :code"), code=BUJEL)
    try:
        for form in ("geojsonseq", "csv", "xlsx", "parquet", "gpkg", "fgb", "kml"):
            answer = await readers.anybody.get(f"{WIDE}/items?f={form}")
            assert answer.status_code == 200, form
        (one,) = await features(readers.anybody, f"{WIDE}/items?kelurahan={BUJEL}")
        assert one["geometry"] == {"type": "MultiPolygon", "coordinates": []}
        assert one["properties"]["kelurahan_name"] == "Bujel"
        assert (await readers.anybody.get(f"{WIDE}/items?f=html")).status_code == 200
        assert (await readers.anybody.get(f"{WIDE}/items/{BUJEL}-2024?f=html")).status_code == 200
        rows = await read_as(readers.anybody, WIDE, "csv", tmp_path)
        assert {row["kelurahan"] for row in rows} == {MOJOROTO, BUJEL}
    finally:
        async with open_once(database.owner_dsn) as session:
            await areas.fill(session)
