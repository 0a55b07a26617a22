"""A file judged by several processes, which share the polygons in memory. Each looks at batches of its own and stores them; what rows have
in common is compared here, in the order of the file, because the earlier of two like rows is the good one.
"""

import gc
import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from typing import Any, NamedTuple

from app.errors import TitikError
from app.imports.reading import SourceRow
from app.imports.seen import Common, RowKeys, Seen

PROCESSES = 2
"""More would take the machine from whoever waits for an answer."""

# Forked, so that what was read before is there at once and once only.
_FORK = multiprocessing.get_context("fork")


class Share:
    """What one process has to do."""

    def __init__(self, end: "Connection[Any, Any]") -> None:
        self._end = end

    def batches(self) -> Iterator[list[SourceRow]]:
        while (rows := self._end.recv()) is not None:
            yield rows

    def compare(self, keys: Sequence[RowKeys]) -> Mapping[int, Sequence[Common]]:
        """What the rows of the batch in hand have in common with all before them; waits until those have been looked at."""
        self._end.send(("keys", keys))
        found: Mapping[int, Sequence[Common]] = self._end.recv()
        return found

    def stored(self, counts: Counter[str]) -> None:
        """The batch is done."""
        self._end.send(("stored", counts))


class _Worker(NamedTuple):
    process: Any
    end: "Connection[Any, Any]"


def judge_abreast(work: Callable[[Share], None], batches: Iterator[list[SourceRow]], seen: Seen) -> Iterator[Counter[str]]:
    """Lets processes do `work`, as many as there are batches for; gives the counts of each batch. What a process raises of our errors is
    raised here; anything else, and its death, is an error that is none of ours.
    """
    source = enumerate(batches)
    item = next(source, None)
    workers: list[_Worker] = []
    idle: list[Connection[object, object]] = []
    busy: dict[Connection[object, object], int] = {}
    early: dict[int, tuple[Connection[object, object], Sequence[RowKeys]]] = {}
    turn = 0
    with _ended(workers):
        while item or busy:
            while item and (idle or len(workers) < PROCESSES):
                if not idle:
                    workers.append(_started(work, [worker.end for worker in workers]))
                    idle.append(workers[-1].end)
                end = idle.pop()
                busy[end], rows = item
                end.send(rows)
                item = next(source, None)
            for end in [one for one in wait(list(busy)) if isinstance(one, Connection)]:
                kind, content = _received(end)
                if kind == "stored":
                    del busy[end]
                    idle.append(end)
                    yield content
                    continue
                early[busy[end]] = end, content
                while turn in early:
                    ready, keys = early.pop(turn)
                    ready.send(seen.compare(keys))
                    turn += 1


def _started(work: Callable[[Share], None], others: Sequence["Connection[Any, Any]"]) -> _Worker:
    gc.freeze()  # what is there already is shared as long as nobody writes to it, which looking for garbage would
    ours, theirs = _FORK.Pipe()
    process = _FORK.Process(target=_run, args=(work, theirs, [*others, ours]), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _run(work: Callable[[Share], None], end: "Connection[Any, Any]", not_ours: Sequence["Connection[Any, Any]"]) -> None:
    for one in not_ours:
        one.close()  # else nobody would learn that the process which gave the work has died
    with suppress(EOFError, ConnectionError):  # whoever gave the work is gone: what is not committed is nobody's
        try:
            work(Share(end))
        except TitikError as error:
            end.send(("failed", error))


def _received(end: "Connection[Any, Any]") -> tuple[str, Any]:
    try:
        kind, content = end.recv()
    except (EOFError, ConnectionError) as error:
        raise RuntimeError("a process that judged a file has died") from error
    if kind == "failed":
        raise content
    return kind, content


@contextmanager
def _ended(workers: Sequence[_Worker]) -> Iterator[None]:
    """Lets them go when all is done, ends them when something went wrong."""
    try:
        yield
        for worker in workers:
            worker.end.send(None)
    except BaseException:
        for worker in workers:
            worker.process.kill()
        raise
    finally:
        for worker in workers:
            worker.process.join()
            worker.end.close()
