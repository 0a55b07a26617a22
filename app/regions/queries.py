"""SQL of regions."""

from collections.abc import Sequence

from app.db import Row, Session, WriteSession
from app.errors import BadRequest, Fault, Invalid
from app.regions.codes import Directory, Region
from app.statement import Statement

ALL = Statement("""
    SELECT r.code, r.level, r.name, r.parent_code, r.bps_code, r.official_area_km2, r.label_lon, r.label_lat,
           ARRAY(SELECT alias FROM titik.region_alias a WHERE a.region_code = r.code ORDER BY 1) AS aliases
      FROM titik.region r ORDER BY r.code
""")

INNER_PLACES = Statement("SELECT code, ST_X(label) AS lon, ST_Y(label) AS lat FROM published.area WHERE level = 'kelurahan'")

# Another one after each change: rows are only added, or written anew.
STATE = Statement("""
    SELECT (SELECT (count(*), max(xmin::text::bigint)) FROM titik.region)::text
        || (SELECT (count(*), max(xmin::text::bigint)) FROM titik.region_alias)::text
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


async def inner_places(session: Session, regions: Sequence[Region]) -> dict[str, tuple[float, float]]:
    """A longitude and latitude within each kelurahan by its code: within the active boundaries, else those officially known."""
    if rows := await session.all(INNER_PLACES):
        return {row["code"]: (row["lon"], row["lat"]) for row in rows}
    return {one.code: (one.label_lon, one.label_lat) for one in regions if one.level == "kelurahan" and one.label_lon and one.label_lat}


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
