"""Scripts, style sheet and images of the pages: each under a name that changes with its content, so that it is fetched once."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from app.errors import NotFound
from app.http.answers import FOR_EVER, matches
from app.http.bodies import negotiated
from app.http.rights import open_to_all
from app.http.route import StrictRoute
from app.pages.assets import assets

router = APIRouter(route_class=StrictRoute, prefix="/static")


@router.get("/{name}", include_in_schema=False)
@open_to_all
async def get_static(name: Annotated[str, Path(max_length=100)], request: Request) -> Response:
    """The file, in the smallest form that the client takes."""
    asset = assets().by_name.get(name)
    if asset is None:
        raise NotFound
    coding = negotiated(request.headers.get("accept-encoding"), ("br", "gzip"))
    body = {"br": asset.br, "gzip": asset.gzip}.get(coding)
    etag = f'"{name}-{coding}"' if body else f'"{name}"'
    headers = {"ETag": etag, "Cache-Control": FOR_EVER, "Vary": "Accept-Encoding"}
    if matches(request.headers.get("if-none-match"), etag):
        return Response(None, 304, headers)
    if body is None:
        return Response(asset.body, 200, headers, asset.media_type)
    return Response(body, 200, headers | {"Content-Encoding": coding}, asset.media_type)
