"""What is known of a table outside, at one time and at all times together. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import NamedTuple

from app.disclosure.moving import FREE, UNBOUNDED, Room
from app.disclosure.tabulation import TOTAL, Arc, EnteredCounts, TableCell, Tabulation

CountIdentity = tuple[int, tuple[tuple[int, int], ...]]
"""An arc, and which versions of which counts it is the sum of: the same identity is the same number."""


class Snapshot(NamedTuple):
    """A table as it once was: its counts, and the cells that everybody could read."""

    counts: EnteredCounts
    public: frozenset[TableCell]


class CountLayer:
    """One snapshot beside the others: of each arc its value, whether it is there at all, and whether somebody outside still lacks it."""

    def __init__(self, form: Tabulation, counts: EnteredCounts) -> None:
        self.form = form
        self.values = form.sums(counts)
        self.there = [value is not None for value in form.values(counts)]
        self.versions = {form.number[cell]: count.version for cell, count in counts.items()}
        versions = self.versions
        self.identities: list[CountIdentity] = [
            (place, tuple((one, versions[one]) for one in arc.counts if one in versions)) for place, arc in enumerate(form.arcs)
        ]
        # A sum that is not complete is told to nobody.
        self.unknown = [not there and not arc.is_count for there, arc in zip(self.there, form.arcs, strict=True)]
        self._bounds: dict[int, frozenset[int]] | None = None

    def moved(self, moves: Mapping[tuple[int, int], int]) -> "CountLayer":
        """Another table that looks the same outside: counts in their versions, and by how much they rise or sink."""
        own = {place: by for (place, version), by in moves.items() if self.versions.get(place) == version}
        if not any(own.values()):
            return self
        other = copy(self)
        other.values = [value + sum(own.get(one, 0) for one in arc.counts) for value, arc in zip(self.values, self.form.arcs, strict=True)]
        return other

    def public(self, cells: Iterable[TableCell]) -> set[CountIdentity]:
        return {self.identities[self.form.number[cell]] for cell in cells if self.there[self.form.number[cell]]}

    def hide(self, places: Iterable[int]) -> None:
        for place in places:
            self.unknown[place] = True
        self._bounds = None

    @property
    def bounds(self) -> dict[int, frozenset[int]]:
        """Of each sum that is known: the unknown counts within it, where there are any. It is all that this layer tells of them."""
        if self._bounds is None:
            found = {
                place: frozenset(one for one in arc.counts if self.unknown[one])
                for place, arc in enumerate(self.form.arcs)
                if self.there[place] and not arc.is_count and not self.unknown[place]
            }
            self._bounds = {place: inside for place, inside in found.items() if inside}
        return self._bounds

    @property
    def bound(self) -> set[tuple[int, int]]:
        """The counts, with their versions, of which it tells a sum."""
        return {(place, self.versions[place]) for inside in self.bounds.values() for place in inside}


def related(number: int, layers: Sequence[CountLayer]) -> list[int]:
    """The other layers that tell of its unknown counts, or of such as are told of together with them."""
    found: list[int] = []
    layer = layers[number]
    reached = {(place, version) for place, version in layer.versions.items() if layer.unknown[place]}
    rest = [other for other in range(len(layers)) if other != number]
    while near := [other for other in rest if layers[other].bound & reached]:
        found += near
        rest = [other for other in rest if other not in near]
        reached = reached.union(*(layers[other].bound for other in near))
    return found


def room_alone(layer: CountLayer, others: Sequence[CountLayer], prices: Sequence[int], margins: "Margins") -> Room:
    """To move counts of which no other layer tells. `prices`: of what may still be withheld in this layer."""
    elsewhere = {one for other in others for one in other.bound}
    may = [not arc.is_count or (place, layer.versions.get(place)) not in elsewhere for place, arc in enumerate(layer.form.arcs)]
    down, up = margins.of(layer)
    return Room(down, up, [(FREE if layer.unknown[place] else prices[place]) if may[place] else 0 for place in range(len(may))])


def room_together(layer: CountLayer, others: Sequence[CountLayer], prices: Sequence[int], margins: "Margins") -> Room:
    """To move the same counts in all layers by the same number.

    A sum that another layer tells stays the same there if it stays in this one and has the same unknown counts in both; else its counts stay where they are.
    """
    down, up = margins.of(layer)
    at = [FREE if unknown else price for unknown, price in zip(layer.unknown, prices, strict=True)]
    inside = [frozenset(one for one in arc.counts if layer.unknown[one]) for arc in layer.form.arcs] if others else []
    for other in others:
        bound = frozenset[int]().union(*other.bounds.values())
        its_down, its_up = margins.of(other)
        for place in bound:
            down[place], up[place] = min(down[place], its_down[place]), min(up[place], its_up[place])
        for place, counts in other.bounds.items():
            if counts == inside[place]:
                at[place] = 0
                # Another withheld count within this sum would leave the other layer's sum unkept.
                closed: Iterable[int] = (one for one in layer.form.arcs[place].counts if not layer.unknown[one])
            else:
                closed = counts
            for one in closed:
                at[one] = 0
    return Room(down, up, at)


class Margins:
    """How far counts may go down and up. Told which ones are small, somebody outside knows more: below the threshold they are, and the others not."""

    def __init__(self, threshold: int, *, labelled: bool) -> None:
        self.threshold = threshold
        self.labelled = labelled

    def of(self, layer: CountLayer) -> tuple[list[int], list[int]]:
        down, up = list(layer.values), [UNBOUNDED] * len(layer.values)
        if self.labelled:
            for place, arc in enumerate(layer.form.arcs):
                if arc.is_count and layer.values[place] < self.threshold:
                    up[place] = self.threshold - 1 - layer.values[place]
                elif arc.is_count:
                    down[place] -= self.threshold
        return down, up


def price(form: Tabulation, arc: Arc, value: int) -> int:
    """What is lost with a cell: the more, the wider its area, and the larger it is. A total is worth more than one of its classes."""
    wide: int = 1000 * 6**arc.height
    return wide * (4 if form.classes and arc.cell[1] == TOTAL else 1) + value.bit_length()
