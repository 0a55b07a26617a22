"""One small sheet of a workbook of strangers, cell by cell. Read by a process of its own, which knows nothing of the service."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from datetime import date
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO, Final, Never

import orjson

from app.background.child_limits import OF_SHEETS, end_with_parent, settle
from app.background.children import environment, running
from app.background.private_places import private
from app.errors import Unreadable
from app.imports.reading.kinds import kind_of
from app.imports.reading.table import Cell, tidied
from app.storage.disk import room_on_disk

Scalar = str | int | float | bool | None
NumberedCells = list[tuple[int, list[Scalar]]]
MOST_ROWS: Final = 1_000
MOST_COLUMNS: Final = 60
WITHIN_S: Final = 20.0


async def read_cells(file: BinaryIO, name: str, sheet: str, spool: Path) -> NumberedCells:
    """The rows of that sheet with their numbers, blank ones left out. `name`: of the file. `Unreadable` says what is wrong with it."""
    with room_on_disk(), private(spool) as place:
        path = place / "workbook"
        await asyncio.to_thread(_copy, file, path)
        async with running("app.imports.sheet", str(path), name, sheet, variables=environment(place), stdout=PIPE) as process:
            try:
                async with asyncio.timeout(WITHIN_S):
                    # Its standard input stays open: with that it would end.
                    assert process.stdout  # noqa: S101 - it was asked for
                    output = await process.stdout.read()
            except TimeoutError:
                output = b""
    if not output:
        # Ended by its limits, or by what it was given.
        raise Unreadable("workbook-damaged")
    found = orjson.loads(output)
    if "refused" in found:
        raise Unreadable(found["refused"], **found["facts"])
    return [(number, cells) for number, cells in found["rows"]]


def _copy(file: BinaryIO, path: Path) -> None:
    with path.open("xb") as target:
        copyfileobj(file, target)


def main(arguments: list[str]) -> None:
    settle(OF_SHEETS)
    end_with_parent()
    path, name, sheet = arguments
    try:
        answer: dict[str, object] = {"rows": _rows(Path(path), name, sheet)}
    except Unreadable as error:
        answer = {"refused": error.code, "facts": error.facts}
    sys.stdout.buffer.write(orjson.dumps(answer))
    sys.stdout.buffer.flush()


def _rows(path: Path, name: str, sheet: str) -> NumberedCells:
    kind = kind_of(path, name)
    if kind not in ("xlsx", "ods"):
        raise Unreadable("workbook-foreign")
    from app.imports.reading.workbooks import read_sheet  # noqa: PLC0415 - calamine is for whoever reads a workbook

    found = []
    for number, values in read_sheet(path, kind, sheet):
        cells, _ = tidied(values, len(values))
        while cells and cells[-1] is None:
            cells = cells[:-1]
        if len(cells) > MOST_COLUMNS:
            _refuse(MOST_COLUMNS)
        if cells:
            found.append((number, [_scalar(cell) for cell in cells]))
        if len(found) > MOST_ROWS:
            _refuse(MOST_ROWS)
    return found


def _refuse(most: int) -> Never:
    raise Unreadable("workbook-rows", most=most)


def _scalar(cell: Cell) -> Scalar:
    """A date is what a spreadsheet program has made of something else: no number, and told as what it shows."""
    return cell.isoformat() if isinstance(cell, date) else cell


if __name__ == "__main__":
    main(sys.argv[1:])
