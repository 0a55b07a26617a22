"""The document of the interface (OpenAPI 3.0): what FastAPI writes of the routes, with the rights that each needs; and the same with the address
of the service and the collections that it has, as somebody reads it.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.access.rights import RIGHTS
from app.collections import interface, kinds
from app.http import problems
from app.http.openapi import as_3_0
from app.http.rights import needed
from app.published.catalogue import Half, Known

GEOJSON = interface.GEOJSON
TOKEN = "token"  # noqa: S105 - the name of a scheme
_SCHEMES = {
    TOKEN: {"type": "http", "scheme": "bearer", "description": "A token of Titik: `POST /tokens/password`, or from an administrator"}
}
# With a token one may see more, or write.
_OPTIONAL: list[dict[str, list[str]]] = [{}, {TOKEN: []}]
_REMEMBERED_AT_MOST = 16
TAGS = {
    "items": "Points and areas: pages, files, single ones, and writing them",
    "tiles": "Vector tiles, tilesets and styles",
    "landing": "What the service is and what it conforms to",
    "collections": "What there is, and what can be asked of it",
    "locate": "In which kelurahan a place lies",
    "sync": "What a phone recorded without a network",
    "changes": "What was published, changed or removed since",
    "reviews": "The queue of the walidata",
    "points": "The history of a point, and its moves",
    "imports": "Files of offices, judged before they are committed",
    "boundaries": "Editions of the boundaries: loading, checking, comparing, activating",
    "contacts": "People of a point, under lock",
    "photos": "Photos of a point",
    "progress": "How far each kelurahan has come: what there should be, what is there, what is worked on",
    "reports": "What anybody reports of a point, without an account",
    "me": "The own account",
    "signing in": "By the identity server of the city",
    "tokens": "Tokens",
    "accounts": "Accounts, for administrators",
    "webhooks": "Who is told of events, for administrators",
    "audit": "What was done, for administrators",
    "health": "Whether the service works",
    "categories": "What is counted",
    "profiles": "The figures of each kelurahan by period: as published, as worked on, and how they came about",
    "quests": "What there is to do in a kelurahan: what is missing, unverified, reported or returned",
    "indicators": "What each figure of a kelurahan means, and those that are counted from the map",
    "metadata": "Activities (MS-Keg) and variables (MS-Var), as BPS asks for them",
}


def install(app: FastAPI) -> None:
    """`app.http.openapi()` becomes the document of all routes, without a server and without the collections of a city."""
    written = app.openapi

    @cache
    def openapi() -> dict[str, object]:
        document = written()
        for method, operation in _operations(document):
            _complete(method, operation)
        rights = {route.operation_id: needed(route.endpoint) for route in app.router.routes if isinstance(route, APIRoute)}
        for _, operation in _operations(document):
            _secure(operation, frozenset(action.value for action in rights[operation["operationId"]]))
        schemas = {name: one for name, one in document["components"]["schemas"].items() if "ValidationError" not in name}
        used = {operation["tags"][0] for _, operation in _operations(document)}
        document["components"] = {"schemas": schemas | problems.SCHEMA, "securitySchemes": _SCHEMES}
        document["tags"] = [{"name": name, "description": text} for name, text in TAGS.items() if name in used]
        made = as_3_0(document)
        made["components"]["schemas"] |= interface.SCHEMAS
        return made

    app.openapi = openapi  # type: ignore[method-assign]


def document_of(app: FastAPI, known: Known, half: Half, here: str) -> dict[str, object]:
    """The document as readers of a half see it at the address `here`, with a path of its own for each collection."""
    general = app.openapi()
    collections = kinds.listed(known, half)
    paths = interface.paths_of(collections, general["paths"]["/collections/{collection}/items"])
    schemas = general["components"]["schemas"] | interface.schemas_of(collections)
    return {
        **general,
        "servers": [{"url": here}],
        "tags": [*general["tags"], interface.TAG],
        "paths": general["paths"] | paths,
        "components": {**general["components"], "schemas": schemas},
    }


def bytes_of(app: FastAPI, known: Known, half: Half, here: str) -> bytes:
    """The same as JSON, made once for each state of the categories."""
    remembered: dict[tuple[str, Half, str], bytes] = app.state.services.descriptions
    key = (known.version, half, here)
    if key not in remembered:
        if len(remembered) >= _REMEMBERED_AT_MOST:
            remembered.clear()
        remembered[key] = orjson.dumps(document_of(app, known, half, here))
    return remembered[key]


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in document["paths"].values():
        yield from path.items()


def _complete(method: str, operation: dict[str, Any]) -> None:
    """What FastAPI does not know: which errors there are, what GeoJSON and files are."""
    # It tells of a 422 of its own, which nobody gets: a wrong parameter is a 400, and bodies are read by our own code.
    if "application/json" in operation["responses"].get("422", {}).get("content", {}):
        del operation["responses"]["422"]
    # What can happen to any request; to one with a body, whether it is read or not; to one whose body is read.
    statuses = [414, 429, 431] + ([408, 413] if method != "get" else []) + ([415] if "requestBody" in operation else [])
    operation["responses"] |= {str(status): described for status, described in problems.problems(*statuses).items()}
    operation["summary"] = re.split(r"[.;:](?:\s|$)", " ".join(operation["description"].split()), maxsplit=1)[0]
    for answer in operation["responses"].values():
        for media_type, content in answer.get("content", {}).items():
            if media_type == GEOJSON:
                content["schema"] = {
                    "$ref": f"#/components/schemas/{'FeatureCollection' if operation['operationId'] == 'getItems' else 'Feature'}"
                }
            else:
                content.setdefault(
                    "schema", {"type": "string"} if media_type.startswith("text/") else {"type": "string", "format": "binary"}
                )
    if body := operation.get("requestBody"):
        # Whatever its sender calls it; clients want one name.
        body["content"] = {"application/octet-stream" if kind == "*/*" else kind: described for kind, described in body["content"].items()}


def _secure(operation: dict[str, Any], actions: frozenset[str]) -> None:
    """Who may: by the table of rights."""
    operation["security"] = [{TOKEN: []}] if actions else _OPTIONAL
    if actions:
        roles = [role for role, rights in RIGHTS.items() if actions & {action.value for action in rights}]
        operation["description"] += f"\n\nNeeds one of the rights {', '.join(sorted(actions))}; roles: {', '.join(roles)}."
