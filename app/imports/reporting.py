"""The report of an import as a workbook: the table as it came, and beside each row what to do. Written by a process of its own, which reads
the file again.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import orjson
from xlsxwriter.exceptions import FileCreateError

from app.background.child_limits import settle
from app.background.children import environment, open_errors, read_errors, running
from app.background.private_places import private
from app.db import Database, Row
from app.errors import Unavailable
from app.imports import queries
from app.imports.annotated import CellNote, NoteMark, RowNotes, write_annotated
from app.imports.reading import open_table
from app.imports.rows import RowFinding, RowLevel
from app.imports.schemas import notes_json, sentence
from app.language import Language, Text
from app.settings import Settings
from app.storage.disk import NO_ROOM, room_on_disk

CHUNK = 256 * 1024
AT_ONCE = 5_000
FULL = 28
"""The exit status of the child where the disk is full."""
_LEVELS = {
    "fault": Text("salah", "fault"), "question": Text("perlu dijawab", "question"), "warned": Text("perhatian", "warning"), "good": Text("baik", "good"),
}  # fmt: skip
_MARKS: dict[RowLevel, NoteMark] = {"fault": "error", "question": "repair", "warned": "warning", "good": "warning"}


def file_name(name: str) -> str:
    """Of the report, as a header can carry it."""
    return quote(f"{Path(name).stem[:80] or 'import'}-laporan.xlsx")


async def workbook(database: Database, settings: Settings, row: Row, language: Language) -> AsyncGenerator[bytes, None]:
    """Its bytes in chunks. `Unavailable` where the disk is full."""
    with room_on_disk(), private(settings.spool_directory) as place, open_errors() as errors:
        source, target = place / "file", place / "report.xlsx"
        await _fetch(database, row["id"], source)
        command = ("app.imports.reporting", str(source), str(target), row["name"], row["options"].get("sheet") or "", language)
        async with running(*command, variables=environment(place), stderr=errors) as process:
            await _feed(process, database, row, language)
            if code := await process.wait():
                if code == FULL:
                    raise Unavailable("storage-full")
                raise RuntimeError(f"the report was not written: exit {code}: {read_errors(errors)}")
        with target.open("rb") as file:
            while chunk := await asyncio.to_thread(file.read, CHUNK):
                yield chunk


async def _fetch(database: Database, import_id: UUID, path: Path) -> None:
    part = 0
    with path.open("wb") as file:
        while True:
            async with database.open_write(reading=True) as session:
                await session.run(queries.AS_SYSTEM)
                content = await session.value(queries.PART, import_id=import_id, part=part)
            if content is None:
                return
            await asyncio.to_thread(file.write, content)
            part += 1


async def _feed(process: asyncio.subprocess.Process, database: Database, row: Row, language: Language) -> None:
    """A line of JSON with what is said of the whole file, then one for each row that is not simply good."""
    assert process.stdin  # noqa: S101 - it was asked for
    remarks = [": ".join(filter(None, (", ".join(note["headers"]), note["detail"]))) for note in notes_json(row["found"], language)]
    process.stdin.write(orjson.dumps(remarks) + b"\n")
    after = 0
    while True:
        async with database.open_write(reading=True) as session:
            await session.run(queries.AS_SYSTEM)
            rows = await session.all(queries.REPORT, id=row["id"], after=after, level=None, codes=None, limit=AT_ONCE)
        if not rows:
            break
        lines = [orjson.dumps([one["number"], one["level"], one["findings"] or []]) for one in rows]
        try:
            process.stdin.write(b"\n".join(lines) + b"\n")
            await process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            return
        after = rows[-1]["number"]
    process.stdin.close()


def _notes(lines: Iterator[bytes], language: Language) -> Iterator[RowNotes]:
    for line in lines:
        number, level, findings = orjson.loads(line)
        notes = [CellNote(sentence(one, language), _MARKS[RowFinding(one["code"]).level], one.get("column")) for one in findings]
        yield RowNotes(number, _LEVELS[level].say(language), notes)


def main(arguments: list[str]) -> None:
    source, target, name, sheet, language = arguments
    settle()
    try:
        _write(source, target, name, sheet, language)
    except (OSError, FileCreateError) as error:
        # The library gives what the disk said as its own argument.
        reason = error.args[0] if isinstance(error, FileCreateError) and error.args else error
        if getattr(reason, "errno", None) not in NO_ROOM:
            raise
        sys.exit(FULL)


def _write(source: str, target: str, name: str, sheet: str, language: str) -> None:
    table = open_table(Path(source), name, sheet=sheet or None)
    spoken: Any = language
    remarks = orjson.loads(sys.stdin.buffer.readline() or b"[]")
    write_annotated(Path(target), table, _notes(iter(sys.stdin.buffer.readline, b""), spoken), spoken, remarks)


if __name__ == "__main__":
    main(sys.argv[1:])
