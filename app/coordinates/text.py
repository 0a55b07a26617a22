"""A coordinate as people type, paste and store it: one text, or a pair of cells. From there to all readings, and from where those land to a
decision. Pure.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from app.coordinates import codes, links, sentences
from app.coordinates.datums import WGS84, Datum, Mentioned, mentioned
from app.coordinates.grids import read_in_crs, read_labelled, read_metres
from app.coordinates.pairs import AxisOrder, paired, read_pair, without_height
from app.coordinates.reads import NOTHING, SEVERAL, Readings, agreeing, shifted
from app.coordinates.rescue import Reading, Zone
from app.coordinates.values import normalised
from app.geo import distance_m

ReadingDecision = Literal["as-is", "one-repair", "ambiguous", "none"]
LONGEST = 2_000
"""Of a text; only addresses are that long."""
_LONGEST_WRITTEN = 300

# Three decimals of a degree are 111 m, two are 1.1 km.
TOO_COARSE_M, COARSE_M = 500.0, 50.0
# Two readings that are as near as that are one place.
_SAME_M = 1.5
_MONTH = "(?:jan|feb|peb|mar|apr|mei|may|jun|jul|agu|ags|agt|aug|sep|okt|oct|nov|nop|des|dec)"
_DATE = re.compile(rf"\b\d{{1,2}}[-/ ]{_MONTH}\b|\b{_MONTH}[-/ ]\d{{2,4}}\b|^\d{{4}}-\d\d-\d\d\b|^\d{{1,2}}/\d{{1,2}}/\d{{2,4}}\b")
# Where one place may end and another begin; more of these are no coordinate.
_BREAK = re.compile(r"[/;|\t\n()=&]|,\s|\b(?:atau|or|dan|and)\b|(?=\b(?:utm|zona|zone|tm-?3)\b)")
_MOST_BREAKS = 8
# Of an address beside a plus code; numbers of houses and of post are none of a place.
_LIKE_A_PLACE = re.compile(r"\d[.,]\s?\d{3}|\d{6}|\d\s*°|\+")
_UNKNOWN = Readings(reason="datum-unknown")


class ReadText(NamedTuple):
    """The reading to be used (`as-is`) or to be shown and asked about (`one-repair`); else the reason for there being none. `is_coarse`: it was
    written with so few digits that it may lie some houses away.
    """

    decision: ReadingDecision
    reading: Reading | None = None
    reason: str | None = None
    is_coarse: bool = False


class _City(NamedTuple):
    """Where a text is read: the grids of the city; lon and lat of its middle, which completes short plus codes; the order of two values."""

    zones: Sequence[Zone]
    near: tuple[float, float]
    order: AxisOrder


def read_text(
    text: str, zones: Sequence[Zone], near: tuple[float, float], order: AxisOrder = "lat-lon", datum: Datum | None = None
) -> Readings:
    """Both values in one text. `zones`: the grids of the city; `near`: lon and lat of its middle, which completes short plus codes; `datum`:
    what a heading or another cell says, for a text that names none.
    """
    city = _City(zones, near, order)
    text = sentences.of_json(text.strip()) or text
    addresses, rest = links.find(text[:LONGEST])
    if not addresses:
        read = _written(normalised(rest), city, datum)
        is_in_words = read.reason == "nothing-read" and len(rest) <= _LONGEST_WRITTEN and sentences.holds_numbers(rest)
        return read._replace(reason="other-words") if is_in_words else read
    rest = normalised(rest)
    if len(rest) > _LONGEST_WRITTEN:
        return NOTHING
    reads = [_linked(address, city) for address in addresses]
    if not _is_of_wgs84(mentioned(rest), datum):
        return _UNKNOWN
    # Words beside a link are the name of the place; numbers are another coordinate.
    return agreeing([*reads, _written(rest, city, datum)] if re.search(r"\d", rest) else reads)


def read_cells(first: str, second: str, zones: Sequence[Zone], order: AxisOrder = "lat-lon", datum: Datum | None = None) -> Readings:
    """A pair of cells, in the order that their columns name. `datum`: what a heading or another cell says."""
    one, other = mentioned(normalised(first[:_LONGEST_WRITTEN])), mentioned(normalised(second[:_LONGEST_WRITTEN]))
    if _DATE.search(one.rest) or _DATE.search(other.rest):
        return Readings(reason="date")
    mentioned_datum = Mentioned(tuple({*one.datums, *other.datums}), "", one.is_unknown or other.is_unknown)
    if (its := _datum_of(mentioned_datum, datum)) is None:
        return _UNKNOWN
    if its.is_projected:
        pair = (one.rest, other.rest) if order == "lon-lat" else (other.rest, one.rest)
        return shifted(read_in_crs(" ".join(pair)), its)
    return shifted(paired(one.rest, other.rest, _drawn_on(zones, its), order), its)


def decide(read: Readings, landed: Sequence[bool]) -> ReadText:
    """By which of the readings land in the city. Never a guess: where two do, at different places, it is for a person to choose; a reading that
    takes decimals for minutes is none to choose at all.
    """
    hits = [reading for reading, lands in zip(read.readings, landed, strict=True) if lands]
    usable = [reading for reading in hits if "minutes" not in reading.repairs]
    precision_m = read.precisions_m[read.readings.index(usable[0])] if usable else 0.0
    if reason := _why_none(read, hits, usable, precision_m):
        return ReadText("none", reason=reason)
    best = usable[0]
    # What needs no repair counts before all that need one.
    rivals = hits if best.repairs else [one for one in usable if not one.repairs]
    if any(not _is_same(best, other) for other in rivals):
        return ReadText("ambiguous", reason="several-land")
    return ReadText("one-repair" if best.repairs else "as-is", best, is_coarse=precision_m > COARSE_M)


def _why_none(read: Readings, hits: Sequence[Reading], usable: Sequence[Reading], precision_m: float) -> str | None:
    if not hits:
        return read.reason or ("nothing-lands" if read.readings else "nothing-read")
    if not usable or (precision_m > TOO_COARSE_M and len(usable) < len(hits)):
        return "minutes"
    return "too-coarse" if precision_m > TOO_COARSE_M else None


def _is_same(one: Reading, other: Reading) -> bool:
    return distance_m(one.lon, one.lat, other.lon, other.lat) <= _SAME_M


def _linked(address: str, city: _City) -> Readings:
    if links.is_short(address):
        return Readings(reason="short-link")
    places = links.read(address)
    datum = WGS84 if places.datum is None else _datum_of(mentioned(f"datum {places.datum}"), None)
    if datum is None:
        return _UNKNOWN
    if places.named:
        return shifted(agreeing([_named(one, city) for one in places.named]), datum)
    if places.view and not places.is_route:
        view = _named(places.view, city)
        return shifted(view._replace(readings=tuple(one._replace(repairs=("map-centre", *one.repairs)) for one in view.readings)), datum)
    return Readings(reason="route") if places.is_route else NOTHING


def _named(place: str, city: _City) -> Readings:
    return _undated(normalised(place[:_LONGEST_WRITTEN]), city._replace(order="lat-lon"), WGS84)


def _written(text: str, city: _City, datum: Datum | None) -> Readings:
    """A normalised text that holds no address."""
    if len(text) > _LONGEST_WRITTEN:
        return NOTHING
    found = codes.find(text, city.near, tuple(city.zones))
    if not found.reads and _DATE.search(text):
        return Readings(reason="date")
    mentioned_datum = mentioned(found.rest)
    if found.plus_codes and not mentioned_datum.is_unknown and not re.search(r"\b(?:datum|epsg|srid|crs)\b", found.rest):
        # Beside a plus code a name is the one of a town.
        mentioned_datum = Mentioned((), found.rest, is_unknown=False)
    its = _datum_of(mentioned_datum, datum)
    if its is None or (found.plus_codes and its != WGS84):
        return _UNKNOWN
    if its.is_projected and (point := codes.metres_of_point(mentioned(text).rest)):
        return shifted(read_in_crs(point), its)
    return shifted(_undated(mentioned_datum.rest, city, its, found), its)


def _undated(text: str, city: _City, datum: Datum, found: codes.FoundCodes | None = None) -> Readings:
    """In degrees of `datum`: all that is written has to be one place."""
    found = codes.find(text, city.near, tuple(city.zones)) if found is None else found._replace(rest=text)
    rest = without_height(found.rest).strip(" ,;/|=&()")
    if not found.reads:
        read = _read_once_or_twice(rest, city, datum)
        is_alone = None if read.readings or datum.is_projected else sentences.alone(text)
        return read if is_alone is None else _read_once(is_alone, city._replace(order="lat-lon"), datum)
    if datum.is_projected:
        return NOTHING
    if _LIKE_A_PLACE.search(rest) if found.plus_codes else re.search(r"\d", rest):
        return agreeing([*found.reads, _read_once_or_twice(rest, city, datum)])
    return agreeing(found.reads) if found.plus_codes or not re.search(r"\w", rest) else NOTHING


def _read_once_or_twice(text: str, city: _City, datum: Datum) -> Readings:
    """As one place, or as several that agree."""
    whole = _read_once(text, city, datum)
    breaks = list(_BREAK.finditer(text))
    if whole.readings or len(breaks) > _MOST_BREAKS:
        return whole
    parts = [_read_all(text[: at.start()], text[at.end() :], city, datum) for at in breaks]
    return next((read for read in parts if read.readings), next((read for read in parts if read is SEVERAL), whole))


def _read_all(first: str, rest: str, city: _City, datum: Datum) -> Readings:
    one = _read_once(first, city, datum)
    return agreeing([one, _read_once_or_twice(rest, city, datum)]) if one.readings else NOTHING


def _read_once(text: str, city: _City, datum: Datum) -> Readings:
    if datum.is_projected:
        return read_in_crs(text)
    in_metres = read_metres(text, None if datum == WGS84 else datum) or read_labelled(text, _drawn_on(city.zones, datum))
    return in_metres or read_pair(text, _drawn_on(city.zones, datum), city.order)


def _drawn_on(zones: Sequence[Zone], datum: Datum) -> Sequence[Zone]:
    return zones if datum == WGS84 else [zone._replace(datum=datum.crs) for zone in zones]


def _datum_of(mentioned_datum: Mentioned, otherwise: Datum | None) -> Datum | None:
    """The one datum of a text, WGS 84 where nothing is said; None where it is not known, or several are named."""
    datums: Iterator[Datum] = iter({*mentioned_datum.datums, *([otherwise] if otherwise else [])})
    first = next(datums, WGS84)
    return None if mentioned_datum.is_unknown or next(datums, None) else first


def _is_of_wgs84(mentioned_datum: Mentioned, otherwise: Datum | None) -> bool:
    return _datum_of(mentioned_datum, otherwise) == WGS84
