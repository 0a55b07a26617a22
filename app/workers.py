"""The worker processes of `titik serve --workers`, each of which listens at the one address."""

import structlog
from uvicorn.supervisors import Multiprocess

_log = structlog.get_logger("titik")


class Workers(Multiprocess):
    """Tells of each worker that is replaced, and when it ends leaves nobody waiting for an answer that will not come."""

    def keep_subprocess_alive(self) -> None:
        former = list(self.processes)
        super().keep_subprocess_alive()
        for before, now in zip(former, self.processes, strict=True):
            if now is not before:
                _log.warning("worker replaced", pid=before.pid, exit=before.exitcode, by=now.pid)

    def terminate_all(self) -> None:
        """New connections are refused as soon as no worker listens: this process must not keep the address open beside them."""
        for listening in self.sockets:
            listening.close()
        super().terminate_all()
