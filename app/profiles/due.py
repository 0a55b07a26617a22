"""The figures that a kelurahan gives for a period, as whoever fills them in finds them: what there is by now, and last period's beside it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.db import WriteSession
from app.figures import definitions, queries
from app.figures.periods import Period
from app.figures.queries import BeforeRow, WorkRow
from app.figures.rules import FigureKey
from app.indicators.queries import shipped
from app.indicators.schemas import SUBJECTS
from app.profiles.form import ProfileField, fields_of


class DueProfile(NamedTuple):
    """`rows`: the newest states; `before`: what is published of the period before."""

    fields: Sequence[ProfileField]
    rows: Mapping[FigureKey, WorkRow]
    before: Mapping[FigureKey, BeforeRow]


async def due(session: WriteSession, kelurahan: str, period: Period) -> DueProfile:
    known = [row["definition"] for row in (await definitions.newest(session)).values()]
    rows = await session.all(queries.OF_PROFILE, kelurahan=kelurahan, period=str(period))
    before = await session.all(queries.BEFORE, kelurahan=kelurahan, period=str(period.before))
    return DueProfile(
        fields_of(sorted(known, key=_order), period),
        {FigureKey(row["indicator"], row["indicator_class"]): row for row in rows},
        {FigureKey(row["indicator"], row["indicator_class"]): row for row in before},
    )


def _order(definition: Mapping[str, object]) -> tuple[int, int, str]:
    """By subject, in the order in which indicators are shipped; those of an administrator last."""
    shipped_ids = [one["id"] for one in shipped()]
    place = shipped_ids.index(definition["id"]) if definition["id"] in shipped_ids else len(shipped_ids)
    return SUBJECTS.index(definition["subject"]), place, str(definition["id"])
