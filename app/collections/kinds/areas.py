"""The areas of one level, kelurahan or kecamatan, of the edition in force or of another. The same in both halves."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Self

from sqlalchemy import FromClause, func, select

from app.collections.kinds.kind import Described
from app.collections.query import APOSTROPHES
from app.collections.sources import Source
from app.cql2.filters import Queryable, QueryableKind
from app.language import Text
from app.models.published import AreaRecord, EditionAreaRecord
from app.placement.edition import NamedEdition
from app.published.catalogue import AREA_LEVELS, CollectionState, Half, Known
from app.tiles import tilesets
from app.tiles.tilesets import AREA_TITLES, Tileset

_DESCRIPTION = Text(
    "Batas dari edisi yang berlaku, dengan kode Kemendagri dan BPS. Edisi lain, juga yang lama: edition=NAMA (daftarnya di /boundaries/editions).",
    "Boundaries of the edition in force, with the codes of Kemendagri and BPS. Other editions, also past ones: edition=NAME (listed at /boundaries/editions).",
)
# Kind, column and title of each property.
_PROPERTIES: dict[str, tuple[QueryableKind, str, Text]] = {
    "code": ("text", "code", Text("Kode Kemendagri", "Kemendagri code")),
    "bps_code": ("text", "bps_code", Text("Kode BPS", "BPS code")),
    "name": ("text", "name", Text("Nama", "Name")),
    "kecamatan": ("text", "kecamatan", Text("Nama kecamatan", "Name of the kecamatan")),
    "area_km2": ("number", "area_km2", Text("Luas (km²)", "Area (km²)")),
    "geometry": ("geometry", "geom", Text("Batas", "Boundary")),
}
_WORDS: dict[str, dict[str, Any]] = {
    "geometry": {"format": "geometry-multipolygon"},
    "id": {"title": "Id", "type": "string", "readOnly": True, "x-ogc-role": "id"},
}


@dataclass(frozen=True, slots=True, eq=False)
class Areas(Described):
    ids: ClassVar[tuple[str, ...]] = AREA_LEVELS
    takes_points: ClassVar[bool] = False
    has_fragments: ClassVar[bool] = False
    has_editions: ClassVar[bool] = True

    @classmethod
    def listed(cls, known: Known, half: Half) -> Sequence[Self]:  # noqa: ARG003 - everybody knows of all of them
        return [cls.of(half, level) for level in cls.ids]

    @classmethod
    def find(cls, known: Known, half: Half, name: str) -> Self:  # noqa: ARG003
        return cls.of(half, name)

    @classmethod
    @lru_cache(maxsize=16)
    def of(cls, half: Half, level: str, edition: NamedEdition | None = None) -> Self:
        source = _source(half, level, edition.id if edition else None)
        return cls(half, level, AREA_TITLES[level], _DESCRIPTION, source, {}, _WORDS, edition=edition)

    @property
    def type_name(self) -> str:
        return f"{self.id.title()}Area"

    @property
    def levels(self) -> tuple[str, ...]:
        return (self.id,)

    def of_edition(self, edition: NamedEdition) -> Self:
        return self.of(self.half, self.id, edition)

    def standing(self, known: Known) -> CollectionState:
        if self.edition:
            # A past edition never changes, so its number is its version.
            is_active = known.edition is not None and known.edition.id == self.edition.id
            return CollectionState(known.areas_version if is_active else self.edition.id, self.edition.kelurahan, None)
        return known.of_areas(self.id)

    def tileset(self, known: Known) -> Tileset:
        return tilesets.of_areas(known, self.id)


def _source(half: Half, level: str, edition_id: int | None) -> Source:
    area: Any = AreaRecord.__table__ if edition_id is None else _areas_of(edition_id)
    words = func.translate(func.lower(area.c.name), APOSTROPHES, "")
    return Source(
        half, area, area.c.code, (area.c.code,), area.c.level == level, words, None, _queryables(area, level), area.c.feature,
        geometry="MultiPolygon",
    )  # fmt: skip


def _areas_of(edition_id: int) -> Any:
    """The areas of one edition, in which each code is there once."""
    areas = EditionAreaRecord.__table__
    return select(areas).where(areas.c.edition_id == edition_id).subquery("area")


def _queryables(area: FromClause, level: str) -> dict[str, Queryable]:
    regions: dict[str, Any] = {
        "code": (level, "code"),
        "bps_code": (level, "bps_code"),
        "name": (level, "name"),
        "kecamatan": ("kecamatan", "name"),
    }
    return {
        name: Queryable(name, kind, area.c[column], title, region=regions.get(name)) for name, (kind, column, title) in _PROPERTIES.items()
    }
