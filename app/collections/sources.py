"""Where the items of a collection are read: its table, and the names of what can be asked of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, func

from app.collections.queryables import of_items
from app.cql2.filters import Queryable
from app.models.published import InternalItemRecord, PublishedItemRecord
from app.published.catalogue import CategoryCard, Half

_TABLES = {"published": PublishedItemRecord.__table__, "internal": InternalItemRecord.__table__}
WORDS_OF_POINTS: Mapping[str, Mapping[str, Any]] = {"category": {"x-ogc-role": "type", "readOnly": True}}
"""What the schema of points says beside their queryables."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the items of a collection are: its table, the column of their ids, those of the order of its pages, what narrows the table down to
    it, what `q` searches, from when to when they are (`datetime`: instants, or the days of a period), what else can be asked, and their Features as
    texts. `properties` is the column that has the values as they are shown; None: each is that of its queryable. `has_index_of_words`: what `q`
    searches is found by an index.
    """

    half: Half
    table: Any
    key: Any
    order: tuple[Any, ...]
    within: ColumnElement[bool] | None
    words: ColumnElement[str]
    times: tuple[ColumnElement[Any], ColumnElement[Any]] | None
    queryables: Mapping[str, Queryable]
    feature: ColumnElement[str]
    properties: Any = None
    has_index_of_words: bool = False
    geometry: Literal["Point", "MultiPolygon"] = "Point"


def source_of_points(half: Half, card: CategoryCard | None) -> Source:
    """That of a category, by its card; else of all of them with the properties that they share."""
    table: Any = _TABLES[half]
    feature: ColumnElement[str] = table.c.feature
    if card is None:
        feature = func.left(table.c.feature, table.c.common_length).concat(table.c.common_tail)
        within, queryables = None, of_items({}, frozenset(), table)
    else:
        within, queryables = table.c.category == card.id, of_items(card.attribute_schema, card.hidden[half], table)
    return Source(
        half, table, table.c.id, (table.c.place, table.c.id), within, table.c.words, (table.c.captured_at, table.c.captured_at), queryables,
        feature,
        table.c.properties, has_index_of_words=True,
    )  # fmt: skip
