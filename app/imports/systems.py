"""What headings, and cells beside a coordinate, say of its datum and its zone. Pure."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from app.coordinates.datums import WGS84, Datum, mentioned, transformation
from app.coordinates.grids import metres, zones_in
from app.coordinates.reads import NOTHING, Readings, read_of
from app.coordinates.rescue import Zone, from_metres
from app.coordinates.values import normalised

DATUM, ZONE = "datum", "zone"
"""The fields of the columns that say it."""

_SPEAKS_OF_A_ZONE = re.compile(r"\b(?:utm|zona|zone|tm-?\s?3)")
# As programs and maps call datums that EPSG has by another name: D_European_1950.
_LIKE_A_DATUM = re.compile(r"\b(?:d|gcs)[ _][a-z]{3}|\b(?!surve|tahun|thn|data|edisi)[a-z]{3,}[\s_-]*1[89]\d\d\b")
# What is said of coordinates in such a column beside datum and zone, and changes nothing.
_NO_DATUM = re.compile(
    r"\b(?:geo(?:grafis|graphic|detic|detik)|koordinat|coordinates?|sistem|system|derajat|degrees?|desimal|decimal|dd|dms|dm|meter|metres?|m|utm|tm-?\s?3"
    r"|proyeksi|projection|zona|zone|lintang|bujur|lat|lon|lng|long|latitude|longitude|gps|dan|and)\b"
)


class System(NamedTuple):
    """The datum (or the CRS in metres) that is said, and the zones that may be meant; nothing where nothing is. `is_unknown`: a datum is
    named that is not known, or two that differ; nothing may be read then.
    """

    datum: Datum | None = None
    zones: tuple[Zone, ...] = ()
    is_unknown: bool = False

    @property
    def is_wgs84(self) -> bool:
        return not self.is_unknown and self.datum in (None, WGS84)


PLAIN = System()


@lru_cache(maxsize=2_000)
def of_heading(text: str) -> System:
    """`Lintang (Batavia)`, `X (UTM 49S)`. Other words are those of the heading."""
    mention = mentioned(normalised(text.replace("_", " ")))
    if mention.is_unknown or len(mention.datums) > 1 or _LIKE_A_DATUM.search(mention.rest):
        return System(is_unknown=True)
    zones = _zones(mention.rest)[0] if _SPEAKS_OF_A_ZONE.search(mention.rest) else ()
    return System(next(iter(mention.datums), None), zones)


def of_title(text: str) -> System:
    """`Sistem koordinat: Batavia`, above a table or over several of its columns; other words are about anything."""
    mention = mentioned(normalised(text[:200].replace("_", " ")))
    return System(next(iter(mention.datums), None), is_unknown=mention.is_unknown or len(mention.datums) > 1)


@lru_cache(maxsize=2_000)
def of_cell(text: str, field: str) -> System:
    """Of a column of that name. A zone that cannot be read is none: whatever is read of its metres is asked about."""
    is_code = field == DATUM and text.strip().isdigit()
    mention = mentioned(normalised(f"epsg:{text.strip()}" if is_code else text.replace("_", " ")))
    zones, rest = _zones(f"zona {mention.rest}") if re.search(r"\d", mention.rest) else ((), mention.rest)
    is_strange = re.search(r"[^\W_]", _NO_DATUM.sub(" ", rest)) if field == DATUM else _LIKE_A_DATUM.search(rest)
    if mention.is_unknown or len(mention.datums) > 1 or is_strange:
        return System(is_unknown=True)
    return System(next(iter(mention.datums), None), zones)


def together(systems: Iterable[System]) -> System:
    """All of what is said; unknown where it contradicts itself."""
    found = PLAIN
    for one in systems:
        if found.is_unknown or one.is_unknown:
            return System(is_unknown=True)
        datum, zones = _both(found.datum, one.datum), found.zones or one.zones
        if found.zones and one.zones:
            zones = tuple(zone for zone in found.zones if zone in one.zones)
        if (datum is None and (found.datum or one.datum)) or (not zones and (found.zones or one.zones)):
            return System(is_unknown=True)
        found = System(datum, zones)
    return found


def _both(one: Datum | None, other: Datum | None) -> Datum | None:
    """The one that both mean, be it that one of them is drawn on the other; None where they differ."""
    if one is None or other is None or one == other:
        return one or other
    base = _base(one)
    if base is None or base != _base(other) or one.is_projected == other.is_projected:
        return None
    return one if one.is_projected else other


def _base(datum: Datum) -> int | None:
    """The number in EPSG of the datum that is said, be it by a grid on it; None where no way leads from it to anywhere in Indonesia."""
    try:
        return transformation(datum.crs).epsg
    except ValueError:
        return None


def _zones(text: str) -> tuple[tuple[Zone, ...], str]:
    """And what is left of the text."""
    return next(((tuple(zones), rest) for zones, rest, _ in zones_in(text) if zones), ((), text))


def read_in_zones(easting: str, northing: str, system: System) -> Readings | None:
    """Metres in the zones that are said, in degrees of the datum that is said; None where none is, or these are no metres."""
    if not system.zones or (system.datum and system.datum.is_projected):
        return None
    east, north = _metres(easting), _metres(northing)
    if east is None or north is None or max(east, north) < 1_000:
        return None
    drawn = [zone._replace(datum=system.datum.crs if system.datum else None) for zone in system.zones]
    found = [reading for zone in drawn if zone.has(east, north) and (reading := from_metres(east, north, (), zone))]
    return read_of([(one, 1.0) for one in found]) if found else NOTHING


def _metres(text: str) -> float | None:
    text = re.sub(r"\s*m(?:[eEnN]|eter)?$", "", text.strip())
    return metres(text) if re.fullmatch(r"\d[\d.,]*\d", text) else None


def is_same(system: System, epsg: int | None, place: tuple[float, float]) -> bool:
    """Whether what is said is the datum that a place came from: that of EPSG's number, None for WGS 84 under any name."""
    if system.datum is None:
        return not system.is_unknown
    base = _base(system.datum)
    if base is None or epsg is not None:
        return base is not None and base == epsg
    return bool(transformation(f"EPSG:{base}")([place[0]], [place[1]]).is_near[0])
