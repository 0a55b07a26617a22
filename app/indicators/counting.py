"""Figures that are counted from the map: one statement for the kelurahan of a page, of the very conditions by which a collection lists its items,
and the addresses that list exactly what was counted.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from sqlalchemy import ARRAY, Select, Text, and_, any_, func, literal, select

from app.collections import kinds, selection
from app.collections.query import ItemsQuery
from app.collections.sources import Source
from app.cql2.reading import parse
from app.db import ReadSession, deadline_of_composed
from app.errors import BadRequest, Fault, NotFound
from app.geo import CRS84
from app.indicators.schemas import CountedFigure, MapCount
from app.published.catalogue import Half, Known
from app.regions.codes import Directory
from app.statement import Statement

_LANGUAGE = "cql2-text"


class CountedNumbers(NamedTuple):
    """Of a kelurahan: how many are meant, and of how many."""

    number: int
    whole: int


def filters_of(count: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The filter of what is counted, and that of what a share is taken of."""
    chosen, whole = count["filter"], count["of"]
    if not count["share"]:
        return chosen, None
    return f"({whole}) AND ({chosen})" if chosen and whole else chosen or whole, whole


def address_of(here: str, category: str, kelurahan: str, text: str | None) -> str:
    """Where exactly these records are listed."""
    return f"{here}/collections/{category}/items?{urlencode({'kelurahan': kelurahan, **({'filter': text} if text else {})})}"


def statement_of(source: Source, half: Half, count: Mapping[str, Any], codes: Sequence[str]) -> Select[Any]:
    """The numbers of each of these kelurahan that has any."""
    chosen, whole = filters_of(count)
    kelurahan = source.table.c.kelurahan
    meant = _conditions(source, half, count["category"], chosen)
    among = _conditions(source, half, count["category"], whole) if count["share"] else meant
    number = func.count().filter(and_(*meant)) if count["share"] else func.count()
    listed = kelurahan == any_(literal(list(codes), ARRAY(Text())))
    return select(kelurahan, number.label("number"), func.count().label("whole")).where(*among, listed).group_by(kelurahan)


async def counted(
    session: ReadSession, known: Known, half: Half, count: Mapping[str, Any], codes: Sequence[str]
) -> dict[str, CountedNumbers]:
    """By kelurahan, those with nothing among them. `NotFound` where readers of this half may not know of the category, or of a field that it is
    counted by.
    """
    source = kinds.one(known, half, count["category"]).source
    try:
        built, values = Statement.built(statement_of(source, half, count, codes))
    except BadRequest:
        raise NotFound("indicator-not-countable") from None
    async with deadline_of_composed():
        rows = await session.all(built, **values)
    found = {row["kelurahan"]: CountedNumbers(row["number"], row["whole"]) for row in rows}
    return {code: found.get(code, CountedNumbers(0, 0)) for code in codes}


def figures_of(here: str, directory: Directory, count: Mapping[str, Any], found: Mapping[str, CountedNumbers]) -> list[CountedFigure]:
    """With the addresses of their records; a share is exact to six decimals."""
    chosen, whole = filters_of(count)
    figures = []
    for code, (number, among) in found.items():
        value = (round(100 * number / among, 6) if among else None) if count["share"] else float(number)
        figures.append(
            CountedFigure(
                kelurahan=code, kelurahan_name=directory.kelurahan[code].name, value=value, status="not-applicable" if value is None else "value",
                number=number, href=address_of(here, count["category"], code, chosen), of=among if count["share"] else None,
                of_href=address_of(here, count["category"], code, whole) if count["share"] else None,
            )
        )  # fmt: skip
    return figures


def count_faults(count: MapCount, audience: str, known: Known) -> Iterator[Fault]:
    """What cannot be counted so by everybody who may read the indicator."""
    halves: tuple[Half, ...] = ("published",) if audience == "public" else ("internal",)
    for half in halves:
        cards = [card.id for card in known.visible(half)]
        if count.category not in cards:
            yield Fault("/count/category", "field-not-there", {"known": ", ".join(cards)})
            return
        source = kinds.one(known, half, count.category).source
        for member in ("filter", "of"):
            if text := getattr(count, member):
                try:
                    _conditions(source, half, count.category, text)
                except BadRequest as error:
                    yield from (Fault(f"/count/{member}", fault.code, fault.facts) for fault in error.faults)


def fields_of(count: Mapping[str, Any]) -> list[str]:
    """The properties of points that it is counted by, in their order."""
    found: dict[str, None] = {}
    for text in (count["filter"], count["of"]):
        for name in _properties(parse(text, _LANGUAGE)) if text else ():
            found[name] = None
    return list(found)


def _conditions(source: Source, half: Half, category: str, text: str | None) -> list[Any]:
    trees = ((parse(text, _LANGUAGE), CRS84),) if text else ()
    return selection.conditions(source, ItemsQuery(half, category, trees=trees))


def _properties(tree: object) -> Iterator[str]:
    if isinstance(tree, dict):
        if isinstance(name := tree.get("property"), str):
            yield name
        for one in tree.values():
            yield from _properties(one)
    elif isinstance(tree, list):
        for one in tree:
            yield from _properties(one)
