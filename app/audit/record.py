"""The record of what was done: its words, and the one way to write it, in the transaction of the deed itself."""

from collections.abc import Callable, Sequence
from enum import StrEnum

from app.common_fields import CONTENT, CommonField
from app.db import WriteSession
from app.statement import Statement


class Action(StrEnum):
    """What can be done. The same words say who may do it (`access/rights.py`)."""

    ITEM_READ_INTERNAL = "item.read-internal"
    POINT_READ_WORK = "point.read-work"
    POINT_DRAFT = "point.draft"
    POINT_SUBMIT = "point.submit"
    POINT_CHANGE = "point.change"
    POINT_CONFIRM = "point.confirm"
    POINT_CLOSE = "point.close"
    IMPORT_READ = "import.read"
    IMPORT_BEGIN = "import.begin"
    IMPORT_COMMIT = "import.commit"
    IMPORT_REMOVE = "import.remove"
    RESCUE_BRING = "rescue.bring"
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
    REPORT_SEND = "report.send"
    REPORT_READ = "report.read"
    REPORT_ANSWER = "report.answer"
    REPORT_SHOW = "report.show"
    REPORT_FORGET = "report.forget"
    CONTACT_READ = "contact.read"
    CONTACT_WRITE = "contact.write"
    CONTACT_PURGE = "contact.purge"
    DEMO_CLEAR = "demo.clear"
    REGION_LOAD = "region.load"
    CITY_CHANGE = "city.change"
    EDITION_LOAD = "edition.load"
    EDITION_COMPARE = "edition.compare"
    EDITION_ACTIVATE = "edition.activate"
    EDITION_REMOVE = "edition.remove"
    ME_READ = "me.read"
    ME_CHANGE = "me.change"
    PASSWORD_CHANGE = "password.change"  # noqa: S105 - the word for an action
    PASSWORD_RESET = "password.reset"  # noqa: S105
    IDENTITY_ASK = "identity.ask"
    IDENTITY_BIND = "identity.bind"
    TOKEN_READ = "token.read"  # noqa: S105
    TOKEN_ISSUE = "token.issue"  # noqa: S105
    TOKEN_REVOKE = "token.revoke"  # noqa: S105
    SESSION_BEGIN = "session.begin"
    SESSION_READ = "session.read"
    SESSION_END = "session.end"
    SECOND_FACTOR_CHANGE = "second-factor.change"
    ACCOUNT_READ = "account.read"
    ACCOUNT_ADD = "account.add"
    ACCOUNT_CHANGE = "account.change"
    ACCOUNT_HAND_OVER = "account.hand-over"
    ACCOUNT_RESET_PASSWORD = "account.reset-password"  # noqa: S105
    ACCOUNT_REVOKE_TOKENS = "account.revoke-tokens"
    ACCOUNT_REMOVE_SECOND_FACTOR = "account.remove-second-factor"
    CATEGORY_ADD = "category.add"
    CATEGORY_CHANGE = "category.change"
    INDICATOR_ADD = "indicator.add"
    INDICATOR_CHANGE = "indicator.change"
    VALUE_READ_WORK = "value.read-work"
    VALUE_DRAFT = "value.draft"
    VALUE_SUBMIT = "value.submit"
    AUDIT_READ = "audit.read"
    STATE_READ = "state.read"
    WEBHOOK_READ = "webhook.read"
    WEBHOOK_WRITE = "webhook.write"
    WEBHOOK_REPLAY = "webhook.replay"


# -- the hash of what was written
#
# The row of a deed on a revision, a photo or an edition has the SHA-256 of its columns in `detail`, as `sha256`; the chain holds that row, so it
# holds what was written too (`app/operator/tampering.py`). JSON arrays keep the places of NULL, text and numbers apart. Numbers with a fraction, places and
# instants are written in ways that depend on no setting of the session. A common field that comes later is in the hash of the revisions that have
# it. Another column that is added to one of these tables stays outside until a hash of another name takes it in: those of older rows must not change.


def revision_sha256(revision: str) -> str:
    """SQL: the hash (text, hexadecimal) of a row of `titik.revision`: its content, and who submitted, decided and ended it, when and why.

    Not in it: the state, because it is superseded without a deed of its own; the verdict, which the boundaries give anew; who holds it.
    """
    # As they stood when the first hashes were made: this text must not change.
    plain = (
        "id", "point_id", "number", "kelurahan", "method", "name", "status", "address", "rw", "rt", "attributes", "override_reason",
        "predecessors", "succession", "reason", "repair", "created_by", "decided_by", "decision_reason", "ended_by", "ended_reason",
    )  # fmt: skip
    instants = ("captured_at", "created_at", "submitted_at", "decided_at", "ended_at")
    columns = [f"{revision}.{name}" for name in plain]
    columns += [f"extract(epoch FROM {revision}.{name})::text" for name in instants]
    columns += [f"encode(ST_AsEWKB({revision}.geom, 'NDR'), 'hex')", f"encode(float8send({revision}.accuracy_m), 'hex')"]
    columns += [f"encode({revision}.content_sha256, 'hex')"]
    later = [field for field in CONTENT if field.name not in (*plain, *instants, "accuracy_m")]
    return hash_of(f"jsonb_build_array({', '.join(columns)})::text{_younger(later, revision)}")


def _younger(fields: Sequence[CommonField], revision: str) -> str:
    """SQL: what follows the text that is hashed, of common fields that came after the first hashes: nothing where all of them are empty, so that
    the hashes of older rows hold.
    """
    members = ", ".join(f"'{field.name}', {_exactly(field, revision)}" for field in fields)
    return f" || coalesce(nullif(jsonb_strip_nulls(jsonb_build_object({members}))::text, '{{}}'), '')" if fields else ""


def _exactly(field: CommonField, revision: str) -> str:
    """SQL: its value in a way that depends on no setting of the session."""
    column = f"{revision}.{field.name}"
    return {"number": f"encode(float8send({column}), 'hex')", "instant": f"extract(epoch FROM {column})::text"}.get(field.kind, column)


def photo_sha256(photo: str) -> str:
    """SQL: the same of a row of `titik.photo`, without its kelurahan, which follows the point, and whether it is approved."""
    plain = ("id", "point_id", "number", "width", "height", "bytes", "flags", "created_by")
    columns = [f"{photo}.{name}" for name in plain]
    columns += [f"encode({photo}.{name}, 'hex')" for name in ("sha256", "source_sha256")]
    columns += [f"extract(epoch FROM {photo}.{name})::text" for name in ("taken_at", "created_at")]
    return hash_of(f"jsonb_build_array({', '.join(columns)}, encode(float8send({photo}.distance_m), 'hex'))::text")


def edition_sha256(edition: str) -> str:
    """SQL: the same of a row of `titik.boundary_edition`, without when it judges, and all its polygons."""
    plain = ("id", "name", "source", "legal_basis", "approximate", "valid_from", "complete", "file_sha256")
    columns = ", ".join(f"{edition}.{name}" for name in plain)
    polygons = f"""(SELECT string_agg(concat_ws(' ', b.region_code, encode(sha256(ST_AsEWKB(b.geom, 'NDR')), 'hex'),
                                                encode(ST_AsEWKB(b.label, 'NDR'), 'hex')), ',' ORDER BY b.region_code COLLATE "C")
                      FROM titik.boundary b WHERE b.edition_id = {edition}.id)"""  # noqa: S608 - an alias
    return hash_of(f"jsonb_build_array({columns}, encode(float8send({edition}.accuracy_m), 'hex'), {polygons})::text")


def hash_of(text: str) -> str:
    """SQL: the hash of a text."""
    return f"encode(sha256(convert_to({text}, 'UTF8')), 'hex')"


# The outbox row carries what listeners need and no more: never names of people, never what is not public.
_EVENT = """
    INSERT INTO titik.outbox (type, subject, kind, kelurahan, category, payload)
    VALUES (:action, CAST(:subject AS text), CAST(:kind AS text), :kelurahan, CAST(:category AS text), CAST(:detail AS jsonb))
"""


class Hashed:
    """Of which table the subjects of deeds are, so that the hash of what such a row says now is recorded with them; the statements that do so.

    `sha256` gives the SQL of that hash of the row with an alias; none: nothing is hashed. `id_type` is that of its id.
    """

    __slots__ = ("entry_and_event", "entry_only", "sha256")

    def __init__(self, table: str = "", sha256: Callable[[str], str] | None = None, *, id_type: str = "uuid") -> None:
        detail = "CAST(:detail AS jsonb)"
        if sha256 is not None:
            found = f"SELECT {sha256('r')} FROM {table} r WHERE r.id = CAST(CAST(:subject AS text) AS {id_type})"  # noqa: S608 - constants
            detail += f" || jsonb_build_object('sha256', ({found}))"
        entry = f"""
            INSERT INTO titik.audit (account_id, action, subject, kelurahan, detail)
            VALUES (CAST(:account_id AS int), :action, CAST(:subject AS text), :kelurahan, {detail})
        """  # noqa: S608 - constants, joined at import
        self.sha256 = sha256
        self.entry_and_event = Statement(f"WITH entry AS ({entry}) {_EVENT}")
        self.entry_only = Statement(entry)


NOTHING = Hashed()
REVISION = Hashed("titik.revision", revision_sha256)
PHOTO = Hashed("titik.photo", photo_sha256)
EDITION = Hashed("titik.boundary_edition", edition_sha256, id_type="int")


# The same two rows as a part of a statement that stores revisions in a step called `stored` (id, kelurahan, category, sha256): one round trip
# less for the path that phones take.
RECORDED_WITH_STORED = """
    entry AS (
        INSERT INTO titik.audit (account_id, action, subject, kelurahan, detail)
        SELECT CAST(:account_id AS int), :action, id::text, kelurahan, CAST(:detail AS jsonb) || jsonb_build_object('sha256', sha256) FROM stored
    ), event AS (
        INSERT INTO titik.outbox (type, subject, kind, kelurahan, category, payload)
        SELECT :action, id::text, CAST(:kind AS text), kelurahan, category, CAST(:detail AS jsonb) FROM stored
    )
"""


async def record(
    session: WriteSession,
    action: Action,
    subject: object,
    *,
    account_id: int | None = None,
    kind: str | None = None,
    kelurahan: str | None = None,
    category: str | None = None,
    detail: dict[str, object] | None = None,
    notify: bool = True,
    hashed: Hashed = NOTHING,
) -> None:
    """Writes the audit row and, unless nobody outside is to be told, the outbox row. `kind`: of which noun it is, with its kelurahan and
    category. `detail` holds ids, codes and states only.
    """
    about = {name: value for name, value in (("kind", kind), ("category", category)) if value is not None}
    values = {
        "account_id": account_id, "action": action.value, "subject": str(subject), "kelurahan": kelurahan, "detail": (detail or {}) | about,
    }  # fmt: skip
    if notify:
        await session.run(hashed.entry_and_event, **values, kind=kind, category=category)
    else:
        await session.run(hashed.entry_only, **values)
