"""The dry run: every row of a file read, placed, held against the rules and against what is there already.

Batch by batch, so that memory stays what it is however long the file. What a row has in common with an earlier one is not known here
(`seen`): batches may be judged in any order, by several processes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import orjson

from app.categories.rules import Category
from app.db import WriteSession
from app.imports.knowing import KnownPoints
from app.imports.layout import Layout
from app.imports.limits import LONGEST_TEXT
from app.imports.placing import Placing
from app.imports.proposing import Proposing
from app.imports.reading import SourceRow
from app.imports.rows import PLACE, Draft, RowFinding
from app.imports.seen import Common, RowKeys
from app.plaintext import plain

LONGEST_NAME = 200
_MARKS_OF_A_FAULT: Mapping[str, Callable[[str], bool]] = {
    "text-damaged": lambda text: "\ufffd" in text,
    "text-cut": lambda text: len(text) >= LONGEST_TEXT,
    "quote-open": lambda text: "\n" in text,
}


class Judge:
    """Judges the rows of one file, batch by batch."""

    def __init__(self, category: Category, placing: Placing, layout: Layout) -> None:
        self._placing, self._layout = placing, layout
        self._known, self._proposing = KnownPoints(category, placing, layout), Proposing(category, layout)

    async def look(self, session: WriteSession, rows: Sequence[SourceRow]) -> list[Draft]:
        """Each row with its place, with what is known of its point, and with what it makes of that; or with all that is wrong with it."""
        drafts = [self._layout.read(row) for row in rows]
        for draft, row in zip(drafts, rows, strict=True):
            if (fault := _fault_of(row, draft)) is not None:
                draft.findings.append(RowFinding(fault, self._column_at_fault(fault, row, draft)))
                draft.faulty.update((PLACE,) if fault.startswith("geometry-") else ())
            draft.findings += [RowFinding("cell-merged", column) for column in row.merged if self._layout.is_read(column)]
            self._placing.declare(draft)
        await self._known.find_by_id(session, drafts)
        await self._placing.place(session, [draft for draft in drafts if PLACE not in draft.faulty])
        await self._known.find_alike(session, drafts)
        for draft in drafts:
            if draft.lon is None and PLACE not in draft.faulty:
                draft.findings.append(self._layout.without_place(draft))
            self._proposing.propose(draft)
        return drafts

    def row_keys(self, drafts: Sequence[Draft]) -> Iterator[RowKeys]:
        """What others among the rows may have said too, of those that are not lost already."""
        for draft in drafts:
            if draft.is_lost:
                continue
            is_known = draft.current is not None
            is_new = not is_known and draft.lon is not None and draft.lat is not None
            yield RowKeys(
                draft.number,
                draft.point_id.bytes if (is_known or draft.has_id) and draft.point_id is not None else None,
                None if draft.key is None else orjson.dumps(draft.key, option=orjson.OPT_SORT_KEYS),
                (draft.lon, draft.lat) if is_new else None,  # type: ignore[arg-type]
                self._known.name_of(draft) if is_new and not self._known.named_by_template(draft) else None,
            )

    def conclude(self, drafts: Sequence[Draft], common: Mapping[int, Sequence[Common]]) -> list[dict[str, object]]:
        """The columns of `titik.import_row` for each row. `common`: by number what rows have in common with earlier ones."""
        for draft in drafts:
            for code, facts in common.get(draft.number, ()):
                draft.findings.append(RowFinding(code, self._column_of(code, draft), facts))
            if draft.people is not None and not draft.is_lost:
                draft.findings += [RowFinding(code, column) for code, column in draft.people.findings]
        return [
            {
                **_people_of(draft),
                **(draft.revision if (level := draft.level) != "fault" else _seen_of(draft)),
                "number": draft.number,
                "level": level,
                "act": draft.act if level != "fault" else None,
                "asks": draft.asks,
                "findings": [one.json() for one in draft.findings] or None,
            }
            for draft in drafts
        ]

    def _column_at_fault(self, fault: str, row: SourceRow, draft: Draft) -> int | None:
        """Of the geometry the place; of a text the cell that holds it; else nobody can tell."""
        if fault.startswith("geometry-"):
            return self._layout.place_column(draft)
        is_at_fault = _MARKS_OF_A_FAULT.get(fault)
        return next((at for at, cell in enumerate(row.cells) if isinstance(cell, str) and is_at_fault and is_at_fault(cell)), None)

    def _column_of(self, code: str, draft: Draft) -> int | None:
        """Of something in common: it is about the place, the name, or the row."""
        if code == "place-shared":
            return self._layout.place_column(draft)
        return self._layout.column("name", draft) if code == "rows-alike" else None


def _fault_of(row: SourceRow, draft: Draft) -> str | None:
    """What of a row could not be read as it stands. Numbers that are no position may be exchanged, which rescue finds; a feature without a
    geometry may say its place in its columns.
    """
    if row.fault == "geometry-coordinates" and row.place is not None:
        return None
    return None if row.fault == "geometry-missing" and draft.places else row.fault


def _seen_of(draft: Draft) -> dict[str, object]:
    """What helps people to find a row that cannot be committed: its name, and where it would lie."""
    name = draft.values.get("name")
    return {"name": plain(name)[:LONGEST_NAME] if isinstance(name, str) else None, "lon": draft.lon, "lat": draft.lat}


def _people_of(draft: Draft) -> dict[str, object]:
    """The contacts of a row that can be committed, and which columns say anything of people."""
    if draft.people is None:
        return {}
    return {"people": None if draft.is_lost else draft.people.contacts or None, "filled": draft.people.filled}
