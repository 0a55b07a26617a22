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

from app import ROOT
from app.audit.sealing import ROW_SHA256
from app.cluster import Cluster, create_database, drop_database

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
       AND NOT (k.conrelid IN ('titik.revision'::regclass, 'titik.value_revision'::regclass, 'titik.placement_change'::regclass)
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


BEFORE_NOUNS = "0023_one_order"
# A point with an entry that was returned, and all that was written of it before there was more than points.
RETURNED = """
    INSERT INTO titik.region (code, level, name, bps_code) VALUES ('99.99.99.9999', 'kelurahan', 'Uji', '9999999999') ON CONFLICT DO NOTHING;
    INSERT INTO titik.category (id, title, description, attribute_schema, required, natural_key, cardinality, field_visibility)
    VALUES ('uji', '{}', '{}', '{}', '{}', '{}', 'many', '{}');
    INSERT INTO titik.account (name, role) VALUES ('pic-uji', 'pic'), ('walidata-uji', 'walidata');
    INSERT INTO titik.boundary_edition (name, source, accuracy_m, complete, report) VALUES ('uji', 'uji', 5, true, '{}');
    INSERT INTO titik.point (id, category, kelurahan) VALUES ('00000000-0000-7000-8000-000000000001', 'uji', '99.99.99.9999');
    INSERT INTO titik.revision (id, point_id, number, state, kelurahan, geom, method, name, attributes, content_sha256, edition_id, verdict, distance_m,
                                placement, flags, created_by, held_by, decided_by, decided_at, decision_reason)
    SELECT '00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000001', 1, 'returned', '99.99.99.9999',
           ST_SetSRID(ST_MakePoint(112, -7.8), 4326), 'gps', 'Uji', '{}', '\\x00', e.id, 'inside', 0, '{}', '{}', pic.id, pic.id, walidata.id, now(), 'Ragu'
      FROM titik.boundary_edition e, titik.account pic, titik.account walidata
     WHERE e.name = 'uji' AND pic.name = 'pic-uji' AND walidata.name = 'walidata-uji';
    INSERT INTO titik.notice (account_id, kind, revision_id, kelurahan, category)
    SELECT held_by, 'returned', id, kelurahan, 'uji' FROM titik.revision WHERE name = 'Uji';
    INSERT INTO titik.notice (account_id, kind) SELECT id, 'handed-over' FROM titik.account WHERE name = 'pic-uji';
    INSERT INTO titik.retry (account_id, key_sha256, content_sha256, point_id, number)
    SELECT held_by, '\\x01', '\\x02', point_id, 1 FROM titik.revision WHERE name = 'Uji';
    INSERT INTO titik.audit (account_id, action, subject, kelurahan, detail)
    SELECT decided_by, 'revision.return', id::text, kelurahan, jsonb_build_object('point', point_id, 'version', 1) FROM titik.revision WHERE name = 'Uji';
    INSERT INTO titik.outbox (type, subject, kelurahan, category, payload)
    SELECT 'revision.return', id::text, kelurahan, 'uji', jsonb_build_object('point', point_id, 'version', 1) FROM titik.revision WHERE name = 'Uji';
    INSERT INTO published.change (id, category) VALUES ('00000000-0000-7000-8000-000000000001', 'uji');
"""
# The place of each in its order is what cursors and webhooks hold; the hash of an audit row is what the chain holds.
WRITTEN = f"""
    SELECT concat_ws(' ', 'outbox', o.history, o.transaction_id, o.id, o.event_id, o.type, o.subject, o.category, o.kelurahan, o.payload) AS line
      FROM titik.outbox o
    UNION ALL SELECT concat_ws(' ', 'change', c.history, c.transaction_id, c.seq, c.id, c.category) FROM published.change c
    UNION ALL SELECT concat_ws(' ', 'audit', encode({ROW_SHA256}, 'hex')) FROM titik.audit a
    UNION ALL SELECT concat_ws(' ', 'notice', n.id, n.account_id, n.kind, n.revision_id, n.kelurahan, n.category) FROM titik.notice n
    UNION ALL SELECT concat_ws(' ', 'retry', r.account_id, r.key_sha256, r.content_sha256, r.number) FROM titik.retry r
    ORDER BY 1
"""
KINDS = """
    SELECT 'revision ' || category AS line FROM titik.revision
    UNION ALL SELECT 'notice ' || kind || ' ' || coalesce(subject_kind, '-') FROM titik.notice
    UNION ALL SELECT 'change ' || kind FROM published.change
    UNION ALL SELECT 'outbox ' || coalesce(kind, '-') FROM titik.outbox
    UNION ALL SELECT 'audit ' || coalesce(kind, '-') FROM titik.audit
    UNION ALL SELECT 'retry ' || subject_id FROM titik.retry
    ORDER BY 1
"""


def test_what_was_written_before_there_were_nouns_is_read_after_it_up_down_and_up(url: str) -> None:
    command.upgrade(config(url), BEFORE_NOUNS)
    lines(url, f"DO $do$ BEGIN {RETURNED} END $do$")
    before = lines(url, WRITTEN)
    assert [line.split()[0] for line in before] == ["audit", "change", "notice", "notice", "outbox", "retry"]
    command.upgrade(config(url), "head")
    after = lines(url, KINDS)
    assert after == [
        "audit -", "change point", "notice handed-over -", "notice returned point", "outbox -", "retry 00000000-0000-7000-8000-000000000001",
        "revision uji",
    ]  # fmt: skip
    assert lines(url, WRITTEN) == before
    # What the older form has no word for goes with it; the rest stays.
    lines(url, "INSERT INTO titik.outbox (type, subject, kind, payload) VALUES ('tree.published', 'x', 'tree', '{}') RETURNING 1")
    lines(url, "INSERT INTO published.change (id, category, kind) VALUES (gen_random_uuid(), 'mangga', 'tree') RETURNING 1")
    lines(
        url,
        "INSERT INTO titik.notice (account_id, kind, subject_kind, revision_id)"
        " SELECT id, 'returned', 'tree', gen_random_uuid() FROM titik.account LIMIT 1 RETURNING 1",
    )
    command.downgrade(config(url), BEFORE_NOUNS)
    assert lines(url, WRITTEN) == before
    command.upgrade(config(url), "head")
    assert (lines(url, WRITTEN), lines(url, KINDS)) == (before, after)
