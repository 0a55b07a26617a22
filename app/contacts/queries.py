"""SQL of contacts."""

from datetime import date
from typing import TypedDict
from uuid import UUID

from app.statement import Statement


class ContactId(TypedDict):
    id: UUID


class ContactRow(ContactId):
    role: str
    name: str
    phone: str | None
    legal_basis: str
    term_ends_on: date


class StoredContact(ContactRow):
    content_sha256: bytes


class ContactsWritten(TypedDict):
    """How many people of a file were written."""

    added: int
    changed: int
    same: int
    left_out: int


class EndedContacts(TypedDict):
    kelurahan: str
    number: int


# The point as the actor may see it; locked, so that no two add the last one that there is room for.
POINT = Statement[str | None]("SELECT kelurahan FROM titik.point WHERE id = :point_id")
HOLD = Statement[str | None]("SELECT kelurahan FROM titik.point WHERE id = :point_id FOR UPDATE")

# Read and recorded in one: there is no reading without the record of it.
READ = Statement[ContactRow]("""
    WITH found AS (
        SELECT id, role, name, phone, legal_basis, term_ends_on FROM titik.contact WHERE point_id = :point_id
    ), entry AS (
        INSERT INTO titik.audit (account_id, action, subject, kelurahan, detail)
        VALUES (CAST(:account_id AS int), :action, CAST(CAST(:point_id AS uuid) AS text), :kelurahan,
                jsonb_build_object('contacts', (SELECT count(*) FROM found)))
    )
    SELECT * FROM found ORDER BY id
""")

FIND = Statement[StoredContact]("""
    SELECT id, role, name, phone, legal_basis, term_ends_on, content_sha256 FROM titik.contact WHERE id = :id AND point_id = :point_id
""")
COUNT = Statement[int]("SELECT count(*) FROM titik.contact WHERE point_id = :point_id")

ADD = Statement[ContactRow]("""
    INSERT INTO titik.contact (id, point_id, kelurahan, role, name, phone, legal_basis, term_ends_on, content_sha256, created_by)
    VALUES (CAST(:id AS uuid), CAST(:point_id AS uuid), :kelurahan, :role, :name, :phone, :legal_basis, CAST(:term_ends_on AS date),
            CAST(:content_sha256 AS bytea), CAST(:account_id AS int))
    ON CONFLICT (id) DO NOTHING
    RETURNING id, role, name, phone, legal_basis, term_ends_on
""")
# Points in one order, so that no two files wait for each other in a circle.
HOLD_MANY = Statement[ContactId]("SELECT id FROM titik.point WHERE id = ANY (CAST(:points AS uuid[])) ORDER BY id FOR UPDATE")

# Many at once, with their audit rows and without a word to listeners. The same person in the same office of a point is changed, not doubled;
# a number that a file does not say stays as it is.
ADD_MANY = Statement[ContactsWritten]("""
    WITH sent AS (
        SELECT DISTINCT ON (s.point_id, s.role, lower(s.name)) s.*, p.kelurahan
          FROM jsonb_to_recordset(CAST(:people AS jsonb)) AS s (at int, id uuid, point_id uuid, role text, name text, phone text, content_sha256 text)
          JOIN titik.point p ON p.id = s.point_id
         ORDER BY s.point_id, s.role, lower(s.name), s.at
    ), looked AS (
        SELECT sent.*, (SELECT c.id FROM titik.contact c
                         WHERE c.point_id = sent.point_id AND c.role = sent.role AND lower(c.name) = lower(sent.name)
                         ORDER BY c.id LIMIT 1) AS known
          FROM sent
    ), changed AS (
        UPDATE titik.contact c
           SET phone = coalesce(l.phone, c.phone), legal_basis = :legal_basis, term_ends_on = CAST(:term_ends_on AS date), updated_at = now()
          FROM looked l
         WHERE c.id = l.known
           AND (c.phone, c.legal_basis, c.term_ends_on)
               IS DISTINCT FROM (coalesce(l.phone, c.phone), CAST(:legal_basis AS text), CAST(:term_ends_on AS date))
        RETURNING c.id, c.point_id, c.kelurahan
    ), new AS (
        SELECT l.*, row_number() OVER (PARTITION BY l.point_id ORDER BY l.at)
                    + (SELECT count(*) FROM titik.contact c WHERE c.point_id = l.point_id) AS place
          FROM looked l WHERE l.known IS NULL
    ), added AS (
        INSERT INTO titik.contact (id, point_id, kelurahan, role, name, phone, legal_basis, term_ends_on, content_sha256, created_by)
        SELECT id, point_id, kelurahan, role, name, phone, :legal_basis, CAST(:term_ends_on AS date), decode(content_sha256, 'hex'),
               CAST(:account_id AS int)
          FROM new WHERE place <= CAST(:most AS int)
        RETURNING id, point_id, kelurahan
    ), entry AS (
        INSERT INTO titik.audit (account_id, action, subject, kelurahan, detail)
        SELECT CAST(:account_id AS int), :action, CAST(id AS text), kelurahan, jsonb_build_object('point', point_id)
          FROM (SELECT * FROM added UNION ALL SELECT * FROM changed) written
    )
    SELECT (SELECT count(*) FROM added) AS added, (SELECT count(*) FROM changed) AS changed,
           (SELECT count(*) FROM looked WHERE known IS NOT NULL) - (SELECT count(*) FROM changed) AS same,
           (SELECT count(*) FROM new) - (SELECT count(*) FROM added) AS left_out
""")

CHANGE = Statement[ContactRow]("""
    UPDATE titik.contact
       SET role = :role, name = :name, phone = :phone, legal_basis = :legal_basis, term_ends_on = CAST(:term_ends_on AS date), updated_at = now()
     WHERE id = :id AND point_id = :point_id
    RETURNING id, role, name, phone, legal_basis, term_ends_on
""")
REMOVE = Statement[ContactId]("DELETE FROM titik.contact WHERE id = :id AND point_id = :point_id RETURNING id")

ENDED = Statement[EndedContacts](
    "SELECT kelurahan, count(*) AS number FROM titik.contact WHERE term_ends_on < CAST(:on AS date) GROUP BY 1 ORDER BY 1"
)
PURGE = Statement("DELETE FROM titik.contact WHERE term_ends_on < CAST(:on AS date)")
