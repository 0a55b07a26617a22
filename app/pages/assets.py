"""The scripts, the style sheet and the images of the pages, under names that change with their content: browsers keep them for good.

Scripts are built from `web/` into `static/` by `scripts/setup`. Without them the pages still work: their addresses then lead nowhere.
"""

import gzip
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePath
from typing import NamedTuple

import brotli
import orjson

STYLE = "style.css"
# In this order they are one sheet; those of single parts come after them.
_FIRST = ("tokens.css", "base.css", "components.css")
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}


class Asset(NamedTuple):
    """A file as it is served: as it is, and compressed where that makes it smaller."""

    body: bytes
    media_type: str
    gzip: bytes | None
    br: bytes | None


class Assets(NamedTuple):
    """`names` leads from the plain name of a file to the one under which it is served, `by_name` from there to the file."""

    names: Mapping[str, str]
    by_name: Mapping[str, Asset]

    def name(self, plain: str) -> str:
        """The plain name itself where nothing was built: nothing is served under it."""
        return self.names.get(plain, plain)


@cache
def assets() -> Assets:
    names, by_name = _built(files("app.pages").joinpath("static"))
    for plain, body in {STYLE: style_sheet(), **_images()}.items():
        stem, suffix = plain.rsplit(".", 1)
        names[plain] = f"{stem}-{hashlib.sha256(body).hexdigest()[:8]}.{suffix}"
        by_name[names[plain]] = _packed(body, f".{suffix}")
    return Assets(names, by_name)


def style_sheet() -> bytes:
    """All of `styles/` as one sheet."""
    sheets = {one.name: one for one in files("app.pages").joinpath("styles").iterdir() if one.name.endswith(".css")}
    return b"\n".join(sheets[name].read_bytes() for name in (*_FIRST, *sorted(sheets.keys() - set(_FIRST))))


def _images() -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in files("app.pages").joinpath("images").iterdir() if _is_served(one.name)}


def _packed(body: bytes, suffix: str) -> Asset:
    if suffix == ".png":
        return Asset(body, _MEDIA_TYPES[suffix], None, None)
    return Asset(body, _MEDIA_TYPES[suffix], gzip.compress(body, 9, mtime=0), bytes(brotli.compress(body)))


def _built(folder: Traversable) -> tuple[dict[str, str], dict[str, Asset]]:
    """What `web/build.mjs` has written, with the compressed forms that it made."""
    if not folder.joinpath("manifest.json").is_file():
        return {}, {}
    names: dict[str, str] = orjson.loads(folder.joinpath("manifest.json").read_bytes())
    found = {one.name: one for one in folder.iterdir()}
    return names, {
        name: Asset(
            one.read_bytes(), _MEDIA_TYPES[PurePath(name).suffix], found[f"{name}.gz"].read_bytes(), found[f"{name}.br"].read_bytes()
        )
        for name, one in found.items()
        if _is_served(name)
    }


def _is_served(name: str) -> bool:
    return PurePath(name).suffix in _MEDIA_TYPES
