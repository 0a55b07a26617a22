"""What is stored of a file as a whole: what its columns were taken for, how many of its rows are how good, what was found in how many. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from app.imports.cells import is_blank, written
from app.imports.columns import ColumnNote, is_of_a_person
from app.imports.fields import Column, Field
from app.imports.layout import Layout
from app.imports.reading.table import Cell, Table
from app.imports.rows import kind_of
from app.language import Text
from app.plaintext import plain

SAMPLES, LONGEST_SAMPLE, _LOOKED_AT = 3, 60, 200
_MOST_TOTALS = 10
_LEVELS, _ACTS = ("good", "warned", "question", "fault"), ("create", "update", "same")


def laid_out(table: Table, layout: Layout, notes: Sequence[ColumnNote], first: Sequence[Sequence[Cell]]) -> dict[str, object]:
    """What is known before any row is judged. `first`: the cells of the first rows, of which some are shown as samples."""
    people = layout.people
    of_people = {column.at for column in people.columns} if people else set()
    return {
        "format": table.format,
        **({"sheet": table.sheet} if table.sheet else {}),
        "columns": [
            _column(one, one.field or (people.field_of(one.at) if people else None))
            | {
                "samples": list(islice(_samples(first, one.at), SAMPLES))
                if one.field or not (one.at in of_people or is_of_a_person(one))
                else []
            }
            for one in layout.columns
        ],
        "notes": [note.json() for note in notes],
    }


def judged(table: Table, layout: Layout, described: Mapping[str, Any], counts: Counter[str], totals: Sequence[int]) -> dict[str, object]:
    """The same when all rows have been judged. `described`: what `laid_out` has told; `totals`: rows that were passed over."""
    people = layout.people
    of_people = [
        ColumnNote(code, columns)
        for code, about in (people.notes.items() if people else ())
        if (columns := tuple(at for at in sorted(about) if counts[f"filled {at}"]))
    ]
    return {
        **described,
        "rows": rows_of(counts),
        "blank": table.skipped_blank(),
        "counts": {name: counts[name] for name in (*_LEVELS, *_ACTS)},
        "asks": dict(_named(counts, "ask ")),
        "findings": dict(_named(counts, "finding ")),
        "kinds": dict(_named(counts, "kind ")),
        "people": counts["people"],
        "notes": [*described["notes"], *(note.json() for note in (*of_people, *_of_totals(totals)))],
    }


def _of_totals(totals: Sequence[int]) -> Iterator[ColumnNote]:
    if totals:
        listed = ", ".join(map(str, totals[:_MOST_TOTALS]))
        yield ColumnNote("rows-of-totals", facts={"numbers": f"{listed}, …" if len(totals) > _MOST_TOTALS else listed})


def counted(rows: Sequence[Mapping[str, Any]]) -> Counter[str]:
    """Of judged rows, by what `judged` tells of them."""
    counts = Counter(row["level"] for row in rows)
    counts.update(row["act"] for row in rows if row["act"])
    for row in rows:
        if row["level"] == "question":
            counts.update(f"ask {word}" for word in row["asks"].split())
        if row["findings"]:
            counts.update({f"finding {one['code']}" for one in row["findings"]})
            counts.update({f"kind {kind_of(one['code'])}" for one in row["findings"]})
        counts["people"] += len(row.get("people") or ())
        counts.update(f"filled {column}" for column in row.get("filled", ()))
    return counts


def rows_of(counts: Counter[str]) -> int:
    return sum(counts[level] for level in _LEVELS)


def _named(counts: Counter[str], beginning: str) -> Iterator[tuple[str, int]]:
    for name, number in sorted(counts.items()):
        if name.startswith(beginning) and number:
            yield name.removeprefix(beginning), number


def _samples(rows: Sequence[Sequence[Cell]], at: int) -> Iterator[str]:
    """Different values of a column from the top, as short as a table shows them."""
    seen: set[str] = set()
    for row in rows[:_LOOKED_AT]:
        text = "" if is_blank(row[at]) else " ".join(plain(written(row[at])).split())
        if text and text not in seen:
            seen.add(text)
            yield text if len(text) <= LONGEST_SAMPLE else f"{text[: LONGEST_SAMPLE - 1]}…"


def _column(column: Column, field: Field | None) -> dict[str, object]:
    return {"header": column.header, "field": field.name if field else None, "title": list(field.title if field else Text("", ""))}
