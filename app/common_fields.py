"""The fields that every point has, whatever its category, once: columns of statements, comparisons, bodies, schemas, filters, headings of files,
the template and exports are made from this table. Pure.

A new one is a line here, a column in `models/point.py` and `models/transfer.py`, and a migration (CONTRIBUTING, "How to add"). What follows
from the name of a field, as the making of names from RT and RW, stands where that is decided.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from app.language import Text

Kind = Literal["text", "integer", "number", "boolean", "instant", "date", "list"]


class Headings(NamedTuple):
    """What a column of a file is called that has this field: its `title` in our own sheets, other `names`, and `loose` ones, which are used for
    other things too: there the cells decide.
    """

    title: Text
    names: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()


class SheetColumn(NamedTuple):
    """The column of the template: what is said of it, in Indonesian, and what an office may write there."""

    description: str
    example: str = ""
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class CommonField:
    """A field by its name in the GeoJSON of a point."""

    name: str
    kind: Kind
    title: Text
    """In queryables, schemas, exports and pages."""
    sql: str | None = None
    """The type of its column in `titik.revision`, where somebody writes it and it has one; None: it is derived, or stored in a way of its own."""
    choices: tuple[str, ...] = ()
    """The values that may be sent."""
    is_coded: bool = False
    """A code or a number that is written as a text: nobody writes what they like into it."""
    longest: int = 500
    """Of a text: more letters are refused."""
    is_public: bool = True
    """Readers of the two halves have it, unless a category hides it. Else only those who work on the point."""
    is_of_place: bool = False
    """It describes the coordinate: what was said of an old place does not hold of a new one."""
    headings: Headings | None = None
    """None: files have no column of it."""
    sheet: SheetColumn | None = None
    """None: the template has no column of it."""


FIELDS: tuple[CommonField, ...] = (
    CommonField("category", "text", Text("Kategori", "Category")),
    CommonField(
        "name", "text", Text("Nama", "Name"), "text", longest=200,
        headings=Headings(
            Text("Nama", "Name"),
            # `NAMOBJ`: in the layers of the national map.
            ("nama", "nama titik", "nama lokasi", "nama fasilitas", "nama tempat", "nama pos", "place name", "facility name", "namobj"),
            ("label", "judul"),
        ),
        sheet=SheetColumn("Nama yang dipakai warga, tanpa alamat.", "Posyandu Melati 1"),
    ),
    CommonField(
        "kelurahan", "text", Text("Kode kelurahan", "Code of the kelurahan"), "text", is_coded=True, longest=100,
        headings=Headings(
            Text("Kelurahan", "Kelurahan"),
            ("kode kelurahan", "desa kelurahan", "kelurahan desa", "desa kel", "kel desa", "kode desa", "kode wilayah", "kode kemendagri", "village code"),
            ("kel", "desa", "village"),
        ),
        sheet=SheetColumn("Pilih dari daftar, atau tulis nama atau kodenya (35.71.01.1001).", is_required=True),
    ),
    CommonField(
        "kelurahan_name", "text", Text("Nama kelurahan", "Name of the kelurahan"),
        headings=Headings(
            Text("Nama kelurahan", "Name of the kelurahan"),
            ("nama kelurahan", "nama desa", "nama desa kelurahan", "nama kelurahan desa", "village name"),
        ),
    ),
    CommonField(
        "kecamatan", "text", Text("Nama kecamatan", "Name of the kecamatan"),
        headings=Headings(Text("Kecamatan", "Kecamatan"), ("kec", "nama kecamatan", "district", "subdistrict")),
    ),
    CommonField(
        "status", "text", Text("Status titik", "Status of the point"), "text", ("active", "inactive"),
        headings=Headings(Text("Status titik", "Status of the point"), ("status",)),
    ),
    CommonField(
        "address", "text", Text("Alamat", "Address"), "text",
        headings=Headings(
            Text("Alamat", "Address"), ("alamat", "alamat lengkap", "jalan", "street", "street address"), ("lokasi", "location")
        ),
        sheet=SheetColumn("Jalan dan nomor.", "Jl. Mawar 12"),
    ),
    CommonField(
        "rw", "text", Text("Nomor RW", "Number of the RW"), "text", is_coded=True, longest=20,
        headings=Headings(Text("RW", "RW"), ("no rw", "nomor rw", "nomor rukun warga", "rukun warga")),
        sheet=SheetColumn("Nomor RW saja.", "02"),
    ),
    CommonField(
        "rt", "text", Text("Nomor RT", "Number of the RT"), "text", is_coded=True, longest=20,
        headings=Headings(Text("RT", "RT"), ("no rt", "nomor rt", "nomor rukun tetangga", "rukun tetangga")),
        sheet=SheetColumn("Nomor RT saja.", "005"),
    ),
    CommonField(
        "accuracy_m", "number", Text("Ketelitian (m)", "Accuracy (m)"), "float8", is_of_place=True,
        headings=Headings(
            Text("Ketelitian (m)", "Accuracy (m)"), ("akurasi m", "gps accuracy", "akurasi gps", "horizontal accuracy"),
            ("akurasi", "ketelitian", "accuracy", "precision"),
        ),
        sheet=SheetColumn("Yang ditunjukkan ponsel, dalam meter.", "8"),
    ),
    CommonField(
        "method", "text", Text("Cara menentukan letak", "How the place was found"), "text", ("gps", "map", "import", "geocoded"), is_of_place=True,
        headings=Headings(Text("Cara menentukan letak", "How the place was found"), ("metode", "cara", "sumber koordinat")),
        sheet=SheetColumn("gps: diukur di tempat; map: ditunjuk di peta.", "gps"),
    ),
    CommonField(
        "captured_at", "instant", Text("Waktu pendataan", "Time of capture"), "timestamptz", is_of_place=True,
        headings=Headings(
            Text("Waktu pendataan", "Time of capture"),
            ("tanggal pendataan", "tanggal survei", "tanggal survey", "waktu survei", "waktu survey", "tgl pendataan", "tgl survei", "tgl survey"),
            ("tanggal", "tgl", "waktu", "timestamp", "date", "time"),
        ),
        sheet=SheetColumn("Kapan letaknya ditentukan.", "2026-11-24"),
    ),
    CommonField("verified_at", "instant", Text("Waktu verifikasi", "Time of verification")),
    CommonField("predecessors", "list", Text("Titik pendahulu", "Predecessors")),
    CommonField(
        "override_reason", "text", Text("Alasan letak", "Reason for the place"), "text", is_public=False, is_of_place=True,
        headings=Headings(Text("Alasan letak", "Reason for the place"), ("alasan", "alasan letak")),
    ),
)  # fmt: skip
"""In the order in which a Feature has them."""

CONTENT = tuple(field for field in FIELDS if field.sql)
"""Those that somebody writes: columns of a revision and of a row of an import, by their names."""
PUBLIC = tuple(field for field in FIELDS if field.is_public)
"""What items have before the attributes of their category; `titik.common_fields()` names the same, so that the database can put a Feature together."""
BY_NAME = {field.name: field for field in FIELDS}
OF_PLACE = tuple(field.name for field in FIELDS if field.is_of_place)
CHOICES = {field.name: field.choices for field in CONTENT if field.choices}
FREE_TEXTS = tuple(field.name for field in CONTENT if field.kind == "text" and field.is_public and not field.choices and not field.is_coded)
"""Public ones into which people write what they like, and so perhaps something of other people."""


# -- SQL of them, put together where a statement is defined: at import, of these constants alone


def columns(alias: str = "", fields: Iterable[CommonField] = CONTENT) -> str:
    """`r.name, r.kelurahan, …`"""
    return ", ".join(f"{alias}.{field.name}" if alias else field.name for field in fields)


def parameters() -> str:
    """`CAST(:name AS text), …`: the values of `columns()`."""
    return ", ".join(f"CAST(:{field.name} AS {field.sql})" for field in CONTENT)


def json_value(field: CommonField, alias: str) -> str:
    """As answers write it: instants in UTC, to the second."""
    column = f"{alias}.{field.name}"
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')""" if field.kind == "instant" else column
