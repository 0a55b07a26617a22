"""Rows that show how the sheet of a category is filled in: three points as they could be, each in another kelurahan. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from app.categories.rules import Category


class ExamplePlace(NamedTuple):
    """A kelurahan as it is called in the sheet, its own name, and a place within it (WGS 84 degrees)."""

    written: str
    name: str
    lon: float
    lat: float


ROWS: Final = 3
_NAMES = ("Melati", "Mawar", "Anggrek")
_STREETS = ("Jl. Melati 12", "Jl. Mawar 3", "Gg. Anggrek 7")
_RT, _RW = ("005", "001", "012"), ("02", "03", "01")
_METHODS = ("gps", "map", "gps")
# What no rule gives away, of the categories that are shipped.
_VALUES: Final[Mapping[str, tuple[str, str, str]]] = {
    "nomor_registrasi": ("00123", "00124", "00310"),
    "nomor_sk": ("188/12/2026", "188/15/2026", "188/31/2025"),
    "hari_buka": ("Selasa pertama", "tanggal 10", "Rabu kedua"),
    "puskesmas_pembina": ("Puskesmas Sukorame", "Puskesmas Balowerti", "Puskesmas Ngletih"),
    "kader_terlatih": ("3", "6", "9"),
    "sasaran": ("48", "62", "75"),
    "jumlah_kk": ("48", "62", "55"),
    "laki_laki": ("81", "97", "90"),
    "perempuan": ("84", "102", "88"),
    "lingkungan": ("Lingkungan I", "Lingkungan II", "Lingkungan III"),
    "masa_jabatan_mulai": ("2026-01-01", "2025-07-01", "2024-01-01"),
    "masa_jabatan_selesai": ("2030-12-31", "2030-06-30", "2028-12-31"),
    "jadwal": ("22.00-04.00", "21.00-03.00", "22.00-05.00"),
    "kode_pos": ("64112", "64123", "64131"),
    "telepon_kantor": ("0354 123456", "0354 123457", "0354 123458"),
    "jam_layanan": ("Senin-Jumat 08.00-15.00", "Senin-Jumat 07.30-15.30", "Senin-Kamis 08.00-15.00"),
    "status_tanah": ("milik pemerintah kota", "sewa", "tanah kas desa"),
}
_DATES = ("2024-01-15", "2025-06-01", "2026-03-20")
_NUMBERS = (5, 8, 12)


def examples_of(category: Category, title: str, spots: Sequence[ExamplePlace]) -> list[dict[str, str]]:
    """By the names of the fields, three rows that the category would take; the last gives its place in one cell.

    Without `spots` no kelurahan and no place is said.
    """
    schemas: Mapping[str, Any] = category.attribute_schema.get("properties", {})
    rows = []
    for row in range(ROWS):
        spot = spots[row % len(spots)] if spots else None
        values = {"rt": _RT[row], "rw": _RW[row], "address": _STREETS[row], "method": _METHODS[row]}
        values |= {name: value for name, schema in schemas.items() if (value := _value(name, schema, row))}
        rows.append(values | {"name": _name(category, title, spot, row)} | (_place(spot, in_one_cell=row == ROWS - 1) if spot else {}))
    return rows


def _name(category: Category, title: str, spot: ExamplePlace | None, row: int) -> str:
    """As points of the category are called; nothing where names are made of the numbers."""
    if category.name_template is not None:
        return ""
    if category.cardinality == "one_per_kelurahan":
        return f"{title} {spot.name}" if spot else title
    return f"{title} {_NAMES[row]}"


def _place(spot: ExamplePlace, *, in_one_cell: bool) -> dict[str, str]:
    lat, lon = f"{spot.lat:.7f}", f"{spot.lon:.7f}"
    apart = {"lat": lat, "lon": lon, "coordinate": ""}
    return {"kelurahan": spot.written} | ({"lat": "", "lon": "", "coordinate": f"{lat}, {lon}"} if in_one_cell else apart)


def _value(name: str, schema: Mapping[str, Any], row: int) -> str:
    """What the definition gives as an example, else something that its rules allow; empty where nobody can tell."""
    if known := schema.get("examples") or [one for one in schema.get("enum", ()) if isinstance(one, str)]:
        return str(known[row % len(known)])
    if name in _VALUES:
        return _VALUES[name][row]
    match schema.get("type"):
        case "integer" | "number":
            return f"{min(max(_NUMBERS[row], schema.get('minimum', 0)), schema.get('maximum', _NUMBERS[row])):g}"
        case "boolean":
            return "tidak" if row == 1 else "ya"
        case "string" if schema.get("format") in ("date", "date-time"):
            return _DATES[row]
    return ""
