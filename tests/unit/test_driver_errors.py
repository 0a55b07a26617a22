"""What errors of the driver mean, by their SQLSTATE; what is not the driver's means nothing."""

from pathlib import Path

import asyncpg
import pytest
from asyncpg.exceptions import PostgresError

from app.driver_errors import call_of_driver, errors_of_driver, meaning_of
from app.errors import Unavailable
from app.log import Unfailing
from app.write_guard import NOTED_S, WriteGuard


def of_state(state: str, function: str = "") -> PostgresError:
    return PostgresError.new({"C": state, "M": "said in any language", "R": function})


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("53100", "database-full"), ("53200", "database-full"), ("25006", "database-read-only"), ("53000", "database-unavailable"),
        ("53300", "database-unavailable"), ("57P01", "database-unavailable"), ("57P02", "database-unavailable"), ("57P03", "database-unavailable"),
        ("57P04", "database-unavailable"), ("57P05", "database-unavailable"), ("08006", "database-unavailable"), ("58030", "database-unavailable"),
        ("57014", "too-busy"), ("55P03", "too-busy"), ("40P01", "too-busy"), ("40001", "too-busy"),
        # The same again would fail again.
        ("54000", None), ("54001", None), ("22003", None), ("42601", None), ("XX000", None), ("25P02", None),
    ],
)  # fmt: skip
def test_what_passes_by_itself_is_unavailable(state: str, code: str | None) -> None:
    meant = meaning_of(of_state(state))
    assert (meant and meant.code) == code
    if meant is not None:
        assert isinstance(meant, Unavailable)


def test_a_server_that_runs_out_of_transactions_is_read_only_and_a_row_too_large_is_not() -> None:
    meant = meaning_of(of_state("54000", "GetNewTransactionId"))
    assert meant
    assert meant.code == "database-read-only"
    assert meaning_of(of_state("54000", "_bt_check_third_page")) is None


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), TimeoutError(), ConnectionResetError(), FileNotFoundError()])
def test_only_calls_of_the_driver_make_the_database_unavailable(error: OSError) -> None:
    with pytest.raises(Unavailable), call_of_driver():
        raise error
    with pytest.raises(type(error)), errors_of_driver():
        raise error


def test_a_value_that_cannot_be_sent_is_our_mistake() -> None:
    with pytest.raises(asyncpg.DataError), call_of_driver():
        raise asyncpg.DataError


def test_what_has_failed_is_told_to_who_asks_whether_the_service_is_ready_and_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    guard, now = WriteGuard(), [1_000.0]
    monkeypatch.setattr("app.write_guard.time.monotonic", lambda: now[0])
    guard.note(Unavailable("too-busy"))
    guard.check_ready()
    guard.note(Unavailable("database-full"))
    guard.check()
    with pytest.raises(Unavailable, match="database-full"):
        guard.check_ready()
    now[0] += NOTED_S + 0.1
    guard.check_ready()
    assert guard.find("database-read-only")
    assert not guard.find("database-read-only")
    for asked in (guard.check, guard.check_ready):
        with pytest.raises(Unavailable, match="database-read-only"):
            asked()
    assert guard.find(None)
    guard.check_ready()


def test_a_full_disk_under_the_log_stops_nobody() -> None:
    with Path("/dev/full").open("wb", buffering=0) as full:
        log = Unfailing(full)
        log.write(b"a line")
        log.flush()
