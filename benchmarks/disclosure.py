"""What to withhold of the profiles of a whole city: 46 kelurahan, 40 indicators that count persons, 8 periods, how long it takes on one core, and how much is lost.

    python -m benchmarks.disclosure [--editions 2] [--threshold 5] [--seed 1]

Each period is published so many times (`--editions`), a twentieth of its counts corrected each time; the times before are what was ever public. Ends with 1
beyond 60 seconds, or where anything can be found out by the product's own audit. No database.
"""

import argparse
import os
import random
import sys
import time
from collections.abc import Mapping

from app.disclosure.deciding import decide, examine
from app.disclosure.layers import Snapshot
from app.disclosure.tabulation import TOTAL, Count, Tabulation
from benchmarks.post import machine

AREAS: dict[str, str | None] = {
    "35.71": None,
    **{f"35.71.0{kecamatan}": "35.71" for kecamatan in (1, 2, 3)},
    **{
        f"35.71.0{kecamatan}.{1000 + one}": f"35.71.0{kecamatan}"
        for kecamatan, size in ((1, 14), (2, 17), (3, 15))
        for one in range(1, size + 1)
    },
}
# What is common in a kelurahan of 6,500; with the totals forty indicators.
INDICATORS: Mapping[str, Mapping[str, int]] = {
    "sex": {"female": 3250, "male": 3250},
    "age": {"0-4": 450, "5-14": 1000, "15-64": 4450, "65+": 600},
    "religion": {"islam": 5900, "kristen": 350, "katolik": 200, "hindu": 8, "buddha": 12, "khonghucu": 1},
    "education": {"none": 900, "sd": 1500, "smp": 1100, "sma": 2200, "tinggi": 800},
    "disability": {"physical": 18, "sight": 7, "hearing": 6, "mental": 9},
    "stunted": {"female": 7, "male": 8},
    "births": {"female": 40, "male": 42},
    "deaths": {"female": 24, "male": 27},
    "staff": {TOTAL: 9},
    "lpmk": {TOTAL: 11},
    "linmas": {TOTAL: 14},
    "kader": {TOTAL: 35},
}
PERIODS = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--editions", type=int, default=2)
    parser.add_argument("--threshold", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    used, checked, rows, found_out = 0.0, 0.0, [], 0
    for name, common in INDICATORS.items():
        form = Tabulation(AREAS, [one for one in common if one != TOTAL])
        cells = [arc.cell for arc in form.arcs if arc.is_count]
        began, small, withheld = time.process_time(), 0, 0
        for _ in range(PERIODS):
            # Large and small kelurahan.
            size = {area: chance.lognormvariate(-0.2, 0.6) for area in AREAS}
            counts = {cell: Count(int(chance.gammavariate(2, size[cell[0]] * common[cell[1]] / 2)), 1) for cell in cells}
            past: list[Snapshot] = []
            for edition in range(given.editions):
                if edition:
                    counts = {cell: _corrected(count, chance) for cell, count in counts.items()}
                hidden = decide(form, given.threshold, counts, past).withheld
                past.append(Snapshot(counts, frozenset(form.number) - hidden))
            small += sum(value is not None and value < given.threshold for value in form.values(counts))
            withheld += len(hidden)
            began_checking = time.process_time()
            found_out += len(examine(form, given.threshold, counts, past[-1].public, past[:-1]))
            checked += (spent := time.process_time() - began_checking)
            began += spent
        seconds = time.process_time() - began
        used += seconds
        every = PERIODS * len(form.arcs)
        rows.append(
            f"| {name} | {len(common) + (TOTAL not in common)} | {every} | {small} | {withheld} | {withheld / every:.0%} | {seconds:.1f} |"
        )
    print(
        f"Machine: {machine()}; load average {os.getloadavg()[0]:.1f}. Threshold {given.threshold}, {given.editions} editions of {PERIODS} periods.\n"
    )
    print("| | indicators | cells | below the threshold | withheld | | s of a core |\n|---|---:|---:|---:|---:|---:|---:|")
    print("\n".join(rows))
    print(f"\n{used:.1f} s of one core to decide (at most 60), {checked:.1f} s to audit; found out: {found_out}.")
    sys.exit(used > 60 or found_out > 0)


def _corrected(count: Count, chance: random.Random) -> Count:
    return Count(max(0, count.value + chance.randint(-2, 2)), count.version + 1) if chance.random() < 0.05 else count


if __name__ == "__main__":
    main()
