"""Files of many points: handed in, judged, looked at, committed."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from app.audit.record import Action
from app.exports.formats import FORMATS
from app.http.answers import FileAnswer, unless_gone
from app.http.editing import Editing
from app.http.framing import base_url
from app.http.intake import sent_as, uploaded
from app.http.negotiation import preferred
from app.http.paging import Paging
from app.http.parameters import Speaking, body_of, file_of, uuid_of
from app.http.problems import problems
from app.http.rights import needs
from app.http.route import StrictRoute, takes_a_file
from app.http.services import services
from app.http.storing import columns_of, turn_to_store
from app.imports import queries, reporting, service
from app.imports.answers import Answers
from app.imports.rows import FindingKind, kind_of
from app.imports.schemas import Answering, Committing, Import, Imports, LevelFilter, Rejudging, Report, import_json, row_json
from app.points.schemas import JSON_OPTIONS
from app.wire import parse, read_json

router = APIRouter(route_class=StrictRoute, prefix="/imports", tags=["imports"])


async def handed_in(import_id: Annotated[str, Path(max_length=64)]) -> UUID:
    return uuid_of(import_id, "import-unknown")


ImportId = Annotated[UUID, Depends(handed_in)]
LAST = UUID(int=(1 << 128) - 1)
_JSON, XLSX = "application/json", FORMATS["xlsx"].media_type
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
    named = columns_of(columns)
    options = {"sheet": sheet, "columns": named}
    called = name or sent_as(request)[0] or "file"
    quota = service.Quota.of(services(request).settings)
    async with turn_to_store(request), Editing(request) as editor:
        row = await service.begin(editor.session, editor.actor, category, called, uploaded(request), options, quota=quota)
    response.headers["Location"] = f"{base_url(request)}/imports/{row['id']}"
    return _import_json(response, row, language)


@router.get("", responses=problems(400, 401, 403, 503))
@needs(Action.IMPORT_READ)
async def get_imports(request: Request, response: Response, language: Speaking, paged: Paging) -> Imports:
    """The imports of the account, the newest first; they are kept for 30 days."""
    async with Editing(request) as editor:
        before = UUID(paged.after("imports", str(LAST)))
        rows = await editor.session.all(queries.LIST, account_id=editor.actor.id, before=before, limit=paged.limit + 1)
    shown_rows = rows[: paged.limit]
    response.headers["Cache-Control"] = "private, no-store"
    links = paged.links("imports", shown_rows[-1]["id"] if len(rows) > len(shown_rows) else None)
    return {"imports": [import_json(row, language) for row in shown_rows], "numberReturned": len(shown_rows), "links": links}


@router.get("/{import_id}", responses=problems(400, 401, 403, 404, 503))
@needs(Action.IMPORT_READ)
async def get_import(import_id: ImportId, request: Request, response: Response, language: Speaking) -> Import:
    """How it stands with an import: its state, how far the step has come that runs, what the file is like, how many rows are how good."""
    async with Editing(request) as editor:
        row = await service.find(editor.session, import_id)
    return _import_json(response, row, language)


@router.delete("/{import_id}", status_code=204, responses=problems(400, 401, 403, 404, 409, 503))
@needs(Action.IMPORT_REMOVE)
async def delete_import(import_id: ImportId, request: Request) -> Response:
    """Throws an import away; what was committed of it stays."""
    async with Editing(request) as editor:
        await service.remove(editor.session, editor.actor, import_id)
    return Response(status_code=204)


@router.post(
    "/{import_id}/judge",
    status_code=202,
    openapi_extra=body_of(Rejudging, required=False),
    responses=problems(400, 401, 403, 404, 409, 413, 422, 503),
)
@needs(Action.IMPORT_BEGIN)
async def judge_import(import_id: ImportId, request: Request, response: Response, language: Speaking) -> Import:
    """Judges the same file again, with what is said of its columns or sheet: also of one that failed. Answers are forgotten; those of a
    committed one are not to be changed any more.
    """
    async with Editing(request) as editor:
        rejudging = parse(Rejudging, read_json(await request.body() or b"{}"))
        row = await service.judge_again(editor.session, editor.actor, import_id, rejudging)
    return _import_json(response, row, language)


@router.post(
    "/{import_id}/answers",
    openapi_extra=body_of(Answering),
    responses=problems(400, 401, 403, 404, 409, 413, 422, 503),
)
@needs(Action.IMPORT_COMMIT)
async def answer_import(import_id: ImportId, request: Request, response: Response, language: Speaking) -> Import:
    """Answers questions of rows, one by one or all of a kind. They count when the import is committed, and can be changed until then."""
    async with Editing(request) as editor:
        answering = parse(Answering, read_json(await request.body()))
        row = await service.answer(editor.session, editor.actor, import_id, answering)
    return _import_json(response, row, language)


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
        committing = parse(Committing, read_json(await request.body() or b"{}"))
        row = await service.confirm(editor.session, editor.actor, import_id, committing)
    return _import_json(response, row, language)


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
    level: Annotated[LevelFilter | None, Query()] = None,
    kind: Annotated[FindingKind | None, Query()] = None,
    form: Annotated[Literal["json", "xlsx"] | None, Query(alias="f")] = None,
) -> Response:
    """What was found, row by row: those that are not simply good, or those of a `level`; of these those with a finding of a `kind`. As JSON in
    pages, or (`f=xlsx`) the same table with a column that says what to do and the faulty cells coloured.
    """
    wanted = form or preferred(request.headers.get("accept", ""), [("json", _JSON), ("xlsx", XLSX)])
    headers = {"Cache-Control": "private, no-store", "Content-Language": language, "Vary": "Accept, Accept-Language, Authorization, Cookie"}
    if wanted == "xlsx":
        return await _workbook(request, import_id, headers, language)
    async with Editing(request) as editor:
        after = int(paged.after("report", "0"))
        row = await service.find_judged(editor.session, import_id)
        codes = codes_of(row["found"], kind)
        found = await editor.session.all(queries.REPORT, id=import_id, after=after, level=level, codes=codes, limit=paged.limit + 1)
    shown_rows = found[: paged.limit]
    names, answers = [one["header"] for one in row["found"].get("columns", ())], Answers.of(row["options"])
    answer: Report = {
        "import": str(import_id),
        "state": row["state"],
        "counts": row["found"]["counts"],
        "rows": [row_json(each, names, answers, language) for each in shown_rows],
        "numberReturned": len(shown_rows),
        "links": paged.links("report", shown_rows[-1]["number"] if len(found) > len(shown_rows) else None),
    }
    return Response(orjson.dumps(answer, option=JSON_OPTIONS), 200, headers, _JSON)


def codes_of(found: Mapping[str, Any], kind: FindingKind | None) -> list[str] | None:
    """Of what was found the codes of this kind; None where all are wanted."""
    return None if kind is None else [code for code in found.get("findings", ()) if kind_of(code) == kind]


async def _workbook(request: Request, import_id: UUID, headers: dict[str, str], language: Any) -> Response:
    settings = services(request).settings
    async with Editing(request) as editor:
        row = await service.find_judged(editor.session, import_id)
    maker = services(request).file_maker
    workbook = await unless_gone(
        request,
        maker.make(reporting.workbook(services(request).database, settings, row, language), request.scope["state"].get("address", "")),
    )
    if workbook is None:
        return Response(None, 499)
    name = reporting.file_name(row["name"])
    return FileAnswer(workbook, headers | {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}, XLSX)


def _import_json(response: Response, row: Any, language: Any) -> Import:
    response.headers["Cache-Control"] = "private, no-store"
    answer: Import = orjson.loads(orjson.dumps(import_json(row, language), option=JSON_OPTIONS))
    return answer
