"""Tables of counted persons: areas and classes with all their sums, as one circulation. Pure.

Each cell is an arc, and each sum a node that keeps what flows: from the whole through the classes of the wider areas down to a kelurahan, and back through
the totals of the areas. Whatever table agrees with what is public differs from the true one by circles (ADR 0064).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import NamedTuple

TableCell = tuple[str, str]
"""Area and class."""
TOTAL = ""
"""In the place of a class: the sum of all classes, or the count itself where there are none."""
_WHOLE = 0
"""The node where the circulation begins and ends."""


class Count(NamedTuple):
    """Persons in one kelurahan and class. Another version is another count: how far it differs from the one before is known to nobody outside."""

    value: int
    version: int


EnteredCounts = Mapping[TableCell, Count]
"""What is entered, of kelurahan and classes. Sums are never entered; a count that has not come yet is absent, which is not 0."""


class Arc(NamedTuple):
    cell: TableCell
    tail: int
    head: int
    height: int
    """0 in a kelurahan, one more for each wider area."""
    counts: tuple[int, ...]
    """The arcs of the counts that it is the sum of; of a count its own."""
    is_count: bool


class Tabulation:
    """The form of a table: a tree of areas, and the classes that make up each total. In whatever order they are given, the arcs are the same."""

    def __init__(self, parents: Mapping[str, str | None], classes: Collection[str] = ()) -> None:
        """`parents`: of each area the wider one, of exactly one None. ValueError where that is no tree, or a class has no name or two."""
        self.areas = sorted(parents)
        self.classes = sorted(classes)
        self.parents = dict(parents)
        if TOTAL in self.classes or len(set(self.classes)) < len(self.classes):
            raise ValueError("classes")
        if sum(parent is None for parent in parents.values()) != 1 or any(self._path(area) is None for area in self.areas):
            raise ValueError("areas")
        self._wider = {parent for parent in self.parents.values() if parent is not None}

    @cached_property
    def arcs(self) -> tuple[Arc, ...]:
        nodes: dict[TableCell, int] = defaultdict(lambda: len(nodes) + _WHOLE + 1)
        cells = [(area, one) for area in self.areas for one in (*self.classes, TOTAL)]
        number = {cell: place for place, cell in enumerate(cells)}
        entered = set(self.classes or [TOTAL])
        counts: dict[TableCell, list[int]] = defaultdict(list)
        height: dict[str, int] = defaultdict(int)
        for area in self.areas:
            if area in self._wider:
                continue
            for steps, wider in enumerate(self._path(area) or ()):
                height[wider] = max(height[wider], steps)
                for one in entered:
                    counts[wider, one].append(number[area, one])
                    if self.classes:
                        counts[wider, TOTAL].append(number[area, one])
        made = []
        for area, one in cells:
            parent = self.parents[area]
            outer = nodes[parent, one] if parent is not None else _WHOLE
            # In a kelurahan all classes meet in one node: what flows in by them flows back as its total.
            inner = nodes[area, one] if area in self._wider else nodes[area, TOTAL] if self.classes else _WHOLE
            tail, head = (inner, outer) if self.classes and one == TOTAL else (outer, inner)
            is_count = one in entered and area not in self._wider
            made.append(Arc((area, one), tail, head, height[area], tuple(sorted(counts[area, one])), is_count))
        return tuple(made)

    @cached_property
    def number(self) -> Mapping[TableCell, int]:
        return {arc.cell: place for place, arc in enumerate(self.arcs)}

    @cached_property
    def around(self) -> tuple[tuple[tuple[int, int, int], ...], ...]:
        """Of each node: arc, the node at its other end, and 1 where it leads there, -1 where it comes from there."""
        found: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        for place, arc in enumerate(self.arcs):
            found[arc.tail].append((place, arc.head, 1))
            found[arc.head].append((place, arc.tail, -1))
        return tuple(tuple(found[node]) for node in range(max(found) + 1))

    def values(self, counts: EnteredCounts) -> list[int | None]:
        """Of each arc; None of a count that has not come, and of a sum that lacks one: a sum of what has come so far is no sum.

        ValueError where a count is none of this table, or negative.
        """
        sums = self.sums(counts)
        came = {self.number[cell] for cell in counts}
        return [value if came.issuperset(arc.counts) else None for value, arc in zip(sums, self.arcs, strict=True)]

    def sums(self, counts: EnteredCounts) -> list[int]:
        """Of what has come so far."""
        entered = [0] * len(self.arcs)
        for cell, count in counts.items():
            place = self.number.get(cell)
            if place is None or not self.arcs[place].is_count or count.value < 0:
                raise ValueError(cell)
            entered[place] = count.value
        return [sum(entered[one] for one in arc.counts) for arc in self.arcs]

    def _path(self, area: str) -> list[str] | None:
        """The area and all wider ones; None where they run in a circle, or out of the tree."""
        path: list[str] = []
        at: str | None = area
        while at is not None:
            if at in path or at not in self.parents:
                return None
            path.append(at)
            at = self.parents[at]
        return path
