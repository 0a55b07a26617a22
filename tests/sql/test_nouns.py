"""What PostgreSQL holds of every noun of the workflow, whoever writes its migration: `CONTRIBUTING.md` names these as the recipe."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Table

from app.connections import open_once
from app.models import Base
from app.models.reviewed import Reviewed, review_constraints
from app.nouns import NOUNS, OF_KIND
from app.settings import Settings
from app.workflow.noun import Noun
from tests.factories import execute, value

pytestmark = pytest.mark.anyio
OF_NOUNS = pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.kind)
# What may be written of a proposal after it was made; what boundaries make of a point again is of points alone.
MUTABLE = {"state", "held_by", "submitted_at", "decided_by", "decided_at", "decision_reason", "ended_by", "ended_at", "ended_reason"}
# What is found out, and by whom it was brought, which is said once.
JUDGED = {"point": {"flags", "edition_id", "verdict", "found_in", "distance_m", "placement", "brought_by"}}

WEBHOOK = """
    INSERT INTO titik.webhook (id, url, types, secret, after_history, after_transaction, after_id)
    VALUES (gen_random_uuid(), 'https://x.example', '{}', '', 1, '0', 0)
"""


@pytest.fixture
async def connection(database: Settings) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(database.owner_dsn)
    yield connection
    await connection.close()


def test_each_kind_is_one_noun() -> None:
    assert len(OF_KIND) == len(NOUNS)
    assert len({noun.revisions for noun in NOUNS}) == len({noun.items for noun in NOUNS}) == len(NOUNS)


@OF_NOUNS
def test_its_proposals_have_the_columns_and_the_constraints_of_all(noun: Noun) -> None:
    table: Table = Base.metadata.tables[noun.revisions]
    model = next(mapper.class_ for mapper in Base.registry.mappers if mapper.local_table is table)
    assert issubclass(model, Reviewed)
    assert noun.subject in table.columns


@OF_NOUNS
async def test_what_must_never_be_is_a_constraint(connection: Any, noun: Noun) -> None:
    """Four eyes among it: whoever wrote a proposal cannot be who decided on it, whatever the service does."""
    table = noun.revisions.removeprefix("titik.")
    found = {
        row["name"]: row["text"]
        for row in await connection.fetch(
            "SELECT conname AS name, pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE conrelid = CAST($1 AS regclass)",
            noun.revisions,
        )
    }
    assert {f"ck_{table}_{constraint.name}" for constraint in review_constraints()} <= set(found)
    assert found[f"ck_{table}_four_eyes"] == "CHECK ((decided_by <> created_by))"


@OF_NOUNS
async def test_only_one_is_open_and_one_is_public(connection: Any, noun: Noun) -> None:
    found = [
        row["text"]
        for row in await connection.fetch(
            "SELECT pg_get_indexdef(indexrelid) AS text FROM pg_index WHERE indrelid = CAST($1 AS regclass) AND indisunique", noun.revisions
        )
    ]
    of_one = [text for text in found if f"({noun.subject}) WHERE" in text]
    assert sorted(state in text for text in of_one for state in ("'submitted'", "'published'")) == [False, False, True, True]
    assert any(f"({noun.subject}, number)" in text for text in found)


@OF_NOUNS
async def test_row_level_security_goes_by_its_kelurahan(connection: Any, noun: Noun) -> None:
    for table in (noun.revisions, noun.subjects):
        schema, name = table.split(".")
        assert await connection.fetchval("SELECT relrowsecurity FROM pg_class WHERE oid = CAST($1 AS regclass)", table)
        policies = await connection.fetch("SELECT qual, with_check FROM pg_policies WHERE schemaname = $1 AND tablename = $2", schema, name)
        assert [(row["qual"], row["with_check"]) for row in policies] == [("titik.may_see(kelurahan)", "titik.may_see(kelurahan)")]


@OF_NOUNS
async def test_the_service_cannot_rewrite_what_was_proposed(connection: Any, noun: Noun) -> None:
    rows = await connection.fetch(
        "SELECT attname AS name, has_column_privilege('titik_service', attrelid, attnum, 'UPDATE') AS may FROM pg_attribute"
        " WHERE attrelid = CAST($1 AS regclass) AND attnum > 0 AND NOT attisdropped",
        noun.revisions,
    )
    assert {row["name"] for row in rows if row["may"]} == MUTABLE | JUDGED.get(noun.kind, set())
    assert not await connection.fetchval("SELECT has_table_privilege('titik_service', CAST($1 AS regclass), 'DELETE')", noun.revisions)


@OF_NOUNS
async def test_feed_and_webhooks_follow_what_of_it_is_public(connection: Any, noun: Noun) -> None:
    for half, deeds in (("published", {"change", "announce"}), ("internal", {"change"})):
        rows = await connection.fetch(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = CAST($1 AS regclass) AND NOT tgisinternal", f"{half}.{noun.items}"
        )
        assert {f"{deed}_{how}" for deed in deeds for how in ("insert", "update", "delete")} <= {row["tgname"] for row in rows}


async def test_a_later_noun_is_followed_by_one_call(database: Settings) -> None:
    """As a migration would make it: feed and outbox tell of it under its kind, and one that is taken back leaves nothing behind."""
    async with open_once(database.owner_dsn) as session:
        for sql in (
            "CREATE TABLE published.tree (id uuid PRIMARY KEY, category text, kelurahan text, feature text)",
            "SELECT titik.follow_items('published', 'tree', 'tree')",
            WEBHOOK,
            "INSERT INTO published.tree VALUES (gen_random_uuid(), 'mangga', '35.71.01.1011', '{}')",
            "UPDATE published.tree SET feature = feature",
            "UPDATE published.tree SET feature = '{\"a\": 1}'",
            "DELETE FROM published.tree",
        ):
            await execute(session, sql)
        told = await value(
            session, "SELECT jsonb_agg(jsonb_build_array(type, kind, category, kelurahan, feature) ORDER BY id) FROM titik.outbox"
        )
        assert told == [
            ["tree.published", "tree", "mangga", "35.71.01.1011", "{}"],
            ["tree.changed", "tree", "mangga", "35.71.01.1011", '{"a": 1}'],
            ["tree.removed", "tree", "mangga", "35.71.01.1011", None],
        ]
        assert await value(session, "SELECT array_agg(kind || ' ' || category) FROM published.change") == ["tree mangga"] * 3
        await execute(session, "SELECT titik.unfollow_items('published', 'tree')")
        assert await value(session, "SELECT count(*) FROM pg_proc WHERE proname LIKE 'tree%'") == 0
        await execute(session, "DROP TABLE published.tree")
