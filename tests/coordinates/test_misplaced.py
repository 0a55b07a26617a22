"""No text leads to a place that it does not name. The place comes first, `notations.py` writes it, and what is read has to be that place again.

Long form: `TITIK_TEST_TEXTS=100000 pytest -n 4 -rP tests/coordinates/test_misplaced.py`.
"""

import os
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.coordinates.rescue import zones_of
from app.coordinates.text import ReadText, decide, read_text
from app.geo import crs_around
from tests.coordinates.notations import GEOD, City, Text, write

AROUND = 1e-3
PARTS = 4


def read_in(city: City, text: str) -> ReadText:
    west, south, east, north = city.box
    read = read_text(text, zones_of(crs_around(city.box)), city.middle)
    landed = [west - AROUND <= one.lon <= east + AROUND and south - AROUND <= one.lat <= north + AROUND for one in read.readings]
    return decide(read, landed)


def is_misplaced(decided: ReadText, written: Text) -> bool:
    if decided.reading is None:
        return False
    if written.place is None or (written.asks and not written.asks & set(decided.reading.repairs)):
        return True
    return float(GEOD.inv(*decided.reading[:2], *written.place)[2]) > written.within_m


@settings(max_examples=500, deadline=None)
@given(st.integers(0, 10**9))
@pytest.mark.slow(14)
def test_no_text_is_misplaced(seed: int) -> None:
    city, written = write(seed)
    decided = read_in(city, written.text)
    assert not is_misplaced(decided, written), (city.name, written, decided)


@pytest.mark.timeout(0)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.slow(11)
def test_texts_of_one_place_are_read(part: int) -> None:
    """At least 97 % of those that say all that is needed; and none is misplaced, however many are asked for."""
    count = int(os.environ.get("TITIK_TEST_TEXTS", "1200")) // PARTS
    readable, read, decisions, refused = 0, 0, Counter[str](), Counter[str]()
    for seed in range(part * count, (part + 1) * count):
        city, written = write(seed)
        decided = read_in(city, written.text)
        assert not is_misplaced(decided, written), (city.name, written, decided)
        decisions[decided.decision] += 1
        if written.is_readable:
            readable += 1
            read += decided.decision == "as-is"
            refused[written.kind] += decided.decision != "as-is"
    print(f"{count} texts, {dict(decisions)}; of one place {readable}, of these as they are {read}; others {dict(+refused)}")  # noqa: T201
    assert read >= 0.97 * readable
