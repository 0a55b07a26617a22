"""Places in addresses: geo: URIs (RFC 5870), links of Google Maps and OpenStreetMap; and plus codes. Pure: nothing is ever opened."""

import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qs, unquote_plus, urlsplit

from pluscodes.openlocationcode import openlocationcode

_LONGEST = 4_000
_SHORT_HOSTS = ("goo.gl", "maps.app.goo.gl", "g.co", "osm.org", "bit.ly", "s.id", "tinyurl.com")
_DEGREES = r"[+-]?\d{1,3}(?:\.\d+)?"
_PAIR = re.compile(rf"\s*(?:loc:)?({_DEGREES})\s*,\s*({_DEGREES})(?=\s*(?:$|[,;(?]))")
# The pin of a place is what was meant; `@` is only where the map was looking.
_PIN = re.compile(rf"!3d({_DEGREES})!4d({_DEGREES})")
_LOOKED_AT = re.compile(rf"@({_DEGREES}),({_DEGREES})")
_OSM = re.compile(rf"map=\d+(?:\.\d+)?/({_DEGREES})/({_DEGREES})")
_QUERIES, _VIEWS = ("q", "query", "destination", "daddr", "cbll"), ("ll", "center", "viewpoint", "sll")
_PLUS_CODE = re.compile(r"(?<![0-9a-z+])([23456789cfghjmpqrvwx]{2,8}\+[23456789cfghjmpqrvwx]{0,7})(?![0-9a-z+])")


def is_address(text: str) -> bool:
    return re.match(r"(?:https?://|geo:|(?:www\.)?(?:google|openstreetmap|maps|goo)\.[a-z.]+/)", text.strip(), re.IGNORECASE) is not None


def is_short(address: str) -> bool:
    """Whether an address says where to look and not where the place is."""
    parts = _parts(address)
    host = parts.hostname or ""
    return host in _SHORT_HOSTS and _OSM.search(unquote_plus(parts.fragment)) is None


class Written(NamedTuple):
    """A latitude and a longitude as an address has them; `is_view`: it is only what the map was showing."""

    lat: str
    lon: str
    is_view: bool = False


def place_of(address: str) -> Written | None:
    """None where there is no place in it, or several."""
    address = address.strip()[:_LONGEST]
    if address.lower().startswith("geo:"):
        at, _, labelled = address[4:].partition("?")
        return _only(list(map(_PAIR.match, parse_qs(labelled).get("q", ())))) or _only([_PAIR.match(at)])
    parts, whole = _parts(address), unquote_plus(address)
    query, segments = parse_qs(parts.query), unquote_plus(parts.path).split("/")
    pairs = [
        (query[lat][0], query[lon][0]) for lat, lon in (("mlat", "mlon"), ("lat", "lon"), ("lat", "lng")) if lat in query and lon in query
    ]
    if pairs:
        return Written(*pairs[0])
    kinds: tuple[Sequence[re.Match[str] | None], ...] = (
        list(_PIN.finditer(whole)),
        [_PAIR.match(value) for name in _QUERIES for value in query.get(name, ())],
        [_PAIR.match(segment) for segment in segments if not segment.startswith("@")],
    )
    for named in kinds:
        if any(named):
            return _only(named)
    views = [_PAIR.match(value) for name in _VIEWS for value in query.get(name, ())]
    view = next(filter(None, [*views, _LOOKED_AT.search(whole), _OSM.search(whole)]), None)
    return Written(view[1], view[2], is_view=True) if view else None


def text_in(address: str) -> str | None:
    """A place that is written with degree signs in the path."""
    return next((segment for segment in unquote_plus(_parts(address).path).split("/") if "°" in segment), None)


def _only(found: Sequence[re.Match[str] | None]) -> Written | None:
    """The one place that all of these name."""
    places = {(one[1], one[2]) for one in found if one}
    return Written(*places.pop()) if len(places) == 1 else None


def plus_code_of(text: str) -> str | None:
    """The first plus code of a normalised text, in capitals."""
    for found in _PLUS_CODE.finditer(text):
        if openlocationcode.isFull(found[1]) or openlocationcode.isShort(found[1]):
            return found[1].upper()
    return None


def decoded(code: str, near: tuple[float, float]) -> tuple[float, float, float, bool]:
    """Lon and lat of the middle of a plus code, how many degrees that is from its edge, and whether it was short: completed by the lon and lat
    that it is `near`.
    """
    is_whole = openlocationcode.isFull(code)
    area = openlocationcode.decode(code if is_whole else openlocationcode.recoverNearest(code, near[1], near[0]))
    return round(area.longitudeCenter, 7), round(area.latitudeCenter, 7), (area.latitudeHi - area.latitudeLo) / 2, not is_whole


def _parts(address: str) -> SplitResult:
    address = address.strip()[:_LONGEST]
    try:
        return urlsplit(address if "//" in address.split("?")[0] else f"https://{address}")
    except ValueError:
        return urlsplit("")
