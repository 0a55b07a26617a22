"""The API document as a page to read."""

from collections.abc import Mapping
from typing import Any

from app.language import Text
from app.pages.frame import Frame, page

_TITLE = Text("Semua alamat", "All addresses")


def api(frame: Frame, document: Mapping[str, Any]) -> str:
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            groups.setdefault(operation["tags"][0], []).append(_operation(method, path, operation))
    return page("api.html", frame, _TITLE.say(frame.language), version=document["openapi"], groups=groups.items())


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": operation["operationId"],
        "method": method,
        "path": path,
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "parameters": [
            {
                "name": parameter["name"],
                "in": parameter["in"],
                "required": parameter.get("required", False),
                "kind": _kind(parameter.get("schema", {})),
                "description": parameter.get("description", ""),
            }
            for parameter in operation.get("parameters", ())
        ],
        "bodies": list(operation.get("requestBody", {}).get("content", {})),
        "answers": [
            (status, {"description": answer.get("description", ""), "types": list(answer.get("content", {}))})
            for status, answer in sorted(operation["responses"].items(), key=lambda one: str(one[0]))
        ],
    }


def _kind(schema: Mapping[str, Any]) -> str:
    """A type in a few words."""
    if values := schema.get("enum"):
        return " | ".join(map(str, values))
    if choices := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return " | ".join(map(_kind, choices))
    if "items" in schema:
        return f"list of {_kind(schema['items'])}"
    return " ".join(str(schema[word]) for word in ("type", "format") if word in schema)
