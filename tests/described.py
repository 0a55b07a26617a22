"""Answers held against the document of the interface: no test has to say again what is in one."""

from functools import cache
from typing import Any

import httpx
from fastapi import FastAPI
from openapi_schema_validator import OAS30Validator
from starlette.routing import Match

from app.main import create_app
from app.settings import Settings


@cache
def document() -> dict[str, Any]:
    read: dict[str, Any] = as_meant(create_app(Settings(log_level="error")).openapi())
    return read


def as_meant(node: Any) -> Any:
    """`nullable` beside `allOf` as clients take it; by the letter of OpenAPI 3.0.3 it would say nothing. Members that nobody described are none."""
    if isinstance(node, list):
        return [as_meant(one) for one in node]
    if not isinstance(node, dict):
        return node
    if node.get("nullable") and "allOf" in node:
        return {"anyOf": [{"allOf": as_meant(node["allOf"])}, {"enum": [None], "nullable": True}]}
    meant = {name: as_meant(one) for name, one in node.items()}
    return {"additionalProperties": False, **meant} if "properties" in node and node.get("type") == "object" else meant


@cache
def validator(path: str, method: str, status: int, media_type: str) -> Any:
    answer = document()["paths"][path][method]["responses"].get(str(status), {})
    described = answer.get("content", {}).get(media_type, {}).get("schema", {})
    return OAS30Validator({"allOf": [described], "components": document()["components"]})


class Held(httpx.ASGITransport):
    """The service without a socket; an answer in JSON that is not as it is described is an `AssertionError`."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        media_type = response.headers.get("content-type", "").partition(";")[0]
        if media_type == "application/json" and response.is_success and await response.aread():
            path = self._path(request)
            faults = [
                f"{error.json_path}: {error.message}"
                for error in validator(path, request.method.lower(), response.status_code, media_type).iter_errors(response.json())
            ]
            assert not faults, (request.method, path, faults)
        return response

    def _path(self, request: httpx.Request) -> str:
        app = self.app
        assert isinstance(app, FastAPI)
        scope = {"type": "http", "path": request.url.path, "method": request.method, "headers": []}
        found: list[Any] = [route for route in app.router.routes if route.matches(scope)[0] == Match.FULL]
        return str(found[0].path_format)
