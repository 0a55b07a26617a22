"""Which cells of a table are withheld, so that no small count of persons can be found out from what is public, or ever was. Pure.

The answer depends on what is given alone, not on its order; what was withheld stays withheld as long as it is the same count.
"""

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from app.disclosure.layers import CountLayer, Margins, Snapshot, price, related, room_alone, room_together
from app.disclosure.moving import FREE, Room, reach
from app.disclosure.tabulation import TOTAL, EnteredCounts, TableCell, Tabulation


class Disclosure(NamedTuple):
    withheld: frozenset[TableCell]
    """Not to be shown to the public anywhere, the small ones and those that would give them back alike."""
    exposed: frozenset[TableCell]
    """Withheld, but not provably safe: what was public before gives them away, or narrows them down. For the walidata, never for the public."""


class ProtectedCell(NamedTuple):
    layer: int
    place: int
    labelled: bool


class CountTable(NamedTuple):
    form: Tabulation
    counts: EnteredCounts
    past: Sequence[Snapshot] = ()
    """All that was ever public of it, in any order."""


def decide(
    form: Tabulation,
    threshold: int,
    counts: EnteredCounts,
    past: Sequence[Snapshot] = (),
    *,
    favoured: Collection[TableCell] = (),
    given: Collection[TableCell] = (),
) -> Disclosure:
    """`threshold`: counts below it are small, 0 too. `favoured`: cells to withhold rather than others. `given`: what another table shows."""

    def begin() -> _Case:
        case = _Case(form, threshold, counts, past, given)
        case.favour(favoured)
        case.withhold(case.small | case.kept)
        return case

    case = begin()
    if not case.protect():
        return case.answer(())
    # What was public before leaves no room for the sums of today: none is shown that tells anything new.
    case = begin()
    case.withhold(case.telling())
    if given:
        # Totals that another table shows cannot be withheld: then none of their classes are shown.
        case.withhold(place for place, arc in enumerate(form.arcs) if arc.cell not in given)
    return case.answer(case.protect(paying=False))


def decide_together(tables: Sequence[CountTable], threshold: int) -> list[Disclosure]:
    """Of tables that divide the same totals: by sex, by age. The first decides about the totals; if it withholds any, no class of the others is shown.

    Numbers that are corrected get new versions in all of them.
    """
    found = [decide(tables[0].form, threshold, tables[0].counts, tables[0].past)]
    withheld = {cell for cell in found[0].withheld if cell[1] == TOTAL}
    for form, counts, past in tables[1:]:
        there = {cell for cell, value in zip(form.number, form.values(counts), strict=True) if value is not None}
        if withheld:
            hidden = {cell for cell in there if cell[1] != TOTAL} | (withheld & there)
            found.append(Disclosure(frozenset(hidden), frozenset()))
        else:
            found.append(decide(form, threshold, counts, past, given=[cell for cell in there if cell[1] == TOTAL]))
    return found


def examine(
    form: Tabulation, threshold: int, counts: EnteredCounts, public: Collection[TableCell], past: Sequence[Snapshot] = ()
) -> frozenset[TableCell]:
    """The cells of today that can be found out, or narrowed down too far, if these are public; empty where all is well."""
    case = _Case(form, threshold, counts, past, public)
    case.withhold(place for place, arc in enumerate(form.arcs) if arc.cell not in public)
    return case.answer(case.protect(paying=False)).exposed


def is_shown(inputs: Iterable[TableCell], withheld: Collection[TableCell]) -> bool:
    """Whether a figure that is computed from these cells, of one period or several, may be shown: only if all of them are."""
    return not any(cell in withheld for cell in inputs)


class _Case:
    def __init__(
        self, form: Tabulation, threshold: int, counts: EnteredCounts, past: Sequence[Snapshot], public: Collection[TableCell] = ()
    ) -> None:
        self.form = form
        self.threshold = threshold
        self.now = CountLayer(form, counts)
        before = [(CountLayer(form, one.counts), one.public) for one in past]
        known = set().union(*(layer.public(cells) for layer, cells in before)) | self.now.public(public)
        lacked = set()
        for layer, _ in before:
            layer.hide(place for place, one in enumerate(layer.identities) if layer.there[place] and one not in known)
            lacked |= {one for place, one in enumerate(layer.identities) if layer.unknown[place]}
        self.known = {place for place, one in enumerate(self.now.identities) if one in known}
        self.there = {place for place, there in enumerate(self.now.there) if there}
        self.small = {place for place in self.there if self.now.values[place] < threshold}
        self.kept = {place for place in self.there if self.now.identities[place] in lacked}
        # A layer that tells nothing of what is lacking needs no looking after; nor does one that tells what another one tells.
        telling = {_statement(layer): layer for layer, _ in before if layer.bounds}
        self.layers = [self.now, *(telling[key] for key in sorted(telling))]
        self.others = [related(number, self.layers) for number in range(len(self.layers))]
        self.withheld: set[int] = set()
        self.queue: deque[ProtectedCell] = deque()
        self.prices = [
            0 if place in self.known or place not in self.there else price(form, arc, self.now.values[place])
            for place, arc in enumerate(form.arcs)
        ]
        self._closed = [0] * len(form.arcs)
        self._rooms: dict[tuple[int, bool], list[Room]] = {}
        self._margins = {labelled: Margins(threshold, labelled=labelled) for labelled in (False, True)}

    def favour(self, cells: Collection[TableCell]) -> None:
        for place, arc in enumerate(self.form.arcs):
            if arc.cell in cells:
                self.prices[place] //= 4

    def withhold(self, places: Iterable[int]) -> None:
        added = sorted(self.there.intersection(places) - self.withheld)
        self.withheld.update(added)
        unknown = [place for place in added if place not in self.known]
        self.now.hide(unknown)
        for place in unknown:
            self.queue += [ProtectedCell(0, place, labelled=False), ProtectedCell(0, place, labelled=True)]
            self.prices[place] = 0
        if len(self.layers) > 1:
            self.others = [related(number, self.layers) for number in range(len(self.layers))]
            self._rooms.clear()
        for rooms in self._rooms.values():
            for room in rooms:
                for place in unknown:
                    room.prices[place] = FREE

    def telling(self) -> set[int]:
        """The sums of today with unknown counts inside, but for those that were public with the same unknown counts."""
        said = {
            (place, counts) for layer in self.layers[1:] for place, inside in layer.bounds.items() for counts in [_lacking(layer, inside)]
        }
        return {
            place
            for place, inside in self.now.bounds.items()
            if place not in self.known and (place, _lacking(self.now, inside)) not in said
        }

    def protect(self, *, paying: bool = True) -> set[ProtectedCell]:
        """Withholds more until each target can be moved as far as it must be. Those for which that cannot be had."""
        seen = {(place, self.now.identities[place]) for place in self.withheld}
        for number, layer in enumerate(self.layers[1:], start=1):
            for place, unknown in enumerate(layer.unknown):
                one = (place, layer.identities[place])
                if unknown and layer.there[place] and one not in seen and self._is_delicate(number, place):
                    seen.add(one)
                    self.queue += [ProtectedCell(number, place, labelled=False), ProtectedCell(number, place, labelled=True)]
        failed = set()
        while self.queue:
            target = self.queue.popleft()
            is_reached = all(self._reached(target, moves, paying=paying) for moves in self._needed(target))
            if not is_reached and self._is_delicate(target.layer, target.place):
                failed.add(target)
                if paying:
                    break
        return failed

    def _is_delicate(self, layer: int, place: int) -> bool:
        """What can be read of a wider sum, which is withheld only because it tells too much of its parts, does no harm."""
        return self.form.arcs[place].is_count or self.layers[layer].values[place] < self.threshold

    def answer(self, failed: Iterable[ProtectedCell]) -> Disclosure:
        exposed = {target.place for target in failed if target.layer == 0} | (self.small & self.known)
        return Disclosure(*(frozenset(self.form.arcs[place].cell for place in places) for places in (self.withheld, exposed)))

    def _needed(self, target: ProtectedCell) -> list[list[tuple[int, int]]]:
        """Of each move one of these: up (1) or down (-1), and by how much."""
        value = self.layers[target.layer].values[target.place]
        is_count = self.form.arcs[target.place].is_count
        small = value < self.threshold
        if target.labelled:
            return [[(-1, value)], [(1, self.threshold - 1 - value)]] if is_count and small else []
        if is_count or small:
            return [[(-1, value)], [(1, max(0, self.threshold - value))]]
        # What of a wider sum can be read off its parts is no secret.
        return [[(1, self.threshold - 1), (-1, self.threshold - 1)]]

    def _reached(self, target: ProtectedCell, moves: list[tuple[int, int]], *, paying: bool) -> bool:
        identity = self.layers[target.layer].identities[target.place]
        same = [
            number for number, layer in enumerate(self.layers) if layer.unknown[target.place] and layer.identities[target.place] == identity
        ]
        for step, need in moves:
            for number in same:
                if any(
                    not reach(self.form, room, target.place, step, need).lacking
                    for room in self._kept_rooms(number, labelled=target.labelled)
                ):
                    return True
        if len(self.layers) > 1 and any(self._in_steps(target, step, need) for step, need in moves):
            return True
        if not paying or 0 not in same:
            return False
        for room in self._kept_rooms(0, labelled=target.labelled):
            found = reach(self.form, room, target.place, *moves[0], paying=True)
            if not found.lacking:
                self.withhold(found.opened)
                return True
        return False

    def _in_steps(self, target: ProtectedCell, step: int, need: int) -> bool:
        """Moves one count of the target after another, in one layer after another, each time on from where the last move has led."""
        layers = list(self.layers)
        its = layers[target.layer]
        counts = [place for place in self.form.arcs[target.place].counts if its.unknown[place]]
        bound = frozenset[int]().union(*its.bounds.values())
        for place in counts:
            version = its.versions[place]
            for number in [number for number, layer in enumerate(layers) if layer.unknown[place] and layer.versions[place] == version]:
                for together in (False, True):
                    room = self._room(layers, number, together=together, labelled=target.labelled)
                    # The other counts stay, so that the target takes on every value on its way.
                    for other in counts:
                        if other != place and (layers[number].versions.get(other) == its.versions[other] or (together and other in bound)):
                            room.prices[other] = 0
                    found = reach(self.form, room, place, step, need)
                    need = found.lacking
                    if need == 0:
                        return True
                    moves = self._moves(number, found.moved, together=together)
                    layers = [layer.moved(moves) for layer in layers]
        return False

    def _moves(self, number: int, moved: Mapping[int, int], *, together: bool) -> dict[tuple[int, int], int]:
        layer = self.layers[number]
        moves = {(place, layer.versions[place]): by for place, by in moved.items() if self.form.arcs[place].is_count}
        for other in (self.layers[one] for one in self.others[number] if together):
            moves |= {
                (place, other.versions[place]): moved[place] for inside in other.bounds.values() for place in inside if place in moved
            }
        return moves

    def _kept_rooms(self, number: int, *, labelled: bool) -> list[Room]:
        key = (number, labelled)
        if key not in self._rooms:
            ways = (False, True) if self.others[number] else (False,)
            self._rooms[key] = [self._room(self.layers, number, together=together, labelled=labelled) for together in ways]
        return self._rooms[key]

    def _room(self, layers: Sequence[CountLayer], number: int, *, together: bool, labelled: bool) -> Room:
        prices = self.prices if number == 0 else self._closed
        others = [layers[other] for other in self.others[number]]
        return (room_together if together else room_alone)(layers[number], others, prices, self._margins[labelled])


def _statement(layer: CountLayer) -> tuple[tuple[int, tuple[tuple[int, int], ...], int], ...]:
    """Which unknown counts its sums hold, and how many: layers in which that is equal tell the same."""
    return tuple(
        (place, tuple(sorted(_lacking(layer, inside))), sum(layer.values[one] for one in inside))
        for place, inside in sorted(layer.bounds.items())
    )


def _lacking(layer: CountLayer, counts: Iterable[int]) -> frozenset[tuple[int, int]]:
    return frozenset((one, layer.versions[one]) for one in counts)
