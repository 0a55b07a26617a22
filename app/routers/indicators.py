"""Indicators: what each figure of a kelurahan means, and the figures that are counted from the map."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from app.audit.record import Action
from app.errors import BadRequest, Fault, NotFound
from app.figures import definitions
from app.figures.definitions import IndicatorRow
from app.http.answers import SHORT, matches
from app.http.conditions import IF_MATCH, if_match
from app.http.credentials import has_credential
from app.http.editing import Editing
from app.http.framing import VARYING, base_url, frame_of, language_of, page_headers
from app.http.negotiation import preferred
from app.http.paging import Paged, Paging
from app.http.parameters import PRIVATE, AsJson, AsPage, ReadAccess, body_of
from app.http.problems import problems
from app.http.reader import Reader, reader_of
from app.http.rendering import HTML, JSON, link, own_links, remembered_document
from app.http.rights import needs, open_to_all
from app.http.route import StrictRoute
from app.http.services import services
from app.http.visiting import visitor_of
from app.indicators import counting, queries, service
from app.indicators.schemas import (
    CountedFigure,
    CountedFigures,
    IndicatorAnswer,
    IndicatorDefinition,
    IndicatorList,
    IndicatorShort,
    IndicatorVersion,
    PastIndicator,
)
from app.pages import indicators as pages
from app.pages.frame import version as page_version
from app.pages.indicators import IndicatorPage, ListedIndicator
from app.regions.codes import MOST_TOLD
from app.wire import answer_from, parse, read_json

router = APIRouter(route_class=StrictRoute, prefix="/indicators", tags=["indicators"])

IndicatorId = Annotated[str, Path(max_length=64, examples=["jumlah_penduduk"])]
InKelurahan = Annotated[str | None, Query(max_length=20, examples=["35.71.01.1011"])]
SHOWN_VERSIONS = 200
_SHOWN_FIGURES = 500
_EXAMPLE = {
    "id": "jumlah_taman",
    "subject": "environment",
    "name": {"id": "Jumlah Taman", "en": "Number of Parks"},
    "concept": {"id": "Taman", "en": "Parks"},
    "definition": {"id": "Taman milik kota yang terbuka untuk umum.", "en": "Parks of the city that are open to everybody."},
    "interpretation": {"id": "Makin besar angkanya, makin banyak taman.", "en": "The larger the figure, the more parks there are."},
    "formula": {"id": "Menghitung taman pada akhir periode.", "en": "Counting the parks at the end of the period."},
    "measure": {"id": "Jumlah", "en": "Number"},
    "unit": {"id": "taman", "en": "parks"},
    "source": {"id": "Dinas Lingkungan Hidup.", "en": "The city's environment office."},
    "periods": ["year"],
    "checks": [{"kind": "change", "percent": 20}],
}
_BODY = body_of(IndicatorDefinition)
_BODY["requestBody"]["content"]["application/json"]["example"] = _EXAMPLE
_TEXT = {"text/html": {"schema": {"type": "string"}}}
_NOT_CHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "Not changed"}}


@router.get("", responses={200: {"model": IndicatorList, "content": _TEXT}, **_NOT_CHANGED, **problems(400, 401, 403, 503)})
@open_to_all
async def get_indicators(request: Request, session: ReadAccess, f: AsPage = None) -> Response:
    """All indicators that one may know of, as they are now: the public ones, with a token of the city's offices also those that are internal."""
    sees_all = await _sees_all(request)
    rows = list((await definitions.newest(session)).values())
    shown = [row for row in rows if sees_all or row["definition"]["audience"] == "public"]
    version = f"{sum(row['version'] for row in rows)}-{len(shown)}"
    address = f"{base_url(request)}/indicators"

    def document(wanted: str) -> bytes:
        listed = [_short(row, address) for row in shown]
        found = IndicatorList(indicators=listed, numberReturned=len(listed), links=own_links(address, JSON, wanted))  # type: ignore[typeddict-item]
        return orjson.dumps(found)

    def page() -> str:
        lines = [ListedIndicator(row["id"], row["version"], row["definition"]) for row in shown]
        return pages.indicators(frame_of(request, own_links(address, JSON, "html")), lines)

    return await _answered(request, f, version, document, page, sees_all=sees_all)


@router.post(
    "",
    status_code=201,
    openapi_extra=_BODY,
    responses={
        201: {"model": IndicatorAnswer},
        200: {"description": "It was there already", "model": IndicatorAnswer},
        **problems(400, 401, 403, 409, 413, 422, 503),
    },
)
@needs(Action.INDICATOR_ADD)
async def post_indicator(request: Request) -> Response:
    """Adds an indicator. The same again changes nothing."""
    known = services(request).catalogue.known
    async with Editing(request) as editor:
        saved = await service.add(editor.session, editor.actor, parse(IndicatorDefinition, read_json(await request.body())), known)
        answer = await _whole(request, editor.session, saved.row, sees_all=True)
    return _saved(request, answer, 201 if saved.stored else 200)


@router.get(
    "/{indicator}",
    responses={200: {"model": IndicatorAnswer, "content": _TEXT}, **_NOT_CHANGED, **problems(400, 401, 403, 404, 503)},
)
@open_to_all
async def get_indicator(indicator: IndicatorId, request: Request, session: ReadAccess, f: AsPage = None) -> Response:
    """One indicator as it is now: its metadata, and the versions before. What is counted from the map has its figures in `…/figures`."""
    sees_all = await _sees_all(request)
    row = await _present(session, indicator, sees_all=sees_all)
    answer = await _whole(request, session, row, sees_all=sees_all)
    wanted = f or preferred(request.headers.get("accept"), [("json", JSON), ("html", HTML)])
    if wanted != "html":
        return await _answered(request, "json", str(row["version"]), lambda _: orjson.dumps(answer), lambda: "", sees_all=sees_all)
    reader = await reader_of(request)
    count = row["definition"]["count"]
    figures = await _figures_of_page(reader, count) if count else None
    named = await _names(session)
    number = reader.known.standing(reader.half, count["category"]).version if count else 0
    version = f"{row['version']}-{number}-{reader.known.version}"

    def page() -> str:
        return pages.indicator(frame_of(request, answer["links"]), IndicatorPage(answer, named, answer["versions"], figures))

    return await _answered(request, "html", version, lambda _: b"", page, sees_all=sees_all)


@router.get(
    "/{indicator}/versions/{version}",
    responses={200: {"model": PastIndicator, "content": _TEXT}, **_NOT_CHANGED, **problems(400, 401, 403, 404, 503)},
)
@open_to_all
async def get_indicator_version(
    indicator: IndicatorId,
    version: Annotated[str, Path(max_length=9, examples=["1"])],
    request: Request,
    session: ReadAccess,
    f: AsPage = None,
) -> Response:
    """What an indicator said by one of its versions: that does not change any more."""
    sees_all = await _sees_all(request)
    await _present(session, indicator, sees_all=sees_all)
    row = (
        await session.first(queries.PAST, indicator=indicator, version=int(version)) if version.isascii() and version.isdecimal() else None
    )
    if row is None or not _may_see(row, sees_all=sees_all):
        raise NotFound("indicator-unknown")
    address = f"{base_url(request)}/indicators/{indicator}"
    named = await _names(session)

    def answer(wanted: str) -> PastIndicator:
        links = [*own_links(f"{address}/versions/{row['version']}", JSON, wanted), link("latest-version", JSON, address)]
        past: PastIndicator = answer_in_full(PastIndicator, {**service.metadata_of(row), "links": links})
        return past

    def page() -> str:
        past = answer("html")
        return pages.indicator(frame_of(request, past["links"]), IndicatorPage(past, named))

    return await _answered(request, f, f"v{row['version']}", lambda wanted: orjson.dumps(answer(wanted)), page, sees_all=sees_all)


@router.put(
    "/{indicator}",
    openapi_extra={**_BODY, "parameters": [IF_MATCH]},
    responses={200: {"model": IndicatorAnswer}, **problems(400, 401, 403, 404, 409, 412, 413, 422, 428, 503)},
)
@needs(Action.INDICATOR_CHANGE)
async def put_indicator(indicator: IndicatorId, request: Request) -> Response:
    """The indicator as it shall be: another version of it. Values that there are keep the version by which they were given."""
    known = services(request).catalogue.known
    async with Editing(request) as editor:
        versions = if_match(request, editor.actor)
        definition = parse(IndicatorDefinition, read_json(await request.body()))
        saved = await service.change(editor.session, editor.actor, indicator, definition, known, versions)
        answer = await _whole(request, editor.session, saved.row, sees_all=True)
    return _saved(request, answer, 200)


@router.get("/{indicator}/figures", responses={200: {"model": CountedFigures}, **problems(400, 401, 403, 404, 503)})
@open_to_all
async def get_figures(
    indicator: IndicatorId, request: Request, session: ReadAccess, paged: Paging, kelurahan: InKelurahan = None, _format: AsJson = None
) -> Response:
    """The figures of what is counted from the map, by kelurahan, as they are now for whoever asks: each with the address that lists exactly the
    records that it counts.
    """
    sees_all = await _sees_all(request)
    row = await _present(session, indicator, sees_all=sees_all)
    count = row["definition"]["count"]
    if count is None:
        raise NotFound("indicator-not-counted")
    reader = await reader_of(request)
    codes, last = _codes(reader, paged, kelurahan)
    found = await counting.counted(reader.session, reader.known, reader.half, count, codes)
    answer = CountedFigures(
        indicator=row["id"], version=row["version"], unit=row["definition"]["unit"], figures=counting.figures_of(reader.here, reader.known.directory, count, found),
        numberReturned=len(found), links=paged.links("figures", last),
    )  # fmt: skip
    headers = PRIVATE if has_credential(request) else {"Cache-Control": "no-cache", "Vary": "Authorization, Cookie"}
    return Response(orjson.dumps(answer), 200, headers, JSON)


def answer_in_full(shape: type[Any], values: Mapping[str, Any]) -> Any:
    """What the answer has a member for, in the order of those, null where it is null."""
    return {name: values[name] for name in shape.__annotations__}


async def _figures_of_page(reader: Reader, count: Mapping[str, Any]) -> list[CountedFigure] | None:
    """The first of them; None where they cannot be counted for this reader."""
    try:
        found = await counting.counted(reader.session, reader.known, reader.half, count, _every(reader)[:_SHOWN_FIGURES])
    except NotFound:
        return None
    return counting.figures_of(reader.here, reader.known.directory, count, found)


def _every(reader: Reader) -> list[str]:
    """The kelurahan, in the order of their codes."""
    return sorted(reader.known.directory.kelurahan)


def _codes(reader: Reader, paged: Paged, kelurahan: str | None) -> tuple[Sequence[str], str | None]:
    """Those of the page, and the last of them where there is more."""
    if kelurahan is not None:
        if kelurahan not in reader.known.directory.kelurahan:
            known = ", ".join(_every(reader)[:MOST_TOLD])
            raise BadRequest(faults=[Fault("kelurahan", "kelurahan-unknown", {"known": known})])
        return [kelurahan], None
    after = paged.after("figures", "")
    codes = [code for code in _every(reader) if code > after]
    page = codes[: paged.limit]
    return page, page[-1] if len(codes) > paged.limit else None


async def _sees_all(request: Request) -> bool:
    """Whether internal indicators are shown: to who reads the internal half, and to who defines them."""
    if not has_credential(request):
        return False
    async with Editing(request) as editor:
        return editor.actor.may(Action.ITEM_READ_INTERNAL) or editor.actor.may(Action.INDICATOR_CHANGE)


def _may_see(row: IndicatorRow, *, sees_all: bool) -> bool:
    return sees_all or row["definition"]["audience"] == "public"


async def _present(session: ReadAccess, indicator: str, *, sees_all: bool) -> IndicatorRow:
    row = await session.first(queries.ONE, indicator=indicator)
    if row is None or not _may_see(row, sees_all=sees_all):
        raise NotFound("indicator-unknown")
    return row


async def _whole(request: Request, session: Any, row: IndicatorRow, *, sees_all: bool) -> IndicatorAnswer:
    """As it is answered, with its versions. Those that were internal the public does not learn of."""
    address = f"{base_url(request)}/indicators/{row['id']}"
    found = await session.all(queries.VERSIONS, indicator=row["id"], most=SHOWN_VERSIONS)
    versions: list[IndicatorVersion] = [
        {"version": one["version"], "at": one["at"], "links": [link("self", JSON, f"{address}/versions/{one['version']}")]}  # type: ignore[list-item]
        for one in found
        if sees_all or one["audience"] == "public"
    ]
    links = [*own_links(address, JSON, "json"), link("collection", JSON, f"{base_url(request)}/indicators")]
    if row["definition"]["kind"] == "counted":
        links.append(link("related", JSON, f"{address}/figures"))
    answer: IndicatorAnswer = answer_in_full(IndicatorAnswer, {**service.metadata_of(row), "versions": versions, "links": links})
    return answer


async def _names(session: ReadAccess) -> dict[str, dict[str, str]]:
    """Of all indicators, for the pages that name them."""
    return {name: one["definition"]["name"] for name, one in (await definitions.newest(session)).items()}


def _short(row: IndicatorRow, address: str) -> IndicatorShort:
    links = [link("self", JSON, f"{address}/{row['id']}")]
    return answer_from(IndicatorShort, {**row["definition"], "version": row["version"], "links": links})


async def _answered(request: Request, f: str | None, version: str, document: Any, page: Any, *, sees_all: bool) -> Response:
    """A document with its ETag (304 to who has it), which a change rests on, or its page."""
    wanted = f or preferred(request.headers.get("accept"), [("json", JSON), ("html", HTML)])
    if wanted == "html":
        await visitor_of(request)

        async def make() -> bytes:
            return str(page()).encode()

        tag = f"{version}-{page_version()}-{language_of(request)}"
        return await remembered_document(request, "internal" if sees_all else "published", tag, make, HTML, page_headers(request))
    headers = {"ETag": f'"{version if sees_all else f"p{version}"}"', "Vary": VARYING["Vary"]}
    headers |= {**PRIVATE, "Vary": VARYING["Vary"]} if sees_all else {"Cache-Control": SHORT}
    if matches(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(None, 304, headers)
    return Response(document(wanted), 200, headers, JSON)


def _saved(request: Request, answer: IndicatorAnswer, status: int) -> Response:
    headers = {**PRIVATE, "ETag": f'"{answer["version"]}"'}
    if status == 201:
        headers["Location"] = f"{base_url(request)}/indicators/{answer['id']}"
    return Response(orjson.dumps(answer), status, headers, JSON)
