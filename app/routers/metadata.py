"""Metadata as BPS asks for them: activities (MS-Keg) and variables (MS-Var), made of categories, indicators and settings."""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Literal, cast

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from app.audit.record import Action
from app.errors import BadRequest, Fault, NotFound
from app.exports.formats import FORMATS
from app.exports.text import table
from app.http.answers import Linked
from app.http.editing import actor_of
from app.http.framing import VARYING, base_url, frame_of, language_of, page_headers
from app.http.negotiation import preferred
from app.http.parameters import AsPage, ReadAccess
from app.http.problems import problems
from app.http.rendering import FORMAT_NAMES, HTML, JSON, header_of, link, own_links, remembered_document
from app.http.rights import open_to_all
from app.http.route import StrictRoute
from app.http.services import services
from app.http.visiting import visitor_of
from app.metadata import activities, reading
from app.metadata.activities import ActivitySettings
from app.metadata.reading import DescribedActivity, Metadata
from app.metadata.schemas import ActivityAnswer, ActivityList, ActivityShort, VariableAnswer, VariableList
from app.metadata.variables import PROFILE
from app.pages import metadata as pages
from app.pages.frame import Frame
from app.pages.frame import version as page_version
from app.wire import Link

router = APIRouter(route_class=StrictRoute, prefix="/metadata", tags=["metadata"])

CSV = FORMATS["csv"].media_type
AsMetadata = Annotated[Literal["json", "html", "csv"] | None, Query(alias="f")]
_PAGE = {"text/html": {"schema": {"type": "string"}}}
_TABLE = {**_PAGE, "text/csv": {"schema": {"type": "string"}}}
_ERRORS: dict[int | str, dict[str, object]] = {304: {"description": "Not changed"}, **problems(400, 401, 403, 503)}


@router.get("/activities", responses={200: {"model": ActivityList, "content": _PAGE}, **_ERRORS})
@open_to_all
async def get_activities(request: Request, session: ReadAccess, f: AsPage = None) -> Response:
    """All activities by which data come about (MS-Keg): one for each category, one for the profile of the kelurahan."""
    found = await _read(request, session)
    here = base_url(request)

    def listed() -> list[ActivityShort]:
        return [_short(found.describe(name), here, found.around.organiser) for name in found.names]

    def document(links: list[Link]) -> Mapping[str, object]:
        shown = listed()
        return ActivityList(activities=shown, numberReturned=len(shown), links=links)

    return await _answered(
        request, f"{here}/metadata/activities", f, found, document, lambda frame: pages.activities(frame, listed()), None
    )


@router.get("/activities/{activity}", responses={200: {"model": ActivityAnswer, "content": _TABLE}, **_ERRORS, **problems(404)})
@open_to_all
async def get_activity(
    activity: Annotated[str, Path(max_length=64, examples=["posyandu"])], request: Request, session: ReadAccess, f: AsMetadata = None
) -> Response:
    """One activity with the eight blocks of MS-Keg. `value` is null where nothing says it; `fill_in` tells where it is to be said."""
    found = await _read(request, session)
    if activity not in found.names:
        raise NotFound("activity-unknown")
    here = base_url(request)

    def document(links: list[Link]) -> Mapping[str, object]:
        one = found.describe(activity)
        return ActivityAnswer(
            id=one.id, title=one.title, organiser=found.around.organiser, version=one.version, blocks=one.blocks, missing=activities.missing(one.blocks),
            links=[*links, *_related(one.id, here)],
        )  # fmt: skip

    def page(frame: Frame) -> str:
        return pages.activity(frame, found.describe(activity))

    def rows() -> Iterable[list[str]]:
        return reading.activity_rows(found.describe(activity).blocks)

    return await _answered(request, f"{here}/metadata/activities/{activity}", f, found, document, page, rows)


@router.get("/variables", responses={200: {"model": VariableList, "content": _TABLE}, **_ERRORS})
@open_to_all
async def get_variables(
    request: Request,
    session: ReadAccess,
    activity: Annotated[str | None, Query(max_length=64, examples=["posyandu"])] = None,
    f: AsMetadata = None,
) -> Response:
    """All variables (MS-Var): the fields of each category and the value of each indicator, or those of one activity."""
    found = await _read(request, session)
    if activity not in (None, *found.names):
        raise BadRequest(faults=[Fault("activity", "value-not-there", {"known": ", ".join(found.names)})])
    here = base_url(request)
    address = f"{here}/metadata/variables" + (f"?activity={activity}" if activity else "")

    def shown() -> list[DescribedActivity]:
        return [found.describe(name) for name in found.names if activity in (None, name)]

    def document(links: list[Link]) -> Mapping[str, object]:
        each = [_linked(variable, here) for one in shown() for variable in one.variables]
        return VariableList(variables=each, numberReturned=len(each), links=links)

    def page(frame: Frame) -> str:
        return pages.variables(frame, shown())

    def rows() -> Iterable[list[str]]:
        return reading.variable_rows([variable for one in shown() for variable in one.variables])

    return await _answered(request, address, f, found, document, page, rows)


async def _read(request: Request, session: ReadAccess) -> Metadata:
    """With what is internal for those who read the internal half, and for those who define categories."""
    actor = await actor_of(request)
    sees_all = actor is not None and (actor.may(Action.ITEM_READ_INTERNAL) or actor.may(Action.CATEGORY_CHANGE))
    known = services(request).catalogue.known
    cities = known.cities
    around = ActivitySettings(cities.attribution, cities.contact, cities.licence, cities.title, len(known.directory.kelurahan))
    formats = ["GeoJSON", *(FORMAT_NAMES[name] for name in FORMATS)]
    return await reading.read(session, around, formats, sees_all=sees_all)


def _short(one: DescribedActivity, here: str, organiser: str) -> ActivityShort:
    links = [Link(rel="self", type=JSON, href=f"{here}/metadata/activities/{one.id}"), *_related(one.id, here)]
    return ActivityShort(
        id=one.id, title=one.title, organiser=organiser, missing=activities.missing(one.blocks), variables=len(one.variables), links=links,
    )  # fmt: skip


def _related(activity: str, here: str) -> list[Link]:
    """Its variables, and what it is made of."""
    source = "indicators" if activity == PROFILE else f"categories/{activity}"
    return [
        Link(rel="item", type=JSON, href=f"{here}/metadata/variables?activity={activity}"),
        Link(rel="derived-from", type=JSON, href=f"{here}/{source}"),
        Link(rel="collection", type=JSON, href=f"{here}/metadata/activities"),
    ]


def _linked(variable: VariableAnswer, here: str) -> VariableAnswer:
    source = f"indicators/{variable['alias']}" if variable["activity"] == PROFILE else f"categories/{variable['activity']}"
    links = [
        Link(rel="derived-from", type=JSON, href=f"{here}/{source}"),
        Link(rel="collection", type=JSON, href=f"{here}/metadata/activities/{variable['activity']}"),
    ]
    return {**variable, "links": links}


async def _answered(
    request: Request,
    address: str,
    f: str | None,
    found: Metadata,
    document: Callable[[list[Link]], Mapping[str, object]],
    page: Callable[[Frame], str],
    rows: Callable[[], Iterable[list[str]]] | None,
) -> Response:
    """As JSON, as a page, or as a table where it has `rows`."""
    offered = [("json", JSON), ("html", HTML), *([("csv", CSV)] if rows else [])]
    wanted = f or preferred(request.headers.get("accept"), offered)
    links = _own_links(address, wanted, has_table=rows is not None)
    if wanted == "html":
        await visitor_of(request)

    async def make() -> Linked:
        if wanted == "html":
            return Linked(page(frame_of(request, links)).encode(), header_of(links))
        body = table(rows()) if wanted == "csv" and rows else orjson.dumps(document(cast("list[Link]", links)))
        return Linked(body, header_of(links))

    known = services(request).catalogue.known.version
    tag = f"{found.version}-{known}-{page_version()}-{wanted}" + (f"-{language_of(request)}" if wanted == "html" else "")
    headers = page_headers(request) if wanted == "html" else VARYING
    media_type = {"html": HTML, "csv": CSV}.get(wanted, JSON)
    return await remembered_document(request, "internal" if found.sees_all else "published", tag, make, media_type, headers)


def _own_links(address: str, wanted: str, *, has_table: bool) -> list[dict[str, object]]:
    if not has_table:
        return own_links(address, JSON, wanted)
    types = {"json": JSON, "html": "text/html", "csv": "text/csv"}
    begun = "&" if "?" in address else "?"
    others = [link("alternate", types[name], f"{address}{begun}f={name}", FORMAT_NAMES[name]) for name in types if name != wanted]
    return [link("self", types[wanted], address), *others]
