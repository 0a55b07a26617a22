"""The profiles of kelurahan: for each kelurahan and period a feature with its area, and a column for each indicator (docs/adr/0067)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Self

from geoalchemy2 import Geometry
from sqlalchemy import Date, DateTime, Numeric, bindparam, cast, column, text
from sqlalchemy import Text as TextType
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from app.collections.kinds.kind import Described
from app.collections.kinds.values import WORDS_OF_PERIODS
from app.collections.sources import Source
from app.cql2.filters import Queryable, QueryableKind
from app.language import Text
from app.published.catalogue import PROFILES, CollectionState, Half, IndicatorCard, Known
from app.tiles import tilesets
from app.tiles.tilesets import Tileset

_DESCRIPTION = Text(
    "Satu baris per kelurahan dan periode, satu kolom per indikator. Kolom tanpa nilai: lihat withheld (tidak ditampilkan), empty (belum diketahui), dan "
    "not_applicable (tidak berlaku); yang tidak disebut di sana belum terbit. Angka per kelas ada di profile_values.",
    "A row for each kelurahan and period, a column for each indicator. Where a column has no value, withheld, empty (nobody knows it) and not_applicable "
    "name it; what none of them names is not published. Figures by class are in profile_values.",
)
# Kind and title of each property beside the indicators, in their order.
_PROPERTIES: dict[str, tuple[QueryableKind, Text]] = {
    "kelurahan": ("text", Text("Kode kelurahan", "Code of the kelurahan")),
    "kelurahan_name": ("text", Text("Kelurahan", "Kelurahan")),
    "kecamatan": ("text", Text("Nama kecamatan", "Name of the kecamatan")),
    "period": ("text", Text("Periode", "Period")),
    "begins": ("date", Text("Hari pertama periode", "First day of the period")),
    "ends": ("date", Text("Hari terakhir periode", "Last day of the period")),
    "withheld": ("list", Text("Indikator yang tidak ditampilkan", "Indicators whose figure is not shown")),
    "empty": ("list", Text("Indikator yang belum diketahui", "Indicators whose figure nobody knows")),
    "not_applicable": ("list", Text("Indikator yang tidak berlaku", "Indicators that do not apply")),
    "verified_at": ("instant", Text("Terakhir diverifikasi", "Last verified")),
    "geometry": ("geometry", Text("Batas kelurahan", "Boundary of the kelurahan")),
}
_REGIONS: dict[str, Any] = {
    "kelurahan": ("kelurahan", "code"),
    "kelurahan_name": ("kelurahan", "name"),
    "kecamatan": ("kecamatan", "name"),
}
# `lacking` has every indicator as null: each profile has every column.
_SQL = """
    SELECT w.id, w.kelurahan, p.kelurahan_name, p.kecamatan, w.period, w.begins, w.ends, p.withheld, p.empty, p.not_applicable, w.verified_at, w.figures,
           p.geom, lower(p.kelurahan_name) AS words, to_jsonb(shown) || CAST(:lacking AS jsonb) || w.figures AS properties,
           '{"type":"Feature","id":"' || w.id || '","geometry":' || ST_AsGeoJSON(p.geom, 7) || ',"properties":' || left(to_json(shown)\\:\\:text, -1)
               || coalesce(',' || nullif(btrim((CAST(:lacking AS jsonb) || w.figures)\\:\\:text, '{}'), ''), '') || '}}' AS feature
      FROM {half}.profile w
      JOIN titik.region r ON r.code = w.kelurahan
      LEFT JOIN published.area a ON a.code = w.kelurahan
     CROSS JOIN LATERAL (SELECT coalesce(a.name, r.name) AS kelurahan_name, a.kecamatan,
                                coalesce(a.geom, ST_GeomFromText('MULTIPOLYGON EMPTY', 4326)) AS geom, nullif(w.withheld, '{}') AS withheld,
                                nullif(w.empty, '{}') AS empty, nullif(w.not_applicable, '{}') AS not_applicable) p
     CROSS JOIN LATERAL (SELECT w.kelurahan, p.kelurahan_name, p.kecamatan, w.period, w.begins, w.ends, p.withheld, p.empty, p.not_applicable,
                                to_char(w.verified_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24\\:MI\\:SS"Z"') AS verified_at) shown
"""
_TYPES: dict[str, Any] = {
    "begins": Date(), "ends": Date(), "verified_at": DateTime(timezone=True), "withheld": ARRAY(TextType()), "empty": ARRAY(TextType()),
    "not_applicable": ARRAY(TextType()),
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Profiles(Described):
    ids: ClassVar[tuple[str, ...]] = (PROFILES,)
    takes_points: ClassVar[bool] = False
    has_fragments: ClassVar[bool] = False
    is_of_dataset: ClassVar[bool] = False
    columns: ClassVar[tuple[str, ...]] = ("period", "withheld", "empty", "not_applicable")

    indicators: tuple[IndicatorCard, ...]

    @classmethod
    def listed(cls, known: Known, half: Half) -> Sequence[Self]:
        return [cls.of(half, known.indicators_of(half))]

    @classmethod
    def find(cls, known: Known, half: Half, name: str) -> Self:  # noqa: ARG003 - there is one
        return cls.of(half, known.indicators_of(half))

    @classmethod
    @lru_cache(maxsize=16)
    def of(cls, half: Half, indicators: tuple[IndicatorCard, ...]) -> Self:
        return cls(half, PROFILES, tilesets.PROFILE_TITLE, _DESCRIPTION, _source(half, indicators), {}, _WORDS, indicators)

    @property
    def type_name(self) -> str:
        return "ProfilesOfKelurahan"

    def name_of(self, properties: Mapping[str, Any]) -> str | None:
        return " ".join(str(properties[name]) for name in ("kelurahan_name", "period") if properties.get(name)) or None

    def standing(self, known: Known) -> CollectionState:
        return known.of_profiles(self.half, PROFILES)

    def tileset(self, known: Known) -> Tileset:
        return tilesets.of_profiles(known, self.half, [card.id for card in self.indicators])


_WORDS: Mapping[str, Mapping[str, Any]] = {
    **WORDS_OF_PERIODS,
    "id": {"title": "Id", "type": "string", "readOnly": True, "x-ogc-role": "id"},
}


def _source(half: Half, indicators: Sequence[IndicatorCard]) -> Source:
    lacking = bindparam("lacking", dict.fromkeys(card.id for card in indicators), JSONB())
    columns = [column(name, _TYPES.get(name, TextType())) for name, (kind, _) in _PROPERTIES.items() if kind != "geometry"]
    whole = text(_SQL.replace("{half}", half)).bindparams(lacking).columns(
        column("id", TextType()), *columns, column("figures", JSONB()), column("geom", Geometry("MULTIPOLYGON", srid=4326)),
        column("words", TextType()), column("properties", JSONB()), column("feature", TextType()),
    )  # fmt: skip
    table: Any = whole.subquery("profile")
    queryables = {
        name: Queryable(
            name, kind, table.c["geom" if kind == "geometry" else name], title, (), _REGIONS.get(name), is_period=name == "period"
        )
        for name, (kind, title) in _PROPERTIES.items()
    }
    queryables |= {
        card.id: Queryable(card.id, "number", cast(table.c.figures[card.id].astext, Numeric()), card.title)
        for card in indicators
        if card.id not in queryables
    }
    return Source(
        half, table, table.c.id, (table.c.id,), None, table.c.words, (table.c.begins, table.c.ends), queryables, table.c.feature, table.c.properties,
        geometry="MultiPolygon",
    )  # fmt: skip
