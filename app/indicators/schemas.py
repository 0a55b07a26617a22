"""Indicators as administrators send them and as everybody reads them: the metadata of MS-Ind (BPS), and what Titik does with it."""

from datetime import datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from app.definitions.schemas import Both
from app.figures.periods import PeriodKind
from app.wire import Answer, Link, OneLine, Page, Wire

IndicatorSubject = Literal["geography", "government", "population", "social", "health", "economy", "environment", "security", "map"]
IndicatorKind = Literal["entered", "computed", "counted"]
Level = Literal["kelurahan", "kecamatan", "city"]
CheckKind = Literal["parts", "at_most", "classes", "change", "city", "map"]
SUBJECTS: tuple[IndicatorSubject, ...] = get_args(IndicatorSubject)
KINDS: tuple[IndicatorKind, ...] = get_args(IndicatorKind)
PERIODS: tuple[PeriodKind, ...] = get_args(PeriodKind)
LEVELS: tuple[Level, ...] = get_args(Level)
CHECKS: tuple[CheckKind, ...] = get_args(CheckKind)
MAX_CHECKS, MAX_CLASSES, MAX_FILTER = 10, 60, 500

_Short = Annotated[str, Field(min_length=1, max_length=150), OneLine]
_Long = Annotated[str, Field(min_length=1, max_length=2_000), OneLine]
_IndicatorId = Annotated[str, Field(max_length=41)]
_Filter = Annotated[str | None, Field(min_length=1, max_length=MAX_FILTER)]


class IndicatorTitle(Wire):
    """A few words in both languages."""

    id: _Short
    en: _Short


class IndicatorText(Wire):
    """Sentences in both languages."""

    id: _Long
    en: _Long


class IndicatorClass(Wire):
    """One of the groups that a value is given for, such as a religion."""

    id: _IndicatorId
    title: IndicatorTitle


class Classification(Wire):
    """By what a value is divided (klasifikasi penyajian). Without `classes` those that occur, such as the numbers of RW."""

    title: IndicatorTitle
    classes: Annotated[list[IndicatorClass], Field(max_length=MAX_CLASSES)] = []  # noqa: RUF012 - pydantic copies it


class MapCount(Wire):
    """What is counted on the map: published points of a category that a filter (CQL2 text) keeps. As a `share`: how many per cent these are of
    those that `of` keeps (none: of all points of the category).
    """

    category: Annotated[str, Field(max_length=41)]
    filter: _Filter = None
    share: bool = False
    of: _Filter = None


class IndicatorCheck(Wire):
    """What its values are held against. `parts`: it is the sum of these; `at_most`: it is not above this one; `classes`: its classes add up to this
    one; `change`: it differs from the period before by no more than `percent`; `city`: its kelurahan add up to the city's figure; `map`: it is what the
    map counts. Where `percent` is given, it may be off by as much.
    """

    kind: CheckKind
    indicators: Annotated[list[_IndicatorId], Field(max_length=20)] = []  # noqa: RUF012
    percent: Annotated[float | None, Field(ge=0, le=1_000)] = None
    severity: Literal["fault", "warning"] = "warning"
    """A fault is refused; a warning asks for a word of explanation."""


class IndicatorDefinition(Wire):
    """An indicator (docs/indicators.md). A change makes another version; values name the version by which they were given."""

    id: _IndicatorId
    subject: IndicatorSubject
    name: IndicatorTitle
    concept: IndicatorTitle
    definition: IndicatorText
    interpretation: IndicatorText
    formula: IndicatorText
    """How it comes about, in words (metode atau rumus)."""
    measure: IndicatorTitle
    """Ukuran: a number, a share, an average."""
    unit: IndicatorTitle
    """Satuan."""
    classification: Classification | None = None
    source: IndicatorText
    levels: Annotated[list[Level], Field(min_length=1, max_length=3)] = ["kelurahan"]  # noqa: RUF012
    """Level estimasi."""
    audience: Literal["public", "internal"] = "public"
    """Dapat diakses umum, or not: then nobody without a token learns that it is there."""
    kind: IndicatorKind = "entered"
    periods: Annotated[list[PeriodKind], Field(min_length=1, max_length=4)] = ["year"]  # noqa: RUF012
    decimals: Annotated[int, Field(ge=0, le=6)] = 0
    minimum: Annotated[float | None, Field(ge=-1e12, le=1e12)] = 0.0
    maximum: Annotated[float | None, Field(ge=-1e12, le=1e12)] = None
    threshold: Annotated[int | None, Field(ge=2, le=100)] = None
    """Of what counts persons: public figures below it are not shown."""
    expression: Annotated[str | None, Field(min_length=1, max_length=500)] = None
    count: MapCount | None = None
    checks: Annotated[list[IndicatorCheck], Field(max_length=MAX_CHECKS)] = []  # noqa: RUF012
    version: Annotated[int | None, Field(ge=1)] = None
    """Decided by the server, as what follows; may be sent back as it was read."""
    at: object = None
    composite: object = None
    built_from: object = None
    versions: object = None
    links: object = None


DECIDED = ("version", "at", "composite", "built_from", "versions", "links")


class IndicatorVersion(Answer):
    version: int
    at: datetime
    """Since when."""
    links: list[Link]


class _IndicatorMetadata(Answer):
    id: str
    subject: IndicatorSubject
    name: Both
    concept: Both
    definition: Both
    interpretation: Both
    formula: Both
    measure: Both
    unit: Both
    classification: dict[str, Any] | None
    source: Both
    levels: list[Level]
    audience: Literal["public", "internal"]
    kind: IndicatorKind
    periods: list[PeriodKind]
    decimals: int
    minimum: float | None
    maximum: float | None
    threshold: int | None
    expression: str | None
    count: dict[str, Any] | None
    checks: list[dict[str, Any]]
    version: int
    at: datetime
    composite: bool
    """Whether it is made of other indicators (MS-Ind)."""
    built_from: list[str]
    """These indicators, or the properties of points that it is counted by (indikator atau variabel pembangun)."""


class IndicatorAnswer(_IndicatorMetadata):
    """An indicator as it is now, with the versions before."""

    versions: list[IndicatorVersion]
    links: list[Link]


class PastIndicator(_IndicatorMetadata):
    """An indicator as one of its versions has it, for good."""

    links: list[Link]


class IndicatorShort(Answer):
    id: str
    subject: IndicatorSubject
    name: Both
    unit: Both
    kind: IndicatorKind
    audience: Literal["public", "internal"]
    version: int
    links: list[Link]


class IndicatorList(Page):
    indicators: list[IndicatorShort]


class CountedFigure(Answer):
    """A figure of a kelurahan, and the records that it counts: `href` lists exactly those for the same reader."""

    kelurahan: str
    kelurahan_name: str
    value: float | None
    status: Literal["value", "not-applicable"]
    """A share of nothing does not apply."""
    number: int
    href: str
    of: int | None
    """What a share is taken of."""
    of_href: str | None


class CountedFigures(Page):
    """Counted now, by the version of the definition that is told."""

    indicator: str
    version: int
    unit: Both
    figures: list[CountedFigure]
