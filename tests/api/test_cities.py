"""Two cities in one database: what each brings, how they are told apart, and regions that are loaded again while points lie in them."""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import httpx
import openpyxl
import pytest
from pydantic import SecretStr
from shapely.geometry import MultiPolygon, box

from app.accounts import service as accounts
from app.accounts import signing
from app.accounts.schemas import NewAccount
from app.boundaries import service as boundaries
from app.boundaries.checking import Boundary
from app.cluster import Cluster, create_database, drop_database
from app.connections import open_once
from app.main import create_app
from app.operator import cities
from app.placement.edition import CITIES_WITHOUT
from app.regions import queries
from app.regions.codes import Directory
from app.regions.notes import RegionNote
from app.settings import Settings
from app.statement import Statement
from tests.api.test_imports import committed, judged, report
from tests.conftest import SECRET, TEMPLATE, Client
from tests.described import Held
from tests.factories import BUJEL, GRID_SQUARES, MOJOROTO, PUBLISH, a_feature, load_edition, published, running, submitted, value
from tests.test_cli import Done, run

SignIn = Callable[..., Awaitable[Client]]
# Beyond 114° east, where the next zone of UTM begins, and by another clock.
DESA = {"51.03.05.2001": ("Mojoroto", (115.10, -8.60, 115.12, -8.58)), "51.03.05.2002": ("Kerobokan", (115.12, -8.60, 115.14, -8.58))}
ROWS = [
    {"code": code, "name": name, "kecamatan_code": "51.03.05", "kecamatan": "Kuta Utara", "city_code": "51.03", "city": "Badung", "province": "Bali"}
    for code, (name, _) in DESA.items()
]  # fmt: skip
IN_MOJOROTO, IN_DESA = (112.005, -7.805), (115.11, -8.59)


@pytest.fixture
async def two(cluster: Cluster, worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Settings]:
    """The settings of a database of its own with Kota Kediri and Kabupaten Badung, and squares for both."""
    name = f"titik_cities_{worker_id}"
    drop_database(cluster, name)
    create_database(cluster, name, TEMPLATE)
    settings = Settings(
        database_url=SecretStr(cluster.url("titik_service", name)), owner_url=SecretStr(cluster.url("titik_owner", name)),
        secret_key=SecretStr(SECRET), data_dir=tmp_path_factory.mktemp("cities"), log_level="error", rate_limit="off", account_rate_limit="off",
    )  # fmt: skip
    await load(settings, ROWS)
    squares = tuple(Boundary(code, MultiPolygon([box(*part) for part in parts])) for code, parts in GRID_SQUARES.items())
    squares += tuple(Boundary(code, MultiPolygon([box(*side)])) for code, (_, side) in DESA.items())
    async with open_once(settings.owner_dsn) as session:
        await load_edition(session, "Dua kota", squares, 5.0)
        await boundaries.activate(session, "Dua kota")
    yield settings
    drop_database(cluster, name)


async def load(settings: Settings, rows: Sequence[dict[str, str]], *wanted: str) -> dict[str, RegionNote]:
    async with open_once(settings.owner_dsn) as session:
        _, notes = await cities.load(session, rows, wanted)
    return {note.code: note for note in notes}


@pytest.fixture
async def sign_in(two: Settings) -> AsyncIterator[SignIn]:
    """A client of the service, with a token of a new account or without one."""
    app = create_app(two)
    opened: list[Client] = []

    async def client(role: str | None = None, *kelurahan: str) -> Client:
        headers = {}
        if role:
            async with open_once(two.owner_dsn) as session:
                new = NewAccount(name=f"{role}-{len(opened)}", role=role, kelurahan=list(kelurahan))  # type: ignore[arg-type]
                token = (await signing.issue(session, two.secret, await accounts.add_account(session, new), 3600)).token
            headers = {"Authorization": f"Bearer {token}"}
        opened.append(Client(transport=Held(app=app), base_url="http://titik.test", headers=headers))
        return opened[-1]

    async with running(app):
        yield client
        for one in opened:
            await one.aclose()


async def command(settings: Settings, *arguments: str) -> Done:
    return await run(
        *arguments,
        TITIK_DATABASE_URL=settings.service_dsn,
        TITIK_OWNER_URL=settings.owner_dsn,
        TITIK_SECRET_KEY=SECRET,
        TITIK_LANGUAGE="en",
    )


async def test_both_are_named_as_the_source_until_it_is_set_otherwise(two: Settings, sign_in: SignIn) -> None:
    everybody = await sign_in()
    both = "Pemerintah Kota Kediri; Pemerintah Kabupaten Badung"
    places = ("/", "/collections/posyandu", "/collections/posyandu/tiles/WebMercatorQuad/tilejson.json", "/tiles/WebMercatorQuad")
    assert [(await everybody.get(path)).json()["attribution"] for path in places] == [both] * 4
    page = (await everybody.get("/", params={"f": "html"})).text
    assert both in page
    assert "Peta titik Kota Kediri dan Kabupaten Badung" in page
    assert (await everybody.get("/styles/titik")).json()["sources"]["titik"]["attribution"] == both
    tag = (await everybody.get(places[2])).headers["etag"]
    done = await command(
        two, "city", "set", "51.03", "--attribution", "Pemkab Badung", "--licence", "CC-BY-4.0", "--language", "en", "--language", "id"
    )
    assert done.status == 0, done.told
    assert await command(two, "city", "set", "35.71", "--licence", "CC-BY-4.0") == Done(0, "", "Kota Kediri (35.71) changed.\n")
    landing = (await eventually(everybody, "/", lambda answer: "licence" in answer.json())).json()
    assert (landing["attribution"], landing["licence"]) == ("Pemerintah Kota Kediri; Pemkab Badung", "CC-BY-4.0")
    changed = await everybody.get(places[2], headers={"If-None-Match": tag})
    assert (changed.status_code, changed.json()["attribution"]) == (200, "Pemerintah Kota Kediri; Pemkab Badung")
    listed = (await command(two, "city", "list")).printed
    assert re.search(r"51\.03 +Kabupaten Badung +Bali +Pemkab Badung +CC-BY-4\.0 +WITA +en, id +4326, 3857, 9470, 32750, 23837", listed), (
        listed
    )


async def test_a_city_without_boundaries_is_told(two: Settings, sign_in: SignIn) -> None:
    await load(two, [{"code": "51.04.05.2001", "name": "Sayan", "kecamatan": "Ubud", "city": "Gianyar"}])
    async with open_once(two.owner_dsn) as session:
        assert await session.value(CITIES_WITHOUT) == "Kabupaten Gianyar (51.04)"
        # As it was when the edition was loaded.
        await session.run(Statement("UPDATE titik.boundary_edition SET complete = true"))
    client = await sign_in()
    ready = await client.get("/health/ready")
    assert (ready.status_code, [one["code"] for one in ready.json()["warnings"]]) == (200, ["cities-without-boundaries"])
    assert "Kabupaten Gianyar (51.04)" in ready.json()["warnings"][0]["detail"]
    page = (await (await sign_in("admin")).get("/portal/kelola/keadaan", headers={"Accept": "text/html"})).text
    assert "tidak memuat semua kota" in page
    edition = (await client.get("/boundaries/editions/Dua%20kota")).json()
    assert (edition["active"], edition["complete"]) == (True, False)


async def test_settings_that_cannot_be_are_refused(two: Settings) -> None:
    for arguments, words in (
        (("99.01",), "There is no kota or kabupaten of this code. There is: 35.71 Kota Kediri, 51.03 Kabupaten Badung."),
        (("51.03", "--time-zone", "UTC"), "The time zone must be one of: WIB, WITA, WIT."),
        (("51.03", "--crs", "999999"), "CRS 999999 is not known."),
        (("51.03", "--language", "jv"), "The language must be id or en."),
        (("51.03", "--contact", "x" * 201), "--contact has at most 200 letters."),
    ):
        done = await command(two, "city", "set", *arguments)
        assert done.status == 1
        assert words in done.told
    async with open_once(two.owner_dsn) as session:
        assert (await queries.read_cities(session)).all["51.03"].time_zone == "WITA"


async def test_an_officer_is_understood_by_their_own_city(sign_in: SignIn) -> None:
    """Two kelurahan have one name; a coordinate in metres of one city's zone means another place in the zone of the other."""
    kediri, badung, everybody = await sign_in("pic", MOJOROTO), await sign_in("pic", "51.03.05.2001"), await sign_in()
    desa = await submitted(badung, a_feature(*IN_DESA, kelurahan="Mojoroto"))
    kota = await submitted(kediri, a_feature(*IN_MOJOROTO, kelurahan="Mojoroto"))
    assert [one["properties"]["kelurahan"] for one in (desa, kota)] == ["51.03.05.2001", MOJOROTO]
    # UTM 50S of the desa, whose zone is not the one of Kediri.
    text = "X: 291924 Y: 9049859"
    found = [(await client.get("/locate", params={"text": text})).json() for client in (badung, kediri, everybody)]
    assert [one["decision"] for one in found] == ["one-repair", "none", "one-repair"]
    assert found[0]["kelurahan"]["code"] == "51.03.05.2001"
    assert [repair["code"] for repair in found[0]["repairs"]] == ["utm-50s"]
    refused = await badung.post("/collections/posyandu/items", json=a_feature(IN_DESA[1], IN_DESA[0]))
    assert (refused.json()["suggestion"]["lon"], refused.json()["suggestion"]["repairs"]) == (IN_DESA[0], ["swap"])
    # What would land in the other city only is no suggestion.
    other = await badung.post("/collections/posyandu/items", json=a_feature(IN_MOJOROTO[1], IN_MOJOROTO[0]))
    assert other.status_code == 422
    assert "suggestion" not in other.json()


async def test_times_are_shown_and_read_by_the_clock_of_the_city(two: Settings, sign_in: SignIn) -> None:
    badung, walidata, everybody = await sign_in("pic", "51.03.05.2001"), await sign_in("walidata"), await sign_in()
    feature = await published(badung, walidata, a_feature(*IN_DESA, captured_at="2026-05-01T01:00:00Z"))
    page = await everybody.get(f"/collections/posyandu/items/{feature['id']}", params={"f": "html"})
    assert "1 Mei 2026 pukul 09.00 WITA" in page.text
    table = f"Nama,Kelurahan,Lintang,Bujur,Waktu pendataan\nPosyandu Lain,Mojoroto,{IN_DESA[1] + 0.004},{IN_DESA[0]},2026-05-02 09:00\n"
    found = await judged(badung, table.encode())
    assert found["counts"]["good"] + found["counts"]["warned"] == 1, found
    assert (await committed(badung, found))["state"] == "committed"
    async with open_once(two.owner_dsn) as session:
        at = await value(session, "SELECT captured_at FROM titik.revision WHERE name = 'Posyandu Lain'")
    assert at.isoformat() == "2026-05-02T01:00:00+00:00"


async def test_the_sheet_lists_the_city_of_the_account(sign_in: SignIn) -> None:
    async def choices(client: Client) -> list[str]:
        answer = await client.get("/categories/posyandu/template.xlsx")
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content))["Daftar"]
        column = next(column for column in sheet.iter_cols(values_only=True) if column[0] == "kelurahan")
        return [str(cell) for cell in column[1:] if cell]

    assert await choices(await sign_in("pic", "51.03.05.2001")) == ["Kerobokan", "Mojoroto"]
    assert len(await choices(await sign_in("pic", MOJOROTO))) == 46
    everything = await choices(await sign_in())
    assert len(everything) == 48
    assert {"Mojoroto (Kec. Kuta Utara)", "Mojoroto (Kec. Mojoroto)"} < set(everything)
    table = f"Nama,Kelurahan,Lintang,Bujur\nPosyandu Baru,Mojoroto (Kec. Kuta Utara),{IN_DESA[1] + 0.00123},{IN_DESA[0] + 0.00123}\n"
    badung = await sign_in("pic", "51.03.05.2001", "51.03.05.2002")
    said = str(await report(badung, await judged(badung, table.encode())))
    assert ("row" in said, "kelurahan" in said) == (True, False), said
    assert "Mojoroto" not in everything


async def test_regions_that_are_loaded_again_rename_what_is_published_and_drop_nothing(two: Settings, sign_in: SignIn) -> None:
    badung, walidata, everybody = await sign_in("pic", "51.03.05.2001"), await sign_in("walidata"), await sign_in()
    feature = await published(badung, walidata, a_feature(*IN_DESA))
    item = f"/collections/posyandu/items/{feature['id']}"
    tags = [
        (await everybody.get(path)).headers["etag"]
        for path in ("/collections/kelurahan/items/51.03.05.2001", "/collections/kelurahan/items")
    ]
    notes = await load(
        two, [{"code": "51.03.05", "name": "Kuta Tengah", "bps_code": "5103050"}, {"code": "51.03.05.2002", "name": "Kerobokan"}], "51.03"
    )
    assert "Mojoroto (51.03.05.2001). 1 of them has points" in notes["missing"].say("en")
    assert "Kuta Utara → Kuta Tengah (51.03.05)" in notes["renamed"].say("id")
    assert "3 regions added" not in notes["loaded"].say("en")
    found = await eventually(everybody, item, lambda answer: answer.json()["properties"]["kecamatan"] == "Kuta Tengah")
    assert found.json()["properties"]["kelurahan_name"] == "Mojoroto"
    area = await everybody.get("/collections/kelurahan/items/51.03.05.2001", headers={"If-None-Match": tags[0]})
    assert (area.status_code, area.json()["properties"]) == (
        200,
        {"code": "51.03.05.2001", "bps_code": None, "name": "Mojoroto", "kecamatan": "Kuta Tengah", "area_km2": 4.8699},
    )
    assert (await everybody.get("/collections/kelurahan/items", headers={"If-None-Match": tags[1]})).status_code == 200
    assert (await everybody.get("/collections/kecamatan/items/51.03.05")).json()["properties"]["bps_code"] == "5103050"
    # An edition that is activated anew makes the same areas.
    async with open_once(two.owner_dsn) as session:
        before = await value(session, "SELECT string_agg(feature, ',' ORDER BY code) FROM published.area")
        await boundaries.activate(session, "Dua kota")
        assert await value(session, "SELECT string_agg(feature, ',' ORDER BY code) FROM published.area") == before
        regions = await queries.all_regions(session)
    assert Directory(regions).find("Kuta Utara", "kecamatan") == Directory(regions).find("51.03.05", "kecamatan")


async def eventually(client: Client, path: str, is_so: Callable[[httpx.Response], bool]) -> httpx.Response:
    """What the owner has committed is heard by the service a moment later."""
    for _ in range(600):
        if is_so(answer := await client.get(path)):
            break
        await asyncio.sleep(0.05)
    assert is_so(answer), answer.text
    return answer


async def test_nothing_of_a_refused_file_is_stored(two: Settings, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("files")
    names = "".join(f"Kelurahan {at},Mojoroto\n" for at in range(46))
    (folder / "nama.csv").write_text("nama,kecamatan\n" + names)
    (folder / "putar.csv").write_text("kode,nama,kode_induk\n51.04.01,Ubud,51.04.01.2001\n51.04.01.2001,Sayan,51.04.01\n")
    (folder / "induk.csv").write_text("kode,nama,kode_induk\n51.04.01.2001,Sayan,51.04.01\n51.04.01.2001,Sayan,51.04.02\n")
    (folder / "baru.csv").write_text("kode,nama\n99.99,Negeri Ajaib\n")
    (folder / "salah.csv").write_text("kode,nama\n35.6.1,Semen\n")
    (folder / "bps.csv").write_text("kode,nama,kode_bps\n51.04.01.2001,Sayan,3571010008\n")
    async with open_once(two.owner_dsn) as session:
        before = await queries.all_regions(session)
    for name, words in (
        ("nama.csv", "This file has 46 names but not one code"),
        ("baru.csv", "name it: --city 99.99"),
        ("salah.csv", "1 row has no readable Kemendagri code, for example: 35.6.1"),
        ("putar.csv", "The parents in this file go round in a circle: 51.04.01 → 51.04.01.2001 → 51.04.01."),
        ("induk.csv", "1 region has two parents: 51.04.01.2001 (51.04.01, 51.04.02)."),
        ("bps.csv", f"1 BPS code stands for two regions: 3571010008 ({MOJOROTO}, 51.04.01.2001)."),
    ):
        done = await command(two, "regions", "load", str(folder / name))
        assert done.status == 1
        assert words in done.told
        assert "Nothing was stored" in done.told
    async with open_once(two.owner_dsn) as session:
        assert await queries.all_regions(session) == before


async def test_an_administrator_signs_in_by_the_link_that_adding_them_prints(two: Settings, sign_in: SignIn) -> None:
    done = await command(two, "account", "add", "kominfo", "--role", "admin")
    assert done.status == 0
    (link,) = done.printed.split()
    everybody = await sign_in()
    path = link.removeprefix("http://127.0.0.1:8000")
    assert "kominfo" in (await everybody.get(path)).text
    assert (await everybody.post(path, json={"password": "empat kata yang panjang"})).status_code == 204
    assert (await everybody.post(path, json={"password": "empat kata yang lain"})).status_code == 404
    signed = await everybody.post("/tokens/password", json={"account": "kominfo", "password": "empat kata yang panjang"})
    me = await everybody.get("/me", headers={"Authorization": f"Bearer {signed.json()['token']}"})
    assert me.json()["role"] == "admin"
    other = await command(two, "account", "add", "camat", "--role", "opd")
    assert (other.status, other.printed) == (0, "")


async def test_a_decision_of_either_city_is_one_walidata_s(sign_in: SignIn) -> None:
    walidata = await sign_in("walidata")
    for kelurahan, place in ((BUJEL, (112.015, -7.805)), ("51.03.05.2002", (115.13, -8.59))):
        officer = await sign_in("pic", kelurahan)
        feature = await submitted(officer, a_feature(*place))
        decided = await walidata.post(f"/reviews/{feature['properties']['revision']}/decision", json=PUBLISH)
        assert decided.status_code == 200, decided.text
