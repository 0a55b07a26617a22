"""The application: settings in, an ASGI app out. Nothing happens at import."""

import asyncio
import gc
import multiprocessing
import os
import re
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError

from app import __version__, problems
from app.accounts.oidc import IdentityServer
from app.accounts.passwords import Passwords
from app.boundaries import queries as boundaries
from app.boundaries.notes import boundary_note
from app.boundaries.outlines import Outlines
from app.budget import Budget
from app.cors import Cors
from app.counters import Counters
from app.db import Database
from app.errors import BadRequest, Fault, Unavailable
from app.inbox.mailing import mailed_meanwhile
from app.intake import WEIGHT_OF_JSON, Allowance, Intake
from app.jobs import worked_meanwhile
from app.limiting import Limits
from app.logging_output import configure_log
from app.middleware import Again, Around, Limited
from app.photos.developing import Darkroom
from app.photos.storing import store_of, tried_meanwhile
from app.photos.sweeping import sweep as sweep_photos
from app.published import changes
from app.published.bodies import Bodies, Remembered
from app.published.catalogue import Catalogue
from app.published.extents import Extents
from app.published.files import FileMaker
from app.published.formats import sweep
from app.published.kept_files import KeptFiles
from app.published.streaming import Streams
from app.routers import ROUTERS, description
from app.sealing import sealed_meanwhile
from app.settings import Settings
from app.tidying import tidied_meanwhile
from app.transfers import service as imports
from app.transfers.limits import MOST_ROWS
from app.webhooks.delivering import delivered_meanwhile
from app.write_guard import LACKING
from app.write_watch import write_watched_meanwhile

UPLOADED_AT_ONCE = 16
"""Files of the largest size, on the disk of a worker, until they are stored."""
STORED_AT_ONCE = 2
"""Files that are stored, each by a connection that others could use."""


def create_app(settings: Settings | None = None, counters: Counters | None = None) -> FastAPI:
    """The service on the database of `settings` (absent: read from the environment); `counters` are those that it shares with others."""
    settings = settings or Settings()
    configure_log(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.database = await Database.connect(settings)
        try:
            await _tell_boundaries(app.state.database)
            await asyncio.to_thread(sweep, settings.spool_directory)
            await _settle(app.state.database)
            async with (
                app.state.catalogue.followed(),
                app.state.streams.followed(app.state.database),
                sealed_meanwhile(app.state.database),
                mailed_meanwhile(app.state.database, settings),
                worked_meanwhile(settings),
                tidied_meanwhile(
                    app.state.database,
                    partial(sweep_photos, settings, app.state.photo_store),
                    partial(imports.forget, app.state.database),
                    partial(imports.put_back, app.state.database),
                    partial(asyncio.to_thread, app.state.kept_files.sweep),
                ),
                delivered_meanwhile(settings),
                write_watched_meanwhile(app.state.database),
                tried_meanwhile(app.state.photo_store),
            ):
                yield
        finally:
            await app.state.database.close()
            if app.state.identity_server:
                await app.state.identity_server.close()

    # `routers/landing.py` serves the document. Each thing has one address, and a redirection would be to whatever `Host` says.
    app = FastAPI(
        title="Titik", version=__version__, lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False},
    )  # fmt: skip
    app.state.settings = settings
    app.state.identity_server = IdentityServer(settings) if settings.oidc_issuer else None
    problems.install(app)
    app.add_exception_handler(RequestValidationError, _invalid_parameters)
    for router in ROUTERS:
        # Not `include_router`: it keeps each router apart and asks one after the other, which costs more than all else that routing does.
        app.router.routes.extend(router.routes)
    _equip(app, settings, counters or Counters())
    app.add_middleware(Intake, allowance=_allowance(settings, app.state.held))
    app.add_middleware(Again, remembered=app.state.remembered)
    app.add_middleware(Limited, limits=app.state.limits, settings=settings)
    app.add_middleware(Around, unsent=app.state.held, cors=Cors(settings.origins))
    description.install(app)
    return app


def larger_bodies(settings: Settings) -> dict[re.Pattern[str], int]:
    """The paths that take more than one point in a body."""
    return {
        re.compile(r"/imports"): settings.max_import_bytes,
        re.compile(r"/imports/[^/]+/commit"): 8 * MOST_ROWS,
        re.compile(r"/sync"): settings.max_sync_bytes,
        re.compile(r"/points/[^/]+/photos(?:/[^/]+)?"): settings.max_photo_bytes,
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


def _equip(app: FastAPI, settings: Settings, counters: Counters) -> None:
    """What a worker keeps in memory."""
    app.state.catalogue = Catalogue(settings)
    app.state.bodies = Bodies(settings.cache_mb * 1024 * 1024)
    app.state.remembered = Remembered(app.state.bodies, app.state.catalogue)
    app.state.held = _held(settings)
    app.state.limits = Limits(settings, counters)
    app.state.outlines = Outlines()
    app.state.extents = Extents()
    app.state.streams = Streams(settings.streams_per_address, counters.held())
    app.state.catalogue.on_change.append(app.state.streams.wake)
    app.state.passwords = Passwords()
    app.state.darkroom = Darkroom()
    app.state.photo_store = store_of(settings)
    app.state.storing = asyncio.Semaphore(STORED_AT_ONCE)
    app.state.descriptions = {}
    app.state.file_maker = FileMaker(settings.spool_directory)
    app.state.kept_files = KeptFiles(settings.spool_directory)


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
    """What FastAPI itself finds wrong is a parameter that is too long; bodies are read by our own code."""
    faults = [
        Fault(str(found["loc"][-1])[:100], "not-one-of" if "expected" in found.get("ctx", {}) else "value-invalid", found.get("ctx", {}))
        for found in error.errors()
    ]
    return problems.answer(BadRequest(faults=faults), request)


async def _settle(database: Database) -> None:
    """Where nothing can be written, it is for whoever asks for the feed of changes when something can."""
    try:
        await changes.settle(database)
        await imports.put_back(database)
    except Unavailable as error:
        if error.code not in LACKING:
            raise
        structlog.get_logger("titik").warning("the service begins, but nothing can be written", code=error.code)


async def _tell_boundaries(database: Database) -> None:
    edition = await boundaries.active(database.public)
    note = boundary_note(edition, "id")
    log = structlog.get_logger("titik")
    if note:
        log.warning("boundaries", note=note)
    elif edition:
        log.info("boundaries", edition=edition.name, accuracy_m=edition.accuracy_m)
