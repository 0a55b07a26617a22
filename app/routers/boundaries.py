"""Editions of the boundaries: loading one, its check report, what it would change, activating it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import WithJsonSchema

from app.audit.record import Action
from app.boundaries import jobs, lists, offline, queries, service
from app.boundaries.columns import FIELDS
from app.boundaries.jobs import ACCURACY_M, Confirmation, EditionRef, KindOfChanges, LoadOptions
from app.boundaries.offline import OfflineBoundaries
from app.boundaries.schemas import (
    Activating,
    BoundaryJobAnswer,
    CheckReport,
    EditionAnswer,
    EditionList,
    KelurahanChanges,
    PointChanges,
    address_of,
    changes_json,
    edition_json,
    job_json,
    point_json,
    report_json,
)
from app.db import Row
from app.errors import BadRequest, Fault, Unavailable
from app.http.answers import shared
from app.http.conditions import IDEMPOTENCY_KEY, IF_MATCH_PERHAPS, key_of, tags_of
from app.http.credentials import has_credential
from app.http.editing import Editing
from app.http.framing import base_url, frame_of, page_headers
from app.http.intake import sent_as, uploaded
from app.http.negotiation import preferred
from app.http.paging import Paged, Paging
from app.http.parameters import PRIVATE, AsPage, Here, ReadAccess, Speaking, body_of, file_of, uuid_of
from app.http.problems import problems
from app.http.rendering import HTML, JSON, link, outlines_of, own_links
from app.http.rights import needs, open_to_all
from app.http.route import StrictRoute, takes_a_file
from app.http.services import services
from app.http.storing import columns_of, turn_to_store
from app.http.visiting import visitor_of
from app.language import Language
from app.pages import editions as pages
from app.placement.edition import edition_named
from app.points.schemas import JSON_OPTIONS
from app.wire import parse, read_json

router = APIRouter(route_class=StrictRoute, prefix="/boundaries", tags=["boundaries"])

EditionName = Annotated[str, Path(max_length=200, description="Its name", examples=["Perda 1-2026"])]
LAST = (1 << 31) - 1
CSV = "text/csv"
MOST_ROWS = 100_000
KELURAHAN_OF_A_PHONE = 50
FIELDS_INVALID = Fault("columns", "fields-invalid", {"known": ", ".join(FIELDS), "example": '{"code": "KODE_DESA"}'})
_FILE = file_of("*/*", description="The file itself, of whatever type its sender calls it")
_CONFIRMED = {"parameters": [IDEMPOTENCY_KEY, IF_MATCH_PERHAPS]}
_REPEATED = {"parameters": [IDEMPOTENCY_KEY]}
_LISTS: dict[int | str, dict[str, Any]] = {200: {"content": {CSV: {}}}, **problems(400, 401, 403, 404, 409, 503)}
AsTable = Annotated[Literal["json", "csv"] | None, Query(alias="f")]
IsIncomplete = Annotated[Literal["true", "false"] | None, Query(alias="incomplete"), WithJsonSchema({"type": "boolean"})]


async def job_id(job: Annotated[str, Path(max_length=64)]) -> UUID:
    return uuid_of(job, "boundary-job-unknown")


AsDate = Annotated[str | None, Query(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), WithJsonSchema({"type": "string", "format": "date"})]
JobId = Annotated[UUID, Depends(job_id)]


# -- what everybody may read


@router.get("/editions", responses=problems(400, 401, 403, 503))
@open_to_all
async def get_editions(request: Request, session: ReadAccess, response: Response, here: Here, paged: Paging) -> EditionList:
    """The editions of the boundaries, the newest first: where each is from, how exact it is, and which one judges."""
    before = int(paged.after("editions", str(LAST)))
    rows = await session.all(queries.PAGE, before=before, limit=paged.limit + 1)
    page = rows[: paged.limit]
    response.headers.update(_keeping(request))
    links = paged.links("editions", page[-1]["id"] if len(rows) > len(page) else None)
    return {"editions": [edition_json(row, here) for row in page], "numberReturned": len(page), "links": links}


@router.get("/editions/{edition}", responses=problems(400, 401, 403, 404, 503))
@open_to_all
async def get_edition(edition: EditionName, request: Request, session: ReadAccess, response: Response, here: Here) -> EditionAnswer:
    """One edition. Its areas are items of the collections `kelurahan` and `kecamatan`, with `edition=`."""
    row = await session.one(queries.ONE, edition_id=(await jobs.find_edition(session, edition)).id)
    response.headers.update(_keeping(request))
    return edition_json(row, here)


@router.get("/offline", responses={200: {"model": OfflineBoundaries}, 304: {"description": "Not changed"}, **problems(400, 503)})
@open_to_all
async def get_offline_boundaries(
    request: Request, session: ReadAccess, kelurahan: Annotated[str, Query(max_length=1_000, examples=["35.71.01.1011"])]
) -> Response:
    """The polygons of the active edition with every corner, for a phone that judges places without a network: of the whole city where that is at
    most 150 kB compressed, else of these kelurahan (codes or names, by commas, at most 50) and of all within 2 km.
    """
    known = services(request).catalogue.known
    names = [name for name in kelurahan.split(",") if name.strip()]
    if not 0 < len(names) <= KELURAHAN_OF_A_PHONE:
        raise BadRequest(faults=[Fault("kelurahan", "kelurahan-of-a-phone", {"most": str(KELURAHAN_OF_A_PHONE)})])
    codes = sorted({found.code if (found := known.directory.find(name)) else "" for name in names})
    if "" in codes:
        raise BadRequest(faults=[known.directory.unknown("kelurahan", kelurahan)])
    edition = known.edition
    if edition is None:
        raise Unavailable("no-edition")

    async def make() -> bytes:
        return await offline.of_kelurahan(session, edition, codes)

    return await shared(request, ("offline", *codes), str(known.areas_version), make, JSON, {}, kept=False)


@router.get(
    "/editions/{edition}/report", responses={200: {"model": CheckReport, "content": {"text/html": {}}}, **problems(400, 401, 403, 404, 503)}
)
@open_to_all
async def get_edition_report(
    edition: EditionName, request: Request, session: ReadAccess, language: Speaking, here: Here, f: AsPage = None
) -> Response:
    """Gaps, overlaps, missing kelurahan, areas that differ: as JSON, or as a page with a map (`f=html`)."""
    found = await jobs.find_edition(session, edition)
    row = await session.one(queries.ONE, edition_id=found.id)
    wanted = f or preferred(request.headers.get("accept"), [("json", JSON), ("html", HTML)])
    own = address_of(here, row["name"], row["id"])
    links: list[Any] = [*own_links(f"{own}/report", JSON, wanted), link("up", JSON, own)]
    report = report_json(row, await session.value(queries.REPORT, edition_id=found.id), language, links)
    if wanted != "html":
        headers = {**_keeping(request), "Content-Language": language, "Vary": "Accept, Accept-Language"}
        return Response(orjson.dumps(report, option=JSON_OPTIONS), 200, headers, JSON)
    known = services(request).catalogue.known
    outlines = await outlines_of(request, known, await edition_named(session, found.name))
    await visitor_of(request)
    page = await asyncio.to_thread(pages.report, frame_of(request, links), edition_json(row, here), report, outlines)
    return Response(page, 200, page_headers(request) | _keeping(request), HTML)


def _keeping(request: Request) -> dict[str, str]:
    """The same for everybody; but what was read with a token nobody keeps."""
    return PRIVATE if has_credential(request) else {"Cache-Control": "no-cache"}


# -- what is asked for, and done by a job


@router.post("/editions", status_code=202, openapi_extra=_FILE | _REPEATED, responses=problems(400, 401, 403, 409, 413, 422, 503))
@needs(Action.EDITION_LOAD)
@takes_a_file
async def load_edition(
    request: Request,
    response: Response,
    language: Speaking,
    edition: Annotated[str | None, Query(min_length=1, max_length=100, examples=["Perda 1-2026"])] = None,
    name: Annotated[str | None, Query(min_length=1, max_length=200, examples=["batas.gpkg"])] = None,
    accuracy_m: Annotated[float, Query(ge=0.1, le=10_000)] = ACCURACY_M,
    source: Annotated[str | None, Query(min_length=1, max_length=500)] = None,
    legal_basis: Annotated[str | None, Query(min_length=1, max_length=500)] = None,
    valid_from: AsDate = None,
    layer: Annotated[str | None, Query(min_length=1, max_length=100)] = None,
    columns: Annotated[str | None, Query(max_length=2_000)] = None,
    incomplete: IsIncomplete = None,
    accept: Annotated[str | None, Query(max_length=200, examples=["kelurahan-far"])] = None,
) -> BoundaryJobAnswer:
    """Takes a file of boundaries, to be loaded by a job as an edition that judges nothing yet.

    GeoPackage, GeoJSON, zipped shapefile, FlatGeobuf, KML, GML. `name`: of the file, else what a form calls it; `edition`: its name here, else
    that of the file; `accuracy_m`: how exact its lines are; `columns`: JSON from fields (code, bps_code, name, kecamatan) to columns, for those
    that are not recognised; `incomplete`: kelurahan may be missing; `accept`: errors that are right after all (kelurahan-far, label-far,
    repaired-much), with commas.
    """
    called = name or sent_as(request)[0] or "file"
    named = columns_of(columns, FIELDS_INVALID)
    if None in named.values():
        raise BadRequest(faults=[FIELDS_INVALID])
    options = LoadOptions(
        called, edition or called.rpartition(".")[0] or called, accuracy_m, source or called, legal_basis, _date(valid_from), layer,
        {field: column for field, column in named.items() if column is not None}, incomplete == "true",
        tuple(filter(None, accept.split(","))) if accept else (),
    )  # fmt: skip
    async with turn_to_store(request), Editing(request) as editor:
        row = await jobs.begin_load(editor.session, editor.actor, uploaded(request), options, key_of(request))
    return _begun(request, response, row, language)


def _date(text: str | None) -> date | None:
    """Not read by FastAPI, which would take a number as seconds. `BadRequest` where it is none."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise BadRequest(faults=[Fault("valid_from", "not-a-date")]) from None


@router.post("/editions/{edition}/impact", status_code=202, openapi_extra=_REPEATED, responses=problems(400, 401, 403, 404, 409, 503))
@needs(Action.EDITION_COMPARE)
async def compare_edition(edition: EditionName, request: Request, response: Response, language: Speaking) -> BoundaryJobAnswer:
    """Finds out, by a job, what activating the edition now would change. Nothing else is written than what came of it."""
    async with Editing(request) as editor:
        row = await jobs.begin_comparison(editor.session, editor.actor, await jobs.find_edition(editor.session, edition), key_of(request))
    return _begun(request, response, row, language)


@router.post(
    "/editions/{edition}/activate",
    status_code=202,
    openapi_extra=body_of(Activating, required=False) | _CONFIRMED,
    responses=problems(400, 401, 403, 404, 409, 412, 413, 422, 428, 503),
)
@needs(Action.EDITION_ACTIVATE)
async def activate_edition(edition: EditionName, request: Request, response: Response, language: Speaking) -> BoundaryJobAnswer:
    """Makes the edition the one that judges, by a job: all points are judged again. `If-Match` with the ETag of its impact: only while that
    still holds; or `confirm` with its name.
    """
    async with Editing(request) as editor:
        sent = parse(Activating, read_json(await request.body() or b"{}"))
        found = await jobs.find_edition(editor.session, edition)
        confirmation = Confirmation(tags_of(request), sent.confirm)
        row = await jobs.begin_activation(editor.session, editor.actor, found, confirmation, key_of(request))
    return _begun(request, response, row, language)


@router.delete("/editions/{edition}", status_code=204, responses=problems(400, 401, 403, 404, 409, 503))
@needs(Action.EDITION_REMOVE)
async def remove_edition(edition: EditionName, request: Request) -> Response:
    """Takes an edition away that was never in use, with what was found out of it. One that is or was in use stays."""
    async with Editing(request) as editor:
        found = await jobs.find_edition(editor.session, edition)
        await service.remove(editor.session, found.id, editor.actor.id)
    return Response(status_code=204, headers=PRIVATE)


def _begun(request: Request, response: Response, row: Row, language: Language) -> BoundaryJobAnswer:
    response.headers["Location"] = f"{base_url(request)}/boundaries/jobs/{row['id']}"
    return _job(request, response, row, language)


def _job(request: Request, response: Response, row: Row, language: Language) -> BoundaryJobAnswer:
    response.headers.update(PRIVATE)
    return job_json(row, base_url(request), language)


@router.get("/jobs/{job}", responses=problems(400, 401, 403, 404, 503))
@needs(Action.EDITION_COMPARE, Action.EDITION_LOAD, Action.EDITION_ACTIVATE)
async def get_boundary_job(job: JobId, request: Request, response: Response, language: Speaking) -> BoundaryJobAnswer:
    """How it stands with what was asked of an edition; of a file that was not loaded why, with all that was found."""
    async with Editing(request) as editor:
        row = await jobs.find(editor.session, job)
    return _job(request, response, row, language)


# -- what an edition would change, and what it has changed


@router.get("/editions/{edition}/impact", openapi_extra={}, responses={**_LISTS, 200: {"model": PointChanges, "content": {CSV: {}}}})
@needs(Action.EDITION_COMPARE)
async def get_edition_impact(edition: EditionName, request: Request, paged: Paging, f: AsTable = None) -> Response:
    """The points whose verdict activating this edition would change, as of when that was found out, and whether it still holds."""
    return await _points(request, edition, "compare", paged, f)


@router.get(
    "/editions/{edition}/impact/kelurahan", openapi_extra={}, responses={**_LISTS, 200: {"model": KelurahanChanges, "content": {CSV: {}}}}
)
@needs(Action.EDITION_COMPARE)
async def get_edition_impact_kelurahan(edition: EditionName, request: Request, paged: Paging, f: AsTable = None) -> Response:
    """The kelurahan whose area or neighbours it would change."""
    return await _kelurahan(request, edition, "compare", paged, f)


@router.get("/editions/{edition}/activate", openapi_extra={}, responses={**_LISTS, 200: {"model": PointChanges, "content": {CSV: {}}}})
@needs(Action.EDITION_COMPARE)
async def get_edition_activation(edition: EditionName, request: Request, paged: Paging, f: AsTable = None) -> Response:
    """The points whose verdict the last activation of this edition has changed."""
    return await _points(request, edition, "activate", paged, f)


@router.get(
    "/editions/{edition}/activate/kelurahan", openapi_extra={}, responses={**_LISTS, 200: {"model": KelurahanChanges, "content": {CSV: {}}}}
)
@needs(Action.EDITION_COMPARE)
async def get_edition_activation_kelurahan(edition: EditionName, request: Request, paged: Paging, f: AsTable = None) -> Response:
    """The kelurahan whose area or neighbours it has changed."""
    return await _kelurahan(request, edition, "activate", paged, f)


async def _points(request: Request, edition: str, kind: KindOfChanges, paged: Paged, f: str | None) -> Response:
    return await _changes(
        request, edition, kind, paged, f, "points", lists.points_csv, lambda rows: {"points": [point_json(row) for row in rows]}
    )


async def _kelurahan(request: Request, edition: str, kind: KindOfChanges, paged: Paged, f: str | None) -> Response:
    return await _changes(request, edition, kind, paged, f, "areas", lists.areas_csv, lambda rows: {"kelurahan": rows})


async def _changes(
    request: Request,
    edition: str,
    kind: KindOfChanges,
    paged: Paged,
    f: str | None,
    name: str,
    table: Callable[[Sequence[Mapping[str, Any]]], bytes],
    listed: Callable[[Sequence[Mapping[str, Any]]], dict[str, Any]],
) -> Response:
    wanted = f or preferred(request.headers.get("accept"), [("json", JSON), ("csv", CSV)])
    is_whole = wanted == "csv"
    async with Editing(request) as editor:
        found: EditionRef = await jobs.find_edition(editor.session, edition)
        job = await jobs.find_changes(editor.session, found, kind)
        after = 0 if is_whole else int(paged.after(f"{name} {job['id']}", "0"))
        limit = MOST_ROWS if is_whole else paged.limit + 1
        rows = await editor.session.all(queries.LISTED[name], id=job["id"], after=after, limit=limit)
        outdated_by = await jobs.why_outdated(editor.session, job) if kind == "compare" else None
    headers = {**PRIVATE, "Vary": "Accept, Authorization, Cookie"}
    if kind == "compare" and outdated_by is None:
        headers["ETag"] = f'"{jobs.tag_of(job)}"'
    if is_whole:
        body = await asyncio.to_thread(table, [row["value"] for row in rows])
        return Response(body, 200, headers | {"Content-Disposition": f'attachment; filename="{name}.csv"'}, f"{CSV}; charset=utf-8")
    page = rows[: paged.limit]
    links = paged.links(f"{name} {job['id']}", page[-1]["number"] if len(rows) > len(page) else None)
    answer = changes_json(job, outdated_by, len(page), links) | listed([row["value"] for row in page])
    return Response(orjson.dumps(answer, option=JSON_OPTIONS), 200, headers, JSON)
