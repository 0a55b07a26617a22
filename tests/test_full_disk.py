"""A real disk that is full under a real service, and a database made read-only under it. `python -m chaos.full_disk` is the long form, with figures."""

import asyncio
import os

import pytest

from chaos.full_disk import READ_ONLY, WITHIN_S, Seen, empty, full, is_stored, read_only, small_disk
from chaos.service import Service

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small file system")


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
