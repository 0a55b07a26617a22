"""Draws which room of `app/` imports which, on the floors of the contract, into docs/rooms.md: `make rooms`.

An arrow stands for imports of at least one module; those that others imply (a room under a room under a room) are left out, or nothing could be seen.
Ends with 1 where an arrow runs up, or two rooms import each other.
"""

import sys
import tomllib
from pathlib import Path
from typing import Any

import grimp

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "rooms.md"
HEAD = """# Who imports whom

Made by `make rooms`, held by `tests/test_architecture.py`. A floor may use all floors below it, and nothing beside or above it; arrows that others imply are left out.

```mermaid
flowchart TD
"""


def main() -> None:
    PAGE.write_text(page())
    found = wrong(arrows(), floors())
    print("\n".join(found) or "docs/rooms.md: no arrow up, no pair")
    sys.exit(bool(found))


def floors() -> list[list[str]]:
    """The contract, from above."""
    contracts: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers: list[str] = next(one["layers"] for one in contracts if one["type"] == "layers")
    return [floor.split(" | ") for floor in layers]


def arrows() -> set[tuple[str, str]]:
    """Importing and imported room."""
    graph = grimp.build_graph("app", cache_dir=None)
    return {
        (room, _room(other))
        for module in graph.modules
        for other in graph.find_modules_directly_imported_by(module)
        if (room := _room(module)) != _room(other) and "app" not in (room, _room(other))
    }


def wrong(found: set[tuple[str, str]], every: list[list[str]]) -> list[str]:
    height = {room: -number for number, floor in enumerate(every) for room in floor}
    return [f"{one} → {other}: up, or beside" for one, other in sorted(found) if height[one] <= height[other]]


def page() -> str:
    found = arrows()
    lines = []
    for number, floor in enumerate(floors()):
        lines += [f"  subgraph floor{number} [ ]", *(f"    {room}" for room in floor), "  end"]
    lines += [f"  {one} --> {other}" for one, other in sorted(_needed(found))]
    return HEAD + "\n".join(lines) + "\n```\n"


def _needed(found: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Without those that a longer way implies."""
    below: dict[str, set[str]] = {}
    for one, other in found:
        below.setdefault(one, set()).add(other)

    def reached(room: str) -> set[str]:
        return below.get(room, set()).union(*(reached(other) for other in below.get(room, ())))

    return {(one, other) for one, other in found if not any(other in reached(between) for between in below[one] - {other})}


def _room(module: str) -> str:
    return module.split(".")[1] if "." in module else module


if __name__ == "__main__":
    main()
