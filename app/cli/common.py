"""What all commands share: how they speak, and the one transaction of the owner in which they work."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from rich.console import Console
from rich.table import Table

from app import operation
from app.db import WriteSession, open_once
from app.language import Text, of_terminal
from app.settings import Settings

Result = TypeVar("Result")

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


def table(*heads: Text) -> Table:
    return Table(*(head.say(LANGUAGE) for head in heads), box=None, padding=(0, 2, 0, 0))


def show(answer: Table, width: int = 200) -> None:
    """On standard output; as wide as the terminal, else `width` columns."""
    Console(width=None if sys.stdout.isatty() else width).print(answer)


def as_owner(work: Callable[[WriteSession, Settings], Awaitable[Result]]) -> Result:
    """Runs `work` in one transaction of the owner role, on the database that there is. `OperatorError` where its schema is another."""

    async def run(settings: Settings) -> Result:
        async with open_once(operation.owner_dsn(settings)) as session:
            return await work(session, settings)

    with operation.database(operation.read_settings(), say) as settings:
        operation.require_schema(settings)
        return asyncio.run(run(settings))
