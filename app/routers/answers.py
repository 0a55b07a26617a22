"""Answers that everybody gets alike: with an ETag, compressed once, 304 without a look at the data."""

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from fastapi import Request, Response

from app.published.bodies import Bodies, Encoding, Key, Remembered, compressed, negotiated
from app.published.catalogue import Catalogue, Known

# Caches on the way keep a copy for a moment, and ask again with its ETag after that.
SHORT = "public, max-age=5, must-revalidate"
# What lies under the address of a version never changes.
FOR_EVER = "public, max-age=31536000, immutable"


class Linked(NamedTuple):
    """A body, and the links that its answer has as a header too."""

    body: bytes
    links: str


def address_of(request: Request) -> Key:
    """What was asked for, as the client wrote it."""
    scope = request.scope
    return scope["scheme"], request.headers.get("host"), scope["path"], scope["query_string"]


def unchanged(request: Request, version: str, headers: Mapping[str, str]) -> Response | None:
    """304 for who has this version already; so early that nothing else is looked at."""
    tags = request.headers.get("if-none-match")
    catalogue: Catalogue = request.app.state.catalogue
    if tags is None or not catalogue.is_fresh:
        return None
    etag = _etag(version, negotiated(request.headers.get("accept-encoding")))
    return Response(None, 304, {"ETag": etag, "Cache-Control": SHORT, **headers}) if matches(tags, etag) else None


def _etag(version: str, encoding: Encoding) -> str:
    return f'"{version}"' if encoding == "identity" else f'"{version}-{encoding}"'


async def shared(
    request: Request,
    key: Key,
    version: str,
    make: Callable[[], Awaitable[bytes | Linked]],
    media_type: str,
    headers: Mapping[str, str],
    *,
    kept: bool,
    cache_control: str = SHORT,
) -> Response:
    """`make` gives the body of this `version`; `key` names it, apart from version and encoding. `kept`: also the uncompressed body is
    worth keeping. Where the worker has lost sight of the database nothing is answered from memory, and nothing kept.
    """
    catalogue: Catalogue = request.app.state.catalogue
    known = catalogue.known
    encoding = negotiated(request.headers.get("accept-encoding"))
    etag = _etag(version, encoding)
    told = {"ETag": etag, "Cache-Control": cache_control, "Vary": "Accept-Encoding", **headers}
    if catalogue.is_fresh and matches(request.headers.get("if-none-match"), etag):
        return Response(None, 304, told)
    if encoding != "identity":
        told["Content-Encoding"] = encoding

    async def made() -> Linked:
        found = await make()
        body, links = found if isinstance(found, Linked) else Linked(found, "")
        return Linked(await compressed(body, encoding), links)

    async def packed() -> bytes:
        """Both in one: the links are the first line."""
        body, links = await made()
        return links.encode() + b"\n" + body

    if kept and catalogue.is_fresh:
        return await _remembered(request, (*key, version, encoding), known, made, told, media_type)
    if catalogue.is_fresh and encoding != "identity":
        bodies: Bodies = request.app.state.bodies
        line, _, body = (await bodies.get((*key, version, encoding), packed)).partition(b"\n")
        links = line.decode()
    else:
        body, links = await made()
    if links:
        told["Link"] = links
    return Response(body, 200, told, media_type)


async def _remembered(
    request: Request, key: Key, known: Known, made: Callable[[], Awaitable[Linked]], told: dict[str, str], media_type: str
) -> Response:
    """A body without links, which is found by its address alone the next time."""

    async def alone() -> bytes:
        return (await made()).body

    bodies: Bodies = request.app.state.bodies
    remembered: Remembered = request.app.state.remembered
    response = Response(await bodies.get(key, alone), 200, told, media_type)
    if (address := request.scope["state"].get("public_address")) is not None:
        remembered.keep(address, known, key, response.raw_headers, request.scope.get("route"))
    return response


def matches(if_none_match: str | None, etag: str) -> bool:
    """Whether the client has this very representation (RFC 9110 §13.1.2: weak comparison)."""
    if if_none_match is None:
        return False
    return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in if_none_match.split(",")[:50])
