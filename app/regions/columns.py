"""Which column of a table of regions or of their boundaries holds what: by the names that BIG, BPS, OCHA and Kemendagri give. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("kdepum", "kode_kemendagri", "kode_desa", "kode_kelurahan", "kode_wilayah", "kode", "code"),
    "bps_code": ("kdebps", "adm4_pcode", "iddesa", "kode_bps", "bps_code"),
    "name": (
        "wadmkd",
        "adm4_en",
        "adm4_id",
        "adm4_name",
        "nmdesa",
        "nama_kelurahan",
        "nama_desa",
        "nama_wilayah",
        "kelurahan",
        "desa",
        "namobj",
        "nama",
        "name",
    ),
    "aliases": ("aliases", "alias", "nama_lain"),
    "parent_code": ("parent_code", "kode_induk"),
    "kecamatan": ("wadmkc", "adm3_en", "adm3_id", "adm3_name", "nmkec", "nama_kecamatan", "kecamatan"),
    "kecamatan_code": ("kdcpum", "kode_kecamatan", "kecamatan_code"),
    "kecamatan_bps_code": ("kdcbps", "adm3_pcode", "idkec", "kecamatan_bps_code"),
    "city": (
        "wadmkk",
        "adm2_en",
        "adm2_id",
        "adm2_name",
        "nmkab",
        "nama_kabupaten",
        "kabupaten",
        "kabupaten_kota",
        "kota_kabupaten",
        "kab_kota",
    ),
    "city_code": ("kdpkab", "kode_kabupaten", "kode_kota", "city_code"),
    "city_bps_code": ("kdbbps", "adm2_pcode", "idkab", "city_bps_code"),
    "province": ("wadmpr", "adm1_en", "adm1_id", "adm1_name", "nmprov", "provinsi"),
    "area_km2": ("area_km2", "luas_km2"),
    "label_lon": ("label_lon",),
    "label_lat": ("label_lat",),
}
"""Names of columns in lower case for each field. Of several that are there the first that is filled in a row counts (KDEBPS of BIG is mostly empty)."""


def recognised(columns: Sequence[str], mapping: Mapping[str, str], known: Mapping[str, tuple[str, ...]] = COLUMNS) -> dict[str, list[str]]:
    """The columns of each field, in the order in which they count; `mapping` names the column of a field outright."""
    by_lower = {column.strip().lower().replace(" ", "_"): column for column in reversed(columns)}
    found: dict[str, list[str]] = {}
    for field, candidates in known.items():
        wanted = (mapping[field].strip().lower().replace(" ", "_"),) if field in mapping else candidates
        if present := [by_lower[column] for column in wanted if column in by_lower]:
            found[field] = present
    return found


def rows_of(cells: Mapping[str, Sequence[Any]], fields: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """The text of each field, row by row, from the cells of each column and the columns of each field."""
    texts = {name: [text_of(cell) for cell in column] for name, column in cells.items()}
    filled = {
        field: [next(filter(None, row), "") for row in zip(*(texts[name] for name in names), strict=True)]
        for field, names in fields.items()
    }
    return [dict(zip(filled, row, strict=True)) for row in zip(*filled.values(), strict=True)]


def text_of(cell: Any) -> str:
    """A cell as text; numbers without the fraction that a table gives to codes."""
    if cell is None or cell != cell:  # noqa: PLR0124 - NaN is how an empty cell of a column of numbers arrives
        return ""
    is_whole = hasattr(cell, "is_integer") and not isinstance(cell, bool) and cell.is_integer()
    return str(int(cell)) if is_whole else str(cell).strip()
