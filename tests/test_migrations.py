"""The schema can be made, taken back and made again, and is what the models say."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from app.cluster import Cluster, create_database, drop_database
from app.operation import ROOT

VERSIONS = sorted((ROOT / "migrations" / "versions").glob("*.py"))
HALVES = "('titik', 'published', 'internal')"

# Whatever a migration can make, as sorted lines of text.
EVERYTHING = f"""
    SELECT 'column ' || concat_ws(' ', table_schema, table_name, column_name, data_type, is_nullable, column_default) AS line
      FROM information_schema.columns WHERE table_schema IN {HALVES} AND table_name <> 'alembic_version'
    UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname IN {HALVES} AND tablename <> 'alembic_version'
    UNION ALL SELECT 'constraint ' || c.conrelid::regclass || ' ' || c.conname || ' ' || pg_get_constraintdef(c.oid)
      FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
     WHERE n.nspname IN {HALVES} AND c.conrelid <> 0 AND c.conrelid::regclass::text <> 'titik.alembic_version'
    UNION ALL SELECT 'policy ' || policies::text FROM pg_policies policies WHERE schemaname IN {HALVES}
    UNION ALL SELECT 'function ' || p.oid::regprocedure || ' ' || p.prosrc || coalesce(p.proacl::text, '')
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN {HALVES}
    UNION ALL SELECT 'grant ' || c.oid::regclass || ' ' || coalesce(c.relacl::text, '') || ' ' || c.relrowsecurity
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN {HALVES} AND c.relkind = 'r' AND c.relname <> 'alembic_version'
    ORDER BY 1
"""

# Foreign keys without an index that begins with their columns: finding or deleting a parent would read the whole child.
UNINDEXED = """
    SELECT k.conrelid::regclass || '.' || a.attname AS name
      FROM pg_constraint k
      JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
     WHERE k.contype = 'f' AND k.connamespace = 'titik'::regnamespace AND cardinality(k.conkey) = 1
       AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indkey[0] = k.conkey[1] AND i.indpred IS NULL)
       AND NOT (k.conrelid IN ('titik.revision'::regclass, 'titik.placement_change'::regclass)
                AND k.confrelid IN ('titik.region'::regclass, 'titik.account'::regclass, 'titik.boundary_edition'::regclass))
"""


@pytest.fixture
def url(cluster: Cluster, worker_id: str) -> Iterator[str]:
    """A database in which nothing has been made yet."""
    name = f"titik_migrations_{worker_id}"
    drop_database(cluster, name)
    create_database(cluster, name)
    yield cluster.url("titik_owner", name)
    drop_database(cluster, name)


def config(url: str) -> Config:
    made = Config(ROOT / "alembic.ini")
    made.attributes["url"] = url
    return made


def lines(url: str, sql: str) -> list[str]:
    async def ask() -> list[str]:
        connection = await asyncpg.connect(url)
        try:
            return [row[0] for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    return asyncio.run(ask())


def test_up_down_and_up_again_is_the_same(url: str) -> None:
    command.upgrade(config(url), "head")
    first = lines(url, EVERYTHING)
    assert {line.split()[0] for line in first} == {"column", "index", "constraint", "policy", "function", "grant"}
    command.downgrade(config(url), "base")
    assert lines(url, EVERYTHING) == []
    command.upgrade(config(url), "head")
    assert lines(url, EVERYTHING) == first
    command.upgrade(config(url), "head")
    assert lines(url, EVERYTHING) == first


def test_the_models_say_what_the_migrations_make(url: str) -> None:
    command.upgrade(config(url), "head")
    command.check(config(url))


def test_every_foreign_key_that_is_followed_back_has_an_index(url: str) -> None:
    command.upgrade(config(url), "head")
    assert lines(url, UNINDEXED) == []


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_is_named_by_date_and_slug_and_waits_for_no_lock(path: Path) -> None:
    assert re.fullmatch(r"20\d\d_[01]\d_[0-3]\d_[a-z][a-z0-9_]*\.py", path.name)
    assert path.read_text().count("SET LOCAL lock_timeout") == 2


def test_the_migrations_are_one_line_from_the_first_to_the_last() -> None:
    script = ScriptDirectory.from_config(Config(ROOT / "alembic.ini"))
    assert len(script.get_bases()) == len(script.get_heads()) == 1
    assert len(list(script.walk_revisions())) == len(VERSIONS)
