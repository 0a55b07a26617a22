"""Several processes at one file: what they find is what one would find, and none of them outlives the work."""

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.errors import Unreadable
from app.imports.parallel import Share, judge_abreast
from app.imports.reading import SourceRow
from app.imports.seen import RowKeys, Seen

pytestmark = pytest.mark.disruptive(5)

BATCHES, EACH = 40, 25


def batches(number: int = BATCHES) -> Iterator[list[SourceRow]]:
    for batch in range(number):
        yield [SourceRow(batch * EACH + n + 1, (f"key {random.Random(batch * EACH + n).randrange(300)}",)) for n in range(EACH)]


def said_of(row: SourceRow) -> RowKeys:
    key = str(row.cells[0])
    return RowKeys(row.number, key=key.encode(), place=(112.0, -7.8 + int(key[4:]) % 7), name=key)


def told(share: Share) -> None:
    """Counts what each row has in common with others, in whatever time."""
    for rows in share.batches():
        time.sleep(random.random() / 100)
        found = share.compare([said_of(row) for row in rows])
        time.sleep(random.random() / 100)
        share.stored(
            Counter(f"{number} {one.code} {one.facts}" for number, common in found.items() for one in common) + Counter({"rows": len(rows)})
        )


def test_rows_are_compared_in_the_order_of_the_file() -> None:
    alone, abreast = Seen(), Seen()
    expected = Counter[str]()
    for rows in batches():
        for number, common in alone.compare([said_of(row) for row in rows]).items():
            expected.update(f"{number} {one.code} {one.facts}" for one in common)
    expected["rows"] = BATCHES * EACH
    found = Counter[str]()
    for counts in judge_abreast(told, batches(), abreast):
        found += counts
    assert found == expected
    assert abreast.shared == alone.shared != set()
    assert len(found) > BATCHES
    assert multiprocessing.active_children() == []


def test_a_file_without_rows_starts_nobody() -> None:
    assert list(judge_abreast(told, batches(0), Seen())) == []


def refusing(share: Share) -> None:
    for number, _ in enumerate(share.batches()):
        if number:
            raise Unreadable("rows-too-many", most=7)
        share.compare([])
        share.stored(Counter())


def dying(share: Share) -> None:
    for _ in share.batches():
        share.compare([])
        os._exit(3)


def failing(share: Share) -> None:
    for _ in share.batches():
        raise ZeroDivisionError


@pytest.mark.parametrize(("work", "error"), [(refusing, Unreadable), (dying, RuntimeError), (failing, RuntimeError)])
def test_what_goes_wrong_in_one_ends_all(work: Callable[[Share], None], error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        list(judge_abreast(work, batches(), Seen()))
    if isinstance(raised.value, Unreadable):
        assert (raised.value.code, raised.value.facts) == ("rows-too-many", {"most": 7})
    assert multiprocessing.active_children() == []


def test_a_file_that_turns_out_to_be_damaged_ends_all() -> None:
    def damaged() -> Iterator[list[SourceRow]]:
        yield from batches(5)
        raise Unreadable("rows-too-many", most=7)

    with pytest.raises(Unreadable):
        list(judge_abreast(told, damaged(), Seen()))
    assert multiprocessing.active_children() == []


WAITING = """
from collections import Counter
from app.imports.parallel import judge_abreast
from app.imports.seen import Seen

def batches():
    yield []
    yield []
    print("handed out", flush=True)
    import time; time.sleep(60)

def work(share):
    for _ in share.batches():
        share.compare([])
        share.stored(Counter())

list(judge_abreast(work, batches(), Seen()))
"""


def test_none_outlives_the_process_that_gave_the_work() -> None:
    with subprocess.Popen([sys.executable, "-c", WAITING], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "handed out\n"
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert len(children) == 2
        process.send_signal(signal.SIGKILL)
        assert process.stderr.read() == "", "nothing to complain about"
    until = time.monotonic() + 10
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < until, children
        time.sleep(0.05)
