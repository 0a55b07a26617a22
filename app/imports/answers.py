"""What the owner of an import has answered before its commit. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, Protocol, get_args

RepairKind = Literal["commas", "swaps", "signs", "units", "readings"]
QuestionKind = Literal["repairs", RepairKind, "near-duplicates", "names"]
REPAIRS: frozenset[RepairKind] = frozenset(get_args(RepairKind))
"""What `repairs` accepts together: a decimal comma alone, exchanged axes, a lost sign, metres or another datum, any other reading."""
MOST_ANSWERS = 5_000
"""Single rows, which a click each is for; whoever has more of a kind accepts the kind."""


def spelled_out(kinds: Iterable[str]) -> set[str]:
    """All kinds of questions that are answered with these."""
    said = set(kinds)
    return said | REPAIRS if "repairs" in said else said


def summed_up(asks: Iterable[str]) -> list[str]:
    """What rows ask, with one word for all kinds of repairs."""
    return sorted({"repairs" if one in REPAIRS else one for one in asks})


class NewAnswers(Protocol):
    @property
    def answer(self) -> Literal["yes", "no"]: ...
    @property
    def kinds(self) -> Sequence[QuestionKind]: ...
    @property
    def rows(self) -> Sequence[int]: ...


class Answers(NamedTuple):
    """`accept`: kinds of questions that are answered with yes; `rows` and `refused`: rows alone, with yes and with no."""

    accept: list[str]
    rows: list[int]
    refused: list[int]

    @classmethod
    def of(cls, options: Mapping[str, object]) -> "Answers":
        """As they are kept with an import."""
        answers = options.get("answers")
        known: Mapping[str, list[object]] = answers if isinstance(answers, dict) else {}
        return cls(*(list(known.get(name, ())) for name in cls._fields))  # type: ignore[arg-type]

    def and_also(self, new: NewAnswers) -> "Answers":
        """With what is said now, which goes before what was said earlier of the same."""
        kinds, rows = set(new.kinds), set(new.rows)
        earlier = spelled_out(self.accept) - {"repairs"} if kinds & REPAIRS else set(self.accept)
        earlier -= REPAIRS if "repairs" in kinds else set()
        accept, yes, no = earlier - kinds, set(self.rows) - rows, set(self.refused) - rows
        if new.answer == "yes":
            accept, yes = accept | kinds, yes | rows
        else:
            no |= rows
        return Answers(sorted(accept), sorted(yes), sorted(no))

    def accepts(self, number: int, asks: Iterable[str]) -> bool:
        """Whether a row that asks this is taken. The same as `queries._ANSWERED`."""
        return number not in self.refused and (number in self.rows or set(asks) <= spelled_out(self.accept))

    def json(self) -> dict[str, object]:
        return dict(self._asdict())
