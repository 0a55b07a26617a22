"""`OPTIONS`: what may be done with a resource (RFC 9110 §9.3.7; OGC API Features Part 4). QGIS decides by it whether a layer can be edited."""

from collections.abc import Iterable

from fastapi import APIRouter, Request, Response
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from app.access.rights import Actor
from app.collections import kinds
from app.errors import NotFound
from app.http.credentials import has_credential
from app.http.editing import Editing
from app.http.parameters import PRIVATE
from app.http.rights import needed, open_to_all
from app.http.route import StrictRoute, reads_its_query
from app.http.services import services
from app.published.catalogue import Catalogue


class OptionsRoute(StrictRoute):
    """A route for every path, and for `OPTIONS` alone: it is no reason to say that another method is not offered."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return super().matches(scope) if scope.get("method") == "OPTIONS" else (Match.NONE, {})


router = APIRouter(route_class=OptionsRoute)


@router.options("/{path:path}", include_in_schema=False)
@reads_its_query
@open_to_all
async def get_options(request: Request, path: str) -> Response:  # noqa: ARG001 - that of the routes is looked at
    """200 with `Allow`: what the token of the request may do here, or everybody without one. `NotFound` where there is nothing."""
    actor = None
    if has_credential(request):
        async with Editing(request) as editor:
            actor = editor.actor
    methods = allowed_methods(request.app.router.routes, request.scope, actor, services(request).catalogue)
    headers = {"Allow": ", ".join(sorted(methods)), "Content-Length": "0", "Vary": "Authorization, Cookie"}
    return Response(None, 200, headers | (PRIVATE if actor else {}))


def allowed_methods(routes: Iterable[BaseRoute], scope: Scope, actor: Actor | None, catalogue: Catalogue) -> set[str]:
    """`NotFound` where no route leads to this path, or it is within a collection that the asker may not know of."""
    methods: set[str] = set()
    for route in routes:
        match, found = route.matches(scope)
        if match != Match.NONE and isinstance(route, StrictRoute) and not isinstance(route, OptionsRoute):
            methods |= _of_route(route, found.get("path_params", {}).get("collection"), actor, catalogue) | {"OPTIONS"}
    if not methods:
        raise NotFound
    # `Around` turns HEAD into GET.
    return methods | ({"HEAD"} if "GET" in methods else set())


def _of_route(route: StrictRoute, collection: str | None, actor: Actor | None, catalogue: Catalogue) -> set[str]:
    is_written = collection is None or kinds.one(catalogue.known, "internal" if actor else "published", collection).takes_points
    actions = needed(route.endpoint)
    is_allowed = not actions or (actor is not None and is_written and any(map(actor.may, actions)))
    return set(route.methods or ()) if is_allowed else set()
