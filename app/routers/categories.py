"""Categories: what is counted, as data; and the sheet that offices fill in."""

import asyncio
from typing import Annotated, Any, Literal

import orjson
import structlog
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import WithJsonSchema

from app.audit.record import Action
from app.categories import queries as categories
from app.definitions import queries, service
from app.definitions.schemas import CategoryAnswer, CategoryList, CategoryShort, ChangeReport, Definition, PastVersions
from app.errors import NotFound
from app.exports.formats import FORMATS
from app.http.answers import SHORT, matches, shared
from app.http.conditions import IF_MATCH, if_match
from app.http.credentials import has_credential
from app.http.editing import Editing, actor_of, half_for
from app.http.framing import base_url
from app.http.paging import Paging
from app.http.parameters import PRIVATE, AsJson, DryRun, ReadAccess, body_of
from app.http.problems import problems
from app.http.rendering import JSON, link
from app.http.rights import needs, open_to_all
from app.http.route import StrictRoute
from app.http.services import services
from app.imports import templating
from app.regions.queries import all_regions, inner_places
from app.wire import Answer, answer_from, parse, read_json

router = APIRouter(route_class=StrictRoute, prefix="/categories")

XLSX = FORMATS["xlsx"].media_type
NEWEST = 2**31 - 1
CategoryId = Annotated[str, Path(max_length=64, examples=["posyandu"])]
MayShow = Annotated[Literal["true", "false"] | None, Query(alias="show"), WithJsonSchema({"type": "boolean"})]
_READ: dict[int | str, dict[str, Any]] = {
    200: {"model": CategoryAnswer},
    304: {"description": "Not changed"},
    **problems(400, 401, 403, 404, 503),
}
_log = structlog.get_logger("titik")


@router.get(
    "", tags=["categories"], responses={200: {"model": CategoryList}, 304: {"description": "Not changed"}, **problems(400, 401, 403, 503)}
)
@open_to_all
async def get_categories(request: Request, session: ReadAccess, _format: AsJson = None) -> Response:
    """All categories that one may know of: the public ones, with a token of the city's offices also those that are internal."""
    sees_all = await _sees_all(request)
    rows = [row for row in await session.all(queries.ALL) if sees_all or row["audience"] == "public"]
    listed = [_short(service.answer_of(row), base_url(request)) for row in rows]
    own = link("self", JSON, f"{base_url(request)}/categories")
    found: CategoryList = {"categories": listed, "numberReturned": len(listed), "links": [own]}  # type: ignore[list-item]
    return _answered(request, found, f"{'' if sees_all else 'p'}{sum(row['version'] for row in rows)}-{len(rows)}", sees_all=sees_all)


@router.post(
    "",
    status_code=201,
    tags=["categories"],
    openapi_extra=body_of(Definition),
    responses={
        201: {"model": CategoryAnswer},
        200: {"description": "It was there already, or nothing was to be stored", "model": CategoryAnswer | ChangeReport},
        **problems(400, 401, 403, 409, 413, 422, 503),
    },
)
@needs(Action.CATEGORY_ADD)
async def post_category(request: Request, dry_run: DryRun = None) -> Response:
    """Adds a category, which is a collection, a tileset, a sheet and a target of imports at once. The same again changes nothing."""
    async with Editing(request) as editor:
        definition = parse(Definition, read_json(await request.body()))
        saved = await service.add(editor.session, editor.actor, definition, dry_run=dry_run == "true")
    if dry_run == "true":
        return _private(saved.report, 200)
    await settled(request, is_stored=saved.stored)
    return _saved(request, saved.category, 201 if saved.stored else 200)


@router.get("/{category}", tags=["categories"], responses=_READ)
@open_to_all
async def get_category(category: CategoryId, request: Request, session: ReadAccess, _format: AsJson = None) -> Response:
    """One category as it is defined; without a token, or with one that may not read internal fields, without those."""
    sees_all = await _sees_all(request)
    row = await session.first(queries.ONE, category=category)
    if row is None or not (sees_all or row["audience"] == "public"):
        raise NotFound("category-unknown")
    found = service.answer_of(row)
    if sees_all and (steps := await session.first(queries.STEPS, category=category)):
        found["steps"] = {"done": steps["done"], "total": steps["total"]}
    answer = _linked(found if sees_all else service.public_part(found), base_url(request))
    return _answered(request, answer, f"{'' if sees_all else 'p'}{found['version']}", sees_all=sees_all)


@router.put(
    "/{category}",
    tags=["categories"],
    openapi_extra={**body_of(Definition), "parameters": [IF_MATCH]},
    responses={200: {"model": CategoryAnswer | ChangeReport}, **problems(400, 401, 403, 404, 409, 412, 413, 422, 428, 503)},
)
@needs(Action.CATEGORY_CHANGE)
async def put_category(category: CategoryId, request: Request, dry_run: DryRun = None, show: MayShow = None) -> Response:
    """The category as it shall be. What stored values would not fit is refused with the points (409); `dry_run` tells all of it before. What
    was hidden is shown only with `show`: also where a member was merely left out.
    """
    async with Editing(request) as editor:
        versions = if_match(request, editor.actor) if dry_run != "true" or "if-match" in request.headers else None
        definition = parse(Definition, read_json(await request.body()))
        is_dry, may_show = dry_run == "true", show == "true"
        saved = await service.change(editor.session, editor.actor, category, definition, versions=versions, dry_run=is_dry, show=may_show)
    if is_dry:
        return _private(saved.report, 200)
    await settled(request, is_stored=saved.stored)
    return _saved(request, saved.category, 200)


@router.get("/{category}/versions", tags=["categories"], responses=problems(400, 401, 403, 404, 503))
@needs(Action.CATEGORY_CHANGE)
async def get_category_versions(category: CategoryId, request: Request, response: Response, paged: Paging) -> PastVersions:
    """What the category has been, the newest first: since when, by whom."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        before = int(paged.after("versions", str(NEWEST)))
        found = await service.past_versions(editor.session, category, before, paged.limit + 1)
    page = found[: paged.limit]
    last = str(page[-1]["version"]) if len(found) > paged.limit else None
    return {"versions": page, "numberReturned": len(page), "links": paged.links("versions", last)}


async def _sees_all(request: Request) -> bool:
    """Whether internal categories and fields are shown: to who reads the internal half, and to who defines them."""
    if not has_credential(request):
        return False
    async with Editing(request) as editor:
        return editor.actor.may(Action.ITEM_READ_INTERNAL) or editor.actor.may(Action.CATEGORY_CHANGE)


async def settled(request: Request, *, is_stored: bool) -> None:
    """Until no worker answers from what it knew before."""
    if is_stored and not await services(request).catalogue.all_know():
        _log.warning("a worker has not heard of a changed category yet")


def _linked(category: CategoryAnswer, here: str) -> CategoryAnswer:
    return {**category, "links": _links(category["id"], here)}


def _short(category: CategoryAnswer, here: str) -> CategoryShort:
    return answer_from(CategoryShort, {**category, "links": _links(category["id"], here)})


def _links(category: str, here: str) -> list[Any]:
    return [
        link("self", JSON, f"{here}/categories/{category}"),
        link("collection", JSON, f"{here}/collections/{category}"),
        link("related", XLSX, f"{here}/categories/{category}/template.xlsx"),
        link("describedby", JSON, f"{here}/metadata/activities/{category}"),
    ]


def _answered(request: Request, answer: Answer, version: str, *, sees_all: bool) -> Response:
    """With its ETag; 304 to who has it."""
    headers = {"ETag": f'"{version}"', **(PRIVATE if sees_all else {"Cache-Control": SHORT, "Vary": "Authorization, Cookie"})}
    if matches(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(None, 304, headers)
    return Response(orjson.dumps(answer), 200, headers, JSON)


def _saved(request: Request, category: CategoryAnswer, status: int) -> Response:
    here = base_url(request)
    headers = {**PRIVATE, "ETag": f'"{category["version"]}"'}
    if status == 201:
        headers["Location"] = f"{here}/categories/{category['id']}"
    return Response(orjson.dumps(_linked(category, here)), status, headers, JSON)


def _private(report: ChangeReport, status: int) -> Response:
    return Response(orjson.dumps(report), status, PRIVATE, JSON)


@router.get(
    "/{category}/template.xlsx",
    tags=["imports"],
    response_class=Response,
    responses={200: {"content": {XLSX: {}}}, 304: {"description": "Not changed"}, **problems(400, 401, 403, 404, 503)},
)
@open_to_all
async def get_template(
    category: Annotated[str, Path(max_length=64, examples=["posyandu"])], request: Request, session: ReadAccess
) -> Response:
    """A sheet to fill in and send to `/imports`: in Indonesian, with lists to choose from, examples, and notes on every column.

    With several cities and a token it lists the kelurahan of the account's city. Attributes that the public does not see are only in the
    sheet of who has a token of an office.
    """
    actor = await actor_of(request)
    half = half_for(actor)
    known = services(request).catalogue.known
    card = known.category(half, category)
    settings = services(request).settings
    rules = await categories.fresh(session, category)
    if half == "published":
        rules = rules.public_part()
    cities = known.cities.of(actor.kelurahan if actor else ())

    async def make() -> bytes:
        regions = [region for region in await all_regions(session) if cities.has(region.code)]
        inside = await inner_places(session, regions)
        return await asyncio.to_thread(templating.make, rules, card.title.id, regions, inside, settings.spool_directory)

    headers = {"Content-Disposition": f'attachment; filename="{card.id}.xlsx"', "Content-Language": "id"}
    version = f"{rules.version}-{known.areas_version}"
    return await shared(request, ("template", half, category, *cities.all), version, make, XLSX, headers, kept=False)
