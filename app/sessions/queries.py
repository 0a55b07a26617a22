"""SQL of sessions and of the second factor."""

from datetime import datetime
from typing import TypedDict

from app.access.rights import Role
from app.statement import Statement


class SessionSignInRow(TypedDict):
    """The account and the session of a cookie. `is_offered`: the answer is to bring the successor of the secret."""

    account_id: int
    name: str
    role: Role
    kelurahan: list[str]
    categories: int
    session_id: int
    awaiting: str | None
    is_fresh: bool
    is_reused: bool
    is_offered: bool
    expires_at: datetime


class StoredSession(TypedDict):
    id: int
    expires_at: datetime


class SessionRow(StoredSession):
    origin: str
    address: str | None
    browser: str | None
    system: str | None
    created_at: datetime
    last_used_at: datetime
    ends_at: datetime


class SessionHolder(TypedDict):
    """An active account that begins a session; `has_factor`: it has a second factor."""

    name: str
    role: Role
    has_factor: bool


class LinkedHolder(TypedDict):
    id: int
    name: str


class FactorRow(TypedDict):
    secret: bytes
    confirmed_at: datetime | None


# Also sets who acts, for row-level security, until the transaction ends.
SIGN_IN_SESSION = Statement[SessionSignInRow]("""
    SELECT account_id, name, role, kelurahan, categories, session_id, awaiting, is_fresh, is_reused, is_offered, expires_at
      FROM titik.sign_in_session(CAST(:hash AS bytea), CAST(:successor_hash AS bytea))
""")
ACT_AS = Statement[str]("SELECT set_config('titik.account', CAST(CAST(:account_id AS int) AS text), true)")
HOLDER = Statement[SessionHolder]("""
    SELECT a.name, a.role,
           EXISTS (SELECT FROM titik.second_factor f WHERE f.account_id = a.id AND f.confirmed_at IS NOT NULL) AS has_factor
      FROM titik.account a WHERE a.id = CAST(:account_id AS int) AND a.active
""")
STORE_SESSION = Statement[StoredSession]("""
    INSERT INTO titik.session (account_id, hash, origin, awaiting, address, browser, system, idle_s, expires_at)
    VALUES (CAST(:account_id AS int), CAST(:hash AS bytea), :origin, :awaiting, :address, :browser, :system, CAST(:idle_s AS int),
            now() + make_interval(secs => CAST(:lasts_s AS int)))
    RETURNING id, expires_at
""")
# Whoever has more than anybody needs loses the oldest.
END_OLDEST = Statement("""
    UPDATE titik.session SET ended_at = now()
     WHERE id IN (SELECT id FROM titik.session WHERE account_id = CAST(:account_id AS int) AND ended_at IS NULL
                   ORDER BY last_used_at DESC OFFSET CAST(:most AS int))
""")
# The password, or the code, was given in this session: from here on it has another secret.
RENEW = Statement[StoredSession]("""
    UPDATE titik.session
       SET hash = CAST(:hash AS bytea), earlier_hash = CAST(:earlier_hash AS bytea), next_hash = NULL, offered_at = NULL, rotated_at = now(),
           authenticated_at = now(), last_used_at = now()
     WHERE id = CAST(:session_id AS int) AND ended_at IS NULL
    RETURNING id, expires_at
""")
# What was half a session becomes one, as long as those of its role.
COMPLETE = Statement("""
    UPDATE titik.session SET awaiting = NULL, idle_s = CAST(:idle_s AS int), expires_at = now() + make_interval(secs => CAST(:lasts_s AS int))
     WHERE id = CAST(:session_id AS int)
""")
SESSIONS = Statement[SessionRow]("""
    SELECT id, origin, address, browser, system, created_at, last_used_at, expires_at,
           least(expires_at, last_used_at + make_interval(secs => idle_s)) AS ends_at
      FROM titik.session
     WHERE account_id = CAST(:account_id AS int) AND ended_at IS NULL AND awaiting IS NULL AND expires_at > now()
       AND last_used_at > now() - make_interval(secs => idle_s)
     ORDER BY last_used_at DESC, id DESC LIMIT 200
""")
END = Statement[int | None]("""
    UPDATE titik.session SET ended_at = now()
     WHERE id = CAST(:session_id AS int) AND account_id = CAST(:account_id AS int) AND ended_at IS NULL
    RETURNING id
""")
END_ALL = Statement[int]("""
    WITH gone AS (
        UPDATE titik.session SET ended_at = now()
         WHERE account_id = CAST(:account_id AS int) AND ended_at IS NULL AND id IS DISTINCT FROM CAST(:but AS int)
           AND origin = ANY (CAST(:origins AS text[]))
        RETURNING id
    )
    SELECT count(*) FROM gone
""")
ACCOUNT_OF_SESSION = Statement[int | None]("SELECT account_id FROM titik.session WHERE id = CAST(:session_id AS int)")

# Links that sign in once.
ADD_SIGN_IN_LINK = Statement[datetime]("""
    INSERT INTO titik.reset_link (hash, account_id, purpose, expires_at)
    VALUES (CAST(:hash AS bytea), CAST(:account_id AS int), 'sign-in', now() + make_interval(secs => CAST(:seconds AS float8)))
    RETURNING expires_at
""")
SIGN_IN_LINK = Statement[LinkedHolder]("""
    SELECT a.id, a.name FROM titik.reset_link l JOIN titik.account a ON a.id = l.account_id
     WHERE l.hash = CAST(:hash AS bytea) AND l.purpose = 'sign-in' AND l.used_at IS NULL AND l.expires_at > now() AND a.active
""")
USE_SIGN_IN_LINK = Statement[int | None]("""
    UPDATE titik.reset_link SET used_at = now()
     WHERE hash = CAST(:hash AS bytea) AND purpose = 'sign-in' AND used_at IS NULL AND expires_at > now()
    RETURNING account_id
""")

# The second factor. Of a new key nothing counts before a code of it was shown; a confirmed one is not overwritten.
FACTOR = Statement[FactorRow]("SELECT secret, confirmed_at FROM titik.second_factor WHERE account_id = CAST(:account_id AS int)")
PROPOSE_FACTOR = Statement[bytes | None]("""
    INSERT INTO titik.second_factor (account_id, secret) VALUES (CAST(:account_id AS int), CAST(:secret AS bytea))
    ON CONFLICT (account_id) DO UPDATE SET secret = second_factor.secret WHERE second_factor.confirmed_at IS NULL
    RETURNING secret
""")
TAKE_STEP = Statement[int | None]("""
    UPDATE titik.second_factor SET last_step = CAST(:step AS bigint), confirmed_at = coalesce(confirmed_at, now())
     WHERE account_id = CAST(:account_id AS int) AND last_step < CAST(:step AS bigint)
    RETURNING account_id
""")
REMOVE_FACTOR = Statement[int]("SELECT titik.remove_second_factor(CAST(:account_id AS int))")
STORE_RECOVERY = Statement("""
    WITH gone AS (
        DELETE FROM titik.recovery_code WHERE account_id = CAST(:account_id AS int)
    )
    INSERT INTO titik.recovery_code (account_id, hash) SELECT CAST(:account_id AS int), hash FROM unnest(CAST(:hashes AS bytea[])) AS hash
""")
USE_RECOVERY = Statement[int | None]("""
    UPDATE titik.recovery_code SET used_at = now()
     WHERE hash = CAST(:hash AS bytea) AND account_id = CAST(:account_id AS int) AND used_at IS NULL
    RETURNING account_id
""")
RECOVERY_LEFT = Statement[int]("SELECT count(*) FROM titik.recovery_code WHERE account_id = CAST(:account_id AS int) AND used_at IS NULL")
