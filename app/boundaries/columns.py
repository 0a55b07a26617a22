"""Which column holds what, and which row is which kelurahan: by the names that BIG, BPS and OCHA give, by code, by spelling.

Pure: the cells of a table in, regions out. The file itself is read in `loading.py`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.boundaries.checking import EditionFinding, Severity, names_of
from app.language import Text
from app.regions.codes import Directory, Region, is_spelling_of, normalise_name
from app.regions.columns import COLUMNS
from app.regions.columns import recognised as columns_of

FIELDS = ("code", "bps_code", "name", "kecamatan")

# A kecamatan and a kota or kabupaten are told by name or by code, whichever there is.
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    **{field: COLUMNS[field] for field in ("code", "bps_code", "name")},
    "kecamatan": (*COLUMNS["kecamatan"], *COLUMNS["kecamatan_code"], *COLUMNS["kecamatan_bps_code"]),
    "kota": (*COLUMNS["city_code"], *COLUMNS["city_bps_code"], *COLUMNS["city"]),
}
_NOTES: Mapping[str, tuple[Severity, Text]] = {
    "matched-by-name": (
        "warning",
        Text(
            "{count} kelurahan tanpa kode yang dikenal, dicocokkan menurut nama: {names}. Periksa apakah benar.",
            "{count} kelurahan {count:has|have} no known code and {count:was|were} matched by name: {names}. Check that this is right.",
        ),
    ),
    "name-differs": (
        "warning",
        Text(
            "{count} baris bernama lain daripada kodenya: {names}. Kodenya yang dipakai; periksa apakah tertukar.",
            "{count} {count:row has another name than its code|rows have another name than their code}: {names}. The code was used; check that none are swapped.",
        ),
    ),
    "rows-unknown": (
        "warning",
        Text(
            "{count} baris tidak cocok dengan kelurahan mana pun dan dilewati, misalnya: {examples}.",
            "{count} {count:row matches no kelurahan and was|rows match no kelurahan and were} left out, for example: {examples}.",
        ),
    ),
    "rows-elsewhere": (
        "info",
        Text(
            "{count} baris dari kota atau kabupaten lain dilewati, misalnya: {examples}.",
            "{count} {count:row of another city or regency was|rows of other cities or regencies were} left out, for example: {examples}.",
        ),
    ),
}


class Matches(NamedTuple):
    """The region of each row or None; then what to tell: how it was found, and why not."""

    regions: list[Region | None]
    by_name: list[Region]
    renamed: list[tuple[Region, str]]
    unknown: list[str]
    elsewhere: list[str]


def recognised(columns: Sequence[str], mapping: Mapping[str, str]) -> dict[str, list[str]]:
    """The columns of each field, in the order in which they count; `mapping` names the column of a field outright."""
    return columns_of(columns, mapping, _COLUMNS)


def can_tell(columns: Sequence[str], mapping: Mapping[str, str]) -> bool:
    """Whether these columns can say which kelurahan a row is, and hold all that were named."""
    fields = recognised(columns, mapping).keys()
    return bool(fields & {"code", "bps_code", "name"}) and mapping.keys() <= fields


def matched(rows: Sequence[Mapping[str, str]], directory: Directory) -> Matches:
    """The kelurahan of every row, as far as it can be told."""
    matches = Matches([], [], [], [], [])
    # Without a kecamatan, rows of one name are more likely several villages than parts of one.
    repeated = {name for name, count in Counter(normalise_name(row.get("name", "")) for row in rows).items() if count > 1}
    for row in rows:
        region, is_elsewhere = _find(row, directory)
        name = row.get("name", "")
        by_name = region is not None and not _by_codes(row, directory)
        if by_name and not row.get("kecamatan") and normalise_name(name) in repeated:
            region = None
        matches.regions.append(region)
        if region is None:
            (matches.elsewhere if is_elsewhere else matches.unknown).append(" ".join(filter(None, row.values())) or "?")
            continue
        if by_name:
            matches.by_name.append(region)
        elif name and not is_spelling_of(name, region):
            matches.renamed.append((region, name))
    return matches


def _by_codes(row: Mapping[str, str], directory: Directory) -> Region | None:
    return directory.by_code(row.get("code", "")) or directory.by_bps(row.get("bps_code", ""))


def _find(row: Mapping[str, str], directory: Directory) -> tuple[Region | None, bool]:
    """The kelurahan of a row by Kemendagri code, else BPS code, else name; and whether the row is of another kota."""
    if region := _by_codes(row, directory):
        return region, False
    if any(directory.is_elsewhere(row[field]) for field in ("code", "bps_code", "kota") if row.get(field)):
        return None, True
    # A code of Kemendagri that is not known is a statement; one of BPS may be of another year, so that the name may tell.
    if directory.looks_like_code(row.get("code", "")):
        return None, False
    return directory.by_name(row.get("name", ""), row.get("kecamatan", "")), False


def notes_on(matches: Matches, directory: Directory) -> list[EditionFinding]:
    notes = []
    if codes := {region.code for region in matches.by_name}:
        notes.append(EditionFinding.of(_NOTES, "matched-by-name", codes, count=len(codes), names=names_of(codes, directory.kelurahan)))
    if renamed := matches.renamed:
        names = ", ".join(f"{name} ({region.code} {region.name})" for region, name in renamed[:5])
        notes.append(EditionFinding.of(_NOTES, "name-differs", (region.code for region, _ in renamed), count=len(renamed), names=names))
    for code, rows in (("rows-unknown", matches.unknown), ("rows-elsewhere", matches.elsewhere)):
        if rows:
            notes.append(EditionFinding.of(_NOTES, code, count=len(rows), examples="; ".join(rows[:3])))
    return notes
