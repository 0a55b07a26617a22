"""Templates of names: `RT {rt} RW {rw}`. A name in braces stands for the value of a property and for nothing else; it is never a format of
Python, whose fields reach into objects. Pure.
"""

import re
from collections.abc import Mapping
from typing import Any

FIELD = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")
MAX_TEMPLATE = 200


def fields_of(template: str) -> tuple[str, ...]:
    """The properties that a template names, each once. ValueError where a brace stands for anything else."""
    if re.search(r"[{}]", FIELD.sub("", template)):
        raise ValueError(template)
    return tuple(dict.fromkeys(FIELD.findall(template)))


def render(template: str, properties: Mapping[str, Any]) -> str | None:
    """The name for these properties; None where one that it needs is missing. Attributes may stand beside the others or in `attributes`."""
    values = {name: _value(properties, name) for name in FIELD.findall(template)}
    if any(value is None or value == "" for value in values.values()):
        return None
    return FIELD.sub(lambda found: _text(values[found[1]]), template)


def _value(properties: Mapping[str, Any], name: str) -> Any:
    value = properties.get(name)
    return (properties.get("attributes") or {}).get(name) if value is None else value


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
