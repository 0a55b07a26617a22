"""What the columns of a file mean: the fields of a category, and the names that people give them. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from app.categories.rules import Category
from app.coordinates.datums import mentioned
from app.language import Text

Kind = Literal["text", "integer", "number", "boolean", "date", "instant", "list", "place"]


@dataclass(frozen=True, slots=True)
class Field:
    """A field by the name that it has in the GeoJSON of a point; `names` are others that it goes by, in either language."""

    name: str
    kind: Kind
    title: Text
    names: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    is_attribute: bool = False


class Column(NamedTuple):
    """One column of a file: where it stands, what it is called there, which field it is. None: one that is not read."""

    at: int
    header: str
    field: Field | None
    is_canonical: bool = False
    """Called as in the exports, in a file that has all the marks of one."""


_COMMON = (
    Field("id", "text", Text("ID titik", "Id of the point"), ("uuid", "id titik", "point id")),
    Field("name", "text", Text("Nama", "Name"), ("nama", "nama titik", "nama lokasi", "nama fasilitas", "nama tempat", "label")),
    Field(
        "kelurahan", "text", Text("Kelurahan", "Kelurahan"),
        ("kode kelurahan", "kel", "desa", "desa kelurahan", "kelurahan desa", "kode desa", "kode wilayah", "kode kemendagri", "village", "village code"),
    ),
    Field("kelurahan_name", "text", Text("Nama kelurahan", "Name of the kelurahan"), ("nama kelurahan", "nama desa", "nama desa kelurahan", "village name")),
    Field("kecamatan", "text", Text("Kecamatan", "Kecamatan"), ("kec", "nama kecamatan", "district", "subdistrict")),
    Field("address", "text", Text("Alamat", "Address"), ("alamat", "alamat lengkap", "jalan", "lokasi", "street")),
    Field("rt", "text", Text("RT", "RT"), ("no rt", "nomor rt", "nomor rukun tetangga")),
    Field("rw", "text", Text("RW", "RW"), ("no rw", "nomor rw", "nomor rukun warga")),
    Field("rt_rw", "text", Text("RT/RW", "RT/RW"), ("rt rw", "rtrw")),
    Field("lat", "place", Text("Lintang", "Latitude"), ("latitude", "lintang", "garis lintang", "y", "koordinat y", "koordinat lintang", "lintang selatan")),
    Field(
        "lon", "place", Text("Bujur", "Longitude"),
        ("long", "lng", "longitude", "bujur", "garis bujur", "x", "koordinat x", "koordinat bujur", "bujur timur"),
    ),
    Field(
        "coordinate", "place", Text("Koordinat", "Coordinate"),
        ("koordinat", "titik koordinat", "koordinat lokasi", "titik", "koordinat gps", "gps", "coordinates", "lat long", "latlong", "lat lon", "latlng",
         "lat lng", "lintang bujur", "google maps", "link google maps", "google map", "gmaps", "link maps", "link lokasi", "maps", "share lokasi",
         "share location", "geopoint", "plus code", "geo"),
    ),
    Field("accuracy_m", "number", Text("Ketelitian (m)", "Accuracy (m)"), ("akurasi", "akurasi m", "ketelitian", "accuracy", "gps accuracy", "akurasi gps")),
    Field(
        "method", "text", Text("Cara menentukan letak", "How the place was found"), ("metode", "cara", "sumber koordinat"),
        ("gps", "map", "import", "geocoded"),
    ),
    Field(
        "captured_at", "instant", Text("Waktu pendataan", "Time of capture"),
        ("tanggal", "waktu", "tanggal pendataan", "tanggal survei", "tanggal survey", "waktu survei", "timestamp", "date", "time"),
    ),
    Field("status", "text", Text("Status titik", "Status of the point"), ("status",), ("active", "inactive")),
    Field("override_reason", "text", Text("Alasan letak", "Reason for the place"), ("alasan", "alasan letak")),
)  # fmt: skip
# What is said of coordinates in cells beside them. Categories may have fields of their own by these names, which then are those.
_OF_PLACES = (
    Field(
        "datum", "place", Text("Datum atau sistem koordinat", "Datum or coordinate system"),
        ("crs", "srs", "srid", "epsg", "kode epsg", "epsg code", "sistem koordinat", "koordinat sistem", "referensi koordinat", "sistem acuan", "sistem referensi", "sistem referensi koordinat", "datum geodesi",
         "datum horizontal", "horizontal datum", "geodetic datum", "geodeticdatum", "coordinate system", "coordinate reference system", "spatial reference",
         "verbatimsrs", "proyeksi", "sistem proyeksi", "projection", "ellipsoid", "elipsoid", "spheroid"),
    ),
    Field("zone", "place", Text("Zona UTM atau TM-3", "Zone of UTM or TM-3"), ("zona", "zona utm", "utm zona", "utm zone", "zona tm3", "zona tm 3", "zona proyeksi")),
)  # fmt: skip
# Columns of our own exports that say what the server decides, and the two that an annotated report adds; a running number is no field.
_NOT_READ = frozenset(
    {
        "category",
        "verified at",
        "state",
        "revision",
        "version",
        "placement",
        "predecessors",
        "succession",
        "titik status",
        "titik catatan",
        "no",
        "nomor urut",
    }
)
_FIRST_WORDS = frozenset(
    {
        name.split()[0]
        for field in _COMMON
        if field.kind == "place"
        for name in (field.name, field.title.id.lower(), field.title.en.lower(), *field.names)
    }
)
_MARKS_OF_AN_EXPORT = {"id", "category"}


def folded(text: str) -> str:
    """A header without case, accents, units in brackets and punctuation."""
    bare = re.sub(r"\([^)]*\)|\[[^\]]*\]|\*", " ", text)
    letters = unicodedata.normalize("NFKD", bare).casefold()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", letters).split())


def fields_of(category: Category) -> dict[str, Field]:
    """All fields of a category by name, the common ones first."""
    found = {field.name: field for field in _COMMON}
    for name, schema in category.attribute_schema.get("properties", {}).items():
        if (kind := _kind(schema)) and name not in found:
            title = str(schema.get("title", name))
            choices = tuple(one for one in schema.get("enum", ()) if isinstance(one, str))
            found[name] = Field(name, kind, Text(title, str(schema.get("x-title-en", title))), (), choices, is_attribute=True)
    return found | {field.name: field for field in _OF_PLACES if field.name not in found}


def _kind(schema: Mapping[str, Any]) -> Kind | None:
    named = schema.get("type")
    types = [
        one for one in ([named] if isinstance(named, str) else named or ["string"] if "enum" in schema else named or []) if one != "null"
    ]
    if types == ["string"]:
        return {"date": "date", "date-time": "instant"}.get(str(schema.get("format")), "text")  # type: ignore[return-value]
    return {("integer",): "integer", ("number",): "number", ("boolean",): "boolean", ("array",): "list"}.get(tuple(types))  # type: ignore[arg-type,return-value]


def recognised(headers: Sequence[str], category: Category, named: Mapping[str, str | None] | None = None) -> list[Column]:
    """Each column with its field. `named` says it for single headers (None: not read); it goes before what is guessed.

    A field that two columns seem to be goes to the one that is called exactly so, else to the first.
    """
    fields = fields_of(category)
    named = named or {}
    ranks = _ranked(fields, category)
    guesses: list[tuple[int, int, str]] = []
    for index, header in enumerate(headers):
        if header in named:
            if (wanted := named[header]) in fields:
                guesses.append((-1, index, str(wanted)))
        elif (guess := ranks.get(header.strip().lower()) or ranks.get(folded(header)) or _with_datum(header, ranks)) and folded(
            header
        ) not in _NOT_READ:
            guesses.append((guess[0], index, guess[1]))
    taken: dict[str, int] = {}
    for _, index, name in sorted(guesses):
        taken.setdefault(name, index)
    by_index = {index: name for name, index in taken.items()}
    # A column alone may be called so by chance.
    is_export = {header.strip() for header in headers} >= _MARKS_OF_AN_EXPORT
    return [
        Column(index, header, fields.get(by_index.get(index, "")), is_canonical=is_export and header.strip() == by_index.get(index))
        for index, header in enumerate(headers)
    ]


def _with_datum(header: str, ranks: Mapping[str, tuple[int, str]]) -> tuple[int, str] | None:
    """`Lintang Batavia`: a column of the place whose heading says of which datum, without brackets; `Datum Peta`: one that says it in cells."""
    if "datum" in folded(header).split():
        return 4, "datum"
    if folded(header).partition(" ")[0] not in _FIRST_WORDS:
        return None
    guess = ranks.get(folded(mentioned(header.replace("_", " ")).rest))
    return guess if guess and guess[1] in ("lat", "lon", "coordinate") else None


def _ranked(fields: Mapping[str, Field], category: Category) -> dict[str, tuple[int, str]]:
    """From what a header may say to (rank, field); the lower the rank, the more certain."""
    found: dict[str, tuple[int, str]] = {}
    for field in fields.values():
        for rank, name in _spellings(field, category):
            for spelling in (name.lower(), folded(name)):
                if spelling and (spelling not in found or found[spelling][0] > rank):
                    found[spelling] = (rank, field.name)
    return found


def _spellings(field: Field, category: Category) -> Iterator[tuple[int, str]]:
    yield 0, field.name
    yield 1, field.title.id
    yield 1, field.title.en
    for name in field.names:
        yield (2 if field.is_attribute else 3), name
    if field.name == "name":
        # Before a plain `Nama`, which beside it is somebody's.
        yield 0, f"nama {category.id.replace('_', ' ')}"
