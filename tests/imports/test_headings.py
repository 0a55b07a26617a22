"""Headings as people and survey tools write them, each with the field that it names; and those that name none."""

import pytest

from app.categories.rules import Category
from app.imports.columns import by_headers, fitted, not_there, recognised
from app.imports.fields import COMMON, Field
from app.imports.headings import Vocabulary
from app.imports.people import set_apart
from app.imports.reading.header import find_header
from app.language import Text

POSYANDU = Category(
    "posyandu", 1, {"type": "object", "properties": {"jenis": {"type": "string", "title": "Jenis"}}}, ("name",), None, (), "many"
)
FIELDS = {field.name: field for field in COMMON}
KNOWN = {
    "name": "1. Nama Posyandu|A. Nama|A.3. Nama|1_Nama|group/nama|identitas.nama|Nama:|Nama SPPG|tags/name|NAMA TEMPAT|nama_posyandu",
    "kelurahan": "Desa/Kelurahan|Kelurahan/Desa SPPG|2) Kelurahan|Kelurahaan|wilayah/kelurahan",
    "address": "III. Alamat|alamat_lengkap|lokasi|grup-alamat|Alamat SPPG",
    "lat": "lat_2_Lokasi|grup-lokasi-Latitude|_Titik Lokasi_latitude|lokasi:Latitude|Koordinat (Lintang)|Latitude (S)|LATITUDE (LS)|LS|POINT_Y|Koordinat Y|koordinat_lat|Lattitude"
    "|Lat Posyandu|Lintang (Batavia)|Garis Lintang",
    "lon": "long_2_Lokasi|lokasi-Longitude|_x_longitude|Koordinat (X)|BT|Bujur Timur (BT)|POINT_X|Longtitude|X (UTM 49S)|Easting (m)",
    "coordinate": "Titik Lokasi|Share Loc|Koordinat (Lat, Long)|Latitude_Longitude|Kordinat|WKT|data/lokasi/koordinat|3. Koordinat|3. Lintang/Bujur",
    "accuracy_m": "accuracy_2_Lokasi|_Titik Lokasi_precision|lokasi-Accuracy|Akurasi (m)",
    "rt": "No. RT|RT:",
    "rt_rw": "RT/RW|C. RT/RW|C.RT/RW|3. RT/RW|3 RT/RW|C RT/RW|A.3. RT/RW|NO. RT/RW|C. No. RT/RW|No RT/No RW|Nomor RT dan RW|identitas/RT_RW|identitas/RT/RW|Alamat RT/RW|RT-RW|1. RT.RW",
    "rw_rt": "RW/RT|C. RW/RT|3 RW/RT|RW_RT|No. RW/RT|identitas/RW/RT|Alamat RW/RT", "captured_at": "Tgl. Survey|Tanggal Pendataan",
}  # fmt: skip
UNKNOWN = (
    "UTM_Northing_2_Lokasi|UTM_Zone_2_Lokasi|_Titik Lokasi_altitude|lokasi-Altitude|Altitude|X (Lintang)|Lintang (X)|Nama Ketua Posyandu|ketua/nama|ketua/alamat|anggota/nama"
    "|Jumlah/RT|KK/RT|Jumlah RT|Ketua RT|Nama/Alamat|1. Nama/Alamat|C. Jumlah RT/RW|Ketua RT/RW|SK RT/RW|Kode RT/RW|Tanggal Posyandu|start|end|SubmissionDate|KEY|_index|Status Kepemilikan|Keluaran|ID Posyandu|Alamat Rumah|Nama Kelom|No"
)


def named(heading: str) -> str | None:
    guess = Vocabulary(FIELDS, ["posyandu"], ["Kecamatan SPPG", "Alamat SPPG", "Nama SPPG"]).read(heading)
    return guess.field if guess else None


@pytest.mark.parametrize(("heading", "field"), [(one, field) for field, headings in KNOWN.items() for one in headings.split("|")])
def test_a_heading_is_read_by_its_parts(heading: str, field: str) -> None:
    assert named(heading) == field


@pytest.mark.parametrize("heading", UNKNOWN.split("|"))
def test_what_names_no_field_or_two_is_none(heading: str) -> None:
    assert named(heading) is None


def fields_of_file(headings: str, *rows: str, named: dict[str, str | None] | None = None) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Headings and cells between bars: the field of each column that is read, and the headings of each note."""
    names = headings.split("|")
    columns, notes = fitted(recognised(names, POSYANDU, named), [row.split("|") for row in rows], POSYANDU, named)
    said: dict[str, list[str]] = {}
    for note in notes:
        said.setdefault(note.code, []).extend(names[at] for at in note.columns)
    return {one.header: one.field.name for one in columns if one.field}, said


@pytest.mark.parametrize(
    ("headings", "rows", "read", "notes"),
    [
        (
            "nama|_id|_uuid",
            ["Melati|412345671|0b1d4f0e-1c56-4b4c-9a57-5d2f3a1c9e01"],
            {"nama": "name"},
            {"columns-not-ids": ["_id", "_uuid"]},
        ),
        ("nama|id", ["Melati|node/123", "Mawar|2"], {"nama": "name"}, {"columns-not-ids": ["id"]}),
        ("nama|id", ["Melati|01956b5c-7a00-7000-8000-000000000001", "Mawar|2"], {"nama": "name", "id": "id"}, {}),
        ("nama|Status", ["Melati|SWASTA"], {"nama": "name"}, {"columns-not-the-field": ["Status"]}),
        ("nama|Status", ["Melati|Aktif", "Mawar|Rusak"], {"nama": "name", "Status": "status"}, {}),
        ("nama|Status", ["Melati|"], {"nama": "name"}, {}),
        ("nama|Cara menentukan letak", ["Melati|"], {"nama": "name", "Cara menentukan letak": "method"}, {}),
        ("nama|lokasi", ["Melati|-7.80391 112.00213 78.4 4.8"], {"nama": "name", "lokasi": "coordinate"}, {}),
        ("nama|lokasi", ["Melati|Balai RW 3, Jl. Mawar 12"], {"nama": "name", "lokasi": "address"}, {}),
        ("nama|alamat", ["Melati|https://maps.google.com/?q=-7.8,112.0"], {"nama": "name", "alamat": "coordinate"}, {}),
        ("nama|GPS", ["Melati|ya"], {"nama": "name"}, {"columns-not-the-field": ["GPS"]}),
        ("nama|titik", ["Melati|5"], {"nama": "name"}, {"columns-not-the-field": ["titik"]}),
        ("nama|x|y", ["Melati|1|2"], {"nama": "name"}, {"columns-not-the-field": ["x", "y"]}),
        ("nama|x|y", ["Melati|610488|9137250"], {"nama": "name", "x": "lon", "y": "lat"}, {}),
        ("nama|RT", ["Melati|Pak Budi"], {"nama": "name"}, {"columns-not-the-field": ["RT"]}),
        ("nama|tanggal", ["Melati|Selasa minggu kedua"], {"nama": "name"}, {"columns-not-the-field": ["tanggal"]}),
        ("nama|tanggal", ["Melati|31/31/2026"], {"nama": "name", "tanggal": "captured_at"}, {}),
        ("Label|nama", ["7|Melati"], {"nama": "name"}, {"columns-not-the-field": ["Label"]}),
        # As the category is called, unless there is another name.
        ("Posyandu|RT", ["Melati|1"], {"Posyandu": "name", "RT": "rt"}, {}),
        ("2. Posyandu|RT", ["Melati|1"], {"2. Posyandu": "name", "RT": "rt"}, {}),
        ("Posyandu|Nama", ["ya|Posyandu Melati"], {"Nama": "name"}, {}),
        ("Posyandu|Judul", ["ya|Posyandu Melati"], {"Judul": "name"}, {}),
        ("Posyandu|Nama Kader", ["Melati|Budi"], {"Posyandu": "name"}, {}),
        ("Posyandu|RT", ["1|1"], {"RT": "rt"}, {"columns-not-the-field": ["Posyandu"]}),
        ("NAMOBJ|FCODE|REMARK", ["Posyandu Melati|CA0001|Lapangan"], {"NAMOBJ": "name"}, {}),
        # A plain name beside that of the point is somebody's, unless both say the same.
        ("Nama Posyandu|Nama", ["Posyandu Melati|Budi"], {"Nama Posyandu": "name"}, {}),
        ("name|Nama", ["Posyandu Melati|Posyandu Melati", "Mawar|"], {"name": "name", "Nama": "name"}, {}),
    ],
)
def test_cells_decide_what_a_heading_leaves_open(headings: str, rows: list[str], read: dict[str, str], notes: dict[str, list[str]]) -> None:
    assert fields_of_file(headings, *rows) == (read, notes)


def test_what_the_sender_says_goes_before_the_cells() -> None:
    assert fields_of_file("nama|Status", "Melati|SWASTA", named={"Status": "status"}) == ({"nama": "name", "Status": "status"}, {})


def test_a_heading_that_the_file_does_not_have_is_told() -> None:
    assert not_there(["nama", "lat"], {"nama": "name"}) == []
    (note,) = not_there(["nama", "lat"], {"Nama ": "name", "lat": None})
    assert (note.code, note.facts) == ("columns-not-there", {"headings": "Nama "})


def test_columns_of_an_export_stay_what_they_are() -> None:
    """Ids that somebody has spoiled are faults of their rows."""
    read, notes = fields_of_file("id|category|name", "abc|posyandu|Melati")
    assert (read, notes) == ({"id": "id", "name": "name"}, {})


@pytest.mark.parametrize(
    ("rows", "at"),
    [
        (
            [
                "8|No|Kecamatan SPPG|Kelurahan/Desa SPPG|Alamat SPPG|Nama SPPG|Lattitude|longitude|.1|.2|.3",
                "|1|MOJOROTO|MOJOROTO|Jl|SPPG 3|-7.8|112.0|||",
            ],
            1,
        ),
        (["Data Posyandu|Kecamatan Mojoroto|2026", "Nama|Kelurahan|Lintang", "Melati|Mojoroto|-7.8"], 2),
        (["Formulir|Wilayah|Petugas|Catatan", "nama|kelurahan|lat|lon", "Melati|Mojoroto|-7.8|112.0"], 2),
        (["No|Posyandu|Koordinat|", "||Lintang|Bujur", "1|Melati|-7.8|112.0"], 2),
        (["Foto|Luas", "a.jpg|12"], 1),
        # What stands in a column twice is no heading of it.
        (["Foto|Cara", "lat|gps", "lat|gps", "lon|gps"], 1),
    ],
)
def test_the_header_is_the_row_with_the_most_known_headings(rows: list[str], at: int) -> None:
    assert find_header([(number, row.split("|")) for number, row in enumerate(rows, 1)]).after == at


@pytest.mark.parametrize(
    "heading", ["Pos Kamling", "pos_kamling", "Nama Pos Kamling", "Watch posts", "Name of watch posts", "4. POS KAMLING"]
)
def test_a_column_headed_as_the_category_is_the_name(heading: str) -> None:
    category = Category("pos_kamling", 1, {}, ("name",), None, (), "many", titles=("Pos kamling", "Watch posts (of the neighbourhood)"))
    (column, other) = recognised([heading, "Pos Ronda"], category)
    assert (column.field and column.field.name, other.field) == ("name", None)


def test_remarks_of_the_national_map_are_those_of_a_category_that_has_them() -> None:
    category = Category("taman", 1, {"properties": {"keterangan": {"type": "string", "title": "Keterangan"}}}, (), None, (), "many")
    assert [one.field and one.field.name for one in recognised(["NAMOBJ", "REMARK"], category)] == ["name", "keterangan"]


def test_aliases_are_headings_too() -> None:
    columns = recognised(["F1", "NAME", "F3", "jenis", "F5"], POSYANDU, {}, ("Nama Posyandu", "Nama Ketua", "Lintang", "Kader", "F5"))
    assert [one.field and one.field.name for one in columns] == ["name", None, "lat", "jenis", None]
    _, people = set_apart(columns, POSYANDU, {})
    assert [(one.at, one.holds) for one in people.columns] == [(1, "name")]
    assert by_headers(["F1", "NAME"], ("Nama Posyandu", "F1"), {"Nama Posyandu": None, "F1": "name"}) == {"F1": "name"}


def test_a_field_says_its_loose_names_apart() -> None:
    """What is used for other things too is never among the sure names."""
    assert [field.name for field in COMMON if set(field.names) & set(field.loose)] == []
    assert Field("x", "text", Text("X", "X")).loose == ()
