"""How far kelurahan have come: the map by category, the profiles by period; as JSON page by page, or whole as a table."""

import hashlib
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response

from app.errors import BadRequest, Fault
from app.exports.formats import FORMATS, Format, Layer, LayerField, LayerKind, LayerRow
from app.http.answers import SHORT, FileAnswer, matches, unless_gone
from app.http.credentials import has_credential
from app.http.editing import Editing, half_for
from app.http.framing import VARYING, base_url, language_of
from app.http.paging import Paged
from app.http.parameters import PRIVATE, PageLimit, read_limit
from app.http.problems import problems
from app.http.rendering import JSON
from app.http.rights import open_to_all
from app.http.route import StrictRoute
from app.http.services import services
from app.language import Text
from app.progress import reading
from app.progress.reading import ProgressQuery, ProgressReader
from app.progress.schemas import FiguresProgressPage, ProgressPage

router = APIRouter(route_class=StrictRoute, prefix="/progress", tags=["progress"])

DEFAULT_LIMIT, MAX_LIMIT = 500, 1_000
AT_ONCE = 500
"""Areas that a file takes at a time."""
TABLES = ("csv", "xlsx")
"""The formats that are tables."""
ReadRows = Callable[[ProgressReader, ProgressQuery, Sequence[str]], Coroutine[Any, Any, Sequence[Mapping[str, Any]]]]
AreaName = Annotated[str | None, Query(max_length=100, description="Its code or its name", examples=["35.71.01.1011"])]


async def filters_of(
    level: Annotated[str | None, Query(max_length=20, description="kelurahan (the rule), kecamatan, city: of what the rows are")] = None,
    kelurahan: AreaName = None,
    kecamatan: AreaName = None,
    city: Annotated[str | None, Query(max_length=20, description="Its code", examples=["35.71"])] = None,
    period: Annotated[str | None, Query(max_length=10, description="The present year where it is left out", examples=["2026"])] = None,
) -> dict[str, str | None]:
    return {"level": level, "kelurahan": kelurahan, "kecamatan": kecamatan, "city": city, "period": period}


ProgressFilters = Annotated[dict[str, str | None], Depends(filters_of)]
AsProgress = Annotated[Literal["json", "csv", "xlsx"] | None, Query(alias="f")]
ProgressCursor = Annotated[str | None, Query(max_length=400)]
_COMMON: tuple[tuple[str, LayerKind, Text], ...] = (
    ("level", "text", Text("Tingkat wilayah", "Level of the area")),
    ("code", "text", Text("Kode wilayah", "Code of the area")),
    ("name", "text", Text("Nama wilayah", "Name of the area")),
    ("kecamatan", "text", Text("Kecamatan", "Kecamatan")),
    ("period", "text", Text("Periode", "Period")),
    ("kelurahan", "integer", Text("Jumlah kelurahan di dalamnya", "Number of kelurahan in it")),
)
_NUMBERS: tuple[tuple[str, LayerKind, Text], ...] = (
    ("expected", "integer", Text("Seharusnya ada", "Expected")),
    ("published", "integer", Text("Terbit", "Published")),
    ("missing", "integer", Text("Masih kurang", "Missing")),
    ("share", "number", Text("Persen yang sudah ada", "Per cent that is there")),
)
_OF_MAP: tuple[tuple[str, LayerKind, Text], ...] = (
    ("expected_from", "text", Text("Dari mana yang seharusnya", "Where the expected number comes from")),
    ("expected_indicator", "text", Text("Indikatornya", "Its indicator")),
    ("expected_period", "text", Text("Periode angka itu", "Period of that figure")),
    ("expected_known", "integer", Text("Diketahui untuk sekian kelurahan", "Known for so many kelurahan")),
    ("verified_at", "instant", Text("Terakhir terbit", "Last published")),
    ("age_days", "integer", Text("Hari sejak itu", "Days since then")),
)
_WORK: tuple[tuple[str, LayerKind, Text], ...] = (
    ("drafted", "integer", Text("Draf", "Drafts")),
    ("submitted", "integer", Text("Menunggu walidata", "Waiting for the walidata")),
    ("returned", "integer", Text("Dikembalikan", "Returned")),
    ("days_in_review", "number", Text("Rata-rata hari menunggu", "Days of waiting, on average")),
)
_REPORTS: tuple[tuple[str, LayerKind, Text], ...] = (
    ("reports", "integer", Text("Laporan warga belum dijawab", "Reports nobody has answered")),
)
_CATEGORY: tuple[tuple[str, LayerKind, Text], ...] = (
    ("category", "text", Text("Kategori", "Category")),
    ("category_title", "text", Text("Nama kategori", "Name of the category")),
)
_MAP = (*_COMMON, *_CATEGORY, *_NUMBERS, *_OF_MAP)
_FIGURES = (*_COMMON, *_NUMBERS)
_TABLE_TYPES = {FORMATS[f].media_type.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}} for f in TABLES}


@router.get(
    "",
    responses={200: {"model": ProgressPage, "content": _TABLE_TYPES}, 304: {"description": "Not changed"}, **problems(400, 401, 403, 503)},
)
@open_to_all
async def get_progress(
    request: Request,
    filters: ProgressFilters,
    category: Annotated[str | None, Query(max_length=64)] = None,
    f: AsProgress = None,
    limit: PageLimit = None,
    cursor: ProgressCursor = None,
) -> Response:
    """By kelurahan (or kecamatan, or city) and category: how many points there should be, are public, are missing, and how old the newest is. Who
    writes or reviews gets what is drafted, waits, was returned and was reported too. Each number of a kelurahan has the address of its records.
    """
    table = _Table("progress", Text("Kemajuan peta", "Progress of the map"), _MAP, (*_WORK, *_REPORTS), reading.read_map)
    return await _answered(request, table, {**filters, "category": category}, f, _paged(request, limit, cursor))


@router.get(
    "/profiles",
    operation_id="getProgressOfProfiles",
    responses={
        200: {"model": FiguresProgressPage, "content": _TABLE_TYPES},
        304: {"description": "Not changed"},
        **problems(400, 401, 403, 503),
    },
)
@open_to_all
async def get_figures_progress(
    request: Request, filters: ProgressFilters, f: AsProgress = None, limit: PageLimit = None, cursor: ProgressCursor = None
) -> Response:
    """By kelurahan (or kecamatan, or city), for a period: how many figures of the profile are due, public and missing. Who writes or reviews gets
    what is drafted, waits and was returned too.
    """
    table = _Table("progress-profiles", Text("Kemajuan profil", "Progress of profiles"), _FIGURES, _WORK, reading.read_figures)
    return await _answered(request, table, filters, f, _paged(request, limit, cursor))


class _Table:
    """What is read, and its columns; `work`: those for who writes or reviews."""

    def __init__(
        self,
        name: str,
        title: Text,
        columns: Sequence[tuple[str, LayerKind, Text]],
        work: Sequence[tuple[str, LayerKind, Text]],
        read: ReadRows,
    ) -> None:
        self.name, self.read = name, read
        self._title, self._columns, self._work = title, columns, work

    def layer(self, *, sees_work: bool) -> Layer:
        columns = (*self._columns, *(self._work if sees_work else ()))
        return Layer(self.name, self._title, tuple(LayerField(name, title, kind) for name, kind, title in columns), None)


@asynccontextmanager
async def reading_progress(request: Request, *, counted: bool = True) -> AsyncGenerator[ProgressReader]:
    present = services(request)
    known, language, here = present.catalogue.known, language_of(request), base_url(request)
    if not has_credential(request):
        yield ProgressReader(present.database.public, "published", None, known, language, here)
        return
    async with Editing(request, counted=counted, reading=True) as editor:
        yield ProgressReader(editor.session, half_for(editor.actor), editor.actor, known, language, here)


def _paged(request: Request, limit: str | None, cursor: str | None) -> Paged:
    number = read_limit(limit, DEFAULT_LIMIT, MAX_LIMIT)
    if number is None:
        raise BadRequest(faults=[Fault("limit", "limit-invalid")])
    return Paged(request, number, cursor)


async def _answered(request: Request, table: _Table, sent: Mapping[str, str | None], f: str | None, paged: Paged) -> Response:
    after = paged.after("progress", "")
    async with reading_progress(request) as reader:
        query = reading.read_query(reader.known, reader.half, sent)
        if f not in TABLES:
            areas, following = _page_of(query, after, paged.limit)
            rows = await table.read(reader, query, areas)
    if f in TABLES:
        return await _file(request, table, query, FORMATS[f], sees_work=reader.sees_work)
    answer = {
        "level": query.level, "period": str(query.period), "progress": rows, "numberReturned": len(rows),
        "links": paged.links("progress", following),
    }  # fmt: skip
    headers = {**PRIVATE, "Vary": VARYING["Vary"]} if reader.actor else {"Cache-Control": SHORT, "Vary": VARYING["Vary"]}
    body = orjson.dumps(answer)
    headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    if matches(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(None, 304, headers)
    return Response(body, 200, headers, JSON)


def _page_of(query: ProgressQuery, after: str, limit: int) -> tuple[Sequence[str], str | None]:
    """Whole areas, at least one; behind which of them the next page begins."""
    areas = [code for code in query.areas if code > after] if after else query.areas
    number = max(limit // max(len(query.categories), 1), 1)
    return areas[:number], areas[number - 1] if len(areas) > number else None


async def _file(request: Request, table: _Table, query: ProgressQuery, file: Format, *, sees_work: bool) -> Response:
    """A table of all areas that were asked for; it is read while it is written."""
    layer = table.layer(sees_work=sees_work)

    async def chunks() -> AsyncGenerator[bytes, None]:
        async with reading_progress(request, counted=False) as reader:
            rows = _rows(reader, table, query, layer)
            async with aclosing(rows), aclosing(file.write(layer, rows, services(request).settings.spool_directory)) as written:
                async for chunk in written:
                    yield chunk

    maker = services(request).file_maker
    made_file = await unless_gone(request, maker.make(chunks(), request.scope["state"].get("address", "")))
    name = f"{table.name}-{query.period}-{datetime.now(UTC):%Y%m%d}.{file.extension}"
    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="{name}"'}
    return FileAnswer(made_file, headers, file.media_type) if made_file else Response(None, 499)


async def _rows(reader: ProgressReader, table: _Table, query: ProgressQuery, layer: Layer) -> AsyncGenerator[list[LayerRow], None]:
    for start in range(0, len(query.areas), AT_ONCE):
        found = await table.read(reader, query, query.areas[start : start + AT_ONCE])
        yield [(_id_of(row), None, *(row[field.name] for field in layer.fields)) for row in found]


def _id_of(row: Mapping[str, Any]) -> str:
    return "/".join(filter(None, (row["code"], row.get("category"), row["period"])))
