"""Answers that nobody has taken yet: how much of them a worker holds."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.budget import SMALL, Budget
from app.errors import Unavailable
from app.problems import answer


class AnswerBudget:
    """Answers 503 instead of an answer that there is no room for until somebody takes what others have been given.

    What is streamed comes in parts, each of which is taken before the next one is made; it is not counted.
    """

    def __init__(self, app: ASGIApp, budget: Budget) -> None:
        self.app = app
        self._budget = budget

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        size, is_refused = 0, False

        async def sending(message: Message) -> None:
            nonlocal size, is_refused
            if message["type"] == "http.response.start":
                is_light = scope["state"].get("is_head") or scope["state"].get("is_in_parts")
                size = 0 if is_light else _size_of(message)
                if size and not self._budget.take(size):
                    is_refused, size = True, 0
                    await answer(Unavailable("no-room"), Request(scope))(scope, receive, send)
            if not is_refused:
                await send(message)

        try:
            await self.app(scope, receive, sending)
        finally:
            if size:
                _when_sent(scope, lambda: self._budget.give_back(size))


def _size_of(start: Message) -> int:
    length = next((value for name, value in start["headers"] if name == b"content-length"), b"0")
    return int(length) if int(length) > SMALL else 0


def _when_sent(scope: Scope, done: Callable[[], None]) -> None:
    """The server has the answer; whether the other side has, its connection knows (`protocol.py`). Without a server: at once."""
    connection = scope.get("titik.connection")
    if connection is None:
        done()
    else:
        connection.when_sent(done)
