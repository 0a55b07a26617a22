"""The record of what was done: its words, and the one way to write it, in the transaction of the deed itself."""

from enum import StrEnum

from app.db import Statement, WriteSession


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
    PHOTO_READ = "photo.read"
    PHOTO_ADD = "photo.add"
    PHOTO_REMOVE = "photo.remove"
    PHOTO_PUBLISH = "photo.publish"
    CONTACT_READ = "contact.read"
    CONTACT_WRITE = "contact.write"
    CONTACT_PURGE = "contact.purge"
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


# The outbox row carries what listeners need and no more: never names of people, never what is not public.
RECORD = Statement("""
    WITH entry AS (
        INSERT INTO titik.audit (account_id, action, subject, kelurahan, detail)
        VALUES (CAST(:account_id AS int), :action, :subject, :kelurahan, CAST(:detail AS jsonb))
    )
    INSERT INTO titik.outbox (type, subject, kelurahan, category, payload)
    VALUES (:action, :subject, :kelurahan,
            (SELECT p.category FROM titik.point p WHERE p.id = CAST(CAST(:detail AS jsonb) ->> 'point' AS uuid)), CAST(:detail AS jsonb))
""")


# The same two rows as a part of a statement that stores revisions in a step called `stored` (id, kelurahan): one round trip less
# for the path that phones take.
RECORDED_WITH_STORED = """
    entry AS (
        INSERT INTO titik.audit (account_id, action, subject, kelurahan, detail)
        SELECT CAST(:account_id AS int), :action, id::text, kelurahan, CAST(:detail AS jsonb) FROM stored
    ), event AS (
        INSERT INTO titik.outbox (type, subject, kelurahan, category, payload)
        SELECT :action, id::text, kelurahan, CAST(:detail AS jsonb) ->> 'category', CAST(:detail AS jsonb) FROM stored
    )
"""


# For what no listener may learn of.
RECORD_ONLY = Statement("""
    INSERT INTO titik.audit (account_id, action, subject, kelurahan, detail)
    VALUES (CAST(:account_id AS int), :action, :subject, :kelurahan, CAST(:detail AS jsonb))
""")


async def record(
    session: WriteSession,
    action: Action,
    subject: object,
    *,
    account_id: int | None = None,
    kelurahan: str | None = None,
    detail: dict[str, object] | None = None,
    told: bool = True,
) -> None:
    """Writes the audit row and, unless nobody outside is to be told, the outbox row. `detail` holds ids, codes and states only."""
    statement = RECORD if told else RECORD_ONLY
    await session.run(statement, account_id=account_id, action=action.value, subject=str(subject), kelurahan=kelurahan, detail=detail or {})
