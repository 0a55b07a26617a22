"""The fields of a form that a page has sent."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from fastapi import Request

from app.errors import BadRequest

MEDIA_TYPE = "application/x-www-form-urlencoded"
FORM_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": {"type": "object"}}}}}
"""What a route that takes a form declares of its body."""
_MOST_FIELDS = 500


async def read_form(request: Request, most: int = _MOST_FIELDS) -> Mapping[str, str]:
    """The fields by name, the last of those with the same one, as they were typed: a password may begin with a space. `BadRequest` where it is
    no form, or has more than `most` fields.
    """
    try:
        fields = parse_qs((await request.body()).decode(), keep_blank_values=True, max_num_fields=most, errors="strict")
    except ValueError:
        raise BadRequest("fields-unreadable") from None
    return {name: values[-1] for name, values in fields.items() if "\0" not in values[-1]}
