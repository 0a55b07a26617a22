"""A file judged as the service would, against one square kelurahan and no points at all, without a database."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest
import shapely

from app.access.rights import Actor
from app.categories.rules import Category
from app.db import WriteSession
from app.demo.kediri import regions as shipped_regions
from app.imports import placing
from app.imports.columns import ColumnNote, by_headers, fitted, recognised
from app.imports.judging import Judge
from app.imports.layout import Layout
from app.imports.people import set_apart
from app.imports.placing import Placing
from app.imports.reading import open_table
from app.imports.rows import Draft
from app.placement.edition import ActiveEdition
from app.placement.polygons import Polygons
from app.regions.cities import Cities, City
from app.regions.codes import Directory
from tests.factories import MOJOROTO

ATTRIBUTES = {
    "jenis": {"type": "string", "title": "Jenis", "enum": ["balita", "lansia"]},
    "kader_aktif": {"type": "integer", "title": "Kader aktif"},
}
POSYANDU = Category("posyandu", 1, {"type": "object", "properties": ATTRIBUTES, "additionalProperties": False}, ("name",), None, (), "many")
RT = Category(
    "rt", 1, {"type": "object", "additionalProperties": False}, ("rt", "rw"), "RT {rt} RW {rw}", ("kelurahan", "rw", "rt"), "many"
)
SQUARE = (112.0, -7.81, 112.01, -7.80)


class Judged(NamedTuple):
    """`fields`: of each column that is read, by its heading."""

    fields: dict[str, str]
    notes: Sequence[ColumnNote]
    drafts: Sequence[Draft]
    headings: Sequence[str]

    def codes(self) -> list[list[str]]:
        return [[finding.code for finding in draft.findings] for draft in self.drafts]

    def noted(self) -> dict[str, list[str]]:
        said: dict[str, list[str]] = {}
        for note in self.notes:
            said.setdefault(note.code, []).extend(self.headings[at] for at in note.columns)
        return said


class _NoPoints:
    """In place of the database, which knows no points."""

    async def all(self, *_: object, **__: object) -> list[Any]:
        return []


CITY = Cities([City("35.71", "Kota Kediri", extent=SQUARE)])


async def _nothing_else(_session: WriteSession, asked: Sequence[object]) -> tuple[None, list[tuple[()]]]:
    """What the square does not cover lies outside all."""
    return None, [() for _ in asked]


async def judged(
    path: Path, patch: pytest.MonkeyPatch, category: Category = POSYANDU, named: dict[str, str | None] | None = None
) -> Judged:
    """By the person in charge of Mojoroto."""
    patch.setattr(placing, "locate", _nothing_else)
    square = shapely.box(*SQUARE)
    edition = ActiveEdition(1, "uji", 5.0, approximate=False)
    polygons = Polygons(edition, [{"code": MOJOROTO, "name": "Mojoroto", "kecamatan": "Mojoroto", "geom": shapely.to_wkb(square)}])
    table = open_table(path, path.name)
    rows = [row for batch in table.batches for row in batch]
    named = by_headers(table.columns, table.aliases, named or {})
    columns, notes = fitted(recognised(table.columns, category, named, table.aliases), [row.cells for row in rows], category, named)
    columns, people = set_apart(columns, category, named)
    layout = Layout(columns, people, table.above)
    actor = Actor(1, "uji", "pic", (MOJOROTO,))
    judge = Judge(category, Placing(polygons, Directory(shipped_regions()), actor, layout, CITY), layout)
    drafts = await judge.look(cast("WriteSession", _NoPoints()), rows)
    return Judged({one.header: one.field.name for one in columns if one.field}, notes, drafts, table.columns)
