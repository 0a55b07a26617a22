"""What is withheld is withheld from somebody with linear programming, all that was ever public, and the rule by which counts are small."""

import math
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from app.disclosure.deciding import CountTable, Disclosure, decide, decide_together, examine, is_shown
from app.disclosure.layers import Snapshot
from app.disclosure.tabulation import TOTAL, Count, EnteredCounts, TableCell, Tabulation

ROUNDING = 1e-6
Variable = tuple[TableCell, int]


class Range(NamedTuple):
    least: int
    most: float


def city(*sizes: int) -> dict[str, str | None]:
    """Kecamatan with so many kelurahan each."""
    areas: dict[str, str | None] = {"city": None}
    for number, size in enumerate(sizes):
        areas[f"kec{number}"] = "city"
        areas |= {f"kec{number}.{one:02}": f"kec{number}" for one in range(size)}
    return areas


def inside(form: Tabulation, cell: TableCell, counts: EnteredCounts) -> list[Variable]:
    """The counts that make up a cell, found without the arcs of the product."""
    area, one = cell

    def within(leaf: str) -> bool:
        at: str | None = leaf
        while at is not None and at != area:
            at = form.parents[at]
        return at is not None

    return [(each, count.version) for each, count in counts.items() if within(each[0]) and one in (TOTAL, each[1])]


class Attacker:
    """Solves for each count, of all equalities that were ever public."""

    def __init__(self, form: Tabulation, threshold: int, seen: Sequence[Snapshot], *, labelled: bool = False) -> None:
        self.threshold, self.labelled = threshold, labelled
        self.values: dict[Variable, int] = {}
        self.public: set[Variable] = set()
        # Plus, minus, and what the one is more than the other.
        self.rows: dict[tuple[tuple[Variable, ...], tuple[Variable, ...]], int] = {}
        self.learn(form, seen)

    def learn(self, form: Tabulation, seen: Sequence[Snapshot]) -> None:
        for snapshot in seen:
            self.values |= {(cell, count.version): count.value for cell, count in snapshot.counts.items()}
            self.public |= {(cell, snapshot.counts[cell].version) for cell in snapshot.public if cell in snapshot.counts}
            for cell in snapshot.public:
                parts = inside(form, cell, snapshot.counts)
                self.rows[tuple(sorted(parts)), ()] = sum(self.values[one] for one in parts)

    def equal(self, parts: Sequence[Variable], others: Sequence[Variable]) -> None:
        self.rows[tuple(sorted(parts)), tuple(sorted(others))] = 0

    @cached_property
    def number(self) -> dict[Variable, int]:
        return {one: place for place, one in enumerate(sorted(self.values))}

    @cached_property
    def problem(self) -> dict[str, Any]:
        entries = [
            (sign, row, self.number[one])
            for row, sides in enumerate(self.rows)
            for sign, side in zip((1, -1), sides, strict=True)
            for one in side
        ]
        bounds: list[tuple[int, int | None]] = [(0, None)] * len(self.number)
        if self.labelled:
            for one, place in self.number.items():
                bounds[place] = (0, self.threshold - 1) if self.values[one] < self.threshold else (self.threshold, None)
        if not entries:
            return {"bounds": bounds}
        signs, rows, columns = zip(*entries, strict=True)
        sums = csr_matrix((signs, (rows, columns)), shape=(len(self.rows), len(self.number)))
        return {"A_eq": sums, "b_eq": [*self.rows.values()], "bounds": bounds}

    def range(self, variables: Collection[Variable]) -> Range:
        """Of the sum of these counts, in whole persons."""
        wanted = np.zeros(len(self.number))
        wanted[[self.number[one] for one in variables]] = 1
        least, most = (linprog(sign * wanted, **self.problem, method="highs") for sign in (1, -1))
        assert least.status == 0, least.message
        assert most.status in {0, 3, 4}, most.message
        return Range(math.ceil(least.fun - ROUNDING), math.floor(-most.fun + ROUNDING) if most.status == 0 else math.inf)


def broken(form: Tabulation, threshold: int, seen: Sequence[Snapshot], exposed: Collection[TableCell] = ()) -> Iterator[str]:
    """The counts that were never public, of all times, and that somebody can narrow down."""
    plain, labelled = Attacker(form, threshold, seen), Attacker(form, threshold, seen, labelled=True)
    values = {(cell, count.version): count.value for snapshot in seen for cell, count in snapshot.counts.items()}
    now = seen[-1].counts
    for one in sorted(values.keys() - plain.public):
        if one[0] in exposed and now[one[0]].version == one[1]:
            continue
        least, most = plain.range([one])
        if least > 0 or most < threshold:
            yield f"{one} = {values[one]}: {least} to {most}"
        if values[one] < threshold and labelled.range([one]) != (0, threshold - 1):
            yield f"{one} = {values[one]}, labelled: {labelled.range([one])}"
    # A sum of which not all counts have come is no figure.
    there = {cell for cell, value in zip(form.number, form.values(now), strict=True) if value is not None}
    for cell in sorted(there - seen[-1].public):
        parts = inside(form, cell, now)
        if len(parts) > 1 and cell not in exposed:
            least, most = plain.range(parts)
            is_small = sum(now[one].value for one, _ in parts) < threshold
            if (is_small and (least > 0 or most < threshold)) or (len(seen) == 1 and most - least + 1 < threshold):
                yield f"{cell}: {least} to {most}"


def shown(form: Tabulation, counts: EnteredCounts, disclosure: Disclosure) -> Snapshot:
    there = {cell for cell, value in zip(form.number, form.values(counts), strict=True) if value is not None}
    assert disclosure.withheld <= there
    return Snapshot(counts, frozenset(there - disclosure.withheld))


def small(form: Tabulation, threshold: int, counts: EnteredCounts) -> set[TableCell]:
    return {cell for cell, value in zip(form.number, form.values(counts), strict=True) if value is not None and value < threshold}


def publish(form: Tabulation, threshold: int, counts: EnteredCounts, past: list[Snapshot]) -> Disclosure:
    """Decides, shows, and remembers."""
    found = decide(form, threshold, counts, past)
    assert small(form, threshold, counts) <= found.withheld
    past.append(shown(form, counts, found))
    return found


def entered(form: Tabulation, values: Mapping[TableCell, int], version: int = 1) -> dict[TableCell, Count]:
    return {cell: Count(value, version) for cell, value in values.items()}


def single(*values: int) -> dict[TableCell, int]:
    return {(f"kec0.{place:02}", TOTAL): value for place, value in enumerate(values)}


# -- random worlds


def world(form: Tabulation, chance: random.Random, common: Mapping[str, float]) -> dict[TableCell, Count]:
    cells = [arc.cell for arc in form.arcs if arc.is_count]
    return {cell: Count(min(int(chance.expovariate(1 / common[cell[1]])), 40 * int(common[cell[1]]) + 40), 1) for cell in cells}


def revised(counts: EnteredCounts, chance: random.Random, share: float) -> dict[TableCell, Count]:
    """Other numbers, or the same ones entered again, which nobody outside can tell."""
    return {
        cell: Count(max(0, value + chance.choice([-40, -3, -1, 0, 1, 2, 30])), version + 1)
        if chance.random() < share
        else Count(value, version)
        for cell, (value, version) in counts.items()
    }


@pytest.mark.slow(12)
@settings(max_examples=40, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    classes=st.sampled_from([(), ("f", "m"), ("a", "b", "c")]),
    threshold=st.integers(2, 6),
    seed=st.integers(0, 2**32),
    share=st.sampled_from([0.05, 0.3, 1.0]),
    times=st.integers(1, 4),
    late=st.sampled_from([0.0, 0.3]),
)
def test_nothing_is_found_out_in_any_world(
    sizes: list[int], classes: tuple[str, ...], threshold: int, seed: int, share: float, times: int, late: float
) -> None:
    chance = random.Random(seed)
    form = Tabulation(city(*sizes), classes)
    counts = world(form, chance, {one: chance.choice([2, 6, 50]) for one in (*classes, TOTAL)})
    waiting = {area for area in form.areas if chance.random() < late}
    past: list[Snapshot] = []
    for _ in range(times):
        publish(form, threshold, {cell: count for cell, count in counts.items() if cell[0] not in waiting}, past)
        counts = revised(counts, chance, share)
        waiting = set(sorted(waiting)[1:])
    assert [*broken(form, threshold, past)] == []


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), classes=st.sampled_from([(), ("f", "m")]), share=st.sampled_from([0.2, 0.7, 1.0]))
def test_what_was_public_without_a_threshold_is_reckoned_with(seed: int, classes: tuple[str, ...], share: float) -> None:
    chance = random.Random(seed)
    form = Tabulation(city(3, 2), classes)
    counts = world(form, chance, dict.fromkeys((*classes, TOTAL), 6))
    hidden = {cell for cell in form.number if chance.random() < 0.3}
    past = [Snapshot(counts, frozenset(set(form.number) - hidden))]
    for _ in range(2):
        counts = revised(counts, chance, share)
        found = publish(form, 5, counts, past)
        plain = Attacker(form, 5, past)
        for cell in found.withheld - found.exposed:
            parts = inside(form, cell, counts)
            if len(parts) == 1 and parts[0][0] == cell and parts[0] not in plain.public:
                least, most = plain.range(parts)
                assert least <= 0, (cell, least, most)
                assert most >= 5, (cell, least, most)


@pytest.mark.slow(8)
@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32), typical=st.sampled_from([3, 12, 60]), threshold=st.integers(2, 5), share=st.sampled_from([0.0, 0.3, 1.0])
)
def test_nothing_is_found_out_of_two_tables_with_the_same_totals(seed: int, typical: int, threshold: int, share: float) -> None:
    chance = random.Random(seed)
    areas = city(2, 3)
    forms = [Tabulation(areas, classes) for classes in (("f", "m"), ("a", "b", "c"))]
    kelurahan = {arc.cell[0] for arc in forms[0].arcs if arc.is_count}
    seen: tuple[list[Snapshot], list[Snapshot]] = ([], [])
    entries: list[dict[TableCell, Count]] = [{}, {}]
    for version in (1, 2):
        for area in sorted(kelurahan):
            if version == 1 or chance.random() < share:
                parts = [chance.randint(0, typical) for _ in "fm"]
                cuts = sorted(chance.randint(0, sum(parts)) for _ in "ab")
                others = [cuts[0], cuts[1] - cuts[0], sum(parts) - cuts[1]]
                entries[0] |= {(area, one): Count(value, version) for one, value in zip("fm", parts, strict=True)}
                entries[1] |= {(area, one): Count(value, version) for one, value in zip("abc", others, strict=True)}
        tables = [CountTable(form, dict(counts), tuple(past)) for form, counts, past in zip(forms, entries, seen, strict=True)]
        for table, past, found in zip(tables, seen, decide_together(tables, threshold), strict=True):
            assert small(table.form, threshold, table.counts) <= found.withheld
            past.append(shown(table.form, table.counts, found))
    # One table of all classes, in which both halves add up to the same.
    attacker = Attacker(Tabulation(areas, "abcfm"), threshold, [])
    for form, past in zip(forms, seen, strict=True):
        attacker.learn(form, past)
    for first, second in zip(*seen, strict=True):
        for area in kelurahan:
            attacker.equal(inside(forms[0], (area, TOTAL), first.counts), inside(forms[1], (area, TOTAL), second.counts))
    for one in sorted(attacker.values.keys() - attacker.public):
        least, most = attacker.range([one])
        assert least <= 0, (one, attacker.values[one], least, most)
        assert most >= threshold, (one, attacker.values[one], least, most)


KEDIRI = city(14, 17, 15)
COMMON = {
    (): {TOTAL: 12.0},
    ("f", "m"): {"f": 8.0, "m": 8.0},
    ("buddha", "hindu", "islam", "katolik", "khonghucu", "kristen"):
        {"islam": 5000.0, "kristen": 260.0, "katolik": 150.0, "hindu": 6.0, "buddha": 9.0, "khonghucu": 0.7},
}  # fmt: skip


@pytest.mark.slow(60)
@pytest.mark.parametrize("classes", COMMON, ids=len)
def test_nothing_is_found_out_of_a_whole_city(classes: tuple[str, ...]) -> None:
    chance = random.Random(len(classes))
    form = Tabulation(KEDIRI, classes)
    counts = world(form, chance, COMMON[classes])
    past: list[Snapshot] = []
    for share in (0.03, 1.0, 0.1):
        assert not publish(form, 5, counts, past).exposed
        counts = revised(counts, chance, share)
    assert [*broken(form, 5, past)] == []
    assert shown(form, past[0].counts, decide(form, 5, past[0].counts)) == past[0]


# -- what one can follow with a pencil


def test_the_cheapest_complement_goes_along_and_the_sums_stay() -> None:
    form = Tabulation(city(4, 2))
    counts = entered(form, {**single(3, 60, 9, 80), ("kec1.00", TOTAL): 20, ("kec1.01", TOTAL): 30})
    assert decide(form, 5, counts) == (frozenset({("kec0.00", TOTAL), ("kec0.02", TOTAL)}), frozenset())


def test_a_zero_is_small_too() -> None:
    """Else each withheld count would be known to be at least 1."""
    form = Tabulation(city(3))
    assert ("kec0.00", TOTAL) in decide(form, 5, entered(form, single(0, 60, 70))).withheld


def test_two_small_counts_do_not_protect_each_other_where_their_sum_says_too_much() -> None:
    """1 + 0: nobody would think of 4."""
    form = Tabulation(city(4))
    found = decide(form, 5, entered(form, single(1, 0, 50, 60)))
    assert len(found.withheld) == 3


def test_a_lonely_kelurahan_takes_its_sums_along() -> None:
    form = Tabulation(city(1, 3))
    counts = entered(form, {("kec0.00", TOTAL): 2, **{(f"kec1.{one:02}", TOTAL): 40 for one in range(3)}})
    found = decide(form, 5, counts)
    assert {("kec0.00", TOTAL), ("kec0", TOTAL)} < found.withheld
    assert not found.exposed


def test_a_small_count_that_alone_is_corrected_keeps_its_sums_from_being_shown() -> None:
    """The old and the new sum together would tell by how much."""
    form = Tabulation(city(4))
    past: list[Snapshot] = []
    before = entered(form, single(1, 60, 70, 80))
    publish(form, 5, before, past)
    assert ("city", TOTAL) in past[0].public
    found = publish(form, 5, {**before, ("kec0.00", TOTAL): Count(4, 2)}, past)
    assert {("kec0", TOTAL), ("city", TOTAL)} <= found.withheld
    assert [*broken(form, 5, past)] == []
    # Once its complement is entered again too, nothing links the sums.
    counts = {**before, ("kec0.00", TOTAL): Count(4, 2), **{cell: Count(before[cell].value, 3) for cell in found.withheld & before.keys()}}
    assert ("city", TOTAL) not in publish(form, 5, counts, past).withheld
    assert [*broken(form, 5, past)] == []


def test_kelurahan_may_come_one_by_one() -> None:
    """Each partial total minus the one before it would be a kelurahan."""
    form = Tabulation(city(5))
    counts: dict[TableCell, Count] = {}
    past: list[Snapshot] = []
    for cell, value in single(3, 60, 70, 2, 80).items():
        counts = {**counts, cell: Count(value, 1)}
        found = publish(form, 5, counts, past)
        assert {cell[0] for cell in past[-1].public | found.withheld} & {"city", "kec0"} == (
            {"city", "kec0"} if len(counts) == 5 else set()
        )
    assert [*broken(form, 5, past)] == []
    assert ("city", TOTAL) in past[-1].public


def test_what_everybody_knows_is_told_to_the_walidata() -> None:
    form = Tabulation(city(3))
    counts = entered(form, single(3, 60, 70))
    everything = Snapshot(counts, frozenset(form.number))
    found = decide(form, 5, counts, [everything])
    assert found.exposed == {("kec0.00", TOTAL)} == found.withheld
    # What was readable cannot hide another count any more: its sums must.
    corrected = {**counts, ("kec0.00", TOTAL): Count(2, 2)}
    found = decide(form, 5, corrected, [everything])
    assert not found.exposed
    assert {("kec0.00", TOTAL), ("kec0", TOTAL), ("city", TOTAL)} == found.withheld


def test_sums_that_were_public_beside_all_but_one_give_it_away() -> None:
    form = Tabulation(city(3))
    counts = entered(form, single(3, 60, 70))
    careless = Snapshot(counts, frozenset(set(form.number) - {("kec0.00", TOTAL)}))
    assert decide(form, 5, counts, [careless]).exposed == {("kec0.00", TOTAL)}


def test_examining_finds_what_a_hand_forgot() -> None:
    form = Tabulation(city(3))
    counts = entered(form, single(3, 60, 70))
    public = set(form.number) - {("kec0.00", TOTAL)}
    assert examine(form, 5, counts, public) == {("kec0.00", TOTAL)}
    assert not examine(form, 5, counts, shown(form, counts, decide(form, 5, counts)).public)


def test_a_computed_figure_needs_all_that_it_is_made_of() -> None:
    withheld = {("kec0.00", "m"), ("kec0.01", "m")}
    assert not is_shown([("kec0.00", "m"), ("kec0.00", "f")], withheld)
    assert is_shown([("kec0.02", "m"), ("kec0.02", "f")], withheld)


# -- the same again


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_order_changes_nothing_and_a_second_time_is_the_first(seed: int) -> None:
    chance = random.Random(seed)
    areas, classes = city(3, 4), ["a", "b", "c"]
    form = Tabulation(areas, classes)
    past: list[Snapshot] = []
    counts = world(form, chance, {"a": 3, "b": 10, "c": 40})
    publish(form, 5, counts, past)
    counts = revised(counts, chance, 0.3)
    found = decide(form, 5, counts, past)
    shuffled = Tabulation(dict(chance.sample([*areas.items()], len(areas))), chance.sample(classes, 3))
    assert decide(shuffled, 5, dict(chance.sample([*counts.items()], len(counts))), past) == found
    past.append(shown(form, counts, found))
    again = decide(form, 5, counts, past)
    assert again == decide(form, 5, counts, past[::-1])
    # Of `exposed` the same is not promised: with one more snapshot less may be provable.
    assert again.withheld == found.withheld


def test_the_next_period_withholds_the_same_kelurahan_where_it_can() -> None:
    form = Tabulation(city(4))
    first = decide(form, 5, entered(form, single(3, 60, 9, 80))).withheld
    again = entered(form, single(2, 8, 12, 80))
    assert decide(form, 5, again).withheld == {("kec0.00", TOTAL), ("kec0.01", TOTAL)}
    assert decide(form, 5, again, favoured=first).withheld == first


@pytest.mark.parametrize(
    ("areas", "classes"),
    [
        ({}, ()),
        ({"a": None, "b": None}, ()),
        ({"a": "b", "b": "a", "c": None}, ()),
        ({"a": "x", "c": None}, ()),
        ({"a": None}, ("m", "m")),
        ({"a": None}, ("",)),
    ],
)
def test_what_is_no_table_is_refused(areas: dict[str, str | None], classes: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"areas|classes"):
        Tabulation(areas, classes)


@pytest.mark.parametrize("cell", [("city", TOTAL), ("elsewhere", TOTAL), ("kec0.00", "m")])
def test_a_count_of_no_kelurahan_is_refused(cell: TableCell) -> None:
    with pytest.raises(ValueError, match=r"elsewhere|city|kec0"):
        decide(Tabulation(city(2)), 5, {cell: Count(3, 1)})


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="kec0"):
        decide(Tabulation(city(2)), 5, entered(Tabulation(city(2)), single(-1, 4)))
