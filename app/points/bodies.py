"""The body of a point as clients send it: its common properties are made of the table of `common_fields`."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import UUID7, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, create_model

from app.common_fields import CONTENT, CommonField, Kind
from app.wire import Accuracy, Instant, NullIsAbsent, Wire

Status = Literal["active", "inactive", "moved", "closed"]
ShortText = Annotated[str, Field(min_length=1, max_length=200)]


_ACCURACY: TypeAdapter[float | None] = TypeAdapter(Accuracy)


class PointGeometry(Wire):
    """RFC 7946 §3.1.2. A third number, the height, is allowed and not kept; a fourth is the accuracy in metres, as forms on phones send it.
    Members that GeoJSON does not know are ignored (§6.1).
    """

    model_config = ConfigDict(extra="ignore")

    type: Literal["Point"]
    coordinates: Annotated[list[float], Field(min_length=2, max_length=4)]
    properties: object = None
    """Of ODK's OData: the accuracy stands here, beside the coordinates."""

    @property
    def accuracy_m(self) -> float | None:
        """What the geometry says of its own accuracy; nothing where that is none."""
        beside = self.properties.get("accuracy") if isinstance(self.properties, dict) else None
        try:
            return _ACCURACY.validate_python(self.coordinates[3] if len(self.coordinates) > 3 else beside, strict=True)
        except ValidationError:
            return None


_TYPES: dict[Kind, Any] = {
    "text": str, "integer": int, "number": float, "boolean": bool, "instant": datetime, "date": date, "list": list[str],
}  # fmt: skip


def value_type(field: CommonField) -> Any:
    """Of a common field as rows have it."""
    return Literal[field.choices] if field.choices else _TYPES[field.kind]


def _wire_type(field: CommonField) -> Any:
    """What is asked of a common field that has no rule of its own."""
    # Blanks alone are no address and no reason.
    text = Annotated[str, StringConstraints(min_length=1, max_length=field.longest, strip_whitespace=True)]
    asked = {
        "text": text,
        "integer": Annotated[int, Field(ge=-(2**31), lt=2**31)],
        "instant": Instant,
        "date": Annotated[date, Field(strict=False)],
        "list": Annotated[list[text], Field(max_length=100)],
    }
    return value_type(field) if field.choices else asked.get(field.kind, _TYPES[field.kind])


_MEMBERS: dict[str, Any] = {field.name: (_wire_type(field) | None, None) for field in CONTENT}
_Fields = create_model("_Fields", __base__=NullIsAbsent, **_MEMBERS)


class PointProperties(_Fields):
    """The common properties (`common_fields`), here those that have rules of their own; every other name is an attribute of the category."""

    model_config = ConfigDict(strict=True, extra="allow", allow_inf_nan=False, frozen=True)

    category: ShortText | None = None
    name: ShortText | None = None
    kelurahan: Annotated[str | None, Field(min_length=1, max_length=100)] = None
    """Its code; a name or another code that means one kelurahan is taken as its code."""
    rw: Annotated[str | None, Field(max_length=20)] = None
    rt: Annotated[str | None, Field(max_length=20)] = None
    accuracy_m: Accuracy = None
    method: Literal["gps", "map", "import", "geocoded"] = "gps"
    captured_at: Instant | None = None
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
    kelurahan_name: object = None
    kecamatan: object = None
    verified_at: object = None
    state: object = None
    revision: object = None
    version: object = None
    placement: object = None


COMMON = frozenset(PointProperties.model_fields)
"""The names that no attribute of a category can have."""
SERVER_DECIDES = ("kelurahan_name", "kecamatan", "verified_at", "state", "revision", "version", "placement")


class PointFeature(Wire):
    """The body of a POST or PUT: a GeoJSON Feature (RFC 7946 §3.2). Members that GeoJSON does not know are ignored (§6.1)."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["Feature"]
    id: Annotated[UUID7 | None, Field(strict=False)] = None
    geometry: PointGeometry
    properties: PointProperties
