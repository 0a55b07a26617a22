"""SQL of indicators: what each version of each of them says; and those that are shipped."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, TypedDict

import orjson

from app.db import WriteSession
from app.figures.definitions import IndicatorRow
from app.indicators.schemas import DECIDED, LEVELS, PERIODS, IndicatorDefinition
from app.statement import Statement
from app.wire import parse


class VersionRow(TypedDict):
    version: int
    at: datetime
    audience: str


ONE = Statement[IndicatorRow]("""
    SELECT i.id, i.version, i.at, i.definition FROM titik.indicator i WHERE i.id = :indicator ORDER BY i.version DESC LIMIT 1
""")
PAST = Statement[IndicatorRow]("""
    SELECT i.id, i.version, i.at, i.definition FROM titik.indicator i WHERE i.id = :indicator AND i.version = CAST(:version AS int)
""")
VERSIONS = Statement[VersionRow]("""
    SELECT i.version, i.at, i.definition ->> 'audience' AS audience
      FROM titik.indicator i WHERE i.id = :indicator ORDER BY i.version DESC LIMIT CAST(:most AS int)
""")
# One writer after the other: what an indicator is computed of is looked at together with all others.
HOLD = Statement("SELECT pg_advisory_xact_lock(hashtextextended('titik.indicator', 0))")
ADD = Statement[datetime]("""
    INSERT INTO titik.indicator (id, version, definition) VALUES (:indicator, CAST(:version AS int), CAST(:definition AS jsonb)) RETURNING at
""")
SHIP = Statement("""
    INSERT INTO titik.indicator (id, version, definition)
    SELECT :indicator, 1, CAST(:definition AS jsonb) WHERE NOT EXISTS (SELECT FROM titik.indicator i WHERE i.id = :indicator)
""")


def stored(definition: IndicatorDefinition) -> dict[str, Any]:
    """As it is kept: all members but those that the server decides, levels and periods in their order."""
    kept = definition.model_dump(mode="json", exclude=set(DECIDED))
    return kept | {"levels": sorted(kept["levels"], key=LEVELS.index), "periods": sorted(kept["periods"], key=PERIODS.index)}


@cache
def shipped() -> tuple[dict[str, Any], ...]:
    """The definitions that Titik comes with: a file for each subject beside this module, in the order of its members."""
    directory = files("app.indicators") / "shipped"
    subjects = [orjson.loads(file.read_bytes()) for file in sorted(directory.iterdir(), key=lambda file: file.name)]
    return tuple(stored(parse(IndicatorDefinition, one)) for subject in subjects for one in subject["indicators"])


async def ship(session: WriteSession) -> None:
    """Adds the shipped indicators that are missing; what an administrator has changed stays as it is."""
    rows: list[Mapping[str, object]] = [{"indicator": one["id"], "definition": one} for one in shipped()]
    await session.run_many(SHIP, rows)
