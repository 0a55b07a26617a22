"""Whole selections as files, by an address that stays good for parts of them: a tag, a length, ranges (`/vsicurl/`, readers in browsers)."""

import hashlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from functools import cache
from importlib.metadata import version as version_of
from typing import NamedTuple

from fastapi import Request, Response

from app.db import ReadSession, deadline_of_composed
from app.errors import BadRequest, Fault
from app.problems import language_of
from app.published import described, selection
from app.published.catalogue import Catalogue, Half, Standing
from app.published.files import FileMaker, MadeFile
from app.published.formats import Field, Format, Layer
from app.published.kept_files import KeptFile, KeptFiles
from app.published.query import Asked
from app.published.selection import Source
from app.routers.answers import SHORT, FileAnswer, matches, part_asked, unless_gone
from app.settings import Settings


class Export(NamedTuple):
    """What somebody wants of which half, as which kind of file."""

    half: Half
    session: ReadSession
    origin: Source
    asked: Asked
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
    asked, file = export.asked, export.format
    if file.only_4326 and asked.crs.srid != 4326:
        raise BadRequest(faults=[Fault("crs", "crs-of-format")])
    catalogue: Catalogue = request.app.state.catalogue
    standing, layer = _standing(catalogue, export), _layer(catalogue, export)
    name = hashlib.sha256(repr((asked, file.name, standing.version, layer, _writers())).encode()).hexdigest()[:32]
    etag = f'"{standing.version}-{file.name}-{name}"'
    file_name = f"{asked.collection}-v{standing.version}.{file.extension}"
    told = {
        "Content-Disposition": f'attachment; filename="{file_name}"',
        "Content-Crs": f"<{asked.crs.uri}>",
        "Content-Language": language_of(request),
        "Cache-Control": SHORT,
        "Vary": "Accept, Authorization",
        **headers,
    }
    tagged = told | {"ETag": etag, "Accept-Ranges": "bytes"}
    if catalogue.is_fresh and matches(request.headers.get("if-none-match"), etag):
        return Response(None, 304, tagged)
    made = await unless_gone(request, _file(request, export, layer, name))
    if made is None:
        return Response(None, 499)
    told = (tagged if made.is_firm else told) | ({"OGC-NumberMatched": str(made.number)} if made.number is not None else {})
    try:
        part = part_asked(request, etag, made.file.size) if made.is_firm else None
    except BaseException:
        made.file.close()
        raise
    return FileAnswer(made.file, told, file.media_type, part)


def _standing(catalogue: Catalogue, export: Export) -> Standing:
    return catalogue.known.standing(export.half, export.asked.collection)


def _layer(catalogue: Catalogue, export: Export) -> Layer:
    asked, shown = export.asked, export.origin.queryables
    names = [name for name in (shown if asked.properties is None else asked.properties) if name not in ("geometry", "id")]
    fields = tuple(Field(name, shown[name].title, shown[name].kind) for name in names)  # type: ignore[arg-type]
    title = described.one(catalogue.known, export.half, asked.collection).title
    updated_at = _standing(catalogue, export).updated_at
    as_of = f"{updated_at:%Y-%m-%dT%H:%M:%S.000Z}" if updated_at else None
    return Layer(asked.collection, title, fields, export.origin.geometry, as_of=as_of)


async def _file(request: Request, export: Export, layer: Layer, name: str) -> _Made:
    """As it is kept, else made now. Only where its version is still the present one when it is made is it known what is in it."""
    kept_files: KeptFiles = request.app.state.kept_files
    catalogue: Catalogue = request.app.state.catalogue
    maker: FileMaker = request.app.state.file_maker
    settings: Settings = request.app.state.settings
    version = _standing(catalogue, export).version
    async with kept_files.lock(name):
        if (kept := await kept_files.find(name)) is not None:
            return _Made(kept, kept.number, is_firm=True)
        async with deadline_of_composed():
            matched = await selection.count(export.session, export.origin, export.asked)
        count = min((n for n in (matched, export.asked.limit) if n is not None), default=None)
        chunks = _chunks(export, replace(layer, count=count), settings)
        made = await maker.make(chunks, request.scope["state"].get("address", ""))
        try:
            await catalogue.refresh()
            is_firm = catalogue.is_fresh and _standing(catalogue, export).version == version
            if is_firm:
                await kept_files.keep(name, made, matched)
        except BaseException:
            made.close()
            raise
        return _Made(made, matched, is_firm)


async def _chunks(export: Export, layer: Layer, settings: Settings) -> AsyncGenerator[bytes, None]:
    rows = selection.rows(export.session, export.origin, export.asked, layer, ready_made=export.format.ready_made)
    async with aclosing(rows), aclosing(export.format.write(layer, rows, settings.spool_directory, export.asked.crs.srid)) as written:
        async for chunk in written:
            yield chunk
