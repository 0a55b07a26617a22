"""The quests of a kelurahan: what should be there, beside what is, in one list."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple, cast

from app.access.rights import Actor
from app.audit.record import Action
from app.categories import queries as categories
from app.categories.templates import render
from app.db import WriteSession
from app.figures import definitions
from app.figures.rules import KeptDefinitions
from app.points.mine import DUE_AFTER
from app.published.catalogue import CategoryCard
from app.quests import queries, rules
from app.quests.queries import AnsweredRow, OpenReport, StandingPoint
from app.quests.rules import CATEGORY_OF_ROSTER, ROSTER, ExpectedNumber, KnownPoint, LatestFigure, RtNumber
from app.quests.schemas import Quest, QuestCategory, QuestFill, QuestKind, QuestNeighbour, QuestPlace, QuestProposal
from app.regions.codes import Region

MOST = 250
"""Of one kelurahan: a list that a phone loads at once (100 kB)."""
_MOST_REPORTS = 100
_NAME = "RT {rt} RW {rw}"
_ORDER = ("returned", "report", "missing", "draft", "unverified")
"""First what others wait for."""


class Quests(NamedTuple):
    categories: list[QuestCategory]
    quests: list[Quest]
    complete: bool


class _Found(NamedTuple):
    points: Sequence[StandingPoint]
    known: Sequence[KnownPoint]
    roster: Mapping[RtNumber, LatestFigure]
    answered: Sequence[AnsweredRow]
    reports: Sequence[OpenReport]
    expected: Mapping[str, ExpectedNumber]
    name_template: str


async def read(session: WriteSession, actor: Actor, region: Region, cards: Sequence[CategoryCard], today: date) -> Quests:
    """Of a kelurahan that the actor writes for. `Forbidden` for another one."""
    actor.demand(Action.POINT_READ_WORK)
    actor.demand_kelurahan(region.code)
    found = await _find(session, actor, region.code, today)
    listed = [one for card in cards for one in _of_category(found, card, f"/profiles/{region.code}")]
    listed.sort(key=lambda quest: _ORDER.index(quest["kind"]))
    return Quests([_counted(found, card) for card in cards], listed[:MOST], len(listed) <= MOST)


async def _find(session: WriteSession, actor: Actor, code: str, today: date) -> _Found:
    known: KeptDefinitions = {name: row["definition"] for name, row in (await definitions.newest(session)).items()}
    indicators = [ROSTER, *rules.categories_counted(known).values()]
    points = await session.all(queries.POINTS, kelurahan=code, due_after=DUE_AFTER)
    rows = await session.all(queries.LATEST, kelurahan=code, indicators=indicators, today=today)
    figures = [LatestFigure(row["indicator"], row["indicator_class"], row["period"], float(row["value"])) for row in rows]
    return _Found(
        points, [_known(row) for row in points], rules.roster_of(figures),
        await session.all(queries.ANSWERED, kelurahan=code, indicator=ROSTER, today=today),
        await session.all(queries.REPORTS, kelurahan=code, most=_MOST_REPORTS), rules.expected(known, figures),
        (await categories.get(session, CATEGORY_OF_ROSTER, actor.categories)).name_template or _NAME,
    )  # fmt: skip


def _known(row: StandingPoint) -> KnownPoint:
    number = rules.rt_of(row["rw"], row["rt"])
    return KnownPoint(str(row["point"]), row["category"], row["standing"], row["name"], number, row["lon"], row["lat"])


def _counted(found: _Found, card: CategoryCard) -> QuestCategory:
    counts, wanted = rules.counts_of(found.known, card.id), found.expected.get(card.id)
    return QuestCategory(
        category=card.id, expected=wanted.number if wanted else None, indicator=wanted.indicator if wanted else None,
        period=wanted.period if wanted else None, published=counts["published"], waiting=counts["submitted"],
        begun=counts["draft"] + counts["returned"], missing=len(list(_missing(found, card.id))),
    )  # fmt: skip


def _missing(found: _Found, category: str) -> Iterator[RtNumber | None]:
    """Their numbers; None for one that has none. What somebody proposes to be no more is not looked for."""
    wanted = found.expected.get(category)
    if wanted is None:
        return
    if wanted.indicator == ROSTER:
        gone = set(rules.roster_of(LatestFigure(ROSTER, row["indicator_class"], "", 1) for row in found.answered))
        yield from rules.missing_numbers([number for number in found.roster if number not in gone], found.known)
        return
    counts = rules.counts_of(found.known, category)
    yield from [None] * (wanted.number - sum(number for standing, number in counts.items() if standing != "ended"))


def _of_category(found: _Found, card: CategoryCard, profile: str) -> Iterator[Quest]:
    points = [point for point in found.known if point.category == card.id]
    for place, number in enumerate(_missing(found, card.id), 1):
        yield _missing_quest(found, card.id, (place, number), profile)
    for row in found.points:
        if row["category"] == card.id and (kind := _kind_of(row)):
            yield _point_quest(row, kind)
    by_id = {point.id: point for point in points}
    for report in found.reports:
        if report["category"] == card.id:
            yield _report_quest(report, by_id)


def _missing_quest(found: _Found, category: str, numbered: tuple[int, RtNumber | None], profile: str) -> Quest:
    place, number = numbered
    if number is None:
        return _quest(f"missing/{category}/{place}", "missing", category)
    quest = _quest(f"missing/{category}/{'.'.join(number)}", "missing", category)
    named = {"rt": number.rt.zfill(2), "rw": number.rw.zfill(2)}
    quest["name"], quest["fill"] = render(found.name_template, named), QuestFill(rw=named["rw"], rt=named["rt"])
    points = [point for point in found.known if point.category == category]
    quest["neighbours"] = [
        QuestNeighbour(point=one.id, name=one.name, lon=one.lon, lat=one.lat) for one in rules.neighbours(number, points)
    ]
    quest["absent"] = QuestProposal(
        href=f"{profile}/{found.roster[number].period}", indicator=ROSTER, indicator_class=found.roster[number].indicator_class
    )
    return quest


def _kind_of(row: StandingPoint) -> QuestKind | None:
    if row["standing"] in ("returned", "draft"):
        return cast("QuestKind", row["standing"])
    return "unverified" if row["standing"] == "published" and row["is_due"] else None


def _point_quest(row: StandingPoint, kind: QuestKind) -> Quest:
    quest = _quest(f"{kind}/{row['point']}", kind, row["category"])
    quest["name"], quest["point"], quest["since"] = row["name"], str(row["point"]), row["since"]
    quest["place"], quest["reason"] = QuestPlace(lon=row["lon"], lat=row["lat"]), row["decision_reason"] if kind == "returned" else None
    quest["held_by"] = row["held_by"] if kind in ("returned", "draft") else None
    return quest


def _report_quest(report: OpenReport, points: Mapping[str, KnownPoint]) -> Quest:
    """At the place that was told, else at the point that it is about."""
    point = points.get(str(report["point_id"]))
    quest = _quest(f"report/{report['number']}", "report", report["category"])
    quest["name"], quest["report"], quest["reason"], quest["since"] = (
        point.name if point else None,
        report["number"],
        report["text"],
        report["created_at"],
    )
    quest["point"] = point.id if point else None
    if report["lon"] is not None and report["lat"] is not None:
        quest["place"] = QuestPlace(lon=report["lon"], lat=report["lat"])
    elif point:
        quest["place"] = QuestPlace(lon=point.lon, lat=point.lat)
    return quest


def _quest(id_: str, kind: QuestKind, category: str) -> Quest:
    return Quest(
        id=id_, kind=kind, category=category, name=None, place=None, neighbours=[], since=None, point=None, report=None, reason=None, held_by=None,
        fill=None, absent=None,
    )  # fmt: skip
