"""The worker processes of `titik serve --workers`, each of which listens at the one address."""

import os
import signal
import threading
import time
from contextlib import suppress
from socket import socket
from types import FrameType
from typing import cast

import structlog
import uvicorn
from uvicorn.supervisors import Multiprocess

_STEP_S = 0.1
_log = structlog.get_logger("titik")


class _StopFlag:
    """As much of `threading.Event` as uvicorn's supervisor uses, but a signal handler may set it: it has no lock."""

    def __init__(self) -> None:
        self._is_set = False

    def set(self) -> None:
        self._is_set = True

    def is_set(self) -> bool:
        return self._is_set

    def wait(self, timeout: float) -> bool:
        until = time.monotonic() + timeout
        while not self._is_set and time.monotonic() < until:
            time.sleep(_STEP_S)
        return self._is_set


class Workers(Multiprocess):
    """Logs each worker that is replaced, and stops all of them in the moment of the signal, also while it waits for a new one to answer."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket]) -> None:
        super().__init__(config, sockets)
        self.should_exit = cast("threading.Event", _StopFlag())
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self._stop)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        self.should_exit.set()
        self.signal_queue.append(number)
        self._refuse()
        for worker in self.processes:
            if worker.process.exitcode is None and worker.pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(worker.pid, signal.SIGTERM)

    def _refuse(self) -> None:
        """New connections are refused as soon as no worker listens: this process must not keep the address open beside them."""
        for listening in self.sockets:
            listening.close()

    def init_processes(self) -> None:
        super().init_processes()
        self._close_far_ends()

    def keep_subprocess_alive(self) -> None:
        former = list(self.processes)
        try:
            super().keep_subprocess_alive()
        except (OSError, ValueError):
            # A new worker cannot be given an address that was closed meanwhile.
            if not self.should_exit.is_set():
                raise
            return
        self._close_far_ends()
        for before, now in zip(former, self.processes, strict=True):
            if now is not before:
                _log.warning("worker replaced", pid=before.pid, exit=before.exitcode, by=now.pid)

    def _close_far_ends(self) -> None:
        """Of the pipes to the workers. Open here too, a worker that ends while it is asked would seem to be silent, for as long as one may be."""
        for worker in self.processes:
            worker.child_conn.close()

    def terminate_all(self) -> None:
        self._refuse()
        super().terminate_all()
