"""Points in another CRS than longitude and latitude (OGC API Features Part 4, Content-Crs): into degrees before anything looks at them, and
out of them for who reads. Pure.
"""

import math
from collections.abc import Collection, Mapping
from typing import Any

from app.errors import BadRequest, Fault, Invalid
from app.geo import CRS84, Crs, from_degrees, parse_crs, to_degrees

HEADER = "Content-Crs"
# A tenth of a millimetre: what is beyond comes from the arithmetic.
_DECIMALS = 9
_SAME_AS_CRS84 = ("urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84")


def content_crs(header: str | None, listed: Collection[str]) -> Crs:
    """The CRS of a body, by its header. `BadRequest` where that is none of those that the collection lists."""
    if header is None:
        return CRS84
    crs = _parsed(header.strip().removeprefix("<").removesuffix(">"))
    if crs is None or crs.uri not in listed:
        raise BadRequest(faults=[Fault(HEADER, "crs-not-listed", {"known": ", ".join(listed)})])
    return crs


def in_degrees(body: Mapping[str, object], crs: Crs) -> Mapping[str, object]:
    """The Feature, or the patch of one, with its place in degrees, longitude first.

    `Invalid` where the body names another CRS than its header: whatever is meant, one of them would be ignored. What is no place is left as it
    is, to be refused as such.
    """
    if wrong := [Fault(f"/{name}", "crs-beside-header") for name, srid in _named(body) if srid != crs.srid]:
        raise Invalid(faults=wrong)
    geometry = body.get("geometry")
    place = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if crs == CRS84 or not isinstance(place, list) or len(place) < 2 or not all(map(_is_number, place[:2])):
        return body
    first, second = place[1::-1] if crs.north_first else place[:2]
    try:
        lon, lat = (first, second) if crs.srid == CRS84.srid else to_degrees(f"EPSG:{crs.srid}", first, second)
    except ValueError:
        raise Invalid(faults=[Fault("/geometry/coordinates", "coordinate-invalid")]) from None
    return {**body, "geometry": {**geometry, "coordinates": [round(lon, _DECIMALS), round(lat, _DECIMALS), *place[2:]]}}  # type: ignore[dict-item]


def out_of_degrees(feature: Mapping[str, Any], crs: Crs) -> dict[str, Any]:
    """The Feature with its place in this CRS, in the order of its axes, and the members that say so."""
    if crs == CRS84:
        return dict(feature)
    lon, lat = feature["geometry"]["coordinates"]
    east, north = (lon, lat) if crs.srid == CRS84.srid else from_degrees(f"EPSG:{crs.srid}", lon, lat)
    digits = 7 if crs.is_geographic else 2
    place = [round(one, digits) for one in ((north, east) if crs.north_first else (east, north))]
    geometry = {"type": "Point", "coordinates": place}
    return {**feature, **crs.members, "geometry": geometry, "place": geometry}


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _parsed(text: str) -> Crs | None:
    try:
        return CRS84 if text in _SAME_AS_CRS84 else parse_crs(text)
    except ValueError:
        return None


def _named(body: Mapping[str, object]) -> list[tuple[str, int]]:
    """What the body itself says of its CRS, in JSON-FG's way and in that of GeoJSON of 2008, by the numbers of EPSG; 0: none that is known."""
    inner = body.get("crs")
    properties = inner.get("properties") if isinstance(inner, dict) else None
    texts = {"coordRefSys": body.get("coordRefSys"), "crs": properties.get("name", "") if isinstance(properties, dict) else inner}
    found = {name: _parsed(text) if isinstance(text, str) else None for name, text in texts.items() if text is not None}
    return [(name, crs.srid if crs else 0) for name, crs in found.items()]
