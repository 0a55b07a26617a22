"""Files in the manner of the tools that people use: Kobo, ODK, My Maps, ArcGIS, QGIS, Epicollect, spreadsheets of Indonesian offices.

Each is written here, small, with invented names; each says what has to become of its rows.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest

from app.imports.rows import Draft
from app.imports.schemas import sentence
from app.messages import FAULTS
from tests.factories import MOJOROTO
from tests.imports.files import saved
from tests.imports.judged import POSYANDU, RT, judged
from tests.imports.oracle import distance_m

A, B = (112.00213, -7.80391), (112.00333, -7.80511)
GOOD: list[str] = []
NOT_IDS, NOT_THE_FIELD = "columns-not-ids", "columns-not-the-field"


class Case(NamedTuple):
    """`rows`: of each its values and its place; `codes`: of each what is found; `notes`: said once, and of which columns."""

    file: str
    content: str | list[list[object]]
    rows: list[dict[str, Any]]
    codes: list[list[str]] | None = None
    notes: dict[str, list[str]] | None = None
    category: str = "posyandu"


def dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def one(name: str = "Posyandu Melati", place: tuple[float, float] | None = A, **values: Any) -> dict[str, Any]:
    return {"name": name, "place": place, **values}


def ms(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc,arg-type]


KOBO = [
    Case(
        "kobo-groups.xlsx",
        [
            [
                "start",
                "end",
                "identitas/nama",
                "identitas/kelurahan",
                "lokasi/titik",
                "_lokasi/titik_latitude",
                "_lokasi/titik_longitude",
                "_lokasi/titik_altitude",
                "_lokasi/titik_precision",
                "_id",
                "_uuid",
                "_status",
                "_index",
            ],
            [
                "2026-11-02T08:11:03.100+07:00",
                "2026-11-02T08:14:40.000+07:00",
                "Posyandu Melati",
                "Mojoroto",
                "-7.80391 112.00213 78.4 4.8",
                -7.80391,
                112.00213,
                78.4,
                4.8,
                412345671,
                "0b1d4f0e-1c56-4b4c-9a57-5d2f3a1c9e01",
                "submitted_via_web",
                1,
            ],
        ],
        [one(accuracy_m=4.8, kelurahan=MOJOROTO)],
        None,
        {NOT_IDS: ["_id", "_uuid"], NOT_THE_FIELD: ["_status"]},
    ),
    Case(
        "kobo-labels.csv",
        "Nama Posyandu;Desa/Kelurahan;Share Loc;_Share Loc_latitude;_Share Loc_longitude;_Share Loc_altitude;_Share Loc_precision\n"
        "Posyandu Melati;Mojoroto;-7.80391 112.00213 0 0;-7.80391;112.00213;0;0\n",
        [one(accuracy_m=None)],
    ),
    Case("kobo-only-the-geopoint.csv", "nama,lokasi\nPosyandu Melati,-7.80391 112.00213 78.4 4.8\n", [one(accuracy_m=4.8, address=None)]),
    Case(
        "kobo-api.json",
        dumped(
            {
                "count": 1,
                "next": None,
                "results": [
                    {
                        "_id": 412345671,
                        "identitas/nama": "Posyandu Melati",
                        "lokasi/titik": "-7.80391 112.00213 0 0",
                        "_geolocation": [-7.80391, 112.00213],
                        "_uuid": "0b1d4f0e-1c56-4b4c-9a57-5d2f3a1c9e01",
                    }
                ],
            }
        ),
        [one(accuracy_m=None)],
        None,
        {NOT_IDS: ["_id", "_uuid"]},
    ),
    Case(
        "kobo.geojson",
        dumped(
            {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "geometry": {"type": "Point", "coordinates": [*A, 78.4, 4.8]},
                        "properties": {"nama": "Posyandu Melati", "_id": "412345671"},
                    },
                    {"type": "Feature", "geometry": {"type": "Point", "coordinates": [*B, 0, 0]}, "properties": {"nama": "Posyandu Mawar"}},
                ],
            }
        ),
        [one(accuracy_m=4.8), one("Posyandu Mawar", B, accuracy_m=None)],
        None,
        {NOT_IDS: ["_id"]},
    ),
    Case("kobo-respondent.csv", "responden/nama,nama,titik_Latitude,titik_Longitude\nBudi,Posyandu Melati,-7.80391,112.00213\n", [one()]),
]
ODK = [
    Case(
        "central-groups.csv",
        "SubmissionDate,grup-nama,grup-kelurahan,grup-lokasi-Latitude,grup-lokasi-Longitude,grup-lokasi-Altitude,grup-lokasi-Accuracy,KEY,Status,ReviewState\n"
        "2026-11-02T01:15:00.123Z,Posyandu Melati,Mojoroto,-7.80391,112.00213,78.4,4.8,uuid:0b1d4f0e-1c56-4b4c-9a57-5d2f3a1c9e01,hasIssues,\n",
        [one(accuracy_m=4.8)],
        None,
        {NOT_THE_FIELD: ["Status"]},
    ),
    Case(
        "central-odata.json",
        dumped(
            {
                "value": [
                    {
                        "__id": "uuid:0b1d4f0e-1c56-4b4c-9a57-5d2f3a1c9e01",
                        "__system": {"submissionDate": "2026-11-02T01:15:00.123Z", "status": None},
                        "nama": "Posyandu Melati",
                        "lokasi": {"type": "Point", "coordinates": [*A, 78.4], "properties": {"accuracy": 4.8}},
                    }
                ],
                "@odata.context": "https://example.org/x",
            }
        ),
        [one(accuracy_m=4.8)],
        None,
        {NOT_IDS: ["__id"]},
    ),
    Case(
        "aggregate.csv",
        "meta:instanceID,nama,lokasi:Latitude,lokasi:Longitude,lokasi:Accuracy\nuuid:1,Posyandu Melati,-7.80391,112.00213,0\n",
        [one(accuracy_m=None)],
    ),
]
MAPS = [
    Case(
        "mymaps.kml",
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><name>posyandu.xlsx</name><Placemark><name>Posyandu Melati</name>'
        '<ExtendedData><Data name="Nama"><value>Posyandu Melati</value></Data><Data name="Alamat"><value>Jl. Contoh 1</value></Data></ExtendedData>'
        "<Point><coordinates>112.00213,-7.80391,0</coordinates></Point></Placemark><Placemark><name>Posyandu Mawar</name><address>Jl. Contoh 2</address>"
        "</Placemark></Folder></Document></kml>",
        [one(address="Jl. Contoh 1"), one("Posyandu Mawar", None, address="Jl. Contoh 2")],
        [GOOD, ["geometry-missing"]],
    ),
    Case(
        "mymaps.csv",
        'WKT,name,description\n"POINT (112.00213 -7.80391)",Posyandu Melati,\n"POINT Z (112.00333 -7.80511 0)",Posyandu Mawar,x\n',
        [one(), one("Posyandu Mawar", B)],
    ),
    Case("links.csv", 'Nama,Share Location\nPosyandu Melati,"https://maps.google.com/?q=-7.80391,112.00213"\n', [one()]),
    Case(
        "overpass.json",
        dumped(
            {
                "version": 0.6,
                "elements": [
                    {"type": "node", "id": 123, "lat": A[1], "lon": A[0], "tags": {"amenity": "clinic", "name": "Posyandu Melati"}}
                ],
            }
        ),
        [one()],
        None,
        {NOT_IDS: ["id"]},
    ),
]
ESRI = [
    Case(
        "arcgis.json",
        dumped(
            {
                "geometryType": "esriGeometryPoint",
                "spatialReference": {"wkid": 4326, "latestWkid": 4326},
                "fields": [{"name": "Tanggal", "type": "esriFieldTypeDate"}],
                "features": [
                    {
                        "attributes": {"OBJECTID": 1, "Nama": "Posyandu Melati", "Tanggal": ms(2026, 1, 2, 3, 4, 5), "Status": "SWASTA"},
                        "geometry": {"x": A[0], "y": A[1]},
                    }
                ],
            }
        ),
        [one(captured_at="2026-01-02T03:04:05Z")],
        None,
        {NOT_THE_FIELD: ["Status"]},
    ),
    Case(
        "arcgis-utm.json",
        dumped(
            {
                "features": [{"attributes": {"Nama": "Posyandu Melati"}, "geometry": {"x": 610491.53, "y": 9137248.88, "z": 78}}],
                "spatialReference": {"wkid": 32749},
            }
        ),
        [one()],
    ),
    Case(
        "arcgis-table.csv",
        "OBJECTID,GlobalID,NAMA,POINT_X,POINT_Y,Status\n1,{0B1D4F0E-1C56-4B4C-9A57-5D2F3A1C9E01},Posyandu Melati,112.00213,-7.80391,SWASTA\n",
        [one()],
        None,
        {NOT_THE_FIELD: ["Status"]},
    ),
    Case(
        "survey123.csv",
        "ObjectID,GlobalID,Nama Posyandu,Waktu,x,y\n1,0b1d4f0e-1c56-4b4c-9a57-5d2f3a1c9e01,Posyandu Melati,11/22/2026 1:15:00 PM,112.00213,-7.80391\n",
        [one(captured_at="2026-11-22T06:15:00Z")],
    ),
    Case(
        "arcgis.geojson",
        dumped(
            {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "id": 7,
                        "geometry": {"type": "Point", "coordinates": [*A]},
                        "properties": {"OBJECTID": 7, "Nama": "Posyandu Melati", "Tanggal": ms(2026, 1, 2, 3, 4, 5)},
                    }
                ],
            }
        ),
        [one(captured_at="2026-01-02T03:04:05Z")],
        None,
        {NOT_IDS: ["id"]},
    ),
]
ESRI.append(
    Case(
        "arcgis-aliases.json",
        dumped(
            {
                "fieldAliases": {"FIELD1": "Nama Posyandu", "FIELD2": "Nama Ketua", "JLH": "Kader aktif"},
                "fields": [{"name": "ALM", "alias": "Alamat", "type": "esriFieldTypeString"}],
                "features": [
                    {
                        "attributes": {"FIELD1": "Posyandu Melati", "FIELD2": "Budi", "JLH": 5, "ALM": "Jl. Contoh 1"},
                        "geometry": {"x": A[0], "y": A[1]},
                    }
                ],
            }
        ),
        [one(address="Jl. Contoh 1", kader_aktif=5)],
    )
)
QGIS = [
    Case(
        "qgis.geojson",
        dumped(
            {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "geometry": {"type": "Point", "coordinates": [*A]},
                        "properties": {"id": None, "nama": "Posyandu Melati", "label": 7},
                    },
                    {
                        "type": "Feature",
                        "geometry": {"type": "Point", "coordinates": [*B]},
                        "properties": {"id": 2, "nama": "Posyandu Mawar", "label": 8},
                    },
                ],
            }
        ),
        [one(), one("Posyandu Mawar", B)],
        None,
        {NOT_IDS: ["id"], NOT_THE_FIELD: ["label"]},
    ),
    Case(
        "qgis-xy.csv",
        "X,Y,Id,nama,tanggal\n112.00213,-7.80391,1,Posyandu Melati,2026/01/02 10:11:12+00\n",
        [one(captured_at="2026-01-02T10:11:12Z")],
        None,
        {NOT_IDS: ["Id"]},
    ),
    Case(
        "qgis-moved.geojson",
        dumped(
            {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "geometry": {"type": "Point", "coordinates": [*A]},
                        "properties": {"nama": "Posyandu Melati", "lat": B[1], "lon": B[0]},
                    }
                ],
            }
        ),
        [one()],
        [["place-columns-differ"]],
    ),
    Case(
        "lines.ndjson",
        dumped({"nama": "Posyandu Melati", "lat": A[1], "lng": A[0]})
        + "\n"
        + dumped({"nama": "Posyandu Mawar", "lat": B[1], "lng": B[0]})
        + "\n",
        [one(), one("Posyandu Mawar", B)],
    ),
    Case(
        "without-geometry.geojson",
        dumped(
            {
                "type": "FeatureCollection",
                "features": [{"type": "Feature", "geometry": None, "properties": {"nama": "Posyandu Melati", "lat": A[1], "lon": A[0]}}],
            }
        ),
        [one()],
    ),
]
EPICOLLECT = [
    Case(
        "epicollect.csv",
        "ec5_uuid,created_at,title,1_Nama,2_Alamat,lat_3_Lokasi,long_3_Lokasi,accuracy_3_Lokasi,UTM_Northing_3_Lokasi,UTM_Easting_3_Lokasi,UTM_Zone_3_Lokasi\n"
        "8e0d2a2e-6c5f-4b4a-9df0-3b6b1c2f7a11,2026-11-01T02:00:00.000Z,Epi,Posyandu Melati,Jl. Contoh 1,-7.803910,112.002130,4,9137249,610488,49M\n",
        [one(accuracy_m=4.0, address="Jl. Contoh 1")],
    ),
    Case(
        "epicollect-api.json",
        dumped(
            {
                "meta": {"total": 1},
                "data": {
                    "id": "posyandu",
                    "entries": [
                        {
                            "ec5_uuid": "8e0d2a2e-6c5f-4b4a-9df0-3b6b1c2f7a11",
                            "1_Nama": "Posyandu Melati",
                            "3_Lokasi": {"latitude": A[1], "longitude": A[0], "accuracy": 4, "UTM_Zone": "49M"},
                        }
                    ],
                },
            }
        ),
        [one(accuracy_m=4.0)],
    ),
]
SHEETS = [
    Case("letterhead.xlsx", [["PEMERINTAH KOTA KEDIRI"], ["Kelurahan", "Mojoroto"], [], ["No", "Nama Posyandu", "Koordinat", None, "Kader aktif"], [None, None, "LS", "BT", None], ["(1)", "(2)", "(3)", "(4)", "(5)"],
         [1, "Posyandu Melati", "-7,80391", "112,00213", 5]], [one(kader_aktif=5)], [["coordinate-repaired"]]),
    Case("identity-card.csv", "nama,RT/RW,lat,lon\n" + "".join(f'P{n},"{both}",-7.80{n}91,112.00213\n' for n, both in enumerate(
         ("RT. 002 RW. 005", "RT 002, RW 005", "002-005", "RW 05 RT 02", "02/V", "RT.02/RW.05", "II/V", "rt 2 rw 5", "002/005"))),
         [{"rt": "02", "rw": "05"} for _ in range(9)]),
    Case("numbered.csv", "1. Nama Posyandu:;2. Alamat:;3. Titik Koordinat:\nPosyandu Melati;Jl. Contoh 1;7°48'14.076\"S 112°0'7.668\"E\n", [one(address="Jl. Contoh 1")]),
    Case("misspelt.csv", "A. Nama,B. Lattitude,C. Longtitude,D. Kordinat\nPosyandu Melati,-7.80391,112.00213,\n", [one()]),
    Case("other-figures.csv", "Nama;Easting;Northing;X;Y;Zona UTM\nPosyandu Melati;1;2;610491.53;9137248.88;49S\n", [one()], None, {NOT_THE_FIELD: ["Easting", "Northing"]}),
    Case("south.csv", "Nama;LS;BT\nPosyandu Melati;7.80391;112.00213\nPosyandu Mawar;-7.80511;112.00333\n", [one(), one("Posyandu Mawar", B)]),
    Case("in-brackets.csv", "Nama,Koordinat (X),Koordinat (Y)\nPosyandu Melati,112.00213,-7.80391\n", [one()]),
    Case("in-metres.csv", "Nama;X (UTM 49S);Y (UTM 49S);Latitude;Longitude\nPosyandu Melati;610491.53;9137248.88;;\nPosyandu Mawar;610623.51;9137115.81;-7.80511;112.00333\n", [one(), one("Posyandu Mawar", B)]),
    Case("two-addresses.csv", "Nama,Kel,Kode Desa,Alamat,Alamat Lengkap,Latitude,Longitude\nPosyandu Melati,Mojoroto,35.71.01.1011,,Jl. Contoh 5,-7.80391,112.00213\n"
         "Posyandu Mawar,Mojoroto,35.71.01.1006,Jl. A,Jl. B,-7.80511,112.00333\n", [one(address="Jl. Contoh 5"), one("Posyandu Mawar", B, address="Jl. A")], [GOOD, ["columns-differ", "columns-contradict"]]),
    Case("dates.csv", 'Nama,Tanggal Pendataan,Koordinat\nPosyandu Melati,"Senin, 17 Agustus 2026 09.30 WIB","-7.80391, 112.00213"\nPosyandu Mawar,17/08/2026 09.30,"-7.80511, 112.00333"\n'
         'Posyandu Nusa,17-Agu-26,"-7.80611, 112.00333"\nPosyandu Kutub,2026-08-17 10:30 WITA,"-7.80711, 112.00333"\n',
         [one(captured_at="2026-08-17T02:30:00Z"), one("Posyandu Mawar", B, captured_at="2026-08-17T02:30:00Z"), {"captured_at": "2026-08-16T17:00:00Z"}, {"captured_at": "2026-08-17T02:30:00Z"}]),
    Case("half-addresses.csv", 'Nama,Lokasi\nPosyandu Melati,"-7.80391, 112.00213"\nPosyandu Mawar,Balai RW 3 Jl. Contoh\nPosyandu Nusa,"-7.80511, 112.00333"\n',
         [one(), {"name": "Posyandu Mawar", "place": None}, one("Posyandu Nusa", B)], [GOOD, ["coordinate-nothing-read"], GOOD]),
    Case("mostly-addresses.csv", 'Nama,Lokasi,lat,lon\nPosyandu Melati,"-7.80391, 112.00213",,\nPosyandu Mawar,Balai RW 3,-7.80511,112.00333\nPosyandu Nusa,Balai RW 4,-7.80611,112.00333\n',
         [one(address=None), one("Posyandu Mawar", B, address="Balai RW 3"), {"address": "Balai RW 4"}]),
    Case("chairs.csv", "No,Nama,RT,RW,No HP,Latitude,Longitude\n1,Budi Contoh,71,2,0812-0000-0001,-7.80391,112.00213\n", [{"name": "RT 71 RW 02", "rt": "71", "rw": "02", "place": A}], category="rt"),
    Case("of-a-data-frame.csv", "nama,kelurahan,C. RT/RW,kader_aktif,lat,lon\nPosyandu Melati,,02/05,5.0,-7.80391,112.00213\nPosyandu Mawar,3571011011.0,,5.5,-7.80511,112.00333\n",
         [one(rt="02", rw="05", kader_aktif=5), {"name": "Posyandu Mawar"}], [GOOD, ["cell-not-a-whole-number"]]),
    Case("of-a-data-frame.kml", '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>' + "".join(
         f'<Placemark><name>{name}</name><ExtendedData><Data name="RT"><value>{rt}</value></Data><Data name="RW"><value>{rw}</value></Data></ExtendedData>'
         f"<Point><coordinates>{lon},{lat},0</coordinates></Point></Placemark>" for name, rt, rw, (lon, lat) in (("Posyandu Melati", "3.0", "2,0", A), ("Posyandu Mawar", "", "", B))) + "</Document></kml>",
         [one(rt="03", rw="02"), one("Posyandu Mawar", B, rt=None, rw=None)]),
    Case("other-order.csv", "Nama,3. RW/RT,lat,lon\nPosyandu Melati,02/05,-7.80391,112.00213\nPosyandu Mawar,RT 03 RW 06,-7.80511,112.00333\n",
         [one(rw="02", rt="05"), one("Posyandu Mawar", B, rt="03", rw="06")]),
    Case("small-letters.csv", "Nama,RT,RW,lat,lon\nPosyandu Melati,II,X,-7.80391,112.00213\nPosyandu Mawar,i,x,-7.80511,112.00333\n",
         [one(rt="02", rw="10"), {"name": "Posyandu Mawar"}], [GOOD, ["not-a-neighbourhood-number"] * 2]),
    Case("all-faults.csv", "Nama,Kelurahan,RT,Kader aktif,Lintang,Bujur\n,Antah,Pak RT,lima,abc,112.00213\nPosyandu Mawar,Mojoroto,2,5,,112.00333\n",
         [{"place": None}, {"place": None}], [["cell-not-a-whole-number", "not-a-neighbourhood-number", "kelurahan-not-found", "coordinate-nothing-read", "row-field-missing"], ["row-field-missing"]]),
]  # fmt: skip
CASES = [*KOBO, *ODK, *MAPS, *ESRI, *QGIS, *EPICOLLECT, *SHEETS]


def written(folder: Path, case: Case) -> Path:
    if isinstance(case.content, str):
        return saved(folder, case.file, case.content)
    book = openpyxl.Workbook()
    for row in case.content:
        book.active.append(row)
    book.save(folder / case.file)
    return folder / case.file


def test_there_are_thirty_of_them_and_more() -> None:
    assert len({case.file for case in CASES}) == len(CASES) >= 30


@pytest.mark.parametrize("case", CASES, ids=[case.file for case in CASES])
async def test_a_file_as_a_tool_writes_it_goes_in_as_it_is(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = await judged(written(tmp_path, case), monkeypatch, RT if case.category == "rt" else POSYANDU)
    assert found.codes() == (case.codes or [GOOD for _ in case.rows]), found.fields
    assert found.noted() == (case.notes or {})
    for draft, wanted in zip(found.drafts, case.rows, strict=True):
        values = {name: value for name, value in wanted.items() if name != "place"}
        assert {name: value_of(draft, name) for name in values} == values
        if "place" in wanted and wanted["place"] is None:
            assert (draft.lon, draft.lat) == (None, None)
        elif "place" in wanted:
            assert distance_m((draft.lon or 0.0, draft.lat or 0.0), wanted["place"]) < 0.5


def value_of(draft: Draft, name: str) -> Any:
    """What the point would have; of a row without one, what was read."""
    if not draft.revision:
        return draft.values.get(name)
    revision: Any = draft.revision
    value = (revision["attributes"] | revision).get(name)
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


@pytest.mark.parametrize(
    ("headings", "told"),
    [
        # A similar heading; else all that was not read, but people and what the sender has put aside.
        ("Nama Warung|Keterangan|Lain", ("row-field-unmatched", "Nama Warung")),
        ("Nama Kader|Keterangan|Lain", ("row-field-unread", "Keterangan")),
        ("Ketua RT|Sebutan|Lain", ("row-field-unread", "Sebutan")),
        ("Nama Ketua|No HP|Lain", ("row-field-missing", None)),
    ],
)
async def test_what_is_said_of_a_file_without_names(
    headings: str, told: tuple[str, str | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = f"{headings.replace('|', ',')},Lintang,Bujur\nBudi,0812-0000-0001,x,-7.80391,112.00213\n"
    found = await judged(saved(tmp_path, "a.csv", content), monkeypatch, named={"Lain": None})
    (finding,) = found.drafts[0].findings
    assert (finding.code, finding.facts.get("columns")) == told
    assert "Nama" in sentence(finding.json(), "id")
    assert "Name" in sentence(finding.json(), "en")


async def test_what_is_said_of_a_file_without_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = await judged(saved(tmp_path, "a.csv", "Nama,Patokan\nPosyandu Melati,masjid\n"), monkeypatch)
    assert [(one.code, one.facts["columns"]) for one in found.drafts[0].findings] == [("row-field-unread", "Patokan")]
    found = await judged(saved(tmp_path, "b.csv", "Nama,Koordinat\nPosyandu Melati,\n"), monkeypatch)
    assert found.codes() == [["coordinate-missing"]]


@pytest.mark.parametrize(
    ("content", "here", "other"),
    [
        ('Nama,Latitude,Longitude,Share Loc\nMelati,-7.80391,112.00213,"-7.80391, 112.00413"\n', "Share Loc", "Latitude, Longitude"),
        ('Nama,Koordinat,X,Y\nMelati,"7°48\'14.076""S 112°0\'7.668""E",610711.9,9137248.9\n', "Y, X", "Koordinat"),
        ('Nama,Koordinat,Share Loc\nMelati,"-7.80391, 112.00213","-7.80391, 112.00413"\n', "Share Loc", "Koordinat"),
        ("Nama,Lintang,Bujur,Lat,Long\nMelati,-7.80391,112.00213,-7.80391,112.00413\n", "Lintang, Bujur", "Lat, Long"),
    ],
)
async def test_columns_that_mean_two_places_are_named(
    content: str, here: str, other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await judged(saved(tmp_path, "a.csv", content), monkeypatch)
    (finding,) = found.drafts[0].findings
    assert finding.code == "coordinate-several-places"
    assert sentence(finding.json(), "id").startswith(f"Kolom {here} dan kolom {other} menyebut dua letak yang berjarak 22")
    assert " m apart. See which is right" in sentence(finding.json(), "en")


async def test_one_text_with_two_places_is_still_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = "Nama,Latitude,Longitude,Share Loc\nMelati,-7.80391,112.00213,6P4J52W2+CR / 6P4J52JJ+22\n"
    found = await judged(saved(tmp_path, "a.csv", content), monkeypatch)
    assert [sentence(one.json(), "en") for one in found.drafts[0].findings] == [FAULTS["coordinate-several-places"].en]
