#!/usr/bin/env bash
# A filter on a feature whose property is null (or absent) raises instead of saying no.
#
# One would guess: "kader = 3" on a feature with kader null is not fulfilled, as in SQL and in CQL2's three-valued logic, so that a list can be
#   filtered by matches().
# Version: cql2 0.6.0 (PyPI, the Rust library with Python bindings).
# Seen: matches() answers True and False for numbers, and raises "Could not reduce expression to boolean" for null, for an absent property and
#   for a text in place of the number. "IS NULL" works on both null and absent.
# Why it matters to a service of points: facilities have many empty fields. One feature with an empty field ends the filtering of the whole
#   list; and whoever takes the error for "no" also takes NOT (kader = 3) for no, which is right for null and wrong for a text.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check cql2==0.6.0
"$work/venv/bin/python" - <<'PY'
import cql2

def feature(**properties):
    return {"type": "Feature", "geometry": None, "properties": properties}

three = cql2.parse_text("kader = 3")
assert three.matches(feature(kader=3)) is True
assert three.matches(feature(kader=4)) is False
for name, item in {"null": feature(kader=None), "absent": feature(), "text": feature(kader="3")}.items():
    try:
        answer = three.matches(item)
    except Exception as error:
        print(f"{name}: {error}")
        assert "reduce" in str(error)
    else:
        raise SystemExit(f"{name} is answered now: {answer}")
empty = cql2.parse_text("kader IS NULL")
assert empty.matches(feature(kader=None)) is True and empty.matches(feature()) is True
PY
