"""Definitions of categories as administrators send them and as everybody reads them; what a change would do."""

from datetime import datetime
from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field

from app.wire import Answer, Id, Link, OneLine, Page, Wire

Visibility = Literal["public", "internal", "restricted"]
Short = Annotated[str, Field(min_length=1, max_length=100), OneLine]
Long = Annotated[str, Field(min_length=1, max_length=500), OneLine]


class Title(Wire):
    """In both languages."""

    id: Short
    en: Short


class Description(Wire):
    id: Long
    en: Long


class Template(Wire):
    """How a name is made: text with properties in braces."""

    id: Annotated[str, Field(min_length=1, max_length=200), OneLine]


class Definition(Wire):
    """A category: what its points have, who sees what, how it is drawn (docs/categories.md)."""

    id: Annotated[str, Field(max_length=41)]
    title: Title
    description: Description
    attribute_schema: dict[str, Any]
    """The attributes, in a part of JSON Schema 2020-12."""
    required: Annotated[list[str], Field(max_length=10)] = ["name"]  # noqa: RUF012 - pydantic copies it
    """The common properties that a point must have."""
    name_template: Template | None = None
    natural_key: Annotated[list[str], Field(max_length=5)] = []  # noqa: RUF012
    """The common properties and attributes by which two points are one."""
    cardinality: Literal["one_per_kelurahan", "many"] = "many"
    field_visibility: Annotated[dict[str, Visibility], Field(default_factory=dict, max_length=120)]
    """What is not named is public; photos only where it says so."""
    audience: Literal["public", "internal"] = "public"
    public_decimals: Annotated[int | None, Field(ge=0, le=7)] = None
    """Of public coordinates; null: as exact as they were given."""
    expected_count: Annotated[int | None, Field(ge=0, le=10_000_000)] = None
    icon: Annotated[str | None, Field(min_length=1, max_length=8)] = None
    """One or two letters or signs that maps draw in the circle."""
    colour: Annotated[str | None, Field(max_length=7)] = None
    """`#RRGGBB` of the circle."""
    version: Annotated[int | None, Field(ge=1)] = None
    """Decided by the server; may be sent back as it was read."""
    links: object = None
    steps: object = None


class Both(Answer):
    id: str
    en: str


class Steps(Answer):
    """How far the stored items of a large category have come after its visibility was changed."""

    done: int
    total: int


class CategoryAnswer(Answer):
    """A category as it is now."""

    id: str
    title: Both
    description: Both
    attribute_schema: dict[str, Any]
    required: list[str]
    name_template: dict[str, str] | None
    natural_key: list[str]
    cardinality: Literal["one_per_kelurahan", "many"]
    field_visibility: dict[str, Visibility]
    audience: Literal["public", "internal"]
    public_decimals: int | None
    expected_count: int | None
    icon: str | None
    colour: str | None
    version: int
    steps: NotRequired[Steps]
    links: NotRequired[list[Link]]


class CategoryShort(Answer):
    id: str
    title: Both
    description: Both
    audience: Literal["public", "internal"]
    version: int
    links: list[Link]


class CategoryList(Page):
    categories: list[CategoryShort]


class DefinitionDifference(Answer):
    """One place at which the definitions differ."""

    pointer: str
    effect: Literal["widens", "narrows", "shows", "hides", "changes"]


class MisfitExample(Answer):
    point: Id
    kelurahan: str
    fields: list[str]
    """JSON pointers of what no longer fits; never the values."""


class Misfits(Answer):
    """The points whose published or open state would not fit any more."""

    number: int
    examples: list[MisfitExample]


class ChangeReport(Answer):
    """What a change does, or would do."""

    category: str
    version: int
    """That it has now."""
    possible: bool
    differences: list[DefinitionDifference]
    misfits: Misfits
    rewritten: int
    """Published points whose items are made anew."""
    at_once: bool
    """Whether that happens in the transaction of the change, or in steps after it."""


class PastVersion(Answer):
    version: int
    at: datetime
    account: str | None
    definition: dict[str, Any]


class PastVersions(Page):
    versions: list[PastVersion]
