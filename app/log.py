"""The log: one line per event on standard output, of this service and of the libraries that it stands on, each with its request's id.

Nobody's request fails because the disk that the lines are written to is full.
"""

import logging
import sys
import threading
from contextlib import suppress
from contextvars import ContextVar
from typing import IO, Any, cast

import orjson
import structlog

from app.settings import Settings

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Of the request that is being answered."""


class Unfailing:
    """A stream that loses what it cannot write."""

    def __init__(self, stream: IO[Any]) -> None:
        self._stream = stream

    def write(self, line: Any) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(line)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


class Forwarding(logging.Handler):
    """What libraries log, among our own lines and in their form."""

    def emit(self, record: logging.LogRecord) -> None:
        level = min(max(record.levelno // 10 * 10, logging.DEBUG), logging.CRITICAL)
        structlog.get_logger(record.name).log(level, record.getMessage(), logger=record.name, exc_info=record.exc_info)


def configure_log(settings: Settings) -> None:
    """Lines of JSON, or readable for people. Libraries are heard from warnings on."""
    console = settings.log_format == "console" or (settings.log_format == "auto" and sys.stdout.isatty())
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _add_request_id,
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer(colors=False) if console else _as_json,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast("Any", Unfailing(forgiving(sys.stdout))))
        if console
        else structlog.BytesLoggerFactory(cast("Any", Unfailing(sys.stdout.buffer))),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    for former in [one for one in root.handlers if isinstance(one, Forwarding)]:
        root.removeHandler(former)
    root.addHandler(Forwarding())
    root.setLevel(max(level, logging.WARNING))
    logging.captureWarnings(capture=True)
    threading.excepthook = _log_thread


def forgiving(stream: IO[str]) -> IO[str]:
    """The stream, which from now on replaces what its encoding lacks, instead of failing."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")
    return stream


def _log_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None:
        structlog.get_logger("titik").error("a thread has ended", exc_info=ended.exc_value)


def _add_request_id(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    if request_id := REQUEST_ID.get():
        event.setdefault("request_id", request_id)
    return event


def _as_json(_logger: object, _name: str, event: structlog.typing.EventDict) -> bytes:
    return orjson.dumps(event, default=str)
