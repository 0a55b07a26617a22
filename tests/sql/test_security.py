"""What PostgreSQL itself refuses, when everything before it has failed."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from app.accounts import queries as accounts
from app.accounts import tokens
from app.connections import open_once
from app.db import Database
from app.errors import Unavailable
from app.nouns import NOUNS
from app.settings import Settings
from app.statement import Statement
from tests.conftest import AsRole
from tests.factories import BUJEL, MOJOROTO, a_feature, a_token, execute, published, submitted

pytestmark = pytest.mark.anyio

Connection = Any
TABLES = "SELECT c.oid::regclass::text AS name FROM pg_class c WHERE c.relnamespace IN ('titik'::regnamespace, 'published'::regnamespace, 'internal'::regnamespace) AND c.relkind IN ('r', 'p', 'v', 'm')"
PHOTOS = {"published.photo", "internal.photo"}
AREAS = {"published.area", "published.area_shape", "published.edition_area"}
JOBS = {"titik.boundary_job", "titik.boundary_job_file"}
EDITIONS = {"titik.boundary_edition", "titik.boundary", "titik.placement_change"}
OPEN = AREAS | {
    "titik.history",
    "titik.region",
    "titik.region_alias",
    "titik.city",
    "titik.boundary_edition",
    "titik.boundary",
    "titik.category",
    "titik.category_steps",
    "titik.indicator",
}
VIEWS = {"published.shown_item", "published.shown_photo", "published.shown_cluster"}, {"internal.shown_item", "internal.shown_photo"}
IMPORTS = {"titik.import", "titik.import_file", "titik.import_row"}
SIGN_IN = {
    "titik.sign_in_count",
    "titik.sign_in_place",
    "titik.report_sender",
    "titik.route_minute",
    "titik.session",
    "titik.second_factor",
    "titik.recovery_code",
}
# Of the nouns: what is proposed, and what of it is public.
PROPOSED = {table for noun in NOUNS for table in (noun.revisions, noun.subjects)}
ITEMS = {half: {f"{half}.{noun.items}" for noun in NOUNS} for half in ("published", "internal")}
READS = {
    "titik_public": OPEN
    | VIEWS[0]
    | ITEMS["published"]
    | {
        "published.photo",
        "published.collection",
        "published.cluster",
        "published.change",
        "published.kelurahan_total",
        "published.profile",
    },
    "titik_internal": OPEN
    | VIEWS[1]
    | ITEMS["internal"]
    | {"internal.photo", "internal.collection", "internal.cluster", "internal.change", "internal.kelurahan_total", "internal.profile"},
    "titik_service": OPEN
    | PROPOSED
    | {
        "titik.placement_change",
        "titik.disclosure",
        "titik.account",
        "titik.account_kelurahan",
        "titik.password",
        "titik.reset_link",
        "titik.token",
        "titik.notice",
        "titik.alembic_version",
        "titik.audit",
        "titik.audit_seal",
        "titik.retry",
        "titik.contact",
        "titik.photo",
        "titik.report",
        "titik.outbox",
        "titik.webhook",
        "titik.webhook_delivery",
        "titik.identity_request",
        "titik.category_version",
        "titik.progress",
        "titik.progress_delta",
    }
    | SIGN_IN
    | IMPORTS
    | JOBS
    | PHOTOS
    | VIEWS[0]
    | VIEWS[1]
    | ITEMS["published"]
    | ITEMS["internal"]
    | {"published.collection", "published.cluster", "published.change", "published.kelurahan_total", "published.profile"}
    | {"internal.collection", "internal.cluster", "internal.change", "internal.kelurahan_total", "internal.profile"},
}
HALVES = {f"{half}.{table}" for half in ITEMS for table in ("collection", "cluster", "kelurahan_total", "profile")}.union(*ITEMS.values())
CHANGES = {"published.change", "internal.change"}
WEBHOOKS = {"titik.webhook", "titik.webhook_delivery"}
ACCOUNTS = {"titik.account", "titik.password", "titik.reset_link", "titik.token", "titik.notice"}
WRITES = {
    "INSERT": PROPOSED
    | {
        "titik.audit",
        "titik.audit_seal",
        "titik.outbox",
        "titik.retry",
        "titik.contact",
        "titik.photo",
        "titik.report",
        "titik.category",
        "titik.category_steps",
        "titik.indicator",
        "titik.disclosure",
    }
    | PHOTOS
    | ACCOUNTS
    | {"titik.account_kelurahan"}
    | IMPORTS
    | JOBS
    | EDITIONS
    | AREAS
    | CHANGES
    | WEBHOOKS
    | SIGN_IN
    | HALVES,
    "UPDATE": PROPOSED
    | {
        "titik.placement_change",
        "titik.retry",
        "titik.contact",
        "titik.import",
        "titik.import_row",
        "titik.photo",
        "titik.report",
        "titik.history",
        "titik.category",
        "titik.category_steps",
        "titik.city",
        "titik.outbox",
        "titik.boundary_edition",
        "titik.boundary_job",
    }
    | ACCOUNTS
    | WEBHOOKS
    | SIGN_IN
    | HALVES,
    "DELETE": {
        "titik.retry",
        "titik.contact",
        "titik.photo",
        "titik.account_kelurahan",
        "titik.category_steps",
        # One that was never in use; a trigger keeps the others.
        "titik.boundary_edition",
        "published.photo",
        "published.area",
        "published.area_shape",
    }
    | IMPORTS
    | JOBS
    | CHANGES
    | WEBHOOKS
    # A second factor leaves by a function alone.
    | SIGN_IN - {"titik.second_factor"}
    | HALVES,
    "TRUNCATE": set[str](),
    "REFERENCES": set[str](),
    "TRIGGER": set[str](),
}


@pytest.fixture
async def service_role(database: Settings) -> AsyncIterator[Connection]:
    """The role that the service connects as, with nothing set."""
    connection = await asyncpg.connect(database.service_dsn)
    yield connection
    await connection.close()


async def granted(connection: Connection, role: str, privilege: str) -> set[str]:
    """The tables that a role may use so, or any column of them."""
    asked = "has_table_privilege($1, c.oid, $2)"
    if privilege in ("SELECT", "INSERT", "UPDATE", "REFERENCES"):
        asked += " OR has_any_column_privilege($1, c.oid, $2)"
    return {row["name"] for row in await connection.fetch(f"{TABLES} AND ({asked})", role, privilege)}


async def act_as(connection: Connection, token: str, settings: Settings) -> None:
    assert await connection.fetchrow(accounts.SIGN_IN.sql, tokens.hash_token(settings.secret, token))


# -- grants


@pytest.mark.parametrize("role", READS)
async def test_each_role_reads_what_it_needs_and_nothing_else(service_role: Connection, role: str) -> None:
    assert await granted(service_role, role, "SELECT") == READS[role]


@pytest.mark.parametrize("privilege", WRITES)
async def test_only_the_service_writes_and_only_what_it_needs(service_role: Connection, privilege: str) -> None:
    assert await granted(service_role, "titik_service", privilege) == WRITES[privilege]
    for role in ("titik_public", "titik_internal"):
        assert await granted(service_role, role, privilege) == set()


async def test_the_roles_own_nothing_and_have_no_powers(service_role: Connection) -> None:
    roles = ["titik_service", "titik_public", "titik_internal"]
    for catalogue, owner in (
        ("class", "relowner"),
        ("proc", "proowner"),
        ("namespace", "nspowner"),
        ("type", "typowner"),
        ("database", "datdba"),
    ):
        owned = await service_role.fetchval(
            f"SELECT count(*) FROM pg_{catalogue} o JOIN pg_roles r ON r.oid = o.{owner} WHERE r.rolname = ANY ($1)", roles
        )
        assert (catalogue, owned) == (catalogue, 0)
    powers = "rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication"
    assert await service_role.fetchval(f"SELECT count(*) FROM pg_roles WHERE rolname = ANY ($1) AND ({powers})", roles) == 0
    for schema in ("titik", "published", "internal", "public"):
        for role in roles:
            assert not await service_role.fetchval("SELECT has_schema_privilege($1, $2, 'CREATE')", role, schema)


async def test_functions_that_run_as_their_owner_are_closed_and_fix_their_search_path(service_role: Connection) -> None:
    rows = await service_role.fetch(
        "SELECT oid, oid::regprocedure::text AS name, proconfig FROM pg_proc WHERE prosecdef AND pronamespace = 'titik'::regnamespace ORDER BY 2"
    )
    assert [row["name"] for row in rows] == [
        "titik.act_for_boundary_job(uuid)",
        "titik.act_for_import(uuid)",
        "titik.alike(text,jsonb,jsonb,uuid[],text,double precision,double precision,double precision,double precision,integer)",
        "titik.alike_many(text,jsonb,double precision,double precision)",
        "titik.analyze_areas()",
        "titik.analyze_boundaries()",
        "titik.ask_identity(text,text)",
        "titik.bind_identity(integer,text)",
        "titik.contacts_follow()",
        "titik.find_report(text)",
        "titik.fold_progress(integer)",
        "titik.forget_events(integer)",
        "titik.forget_reports(integer)",
        "titik.hand_over(integer,integer)",
        "titik.keep_category()",
        "titik.next_import(bigint,interval)",
        "titik.oidc_account(text)",
        "titik.password_of(text)",
        "titik.photos_follow()",
        "titik.private_of(integer)",
        "titik.progress_of_report_delete()",
        "titik.progress_of_report_insert()",
        "titik.progress_of_report_update()",
        "titik.progress_of_revision_delete()",
        "titik.progress_of_revision_insert()",
        "titik.progress_of_revision_update()",
        "titik.progress_of_value_revision_delete()",
        "titik.progress_of_value_revision_insert()",
        "titik.progress_of_value_revision_update()",
        "titik.public_history(uuid)",
        "titik.remove_second_factor(integer)",
        "titik.report_of_key(bytea)",
        "titik.reports_follow()",
        "titik.set_own_email(text)",
        "titik.sign_in(bytea)",
        "titik.sign_in_session(bytea,bytea)",
        "titik.taken_ids(uuid[])",
        "titik.taken_since(uuid,text,uuid,text[],text[],boolean)",
    ]
    for row in rows:
        assert any(setting.startswith("search_path=") for setting in row["proconfig"])
        for role in ("titik_public", "titik_internal"):
            is_open = await service_role.fetchval("SELECT has_function_privilege($1, $2::oid, 'EXECUTE')", role, row["oid"])
            # What was public of a point, without former values: everybody may know it.
            assert is_open == (row["name"] == "titik.public_history(uuid)")


FORBIDDEN = {
    "titik_service": [
        "SELECT * FROM titik.token",
        "UPDATE titik.audit SET action = 'x'",
        "DELETE FROM titik.audit",
        "TRUNCATE titik.audit",
        "UPDATE titik.audit_seal SET audit_id = 0",
        "DELETE FROM titik.audit_seal",
        "TRUNCATE titik.audit_seal",
        "DELETE FROM titik.outbox",
        "DELETE FROM titik.revision",
        "UPDATE titik.revision SET name = 'x'",
        "UPDATE titik.revision SET geom = geom",
        "UPDATE titik.revision SET attributes = '{}'",
        "UPDATE titik.revision SET kelurahan = kelurahan",
        "UPDATE titik.revision SET created_by = 1",
        "DELETE FROM titik.point",
        "UPDATE titik.account SET role = 'admin'",
        "UPDATE titik.account SET name = 'x'",
        "SELECT email FROM titik.account",
        "SELECT oidc_subject FROM titik.account",
        "SELECT hash FROM titik.password",
        "SELECT hash FROM titik.token",
        "UPDATE titik.token SET scopes = NULL",
        "UPDATE titik.token SET expires_at = now()",
        "DELETE FROM titik.account",
        "DELETE FROM titik.token",
        "UPDATE published.change SET category = 'x'",
        "ALTER TABLE titik.revision DISABLE ROW LEVEL SECURITY",
        "SET ROLE titik_owner",
        "CREATE TABLE titik.mine (id int)",
    ],
    "titik_public": [
        "SELECT * FROM titik.point",
        "SELECT * FROM titik.revision",
        "SELECT * FROM titik.account",
        "SELECT * FROM titik.token",
        "SELECT * FROM titik.audit",
        "SELECT * FROM titik.outbox",
        "SELECT * FROM titik.placement_change",
        "SELECT * FROM internal.item",
        "SELECT * FROM internal.collection",
        "SELECT * FROM internal.cluster",
        "SELECT * FROM internal.change",
        "DELETE FROM published.change",
        "UPDATE published.cluster SET number = 0",
        "DELETE FROM published.area",
        "SELECT published.rebuild_clusters()",
        "INSERT INTO published.collection (category) VALUES ('x')",
        "UPDATE published.item SET name = 'x'",
        "DELETE FROM published.item",
        "SELECT titik.sign_in('x')",
    ],
    "titik_internal": [
        "SELECT * FROM published.item",
        "SELECT * FROM published.cluster",
        "SELECT * FROM titik.revision",
        "SELECT * FROM titik.token",
        "UPDATE internal.item SET name = 'x'",
    ],
}


@pytest.mark.parametrize(("role", "statement"), [(role, statement) for role, all_ in FORBIDDEN.items() for statement in all_])
async def test_what_is_forbidden_is_refused(service_role: Connection, role: str, statement: str) -> None:
    await service_role.execute(f"SET ROLE {role}")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await service_role.execute(statement)


NOT_AN_ADMIN = (
    "INSERT INTO titik.account (name, role) VALUES ('x', 'admin')",
    "UPDATE titik.account SET active = true",
    "UPDATE titik.account SET email = 'x'",
    "INSERT INTO titik.account_kelurahan (account_id, kelurahan) SELECT id, '35.71.01.1006' FROM titik.account WHERE name = 'opd'",
    "DELETE FROM titik.account_kelurahan",
    "INSERT INTO titik.reset_link (hash, account_id, expires_at) SELECT 'x', id, now() FROM titik.account WHERE name = 'opd'",
    "INSERT INTO titik.password (account_id, hash) SELECT id, 'x' FROM titik.account WHERE name = 'opd'",
    "INSERT INTO titik.token (account_id, prefix, hash, expires_at) SELECT id, 'x', 'x', now() FROM titik.account WHERE name = 'opd'",
    "UPDATE titik.token SET revoked_at = now()",
    "SELECT titik.hand_over(1, 2)",
    "INSERT INTO titik.webhook (id, url, types, secret, after_history, after_transaction, after_id) VALUES (gen_random_uuid(), 'https://x.example', '{}', 'x', 0, '0', 0)",
    "UPDATE titik.webhook SET url = 'https://x.example'",
    "UPDATE titik.webhook SET secret = 'x'",
    "DELETE FROM titik.webhook",
    "UPDATE titik.category SET icon = 'x'",
    "UPDATE titik.boundary_edition SET active = false",
    "DELETE FROM published.area_shape",
)


@pytest.mark.parametrize("statement", NOT_AN_ADMIN)
async def test_accounts_are_an_administrator_s_to_change_and_tokens_one_s_own(
    service_role: Connection, database: Settings, statement: str
) -> None:
    await a_token(database, "opd", (), "opd")
    admin, pic = await a_token(database, "admin", (), "admin"), await a_token(database, "pic", [MOJOROTO], "pic")
    for token in (None, pic):
        transaction = service_role.transaction()
        await transaction.start()
        if token:
            await act_as(service_role, token, database)
        with pytest.raises(asyncpg.CheckViolationError):
            await service_role.execute(statement)
        await transaction.rollback()
    # Taken back: some of it, such as the shapes of areas, other tests need.
    transaction = service_role.transaction()
    await transaction.start()
    await act_as(service_role, admin, database)
    await service_role.execute(statement)
    await transaction.rollback()


async def test_the_reading_pools_are_read_only_roles(database: Settings) -> None:
    opened = await Database.connect(database)
    try:
        for session, role in ((opened.public, "titik_public"), (opened.internal, "titik_internal")):
            assert await session.value(Statement("SELECT current_user::text")) == role
            assert await session.value(Statement("SHOW transaction_read_only")) == "on"
            with pytest.raises(Unavailable) as refused:
                await session.value(Statement("CREATE TABLE public.mine (id int)"))
            assert refused.value.code == "database-read-only"
            assert isinstance(refused.value.__cause__, asyncpg.ReadOnlySQLTransactionError)
    finally:
        await opened.close()


# -- row-level security


COUNTS = "SELECT (SELECT count(*) FROM titik.point), (SELECT count(*) FROM titik.revision)"
NEW_POINT = "INSERT INTO titik.point (id, category, kelurahan) VALUES (gen_random_uuid(), 'posyandu', $1)"


async def test_without_an_actor_there_are_no_rows_and_none_can_be_made(as_role: AsRole, service_role: Connection) -> None:
    await submitted(await as_role("pic", MOJOROTO), a_feature())
    assert tuple(await service_role.fetchrow(COUNTS)) == (0, 0)
    assert await service_role.execute("UPDATE titik.revision SET state = 'withdrawn'") == "UPDATE 0"
    assert await service_role.execute("UPDATE titik.point SET status = 'closed'") == "UPDATE 0"
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await service_role.execute(NEW_POINT, MOJOROTO)


@pytest.mark.parametrize(("role", "seen"), [("walidata", 2), ("opd", 0), ("pembina", 0), ("admin", 0)])
async def test_who_reviews_sees_all_and_who_does_not_work_sees_none(
    as_role: AsRole, service_role: Connection, database: Settings, role: str, seen: int
) -> None:
    for code, lon, lat in ((MOJOROTO, 112.0016, -7.8041), (BUJEL, 111.9895, -7.8001)):
        await submitted(await as_role("pic", code), a_feature(lon, lat))
    token = await a_token(database, role)
    async with service_role.transaction():
        await act_as(service_role, token, database)
        assert tuple(await service_role.fetchrow(COUNTS)) == (seen, seen)


async def test_a_pic_sees_and_writes_its_own_kelurahan_only_and_only_in_its_transaction(
    as_role: AsRole, service_role: Connection, database: Settings
) -> None:
    await published(await as_role("pic", BUJEL), await as_role("walidata"), a_feature(111.9895, -7.8001))
    await submitted(await as_role("pic", MOJOROTO), a_feature())
    token = await a_token(database, "pic", [MOJOROTO])
    async with service_role.transaction():
        await act_as(service_role, token, database)
        assert tuple(await service_role.fetchrow(COUNTS)) == (1, 1)
        assert await service_role.fetchval("SELECT array_agg(kelurahan) FROM titik.revision") == [MOJOROTO]
        assert await service_role.execute("UPDATE titik.revision SET flags = flags WHERE kelurahan <> $1", MOJOROTO) == "UPDATE 0"
        assert await service_role.execute(NEW_POINT, MOJOROTO) == "INSERT 0 1"
        for foreign in (NEW_POINT, "UPDATE titik.point SET kelurahan = $1"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                async with service_role.transaction():
                    await service_role.execute(foreign, BUJEL)
    # What one transaction was told is not left for the next on this connection.
    assert tuple(await service_role.fetchrow(COUNTS)) == (0, 0)
    assert not await service_role.fetchval("SELECT current_setting('titik.role', true)")


async def test_every_table_of_proposals_is_under_row_level_security(service_role: Connection) -> None:
    rows = await service_role.fetch("SELECT relname FROM pg_class WHERE relnamespace = 'titik'::regnamespace AND relrowsecurity")
    assert {row["relname"] for row in rows} == {table.removeprefix("titik.") for table in PROPOSED} | {
        "contact",
        "import",
        "import_file",
        "import_row",
        "photo",
        "report",
        "identity_request",
        "boundary_job",
        "progress",
        "progress_delta",
    }


# -- signing in


async def test_signing_in_gives_the_account_and_sets_the_actor(service_role: Connection, database: Settings) -> None:
    token = await a_token(database, "pic", [MOJOROTO, BUJEL], "budi")
    async with service_role.transaction():
        row = await service_role.fetchrow(accounts.SIGN_IN.sql, tokens.hash_token(database.secret, token))
        assert (row["name"], row["role"], row["kelurahan"]) == ("budi", "pic", sorted([MOJOROTO, BUJEL]))
        told = await service_role.fetchrow("SELECT current_setting('titik.role'), current_setting('titik.kelurahan')")
        assert tuple(told) == ("pic", f"{BUJEL},{MOJOROTO}")


ENDED = [
    "UPDATE titik.token SET expires_at = now()",
    "UPDATE titik.token SET revoked_at = now()",
    "UPDATE titik.account SET active = false",
    "DELETE FROM titik.token",
]


@pytest.mark.parametrize("ending", ENDED)
async def test_signing_in_refuses_a_token_that_has_ended(service_role: Connection, database: Settings, ending: str) -> None:
    token = await a_token(database, "walidata")
    async with open_once(database.owner_dsn) as session:
        await execute(session, ending)
    async with service_role.transaction():
        assert await service_role.fetch(accounts.SIGN_IN.sql, tokens.hash_token(database.secret, token)) == []
        assert not await service_role.fetchval("SELECT current_setting('titik.role', true)")


async def test_a_copy_of_the_tokens_opens_nothing(service_role: Connection, database: Settings) -> None:
    """Neither the token itself nor its hash under another key."""
    token = await a_token(database, "walidata")
    for wrong in (token.encode(), tokens.hash_token(b"another key", token)):
        assert await service_role.fetch(accounts.SIGN_IN.sql, wrong) == []
