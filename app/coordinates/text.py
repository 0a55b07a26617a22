"""A coordinate as people type, paste and store it: one text, or a pair of cells. From there to all readings, and from where those land to a
decision. Pure.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from app.coordinates import links
from app.coordinates.rescue import Reading, Zone, readings, tm3, utm
from app.coordinates.values import AXIS, AXIS_WORD, NUMBER, Value, normalised, values
from app.geo import is_position, to_degrees

Order = Literal["lat-lon", "lon-lat"]
Decision = Literal["as-is", "one-repair", "ambiguous", "none"]
LONGEST = 2_000
"""Of a text; only addresses are that long."""
_LONGEST_WRITTEN = 300

_METRES_PER_DEGREE = 111_320.0
# Three decimals of a degree are 111 m, two are 1.1 km.
TOO_COARSE_M, COARSE_M = 500.0, 50.0
# Two readings that are as near as that are one place.
_SAME = 1e-5
_MONTH = "(?:jan|feb|peb|mar|apr|mei|may|jun|jul|agu|ags|agt|aug|sep|okt|oct|nov|nop|des|dec)"
_DATE = re.compile(rf"\b\d{{1,2}}[-/ ]{_MONTH}\b|\b{_MONTH}[-/ ]\d{{2,4}}\b|^\d{{4}}-\d\d-\d\d\b|^\d{{1,2}}/\d{{1,2}}/\d{{2,4}}\b")
_UTM = re.compile(r"\b(?:utm|zona|zone)?\s*:?\s*(?P<zone>[1-9]|[1-5]\d|60)\s?(?P<band>[c-hj-np-x])\b(?P<rest>.*)", re.DOTALL)
_TM3 = re.compile(r"\btm-?\s?3\b\D{0,12}(?P<zone>4[6-9]|5[0-4])[.,](?P<half>[12])\b(?P<rest>.*)", re.DOTALL)
_METRES = re.compile(r"\d[\d.,]*\d")


class Read(NamedTuple):
    """What a text may mean: every reading, the fewest repairs first; how exact each was written, in metres; and, where there is none, why."""

    readings: tuple[Reading, ...] = ()
    precisions_m: tuple[float, ...] = ()
    reason: str | None = None


class Decided(NamedTuple):
    """The reading to be used (`as-is`) or to be shown and asked about (`one-repair`); else the reason for there being none. `is_coarse`: it was
    written with so few digits that it may lie some houses away.
    """

    decision: Decision
    reading: Reading | None = None
    reason: str | None = None
    is_coarse: bool = False


def read_text(text: str, zones: Sequence[Zone], near: tuple[float, float], order: Order = "lat-lon") -> Read:
    """Both values in one text. `zones`: the grids of the city; `near`: lon and lat of its middle, which completes short plus codes."""
    text = text[:LONGEST]
    if links.is_address(text):
        return _linked(text, zones)
    text = normalised(text)
    if len(text) > _LONGEST_WRITTEN:
        return Read(reason="nothing-read")
    if code := links.plus_code_of(text):
        lon, lat, half, is_short = links.decoded(code, near)
        return Read((Reading(lon, lat, ("short-plus-code",) if is_short else ()),), (half * _METRES_PER_DEGREE,))
    if _DATE.search(text):
        return Read(reason="date")
    if named := _in_named_zone(text):
        return named
    return _together([_paired(first, second, zones, order) for first, second in _halves(text)])


def read_cells(first: str, second: str, zones: Sequence[Zone], order: Order = "lat-lon") -> Read:
    """A pair of cells, in the order that their columns name."""
    one, other = normalised(first[:_LONGEST_WRITTEN]), normalised(second[:_LONGEST_WRITTEN])
    if _DATE.search(one) or _DATE.search(other):
        return Read(reason="date")
    return _together([_paired(one, other, zones, order)])


def decide(read: Read, landed: Sequence[bool]) -> Decided:
    """By which of the readings land in the city. Never a guess: where two do, at different places, it is for a person to choose; a reading that
    takes decimals for minutes is none to choose at all.
    """
    hits = [reading for reading, lands in zip(read.readings, landed, strict=True) if lands]
    usable = [reading for reading in hits if "minutes" not in reading.repairs]
    precision_m = read.precisions_m[read.readings.index(usable[0])] if usable else 0.0
    if reason := _why_none(read, hits, usable, precision_m):
        return Decided("none", reason=reason)
    best = usable[0]
    if best.repairs and any(not _is_same(best, other) for other in hits):
        return Decided("ambiguous", reason="several-land")
    return Decided("one-repair" if best.repairs else "as-is", best, is_coarse=precision_m > COARSE_M)


def _why_none(read: Read, hits: Sequence[Reading], usable: Sequence[Reading], precision_m: float) -> str | None:
    if not hits:
        return "nothing-lands" if read.readings else read.reason or "nothing-read"
    if not usable or (precision_m > TOO_COARSE_M and len(usable) < len(hits)):
        return "minutes"
    return "too-coarse" if precision_m > TOO_COARSE_M else None


def _is_same(one: Reading, other: Reading) -> bool:
    return abs(one.lon - other.lon) <= _SAME and abs(one.lat - other.lat) <= _SAME


def _linked(address: str, zones: Sequence[Zone]) -> Read:
    if (written := links.text_in(address)) is not None:
        return _together([_paired(first, second, zones, "lat-lon") for first, second in _halves(normalised(written[:_LONGEST_WRITTEN]))])
    if found := links.place_of(address):
        read = _paired(found.lat, found.lon, zones, "lat-lon")
        view = ("map-centre",) if found.is_view else ()
        return read._replace(readings=tuple(one._replace(repairs=(*view, *one.repairs)) for one in read.readings))
    return Read(reason="short-link" if links.is_short(address) else "nothing-read")


def _in_named_zone(text: str) -> Read | None:
    """Metres whose zone is named: nothing is to be guessed but the order, and that shows."""
    if found := _TM3.search(text):
        third = 2 * (int(found["zone"]) - 46) + (0 if found["half"] == "2" else -1)
        zone = tm3(third) if 0 <= third <= 15 else None
    elif found := _UTM.search(text):
        zone = utm(int(found["zone"]), is_south=found["band"] < "n" or found["band"] == "s")
    else:
        return None
    numbers = [_metres(part) for part in _METRES.findall(f"{text[: found.start()]} {found['rest']}")]
    metres = [number for number in numbers if number is not None and number >= 1_000]
    if zone is None or len(metres) != 2:
        return None
    # Northings are the larger ones, in either grid and in either order.
    easting, northing = min(metres), max(metres)
    try:
        lon, lat = to_degrees(zone.crs, easting, northing)
    except ValueError:
        return Read(reason="nothing-read")
    swapped = ("swap",) if metres[0] > metres[1] else ()
    return Read((Reading(round(lon, 7), round(lat, 7), swapped),), (1.0,)) if is_position(lon, lat) else Read(reason="nothing-read")


def _metres(written: str) -> float | None:
    """With points or commas of thousands, and decimals; None where they make no number."""
    groups = re.split("[.,]", written)
    if len(groups) > 1 and len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:]):
        return float("".join(groups))
    return float("".join(groups[:-1]) + "." + groups[-1]) if len(groups) > 1 else float(written)


def _halves(text: str) -> Iterator[tuple[str, str]]:
    """The ways in which a text is two values."""
    if len(marked := _marked(text)) == 2:
        yield marked[0], marked[1]
        return
    text = re.sub(r"[()\[\]{}]", " ", text).strip()
    for mark in (r"\s*[;|\t\n/]\s*", r",\s+", r"\s+"):
        parts = [part for part in re.split(mark, text) if part]
        if len(parts) == 2 or (len(parts) in (3, 4) and mark == r"\s+" and all(re.fullmatch(NUMBER, part) for part in parts)):
            # Four numbers are a place with its height and its accuracy, as forms store it; or two places, which are none.
            if not _are_two_places(parts):
                yield parts[0], parts[1]
            return
    parts = text.split(",")
    for at in range(1, len(parts)):
        if max(at, len(parts) - at) <= 2:
            yield ",".join(parts[:at]), ",".join(parts[at:])


def _are_two_places(parts: Sequence[str]) -> bool:
    numbers = [one.number for part in parts if (one := next(iter(values(part)), None))]
    if len(numbers) != 4:
        return False
    first, second, third, fourth = numbers
    return fourth < 0 or (abs(first - third) < 1 and abs(second - fourth) < 1) or (abs(first - fourth) < 1 and abs(second - third) < 1)


def _marked(text: str) -> list[str]:
    """Values that letters, words or degree signs tell apart."""
    one = rf"{NUMBER}(?:(?:\s*[°'\":]\s*|\s+)\d+(?:[.,]\d+)*){{0,2}}\s*[°'\"]*"
    before = re.findall(rf"(?<![a-z])(?:{AXIS})(?![a-z])\s*[:=]?\s*{one}", text)
    after = re.findall(rf"{one}\s*(?<![a-z])(?:{AXIS})(?![a-z])", text)
    found = before if len(before) == 2 and not text[:1].isdigit() else after if len(after) == 2 else before
    if len(found) != 2 and "°" in text:
        found = re.findall(r"[+-]*\d{1,3}(?:[.,]\d+)?\s*°(?:\s*\d{1,2}(?:[.,]\d+)?\s*'?)?(?:\s*\d{1,2}(?:[.,]\d+)?\s*\"?)?", text)
    # A letter that belongs to none of them may be the one that says where it is.
    if len(AXIS_WORD.findall(text)) > sum(len(AXIS_WORD.findall(part)) for part in found):
        return []
    return [part.strip(" ,;") for part in found]


def _paired(first: str, second: str, zones: Sequence[Zone], order: Order) -> Read:
    """All readings of two values."""
    found: list[tuple[Reading, float]] = []
    for one in values(first.strip().lower()):
        for other in values(second.strip().lower()):
            if one.axis is not None and one.axis == other.axis:
                continue
            # A spreadsheet drops a zero at the end: the finer one tells how exact both were. It drops two or more of a hundred, or ten thousand.
            finer, coarser = sorted((one.precision, other.precision))
            precision_m = (finer if coarser < 99 * finer else coarser) * _METRES_PER_DEGREE
            found += [
                (reading, 1.0 if any(repair.startswith(("utm", "tm3")) for repair in reading.repairs) else precision_m)
                for reading in _of(one, other, zones, order)
            ]
    return _read(found)


def _of(one: Value, other: Value, zones: Sequence[Zone], order: Order) -> Iterator[Reading]:
    is_named = one.axis is not None or other.axis is not None
    lat_first = one.axis == "lat" or other.axis == "lon" if is_named else order == "lat-lon"
    lat, lon = (one, other) if lat_first else (other, one)
    for reading in readings(lon.number, lat.number, zones):
        if ("swap" in reading.repairs and is_named) or ("minus" in reading.repairs and lat.is_signed):
            continue
        repairs = reading.repairs
        if lat_first and not is_named and any(zone.name in repairs for zone in zones):
            # Of metres the easting is written first, by those too who write the latitude first.
            repairs = repairs[1:] if repairs[0] == "swap" else ("swap", *repairs)
        yield reading._replace(repairs=tuple(dict.fromkeys((*lat.repairs, *lon.repairs, *repairs))))


def _together(found: Sequence[Read]) -> Read:
    every = [both for one in found for both in zip(one.readings, one.precisions_m, strict=True)]
    return _read(every)


def _read(found: Sequence[tuple[Reading, float]]) -> Read:
    """Each place once, to a centimetre, by the fewest repairs."""
    if not found:
        return Read(reason="nothing-read")
    places: dict[tuple[float, float], tuple[Reading, float]] = {}
    for reading, precision_m in sorted(found, key=lambda both: len(both[0].repairs)):
        place = round(reading.lon, 7), round(reading.lat, 7)
        places.setdefault(place, (Reading(*place, reading.repairs), precision_m))
    return Read(tuple(reading for reading, _ in places.values()), tuple(precision_m for _, precision_m in places.values()))
