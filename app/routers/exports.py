"""Whole selections as files, by an address that stays good for parts of them: a tag, a length, ranges (`/vsicurl/`, readers in browsers)."""

import hashlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from functools import cache
from importlib.metadata import version as version_of
from typing import NamedTuple

from fastapi import Request, Response

from app.collections import selection
from app.collections.kinds.kind import Described
from app.collections.query import ItemsQuery
from app.db import ReadSession, deadline_of_composed
from app.errors import BadRequest, Fault
from app.exports.files import MadeFile
from app.exports.formats import Format, Layer, LayerField
from app.exports.kept_files import KeptFile
from app.http.answers import SHORT, FileAnswer, matches, part_asked, unless_gone
from app.http.framing import language_of
from app.http.services import services
from app.published.catalogue import Catalogue, CollectionState
from app.settings import Settings


class Export(NamedTuple):
    """What somebody wants of a collection, as which kind of file."""

    session: ReadSession
    collection: Described
    query: ItemsQuery
    format: Format


class _Made(NamedTuple):
    """A file; `number` is how many items match, where that is known. `is_firm`: it is known to be of its version and of no later one."""

    file: MadeFile | KeptFile
    number: int | None
    is_firm: bool


@cache
def _writers() -> str:
    """Other versions of these write the same in other bytes."""
    return ",".join(f"{name} {version_of(name)}" for name in ("pyogrio", "pyarrow", "xlsxwriter"))


async def answered(request: Request, export: Export, headers: Mapping[str, str]) -> Response:
    """The whole selection, unless a limit was sent, or the part of its file that is asked for. Named by collection and version."""
    query, file = export.query, export.format
    if file.only_4326 and query.crs.srid != 4326:
        raise BadRequest(faults=[Fault("crs", "crs-of-format")])
    if file.fields and query.properties is not None:
        raise BadRequest(faults=[Fault("properties", "properties-of-format")])
    catalogue = services(request).catalogue
    standing, layer = _standing(catalogue, export), _layer(catalogue, export)
    name = hashlib.sha256(repr((query, file.name, standing.tag, layer, _writers())).encode()).hexdigest()[:32]
    etag = f'"{standing.tag}-{file.name}-{name}"'
    file_name = f"{query.collection}-v{standing.tag}.{file.extension}"
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name}"',
        "Content-Crs": f"<{query.crs.uri}>",
        "Content-Language": language_of(request),
        "Cache-Control": SHORT,
        "Vary": "Accept, Authorization, Cookie",
        **headers,
    }
    tagged = headers | {"ETag": etag, "Accept-Ranges": "bytes"}
    if catalogue.is_fresh and matches(request.headers.get("if-none-match"), etag):
        return Response(None, 304, tagged)
    made_file = await unless_gone(request, _file(request, export, layer, name))
    if made_file is None:
        return Response(None, 499)
    headers = (tagged if made_file.is_firm else headers) | (
        {"OGC-NumberMatched": str(made_file.number)} if made_file.number is not None else {}
    )
    try:
        part = part_asked(request, etag, made_file.file.size) if made_file.is_firm else None
    except BaseException:
        made_file.file.close()
        raise
    return FileAnswer(made_file.file, headers, file.media_type, part)


def _standing(catalogue: Catalogue, export: Export) -> CollectionState:
    return export.collection.standing(catalogue.known)


def _layer(catalogue: Catalogue, export: Export) -> Layer:
    query, queryables = export.query, export.collection.source.queryables
    wanted = export.format.fields or (queryables if query.properties is None else query.properties)
    names = [name for name in wanted if name not in ("geometry", "id")]
    fields = tuple(LayerField(name, queryables[name].title, queryables[name].kind) for name in names)  # type: ignore[arg-type]
    updated_at = _standing(catalogue, export).updated_at
    as_of = f"{updated_at:%Y-%m-%dT%H:%M:%S.000Z}" if updated_at else None
    is_public = query.half == "published"
    return Layer(query.collection, export.collection.title, fields, export.collection.source.geometry, as_of=as_of, is_public=is_public)


async def _file(request: Request, export: Export, layer: Layer, name: str) -> _Made:
    """As it is kept, else made now. Only where its version is still the present one when it is made is it known what is in it."""
    kept_files = services(request).kept_files
    catalogue = services(request).catalogue
    maker = services(request).file_maker
    settings = services(request).settings
    version = _standing(catalogue, export).tag
    async with kept_files.lock(name):
        if (ready := await kept_files.find(name)) is not None:
            return _Made(ready, ready.number, is_firm=True)
        async with deadline_of_composed():
            matched = await selection.count(export.session, export.collection.source, export.query)
        count = min((n for n in (matched, export.query.limit) if n is not None), default=None)
        chunks = _chunks(export, replace(layer, count=count), settings)
        made_file = await maker.make(chunks, request.scope["state"].get("address", ""))
        try:
            await catalogue.refresh()
            is_firm = catalogue.is_fresh and _standing(catalogue, export).tag == version
            if is_firm:
                await kept_files.keep(name, made_file, matched)
        except BaseException:
            made_file.close()
            raise
        return _Made(made_file, matched, is_firm)


async def _chunks(export: Export, layer: Layer, settings: Settings) -> AsyncGenerator[bytes, None]:
    rows = selection.rows(export.session, export.collection.source, export.query, layer, ready_made=export.format.ready_made)
    async with aclosing(rows), aclosing(export.format.write(layer, rows, settings.spool_directory, export.query.crs.srid)) as written:
        async for chunk in written:
            yield chunk
