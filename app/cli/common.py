"""What all commands share: how they speak, and the one transaction of the owner in which they work."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import TypeVar

from rich.console import Console

from app import operation
from app.db import WriteSession, open_once
from app.language import Text, of_terminal
from app.settings import Settings

Result = TypeVar("Result")

LANGUAGE = of_terminal(os.environ)
# Progress and reports are for people and go to standard error; standard output has only what was asked for.
console = Console(stderr=True, highlight=False)


def say(text: Text, **facts: object) -> None:
    console.print(text.say(LANGUAGE, facts), markup=False, soft_wrap=True)


def as_owner(work: Callable[[WriteSession, Settings], Awaitable[Result]]) -> Result:
    """Runs `work` in one transaction of the owner role, on whatever database there is, its schema up to date."""

    async def run(settings: Settings) -> Result:
        async with open_once(operation.owner_dsn(settings)) as session:
            return await work(session, settings)

    with operation.database(operation.read_settings(), say) as settings:
        operation.upgrade(settings, say)
        return asyncio.run(run(settings))
