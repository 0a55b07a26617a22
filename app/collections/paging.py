"""A page of a collection, by the fixed statements where those answer what is asked, else by one that is composed for it."""

from typing import NamedTuple
from uuid import UUID

from app.collections import items, selection
from app.collections.kinds.kind import Described
from app.collections.query import ItemsQuery, limit_of
from app.cursors import read_cursor, write_cursor
from app.db import ReadSession

_PLACES = "places"


class FeaturesPage(NamedTuple):
    """Features joined by commas, their number, how many there are in all (None: not counted), the cursor of the next page."""

    features: bytes
    number: int
    matched: int | None
    cursor: str | None


async def read_page(session: ReadSession, collection: Described, query: ItemsQuery, secret: bytes, total: int) -> FeaturesPage:
    """Of a collection of `total` items."""
    if query.is_plain and collection.has_fragments:
        start = _start(secret, query)
        fixed = items.PageQuery(query.half, collection.category, limit_of(query), query.bbox, query.kelurahan, start)
        page = await items.page(session, fixed, total)
        cursor = write_cursor(secret, _PLACES, f"{page.following.place} {page.following.id}") if page.following else None
        return FeaturesPage(page.features, page.number, page.matched, cursor)
    found = await selection.page(session, collection.source, query, secret, total)
    return FeaturesPage(",".join(found.features).encode(), len(found.features), found.matched, found.cursor)


def _start(secret: bytes, query: ItemsQuery) -> items.PageStart:
    if query.cursor is None:
        return items.START
    place, _, item = read_cursor(secret, _PLACES, query.cursor).partition(" ")
    return items.PageStart(int(place), UUID(item))
