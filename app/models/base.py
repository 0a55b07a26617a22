"""What all tables share: names of constraints (they are the contract with `errors.py`), schemas, column shorthands."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import DateTime, MetaData, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.orm import DeclarativeBase, mapped_column

WRITE_HALF = "titik"
PUBLIC_HALF = "published"
INTERNAL_HALF = "internal"

CodeColumn = Annotated[str, mapped_column(Text)]
Uuid = Annotated[UUID, mapped_column(PG_UUID(as_uuid=True))]
Json = Annotated[dict[str, object], mapped_column(JSONB)]
InstantColumn = Annotated[datetime, mapped_column(DateTime(timezone=True))]
CreatedAt = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]


class Base(DeclarativeBase):
    metadata = MetaData(
        schema=WRITE_HALF,
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        },
    )
    type_annotation_map = {str: Text()}  # noqa: RUF012 - SQLAlchemy reads it as a class attribute
