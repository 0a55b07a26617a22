"""Whether anything can be written now, as one worker knows it: what its last look found (`background/write_watch.py`), and what became of writes since."""

import time

from app.errors import Unavailable

NOTED_S = 4.0
"""How long a write that failed is told to whoever asks whether the service is ready. It stops nobody: another may do."""
LACKING = frozenset({"database-full", "database-read-only"})


class WriteGuard:
    """One for each worker. What a look has found refuses writes before they take a connection: on a disk that is full, every line of WAL
    that is written brings the server nearer to its end, and with it all who read.
    """

    def __init__(self) -> None:
        self._found: str | None = None
        self._noted: str | None = None
        self._noted_at = -NOTED_S

    def find(self, code: str | None) -> bool:
        """What a look has found; None: all is well. Whether that is news."""
        is_news = code != self._found
        if is_news and code is None:
            self._noted = None
        self._found = code
        return is_news

    def note(self, error: Unavailable) -> None:
        """That a write has failed, where it was for want of room or of the right to write."""
        if error.code in LACKING:
            self._noted, self._noted_at = error.code, time.monotonic()

    def check(self) -> None:
        """`Unavailable` while nothing can be written."""
        if self._found:
            raise Unavailable(self._found)

    def check_ready(self) -> None:
        """The same, and also where writes have just failed."""
        self.check()
        if self._noted and time.monotonic() - self._noted_at < NOTED_S:
            raise Unavailable(self._noted)
