"""Region codes and names: Kemendagri and BPS codes, and spellings. Pure.

The key everywhere is the Kemendagri code with dots, `35.71.01.1001` (Kepmendagri 300.2.2-2430/2025). BPS numbers the same
regions differently (`3571010007`), and no rule leads from one to the other: only a crosswalk does.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from heapq import nsmallest
from itertools import pairwise, takewhile
from types import MappingProxyType
from typing import Literal, TypeVar

from app.errors import Fault

RegionLevel = Literal["kota", "kabupaten", "kecamatan", "kelurahan"]
RegionPart = Literal["kecamatan", "kelurahan"]
MOST_TOLD = 50
"""Regions that an error lists."""
_LONGEST = 100
_SHORTEST_PART = 3
_ALIKE = 0.8
"""From here on, of 1, a name is another spelling rather than another name."""

_Key = TypeVar("_Key")

# Digits of either code system → dotted code; None where the same digits mean one region here and another one there.
Crosswalk = Mapping[str, str | None]
_EMPTY: Crosswalk = MappingProxyType({})

CITY_LEVELS: tuple[RegionLevel, ...] = ("kota", "kabupaten")
_LEVELS: Mapping[int, RegionLevel] = {3: "kecamatan", 4: "kelurahan"}
# The second part of the code of a kota is at least this, that of a kabupaten less.
_FIRST_KOTA = 71
_DOTTED = re.compile(r"(\d\d)\.(\d\d)(?:\.(\d\d)(?:\.(\d{4}))?)?")
_WITHIN = re.compile(r"(?P<name>[^,(]{1,80}?)\s*[,(]\s*(?:kec(?:amatan)?\b\.?\s*)?(?P<kecamatan>[^,()]{1,80}?)\s*\)?", re.IGNORECASE)
"""`Semen, Semen` and `Semen (Kec. Semen)`: a kelurahan and its kecamatan."""
# `35.6.1`: nothing says which zeros it lacks, and its digits alone would be another region.
_SHORTENED = re.compile(r"\d\d(?:\.\d{1,4}){1,3}")
_KABUPATEN = re.compile("^kab(?!upaten)")
_TITLE = re.compile(r"^(?:desa\s*/\s*kelurahan|kelurahan|kel\.|kel|desa|kecamatan|kec\.|kec)\s+(?=\S)|^(?:kel|kec)\.(?=\S)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Region:
    """A kota or kabupaten, kecamatan, or kelurahan or desa. Places are WGS 84 degrees, areas km²; None where nothing official is known."""

    code: str
    level: RegionLevel
    name: str
    parent_code: str | None
    bps_code: str | None
    aliases: tuple[str, ...] = ()
    area_km2: float | None = None
    label_lon: float | None = None
    label_lat: float | None = None

    @property
    def is_named(self) -> bool:
        """Whether its name is known; else it is called by its code."""
        return self.name != self.code


def level_of(code: str) -> RegionLevel:
    """The level of a dotted code by the number of its parts; ValueError for a provinsi or no code at all."""
    parts = code.split(".")
    if len(parts) == 2:
        return "kota" if int(parts[1]) >= _FIRST_KOTA else "kabupaten"
    try:
        return _LEVELS[len(parts)]
    except KeyError:
        raise ValueError(code) from None


def city_of(code: str) -> str:
    """The code of the kota or kabupaten of a region."""
    return ".".join(code.split(".")[:2])


def parent_of(code: str) -> str | None:
    """The dotted code one level up; None for a kota or kabupaten, because a provinsi is no region here."""
    return None if level_of(code) in CITY_LEVELS else code.rpartition(".")[0]


def normalise_name(text: str) -> str:
    """A name without case, blanks, punctuation, accents and a leading "Kelurahan": equal for spellings of one name."""
    bare = _TITLE.sub("", " ".join(text.split()))
    return "".join(letter for letter in unicodedata.normalize("NFKD", bare).casefold() if letter.isalnum())


def crosswalk(regions: Iterable[Region]) -> dict[str, str | None]:
    """From the digits of both code systems to the dotted code. Digits that mean two different regions lead to None."""
    return _unambiguous(
        (digits, region.code) for region in regions for digits in (region.bps_code or "", region.code.replace(".", "")) if digits
    )


def parse_code(text: str, known: Crosswalk = _EMPTY) -> str | None:
    """The dotted code that a text means; None where it is no code, or one that only a crosswalk could tell.

    Takes `35.71.01.1001`, blanks or hyphens for the dots, bare digits of Kemendagri, digits of BPS that `known` holds, an
    `ID` before them (OCHA), and the `.0` that a spreadsheet adds to a number. Of digits that `known` does not hold only those of a kota
    (the same in both systems) and of a Kemendagri kecamatan, kelurahan (1…) or desa (2…) are read. A dotted code need not be known; one whose parts
    lack digits (`35.6.1`) is none.
    """
    bare = text.strip().upper().removeprefix("ID").strip()
    dotted = re.sub(r"[\s.\-_]+", ".", bare)
    if _DOTTED.fullmatch(dotted):
        return dotted
    if _SHORTENED.fullmatch(dotted) and any(len(part) == 1 for part in dotted.split(".")):
        return None
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
        cities = [region for region in every if region.level in CITY_LEVELS]
        self._cities = {city_of(region.code) for region in every}
        self._cities_bps = {region.bps_code[:4] for region in every if region.bps_code}
        self._city_names = {name for region in cities for name in _spellings(region)}
        self._has_unnamed_city = not all(region.is_named for region in cities)
        # Of a province there are thousands, and whoever writes a name that is none makes them all be looked at.
        self._spellings = {region.code: _spellings(region) for region in every}
        self._kecamatan = _unambiguous((name, region.code) for region in self.kecamatan.values() for name in self._spellings[region.code])
        self._names = _unambiguous((name, region.code) for region in kelurahan for name in self._spellings[region.code])
        self._names_in_city = _unambiguous(
            ((city_of(region.code), name), region.code) for region in kelurahan for name in self._spellings[region.code]
        )
        self._names_within = _unambiguous(
            ((within, name), region.code)
            for region in kelurahan
            for within in self._ways_to_say_kecamatan(region)
            for name in self._spellings[region.code]
        )

    def _ways_to_say_kecamatan(self, region: Region) -> Iterator[str]:
        """By its code, by its name, and by its name with the code of the city before it."""
        if (kecamatan := self.kecamatan.get(region.parent_code or "")) is not None:
            yield kecamatan.code
            for name in self._spellings[kecamatan.code]:
                yield from (name, f"{city_of(kecamatan.code)} {name}")

    def find(self, text: str, level: RegionPart = "kelurahan", near: Collection[str] = ()) -> Region | None:
        """By either code or by name or alias, whichever the text is; a name first among the kelurahan `near` (codes), then in their cities."""
        known, names = (self.kelurahan, self._names) if level == "kelurahan" else (self.kecamatan, self._kecamatan)
        code = parse_code(text[:_LONGEST], self._crosswalk)
        if (found := known.get(code or "")) is not None:
            return found
        name = normalise_name(text[:_LONGEST])
        found = (self._near(name, near) if level == "kelurahan" else None) or known.get(names.get(name) or "")
        if found is None and level == "kelurahan" and (both := _WITHIN.fullmatch(text[:_LONGEST].strip())):
            return self.by_name(both["name"], both["kecamatan"], near)
        return found

    def _near(self, name: str, near: Collection[str]) -> Region | None:
        """The one of this name among these kelurahan, else in their cities."""
        own: list[str | None] = [code for code in near if name in self._spellings.get(code, ())]
        there = own or [self._names_in_city.get((city, name)) for city in {city_of(code) for code in near}]
        found = [region for code in there if (region := self.kelurahan.get(code or ""))]
        return found[0] if len(found) == 1 else None

    def meant_by(self, word: str) -> Collection[str]:
        """The codes of the kelurahan that a word of a search may mean: of those that are called so; else of all in whose name, or in that of their
        kecamatan, it stands.
        """
        wanted = normalise_name(word[:_LONGEST])
        if len(wanted) < _SHORTEST_PART:
            return ()
        called = [code for code in self.kelurahan if wanted in self._spellings[code]]
        return called or [
            code
            for code, region in self.kelurahan.items()
            if any(wanted in name for part in (code, region.parent_code or "") for name in self._spellings.get(part, ()))
        ]

    def named(self, name: str, level: RegionPart = "kelurahan") -> Region | None:
        """One of those of this name, of which there may be several."""
        wanted, known = normalise_name(name[:_LONGEST]), self.kelurahan if level == "kelurahan" else self.kecamatan
        return next((region for region in known.values() if wanted in self._spellings[region.code]), None) if wanted else None

    def nearest(self, text: str, level: RegionPart = "kelurahan", most: int = MOST_TOLD) -> list[Region]:
        """Those that there are, as far as they can be told: first what is written most like the text, then by code."""
        known = self.kelurahan if level == "kelurahan" else self.kecamatan
        digits, pairs = _digits(text[:_LONGEST]), _pairs(normalise_name(text[:_LONGEST]))

        def likeness(region: Region) -> float:
            if digits:
                return max(_beginning(digits, other) for other in (region.code.replace(".", ""), region.bps_code or ""))
            return max(_alike(pairs, _pairs(name)) for name in self._spellings[region.code])

        return nsmallest(most, known.values(), key=lambda region: (-likeness(region), region.code))

    def resembling(self, text: str) -> Region | None:
        """The one that was probably meant: whose name differs by a letter or two, and no other one's as little."""
        name = normalise_name(text[:_LONGEST])
        spelled = {spelling: region for region in self.kelurahan.values() for spelling in self._spellings[region.code]}
        close = get_close_matches(name, spelled, 2, cutoff=_ALIKE)
        regions = {spelled[spelling].code for spelling in close}
        return spelled[close[0]] if len(regions) == 1 else None

    def unknown(self, where: str, text: str, level: RegionPart = "kelurahan") -> Fault:
        """That a text names none of the regions, with those that there are; or several, with the kecamatan of each."""
        wanted = normalise_name(text[:_LONGEST])
        same = [region for region in self.kelurahan.values() if wanted in self._spellings[region.code]] if level == "kelurahan" else []
        if len(same) > 1:
            listed = "; ".join(f"{self.said_with_kecamatan(region)}: {region.code}" for region in same[:MOST_TOLD])
            more = len(same) - MOST_TOLD
            return Fault(where, "kelurahan-several", {"count": len(same), "known": f"{listed}; … (+{more})" if more > 0 else listed})
        nearest = self.nearest(text, level)
        more = len(self.kelurahan if level == "kelurahan" else self.kecamatan) - len(nearest)
        known = ", ".join(f"{region.name} ({region.code})" for region in nearest)
        return Fault(where, f"{level}-unknown", {"known": f"{known}, … (+{more})" if more > 0 else known})

    def said_with_kecamatan(self, region: Region) -> str:
        """As `find` understands it: `Wonorejo (Kec. Ngadiluwih)`."""
        kecamatan = self.kecamatan.get(region.parent_code or "")
        return f"{region.name} (Kec. {kecamatan.name})" if kecamatan else region.name

    def by_code(self, text: str) -> Region | None:
        """By the code of Kemendagri, or digits of either system."""
        return self.kelurahan.get(parse_code(text, self._crosswalk) or "")

    def by_bps(self, text: str) -> Region | None:
        """By digits that are known to be of BPS, with or without a prefix of letters."""
        return self._by_bps.get(_digits(text))

    def by_name(self, name: str, kecamatan: str = "", near: Collection[str] = ()) -> Region | None:
        """By name or alias, within the kecamatan of this name or code where one is given; first among the kelurahan `near` (codes) and in their cities."""
        wanted = normalise_name(name)
        if not kecamatan.strip():
            return self._near(wanted, near) or self.kelurahan.get(self._names.get(wanted) or "")
        spelled = normalise_name(kecamatan)
        ways = [*(f"{city} {spelled}" for city in {city_of(code) for code in near}), spelled, parse_code(kecamatan, self._crosswalk) or ""]
        found = (self.kelurahan.get(self._names_within.get((way, wanted)) or "") for way in ways)
        return next(filter(None, found), None)

    def looks_like_code(self, text: str) -> bool:
        """Whether this is the code of a kelurahan or desa, known or not."""
        code = parse_code(text, self._crosswalk)
        return code is not None and level_of(code) == "kelurahan"

    def is_elsewhere(self, text: str) -> bool:
        """Whether this is the code of a region of another kota or kabupaten, or the name of another one. Not told where one has no name yet."""
        digits = _digits(text)
        if digits:
            return len(digits) >= 4 and f"{digits[:2]}.{digits[2:4]}" not in self._cities and digits[:4] not in self._cities_bps
        name = _KABUPATEN.sub("kabupaten", normalise_name(text))
        is_known = bool(self._city_names) and not self._has_unnamed_city
        return bool(name and is_known) and not self._city_names & {name, f"kota{name}", f"kabupaten{name}"}


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
