"""A worker that only delivers, in a process of its own: `tests/test_webhook_kills.py` starts and kills it."""

import asyncio
import signal
from pathlib import Path

from pydantic import SecretStr

from app.settings import Settings
from app.webhooks import delivering, rules


def work(dsn: str, secret: str) -> None:
    """Until it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    rules.FIRST_DELAY_S = rules.LONGEST_DELAY_S = 0.01
    delivering.EVERY_S = 0.05
    settings = Settings(
        database_url=SecretStr(dsn), secret_key=SecretStr(secret), data_dir=Path(), webhook_networks="127.0.0.0/8", log_level="error"
    )
    asyncio.run(delivering.Deliverer(settings).run())
