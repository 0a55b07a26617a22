"""The published figures of kelurahan, each one a feature with the area of its kelurahan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Self

from geoalchemy2 import Geometry
from sqlalchemy import Date, DateTime, Integer, Numeric, column, text
from sqlalchemy import Text as TextType
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import JSONB

from app.collections.kinds.kind import Described
from app.collections.sources import Source
from app.cql2.filters import Queryable, QueryableKind
from app.disclosure.notes import WITHHELD
from app.errors import NotFound
from app.exports.formats import FORMATS, SDMX_CSV, Format
from app.figures.rules import MEANINGS, STATUSES
from app.language import Text
from app.published.catalogue import VALUES, CollectionState, Half, IndicatorCard, Known
from app.tiles.tilesets import Tileset

_TITLE = Text("Angka profil kelurahan", "Figures of kelurahan profiles")
_DESCRIPTION = Text(
    "Tiap angka yang terbit, dengan batas kelurahannya: indikator, kelas, periode, nilai, arti, status, dan sumber. Angka yang tidak ditampilkan, yang "
    "kosong, dan yang tidak berlaku ada juga, tanpa nilai; meaning menyebut yang mana.",
    "Each published figure, with the area of its kelurahan: indicator, class, period, value, meaning, status and source. What is withheld, empty or not "
    "applicable is there too, without a value; meaning tells which.",
)
# Kind and title of each property, in their order.
_PROPERTIES: dict[str, tuple[QueryableKind, Text]] = {
    "indicator": ("text", Text("Indikator", "Indicator")),
    "indicator_name": ("text", Text("Nama indikator", "Name of the indicator")),
    "class": ("text", Text("Kelas", "Class")),
    "kelurahan": ("text", Text("Kode kelurahan", "Code of the kelurahan")),
    "kelurahan_name": ("text", Text("Kelurahan", "Kelurahan")),
    "kecamatan": ("text", Text("Nama kecamatan", "Name of the kecamatan")),
    "period": ("text", Text("Periode", "Period")),
    "begins": ("date", Text("Hari pertama periode", "First day of the period")),
    "ends": ("date", Text("Hari terakhir periode", "Last day of the period")),
    "value": ("number", Text("Nilai", "Value")),
    "unit": ("text", Text("Satuan", "Unit")),
    "meaning": ("text", Text("Arti", "Meaning")),
    "status": ("text", Text("Status", "Status")),
    "source": ("text", Text("Sumber", "Source")),
    "note": ("text", Text("Catatan", "Note")),
    "indicator_version": ("integer", Text("Versi definisi indikator", "Version of the indicator's definition")),
    "version": ("integer", Text("Versi angka", "Version of the figure")),
    "verified_at": ("instant", Text("Diverifikasi", "Verified")),
    "geometry": ("geometry", Text("Batas kelurahan", "Boundary of the kelurahan")),
}
_REGIONS: dict[str, Any] = {
    "kelurahan": ("kelurahan", "code"),
    "kelurahan_name": ("kelurahan", "name"),
    "kecamatan": ("kecamatan", "name"),
}
_CHOICES = {"meaning": (*MEANINGS, WITHHELD), "status": STATUSES}
WORDS_OF_PERIODS: Mapping[str, Mapping[str, Any]] = {
    "geometry": {"format": "geometry-multipolygon"},
    "begins": {"x-ogc-role": "primary-interval-start"},
    "ends": {"x-ogc-role": "primary-interval-end"},
}
"""What the schema of figures says beside their queryables."""
# The definition is that by which the figure was given, the area that of the edition in force; a kelurahan that has none there has an empty one.
_SQL = """
    SELECT v.id, v.category AS indicator, p.indicator_name, p.class, v.kelurahan, p.kelurahan_name, p.kecamatan, v.period, v.begins, v.ends, v.value,
           p.unit, v.meaning, v.status, v.source, v.note, v.indicator_version, v.version, v.verified_at, p.geom,
           lower(p.indicator_name || ' ' || p.kelurahan_name) AS words, to_jsonb(shown) AS properties,
           '{"type":"Feature","id":"' || v.id || '","geometry":' || ST_AsGeoJSON(p.geom, 7) || ',"properties":' || to_json(shown) || '}' AS feature
      FROM {half}.profile_value v
      JOIN titik.indicator i ON i.id = v.category AND i.version = v.indicator_version
      LEFT JOIN published.area a ON a.code = v.kelurahan
     CROSS JOIN LATERAL (SELECT i.definition -> 'name' ->> 'id' AS indicator_name, i.definition -> 'unit' ->> 'id' AS unit,
                                nullif(v.indicator_class, '') AS class, coalesce(a.name, v.kelurahan_name) AS kelurahan_name, a.kecamatan,
                                coalesce(a.geom, ST_GeomFromText('MULTIPOLYGON EMPTY', 4326)) AS geom) p
     CROSS JOIN LATERAL (SELECT v.category AS indicator, p.indicator_name, p.class, v.kelurahan, p.kelurahan_name, p.kecamatan, v.period, v.begins,
                                v.ends, v.value, p.unit, v.meaning, v.status, v.source, v.note, v.indicator_version, v.version,
                                to_char(v.verified_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24\\:MI\\:SS"Z"') AS verified_at) shown
"""
_TYPES: dict[str, Any] = {
    "begins": Date(), "ends": Date(), "value": Numeric(), "indicator_version": Integer(), "version": Integer(),
    "verified_at": DateTime(timezone=True),
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class ProfileValues(Described):
    ids: ClassVar[tuple[str, ...]] = (VALUES,)
    takes_points: ClassVar[bool] = False
    has_fragments: ClassVar[bool] = False
    has_uuids: ClassVar[bool] = True
    has_tiles: ClassVar[bool] = False
    is_of_dataset: ClassVar[bool] = False
    columns: ClassVar[tuple[str, ...]] = ("period", "value", "unit", "meaning", "status", "source")

    @classmethod
    def listed(cls, known: Known, half: Half) -> Sequence[Self]:
        return [cls.of(half, known.indicators_of(half))]

    @classmethod
    def find(cls, known: Known, half: Half, name: str) -> Self:  # noqa: ARG003 - there is one
        return cls.of(half, known.indicators_of(half))

    @classmethod
    @lru_cache(maxsize=16)
    def of(cls, half: Half, indicators: tuple[IndicatorCard, ...]) -> Self:
        return cls(half, VALUES, _TITLE, _DESCRIPTION, _source(half, indicators), {}, WORDS_OF_PERIODS)

    @property
    def type_name(self) -> str:
        return "ProfileValuesOfKelurahan"

    @property
    def formats(self) -> Mapping[str, Format]:
        return {**FORMATS, SDMX_CSV.name: SDMX_CSV}

    def name_of(self, properties: Mapping[str, Any]) -> str | None:
        parts = (properties.get(name) for name in ("indicator_name", "class", "kelurahan_name", "period"))
        return " ".join(str(part) for part in parts if part) or None

    def standing(self, known: Known) -> CollectionState:
        return known.of_profiles(self.half, VALUES)

    def tileset(self, known: Known) -> Tileset:  # noqa: ARG002 - each kelurahan would lie there a hundred times
        raise NotFound


def _source(half: Half, indicators: Sequence[IndicatorCard]) -> Source:
    columns = [column(name, _TYPES.get(name, TextType())) for name, (kind, _) in _PROPERTIES.items() if kind != "geometry"]
    whole = text(_SQL.replace("{half}", half)).columns(
        column("id", UuidType()), *columns, column("geom", Geometry("MULTIPOLYGON", srid=4326)), column("words", TextType()),
        column("properties", JSONB()), column("feature", TextType()),
    )  # fmt: skip
    table: Any = whole.subquery("value")
    choices = {**_CHOICES, "indicator": tuple(card.id for card in indicators)}
    queryables = {
        name: Queryable(
            name, kind, table.c["geom" if kind == "geometry" else name], title, choices.get(name, ()), _REGIONS.get(name), is_period=name == "period"
        )
        for name, (kind, title) in _PROPERTIES.items()
    }  # fmt: skip
    return Source(
        half, table, table.c.id, (table.c.id,), None, table.c.words, (table.c.begins, table.c.ends), queryables, table.c.feature, table.c.properties,
        geometry="MultiPolygon",
    )  # fmt: skip
