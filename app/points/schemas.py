"""A point as GeoJSON: what clients send, what they get back. Names and meanings: DESIGN §5, `docs/glossary.md`."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import UUID7, BaseModel, ConfigDict, Field, StringConstraints

from app.errors import Fault, Invalid
from app.points.rules import Nearby, Placement, neighbourhood_number
from app.wire import Instant, Wire, parse

# Blanks alone are no address and no reason.
LongText = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
ShortText = Annotated[str, Field(min_length=1, max_length=200)]


class PointGeometry(Wire):
    """RFC 7946 §3.1.2. A third number, the height, is allowed and not kept."""

    type: Literal["Point"]
    coordinates: Annotated[list[float], Field(min_length=2, max_length=3)]


class PointProperties(BaseModel):
    """The common properties; every other name is an attribute of the category."""

    model_config = ConfigDict(strict=True, extra="allow", allow_inf_nan=False, frozen=True)

    category: ShortText | None = None
    name: ShortText | None = None
    kelurahan: Annotated[str | None, Field(pattern=r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$")] = None
    address: LongText | None = None
    rw: Annotated[str | None, Field(max_length=20)] = None
    rt: Annotated[str | None, Field(max_length=20)] = None
    accuracy_m: Annotated[float | None, Field(gt=0, le=10_000)] = None
    method: Literal["gps", "map", "import", "geocoded"] = "gps"
    captured_at: Instant | None = None
    override_reason: LongText | None = None
    confirm_not_duplicate: bool = False
    """That the writer has seen the near-duplicates; never stored, never shown."""
    # What the server decides has no value yet when a point is new.
    kelurahan_name: None = None
    kecamatan: None = None
    status: Literal["active"] = "active"
    verified_at: None = None
    state: None = None
    revision: None = None
    version: None = None
    placement: None = None


class PointFeature(Wire):
    """The body of a POST: a GeoJSON Feature (RFC 7946 §3.2)."""

    type: Literal["Feature"]
    id: Annotated[UUID7 | None, Field(strict=False)] = None
    geometry: PointGeometry
    properties: PointProperties
    bbox: Annotated[list[float] | None, Field(max_length=6)] = None
    links: Annotated[list[dict[str, Any]] | None, Field(max_length=20)] = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A point as somebody wants it to be: parsed once, passed on as it is. `lon`, `lat` are what was sent, never repaired."""

    id: UUID | None
    category: str
    kelurahan: str | None
    lon: float
    lat: float
    accuracy_m: float | None
    method: str
    captured_at: datetime | None
    name: str | None
    address: str | None
    rw: str | None
    rt: str | None
    attributes: dict[str, Any]
    override_reason: str | None
    confirm_not_duplicate: bool
    content_sha256: bytes


def read_proposal(body: Mapping[str, Any], category: str) -> Proposal:
    """`Invalid` with all faults of form at once. What the attributes mean is for the category's rules."""
    feature = parse(PointFeature, body)
    sent = feature.properties
    faults = []
    if sent.category not in (None, category):
        faults.append(Fault("/properties/category", "category-differs", {"expected": category}))
    numbers: dict[str, str | None] = {}
    for name in ("rw", "rt"):
        text = getattr(sent, name)
        numbers[name] = neighbourhood_number(text) if text is not None else None
        if text is not None and numbers[name] is None:
            faults.append(Fault(f"/properties/{name}", "not-a-neighbourhood-number"))
    if faults:
        raise Invalid(faults=faults)
    lon, lat = feature.geometry.coordinates[:2]
    return Proposal(
        id=feature.id,
        category=category,
        kelurahan=sent.kelurahan,
        lon=lon,
        lat=lat,
        accuracy_m=sent.accuracy_m,
        method=sent.method,
        captured_at=sent.captured_at,
        name=sent.name.strip() or None if sent.name else None,
        address=sent.address,
        attributes=dict(sent.model_extra or {}),
        override_reason=sent.override_reason,
        confirm_not_duplicate=sent.confirm_not_duplicate,
        content_sha256=hashlib.sha256(orjson.dumps([category, body], option=orjson.OPT_SORT_KEYS)).digest(),
        rw=numbers["rw"],
        rt=numbers["rt"],
    )


def placement_json(placement: Placement) -> dict[str, Any]:
    """The verdict as clients see it (DESIGN §5)."""
    where = placement.kelurahan
    return {
        "verdict": placement.verdict,
        "kelurahan": where.code if where else None,
        "kelurahan_name": where.name if where else None,
        "distance_m": round(placement.declared.distance_m, 1),
        "bearing": _rounded(placement.declared.bearing),
        "neighbours": [neighbour_json(nearby) for nearby in placement.neighbours],
        "edition": placement.edition.name,
        "flags": list(placement.flags),
    }


def neighbour_json(nearby: Nearby) -> dict[str, Any]:
    return {"code": nearby.code, "name": nearby.name, "distance_m": round(nearby.distance_m, 1)}


def _rounded(bearing: float | None) -> float | None:
    return None if bearing is None else round(bearing, 1) % 360


def work_feature(row: Mapping[str, Any]) -> dict[str, Any]:
    """The newest revision of a point, for those who may see it: a GeoJSON Feature from a row of `points.queries`."""
    properties = {
        name: row[name]
        for name in (
            "category", "name", "kelurahan", "kelurahan_name", "kecamatan", "status", "address", "rw", "rt",
            "accuracy_m", "method", "captured_at", "verified_at", "override_reason",
        )
        if row[name] is not None
    }  # fmt: skip
    return {
        "type": "Feature",
        "id": str(row["point_id"]),
        "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
        "properties": {
            **properties,
            # Sorted, because jsonb keeps no order: a retry is answered with the very same bytes.
            **dict(sorted(row["attributes"].items())),
            "state": row["state"],
            "revision": str(row["revision"]),
            "version": row["version"],
            "placement": dict(sorted(row["placement"].items())),
        },
    }
