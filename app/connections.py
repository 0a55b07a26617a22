"""Single connections to PostgreSQL, for commands and jobs: what has no pool."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import asyncpg

from app.db import WriteSession, prepare_connection
from app.driver_errors import call_of_driver, errors_of_driver
from app.errors import OperatorError
from app.language import Text

UNREACHABLE = Text(
    "Basis data tidak dapat dihubungi: {reason}. Periksa TITIK_DATABASE_URL dan TITIK_OWNER_URL, dan apakah servernya berjalan.",
    "The database cannot be reached: {reason}. Check TITIK_DATABASE_URL and TITIK_OWNER_URL, and that the server runs.",
)


@asynccontextmanager
async def open_once(url: str) -> AsyncIterator[WriteSession]:
    """A connection and a transaction of its own, for the commands of an operator. `OperatorError` where nobody answers at `url`."""
    try:
        connection = await asyncpg.connect(url, server_settings={"application_name": "titik-cli", "jit": "off"})
    except (asyncpg.PostgresError, OSError, TimeoutError) as error:
        raise OperatorError("database-unreachable", UNREACHABLE, reason=str(error) or type(error).__name__) from error
    except (ValueError, asyncpg.InterfaceError) as error:
        # The driver would quote what it could not read of the address, which may be the password.
        raise OperatorError("database-unreachable", UNREACHABLE, reason=type(error).__name__) from None
    with errors_of_driver():
        try:
            await prepare_connection(connection)
            async with connection.transaction():
                yield WriteSession(connection)
        finally:
            await connection.close()


@asynccontextmanager
async def connected(url: str, statement_timeout_s: float) -> AsyncIterator[Callable[[], AbstractAsyncContextManager[WriteSession]]]:
    """One connection for a job of many transactions: each call of what it gives is one. `Unavailable` where nobody answers at `url`."""
    with call_of_driver():
        connection = await asyncpg.connect(
            url,
            server_settings={
                "application_name": "titik-job",
                "jit": "off",
                "statement_timeout": str(int(statement_timeout_s * 1000)),
                "lock_timeout": "30000",
                "idle_in_transaction_session_timeout": str(int(statement_timeout_s * 1000)),
                # It may hold a lock while others work for it.
                "idle_session_timeout": "0",
            },
        )

    @asynccontextmanager
    async def begin() -> AsyncIterator[WriteSession]:
        with errors_of_driver():
            async with connection.transaction():
                yield WriteSession(connection)

    try:
        await prepare_connection(connection)
        yield begin
    finally:
        await connection.close(timeout=5)
