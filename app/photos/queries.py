"""SQL of photos. Their bytes lie elsewhere (`storing.py`); a row is only written when they do."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from app.statement import Statement


class PublishedPhotoRow(TypedDict):
    id: UUID
    point_id: UUID
    sha256: bytes
    width: int
    height: int
    bytes: int


class PhotoRow(PublishedPhotoRow):
    number: int
    source_sha256: bytes
    taken_at: datetime | None
    distance_m: float | None
    flags: list[str]
    approved: bool
    created_at: datetime


class PictureHash(TypedDict):
    sha256: bytes


_SHOWN = "id, point_id, number, sha256, source_sha256, width, height, bytes, taken_at, distance_m, flags, approved, created_at"

# The point as the actor may see it; locked, so that no two add the last one that there is room for.
POINT = Statement[str | None]("SELECT kelurahan FROM titik.point WHERE id = :point_id")
HOLD = Statement[str | None]("SELECT kelurahan FROM titik.point WHERE id = :point_id FOR UPDATE")

OF_POINT = Statement[PhotoRow](f"SELECT {_SHOWN} FROM titik.photo WHERE point_id = :point_id ORDER BY id")  # noqa: S608 - constants, joined at import
FIND = Statement[PhotoRow](f"SELECT {_SHOWN} FROM titik.photo WHERE id = :id AND point_id = :point_id")  # noqa: S608 - as above

ADD = Statement[PhotoRow](f"""
    INSERT INTO titik.photo (id, point_id, kelurahan, number, sha256, source_sha256, width, height, bytes, taken_at, distance_m, flags, created_by)
    VALUES (CAST(:id AS uuid), CAST(:point_id AS uuid), :kelurahan, CAST(:number AS int), CAST(:sha256 AS bytea), CAST(:source_sha256 AS bytea),
            CAST(:width AS int), CAST(:height AS int), CAST(:bytes AS int), CAST(:taken_at AS timestamptz), CAST(:distance_m AS float8),
            CAST(:flags AS text[]), CAST(:account_id AS int))
    ON CONFLICT (id) DO NOTHING
    RETURNING {_SHOWN}
""")  # noqa: S608 - constants, joined at import
REMOVE = Statement[UUID | None]("DELETE FROM titik.photo WHERE id = :id AND point_id = :point_id RETURNING id")

# What is shown of published points; a role sees one half.
PUBLIC_OF_POINT = Statement[PublishedPhotoRow](
    "SELECT id, point_id, sha256, width, height, bytes FROM published.photo WHERE point_id = :point_id ORDER BY id"
)
INTERNAL_OF_POINT = Statement[PublishedPhotoRow](
    "SELECT id, point_id, sha256, width, height, bytes FROM internal.photo WHERE point_id = :point_id ORDER BY id"
)

# Whoever writes the row of a picture shares this; whoever removes bytes without a row has it alone, beyond their transaction, which ends before
# the bucket is asked. Neither waits for the other.
WRITING = Statement[bool]("SELECT pg_try_advisory_xact_lock_shared(hashtextextended('photo ' || encode(CAST(:sha256 AS bytea), 'hex'), 0))")
SWEEPING = Statement[PictureHash]("""
    SELECT sha256 FROM unnest(CAST(:hashes AS bytea[])) AS sha256
     WHERE pg_try_advisory_lock(hashtextextended('photo ' || encode(sha256, 'hex'), 0))
""")
SWEPT = Statement[None]("SELECT pg_advisory_unlock_all()")
ACT_AS_SYSTEM = Statement[str]("SELECT set_config('titik.role', 'system', true)")
# Also those of reports, which lie in the same store.
KNOWN = Statement[PictureHash]("""
    SELECT sha256 FROM titik.photo WHERE sha256 = ANY (CAST(:hashes AS bytea[]))
    UNION SELECT photo_sha256 FROM titik.report WHERE photo_sha256 = ANY (CAST(:hashes AS bytea[]))
""")
