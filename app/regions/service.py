"""Regions and the settings of cities change here; nothing is ever deleted."""

from app.audit.record import Action, record
from app.db import WriteSession
from app.errors import OperatorError
from app.language import Text
from app.regions import queries
from app.regions.cities import City, zone_of_province
from app.regions.codes import CITY_LEVELS, city_of, parse_code
from app.regions.notes import RegionNote, listed
from app.regions.rules import RegionChanges, RegionReading, bps_twice, compare

CITY_UNKNOWN = Text(
    "Tidak ada kota atau kabupaten dengan kode ini. Yang ada: {known}. Muat dulu: titik regions load BERKAS --city KODE",
    "There is no kota or kabupaten of this code. There is: {known}. Load it first: titik regions load FILE --city CODE",
)
CRS_UNKNOWN = Text(
    "CRS {crs} tidak dikenal. Tulis nomor EPSG, misalnya 32749 (UTM 49S) atau 23836 (TM-3 49.2).",
    "CRS {crs} is not known. Write its number in EPSG, e.g. 32749 (UTM 49S) or 23836 (TM-3 49.2).",
)


async def load(session: WriteSession, reading: RegionReading) -> tuple[RegionChanges | None, tuple[RegionNote, ...]]:
    """Adds and changes what was read, and says what came of it. None, with nothing stored, where one of the notes is an error."""
    if reading.errors:
        return None, reading.notes
    there = {region.code: region for region in await queries.all_regions(session)}
    changes = compare(reading.entries, there)
    after = there | {region.code: region for region in changes.regions}
    if twice := tuple(bps_twice((region.bps_code, region.code) for region in after.values() if region.bps_code)):
        return None, (*reading.notes, *twice)
    await queries.put(session, (*changes.added, *changes.changed))
    for code in sorted({city_of(entry.code) for entry in reading.entries}):
        province = reading.provinces.get(code[:2])
        await session.run(queries.PUT_CITY, code=code, province=province, time_zone=zone_of_province(code))
        detail: dict[str, object] = {
            "added": sum(city_of(region.code) == code for region in changes.added),
            "changed": sum(city_of(region.code) == code for region in changes.changed),
        }
        await record(session, Action.REGION_LOAD, code, detail=detail)
    await session.run(queries.ANALYZE)
    return changes, (*reading.notes, *await _notes_on(session, changes))


async def _notes_on(session: WriteSession, changes: RegionChanges) -> list[RegionNote]:
    cities = [region.name for region in changes.regions if region.level in CITY_LEVELS]
    notes = [
        RegionNote.of(
            "loaded",
            cities=listed(cities),
            kelurahan=sum(region.level == "kelurahan" for region in changes.regions),
            added=len(changes.added),
            named=len(changes.named),
            changed=len(changes.changed) - len(changes.named),
            same=changes.same,
        )
    ]
    if unnamed := [region.code for region in changes.regions if not region.is_named]:
        notes.append(RegionNote.of("unnamed", count=len(unnamed), codes=listed(unnamed)))
    if without := sum(region.bps_code is None for region in changes.regions):
        notes.append(RegionNote.of("without-bps", count=without))
    if renamed := changes.renamed:
        names = listed(f"{old.name} → {new.name} ({new.code})" for old, new in renamed)
        notes.append(RegionNote.of("renamed", count=len(renamed), names=names))
    if missing := changes.missing:
        with_points = await session.value(queries.WITH_POINTS, codes=[region.code for region in missing])
        names = listed(f"{region.name} ({region.code})" for region in missing)
        notes.append(RegionNote.of("missing", count=len(missing), names=names, with_points=with_points))
    return notes


async def set_city(session: WriteSession, city: City) -> None:
    """Stores what is set for a city. `OperatorError` where it is not loaded, or a CRS is none that PostGIS knows."""
    if unknown := await session.all(queries.UNKNOWN_CRS, srids=list(city.srids or ())):
        raise OperatorError("city-crs", CRS_UNKNOWN, crs=", ".join(str(row["wanted"]) for row in unknown))
    settings = {name: getattr(city, name) for name in ("code", "province", "attribution", "licence", "contact", "time_zone")}
    srids = None if city.srids is None else list(city.srids)
    await session.run(queries.SET_CITY, **settings, languages=list(city.languages), srids=srids)
    await record(session, Action.CITY_CHANGE, city.code)


async def city(session: WriteSession, code: str) -> City:
    """`OperatorError` where it is not loaded, with those that are."""
    known = (await queries.read_cities(session)).all
    if (found := known.get(parse_code(code) or "")) is None:
        raise OperatorError("city-unknown", CITY_UNKNOWN, known=listed(f"{one.code} {one.name}" for one in known.values()) or "-")
    return found
