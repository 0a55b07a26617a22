"""`python -m conformance.cases FOLDER`: each file of a folder through the reading and judging of imports, as a dry run without a database; and
beside it what the table of its README.md says that it should give.

The columns of that table: the numbers with which the names of files begin, and prose. A category other than posyandu is named there in backticks.
"""

import asyncio
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app import ROOT
from app.categories.rules import Category
from app.errors import Invalid, TitikError
from app.points.schemas import read_proposal
from tests.imports.judged import Judged, judged

_NUMBERS = re.compile(r"\|\s*(\d\d(?:,\s*\d\d)*)\b([^|]*)\|([^|]*)\|")
_NUMBERED = re.compile(r",\s*(\d\d)\b")
_CATEGORY = re.compile(r"category `(\w+)`")


def wanted_of(readme: str) -> dict[str, str]:
    """What each number should give."""
    found: dict[str, str] = {}
    for line in _NUMBERS.finditer(readme):
        for number in [*re.findall(r"\d\d", line[1]), *_NUMBERED.findall(line[2])]:
            found[number] = f"{line[2].strip()}: {line[3].strip()}"
    return found


def category_of(wanted: str) -> Category:
    """That which the README names, as Titik ships it."""
    name = named[1] if (named := _CATEGORY.search(wanted)) else "posyandu"
    shipped = json.loads((ROOT / "app" / "categories" / "shipped" / f"{name}.json").read_text())
    template = (shipped["name_template"] or {}).get("id")
    key = tuple(shipped["natural_key"] or ())
    return Category(name, 1, shipped["attribute_schema"], tuple(shipped["required"]), template, key, shipped["cardinality"])


def given(path: Path, category: Category) -> str:
    """What becomes of a file, in a line."""
    if path.suffix == ".json" and "-post-" in path.name:
        try:
            proposal = read_proposal(json.loads(path.read_bytes()), category, datetime.now(UTC))
        except Invalid as error:
            return "; ".join(f"{fault.where} {fault.code}" for fault in error.faults)
        return f"taken, accuracy {proposal.accuracy_m}"
    with pytest.MonkeyPatch.context() as patch:
        try:
            found = asyncio.run(judged(path, patch, category))
        except TitikError as error:
            return f"refused: {error.code}"
    return "; ".join(_told(found))


def _told(found: Judged) -> Iterator[str]:
    yield ", ".join(f"{number} {level}" for level, number in Counter(draft.level for draft in found.drafts).items())
    for draft in found.drafts:
        if draft.findings:
            said = [
                finding.code + ("" if finding.column is None else f" at {found.headings[finding.column]}") for finding in draft.findings
            ]
            yield f"row {draft.number}: {', '.join(said)}"
    yield from (f"{code}: {', '.join(headings)}" for code, headings in found.noted().items())


def main(folder: Path) -> None:
    wanted = wanted_of((folder / "README.md").read_text())
    print("| file | wanted | given |\n|---|---|---|")
    for path in sorted(folder.iterdir()):
        if path.name != "README.md":
            says = wanted.get(path.name[:2], "-")
            print(f"| {path.name} | {says} | {given(path, category_of(says))} |")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
