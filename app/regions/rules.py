"""What a table says of regions, whether that can be so, and what it changes. Pure: rows of texts in, regions and notes out."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from app.regions.codes import CITY_LEVELS, Crosswalk, Region, city_of, level_of, normalise_name, parent_of, parse_code
from app.regions.notes import RegionNote, listed

RegionRow = Mapping[str, str]

_BPS_DIGITS = {"kota": 4, "kabupaten": 4, "kecamatan": 7, "kelurahan": 10}
# The columns of a row that speak of what it lies in: its code, its code at BPS, its name.
_ABOVE = (("kecamatan_code", "kecamatan_bps_code", "kecamatan"), ("city_code", "city_bps_code", "city"))
_TITLES = {"kabupaten": ("kabupaten ", "kab. ", "kab "), "kota": ("kota ",)}


@dataclass(slots=True)
class RegionEntry:
    """What a file says of one region; what it does not say is None or empty."""

    code: str
    name: str | None = None
    bps_code: str | None = None
    aliases: tuple[str, ...] = ()
    area_km2: float | None = None
    label_lon: float | None = None
    label_lat: float | None = None
    parents: set[str] = field(default_factory=set)
    """As the columns say them: mostly one."""


class RegionReading(NamedTuple):
    """The entries of the cities that were wanted, parents first; the names of provinces by code; with an error among the notes nothing else counts."""

    entries: tuple[RegionEntry, ...]
    provinces: Mapping[str, str]
    notes: tuple[RegionNote, ...]

    @property
    def errors(self) -> tuple[RegionNote, ...]:
        return tuple(note for note in self.notes if note.severity == "error")


class RegionChanges(NamedTuple):
    """What an entry makes of the regions that are there. `missing`: in the database, of these cities, and not in the file."""

    regions: tuple[Region, ...]
    added: tuple[Region, ...]
    named: tuple[Region, ...]
    renamed: tuple[tuple[Region, Region], ...]
    """Before and after."""
    changed: tuple[Region, ...]
    """In anything, those with another name among them."""
    same: int
    missing: tuple[Region, ...]


def read(rows: Sequence[RegionRow], wanted: Sequence[str] = (), known: Crosswalk | None = None) -> RegionReading:
    """`wanted`: codes of kota, kabupaten or provinces; without any the one city that the file holds. `known` finds the region of a BPS code."""
    provinces: dict[str, str] = {}
    entries: dict[str, RegionEntry] = {}
    unreadable: list[str] = []
    twice: list[str] = []
    of_city: Counter[str] = Counter()
    for row in rows:
        code = code_of(row, known)
        if code is None:
            unreadable.append(" ".join(filter(None, row.values()))[:60] or "?")
        elif len(code) == 2:
            provinces[code] = row.get("name") or provinces.get(code, "")
        else:
            of_city[city_of(code)] += 1
            twice += [] if _take(entries, code, row) else [code]
        if code and row.get("province"):
            provinces.setdefault(code[:2], row["province"])
    if not entries:
        return RegionReading((), {}, (_nothing_read(rows, unreadable),))
    cities, refused = _chosen({city_of(code) for code in entries}, wanted)
    inside = {code: entry for code, entry in entries.items() if city_of(code) in cities}
    _complete(inside)
    notes = [*refused, *_faults(inside, unreadable, [code for code in twice if city_of(code) in cities])]
    if left_out := sum(number for city, number in of_city.items() if city not in cities):
        notes.append(RegionNote.of("left-out", count=left_out))
    if inside and not any(entry.name or entry.bps_code for entry in inside.values()):
        notes.append(RegionNote.of("names-unread"))
    ordered = sorted(inside.values(), key=lambda entry: (len(entry.code), entry.code))
    return RegionReading(tuple(ordered), {code: name for code, name in provinces.items() if name}, tuple(notes))


def code_of(row: RegionRow, known: Crosswalk | None = None) -> str | None:
    """The dotted code of a row, of two digits for a province; None where it has none that can be read."""
    text = row.get("code", "").strip()
    if len(text) == 2 and text.isascii() and text.isdigit():
        return text
    return (parse_code(text, known or {}) if text else None) or (
        parse_code(row["bps_code"], known) if known and row.get("bps_code") else None
    )


def _nothing_read(rows: Sequence[RegionRow], unreadable: Sequence[str]) -> RegionNote:
    names = [row["name"] for row in rows if row.get("name")]
    has_codes = any(row.get("code") or row.get("bps_code") for row in rows)
    if names and not has_codes:
        return RegionNote.of("codes-missing", count=len(names), names=listed(names))
    return RegionNote.of("code-unreadable", count=len(unreadable), rows=listed(unreadable)) if unreadable else RegionNote.of("no-rows")


def _chosen(there: set[str], wanted: Sequence[str]) -> tuple[set[str], list[RegionNote]]:
    """The cities to load, and what is wrong with the choice."""
    if not wanted:
        if len(there) == 1:
            return there, []
        return set(), [RegionNote.of("city-unclear", count=len(there), known=listed(sorted(there)), province=min(there)[:2])]
    chosen = {city for city in there if any(city == one or city[:2] == one for one in wanted)}
    absent = [one for one in wanted if not any(city == one or city[:2] == one for city in chosen)]
    return chosen, [RegionNote.of("city-missing", wanted=", ".join(absent), known=listed(sorted(there)))] if absent else []


def _take(entries: dict[str, RegionEntry], code: str, row: RegionRow) -> bool:
    """Adds what a row says. False where an earlier row of this code says something else: a region in several parts comes in several rows."""
    level = level_of(code)
    entry = RegionEntry(
        code,
        name=name_of(row.get("name") or _own_name(row, level), level),
        bps_code=_digits(row.get("bps_code")),
        aliases=tuple(filter(None, (alias.strip() for alias in row.get("aliases", "").split(";")))),
        area_km2=_number(row.get("area_km2")),
        label_lon=_number(row.get("label_lon")),
        label_lat=_number(row.get("label_lat")),
    )
    if row.get("parent_code"):
        entry.parents.add(parse_code(row["parent_code"]) or row["parent_code"])
    lower, above = entry, parent_of(code)
    for its_code, its_bps, its_name in _ABOVE[0 if level == "kelurahan" else 1 :]:
        if above is None:
            break
        if row.get(its_code):
            lower.parents.add(parse_code(row[its_code]) or row[its_code])
        upper = entries.setdefault(above, RegionEntry(above))
        upper.name = upper.name or name_of(row.get(its_name), level_of(above))
        upper.bps_code = upper.bps_code or _digits(row.get(its_bps))
        lower, above = upper, parent_of(above)
    return _merge(entries.setdefault(code, RegionEntry(code)), entry)


def _own_name(row: RegionRow, level: str) -> str | None:
    """Of a list of kecamatan, or of cities, in which the name stands under that heading."""
    return row.get("kecamatan" if level == "kecamatan" else "city") if level != "kelurahan" else None


def _merge(known: RegionEntry, new: RegionEntry) -> bool:
    differs = False
    for name in ("name", "bps_code", "area_km2", "label_lon", "label_lat"):
        mine, other = getattr(known, name), getattr(new, name)
        differs |= name in ("name", "bps_code") and None not in (mine, other) and mine != other
        setattr(known, name, mine if mine is not None else other)
    known.aliases = known.aliases or new.aliases
    known.parents |= new.parents
    return not differs


def name_of(text: str | None, level: str) -> str | None:
    """A name as it is shown; of a kota or kabupaten with that word before it, however the file writes it. None for a code, or nothing."""
    bare = " ".join((text or "").split())
    if not bare or parse_code(bare) or bare.replace(".", "").isdigit():
        return None
    for kind, titles in _TITLES.items():
        if level in CITY_LEVELS and (title := next((one for one in titles if bare.lower().startswith(one)), None)):
            return f"{kind.capitalize()} {bare[len(title) :]}"
    if level not in CITY_LEVELS:
        for title in ("desa/kelurahan ", "kelurahan/desa "):
            bare = bare[len(title) :] if bare.lower().startswith(title) else bare
        return bare
    return f"{level.capitalize()} {bare}"


def _digits(text: str | None) -> str | None:
    bare = "".join((text or "").upper().removeprefix("ID").split()).replace(".", "")
    return bare or None


def _number(text: str | None) -> float | None:
    try:
        return float((text or "").replace(",", ".")) if text else None
    except ValueError:
        return None


def new_cities(reading: RegionReading, wanted: Sequence[str], there: Mapping[str, Region]) -> list[RegionNote]:
    """What speaks against cities that are not `there`, of which the file has no kelurahan, and that nobody `wanted` by name: a code that was
    mistyped in a table of names would be another city for ever.
    """
    whole = {city_of(entry.code) for entry in reading.entries if level_of(entry.code) == "kelurahan"}
    cities = {city_of(entry.code) for entry in reading.entries} - whole
    strange = sorted(city for city in cities if city not in there and city not in wanted)
    return [RegionNote.of("city-new", count=len(strange), codes=listed(strange), city=strange[0])] if strange else []


def _complete(entries: dict[str, RegionEntry]) -> None:
    """Adds what the entries lie in, as far as no row speaks of it."""
    for code in list(entries):
        above = parent_of(code)
        while above is not None:
            entries.setdefault(above, RegionEntry(above))
            above = parent_of(above)


def _faults(entries: Mapping[str, RegionEntry], unreadable: Sequence[str], twice: Sequence[str]) -> Iterator[RegionNote]:
    if unreadable:
        yield RegionNote.of("code-unreadable", count=len(unreadable), rows=listed(unreadable))
    if twice:
        yield RegionNote.of("code-twice", count=len(set(twice)), codes=listed(sorted(set(twice))))
    yield from _faults_of_parents(entries)
    wrong = [
        f"{entry.bps_code} ({entry.code})"
        for entry in entries.values()
        if entry.bps_code
        and not (entry.bps_code.isascii() and entry.bps_code.isdigit() and len(entry.bps_code) == _BPS_DIGITS[level_of(entry.code)])
    ]
    if wrong:
        yield RegionNote.of("bps-unreadable", count=len(wrong), codes=listed(wrong))
    yield from bps_twice((entry.bps_code, entry.code) for entry in entries.values() if entry.bps_code)


def _faults_of_parents(entries: Mapping[str, RegionEntry]) -> Iterator[RegionNote]:
    parents = {entry.code: sorted(entry.parents) for entry in entries.values() if entry.parents}
    if circle := next(filter(None, (_circle(parents, code) for code in parents)), None):
        yield RegionNote.of("cycle", codes=" → ".join(circle))
        return
    if several := [f"{code} ({', '.join(those)})" for code, those in parents.items() if len(those) > 1]:
        yield RegionNote.of("two-parents", count=len(several), codes=listed(several))
    if strange := [f"{code} ({those[0]})" for code, those in parents.items() if len(those) == 1 and not _is_above(those[0], code)]:
        yield RegionNote.of("parent-differs", count=len(strange), codes=listed(strange))


def _is_above(parent: str, code: str) -> bool:
    return parent == (parent_of(code) or code[:2])


def _circle(parents: Mapping[str, Sequence[str]], start: str) -> list[str]:
    """The way from a region up to itself; empty where there is none."""
    way = [start]
    while above := parents.get(way[-1], ()):
        if above[0] in way:
            return [*way[way.index(above[0]) :], above[0]]
        way.append(above[0])
    return []


def bps_twice(pairs: Iterable[tuple[str, str]]) -> Iterator[RegionNote]:
    """Of BPS codes and the regions that have them."""
    regions: dict[str, set[str]] = defaultdict(set)
    for bps_code, code in pairs:
        regions[bps_code].add(code)
    if shared := [f"{bps_code} ({', '.join(sorted(those))})" for bps_code, those in regions.items() if len(those) > 1]:
        yield RegionNote.of("bps-twice", count=len(shared), codes=listed(shared))


def compare(entries: Sequence[RegionEntry], there: Mapping[str, Region]) -> RegionChanges:
    """What the entries make of the regions that are `there`, by code. Nothing that is known is forgotten for what a file does not say."""
    after = [merged(entry, there.get(entry.code)) for entry in entries]
    before = [there.get(region.code) for region in after]
    both = [(old, new) for old, new in zip(before, after, strict=True) if old is not None]
    told = {entry.code for entry in entries}
    levels = {level_of(entry.code) for entry in entries if entry.name or entry.bps_code or level_of(entry.code) == "kelurahan"}
    cities = {city_of(code) for code in told}
    return RegionChanges(
        regions=tuple(after),
        added=tuple(new for old, new in zip(before, after, strict=True) if old is None),
        named=tuple(new for old, new in both if not old.is_named and new.is_named),
        renamed=tuple((old, new) for old, new in both if old.is_named and old.name != new.name),
        changed=tuple(new for old, new in both if old != new),
        same=sum(old == new for old, new in both),
        missing=tuple(region for code, region in there.items() if code not in told and city_of(code) in cities and region.level in levels),
    )


def merged(entry: RegionEntry, old: Region | None) -> Region:
    """The region with what the entry says of it. A name that differs in case only, in capitals, is the same one; a former name is an alias."""
    if old is None:
        old = Region(entry.code, level_of(entry.code), entry.code, parent_of(entry.code), None)
    name = entry.name or old.name
    if name.isupper() and old.is_named and normalise_name(name) == normalise_name(old.name):
        name = old.name
    former = (old.name,) if old.is_named and normalise_name(name) != normalise_name(old.name) else ()
    aliases = {alias for alias in (*old.aliases, *entry.aliases, *former) if alias != name}
    return replace(
        old,
        name=name,
        bps_code=entry.bps_code or old.bps_code,
        aliases=tuple(sorted(aliases)),
        area_km2=entry.area_km2 if entry.area_km2 is not None else old.area_km2,
        label_lon=entry.label_lon if entry.label_lon is not None else old.label_lon,
        label_lat=entry.label_lat if entry.label_lat is not None else old.label_lat,
    )
