"""Statements: SQL text with `:name` parameters, as asyncpg prepares it."""

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement


# As SQLAlchemy's `text()` finds them: not a cast (`::`), not escaped.
_PARAMETER = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")


@cache
def driver_dialect() -> Any:
    """SQLAlchemy's, for asyncpg. Its import takes half a second of a process's start, which commands and jobs do not need."""
    from sqlalchemy.dialects.postgresql.asyncpg import dialect  # noqa: PLC0415

    return dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


class Statement:
    """One SQL text with `:name` parameters. Made at import, prepared by each connection at its first use."""

    __slots__ = ("is_of_request", "names", "sql")

    def __init__(self, sql: str) -> None:
        self.is_of_request = False
        self.names: tuple[str, ...] = tuple(dict.fromkeys(_PARAMETER.findall(sql)))
        numbers = {name: f"${number}" for number, name in enumerate(self.names, 1)}
        self.sql = _PARAMETER.sub(lambda found: numbers[found[1]], sql)

    @classmethod
    def built(cls, executable: "ClauseElement") -> tuple["Statement", dict[str, object]]:
        """A statement of SQLAlchemy Core that was made for one request, and its values: what a client sent is always among those."""
        compiled = executable.compile(dialect=driver_dialect(), compile_kwargs={"render_postcompile": True})
        statement = cls.__new__(cls)
        statement.is_of_request = True
        statement.sql = str(compiled)
        statement.names = tuple(dict.fromkeys(compiled.positiontup or ()))  # type: ignore[attr-defined]
        return statement, {name: compiled.params[name] for name in statement.names}

    def values(self, named: Mapping[str, object]) -> list[object]:
        if len(named) != len(self.names):
            raise TypeError(f"statement takes {sorted(self.names)}, got {sorted(named)}")
        return [named[name] for name in self.names]
