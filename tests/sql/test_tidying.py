"""Old keys go, young ones stay."""

import re

import pytest

from app.background.tidying import OLD, OLD_KEYS, tidy
from app.boundaries.queries import OLD_JOBS
from app.connections import open_once
from app.db import Database
from app.imports.queries import OLD as OLD_IMPORTS
from app.inbox.queries import CLAIM
from app.reports.queries import FORGET_SENDERS
from app.settings import Settings
from tests.conftest import AsRole
from tests.factories import MOJOROTO, a_feature, execute, value

pytestmark = pytest.mark.anyio


async def test_a_key_is_remembered_for_a_month(as_role: AsRole, database: Settings) -> None:
    pic = await as_role("pic", MOJOROTO)
    for number in range(3):
        feature = a_feature(112.0016 + number / 1000, name=f"Posyandu {number}")
        posted = await pic.post("/collections/posyandu/items", json=feature, headers={"Idempotency-Key": f"kunci-{number}"})
        assert posted.status_code == 201
    async with open_once(database.owner_dsn) as session:
        aged = "UPDATE titik.retry SET created_at = now() - n * interval '20 days' FROM (SELECT key_sha256 AS key, row_number() OVER () AS n FROM titik.retry) old WHERE key = key_sha256"
        await execute(session, aged)
    opened = await Database.connect(database)
    try:
        assert [await tidy(opened) for _ in range(2)] == [2, 0]
    finally:
        await opened.close()
    async with open_once(database.owner_dsn) as session:
        assert await value(session, "SELECT count(*) FROM titik.retry") == 1


async def test_a_batch_is_no_larger_than_it_says_whatever_the_plan(database: Settings) -> None:
    """As a subquery of the DELETE what is old may be looked up for each row anew, each time with a limit of its own."""
    async with open_once(database.owner_dsn) as session:
        await execute(
            session,
            "WITH one AS (INSERT INTO titik.account (name, role) VALUES ('pic-lama', 'pic') RETURNING id)"
            " INSERT INTO titik.retry (account_id, key_sha256, content_sha256, subject_id, created_at)"
            " SELECT one.id, sha256(convert_to(n::text, 'UTF8')), sha256('x'), gen_random_uuid(), now() - interval '40 days' FROM one, generate_series(1, 60) n",
        )
    for setting in ("enable_hashjoin", "enable_mergejoin", "enable_hashagg", "enable_sort", "enable_material"):
        async with open_once(database.owner_dsn) as session:
            await execute(session, f"SET LOCAL {setting} = off")
            await execute(session, "SET LOCAL enable_hashjoin = off")
            await execute(session, "SET LOCAL enable_mergejoin = off")
            assert await session.value(OLD_KEYS, batch=7) == 7


def opening_of(sql: str, at: int) -> int:
    """Of the brackets around this place; -1: there are none."""
    depth = 0
    for before in range(at - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(sql[before], 0)
        if depth < 0:
            return before
    return -1


def test_what_is_limited_is_looked_up_once() -> None:
    for statement in (*OLD, OLD_JOBS, OLD_IMPORTS, FORGET_SENDERS, CLAIM):
        for limit in re.finditer("LIMIT", statement.sql):
            assert statement.sql[: opening_of(statement.sql, limit.start())].rstrip().endswith("AS MATERIALIZED"), statement.sql
