"""Families of indicators that divide one total: which they are, and that no small count comes out by the others."""

from collections.abc import Iterator
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from app.disclosure.layers import Snapshot
from app.figures import disclosing
from app.figures.disclosing import CountedValue
from app.figures.rules import FigureKey
from app.indicators.queries import shipped

DEFINITIONS = {one["id"]: one for one in shipped()}
PARENTS = {"c": None, "k1": "c", "k2": "c", "a": "k1", "b": "k1", "d": "k2"}
KELURAHAN = ("a", "b", "d")
TOTAL, MEN, WOMEN = "jumlah_penduduk", "penduduk_laki_laki", "penduduk_perempuan"
NUMBERS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=3, max_size=3)


def values(numbers: list[tuple[int, int]], version: int = 1) -> list[CountedValue]:
    return [
        CountedValue(area, FigureKey(name), number, version)
        for area, (men, women) in zip(KELURAHAN, numbers, strict=True)
        for name, number in ((TOTAL, men + women), (MEN, men), (WOMEN, women))
    ]


def shown(numbers: list[tuple[int, int]]) -> dict[tuple[str, str], int]:
    own = values(numbers)
    tables = disclosing.decided(PARENTS, TOTAL, DEFINITIONS, own, {})
    hidden = disclosing.withheld_of(TOTAL, DEFINITIONS, own, tables)
    return {(one.kelurahan, one.key.indicator): one.value for one in own if (one.kelurahan, one.key) not in hidden}


def worlds(public: dict[tuple[str, str], int], area: str, most: int) -> Iterator[tuple[int, int]]:
    """Of one kelurahan what may be behind what is public of it alone."""
    for men, women in product(range(most), repeat=2):
        told = {MEN: men, WOMEN: women, TOTAL: men + women}
        if all(public.get((area, name), number) == number for name, number in told.items()):
            yield men, women


def test_families_are_what_adds_up() -> None:
    assert disclosing.root_of(MEN, DEFINITIONS) == disclosing.root_of("penduduk_menurut_agama", DEFINITIONS) == TOTAL
    assert disclosing.root_of("balita_stunting", DEFINITIONS) == "balita_stunting"
    assert disclosing.root_of("jumlah_rt", DEFINITIONS) is None
    names = [table.name for table in disclosing.divisions(TOTAL, DEFINITIONS, [])]
    assert names[:2] == [TOTAL, f"{MEN}+{WOMEN}"]
    assert "penduduk_menurut_agama/" in names


@given(NUMBERS)
def test_a_small_count_may_be_anything_below_the_threshold(numbers: list[tuple[int, int]]) -> None:
    public = shown(numbers)
    for area, own in zip(KELURAHAN, numbers, strict=True):
        possible = list(worlds(public, area, 60))
        assert own in possible
        for place, number in enumerate(own):
            if number < 5:
                assert {one[place] for one in possible} >= set(range(5)), (public, area)


@given(NUMBERS)
def test_what_is_small_nowhere_is_shown_everywhere(numbers: list[tuple[int, int]]) -> None:
    large = [(men + 5, women + 5) for men, women in numbers]
    assert len(shown(large)) == 9


@given(NUMBERS, NUMBERS)
def test_what_was_withheld_stays_so(first: list[tuple[int, int]], second: list[tuple[int, int]]) -> None:
    own = values(first)
    tables = disclosing.decided(PARENTS, TOTAL, DEFINITIONS, own, {})
    past = {table.name: [Snapshot(table.counts, table.public)] for table in tables}
    hidden = disclosing.withheld_of(TOTAL, DEFINITIONS, own, tables)
    # The same versions of the one kelurahan, other ones of the others.
    mixed = [one for one in own if one.kelurahan == "a"] + [one for one in values(second, 2) if one.kelurahan != "a"]
    again = disclosing.decided(PARENTS, TOTAL, DEFINITIONS, mixed, past)
    still = disclosing.withheld_of(TOTAL, DEFINITIONS, mixed, again)
    assert {one for one in hidden if one[0] == "a"} <= still


def test_a_class_that_no_table_decides_about_is_withheld() -> None:
    own = [CountedValue("a", FigureKey("penduduk_menurut_agama"), 900, 1), *values([(400, 500)] * 3)]
    tables = disclosing.decided(PARENTS, TOTAL, DEFINITIONS, own, {})
    assert disclosing.withheld_of(TOTAL, DEFINITIONS, own, tables) == {("a", FigureKey("penduduk_menurut_agama"))}
