"""Places in addresses: geo: URIs (RFC 5870), links of Google Maps, OpenStreetMap and OsmAnd. Pure: nothing is ever opened.

What a link names (a pin, the stop at the end of a route) is a place; what it only shows is a view, and is asked about.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qs, unquote_plus, urlsplit

_LONGEST = 4_000
_SHORT_HOSTS = ("goo.gl", "maps.app.goo.gl", "g.co", "osm.org", "bit.ly", "s.id", "tinyurl.com")
_DEGREES = r"[+-]?\d{1,3}(?:\.\d+)?"
_PAIR = re.compile(rf"\s*(?:loc:)?({_DEGREES})\s*,\s*({_DEGREES})(?=\s*(?:$|[,;(?]))")
_CODE = re.compile(r"\s*([23456789CFGHJMPQRVWX]{4,8}\+[23456789CFGHJMPQRVWX]{2,7})(?=\s|,|$)", re.IGNORECASE)
# The pin of a place is what was meant; `@` is only where the map was looking.
_PIN = re.compile(rf"!3d({_DEGREES})!4d({_DEGREES})(?![\d.])")
_LOOKED_AT = re.compile(rf"@({_DEGREES}),({_DEGREES})(?![\d.])")
_OSM = re.compile(rf"(?:map=|osmand\.net/[^#\s]*#)\d+(?:\.\d+)?/({_DEGREES})/({_DEGREES})(?![\d.])")
_NAMED, _TO = ("q", "query", "coordinate", "pin"), ("daddr", "destination", "finish", "to")
_FROM = ("saddr", "origin", "start", "from", "route", "rtext", "waypoints")
_VIEWS = ("ll", "center", "viewpoint", "sll", "cbll")
_ZOOMS = ("zoom", "z", "layers")
_ADDRESS = re.compile(
    r"(?:https?://|geo:|(?:www\.|maps\.)?(?:google|openstreetmap|osmand|goo)\.[a-z.]+/|maps\.app\.goo\.gl/)", re.IGNORECASE
)
_HALF = re.compile(r"(?:[=@:]|(?<!\d)/)[+-]?\d{1,3}\.\d+,$")
_OTHER_HALF = re.compile(r"[+-]?\d{1,3}\.\d+(?![\d+-]|,[\d+-])")
_STEP = re.compile(r"!(\d+)([a-z])([^!]*)")


class LinkedPlaces(NamedTuple):
    """What an address says of places: texts that each name one (all of them have to agree), or else the pair that its map was showing; and
    the words for another datum than WGS 84. `is_route`: without a place in `named` it is a way that ends nowhere.
    """

    named: tuple[str, ...] = ()
    view: str | None = None
    datum: str | None = None
    is_route: bool = False


def is_address(text: str) -> bool:
    return _ADDRESS.match(text.strip()) is not None


def find(text: str) -> tuple[list[str], str]:
    """The addresses of a text, and what else it says."""
    words = text.split()
    found: list[str] = []
    rest: list[str] = []
    for word in words:
        if found and not rest and _HALF.search(found[-1]) and _OTHER_HALF.match(word):
            # A comma with a blank behind it is within a pair, as people correct it.
            found[-1] += word
        elif is_address(word.strip("<>()\"'")):
            found.append(word.strip("<>\"'").lstrip("("))
        else:
            rest.append(word)
    return found, " ".join(rest) if found else text


def is_short(address: str) -> bool:
    """Whether an address says where to look and not where the place is."""
    parts = _parts(address)
    host = parts.hostname or ""
    return host in _SHORT_HOSTS and _OSM.search(unquote_plus(parts.fragment)) is None


def read(address: str) -> LinkedPlaces:
    """Nothing in it where it holds no place."""
    address = address.strip()[:_LONGEST]
    if address.lower().startswith("geo:"):
        return _geo(address[4:])
    parts = _parts(address)
    query, segments = parse_qs(parts.query), unquote_plus(parts.path).split("/")
    stops = _stops(segments)
    if stops is not None or any(name in query for name in (*_TO, *_FROM)):
        return LinkedPlaces(tuple(_destination(address, query, stops or [])), is_route=True)
    whole = unquote_plus(address)
    named = [f"{pin[1]},{pin[2]}" for pin in _PIN.finditer(whole)]
    named += [pair for lat, lon in (("mlat", "mlon"), ("lat", "lon"), ("lat", "lng")) if (pair := _apart(query, lat, lon))]
    named += [place for name in _NAMED for value in query.get(name, ()) if (place := _place(value))]
    named += [place for segment in segments if not segment.startswith("@") and (place := _place(segment))]
    views = [place for name in _VIEWS for value in query.get(name, ()) if (place := _place(value))]
    views += [f"{found[1]},{found[2]}" for pattern in (_LOOKED_AT, _OSM) if (found := pattern.search(whole))]
    views += [pair for lat, lon in (("lat", "lon"), ("lat", "lng")) if (pair := _pair_of(query, lat, lon))]
    return LinkedPlaces(tuple(named), next(iter(views), None))


def _geo(rest: str) -> LinkedPlaces:
    place, _, labelled = rest.partition("?")
    path, *parameters = place.split(";")
    datum = next((value for name, _, value in (one.partition("=") for one in parameters) if name.strip().lower() == "crs"), None)
    query = parse_qs(labelled)
    sought = [value for value in query.get("q", ()) if value.strip()]
    named = tuple(found for value in sought if (found := _place(value)))
    own = _place(path)
    if own is None or named or "q" not in query:
        return LinkedPlaces(named or ((own,) if own else ()), datum=datum)
    # Words are sought near there: it is where the map looks, and `0,0` is nowhere.
    return LinkedPlaces(view=None if _is_zero(own) else own, datum=datum)


def _is_zero(pair: str) -> bool:
    return all(float(number) == 0 for number in pair.split(","))


def _place(text: str) -> str | None:
    """A pair of degrees, degrees with signs on both, or a plus code: what stands for itself, and is no name."""
    if found := _PAIR.match(text):
        return f"{found[1]},{found[2]}"
    if code := _CODE.match(text):
        return code[1]
    return text if text.count("°") == 2 else None


def _pair_of(query: dict[str, list[str]], lat: str, lon: str) -> str | None:
    return f"{query[lat][0]},{query[lon][0]}" if lat in query and lon in query else None


def _apart(query: dict[str, list[str]], lat: str, lon: str) -> str | None:
    """`lat` and `lon` beside a zoom are where a map was looking (the old permalink of OpenStreetMap); `mlat` and `mlon` are a marker."""
    return None if lat == "lat" and any(name in query for name in _ZOOMS) else _pair_of(query, lat, lon)


def _stops(segments: list[str]) -> list[str] | None:
    """The stops of a route of Google Maps in the order of its path; None where it is none."""
    at = next((index for index, segment in enumerate(segments) if segment in {"dir", "directions"}), None)
    if at is None:
        return None
    stops = segments[at + 1 :]
    end = next((index for index, stop in enumerate(stops) if stop.startswith(("@", "data=", "am="))), None)
    if end is None and stops and not stops[-1]:
        end = len(stops) - 1
    return stops[:end]


def _destination(address: str, query: dict[str, list[str]], stops: list[str]) -> Iterator[str]:
    """Where the route ends, if the link itself says where that is."""
    for name in _TO:
        for value in query.get(name, ()):
            last = re.split(r"\s+to:|\|", value)[-1]
            if place := _place(last):
                yield place
    for value in query.get("route", ()):
        # One alone is where it begins.
        _, divided, _ = value.partition(";")
        if divided and (place := _place(value.split(";")[-1])):
            yield place
    if len(stops) < 2:
        return
    points = _waypoints(address)
    if place := _place(stops[-1]):
        yield place
    if len(points) == len(stops) and points[-1]:
        yield points[-1]


def _waypoints(address: str) -> list[str | None]:
    """The stops of a route as `data=` has them, each with its place (`!2m2!1d…!2d…`, longitude first) or None.

    `!4m9` opens a message of the next nine steps. Route: message 4 in message 4; its messages 1 are the stops.
    """
    steps = _STEP.findall(unquote_plus(address).partition("data=")[2])
    return [_waypoint(inner) for _, inner in _messages(_within(_within(steps, "4"), "4"), "1")]


LinkSteps = list[tuple[str, str, str]]


def _within(steps: LinkSteps, field: str) -> LinkSteps:
    return next((inner for _, inner in _messages(steps, field)), [])


def _messages(steps: LinkSteps, field: str) -> Iterator[tuple[str, LinkSteps]]:
    """The messages of this field on the outermost level."""
    at = 0
    while at < len(steps):
        name, kind, value = steps[at]
        size = int(value) if kind == "m" and value.isdigit() else 0
        if kind == "m" and name == field:
            yield name, steps[at + 1 : at + 1 + size]
        at += 1 + size


def _waypoint(steps: LinkSteps) -> str | None:
    place = {f"{name}{kind}": value for name, kind, value in _within(steps, "2")}
    return _place(f"{place['2d']},{place['1d']}") if "1d" in place and "2d" in place else None


def _parts(address: str) -> SplitResult:
    address = address.strip()[:_LONGEST]
    try:
        return urlsplit(address if "//" in address.split("?")[0] else f"https://{address}")
    except ValueError:
        return urlsplit("")
