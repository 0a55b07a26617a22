"""A real disk that is full under a real service, and a database made read-only under it. `python -m chaos.full_disk` is the long form, with figures."""

import asyncio
import os

import pytest

from app.errors import Unavailable
from app.storage.disk import room_on_disk
from chaos.full_disk import READ_ONLY, WITHIN_S, Seen, empty, fill, full, is_stored, read_only, small_disk
from chaos.service import Service
from tests.unit.test_formats import SPOOLED, row, written

ROWS = [row(at) for at in range(20_000)]
pytestmark = [pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small file system"), pytest.mark.disruptive(45)]


def check(seen: Seen) -> None:
    answered = seen.writes + seen.synced
    assert seen.until_not_ready() < WITHIN_S
    assert seen.until_ready() < WITHIN_S
    assert seen.until_written() < WITHIN_S
    assert {one.status for one in answered} == {201, 503}
    assert all(one.told_when for one in answered if one.status == 503)
    assert {one.status for one in answered if seen.began + WITHIN_S < one.at < seen.ended} == {503}
    assert {status for _, status, _ in seen.pages + seen.tiles} == {200}


@pytest.mark.timeout(180)
def test_a_full_disk_and_a_read_only_database_stop_writes_and_nothing_else() -> None:
    try:
        disk = small_disk()
        with disk as place:
            service = Service(place / "data")
            try:
                seen = asyncio.run(full(service, place, WITHIN_S + 2))
                check(seen)
                assert asyncio.run(is_stored(place / "data", seen.stored)) == len(seen.stored) > 10
                check(asyncio.run(read_only(service, place / "data", next(iter(READ_ONLY)), WITHIN_S + 2)))
            finally:
                empty(place)
                service.end()
    except PermissionError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("name", SPOOLED)
@pytest.mark.parametrize("free_bytes", [0, 300_000])
async def test_an_export_that_the_disk_has_no_room_for_comes_later(name: str, free_bytes: int) -> None:
    """Its own disk is full before it begins, or while its child writes."""
    try:
        with small_disk(1) as place:
            (place / "ballast").write_bytes(b"\0" * ((1 << 20) - 65_536 - free_bytes if free_bytes else (1 << 20) - 65_536))
            if not free_bytes:
                fill(place)
            with pytest.raises(Unavailable, match="storage-full"):
                await written(name, ROWS, place)
    except PermissionError as error:
        pytest.skip(str(error))


def test_other_trouble_with_a_disk_is_not_told_as_a_full_one() -> None:
    with pytest.raises(PermissionError), room_on_disk():
        raise PermissionError(13, "Permission denied")
