"""A profile as a form of a page: its fields by name, what was typed into them, and what that says. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from app.errors import Fault
from app.figures.periods import Period
from app.figures.rules import WHOLE, FigureKey, KeptDefinition

_DIGITS = re.compile(r"-?\d{1,15}", re.ASCII)
_GROUPED = re.compile(r"-?\d{1,3}(?:([.,  ])\d{3}){1,4}", re.ASCII)
_MIXED = re.compile(r"(-?\d{1,3}(?:([.,])\d{3}){1,4})([.,])(\d{1,6})", re.ASCII)
_FRACTION = re.compile(r"(-?\d{1,15})[.,](\d{1,6})", re.ASCII)


class ProfileField(NamedTuple):
    """A figure of the form: its name in it, and what its definition says."""

    key: FigureKey
    definition: KeptDefinition
    class_title: Mapping[str, str] | None

    @property
    def name(self) -> str:
        return "/".join(filter(None, self.key))


class TypedFigure(NamedTuple):
    """What was typed of a figure; `version`: that which the page showed."""

    number: str = ""
    meaning: str = ""
    explanation: str = ""
    version: str = ""


def fields_of(definitions: Iterable[KeptDefinition], period: Period) -> list[ProfileField]:
    """The figures that a kelurahan gives for a period, in the order of their definitions; of those that are divided by what occurs none."""
    found = []
    for one in definitions:
        if one["kind"] != "entered" or "kelurahan" not in one["levels"] or period.kind not in one["periods"]:
            continue
        if one["classification"] is None:
            found.append(ProfileField(FigureKey(one["id"]), one, None))
        else:
            found += [ProfileField(FigureKey(one["id"], each["id"]), one, each["title"]) for each in one["classification"]["classes"]]
    return found


def typed_of(fields: Sequence[ProfileField], sent: Mapping[str, str]) -> dict[FigureKey, TypedFigure]:
    return {
        field.key: TypedFigure(*(sent.get(f"{part}:{field.name}", "").strip()[:2_000] for part in ("angka", "arti", "jelas", "versi")))
        for field in fields
    }


def values_of(
    typed: Mapping[FigureKey, TypedFigure], status: str
) -> tuple[dict[FigureKey, dict[str, object]], list[tuple[FigureKey, Fault]]]:
    """What is sent of it, and what of it cannot be read. What was left empty and has never been said is not sent."""
    values: dict[FigureKey, dict[str, object]] = {}
    unread: list[tuple[FigureKey, Fault]] = []
    for key, one in typed.items():
        meaning = one.meaning if one.meaning in ("empty", "not-applicable") else "value"
        if meaning == "value" and not one.number:
            continue
        value: dict[str, object] = {"indicator": key.indicator, "meaning": meaning, "status": status}
        if meaning == "value":
            number = read_number(one.number)
            if isinstance(number, Fault):
                unread.append((key, number))
                continue
            value["value"] = float(number)
        if key.indicator_class != WHOLE:
            value["class"] = key.indicator_class
        if one.explanation:
            value["explanation"] = one.explanation
        if one.version.isdecimal():
            value["version"] = int(one.version[:9])
        values[key] = value
    return values, unread


def read_number(text: str) -> Decimal | Fault:
    """A number as people here write it. `1.234` and `1,234` may be either of two: whoever wrote it is asked."""
    text = re.sub(r"\s+", " ", text.strip())
    if _DIGITS.fullmatch(text):
        return Decimal(text)
    if found := _GROUPED.fullmatch(text):
        marks = re.sub(r"[\d-]", "", text)
        if len(set(marks)) == 1 and (len(marks) > 1 or marks in "  "):
            return Decimal(re.sub(r"[^\d-]", "", text))
        if len(marks) == 1:
            digits = re.sub(r"[^\d-]", "", text)
            return Fault("", "number-ambiguous", {"whole": digits, "fraction": f"{text[: text.index(found[1])]},{digits[-3:]}0"})
    if (found := _MIXED.fullmatch(text)) and found[2] != found[3] and len(set(re.sub(r"[\d-]", "", found[1]))) == 1:
        return Decimal(re.sub(r"[^\d-]", "", found[1]) + "." + found[4])
    if found := _FRACTION.fullmatch(text):
        return Decimal(f"{found[1]}.{found[2]}")
    return Fault("", "number-unread")


def wrong_of(
    keys: Sequence[FigureKey], faults: Sequence[Fault], unread: Sequence[tuple[FigureKey, Fault]]
) -> Iterator[tuple[FigureKey, str, Fault]]:
    """By figure and part of its fields (`angka`, `jelas`) what is wrong. `keys`: of the values, in the order in which they were sent."""
    yield from ((key, "angka", fault) for key, fault in unread)
    for fault in faults:
        _, _, rest = fault.where.partition("/values/")
        number, _, member = rest.partition("/")
        if number.isdecimal() and int(number) < len(keys):
            yield keys[int(number)], "jelas" if member == "explanation" else "angka", fault
