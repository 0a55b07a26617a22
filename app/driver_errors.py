"""Errors of the database driver in the words of the domain. Only what the driver itself raises gets here: an `OSError` of a file or of a bucket,
raised in the middle of a transaction, is none of the database's.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from app.errors import TitikError, Unavailable, from_constraint

# Of classes 53 and 57 of SQLSTATE, and of 58: what passes without anybody changing the statement.
_LACKING = ("53100", "53200")
_GONE = ("08", "53", "57P0", "58030")
_BUSY = ("57014", "55P03", "40P01", "40001")
_READ_ONLY = "25006"
# 54000 is a row that is too large, or a server that accepts no writes because its transaction numbers run out. These functions say the latter; the
# text of the message is in the server's language.
_OUT_OF_NUMBERS = ("GetNewTransactionId", "GetNewMultiXactId")
# What has no SQLSTATE: the connection, as the driver sees it. `InternalClientError`: told while idle that the server is going, and not yet that it has gone.
_CONNECTION = (asyncpg.InterfaceError, asyncpg.InternalClientError)
DRIVER_ERRORS = (asyncpg.PostgresError, *_CONNECTION)
# From a call of the driver these are the network or its deadline.
NETWORK_ERRORS = (TimeoutError, OSError)


def meaning_of(error: BaseException) -> TitikError | None:
    """What an error of the driver means to whoever asked. None where only a fault of ours can have caused it."""
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        return from_constraint(error.constraint_name)
    if isinstance(error, asyncpg.PostgresError):
        return _meaning_of_state(error)
    # A value that the driver cannot send is our mistake, although it counts as trouble with its interface.
    return Unavailable() if isinstance(error, (*_CONNECTION, *NETWORK_ERRORS)) and not isinstance(error, ValueError) else None


def _meaning_of_state(error: asyncpg.PostgresError) -> Unavailable | None:
    state = error.sqlstate or ""
    if state == _READ_ONLY or (state == "54000" and error.server_source_function in _OUT_OF_NUMBERS):
        return Unavailable("database-read-only")
    if state in _LACKING:
        return Unavailable("database-full")
    if state in _BUSY:
        return Unavailable("too-busy")
    return Unavailable() if state.startswith(_GONE) else None


@contextmanager
def call_of_driver() -> Iterator[None]:
    """Around a call of the driver and nothing else."""
    try:
        yield
    except (*DRIVER_ERRORS, *NETWORK_ERRORS) as error:
        if meant := meaning_of(error):
            raise meant from error
        raise


@contextmanager
def errors_of_driver() -> Iterator[None]:
    """Around work in which others call the driver too: what is not the driver's passes as it is."""
    try:
        yield
    except DRIVER_ERRORS as error:
        if meant := meaning_of(error):
            raise meant from error
        raise
