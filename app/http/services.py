"""What a worker keeps while it runs, by name and type: `services(request).catalogue`."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Self, cast

from starlette.requests import Request

from app.accounts.oidc import IdentityServer
from app.accounts.passwords import Passwords
from app.boundaries.outlines import Outlines
from app.budget import Budget
from app.db import Database
from app.exports.files import FileMaker
from app.exports.kept_files import KeptFiles
from app.feed.streaming import Streams
from app.http.bodies import Bodies, Remembered
from app.http.limiting import Limits
from app.limits.counters import Counters
from app.photos.developing import Darkroom
from app.photos.storing import photo_store
from app.published.catalogue import Catalogue, Half
from app.published.extents import Extents
from app.settings import Settings
from app.storage.blobs import Store
from app.traffic.timings import RouteTimings

STORED_AT_ONCE = 2
"""Files that are stored, each by a connection that others could use."""


@dataclass(slots=True)
class Services:
    """Made once for an application. The database is opened when it starts, and is not there before."""

    settings: Settings
    identity_server: IdentityServer | None
    catalogue: Catalogue
    bodies: Bodies
    remembered: Remembered
    held: Budget
    """Of memory, for bodies and for answers that nobody has taken yet."""
    limits: Limits
    streams: Streams
    photo_store: Store
    file_maker: FileMaker
    kept_files: KeptFiles
    outlines: Outlines = field(default_factory=Outlines)
    extents: Extents = field(default_factory=Extents)
    passwords: Passwords = field(default_factory=Passwords)
    darkroom: Darkroom = field(default_factory=Darkroom)
    timings: RouteTimings = field(default_factory=RouteTimings)
    storing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(STORED_AT_ONCE))
    descriptions: dict[tuple[str, Half, str], bytes] = field(default_factory=dict)
    """The documents of `/api` that have been asked for, by address, half and version."""
    opened: Database | None = None

    @classmethod
    def of(cls, settings: Settings, counters: Counters, held: Budget) -> Self:
        """`counters` are those that the workers share."""
        catalogue, bodies = Catalogue(settings), Bodies(settings.cache_mb * 1024 * 1024)
        streams = Streams(settings.streams_per_address, counters.held())
        catalogue.on_change.append(streams.wake)
        made = cls(
            settings=settings,
            identity_server=IdentityServer(settings) if settings.oidc_issuer else None,
            catalogue=catalogue,
            bodies=bodies,
            remembered=Remembered(bodies, catalogue),
            held=held,
            limits=Limits(settings, counters),
            streams=streams,
            photo_store=photo_store(settings),
            file_maker=FileMaker(settings.spool_directory),
            kept_files=KeptFiles(settings.spool_directory),
        )
        catalogue.on_change.insert(0, made.follow_steps)
        return made

    def follow_steps(self) -> None:
        """While the items of a category are made anew, what they still have is cut where it is read."""
        if self.opened is not None:
            self.opened.read_through_views(self.catalogue.known.is_stepping)

    @property
    def database(self) -> Database:
        """RuntimeError before the application has started."""
        if self.opened is None:
            raise RuntimeError("the application has not started")
        return self.opened


def services(request: Request) -> Services:
    return services_of(request.app)


def services_of(app: Any) -> Services:
    return cast("Services", app.state.services)
