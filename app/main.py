"""The application: settings in, an ASGI app out. Nothing happens at import."""

import asyncio
import gc
import multiprocessing
import os
import re
import signal
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError

from app import __version__
from app.audit.sealing import sealed_meanwhile
from app.background.jobs import worked_meanwhile
from app.background.tidying import tidied_meanwhile
from app.background.write_watch import write_watched_meanwhile
from app.boundaries import jobs as boundary_jobs
from app.boundaries.notes import boundary_note
from app.budget import Budget
from app.db import Database
from app.errors import BadRequest, Fault, Unavailable
from app.exports.formats import sweep
from app.feed import changes
from app.http import problems
from app.http.access_log import AccessLog
from app.http.cors import Cors
from app.http.intake import WEIGHT_OF_JSON, Allowance, Intake
from app.http.middleware import Again, Around, Limited
from app.http.services import Services
from app.imports import service as imports
from app.imports.limits import MOST_ROWS
from app.inbox.mailing import mailed_meanwhile
from app.limits.counters import Counters
from app.log import configure_log
from app.photos.storing import tried_meanwhile
from app.photos.sweeping import sweep as sweep_photos
from app.placement.edition import active_edition
from app.progress.keeping import fold as fold_progress
from app.reports import service as reports
from app.routers import ROUTERS, description
from app.settings import Settings
from app.traffic.service import kept_meanwhile
from app.webhooks.delivering import delivered_meanwhile
from app.write_guard import LACKING

UPLOADED_AT_ONCE = 16
"""Files of the largest size, on the disk of a worker, until they are stored."""


def create_app(settings: Settings | None = None, counters: Counters | None = None) -> FastAPI:
    """The service on the database of `settings` (absent: read from the environment); `counters` are those that it shares with others."""
    settings = settings or Settings()
    configure_log(settings)
    services = Services.of(settings, counters or Counters(), _held(settings))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        services.opened = await Database.connect(settings)
        try:
            await _tell_boundaries(services.database)
            await asyncio.to_thread(sweep, settings.spool_directory)
            await _settle(services.database)
            async with (
                services.catalogue.followed(),
                services.streams.followed(services.database),
                sealed_meanwhile(services.database),
                mailed_meanwhile(services.database, settings),
                worked_meanwhile(settings),
                tidied_meanwhile(
                    services.database,
                    partial(sweep_photos, settings, services.photo_store),
                    partial(imports.forget, services.database),
                    partial(imports.put_back, services.database),
                    partial(boundary_jobs.forget, services.database),
                    partial(reports.forget, services.database),
                    partial(fold_progress, services.database),
                    partial(boundary_jobs.put_back, services.database),
                    partial(asyncio.to_thread, services.kept_files.sweep),
                ),
                delivered_meanwhile(settings),
                write_watched_meanwhile(services.database),
                tried_meanwhile(services.photo_store),
                kept_meanwhile(services.database, services.timings),
            ):
                yield
        finally:
            await services.database.close()
            if services.identity_server:
                await services.identity_server.close()

    # `routers/landing.py` serves the document. Each thing has one address, and a redirection would be to whatever `Host` says.
    app = FastAPI(
        title="Titik", version=__version__, lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )  # fmt: skip
    app.state.services = services
    problems.install(app)
    app.add_exception_handler(RequestValidationError, _invalid_parameters)
    for router in ROUTERS:
        # Not `include_router`: it keeps each router apart and asks one after the other, which costs more than all else that routing does.
        app.router.routes.extend(router.routes)
    app.add_middleware(Intake, allowance=_allowance(settings, services.held))
    app.add_middleware(Again, remembered=services.remembered)
    app.add_middleware(Limited, limits=services.limits, settings=settings)
    app.add_middleware(Around, unsent=services.held, cors=Cors(settings.origins), log=AccessLog(services.timings))
    description.install(app)
    return app


def larger_bodies(settings: Settings) -> dict[re.Pattern[str], int]:
    """The paths that take more than one point in a body."""
    return {
        re.compile(r"/imports|/portal/impor(?:/penyelamat)?|/sync/rescue"): settings.max_import_bytes,
        re.compile(r"/boundaries/editions|/portal/kelola/batas/berkas"): settings.max_import_bytes,
        re.compile(r"/imports/[^/]+/commit"): 8 * MOST_ROWS,
        re.compile(r"/sync"): settings.max_sync_bytes,
        re.compile(r"/points/[^/]+/photos(?:/[^/]+)?"): settings.max_photo_bytes,
        re.compile(r"/reports|/lapor"): settings.max_photo_bytes,
    }


def _allowance(settings: Settings, held: Budget) -> Allowance:
    return Allowance(
        limit=settings.max_body_bytes,
        within_s=settings.body_timeout_s,
        larger=larger_bodies(settings),
        memory=held,
        disk=Budget(UPLOADED_AT_ONCE * settings.max_import_bytes),
        directory=settings.spool_directory,
    )


def _held(settings: Settings) -> Budget:
    """In memory. The largest single body that is allowed has room in any case."""
    largest = max(settings.max_photo_bytes, WEIGHT_OF_JSON * max(settings.max_body_bytes, settings.max_sync_bytes))
    return Budget(max(settings.held_mb * 1024 * 1024, largest))


def create_worker(counters: Counters) -> FastAPI:
    """The application of one worker process, which ends when the process that started it is gone, however that ended."""
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=follow, daemon=True).start()
    app = create_app(counters=_claimed(counters))
    freeze()
    return app


def _claimed(counters: Counters) -> Counters | None:
    """None for one more worker than there is room for (SIGTTIN): it counts for itself."""
    try:
        counters.claim()
    except RuntimeError as error:
        structlog.get_logger("titik").warning("limits are not shared", reason=str(error))
        return None
    return counters


def freeze() -> None:
    """What is there once all is made stays: looking through it for garbage would stop everybody for 50 ms every now and then."""
    gc.collect()
    gc.freeze()


async def _invalid_parameters(request: Request, error: Any) -> Response:
    """What FastAPI itself finds wrong is a parameter that is missing or too long; bodies are read by our own code."""
    faults = [Fault(str(found["loc"][-1])[:100], _code_of(found), found.get("ctx", {})) for found in error.errors()]
    return problems.answer(BadRequest(faults=faults), request)


def _code_of(found: Mapping[str, Any]) -> str:
    if found["type"] == "missing":
        return "parameter-missing"
    return "not-one-of" if "expected" in found.get("ctx", {}) else "value-invalid"


async def _settle(database: Database) -> None:
    """Where nothing can be written, it is for whoever asks for the feed of changes when something can."""
    try:
        await changes.settle(database)
        await imports.put_back(database)
        await boundary_jobs.put_back(database)
    except Unavailable as error:
        if error.code not in LACKING:
            raise
        structlog.get_logger("titik").warning("the service begins, but nothing can be written", code=error.code)


async def _tell_boundaries(database: Database) -> None:
    edition = await active_edition(database.public)
    note = boundary_note(edition, "id")
    log = structlog.get_logger("titik")
    if note:
        log.warning("boundaries", note=note)
    elif edition:
        log.info("boundaries", edition=edition.name, accuracy_m=edition.accuracy_m)
