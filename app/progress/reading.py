"""What is asked of progress, and the rows that answer it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any, cast
from zoneinfo import ZoneInfo

from app.access.rights import Actor
from app.audit.record import Action
from app.db import Session
from app.errors import BadRequest, Fault
from app.figures import definitions as indicators
from app.figures.periods import Period, read_period, year_of
from app.language import Language
from app.profiles.form import fields_of
from app.progress import queries, rules
from app.progress.queries import LEVELS, FiguresRow, MapRow, ProgressLevel
from app.progress.rules import AreaPlace
from app.progress.schemas import AreaProgress, MapProgress
from app.published.catalogue import Half, Known
from app.regions.codes import Directory, city_of


@dataclass(frozen=True, slots=True)
class ProgressReader:
    """Who reads, by which session, which half; `here`: the address of the service."""

    session: Session
    half: Half
    actor: Actor | None
    known: Known
    language: Language
    here: str

    @property
    def sees_work(self) -> bool:
        """Whether any number of drafts, of what waits and was returned is for them."""
        return self.actor is not None and self.actor.may(Action.POINT_READ_WORK)

    def sees_work_of(self, level: ProgressLevel, code: str) -> bool:
        """A PIC sees those of its own kelurahan, and no sum that only they would be in."""
        if self.actor is None or not self.sees_work:
            return False
        return self.actor.role != "pic" or (level == "kelurahan" and code in self.actor.kelurahan)


@dataclass(frozen=True, slots=True)
class ProgressQuery:
    """Of which areas (codes, in their order), of which categories, for which period."""

    level: ProgressLevel
    period: Period
    areas: Sequence[str]
    categories: tuple[str, ...]


def read_query(known: Known, half: Half, sent: Mapping[str, str | None]) -> ProgressQuery:
    """Of `level`, `period`, `kelurahan`, `kecamatan`, `city`, `category`. `BadRequest` with all that is wrong."""
    faults: list[Fault] = []
    level = cast("ProgressLevel", sent.get("level") or "kelurahan")
    if level not in LEVELS:
        raise BadRequest(faults=[Fault("level", "not-one-of", {"expected": ", ".join(LEVELS)})])
    period = _period_of(sent.get("period"), faults)
    cards = [card.id for card in known.visible(half)]
    category = sent.get("category")
    if category is not None and category not in cards:
        faults.append(Fault("category", "not-one-of", {"expected": ", ".join(cards)}))
    areas = _areas_of(known, level, sent, faults)
    if faults or period is None:
        raise BadRequest(faults=faults)
    return ProgressQuery(level, period, areas, (category,) if category is not None else tuple(sorted(cards)))


def this_year() -> Period:
    return year_of(datetime.now(ZoneInfo("Asia/Jakarta")).date())


def _period_of(text: str | None, faults: list[Fault]) -> Period | None:
    if text is None:
        return this_year()
    period = read_period(text)
    if period is None:
        faults.append(Fault("period", "period-invalid"))
    return period


def _areas_of(known: Known, level: ProgressLevel, sent: Mapping[str, str | None], faults: list[Fault]) -> Sequence[str]:
    directory = known.directory
    every = _codes(directory)[level]
    above = LEVELS[: LEVELS.index(level)]
    faults += [Fault(name, "progress-below-level", {"level": level}) for name in above if sent.get(name) is not None]
    within = [name for name in LEVELS if name not in above and sent.get(name) is not None]
    for name in within:
        code = _area_of(directory, name, sent[name] or "", faults)
        every = [one for one in every if code == _ancestor(directory, one, level, name)]
    return every


def _area_of(directory: Directory, level: ProgressLevel, text: str, faults: list[Fault]) -> str | None:
    """The code of an area by its code or name; of a city by its code."""
    if level == "city":
        if text in _codes(directory)["city"]:
            return text
        faults.append(Fault("city", "not-one-of", {"expected": ", ".join(islice(_codes(directory)["city"], 50))}))
        return None
    if (found := directory.find(text, level)) is not None:
        return found.code
    faults.append(directory.unknown(level, text))
    return None


def _ancestor(directory: Directory, code: str, level: ProgressLevel, wanted: ProgressLevel) -> str | None:
    if wanted == level:
        return code
    return city_of(code) if wanted == "city" else directory.kelurahan[code].parent_code


@lru_cache(maxsize=4)
def _codes(directory: Directory) -> Mapping[ProgressLevel, Sequence[str]]:
    """In their order. Of a country they are 83,000: sorted once for each directory that a worker knows."""
    kelurahan = sorted(directory.kelurahan)
    return {
        "kelurahan": kelurahan,
        "kecamatan": sorted({one.parent_code for one in directory.kelurahan.values() if one.parent_code}),
        "city": sorted({city_of(code) for code in kelurahan}),
    }


async def read_map(reader: ProgressReader, query: ProgressQuery, areas: Sequence[str]) -> list[MapProgress]:
    """A row for each of these areas and each category."""
    indicator_of = {row["category"]: row["indicator"] for row in await reader.session.all(queries.EXPECTED_BY)}
    before = query.period.before
    rows = await reader.session.all(
        queries.MAP[reader.half, query.level, reader.sees_work], areas=list(areas), categories=list(query.categories),
        indicators=[indicator_of.get(name) for name in query.categories], begins=query.period.begins, period=str(query.period),
        begins_before=before.begins, period_before=str(before),
    )  # fmt: skip
    now = datetime.now(UTC)
    return [_map_progress(reader, query, row, indicator_of.get(row["category"]), now) for row in rows]


def _map_progress(reader: ProgressReader, query: ProgressQuery, row: MapRow, indicator: str | None, now: datetime) -> MapProgress:
    place = place_of(reader.known, query.level, row["area"])
    is_seen, is_known = reader.sees_work_of(query.level, place.code), row["expected"] is not None
    by_indicator = is_known and not row["is_single"]
    found = {
        **_place_members(place, query.period, row["kelurahan"]),
        "category": row["category"], "category_title": reader.known.categories[row["category"]].title.say(reader.language),
        "expected": row["expected"], "expected_from": "one-each" if row["is_single"] else "indicator" if is_known else None,
        "expected_indicator": indicator if by_indicator else None,
        "expected_period": row["value_period"] if by_indicator and place.level == "kelurahan" else None, "expected_known": row["known"],
        "published": row["published"], "missing": row["missing"] if is_known else None, "share": rules.share_of(row["expected"], row["missing"]),
        "verified_at": row["verified_at"], "age_days": rules.age_of(row["verified_at"], now), **rules.work_of(row, now, is_seen=is_seen),
        "reports": row["reports"] if is_seen else None,
        "records": rules.map_records(reader.here, place, row, str(query.period), is_seen=is_seen),
    }  # fmt: skip
    return cast("MapProgress", found)


async def read_figures(reader: ProgressReader, query: ProgressQuery, areas: Sequence[str]) -> list[AreaProgress]:
    """A row for each of these areas: how many of the figures of its profiles are there."""
    known = await indicators.newest(reader.session)
    seen = [row["definition"] for row in known.values() if reader.half == "internal" or row["definition"]["audience"] == "public"]
    due = [field.key for field in fields_of(seen, query.period)]
    rows = await reader.session.all(
        queries.FIGURES[reader.half, query.level, reader.sees_work], areas=list(areas), period=str(query.period),
        indicators=[key.indicator for key in due], classes=[key.indicator_class for key in due],
    )  # fmt: skip
    now = datetime.now(UTC)
    return [_figures_progress(reader, query, row, len(due), now) for row in rows]


def _figures_progress(reader: ProgressReader, query: ProgressQuery, row: FiguresRow, due: int, now: datetime) -> AreaProgress:
    place = place_of(reader.known, query.level, row["area"])
    is_seen, expected = reader.sees_work_of(query.level, place.code), due * row["kelurahan"]
    missing = expected - row["due"]
    found = {
        **_place_members(place, query.period, row["kelurahan"]),
        "expected": expected, "published": row["published"], "missing": missing, "share": rules.share_of(expected, missing),
        **rules.work_of(row, now, is_seen=is_seen), "records": rules.figures_records(reader.here, place, str(query.period), is_seen=is_seen),
    }  # fmt: skip
    return cast("AreaProgress", found)


def place_of(known: Known, level: ProgressLevel, code: str) -> AreaPlace:
    directory = known.directory
    if level == "city":
        return AreaPlace(level, code, known.cities.all[code].name if code in known.cities.all else code, None)
    if level == "kecamatan":
        return AreaPlace(level, code, directory.kecamatan[code].name if code in directory.kecamatan else code, None)
    region = directory.kelurahan[code]
    above = directory.kecamatan.get(region.parent_code or "")
    return AreaPlace(level, code, region.name, above.name if above else None)


def _place_members(place: AreaPlace, period: Period, kelurahan: int) -> dict[str, Any]:
    return {**place._asdict(), "period": str(period), "kelurahan": kelurahan}
