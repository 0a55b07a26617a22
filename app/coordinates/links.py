"""Places in addresses: geo: URIs (RFC 5870), links of Google Maps and OpenStreetMap; and plus codes. Pure: nothing is ever opened."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import SplitResult, parse_qs, unquote_plus, urlsplit

from pluscodes.openlocationcode import openlocationcode

_LONGEST = 4_000
_SHORT_HOSTS = ("goo.gl", "maps.app.goo.gl", "g.co", "osm.org", "bit.ly", "s.id", "tinyurl.com")
_DEGREES = r"[+-]?\d{1,3}(?:\.\d+)?"
_PAIR = re.compile(rf"\s*(?:loc:)?({_DEGREES})\s*,\s*({_DEGREES})(?=$|[\s,;(?])")
# The pin of a place is what was meant; `@` is only where the map was looking.
_PIN = re.compile(rf"!3d({_DEGREES})!4d({_DEGREES})")
_LOOKED_AT = re.compile(rf"@({_DEGREES}),({_DEGREES})")
_OSM = re.compile(rf"map=\d+(?:\.\d+)?/({_DEGREES})/({_DEGREES})")
_QUERIES = ("q", "query", "ll", "destination", "daddr", "center", "viewpoint", "cbll", "sll")
_PLUS_CODE = re.compile(r"(?<![0-9a-z+])([23456789cfghjmpqrvwx]{2,8}\+[23456789cfghjmpqrvwx]{0,7})(?![0-9a-z+])")


def is_address(text: str) -> bool:
    return re.match(r"(?:https?://|geo:|(?:www\.)?(?:google|openstreetmap|maps|goo)\.[a-z.]+/)", text.strip(), re.IGNORECASE) is not None


def is_short(address: str) -> bool:
    """Whether an address says where to look and not where the place is."""
    parts = _parts(address)
    host = parts.hostname or ""
    return host in _SHORT_HOSTS and _OSM.search(unquote_plus(parts.fragment)) is None


def place_of(address: str) -> tuple[str, str] | None:
    """The latitude and the longitude in an address, as they are written there."""
    address = address.strip()[:_LONGEST]
    if address.lower().startswith("geo:"):
        found = _PAIR.match(address[4:])
        return (found[1], found[2]) if found else None
    parts, whole = _parts(address), unquote_plus(address)
    found = _PIN.search(whole)
    if found is None and (asked := _in_query(parse_qs(parts.query))):
        return asked
    segments = (segment for segment in unquote_plus(parts.path).split("/") if not segment.startswith("@"))
    found = found or next(filter(None, map(_PAIR.match, segments)), None) or _LOOKED_AT.search(whole) or _OSM.search(whole)
    return (found[1], found[2]) if found else None


def _in_query(query: Mapping[str, Sequence[str]]) -> tuple[str, str] | None:
    for lat, lon in (("mlat", "mlon"), ("lat", "lon"), ("lat", "lng")):
        if lat in query and lon in query:
            return query[lat][0], query[lon][0]
    values = [value for name in _QUERIES for value in query.get(name, ())]
    found = next(filter(None, map(_PAIR.match, values)), None)
    return (found[1], found[2]) if found else None


def plus_code_of(text: str) -> str | None:
    """The first plus code of a normalised text, in capitals."""
    for found in _PLUS_CODE.finditer(text):
        if openlocationcode.isValid(found[1]):
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
