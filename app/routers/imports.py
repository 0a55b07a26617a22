"""Files of many points: handed in, judged, looked at, committed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from app.audit import Action
from app.errors import BadRequest, Fault, Unavailable
from app.intake import sent_as, uploaded
from app.negotiation import preferred
from app.points.schemas import JSON_OPTIONS
from app.problems import problems
from app.published.files import FileMaker
from app.published.formats import FORMATS
from app.routers.answers import FileAnswer, unless_gone
from app.routers.deps import Editing, Speaking, StrictRoute, base_url, body_of, file_of, needs, takes_a_file, uuid_of
from app.routers.paging import Paging
from app.settings import Settings
from app.transfers import queries, reporting, service
from app.transfers.schemas import Committing, Import, Imports, Level, Report, import_json, row_json
from app.wire import parse, read_json

router = APIRouter(route_class=StrictRoute, prefix="/imports", tags=["imports"])


async def handed_in(import_id: Annotated[str, Path(max_length=64)]) -> UUID:
    return uuid_of(import_id, "import-unknown")


ImportId = Annotated[UUID, Depends(handed_in)]
LAST = UUID(int=(1 << 128) - 1)
_JSON, XLSX = "application/json", FORMATS["xlsx"].media_type
MOST_COLUMNS_NAMED = 200
WAITING_S = 15.0
_FILE = file_of("*/*", description="The file itself, of whatever type its sender calls it")


@router.post("", status_code=202, openapi_extra=_FILE, responses=problems(400, 401, 403, 404, 409, 413, 422, 503))
@needs(Action.IMPORT_BEGIN)
@takes_a_file
async def begin_import(
    request: Request,
    response: Response,
    language: Speaking,
    category: Annotated[str, Query(max_length=64, examples=["posyandu"])],
    name: Annotated[str | None, Query(min_length=1, max_length=200, examples=["posyandu.xlsx"])] = None,
    sheet: Annotated[str | None, Query(min_length=1, max_length=100)] = None,
    columns: Annotated[str | None, Query(max_length=8_000)] = None,
) -> Import:
    """Takes a file of points of one category, to be judged row by row; nothing is stored as a point before it is committed.

    CSV, XLSX, ODS, GeoJSON, GeoJSON sequences, KML, KMZ, GPX, GeoPackage, zipped shapefile or FlatGeobuf. `name`: of the file, else what a form calls it; `sheet`: the sheet
    or layer; `columns`: JSON from headings to fields, for those that are not recognised (null: not to be read).
    """
    named = _columns(columns)
    options = {"sheet": sheet, "columns": named}
    called = name or sent_as(request)[0] or "file"
    quota = service.Quota.of(request.app.state.settings)
    async with _turn_to_store(request), Editing(request) as editor:
        row = await service.begin(editor.session, editor.actor, category, called, uploaded(request), options, quota=quota)
    response.headers["Location"] = f"{base_url(request)}/imports/{row['id']}"
    return _told(response, row, language)


@asynccontextmanager
async def _turn_to_store(request: Request) -> AsyncIterator[None]:
    """One of the few connections that store files. `Unavailable` where too many wait."""
    room: asyncio.Semaphore = request.app.state.storing
    try:
        async with asyncio.timeout(WAITING_S):
            await room.acquire()
    except TimeoutError:
        raise Unavailable("too-busy") from None
    try:
        yield
    finally:
        room.release()


def _columns(text: str | None) -> dict[str, str | None]:
    if text is None:
        return {}
    try:
        named = orjson.loads(text)
    except orjson.JSONDecodeError:
        named = None
    is_right = isinstance(named, dict) and len(named) <= MOST_COLUMNS_NAMED
    # No heading has a NUL, nor could it be kept.
    if not is_right or any("\0" in heading or not isinstance(field, str | None) for heading, field in named.items()):
        raise BadRequest(faults=[Fault("columns", "columns-invalid")])
    return dict(named)


@router.get("", responses=problems(400, 401, 403, 503))
@needs(Action.IMPORT_READ)
async def get_imports(request: Request, response: Response, language: Speaking, paged: Paging) -> Imports:
    """The imports of the account, the newest first; they are kept for 30 days."""
    async with Editing(request) as editor:
        before = UUID(paged.after("imports", str(LAST)))
        rows = await editor.session.all(queries.LIST, account_id=editor.actor.id, before=before, limit=paged.limit + 1)
    shown = rows[: paged.limit]
    response.headers["Cache-Control"] = "private, no-store"
    links = paged.links("imports", shown[-1]["id"] if len(rows) > len(shown) else None)
    return {"imports": [import_json(row, language) for row in shown], "numberReturned": len(shown), "links": links}


@router.get("/{import_id}", responses=problems(400, 401, 403, 404, 503))
@needs(Action.IMPORT_READ)
async def get_import(import_id: ImportId, request: Request, response: Response, language: Speaking) -> Import:
    """How it stands with an import: its state, how far the step has come that runs, what the file is like, how many rows are how good."""
    async with Editing(request) as editor:
        row = await service.find(editor.session, import_id)
    return _told(response, row, language)


@router.delete("/{import_id}", status_code=204, responses=problems(400, 401, 403, 404, 409, 503))
@needs(Action.IMPORT_REMOVE)
async def delete_import(import_id: ImportId, request: Request) -> Response:
    """Throws an import away; what was committed of it stays."""
    async with Editing(request) as editor:
        await service.remove(editor.session, editor.actor, import_id)
    return Response(status_code=204)


@router.post(
    "/{import_id}/commit",
    status_code=202,
    openapi_extra=body_of(Committing, required=False),
    responses=problems(400, 401, 403, 404, 409, 413, 422, 503),
)
@needs(Action.IMPORT_COMMIT)
async def commit_import(import_id: ImportId, request: Request, response: Response, language: Speaking) -> Import:
    """Stores all good rows, the whole file or nothing, or chosen rows; in one transaction, by a job. Each becomes a revision that goes to review."""
    async with Editing(request) as editor:
        asked = parse(Committing, read_json(await request.body() or b"{}"))
        row = await service.confirm(editor.session, editor.actor, import_id, asked)
    return _told(response, row, language)


@router.get(
    "/{import_id}/report",
    openapi_extra={},
    responses={200: {"model": Report, "content": {XLSX: {}}}, **problems(400, 401, 403, 404, 409, 503)},
)
@needs(Action.IMPORT_READ)
async def get_report(
    import_id: ImportId,
    request: Request,
    language: Speaking,
    paged: Paging,
    level: Annotated[Level | None, Query()] = None,
    form: Annotated[Literal["json", "xlsx"] | None, Query(alias="f")] = None,
) -> Response:
    """What was found, row by row: those that are not simply good, or those of a `level`. As JSON in pages, or (`f=xlsx`) the same table with a
    column that says what to do and the faulty cells coloured.
    """
    wanted = form or preferred(request.headers.get("accept", ""), [("json", _JSON), ("xlsx", XLSX)])
    headers = {"Cache-Control": "private, no-store", "Content-Language": language, "Vary": "Accept, Accept-Language, Authorization"}
    if wanted == "xlsx":
        return await _workbook(request, import_id, headers, language)
    async with Editing(request) as editor:
        after = int(paged.after("report", "0"))
        row = await service.find_judged(editor.session, import_id)
        found = await editor.session.all(queries.REPORT, id=import_id, after=after, level=level, limit=paged.limit + 1)
    shown = found[: paged.limit]
    names = [one["header"] for one in row["found"].get("columns", ())]
    answer: Report = {
        "import": str(import_id),
        "state": row["state"],
        "counts": row["found"]["counts"],
        "rows": [row_json(each, names, language) for each in shown],
        "numberReturned": len(shown),
        "links": paged.links("report", shown[-1]["number"] if len(found) > len(shown) else None),
    }
    return Response(orjson.dumps(answer, option=JSON_OPTIONS), 200, headers, _JSON)


async def _workbook(request: Request, import_id: UUID, headers: dict[str, str], language: Any) -> Response:
    settings: Settings = request.app.state.settings
    async with Editing(request) as editor:
        row = await service.find_judged(editor.session, import_id)
    maker: FileMaker = request.app.state.file_maker
    made = await unless_gone(
        request,
        maker.make(reporting.workbook(request.app.state.database, settings, row, language), request.scope["state"].get("address", "")),
    )
    if made is None:
        return Response(None, 499)
    name = reporting.file_name(row["name"])
    return FileAnswer(made, headers | {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}, XLSX)


def _told(response: Response, row: Any, language: Any) -> Import:
    response.headers["Cache-Control"] = "private, no-store"
    answer: Import = orjson.loads(orjson.dumps(import_json(row, language), option=JSON_OPTIONS))
    return answer
