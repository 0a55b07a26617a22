"""What a figure of a kelurahan may say, by its definition alone. Pure."""

import math
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, NamedTuple, get_args
from uuid import UUID, uuid5

from app.errors import Fault
from app.figures.expression import FigureValue, Missing
from app.figures.periods import Period

ValueMeaning = Literal["value", "empty", "not-applicable"]
ValueStatus = Literal["sementara", "tetap", "revisi"]
KeptDefinition = Mapping[str, Any]
"""Of an indicator, as it is kept (`app/indicators/schemas.py`)."""
KeptDefinitions = Mapping[str, KeptDefinition]
"""By the id of their indicator."""
MEANINGS: tuple[ValueMeaning, ...] = get_args(ValueMeaning)
STATUSES: tuple[ValueStatus, ...] = get_args(ValueStatus)
INDICATOR_CLASS = re.compile(r"[A-Za-z0-9_.-]{1,41}")
WHOLE = ""
"""In the place of a class: the indicator as a whole."""
_NAMESPACE = UUID("6f2c0c0e-8d0e-5a6b-9d7e-0f7a4a0c2b11")


class FigureKey(NamedTuple):
    """A figure of a kelurahan and a period."""

    indicator: str
    indicator_class: str = WHOLE


class ProposedValue(NamedTuple):
    """What somebody says of a figure. `version`: that which it rests on (None: any)."""

    key: FigureKey
    value: Decimal | None
    meaning: ValueMeaning
    status: ValueStatus
    source: str | None
    note: str | None
    explanation: str | None
    version: int | None = None

    @property
    def figure(self) -> FigureValue:
        return figure_of(self.meaning, self.value)

    @property
    def content(self) -> tuple[object, ...]:
        """What is compared to tell whether it says something new."""
        return (self.value, self.meaning, self.status, self.source, self.note, self.explanation)


def id_of(kelurahan: str, key: FigureKey, period: Period) -> UUID:
    """The id of a figure, made of what it is of: whoever writes it first, on whatever device, gives it the same."""
    return uuid5(_NAMESPACE, "/".join((kelurahan, key.indicator, key.indicator_class, str(period))))


def figure_of(meaning: str, value: Decimal | float | None) -> FigureValue:
    """Withheld is none of these: who computes with figures asks first whether they are shown."""
    if meaning == "value" and value is not None:
        return Fraction(str(value))
    return Missing.NOT_APPLICABLE if meaning == "not-applicable" else Missing.EMPTY


def value_faults(proposed: ProposedValue, definition: KeptDefinition | None, period: Period, where: str) -> Iterator[Fault]:
    """What is wrong with a value beside its definition (None: there is no such indicator)."""
    if definition is None:
        yield Fault(f"{where}/indicator", "value-indicator-unknown")
        return
    if definition["kind"] != "entered":
        yield Fault(f"{where}/indicator", "value-not-entered")
    if "kelurahan" not in definition["levels"]:
        yield Fault(f"{where}/indicator", "value-not-of-kelurahan")
    if period.kind not in definition["periods"]:
        yield Fault(f"{where}/indicator", "value-period", {"known": ", ".join(definition["periods"])})
    yield from _class_faults(proposed.key.indicator_class, definition["classification"], f"{where}/class")
    if proposed.value is not None:
        yield from _number_faults(proposed.value, definition, f"{where}/value")


def _class_faults(name: str, classification: KeptDefinition | None, where: str) -> Iterator[Fault]:
    if name == WHOLE:
        return
    if classification is None:
        yield Fault(where, "value-without-classes")
    elif classes := [one["id"] for one in classification["classes"]]:
        if name not in classes:
            yield Fault(where, "value-class", {"known": ", ".join(classes)})
    elif not INDICATOR_CLASS.fullmatch(name):
        yield Fault(where, "value-class-form")


def _number_faults(value: Decimal, definition: KeptDefinition, where: str) -> Iterator[Fault]:
    least, most, decimals = definition["minimum"], definition["maximum"], definition["decimals"]
    if least is not None and value < Decimal(str(least)):
        yield Fault(where, "number-too-small", {"expected": _plain(least)})
    if most is not None and value > Decimal(str(most)):
        yield Fault(where, "number-too-large", {"expected": _plain(most)})
    if value != round(value, decimals):
        yield Fault(where, "value-decimals", {"expected": decimals})


def _plain(number: float) -> int | float:
    return int(number) if math.isfinite(number) and number == int(number) else number
