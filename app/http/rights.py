"""What the handler of a route may do, declared beside it."""

from collections.abc import Callable
from typing import TypeVar

from app.audit.record import Action

Handler = TypeVar("Handler", bound=Callable[..., object])


# Which actions the handler of a route may carry out: having the right to one of them opens the door.
_NEEDED: dict[Callable[..., object], frozenset[Action]] = {}


def needs(*actions: Action) -> Callable[[Handler], Handler]:
    """Declares what a handler does, in the words of `access/rights.py`. `Editing` lets in who may do one of these; which of them a
    body asks for, and on whose rows, the service decides.
    """

    def declare(handler: Handler) -> Handler:
        _NEEDED[handler] = frozenset(actions)
        return handler

    return declare


def open_to_all(handler: Handler) -> Handler:
    """Declares that a handler shows everybody what is public; with a token perhaps more."""
    return needs()(handler)


def needed(handler: Callable[..., object]) -> frozenset[Action]:
    """What a handler has declared. LookupError where it has not: such a route must not exist."""
    return _NEEDED[handler]
