"""SQL of regions."""

from collections.abc import Sequence

from app.db import Row, Session, WriteSession
from app.errors import BadRequest, Fault, Invalid
from app.regions.cities import Cities, City
from app.regions.codes import Directory, Region
from app.statement import Statement

ALL = Statement("""
    SELECT r.code, r.level, r.name, r.parent_code, r.bps_code, r.official_area_km2, r.label_lon, r.label_lat,
           ARRAY(SELECT alias FROM titik.region_alias a WHERE a.region_code = r.code ORDER BY 1) AS aliases
      FROM titik.region r ORDER BY r.code
""")

INNER_PLACES = Statement(
    "SELECT code, ST_X(label) AS lon, ST_Y(label) AS lat FROM published.area WHERE code = ANY (CAST(:codes AS text[]))"
)

# Another one after each change: whatever changes regions says so at their city.
STATE = Statement("SELECT coalesce(string_agg(code || ' ' || changes, ',' ORDER BY code), '') FROM titik.city")

CITIES = Statement("""
    SELECT c.code, r.name, c.province, c.attribution, c.licence, c.contact, c.time_zone, c.languages, c.srids, c.extent
      FROM titik.city c JOIN titik.region r ON r.code = c.code ORDER BY c.code
""")

# No two regions have one BPS code at any moment, so that two may swap theirs.
FREE_BPS_CODES = Statement("UPDATE titik.region SET bps_code = NULL WHERE code = ANY (CAST(:codes AS text[]))")

PUT = Statement("""
    INSERT INTO titik.region (code, level, name, parent_code, bps_code, official_area_km2, label_lon, label_lat)
    VALUES (:code, :level, :name, :parent_code, :bps_code, :official_area_km2, :label_lon, :label_lat)
    ON CONFLICT (code) DO UPDATE SET (name, bps_code, official_area_km2, label_lon, label_lat) =
        (EXCLUDED.name, EXCLUDED.bps_code, EXCLUDED.official_area_km2, EXCLUDED.label_lon, EXCLUDED.label_lat)
""")

PUT_ALIAS = Statement("INSERT INTO titik.region_alias (region_code, alias) VALUES (:region_code, :alias) ON CONFLICT DO NOTHING")

PUT_CITY = Statement("""
    INSERT INTO titik.city (code, province, time_zone) VALUES (:code, :province, :time_zone)
    ON CONFLICT (code) DO UPDATE SET province = coalesce(EXCLUDED.province, city.province), changes = city.changes + 1
""")

ANALYZE = Statement("ANALYZE titik.region, titik.region_alias")

WITH_POINTS = Statement("""
    SELECT count(*) FROM unnest(CAST(:codes AS text[])) AS r (code) WHERE EXISTS (SELECT FROM titik.point p WHERE p.kelurahan = r.code)
""")

SET_CITY = Statement("""
    UPDATE titik.city SET (attribution, licence, contact, time_zone, languages, srids, province, changes) =
        (:attribution, :licence, :contact, :time_zone, CAST(:languages AS text[]), CAST(:srids AS int[]), :province, changes + 1)
     WHERE code = :code
""")

UNKNOWN_CRS = Statement("""
    SELECT wanted FROM unnest(CAST(:srids AS int[])) AS wanted
     WHERE NOT EXISTS (SELECT FROM spatial_ref_sys s WHERE s.auth_name = 'EPSG' AND s.srid = wanted)
""")

# By what the city holds, whatever its codes look like.
MEASURE = Statement("""
    WITH measured AS (
        SELECT city.code, ST_Extent(b.geom) AS box
          FROM titik.city city
          JOIN titik.region kecamatan ON kecamatan.parent_code = city.code
          JOIN titik.region kelurahan ON kelurahan.parent_code = kecamatan.code
          JOIN titik.boundary b ON b.region_code = kelurahan.code
          JOIN titik.boundary_edition e ON e.id = b.edition_id AND e.active
         GROUP BY city.code
    )
    UPDATE titik.city c SET extent = CASE WHEN m.box IS NULL THEN NULL ELSE ARRAY[ST_XMin(m.box), ST_YMin(m.box), ST_XMax(m.box), ST_YMax(m.box)] END
      FROM titik.city other LEFT JOIN measured m ON m.code = other.code
     WHERE other.code = c.code
""")


async def all_regions(session: Session) -> tuple[Region, ...]:
    """Every region, kota first within its parts, as the pure modules want them."""
    rows: Sequence[Row] = await session.all(ALL)
    return tuple(
        Region(
            code=row["code"],
            level=row["level"],
            name=row["name"],
            parent_code=row["parent_code"],
            bps_code=row["bps_code"],
            aliases=tuple(row["aliases"]),
            area_km2=row["official_area_km2"],
            label_lon=row["label_lon"],
            label_lat=row["label_lat"],
        )
        for row in rows
    )


async def inner_places(session: Session, regions: Sequence[Region]) -> dict[str, tuple[float, float]]:
    """A longitude and latitude within each of these kelurahan by its code: within the active boundaries, else those officially known."""
    if rows := await session.all(INNER_PLACES, codes=[one.code for one in regions if one.level == "kelurahan"]):
        return {row["code"]: (row["lon"], row["lat"]) for row in rows}
    return {one.code: (one.label_lon, one.label_lat) for one in regions if one.level == "kelurahan" and one.label_lon and one.label_lat}


async def read_cities(session: Session) -> Cities:
    rows: Sequence[Row] = await session.all(CITIES)
    return Cities(
        City(
            **{name: row[name] for name in ("code", "name", "province", "attribution", "licence", "contact", "time_zone")},
            languages=tuple(row["languages"]),
            srids=None if row["srids"] is None else tuple(row["srids"]),
            extent=None if row["extent"] is None else tuple(row["extent"]),
        )
        for row in rows
    )


async def put(session: WriteSession, regions: Sequence[Region]) -> None:
    """Writes these regions, parents first; nothing is ever deleted."""
    await session.run(FREE_BPS_CODES, codes=[region.code for region in regions])
    await session.run_many(
        PUT,
        [
            {
                "code": region.code,
                "level": region.level,
                "name": region.name,
                "parent_code": region.parent_code,
                "bps_code": region.bps_code,
                "official_area_km2": region.area_km2,
                "label_lon": region.label_lon,
                "label_lat": region.label_lat,
            }
            for region in sorted(regions, key=lambda region: len(region.code))
        ],
    )
    await session.run_many(PUT_ALIAS, [{"region_code": region.code, "alias": alias} for region in regions for alias in region.aliases])


# What this worker remembers: the state of the tables, and what was made of it.
_remembered: dict[str, Directory] = {}


async def directory(session: Session) -> Directory:
    """The regions, to look them up by code or name."""
    state: str = await session.value(STATE)
    if (known := _remembered.get(state)) is None:
        known = Directory(await all_regions(session))
        _remembered.clear()
        _remembered[state] = known
    return known


async def codes_of(session: Session, texts: Sequence[str], pointer: str) -> list[str]:
    """The codes of the kelurahan that a list in a body names in whatever spelling, each once. `Invalid`, with those that there are."""
    if not texts:
        return []
    known = await directory(session)
    found = [known.find(text) for text in texts]
    faults: list[Fault] = [
        known.unknown(f"{pointer}/{at}", text) for at, (text, one) in enumerate(zip(texts, found, strict=True)) if one is None
    ]
    if faults:
        raise Invalid(faults=faults)
    return list(dict.fromkeys(one.code for one in found if one is not None))


async def code_of_parameter(session: Session, text: str | None) -> str | None:
    """The code of the kelurahan that the parameter of this name means; None where it was not sent. `BadRequest`, with those that there are."""
    if text is None:
        return None
    known = await directory(session)
    if (found := known.find(text)) is None:
        raise BadRequest(faults=[known.unknown("kelurahan", text)])
    return found.code
