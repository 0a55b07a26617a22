"""What all commands share: how they speak, and the one transaction of the owner in which they work."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from rich.console import Console
from rich.table import Table

from app.connections import open_once
from app.db import WriteSession
from app.errors import OperatorError, TitikError
from app.language import Text, of_terminal
from app.operator import operation
from app.settings import Settings

Returned = TypeVar("Returned")

MAPPING = Text("Tulis --map FIELD=COLUMN, misalnya --map code=KODE.", "Write --map FIELD=COLUMN, e.g. --map code=KODE.")
YES, NO = Text("ya", "yes"), Text("tidak", "no")

LANGUAGE = of_terminal(os.environ)
# Progress and reports are for people and go to standard error; standard output has only what was asked for.
console = Console(stderr=True, highlight=False)


def say(text: Text, **facts: object) -> None:
    console.print(text.say(LANGUAGE, facts), markup=False, soft_wrap=True)


def can_print(text: str) -> bool:
    """Whether the terminal, or what stands for it, has all of these characters."""
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        return False
    return True


def yes_or_no(is_so: object) -> str:
    return YES.say(LANGUAGE) if is_so else NO.say(LANGUAGE)


def pair(text: str) -> tuple[str, str]:
    """The two sides of a `--map`."""
    field, equals, column = text.partition("=")
    if not equals or not field or not column:
        raise OperatorError("mapping", MAPPING)
    return field, column


def table(*heads: Text) -> Table:
    return Table(*(head.say(LANGUAGE) for head in heads), box=None, padding=(0, 2, 0, 0))


def show(answer: Table, width: int = 200) -> None:
    """On standard output; as wide as the terminal, else `width` columns."""
    Console(width=None if sys.stdout.isatty() else width).print(answer)


@contextmanager
def named_by_options(**options: str) -> Iterator[None]:
    """Faults of a value that a command has put together, by the options as they are typed. `options`: those of its members; within another
    member after two underscores.
    """
    try:
        yield
    except TitikError as error:
        faults = [replace(fault, where=_option_of(fault.where, options)) for fault in error.faults]
        # Of several shapes that a value may have the first is what a command can say.
        error.faults = tuple({fault.where: fault for fault in reversed(faults)}.values())[::-1]
        raise


def _option_of(where: str, options: Mapping[str, str]) -> str:
    parts = [part for part in where.split("/") if part and not part.isdecimal()]
    known = (options.get("__".join(parts[:number])) for number in range(len(parts), 0, -1))
    return next(filter(None, known), where)


def as_owner(work: Callable[[WriteSession, Settings], Awaitable[Returned]]) -> Returned:
    """Runs `work` in one transaction of the owner role, on the database that there is. `OperatorError` where its schema is another."""

    async def run(settings: Settings) -> Returned:
        async with open_once(operation.owner_dsn(settings)) as session:
            return await work(session, settings)

    with operation.database(operation.read_settings(), say) as settings:
        operation.require_schema(settings)
        return asyncio.run(run(settings))
