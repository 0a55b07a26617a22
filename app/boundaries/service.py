"""Boundary editions change here: loading one, activating one, taking one away."""

import asyncio
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import shapely

from app.audit.record import EDITION, Action, record
from app.boundaries import queries
from app.boundaries.checking import ACCEPTABLE, Boundary, BoundaryReport, EditionFinding
from app.boundaries.comparing import EditionChanges, changed_areas
from app.db import Begin, Session, WriteSession
from app.errors import Conflict, NotFound, OperatorError
from app.language import Text
from app.plaintext import plain
from app.points.judging import Tell, judge_all_again, silently
from app.published import areas, projection
from app.regions import queries as regions

if TYPE_CHECKING:
    from app.boundaries.loading import LoadedEdition

IN_FLIGHT_S, LOOK_EVERY_S = 60.0, 0.2

UNKNOWN = Text(
    "Tidak ada edisi bernama {name}. Daftarnya: titik boundaries list",
    "There is no edition {name}. They are listed by: titik boundaries list",
)
INCOMPLETE = Text(
    "Edisi ini tidak memuat semua kelurahan, jadi tidak dimuat. Lengkapi berkasnya, atau terima dengan --incomplete.",
    "This edition does not have every kelurahan, so it was not loaded. Complete the file, or accept it with --incomplete.",
)
UNSOUND = Text(
    "Edisi ini tidak dimuat karena kesalahan di atas (✗). Perbaiki berkasnya; yang memang benar diterima dengan --accept KODE ({acceptable}).",
    "This edition was not loaded, because of the errors above (✗). Correct the file; what is right after all is accepted by --accept CODE ({acceptable}).",
)


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


async def load(
    session: WriteSession,
    facts: EditionFacts,
    boundaries: tuple[Boundary, ...],
    report: BoundaryReport,
    notes: Sequence[EditionFinding] = (),
    account_id: int | None = None,
    accepted: Sequence[str] = (),
) -> int:
    """Stores an edition beside the others; it judges nothing until it is activated. `notes` are those on the reading of its file, `account_id`
    whose deed it is (None: the operator's), `accepted` the errors that it is loaded in spite of. `OperatorError` when its name is taken.
    """
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
        report=report.as_dict() | {"notes": [note.as_dict() for note in notes]},
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
    await areas.keep(session, edition_id)
    await session.run(queries.ANALYZE)
    detail: dict[str, object] = {"name": facts.name, "complete": report.complete}
    if accepted:
        detail["accepted"] = list(accepted)
    await record(session, Action.EDITION_LOAD, edition_id, account_id=account_id, detail=detail, hashed=EDITION)
    return edition_id


async def load_file(
    session: WriteSession,
    facts: EditionFacts,
    loaded: "LoadedEdition",
    report: BoundaryReport,
    *,
    incomplete: bool,
    accept: Collection[str] = (),
    account_id: int | None = None,
) -> int:
    """The same of what was read from a file, where it is good enough: sound but for what is to be accepted (of `ACCEPTABLE`), and, unless it
    may be `incomplete`, with every kelurahan.
    """
    if not report.complete and not incomplete:
        raise OperatorError("edition-incomplete", INCOMPLETE)
    errors = {finding.code for finding in (*report.findings, *loaded.notes) if finding.severity == "error"} - {"missing"}
    accepted = sorted(errors & set(accept) & set(ACCEPTABLE))
    if errors - set(accepted):
        raise OperatorError("edition-unsound", UNSOUND, acceptable=", ".join(ACCEPTABLE))
    facts = replace(facts, file_sha256=loaded.sha256)
    return await load(session, facts, loaded.boundaries, report, loaded.notes, account_id, accepted)


def _row(edition_id: int, boundary: Boundary, report: BoundaryReport) -> dict[str, object]:
    return {
        "edition_id": edition_id,
        "region_code": boundary.code,
        "geom": shapely.to_wkb(boundary.geometry),
        "area_km2": report.areas_km2[boundary.code],
        "label": shapely.to_wkb(shapely.Point(report.labels[boundary.code])),
    }


async def activate(session: WriteSession, name: str, tell: Tell = silently, account_id: int | None = None) -> EditionChanges:
    """From now on this edition judges; all points are judged again, what changed is noted for the walidata.

    `OperatorError` when there is no such edition, `Conflict` where it lacks a kelurahan that has points. Rounded public places are made anew,
    because they stay within their kelurahan.
    """
    await session.run(queries.HOLD_ACTIVATION)
    edition_id = await find(session, name)
    changed = await changed_areas(session, edition_id)
    await queries.activate(session, edition_id)
    await session.run(regions.MEASURE)
    verdicts = await judge_all_again(session, tell)
    await projection.refresh_rounded(session)
    await areas.fill(session)
    detail: dict[str, object] = {"judged": verdicts.judged, "changed": verdicts.changed}
    await record(session, Action.EDITION_ACTIVATE, edition_id, account_id=account_id, detail=detail)
    return EditionChanges(verdicts, changed)


async def remove(session: WriteSession, edition_id: int, account_id: int | None = None) -> None:
    """Takes an edition away that was never in use, with what was found out of it. `Conflict` where it is or was in use, or a job is at it;
    `NotFound` where it has gone meanwhile.
    """
    await session.run(queries.HOLD_ACTIVATION)
    edition = await session.first(queries.HOLD, edition_id=edition_id)
    if edition is None:
        raise NotFound("edition-unknown")
    if edition["is_used"]:
        raise Conflict("edition-used")
    if await session.value(queries.AT_WORK, edition_id=edition_id):
        raise Conflict("edition-at-work")
    await record(session, Action.EDITION_REMOVE, edition_id, account_id=account_id, detail={"name": edition["name"]}, hashed=EDITION)
    await session.run(queries.REMOVE, edition_id=edition_id)


async def find(session: Session, name: str) -> int:
    """The id of the edition. `OperatorError` when there is none of this name."""
    edition = await session.first(queries.FIND, name=name)
    if edition is None:
        raise OperatorError("edition-unknown", UNKNOWN, name=name)
    found: int = edition["id"]
    return found


async def wait_for_writers(begin: Begin, transaction: str) -> None:
    """Until all who were writing when `transaction` activated an edition are done, but at most `IN_FLIGHT_S`: what they placed by the former
    edition is committed then, and can be judged again.
    """
    until = time.monotonic() + IN_FLIGHT_S
    while time.monotonic() < until:
        async with begin() as session:
            if await session.value(queries.ARE_ALL_AFTER, transaction=transaction):
                return
        await asyncio.sleep(LOOK_EVERY_S)
