"""The headers of a write: on which version it rests, by which key a repetition is known, in which CRS its body is."""

import re
from dataclasses import replace

from fastapi import Request

from app.access.rights import Actor
from app.errors import BadRequest, Fault, Unconditional
from app.points.rules import UNCONDITIONAL
from app.points.service import WriteOptions

# An entity tag (RFC 9110 §8.8.3), and a list of them: a comma may stand within one.
_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAGS = re.compile(rf"\s*(?:{_TAG}\s*,\s*)*{_TAG}\s*")
_VERSION = re.compile(r'(?:W/)?"(\d{1,9})(?:-[a-z]{1,8})?"')
NO_VERSION = -1


def if_match(request: Request, actor: Actor) -> list[int] | None:
    """The versions that `If-Match` names, without the suffix of an encoding; empty for `*`. `Unconditional` where the header is missing; None
    where the token was issued for that.

    Other tags are of nothing that can be changed, and so match nothing: those of others, and that of the public form (`"p3"`), which hides
    what a PUT of it would destroy. They are passed on as `NO_VERSION`. `BadRequest` where it is no list of tags.
    """
    header = request.headers.get("if-match")
    if header is None:
        if actor.without_if_match:
            return None
        raise Unconditional
    if header.strip() == "*":
        return []
    if not _TAGS.fullmatch(header):
        raise BadRequest(faults=[Fault("If-Match", "version-invalid")])
    found = [_VERSION.fullmatch(tag) for tag in re.findall(_TAG, header)[:20]]
    return [int(one[1]) if one else NO_VERSION for one in found]


def tags_of(request: Request) -> list[str] | None:
    """The tags that `If-Match` names, without quotes, of what is no point; empty for `*`, None where the header is missing."""
    header = request.headers.get("if-match")
    if header is None or header.strip() == "*":
        return None if header is None else []
    if not _TAGS.fullmatch(header):
        raise BadRequest(faults=[Fault("If-Match", "version-invalid")])
    return [tag.removeprefix("W/").strip('"') for tag in re.findall(_TAG, header)[:20]]


def key_of(request: Request) -> str | None:
    """`BadRequest` for an `Idempotency-Key` that is none."""
    key = request.headers.get("idempotency-key")
    if key is not None and not (0 < len(key) <= 255 and key.isascii() and key.isprintable()):
        raise BadRequest(faults=[Fault("Idempotency-Key", "key-invalid")])
    return key


def write_options(request: Request, *, draft: bool = False, versions: list[int] | None = None) -> WriteOptions:
    """What the headers of a write say."""
    return WriteOptions(draft, key_of(request), versions)


def changing(request: Request, actor: Actor, *, draft: bool = False) -> WriteOptions:
    """The same of a change, with the versions that it may rest on; without any it is flagged for the reviewer."""
    versions = if_match(request, actor)
    return replace(write_options(request, draft=draft, versions=versions), flags=() if versions is not None else (UNCONDITIONAL,))


# Headers of writes, as OpenAPI tells them; they are read by `if_match`, `asked` and `points/crs.py`.
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key", "in": "header", "required": False,
    "description": "The same key with the same content gives the first answer again", "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}  # fmt: skip
IF_MATCH = {
    "name": "If-Match", "in": "header", "required": True,
    "description": "The ETag of the version that is changed, or *; a token that was issued without it needs none", "schema": {"type": "string"}, "example": "*",
}  # fmt: skip
CONTENT_CRS = {
    "name": "Content-Crs", "in": "header", "required": False,
    "description": "The CRS of the body, one of those that the collection lists; without it longitude and latitude", "schema": {"type": "string"},
    "example": "<http://www.opengis.net/def/crs/EPSG/0/32749>",
}  # fmt: skip
IF_MATCH_PERHAPS = IF_MATCH | {"required": False}
