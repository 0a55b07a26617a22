"""SQL of regions."""

from collections.abc import Sequence

from app.db import Row, Session, Statement, WriteSession
from app.regions.codes import Region

ALL = Statement("""
    SELECT r.code, r.level, r.name, r.parent_code, r.bps_code, r.official_area_km2, r.label_lon, r.label_lat,
           ARRAY(SELECT alias FROM titik.region_alias a WHERE a.region_code = r.code ORDER BY 1) AS aliases
      FROM titik.region r ORDER BY r.code
""")

SHIP = Statement("""
    INSERT INTO titik.region (code, level, name, parent_code, bps_code, official_area_km2, label_lon, label_lat)
    VALUES (:code, :level, :name, :parent_code, :bps_code, :official_area_km2, :label_lon, :label_lat)
    ON CONFLICT (code) DO NOTHING
""")

SHIP_ALIAS = Statement("INSERT INTO titik.region_alias (region_code, alias) VALUES (:region_code, :alias) ON CONFLICT DO NOTHING")


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


async def ship(session: WriteSession, regions: Sequence[Region]) -> None:
    """Adds the regions that are missing, parents first; what is there stays as it is."""
    await session.run_many(
        SHIP,
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
    await session.run_many(SHIP_ALIAS, [{"region_code": region.code, "alias": alias} for region in regions for alias in region.aliases])
