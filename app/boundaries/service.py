"""Boundary editions change here: loading one, activating one."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely

from app import audit
from app.audit import Action
from app.boundaries import queries
from app.boundaries.checking import Boundary, Report
from app.db import WriteSession
from app.errors import OperatorError
from app.language import Text
from app.plaintext import plain
from app.points.judging import Rejudged, judge_all_again
from app.published import areas, projection


@dataclass(frozen=True, slots=True)
class EditionFacts:
    """What is said of an edition beside its polygons; `accuracy_m` decides how far verdicts trust it."""

    name: str
    source: str
    accuracy_m: float
    approximate: bool = False
    legal_basis: str | None = None
    valid_from: date | None = None
    file_sha256: str | None = None


async def load(session: WriteSession, facts: EditionFacts, boundaries: tuple[Boundary, ...], report: Report) -> int:
    """Stores an edition beside the others; it judges nothing until it is activated. `OperatorError` when its name is taken."""
    edition_id: int | None = await session.value(
        queries.ADD_EDITION,
        name=plain(facts.name),
        source=plain(facts.source),
        legal_basis=facts.legal_basis,
        accuracy_m=facts.accuracy_m,
        approximate=facts.approximate,
        valid_from=facts.valid_from,
        complete=report.complete,
        file_sha256=facts.file_sha256,
        report=report.as_dict(),
    )
    if edition_id is None:
        raise OperatorError(
            "edition-taken",
            Text(
                "Edisi {name} sudah ada. Pilih nama lain dengan --edition.", "There is an edition {name} already. Choose another --edition."
            ),
            name=facts.name,
        )
    await session.run_many(queries.ADD_BOUNDARY, [_row(edition_id, boundary, report) for boundary in boundaries])
    await session.run(queries.ANALYZE)
    await audit.record(session, Action.EDITION_LOAD, edition_id, detail={"name": facts.name, "complete": report.complete}, hashed="edition")
    return edition_id


def _row(edition_id: int, boundary: Boundary, report: Report) -> dict[str, Any]:
    return {
        "edition_id": edition_id,
        "region_code": boundary.code,
        "geom": shapely.to_wkb(boundary.geometry),
        "area_km2": report.areas_km2[boundary.code],
        "label": shapely.to_wkb(shapely.Point(report.labels[boundary.code])),
    }


async def activate(session: WriteSession, name: str) -> Rejudged:
    """From now on this edition judges; all points are judged again, what changed is noted for the walidata.

    `OperatorError` when there is no such edition. Rounded public places are made anew, because they stay within their kelurahan.
    """
    edition = await session.first(queries.FIND, name=name)
    if edition is None:
        raise OperatorError(
            "edition-unknown",
            Text(
                "Tidak ada edisi bernama {name}. Daftarnya: titik boundaries list",
                "There is no edition {name}. They are listed by: titik boundaries list",
            ),
            name=name,
        )
    await queries.activate(session, edition["id"])
    rejudged = await judge_all_again(session)
    await projection.refresh_rounded(session)
    await areas.fill(session)
    detail: dict[str, object] = {"judged": rejudged.judged, "changed": rejudged.changed}
    await audit.record(session, Action.EDITION_ACTIVATE, edition["id"], detail=detail)
    return rejudged
