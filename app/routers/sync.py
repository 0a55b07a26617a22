"""Synchronising: what a phone recorded without a network, in one request."""

import time
from typing import Any, Literal

import orjson
import structlog
from fastapi import APIRouter, Request, Response

from app.audit.record import Action
from app.errors import TitikError, Unavailable
from app.http.editing import Editing
from app.http.parameters import PRIVATE, body_of
from app.http.problems import problem_of, problems, status_of, unforeseen
from app.http.reader import reader_of
from app.http.rights import needs
from app.http.route import StrictRoute
from app.points.schemas import JSON_OPTIONS
from app.profiles.service import ProfileTarget
from app.routers.profiles import counted_now, period_of, region_of, work_value
from app.sync import service, values
from app.sync.schemas import Changes, Result, Results, client_id_of, kind_of, read_change, read_changes, read_profile_change

router = APIRouter(route_class=StrictRoute, tags=["sync"])

_log = structlog.get_logger("titik")

# Proxies and phones give up after half a minute; what was not reached until then is told so, and sent again.
WITHIN_S = 20.0
_STATUS = {"created": 201, "closing": 202}
_EXAMPLE: dict[str, object] = {
    "changes": [
        {
            "client_id": "0199e3c4-5a10-7000-8000-0000000000a1",
            "op": "create",
            "point": "0199e3c4-5a10-7000-8000-0000000000b1",
            "captured_at": "2026-11-20T08:12:00+07:00",
            "accuracy_m": 6.0,
            "feature": {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [112.0031, -7.8052]},
                "properties": {"category": "posyandu", "name": "Posyandu Anggrek", "jenis": "balita"},
            },
        },
        {
            "client_id": "0199e3c4-5a10-7000-8000-0000000000a2",
            "op": "change",
            "point": "0199e3c4-5a10-7000-8000-0000000000b2",
            "base": 3,
            "patch": {"properties": {"address": "Jalan Veteran 8"}},
        },
        {
            "client_id": "0199e3c4-5a10-7000-8000-0000000000a3",
            "kind": "value",
            "kelurahan": "35.71.01.1011",
            "period": "2025",
            "values": [{"indicator": "jumlah_rt", "value": 32, "version": 1}],
        },
    ]
}
_BODY = body_of(Changes)
_BODY["requestBody"]["content"]["application/json"]["example"] = _EXAMPLE


@router.post(
    "/sync",
    operation_id="postSync",
    openapi_extra=_BODY,
    responses={200: {"model": Results}, **problems(400, 401, 403, 413, 422, 503)},
)
@needs(
    *(Action.POINT_SUBMIT, Action.POINT_DRAFT, Action.POINT_CHANGE, Action.POINT_CLOSE, Action.REVISION_SUBMIT, Action.REVISION_WITHDRAW),
    *(Action.VALUE_SUBMIT, Action.VALUE_DRAFT),
)
async def post_sync(request: Request) -> Response:
    """Up to 500 changes that a phone recorded, each on its own: what became of it, or the problem that stood against it; in their order. The
    same change may be sent any number of times.
    """
    async with Editing(request, reading=True):
        pass
    changes = read_changes(await request.body())
    until = time.monotonic() + WITHIN_S
    results = [await _one(request, sent, until) for sent in changes]
    answer: Results = {"results": results}
    return Response(orjson.dumps(answer, option=JSON_OPTIONS), 200, PRIVATE, "application/json")


async def _one(request: Request, sent: Any, until: float) -> Result:
    """A transaction of its own for each: what is acknowledged stays, whatever becomes of the rest."""
    if time.monotonic() > until:
        return _refused(request, sent, Unavailable("sync-later"))
    try:
        return await (_figures if kind_of(sent) == "value" else _point)(request, sent)
    except TitikError as error:
        return _refused(request, sent, error)
    except Exception as error:  # noqa: BLE001 - logged as any other; the results of those before must reach the phone
        unforeseen(error, request)
        return {
            "client_id": client_id_of(sent), "kind": kind_of(sent), "status": "failed", "code": 500, "problem": problem_of(TitikError(), request),
        }  # fmt: skip


async def _figures(request: Request, sent: Any) -> Result:
    change = read_profile_change(sent)
    async with Editing(request, counted=False) as editor:
        known = (await reader_of(request)).known
        region, period = region_of(known, change.kelurahan), period_of(change.period)
        counted = await counted_now(request, editor.session, region.code, period)
        target = ProfileTarget(region.code, period, counted)
        outcome = await values.carry_out(editor.session, editor.actor, target, change, sent)
    return {
        "client_id": str(change.client_id), "kind": "value", "status": outcome.status, "code": 200, "repeated": outcome.repeated,
        "values": [work_value(row) for row in outcome.rows],
    }  # fmt: skip


async def _point(request: Request, sent: Any) -> Result:
    change = read_change(sent)
    async with Editing(request, counted=False) as editor:
        outcome = await service.carry_out(editor.session, editor.actor, change, sent)
    result: Result = {
        "client_id": client_id_of(sent),
        "kind": "point",
        "status": outcome.status,
        "code": _STATUS.get(outcome.status, 200),
        "id": str(change.point),
        "repeated": outcome.repeated,
    }
    if outcome.feature is None:
        return result
    version: int = outcome.feature["properties"]["version"]
    return result | {"version": version, "feature": outcome.feature}


def _refused(request: Request, sent: Any, error: TitikError) -> Result:
    _log.info("refused", code=error.code, path="/sync", request_id=request.scope["state"]["request_id"])
    status: Literal["conflict", "later", "refused"] = (
        "conflict" if error.code in ("changed-both", "value-stale") else "later" if isinstance(error, Unavailable) else "refused"
    )
    return {
        "client_id": client_id_of(sent), "kind": kind_of(sent), "status": status, "code": status_of(error), "problem": problem_of(error, request),
    }  # fmt: skip
