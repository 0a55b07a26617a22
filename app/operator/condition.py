"""Whether each part of the service can do its work now: what `/health/ready` looks at, and what it stands on."""

import asyncio
import shutil
from pathlib import Path
from typing import Literal, NamedTuple

from app.background.private_places import can_spool
from app.db import Database
from app.errors import Unavailable
from app.placement.edition import CITIES_WITHOUT, active_edition
from app.settings import Settings
from app.storage.blobs import Store, try_out

PartName = Literal["writing", "boundaries", "cities", "photos", "files", "disk"]
# Below either of them an administrator should make room: a database stops where there is none.
ROOM_BYTES, ROOM_SHARE = 1 << 30, 0.1


class Part(NamedTuple):
    """`error`: what `/health/ready` answers because of it. Without what `is_needed` the service is not ready."""

    name: PartName
    is_well: bool
    is_needed: bool = False
    error: Unavailable | None = None


class Disk(NamedTuple):
    """That of the data directory."""

    free: int
    total: int

    @property
    def is_short(self) -> bool:
        return self.free < min(ROOM_BYTES, self.total * ROOM_SHARE) or self.free < self.total * ROOM_SHARE / 2


class ServiceCondition(NamedTuple):
    parts: list[Part]
    disk: Disk

    @property
    def is_ready(self) -> bool:
        return not any(part.is_needed and not part.is_well for part in self.parts)


async def examine(database: Database, settings: Settings, photos: Store) -> ServiceCondition:
    """Writes a few bytes where photos are kept, and where files are put together."""
    keeps_photos, makes_files, disk = await asyncio.gather(
        try_out(photos), asyncio.to_thread(can_spool, settings.spool_directory), asyncio.to_thread(_disk, settings.data_dir)
    )
    writing, boundaries = _writing(database), await _boundaries(database)
    has_all_cities = boundaries is not None or await database.public.value(CITIES_WITHOUT) is None
    parts = [
        Part("writing", writing is None, is_needed=True, error=writing),
        Part("boundaries", boundaries is None, is_needed=True, error=boundaries),
        Part("cities", has_all_cities),
        Part("photos", keeps_photos),
        Part("files", makes_files),
        Part("disk", not disk.is_short),
    ]
    return ServiceCondition(parts, disk)


def _writing(database: Database) -> Unavailable | None:
    try:
        database.guard.check_ready()
    except Unavailable as error:
        return error
    return None


async def _boundaries(database: Database) -> Unavailable | None:
    """In both halves: where points are judged, and where they are read."""
    try:
        async with database.open_write(reading=True) as session:
            judging = await active_edition(session)
        return None if judging and await active_edition(database.public) else Unavailable("no-edition")
    except Unavailable as error:
        return error


def _disk(directory: Path) -> Disk:
    """Of the nearest directory above that is there."""
    there = next(path for path in (directory.absolute(), *directory.absolute().parents) if path.is_dir())
    usage = shutil.disk_usage(there)
    return Disk(usage.free, usage.total)
