"""What every route checks of a request before its handler sees it: its host, the type of its body, the names of its parameters."""

import re
from functools import lru_cache
from typing import Any

from starlette.requests import Request

from app.errors import BadRequest, Fault, WrongMedia
from app.http.services import services

LONGEST_HOST = 300
_HOST = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._-]{0,252}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


def check_host(request: Request) -> None:
    """Before anything is stored: the links of the answer begin with it, unless the operator has said how they do."""
    settings = services(request).settings
    if not settings.public_url and not _is_host(b",".join([value for name, value in request.scope["headers"] if name == b"host"])):
        raise BadRequest("host-invalid")


@lru_cache(maxsize=64)
def _is_host(sent: bytes) -> bool:
    return len(sent) <= LONGEST_HOST and _HOST.fullmatch(sent.decode("latin-1")) is not None


def media_types(openapi: dict[str, Any]) -> list[str]:
    """Those of the body that a route documents. What is some kind of JSON may be called just that, too."""
    documented = list(openapi.get("requestBody", {}).get("content", {}))
    is_json = any(one.endswith("+json") for one in documented)
    return [*documented, "application/json"] if is_json else documented


def check_media_type(request: Request, known: list[str]) -> None:
    """A body without a type is taken for the right one. None is ever decoded: a megabyte of gzip may hold a gigabyte."""
    sent, encoding = (",".join(request.headers.getlist(name)) for name in ("content-type", "content-encoding"))
    if sent and "*/*" not in known and sent.partition(";")[0].strip().lower() not in known:
        raise WrongMedia(accepted=", ".join(known))
    if encoding and encoding.strip().lower() != "identity":
        raise WrongMedia("encoding-unsupported", accepted="identity")


def check_parameters(request: Request, known: set[str]) -> None:
    sent = request.query_params.multi_items()
    names = [name for name, _ in sent]
    faults = [Fault(name[:100], "parameter-unknown", {"known": ", ".join(sorted(known))}) for name in names if name not in known]
    faults += [Fault(name, "parameter-repeated") for name in dict.fromkeys(names) if name in known and names.count(name) > 1]
    faults += [Fault(name, "nul-character") for name, value in sent if name in known and "\0" in value]
    if faults:
        raise BadRequest(faults=faults)
