"""A point as GeoJSON: what clients send, what they get back. Names and meanings: DESIGN §5, `docs/glossary.md`."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from pydantic import ValidationError

from app.categories.rules import Category
from app.common_fields import CONTENT, FIELDS
from app.errors import Fault, Invalid
from app.placement.rules import Nearby, Placement
from app.plaintext import plain_values
from app.points.bodies import COMMON, SERVER_DECIDES, PointFeature, PointProperties
from app.points.personal import PERSONAL
from app.points.rules import clock, neighbourhood_number
from app.points.understanding import understood
from app.wire import Answer, faults_of

JSON_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


class Proposal(NamedTuple):
    """A point as somebody wants it to be: parsed once, passed on as it is. `lon`, `lat` are what was sent, never repaired."""

    id: UUID | None
    category: str
    lon: float
    lat: float
    common: Mapping[str, Any]
    """The common fields that somebody writes (`common_fields.CONTENT`), each by its name; None where it is not said."""
    attributes: dict[str, Any]
    predecessors: tuple[UUID, ...]
    succession: str | None
    confirm_not_duplicate: bool
    confirm_name: bool
    content_sha256: bytes

    @property
    def name(self) -> str | None:
        found: str | None = self.common["name"]
        return found

    @property
    def kelurahan(self) -> str | None:
        found: str | None = self.common["kelurahan"]
        return found

    @property
    def accuracy_m(self) -> float | None:
        found: float | None = self.common["accuracy_m"]
        return found

    @property
    def captured_at(self) -> datetime | None:
        found: datetime | None = self.common["captured_at"]
        return found

    @property
    def override_reason(self) -> str | None:
        found: str | None = self.common["override_reason"]
        return found

    def saying(self, **fields: Any) -> "Proposal":
        """The same with other values of some common fields."""
        return self._replace(common={**self.common, **fields})


def read_proposal(body: Mapping[str, Any], category: Category, now: datetime, stored: Mapping[str, Any] | None = None) -> Proposal:
    """`Invalid` with all faults at once, of form and of the category's rules alike. `stored` is the Feature that this is to change.

    In a category that makes its own names the proposal has that name, unless another one was confirmed. `now`: against which a time of
    capture is held.
    """
    content = content_hash(category.id, body)
    if isinstance(body.get("properties"), dict):
        body = {**body, "properties": plain_values(body["properties"])}
    faults: list[Fault] = []
    body = understood(body, category)
    try:
        feature = PointFeature.model_validate(body)
    except ValidationError as error:
        faults += faults_of(error)
        feature = None
    raw: Any = body.get("properties")
    numbers: dict[str, str | None] = {}
    if isinstance(raw, dict):
        numbers, of_rules = _by_the_rules(raw, category)
        known = {fault.where for fault in faults}
        faults += [fault for fault in of_rules if fault.where not in known]
    name = None
    if feature is not None:
        before = (stored or {}).get("properties", {})
        faults += _foreign(feature, category, before)
        name, of_name = _name(feature.properties, category, {**raw, **numbers}, before)
        faults += [*of_name, *_clock(feature.properties, before, now)]
    if faults or feature is None:
        raise Invalid(faults=faults)
    sent = feature.properties
    lon, lat = feature.geometry.coordinates[:2]
    predecessors = tuple(dict.fromkeys(sent.predecessors or ()))
    common = {field.name: getattr(sent, field.name) for field in CONTENT} | numbers
    common |= {
        "name": name,
        "accuracy_m": feature.geometry.accuracy_m if sent.accuracy_m is None else sent.accuracy_m,
        "status": "inactive" if sent.status == "inactive" else "active",
    }
    return Proposal(
        id=feature.id,
        category=category.id,
        lon=lon,
        lat=lat,
        common=common,
        attributes={name: value for name, value in (sent.model_extra or {}).items() if value is not None},
        predecessors=predecessors,
        succession=(sent.succession or ("merge" if len(predecessors) > 1 else "move")) if predecessors else None,
        confirm_not_duplicate=sent.confirm_not_duplicate,
        confirm_name=sent.confirm_name,
        content_sha256=content,
    )


def content_hash(*content: object) -> bytes:
    """What a client sent, whatever the order of its members: the same again is a retry."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()


def _by_the_rules(raw: Mapping[str, object], category: Category) -> tuple[dict[str, str | None], list[Fault]]:
    """What the category says of the properties as they were sent; RT and RW in the one way in which they are kept."""
    faults = list(category.faults({name: value for name, value in raw.items() if name not in COMMON and value is not None}))
    faults += [Fault(f"/properties/{field}", "value-missing") for field in category.required if _is_empty(raw.get(field))]
    stored: dict[str, str | None] = {}
    for name in ("rw", "rt"):
        text = raw.get(name)
        stored[name] = neighbourhood_number(text) if isinstance(text, str) else None
        if isinstance(text, str) and stored[name] is None:
            faults.append(Fault(f"/properties/{name}", "not-a-neighbourhood-number"))
    return stored, faults


def _name(
    sent: PointProperties, category: Category, properties: Mapping[str, Any], stored: Mapping[str, Any]
) -> tuple[str | None, list[Fault]]:
    """The name that the point is to have. Where the category makes it, another one is refused until it is confirmed: what stands in the
    column `Nama` of a list of RT is their chairs, who must not become public unasked.
    """
    name = (sent.name or "").strip() or None
    made_name = category.made_name(properties)
    if made_name is None:
        return name, []
    if name is None or category.says_made_name(name, made_name):
        return made_name, []
    if name == stored.get("name"):
        if category.named_by_template(stored):
            return made_name, []  # what the name is made of changes, and the name with it
        if PERSONAL in (stored.get("placement") or {}).get("flags", ()):
            return name, []  # confirmed before, and its reviewer sees it again
    return (name, []) if sent.confirm_name else (None, [Fault("/properties/name", "name-is-made", {"made": made_name})])


def _clock(sent: PointProperties, stored: Mapping[str, Any], now: datetime) -> Iterator[Fault]:
    """Of a time that is new: what was taken before is not refused when something else is changed."""
    if sent.captured_at is None or clock(sent.captured_at, now) != "wrong":
        return
    known = stored.get("captured_at")
    if known is None or datetime.fromisoformat(known) != sent.captured_at.replace(microsecond=0):
        yield Fault("/properties/captured_at", "captured-ahead")


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _foreign(feature: PointFeature, category: Category, stored: Mapping[str, object]) -> Iterator[Fault]:
    """What is not the client's to say, or contradicts itself."""
    sent = feature.properties
    if sent.category not in (None, category.id):
        yield Fault("/properties/category", "category-differs", {"expected": category.id})
    for name in SERVER_DECIDES:
        value = getattr(sent, name)
        if value is not None and value != stored.get(name):
            yield Fault(f"/properties/{name}", "server-decides")
    if sent.status in ("moved", "closed") and sent.status != stored.get("status"):
        yield Fault("/properties/status", "status-by-move")
    one, number = sent.succession in ("move", "split"), len(set(sent.predecessors or ()))
    if sent.succession and (number != 1 if one else number < 2):
        yield Fault("/properties/succession", "succession-number")
    if feature.id in (sent.predecessors or ()):
        yield Fault("/properties/predecessors", "predecessor-unknown")


def without_decided(body: Mapping[str, object]) -> Mapping[str, object]:
    """The Feature without what only the server says of it."""
    properties = body.get("properties")
    if not isinstance(properties, dict):
        return body
    return {**body, "properties": {name: value for name, value in properties.items() if name not in SERVER_DECIDES}}


def as_sent(feature: Mapping[str, object]) -> dict[str, object]:
    """A Feature as its JSON says it: what a client that read it would send back."""
    sent: dict[str, object] = orjson.loads(orjson.dumps(feature, option=JSON_OPTIONS))
    return sent


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def placement_json(placement: Placement) -> dict[str, object]:
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


class Neighbour(Answer):
    code: str
    name: str
    distance_m: float


def neighbour_json(nearby: Nearby) -> Neighbour:
    return {"code": nearby.code, "name": nearby.name, "distance_m": round(nearby.distance_m, 1)}


def _rounded(bearing: float | None) -> float | None:
    return None if bearing is None else round(bearing, 1) % 360


_SHOWN = (*(field.name for field in FIELDS if field.name != "predecessors"), "succession")


def work_feature(row: Mapping[str, Any]) -> dict[str, Any]:
    """The newest revision of a point, for those who may see it: a GeoJSON Feature from a row of `points.queries`."""
    properties = {name: row[name] for name in _SHOWN if row[name] is not None}
    return {
        "type": "Feature",
        "id": str(row["point_id"]),
        "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
        "properties": {
            **properties,
            # Sorted, because jsonb keeps no order: a retry is answered with the very same bytes.
            **dict(sorted(row["attributes"].items())),
            **({"predecessors": [str(one) for one in row["predecessors"]]} if row["predecessors"] else {}),
            "state": row["state"],
            "revision": str(row["revision"]),
            "version": row["version"],
            "placement": dict(sorted(row["placement"].items())),
        },
    }
