"""Statements: SQL text with `:name` parameters, as asyncpg prepares it, and the type of the rows that it gives.

`Statement[AccountRow]("SELECT …")`: the rows are read as they come from the driver, by the names of their columns; a `TypedDict` says which those are.
`Statement[int]("SELECT count(*) …")`: a single column of this type. `tests/sql/test_statements.py` prepares every statement, and holds what
PostgreSQL says about its columns against this type.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Generic

from typing_extensions import TypeVar

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement


# The tables of the read halves that have a view of what may be seen of them (migration 0024).
_VIEWED = re.compile(r"\b(?:(published|internal)\.(item|photo)|(published)\.(cluster))\b")
# As SQLAlchemy's `text()` finds them: not a cast (`::`), not escaped.
_PARAMETER = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")


@cache
def driver_dialect() -> Any:
    """SQLAlchemy's, for asyncpg. Its import takes half a second of a process's start, which commands and jobs do not need."""
    from sqlalchemy.dialects.postgresql.asyncpg import dialect  # noqa: PLC0415

    return dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


Row = Mapping[str, Any]
"""Of a statement that does not say what its rows are."""
RowT = TypeVar("RowT", default=Row)
RowT_co = TypeVar("RowT_co", covariant=True, default=Row)


@lru_cache(maxsize=512)
def _through_views(sql: str) -> str:
    return _VIEWED.sub(lambda found: f"{found[1] or found[3]}.shown_{found[2] or found[4]}", sql)


class Statement(Generic[RowT_co]):
    """One SQL text with `:name` parameters. Made at import, prepared by each connection at its first use."""

    # The first is set by `Statement[…](…)` itself.
    __slots__ = ("__orig_class__", "is_of_request", "names", "sql")

    def __init__(self, sql: str) -> None:
        self.is_of_request = False
        self.names: tuple[str, ...] = tuple(dict.fromkeys(_PARAMETER.findall(sql)))
        numbers = {name: f"${number}" for number, name in enumerate(self.names, 1)}
        self.sql = _PARAMETER.sub(lambda found: numbers[found[1]], sql)

    @staticmethod
    def built(executable: "ClauseElement") -> tuple["Statement", dict[str, object]]:
        """A statement of SQLAlchemy Core that was made for one request, and its values: what a client sent is always among those."""
        compiled = executable.compile(dialect=driver_dialect(), compile_kwargs={"render_postcompile": True})
        statement: Statement = Statement.__new__(Statement)
        statement.is_of_request = True
        statement.sql = str(compiled)
        statement.names = tuple(dict.fromkeys(compiled.positiontup or ()))  # type: ignore[attr-defined]
        return statement, {name: compiled.params[name] for name in statement.names}

    @property
    def sql_of_views(self) -> str:
        """The same, with views in place of the tables that readers see."""
        return _through_views(self.sql)

    def values(self, named: Mapping[str, object]) -> list[object]:
        if len(named) != len(self.names):
            raise TypeError(f"statement takes {sorted(self.names)}, got {sorted(named)}")
        return [named[name] for name in self.names]
