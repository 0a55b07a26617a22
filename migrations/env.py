"""Runs migrations as the owner, one process at a time, and never waits long for a lock that the service holds."""

import asyncio
import os

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.models import INTERNAL_HALF, PUBLIC_HALF, WRITE_HALF, Base

OUR_SCHEMAS = {WRITE_HALF, PUBLIC_HALF, INTERNAL_HALF}
ADVISORY_LOCK = 3_571_001


def _ours(name: str | None, type_: str, _parent: object) -> bool:
    return type_ != "schema" or name in OUR_SCHEMAS


def _migrate(connection: Connection) -> None:
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.execute(text("SET statement_timeout = '15min'"))
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ADVISORY_LOCK})
    connection.execute(text("CREATE SCHEMA IF NOT EXISTS titik"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        version_table_schema=WRITE_HALF,
        include_schemas=True,
        include_name=_ours,
        include_object=alembic_helpers.include_object,
        render_item=alembic_helpers.render_item,
        process_revision_directives=alembic_helpers.writer,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def _run() -> None:
    url = context.config.attributes.get("url") or os.environ["TITIK_OWNER_URL"]
    engine = create_async_engine(str(url).replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_migrate)
            await connection.commit()
    finally:
        await engine.dispose()


asyncio.run(_run())
