"""Cities: the kota and kabupaten of a database with what is set for each: name, attribution, time zone, languages, CRS. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta, timezone
from functools import cached_property
from typing import Literal, get_args

from app.geo import CRS_EVERYWHERE, crs_around
from app.language import Language, Text
from app.regions.codes import city_of

ZoneName = Literal["WIB", "WITA", "WIT"]
ZONE_NAMES: tuple[ZoneName, ...] = get_args(ZoneName)
ZONES: Mapping[str, timezone] = {name: timezone(timedelta(hours=7 + later), name) for later, name in enumerate(ZONE_NAMES)}
# Provinces by their codes of Kemendagri (Keppres 41/1987, as regions were divided since): all others keep the time of the west.
_CENTRAL = frozenset(["51", "52", "53", "63", "64", "65", "71", "72", "73", "74", "75", "76"])
_EAST = frozenset(["81", "82", "91", "92", "93", "94", "95", "96", "97"])
_NAMED_AT_MOST = 3
AROUND = 0.1
"""Degrees around a city in which a reading is looked up: more than any tolerance."""
Extent = tuple[float, float, float, float]


def zone_of_province(code: str) -> ZoneName:
    """The clock of the province that a code begins with."""
    return "WITA" if code[:2] in _CENTRAL else "WIT" if code[:2] in _EAST else "WIB"


@dataclass(frozen=True, slots=True)
class City:
    """A kota or kabupaten. What is None has not been set; `extent` (west, south, east, north in degrees) is that of its active boundaries."""

    code: str
    name: str
    province: str | None = None
    attribution: str | None = None
    licence: str | None = None
    contact: str | None = None
    time_zone: ZoneName = "WIB"
    languages: tuple[Language, ...] = ("id", "en")
    srids: tuple[int, ...] | None = None
    extent: Extent | None = None

    @property
    def crs(self) -> tuple[int, ...]:
        """The numbers in EPSG of the CRS that people write in: those that are set, else the zones of UTM and TM-3 that its extent touches."""
        if self.srids is not None:
            return tuple(dict.fromkeys((*CRS_EVERYWHERE, *self.srids)))
        return crs_around(self.extent) if self.extent else CRS_EVERYWHERE

    @property
    def source(self) -> str:
        """Whom to name for its data."""
        return self.attribution or f"Pemerintah {self.name}"


class Cities:
    """All cities of a database, by code."""

    def __init__(self, cities: Iterable[City] = ()) -> None:
        self.all: Mapping[str, City] = {city.code: city for city in sorted(cities, key=lambda city: city.code)}

    def of(self, codes: Iterable[str]) -> "Cities":
        """Those in which these regions lie; all, where that is none."""
        wanted = {city_of(code) for code in codes}
        return Cities(self.all[code] for code in wanted if code in self.all) if wanted & self.all.keys() else self

    def has(self, code: str) -> bool:
        """Whether a region lies in one of them. Without any there is nothing to be outside of."""
        return not self.all or city_of(code) in self.all

    @cached_property
    def title(self) -> Text:
        """What they are called together."""
        names = [city.name for city in self.all.values()]
        if not names:
            return Text("", "")
        if len(names) <= _NAMED_AT_MOST:
            return Text(_joined(names, "dan"), _joined(names, "and"))
        province = self._province
        return Text(
            f"{len(names)} kota dan kabupaten" + (f" di {province}" if province else ""),
            f"{len(names)} cities and regencies" + (f" in {province}" if province else ""),
        )

    @cached_property
    def attribution(self) -> str:
        """Whom to name: each city while they are few, then their province."""
        sources = list(dict.fromkeys(city.source for city in self.all.values()))
        if len(sources) <= _NAMED_AT_MOST:
            return "; ".join(sources) or "Titik"
        return f"Pemerintah kota dan kabupaten di {self._province}" if self._province else f"Pemerintah {len(sources)} kota dan kabupaten"

    @cached_property
    def licence(self) -> str | None:
        """That of all; None where they have several, or none is set."""
        return _only(city.licence for city in self.all.values())

    @cached_property
    def contact(self) -> str | None:
        return _only(city.contact for city in self.all.values())

    @cached_property
    def zone(self) -> timezone:
        """The clock of all of them; where they have several, that of the west."""
        return ZONES[_only(city.time_zone for city in self.all.values()) or "WIB"]

    def zone_of(self, code: str | None) -> timezone:
        """The clock of the city in which a region lies."""
        city = self.all.get(city_of(code)) if code else None
        return ZONES[city.time_zone] if city else self.zone

    @cached_property
    def languages(self) -> tuple[Language, ...]:
        """Those that every city wants, in the order of the first one."""
        wanted = [city.languages for city in self.all.values()]
        return tuple(one for one in wanted[0] if all(one in others for others in wanted)) or ("id", "en") if wanted else ("id", "en")

    @cached_property
    def crs(self) -> tuple[int, ...]:
        """Those of each, without repetition."""
        return tuple(dict.fromkeys((*CRS_EVERYWHERE, *(srid for city in self.all.values() for srid in city.crs))))

    @cached_property
    def extent(self) -> Extent | None:
        """Around all of them; None without active boundaries."""
        extents = [city.extent for city in self.all.values() if city.extent]
        if not extents:
            return None
        wests, souths, easts, norths = zip(*extents, strict=True)
        return min(wests), min(souths), max(easts), max(norths)

    @cached_property
    def middle(self) -> tuple[float, float]:
        """A place amid them, in degrees."""
        west, south, east, north = self.extent or (0.0, 0.0, 0.0, 0.0)
        return (west + east) / 2, (south + north) / 2

    def is_around(self, lon: float, lat: float) -> bool:
        """Whether a place may be one of theirs: within their extent, or a little beside it."""
        west, south, east, north = self.extent or (0.0, 0.0, 0.0, 0.0)
        return west - AROUND < lon < east + AROUND and south - AROUND < lat < north + AROUND

    @cached_property
    def _province(self) -> str | None:
        return _only(city.province for city in self.all.values())


def _only(values: Iterable[str | None]) -> str | None:
    """The one value that all have."""
    different = set(values)
    return different.pop() if len(different) == 1 else None


def _joined(names: Sequence[str], word: str) -> str:
    return f"{', '.join(names[:-1])} {word} {names[-1]}" if len(names) > 1 else names[0]
