"""The guides for the people who use the service."""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from app.http.framing import frame_of, page_headers
from app.http.reader import reader_of
from app.http.rendering import HTML, remembered_document
from app.http.rights import open_to_all
from app.http.route import StrictRoute
from app.http.visiting import visitor_of
from app.pages import guides as pages
from app.pages.frame import Frame
from app.pages.frame import version as page_version

router = APIRouter(route_class=StrictRoute, tags=["pages"], include_in_schema=False)


@router.get(pages.HOME)
@open_to_all
async def get_guides(request: Request) -> Response:
    """Which guides there are."""
    return await _answer(request, pages.guides)


def _add(name: str) -> None:
    """A path of its own for each, so that others can look whether it is offered."""

    @router.get(f"{pages.HOME}{name}", name=f"get_guide_{name}")
    @open_to_all
    async def get_guide(request: Request) -> Response:
        return await _answer(request, lambda frame: pages.guide(frame, name))


for _name in pages.GUIDES:
    _add(_name)


async def _answer(request: Request, render: Callable[[Frame], str]) -> Response:
    """The same for everybody, whatever they may read."""
    reader = await reader_of(request)
    await visitor_of(request)

    async def make() -> bytes:
        return render(frame_of(request)).encode()

    version = f"{reader.known.version}-{page_version()}-{reader.language}"
    return await remembered_document(request, "published", version, make, HTML, page_headers(request))
