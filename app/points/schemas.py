"""A point as GeoJSON: what clients send, what they get back. Names and meanings: DESIGN §5, `docs/glossary.md`."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

import orjson
from pydantic import UUID7, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from app.categories.rules import Category
from app.categories.spellings import choice_of
from app.errors import Fault, Invalid
from app.plaintext import plain_values
from app.points.personal import PERSONAL
from app.points.rules import Nearby, Placement, clock, neighbourhood_number
from app.wire import Accuracy, Answer, Instant, NullIsAbsent, Wire, faults_of

JSON_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS
Status = Literal["active", "inactive", "moved", "closed"]
# Blanks alone are no address and no reason.
LongText = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
ShortText = Annotated[str, Field(min_length=1, max_length=200)]


_ACCURACY: TypeAdapter[float | None] = TypeAdapter(Accuracy)


class PointGeometry(Wire):
    """RFC 7946 §3.1.2. A third number, the height, is allowed and not kept; a fourth is the accuracy in metres, as forms on phones send it.
    Members that GeoJSON does not know are ignored (§6.1).
    """

    model_config = ConfigDict(extra="ignore")

    type: Literal["Point"]
    coordinates: Annotated[list[float], Field(min_length=2, max_length=4)]
    properties: Any = None
    """Of ODK's OData: the accuracy stands here, beside the coordinates."""

    @property
    def accuracy_m(self) -> float | None:
        """What the geometry says of its own accuracy; nothing where that is none."""
        beside = self.properties.get("accuracy") if isinstance(self.properties, dict) else None
        try:
            return _ACCURACY.validate_python(self.coordinates[3] if len(self.coordinates) > 3 else beside, strict=True)
        except ValidationError:
            return None


class PointProperties(NullIsAbsent):
    """The common properties; every other name is an attribute of the category."""

    model_config = ConfigDict(strict=True, extra="allow", allow_inf_nan=False, frozen=True)

    category: ShortText | None = None
    name: ShortText | None = None
    kelurahan: Annotated[str | None, Field(min_length=1, max_length=100)] = None
    """Its code; a name or another code that means one kelurahan is taken as its code."""
    address: LongText | None = None
    rw: Annotated[str | None, Field(max_length=20)] = None
    rt: Annotated[str | None, Field(max_length=20)] = None
    accuracy_m: Accuracy = None
    method: Literal["gps", "map", "import", "geocoded"] = "gps"
    captured_at: Instant | None = None
    override_reason: LongText | None = None
    confirm_not_duplicate: bool = False
    """That the writer has seen the near-duplicates; never stored, never shown."""
    confirm_name: bool = False
    """In a category that makes its own names: that another name shall be public, and is nobody's; never stored, never shown."""
    status: Status | None = None
    predecessors: Annotated[list[Annotated[UUID, Field(strict=False)]] | None, Field(min_length=1, max_length=50)] = None
    """The published points that this one takes over from."""
    succession: Literal["move", "merge", "split"] | None = None
    """How; where it is not said, one predecessor means a move and several a merge."""
    # What the server decides may be sent back as it was read, and in no other way.
    kelurahan_name: Any = None
    kecamatan: Any = None
    verified_at: Any = None
    state: Any = None
    revision: Any = None
    version: Any = None
    placement: Any = None


_COMMON = frozenset(PointProperties.model_fields)
SERVER_DECIDES = ("kelurahan_name", "kecamatan", "verified_at", "state", "revision", "version", "placement")


class PointFeature(Wire):
    """The body of a POST or PUT: a GeoJSON Feature (RFC 7946 §3.2). Members that GeoJSON does not know are ignored (§6.1)."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["Feature"]
    id: Annotated[UUID7 | None, Field(strict=False)] = None
    geometry: PointGeometry
    properties: PointProperties


class Proposal(NamedTuple):
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
    status: Literal["active", "inactive"]
    predecessors: tuple[UUID, ...]
    succession: str | None
    confirm_not_duplicate: bool
    confirm_name: bool
    content_sha256: bytes


def read_proposal(body: Mapping[str, Any], category: Category, now: datetime, stored: Mapping[str, Any] | None = None) -> Proposal:
    """`Invalid` with all faults at once, of form and of the category's rules alike. `stored` is the Feature that this is to change.

    In a category that makes its own names the proposal has that name, unless another one was confirmed. `now`: against which a time of
    capture is held.
    """
    content = content_hash(category.id, body)
    if isinstance(body.get("properties"), dict):
        body = {**body, "properties": plain_values(body["properties"])}
    faults: list[Fault] = []
    body = _understood(body, category)
    try:
        feature = PointFeature.model_validate(body)
    except ValidationError as error:
        faults += faults_of(error)
        feature = None
    raw = body.get("properties")
    numbers: dict[str, str | None] = {}
    if isinstance(raw, dict):
        numbers, of_rules = _by_the_rules(raw, category)
        known = {fault.where for fault in faults}
        faults += [fault for fault in of_rules if fault.where not in known]
    name = None
    if feature is not None:
        before = (stored or {}).get("properties", {})
        faults += _foreign(feature, category, before)
        name, of_name = _name(feature.properties, category, numbers, before)
        faults += [*of_name, *_clock(feature.properties, before, now)]
    if faults or feature is None:
        raise Invalid(faults=faults)
    sent = feature.properties
    lon, lat = feature.geometry.coordinates[:2]
    predecessors = tuple(dict.fromkeys(sent.predecessors or ()))
    return Proposal(
        id=feature.id,
        category=category.id,
        kelurahan=sent.kelurahan,
        lon=lon,
        lat=lat,
        accuracy_m=feature.geometry.accuracy_m if sent.accuracy_m is None else sent.accuracy_m,
        method=sent.method,
        captured_at=sent.captured_at,
        name=name,
        address=sent.address,
        attributes={name: value for name, value in (sent.model_extra or {}).items() if value is not None},
        override_reason=sent.override_reason,
        status="inactive" if sent.status == "inactive" else "active",
        predecessors=predecessors,
        succession=(sent.succession or ("merge" if len(predecessors) > 1 else "move")) if predecessors else None,
        confirm_not_duplicate=sent.confirm_not_duplicate,
        confirm_name=sent.confirm_name,
        content_sha256=content,
        **numbers,
    )


_CHOICES = {"status": ("active", "inactive"), "method": ("gps", "map", "import", "geocoded")}


def _understood(body: Mapping[str, Any], category: Category) -> Mapping[str, Any]:
    """The Feature with the values that its texts mean, where a property has only some: `Balita` is `balita`."""
    raw = body.get("properties")
    if not isinstance(raw, dict):
        return body
    choices = {**category.choices, **_CHOICES}
    meant = {name: choice_of(value, choices[name]) for name, value in raw.items() if name in choices and isinstance(value, str)}
    changed = {name: value for name, value in meant.items() if value is not None and value != raw[name]}
    return {**body, "properties": {**raw, **changed}} if changed else body


def content_hash(*content: object) -> bytes:
    """What a client sent, whatever the order of its members: the same again is a retry."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()


def _by_the_rules(raw: Mapping[str, Any], category: Category) -> tuple[dict[str, str | None], list[Fault]]:
    """What the category says of the properties as they were sent; RT and RW in the one way in which they are kept."""
    faults = list(category.faults({name: value for name, value in raw.items() if name not in _COMMON and value is not None}))
    faults += [Fault(f"/properties/{field}", "value-missing") for field in category.required if _is_empty(raw.get(field))]
    kept: dict[str, str | None] = {}
    for name in ("rw", "rt"):
        text = raw.get(name)
        kept[name] = neighbourhood_number(text) if isinstance(text, str) else None
        if isinstance(text, str) and kept[name] is None:
            faults.append(Fault(f"/properties/{name}", "not-a-neighbourhood-number"))
    return kept, faults


def _name(
    sent: PointProperties, category: Category, numbers: Mapping[str, str | None], stored: Mapping[str, Any]
) -> tuple[str | None, list[Fault]]:
    """The name that the point is to have. Where the category makes it, another one is refused until it is confirmed: what stands in the
    column `Nama` of a list of RT is their chairs, who must not become public unasked.
    """
    name = (sent.name or "").strip() or None
    if category.name_template is None or None in numbers.values():
        return name, []
    made = category.made_name(numbers)
    if name is None or made is None or category.says_made_name(name, made):
        return made, []
    if name == stored.get("name"):
        if {"rt", "rw"} <= stored.keys() and category.named_by_template(stored):
            return made, []  # the numbers change, and the name with them
        if PERSONAL in (stored.get("placement") or {}).get("flags", ()):
            return name, []  # confirmed before, and its reviewer sees it again
    return (name, []) if sent.confirm_name else (None, [Fault("/properties/name", "name-is-made", {"made": made})])


def _clock(sent: PointProperties, stored: Mapping[str, Any], now: datetime) -> Iterator[Fault]:
    """Of a time that is new: what was taken before is not refused when something else is changed."""
    if sent.captured_at is None or clock(sent.captured_at, now) != "wrong":
        return
    known = stored.get("captured_at")
    if known is None or datetime.fromisoformat(known) != sent.captured_at.replace(microsecond=0):
        yield Fault("/properties/captured_at", "captured-ahead")


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _foreign(feature: PointFeature, category: Category, stored: Mapping[str, Any]) -> Iterator[Fault]:
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


def without_decided(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The Feature without what only the server says of it."""
    properties = body.get("properties")
    if not isinstance(properties, dict):
        return body
    return {**body, "properties": {name: value for name, value in properties.items() if name not in SERVER_DECIDES}}


def as_sent(feature: Mapping[str, Any]) -> dict[str, Any]:
    """A Feature as its JSON says it: what a client that read it would send back."""
    sent: dict[str, Any] = orjson.loads(orjson.dumps(feature, option=JSON_OPTIONS))
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


class Neighbour(Answer):
    code: str
    name: str
    distance_m: float


def neighbour_json(nearby: Nearby) -> Neighbour:
    return {"code": nearby.code, "name": nearby.name, "distance_m": round(nearby.distance_m, 1)}


def _rounded(bearing: float | None) -> float | None:
    return None if bearing is None else round(bearing, 1) % 360


def work_feature(row: Mapping[str, Any]) -> dict[str, Any]:
    """The newest revision of a point, for those who may see it: a GeoJSON Feature from a row of `points.queries`."""
    properties = {
        name: row[name]
        for name in (
            "category", "name", "kelurahan", "kelurahan_name", "kecamatan", "status", "address", "rw", "rt",
            "accuracy_m", "method", "captured_at", "verified_at", "override_reason", "succession",
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
            **({"predecessors": [str(one) for one in row["predecessors"]]} if row["predecessors"] else {}),
            "state": row["state"],
            "revision": str(row["revision"]),
            "version": row["version"],
            "placement": dict(sorted(row["placement"].items())),
        },
    }
