"""Region codes and names: Kemendagri and BPS codes, spellings, and the figures of Kota Kediri. Pure.

The key everywhere is the Kemendagri code with dots, `35.71.01.1001` (Kepmendagri 300.2.2-2430/2025). BPS numbers the same
regions differently (`3571010007`), and no rule leads from one to the other: only a crosswalk does.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from heapq import nsmallest
from importlib.resources import files
from itertools import pairwise, takewhile
from types import MappingProxyType
from typing import Literal, TypeVar

from app.errors import Fault

Level = Literal["kota", "kecamatan", "kelurahan"]
Part = Literal["kecamatan", "kelurahan"]
MOST_TOLD = 50
"""Regions that an error lists."""
_LONGEST = 100

_Key = TypeVar("_Key")

# Digits of either code system → dotted code; None where the same digits mean one region here and another one there.
Crosswalk = Mapping[str, str | None]
_EMPTY: Crosswalk = MappingProxyType({})

_LEVELS: Mapping[int, Level] = {2: "kota", 3: "kecamatan", 4: "kelurahan"}
_DOTTED = re.compile(r"(\d\d)\.(\d\d)(?:\.(\d\d)(?:\.(\d{4}))?)?")
_TITLE = re.compile(r"^(?:desa\s*/\s*kelurahan|kelurahan|kel\.|kel|desa|kecamatan|kec\.|kec)\s+(?=\S)|^(?:kel|kec)\.(?=\S)", re.IGNORECASE)

# The kota's own figure, of Kepmendagri 300.2.2-2430/2025; the polygons that the kelurahan's figures come from add up to 67.216.
_KOTA = ("35.71", "3571", "Kota Kediri", 67.232)


@dataclass(frozen=True, slots=True)
class Region:
    """A kota, kecamatan or kelurahan. Places are WGS 84 degrees, areas km²; None where nothing official is known."""

    code: str
    level: Level
    name: str
    parent_code: str | None
    bps_code: str
    aliases: tuple[str, ...] = ()
    area_km2: float | None = None
    label_lon: float | None = None
    label_lat: float | None = None
    centroid_lon: float | None = None
    centroid_lat: float | None = None


def level_of(code: str) -> Level:
    """The level of a dotted code by the number of its parts; ValueError for a provinsi or no code at all."""
    try:
        return _LEVELS[len(code.split("."))]
    except KeyError:
        raise ValueError(code) from None


def parent_of(code: str) -> str | None:
    """The dotted code one level up; None for a kota, because a provinsi is no region here."""
    return None if level_of(code) == "kota" else code.rpartition(".")[0]


def normalise_name(text: str) -> str:
    """A name without case, blanks, punctuation, accents and a leading "Kelurahan": equal for spellings of one name."""
    bare = _TITLE.sub("", " ".join(text.split()))
    return "".join(letter for letter in unicodedata.normalize("NFKD", bare).casefold() if letter.isalnum())


def crosswalk(regions: Iterable[Region]) -> dict[str, str | None]:
    """From the digits of both code systems to the dotted code. Digits that mean two different regions lead to None."""
    return _unambiguous((digits, region.code) for region in regions for digits in (region.bps_code, region.code.replace(".", "")) if digits)


def parse_code(text: str, known: Crosswalk = _EMPTY) -> str | None:
    """The dotted code that a text means; None where it is no code, or one that only a crosswalk could tell.

    Takes `35.71.01.1001`, blanks or hyphens for the dots, bare digits of Kemendagri, digits of BPS that `known` holds, an
    `ID` before them (OCHA), and the `.0` that a spreadsheet adds to a number. Of digits that `known` does not hold only those of a kota
    (the same in both systems) and of a Kemendagri kecamatan, kelurahan (1…) or desa (2…) are read. A dotted code need not be known.
    """
    bare = text.strip().upper().removeprefix("ID").strip()
    dotted = re.sub(r"[\s.\-_]+", ".", bare)
    if _DOTTED.fullmatch(dotted):
        return dotted
    digits = _digits(bare)
    if digits in known:
        return known[digits]
    if len(digits) in {4, 6} or (len(digits) == 10 and digits[6] in "12"):
        return ".".join(part for part in (digits[:2], digits[2:4], digits[4:6], digits[6:]) if part)
    return None


class Directory:
    """Finds kelurahan among given regions by either code or by name, in whatever spelling. Every lookup answers None where it is unsure."""

    def __init__(self, regions: Iterable[Region]) -> None:
        every = tuple(regions)
        kelurahan = [region for region in every if region.level == "kelurahan"]
        self.kelurahan: Mapping[str, Region] = {region.code: region for region in kelurahan}
        self.kecamatan: Mapping[str, Region] = {region.code: region for region in every if region.level == "kecamatan"}
        self._crosswalk = crosswalk(every)
        self._by_bps = {region.bps_code: region for region in kelurahan if region.bps_code}
        self._kota = {".".join(region.code.split(".")[:2]) for region in every}
        self._kota_bps = {region.bps_code[:4] for region in every if region.bps_code}
        self._kota_names = {name for region in every if region.level == "kota" for name in _spellings(region)}
        self._kecamatan = _unambiguous((name, region.code) for region in self.kecamatan.values() for name in _spellings(region))
        self._names = _unambiguous((name, region.code) for region in kelurahan for name in _spellings(region))
        self._names_within = _unambiguous(((region.parent_code, name), region.code) for region in kelurahan for name in _spellings(region))

    def find(self, text: str, level: Part = "kelurahan") -> Region | None:
        """By either code or by name or alias, whichever the text is."""
        known, names = (self.kelurahan, self._names) if level == "kelurahan" else (self.kecamatan, self._kecamatan)
        code = parse_code(text[:_LONGEST], self._crosswalk)
        return known.get(code or "") or known.get(names.get(normalise_name(text[:_LONGEST])) or "")

    def named(self, name: str, level: Part = "kelurahan") -> Region | None:
        """One of those of this name, of which there may be several."""
        wanted, known = normalise_name(name[:_LONGEST]), self.kelurahan if level == "kelurahan" else self.kecamatan
        return next((region for region in known.values() if wanted in _spellings(region)), None) if wanted else None

    def nearest(self, text: str, level: Part = "kelurahan", most: int = MOST_TOLD) -> list[Region]:
        """Those that there are, as far as they can be told: first what is written most like the text, then by code."""
        known = self.kelurahan if level == "kelurahan" else self.kecamatan
        digits, pairs = _digits(text[:_LONGEST]), _pairs(normalise_name(text[:_LONGEST]))

        def likeness(region: Region) -> float:
            if digits:
                return max(_beginning(digits, other) for other in (region.code.replace(".", ""), region.bps_code))
            return max(_alike(pairs, _pairs(name)) for name in _spellings(region))

        return nsmallest(most, known.values(), key=lambda region: (-likeness(region), region.code))

    def unknown(self, where: str, text: str, level: Part = "kelurahan") -> Fault:
        """That a text names none of the regions, with those that there are."""
        told = self.nearest(text, level)
        more = len(self.kelurahan if level == "kelurahan" else self.kecamatan) - len(told)
        known = ", ".join(f"{region.name} ({region.code})" for region in told)
        return Fault(where, f"{level}-unknown", {"known": f"{known}, … (+{more})" if more > 0 else known})

    def by_code(self, text: str) -> Region | None:
        """By the code of Kemendagri, or digits of either system."""
        return self.kelurahan.get(parse_code(text, self._crosswalk) or "")

    def by_bps(self, text: str) -> Region | None:
        """By digits that are known to be of BPS, with or without a prefix of letters."""
        return self._by_bps.get(_digits(text))

    def by_name(self, name: str, kecamatan: str = "") -> Region | None:
        """By name or alias, within the kecamatan of this name or code where one is given."""
        wanted = normalise_name(name)
        if not kecamatan.strip():
            return self.kelurahan.get(self._names.get(wanted) or "")
        within = self._kecamatan.get(normalise_name(kecamatan)) or parse_code(kecamatan, self._crosswalk)
        return self.kelurahan.get(self._names_within.get((within, wanted)) or "")

    def looks_like_code(self, text: str) -> bool:
        """Whether this is the code of a kelurahan or desa, known or not."""
        code = parse_code(text, self._crosswalk)
        return code is not None and level_of(code) == "kelurahan"

    def is_elsewhere(self, text: str) -> bool:
        """Whether this is the code of a region of another kota, or the name of another one."""
        digits = _digits(text)
        if digits:
            return len(digits) >= 4 and f"{digits[:2]}.{digits[2:4]}" not in self._kota and digits[:4] not in self._kota_bps
        name = normalise_name(text)
        return bool(name and self._kota_names) and not self._kota_names & {name, f"kota{name}"}


def is_spelling_of(text: str, region: Region) -> bool:
    """Whether the text is the name or an alias of the region."""
    return normalise_name(text) in _spellings(region)


def _spellings(region: Region) -> set[str]:
    return {normalise_name(spelling) for spelling in (region.name, *region.aliases)}


def _beginning(one: str, other: str) -> int:
    """How many letters two texts have in common before they part."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


@lru_cache(100_000)
def _pairs(name: str) -> frozenset[str]:
    """The pairs of letters that follow each other in a name."""
    return frozenset(map("".join, pairwise(name)))


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    """What two names have in common, 0 to 1 (Dice)."""
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def _digits(text: str) -> str:
    """The digits of a code with its separators, or after its prefix of letters; nothing where it is no code."""
    bare = re.sub(r"[\s.\-_]+", "", re.sub(r"(?<=\d{4})\.0+$", "", text.strip()))
    found = re.fullmatch(r"[A-Za-z]{0,3}(\d+)", bare, re.ASCII)
    return found[1] if found else ""


def _unambiguous(pairs: Iterable[tuple[_Key, str]]) -> dict[_Key, str | None]:
    """A dictionary in which a key that leads to different values leads to None."""
    found: dict[_Key, str | None] = {}
    for key, value in pairs:
        found[key] = value if found.get(key, value) == value else None
    return found


@cache
def shipped_regions() -> tuple[Region, ...]:
    """Kota Kediri, its 3 kecamatan and 46 kelurahan, parents first.

    Places and areas are computed from polygons of 2025 (WGS 84, geodesic); those of a kecamatan are the sum and the mean of its kelurahan.
    """
    rows = list(csv.DictReader(files("app.regions").joinpath("kediri.csv").read_text(encoding="utf-8").splitlines()))
    kelurahan = [_kelurahan(row) for row in rows]
    code, bps_code, name, area_km2 = _KOTA
    kecamatan = [
        _around(kecamatan_code, kecamatan_bps, kecamatan_name, [part for part in kelurahan if part.parent_code == kecamatan_code])
        for kecamatan_code, kecamatan_bps, kecamatan_name in sorted(
            {(row["kecamatan_code"], row["kecamatan_bps_code"], row["kecamatan"]) for row in rows}
        )
    ]
    return (_around(code, bps_code, name, kelurahan, area_km2), *kecamatan, *kelurahan)


def _kelurahan(row: Mapping[str, str]) -> Region:
    return Region(
        code=row["code"],
        level="kelurahan",
        name=row["name"],
        parent_code=row["kecamatan_code"],
        bps_code=row["bps_code"],
        aliases=tuple(alias.strip() for alias in row["aliases"].split(";") if alias.strip()),
        area_km2=float(row["area_km2"]),
        label_lon=float(row["label_lon"]),
        label_lat=float(row["label_lat"]),
        centroid_lon=float(row["centroid_lon"]),
        centroid_lat=float(row["centroid_lat"]),
    )


def _around(code: str, bps_code: str, name: str, parts: Sequence[Region], area_km2: float | None = None) -> Region:
    """A kecamatan or kota of these kelurahan; its centroid is the mean of theirs by area."""
    total = sum(part.area_km2 or 0 for part in parts)
    lon = round(sum((part.centroid_lon or 0) * (part.area_km2 or 0) for part in parts) / total, 4)
    lat = round(sum((part.centroid_lat or 0) * (part.area_km2 or 0) for part in parts) / total, 4)
    return Region(
        code=code,
        level=level_of(code),
        name=name,
        parent_code=parent_of(code),
        bps_code=bps_code,
        area_km2=round(total, 4) if area_km2 is None else area_km2,
        label_lon=lon,
        label_lat=lat,
        centroid_lon=lon,
        centroid_lat=lat,
    )
