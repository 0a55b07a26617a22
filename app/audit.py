"""The record of what was done: its words, and the one way to write it, in the transaction of the deed itself."""

from enum import StrEnum
from typing import Literal

from app.db import WriteSession
from app.statement import Statement


class Action(StrEnum):
    """What can be done. The same words say who may do it (`accounts/rights.py`)."""

    ITEM_READ_INTERNAL = "item.read-internal"
    POINT_READ_WORK = "point.read-work"
    POINT_DRAFT = "point.draft"
    POINT_SUBMIT = "point.submit"
    POINT_CHANGE = "point.change"
    POINT_CLOSE = "point.close"
    IMPORT_READ = "import.read"
    IMPORT_BEGIN = "import.begin"
    IMPORT_COMMIT = "import.commit"
    IMPORT_REMOVE = "import.remove"
    REVISION_SUBMIT = "revision.submit"
    REVISION_WITHDRAW = "revision.withdraw"
    REVIEW_READ = "review.read"
    REVISION_PUBLISH = "revision.publish"
    REVISION_RETURN = "revision.return"
    REVISION_UNPUBLISH = "revision.unpublish"
    REVISION_ACKNOWLEDGE = "revision.acknowledge"
    PHOTO_READ = "photo.read"
    PHOTO_ADD = "photo.add"
    PHOTO_REMOVE = "photo.remove"
    PHOTO_PUBLISH = "photo.publish"
    CONTACT_READ = "contact.read"
    CONTACT_WRITE = "contact.write"
    CONTACT_PURGE = "contact.purge"
    DEMO_CLEAR = "demo.clear"
    EDITION_LOAD = "edition.load"
    EDITION_ACTIVATE = "edition.activate"
    ME_READ = "me.read"
    ME_CHANGE = "me.change"
    PASSWORD_CHANGE = "password.change"  # noqa: S105 - the word for an action
    PASSWORD_RESET = "password.reset"  # noqa: S105
    IDENTITY_ASK = "identity.ask"
    IDENTITY_BIND = "identity.bind"
    TOKEN_READ = "token.read"  # noqa: S105
    TOKEN_ISSUE = "token.issue"  # noqa: S105
    TOKEN_REVOKE = "token.revoke"  # noqa: S105
    ACCOUNT_READ = "account.read"
    ACCOUNT_ADD = "account.add"
    ACCOUNT_CHANGE = "account.change"
    ACCOUNT_HAND_OVER = "account.hand-over"
    ACCOUNT_RESET_PASSWORD = "account.reset-password"  # noqa: S105
    ACCOUNT_REVOKE_TOKENS = "account.revoke-tokens"
    WEBHOOK_READ = "webhook.read"
    WEBHOOK_WRITE = "webhook.write"
    WEBHOOK_REPLAY = "webhook.replay"


# -- the hash of what was written
#
# The row of a deed on a revision, a photo or an edition has the SHA-256 of its columns in `detail`, as `sha256`; the chain holds that row, so it
# holds what was written too (`app/tampering.py`). JSON arrays keep the places of NULL, text and numbers apart. Numbers with a fraction, places and
# instants are written in ways that depend on no setting of the session. A column that is added to one of these tables stays outside until a
# hash of another name takes it in: the hashes of older rows must not change.


def revision_sha256(revision: str) -> str:
    """SQL: the hash (text, hexadecimal) of a row of `titik.revision`: its content, and who submitted, decided and ended it, when and why.

    Not in it: the state, because it is superseded without a deed of its own; the verdict, which the boundaries give anew; who holds it.
    """
    plain = (
        "id", "point_id", "number", "kelurahan", "method", "name", "status", "address", "rw", "rt", "attributes", "override_reason",
        "predecessors", "succession", "reason", "repair", "created_by", "decided_by", "decision_reason", "ended_by", "ended_reason",
    )  # fmt: skip
    instants = ("captured_at", "created_at", "submitted_at", "decided_at", "ended_at")
    columns = [f"{revision}.{name}" for name in plain]
    columns += [f"extract(epoch FROM {revision}.{name})::text" for name in instants]
    columns += [f"encode(ST_AsEWKB({revision}.geom, 'NDR'), 'hex')", f"encode(float8send({revision}.accuracy_m), 'hex')"]
    columns += [f"encode({revision}.content_sha256, 'hex')"]
    return _sha256(f"jsonb_build_array({', '.join(columns)})::text")


def photo_sha256(photo: str) -> str:
    """SQL: the same of a row of `titik.photo`, without its kelurahan, which follows the point, and whether it is approved."""
    plain = ("id", "point_id", "number", "width", "height", "bytes", "flags", "created_by")
    columns = [f"{photo}.{name}" for name in plain]
    columns += [f"encode({photo}.{name}, 'hex')" for name in ("sha256", "source_sha256")]
    columns += [f"extract(epoch FROM {photo}.{name})::text" for name in ("taken_at", "created_at")]
    return _sha256(f"jsonb_build_array({', '.join(columns)}, encode(float8send({photo}.distance_m), 'hex'))::text")


def edition_sha256(edition: str) -> str:
    """SQL: the same of a row of `titik.boundary_edition`, without when it judges, and all its polygons."""
    plain = ("id", "name", "source", "legal_basis", "approximate", "valid_from", "complete", "file_sha256")
    columns = ", ".join(f"{edition}.{name}" for name in plain)
    polygons = f"""(SELECT string_agg(concat_ws(' ', b.region_code, encode(sha256(ST_AsEWKB(b.geom, 'NDR')), 'hex'),
                                                encode(ST_AsEWKB(b.label, 'NDR'), 'hex')), ',' ORDER BY b.region_code COLLATE "C")
                      FROM titik.boundary b WHERE b.edition_id = {edition}.id)"""  # noqa: S608 - an alias
    return _sha256(f"jsonb_build_array({columns}, encode(float8send({edition}.accuracy_m), 'hex'), {polygons})::text")


def _sha256(text: str) -> str:
    return f"encode(sha256(convert_to({text}, 'UTF8')), 'hex')"


Hashed = Literal["revision", "photo", "edition"]
_HASHES: dict[Hashed | None, str] = {
    None: "",
    "revision": f"SELECT {revision_sha256('r')} FROM titik.revision r WHERE r.id = CAST(CAST(:subject AS text) AS uuid)",  # noqa: S608
    "photo": f"SELECT {photo_sha256('f')} FROM titik.photo f WHERE f.id = CAST(CAST(:subject AS text) AS uuid)",  # noqa: S608
    "edition": f"SELECT {edition_sha256('e')} FROM titik.boundary_edition e WHERE e.id = CAST(CAST(:subject AS text) AS int)",  # noqa: S608
}


def _entry(hashed: Hashed | None) -> str:
    detail = "CAST(:detail AS jsonb)"
    if hashed is not None:
        detail += f" || jsonb_build_object('sha256', ({_HASHES[hashed]}))"
    return f"""
        INSERT INTO titik.audit (account_id, action, subject, kelurahan, detail)
        VALUES (CAST(:account_id AS int), :action, CAST(:subject AS text), :kelurahan, {detail})
    """  # noqa: S608 - constants, joined at import


# The outbox row carries what listeners need and no more: never names of people, never what is not public.
_EVENT = """
    INSERT INTO titik.outbox (type, subject, kelurahan, category, payload)
    VALUES (:action, CAST(:subject AS text), :kelurahan,
            (SELECT p.category FROM titik.point p WHERE p.id = CAST(CAST(:detail AS jsonb) ->> 'point' AS uuid)), CAST(:detail AS jsonb))
"""
RECORD = {hashed: Statement(f"WITH entry AS ({_entry(hashed)}) {_EVENT}") for hashed in _HASHES}
# For what no listener may learn of.
RECORD_ONLY = {hashed: Statement(_entry(hashed)) for hashed in _HASHES}


# The same two rows as a part of a statement that stores revisions in a step called `stored` (id, kelurahan, sha256): one round trip less
# for the path that phones take.
RECORDED_WITH_STORED = """
    entry AS (
        INSERT INTO titik.audit (account_id, action, subject, kelurahan, detail)
        SELECT CAST(:account_id AS int), :action, id::text, kelurahan, CAST(:detail AS jsonb) || jsonb_build_object('sha256', sha256) FROM stored
    ), event AS (
        INSERT INTO titik.outbox (type, subject, kelurahan, category, payload)
        SELECT :action, id::text, kelurahan, CAST(:detail AS jsonb) ->> 'category', CAST(:detail AS jsonb) FROM stored
    )
"""


async def record(
    session: WriteSession,
    action: Action,
    subject: object,
    *,
    account_id: int | None = None,
    kelurahan: str | None = None,
    detail: dict[str, object] | None = None,
    told: bool = True,
    hashed: Hashed | None = None,
) -> None:
    """Writes the audit row and, unless nobody outside is to be told, the outbox row. `detail` holds ids, codes and states only; `hashed` says of
    which table the subject is, so that the hash of what it says now is recorded.
    """
    statement = (RECORD if told else RECORD_ONLY)[hashed]
    await session.run(statement, account_id=account_id, action=action.value, subject=str(subject), kelurahan=kelurahan, detail=detail or {})
