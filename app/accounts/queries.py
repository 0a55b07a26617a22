"""SQL of accounts and tokens."""

from datetime import datetime
from typing import TypedDict

from app.access.rights import Role, Scope
from app.statement import Statement


class ActorRow(TypedDict):
    """The account and the token of a request; `categories` are bits, `scopes` None where the token may do all that the account may."""

    account_id: int
    name: str
    role: Role
    kelurahan: list[str]
    categories: int
    token_id: int
    scopes: list[Scope] | None
    expires_at: datetime
    without_if_match: bool


class AccountRow(TypedDict):
    id: int
    name: str
    role: Role
    active: bool
    email: str | None
    oidc_subject: str | None
    created_at: datetime
    kelurahan: list[str]
    has_password: bool
    last_used_at: datetime | None
    identity_requests: list[dict[str, str]] | None


class RowId(TypedDict):
    id: int


class LinkedAccount(RowId):
    name: str


class NamedAccount(LinkedAccount):
    role: Role


class HeldAccount(NamedAccount):
    active: bool


class AskedIdentity(TypedDict):
    account_id: int
    is_new: bool


class IdentityRequestRow(TypedDict):
    account: str
    subject: str
    asked_at: datetime


class StoredToken(RowId):
    expires_at: datetime


class TokenRow(StoredToken):
    prefix: str
    label: str | None
    scopes: list[Scope] | None
    without_if_match: bool | None
    origin: str
    created_at: datetime
    last_used_at: datetime | None


class Tries(TypedDict):
    """`at`: seconds since 1970, by the clock of the database."""

    key: bytes
    tries: int
    tries_before: int
    at: float


class StoredPassword(TypedDict):
    account_id: int
    hash: str


class OwnAccount(TypedDict):
    """With the token in use, or with the session."""

    email: str | None
    expires_at: datetime
    label: str | None
    scopes: list[Scope] | None
    kelurahan: list[dict[str, str]]
    unread: int


# Also sets who acts, for row-level security, until the transaction ends.
SIGN_IN = Statement[ActorRow](
    "SELECT account_id, name, role, kelurahan, categories, token_id, scopes, expires_at, without_if_match FROM titik.sign_in(CAST(:token_hash AS bytea))"
)
# Whoever has shown who they are acts as that from here on.
ACT_AS = Statement[str]("SELECT set_config('titik.account', CAST(CAST(:account_id AS int) AS text), true)")
# What an operator does at the command line is done as an administrator.
ACT_AS_ADMIN = Statement[str]("SELECT set_config('titik.role', 'admin', true)")

ADD_ACCOUNT = Statement[int | None]("""
    WITH added AS (
        INSERT INTO titik.account (name, role, email) VALUES (:name, :role, :email)
        ON CONFLICT (name) DO NOTHING
        RETURNING id
    ), assigned AS (
        INSERT INTO titik.account_kelurahan (account_id, kelurahan)
        SELECT added.id, code FROM added, unnest(CAST(:kelurahan AS text[])) AS code
    )
    SELECT id FROM added
""")

_SHOWN = """
    SELECT a.id, a.name, a.role, a.active, private.email, private.oidc_subject, a.created_at,
           ARRAY(SELECT k.kelurahan FROM titik.account_kelurahan k WHERE k.account_id = a.id ORDER BY 1) AS kelurahan,
           EXISTS (SELECT FROM titik.password p WHERE p.account_id = a.id) AS has_password,
           (SELECT max(t.last_used_at) FROM titik.token t WHERE t.account_id = a.id) AS last_used_at,
           (SELECT jsonb_agg(jsonb_build_object('subject', r.subject, 'asked_at', r.asked_at) ORDER BY r.asked_at)
              FROM titik.identity_request r WHERE r.account_id = a.id) AS identity_requests
      FROM titik.account a
      LEFT JOIN LATERAL titik.private_of(a.id) private ON true
"""
ACCOUNT = Statement[AccountRow](_SHOWN + " WHERE a.name = :name")
ACCOUNTS = Statement[AccountRow](
    _SHOWN
    + """
     WHERE a.name > :after
       AND (CAST(:role AS text) IS NULL OR a.role = :role)
       AND (CAST(:kelurahan AS text) IS NULL
            OR EXISTS (SELECT FROM titik.account_kelurahan k WHERE k.account_id = a.id AND k.kelurahan = :kelurahan))
     ORDER BY a.name LIMIT CAST(:limit AS int)
    """
)
# Whoever changes accounts holds them first, in the order of their ids.
HOLD = Statement[HeldAccount]("""
    SELECT a.id, a.name, a.role, a.active FROM titik.account a WHERE a.name = ANY (CAST(:names AS text[])) ORDER BY a.id FOR UPDATE
""")
# Each for itself: the service cannot read what it would have to keep.
SET_ACTIVE = Statement("UPDATE titik.account SET active = CAST(:active AS bool) WHERE id = CAST(:account_id AS int)")
SET_EMAIL = Statement("UPDATE titik.account SET email = CAST(:email AS text) WHERE id = CAST(:account_id AS int)")
UNBIND = Statement("UPDATE titik.account SET oidc_subject = NULL WHERE id = CAST(:account_id AS int)")
SET_OWN_EMAIL = Statement("SELECT titik.set_own_email(:email)")
ASSIGN = Statement("""
    WITH gone AS (
        DELETE FROM titik.account_kelurahan WHERE account_id = CAST(:account_id AS int) AND kelurahan <> ALL (CAST(:kelurahan AS text[]))
    )
    INSERT INTO titik.account_kelurahan (account_id, kelurahan)
    SELECT CAST(:account_id AS int), code FROM unnest(CAST(:kelurahan AS text[])) AS code
    ON CONFLICT DO NOTHING
""")
TAKE_OVER = Statement[list[str]]("""
    WITH gone AS (
        DELETE FROM titik.account_kelurahan WHERE account_id = CAST(:predecessor AS int) RETURNING kelurahan
    ), given AS (
        INSERT INTO titik.account_kelurahan (account_id, kelurahan) SELECT CAST(:successor AS int), kelurahan FROM gone
        ON CONFLICT DO NOTHING
    )
    SELECT coalesce(array_agg(kelurahan ORDER BY kelurahan), '{}') FROM gone
""")
HAND_OVER = Statement[int]("SELECT titik.hand_over(CAST(:predecessor AS int), CAST(:successor AS int))")
# All active administrators are held, so that no two end each other at the same moment.
OTHER_ADMINS = Statement[RowId](
    "SELECT id FROM titik.account WHERE role = 'admin' AND active AND id <> CAST(:account_id AS int) ORDER BY id FOR UPDATE"
)
# Whose account this identity is.
OIDC_ACCOUNT = Statement[NamedAccount]("""
    SELECT a.id, a.name, a.role FROM titik.oidc_account(:subject) AS found (id) JOIN titik.account a ON a.id = found.id
""")
ASK_IDENTITY = Statement[AskedIdentity]("SELECT account_id, is_new FROM titik.ask_identity(:subject, :called)")
BIND_IDENTITY = Statement[bool]("SELECT titik.bind_identity(CAST(:account_id AS int), :subject)")
IDENTITY_REQUESTS = Statement[IdentityRequestRow]("""
    SELECT a.name AS account, r.subject, r.asked_at FROM titik.identity_request r JOIN titik.account a ON a.id = r.account_id ORDER BY a.name, r.asked_at
""")

FIND_ACCOUNT = Statement[int | None]("SELECT id FROM titik.account WHERE name = :name AND active")

STORE_TOKEN = Statement[StoredToken]("""
    INSERT INTO titik.token (account_id, prefix, hash, label, scopes, without_if_match, origin, expires_at)
    SELECT a.id, :prefix, CAST(:hash AS bytea), :label, CAST(:scopes AS text[]), CAST(:without_if_match AS bool), :origin, now() + make_interval(secs => CAST(:seconds AS float8))
      FROM titik.account a WHERE a.id = CAST(:account_id AS int) AND a.active
    RETURNING id, expires_at
""")
TOKENS = Statement[TokenRow]("""
    SELECT id, prefix, label, scopes, NULLIF(without_if_match, false) AS without_if_match, origin, created_at, expires_at, last_used_at FROM titik.token
     WHERE account_id = CAST(:account_id AS int) AND revoked_at IS NULL AND expires_at > now()
     ORDER BY id DESC LIMIT 500
""")
TOKENS_LEFT = Statement[int]("""
    SELECT count(*) FROM titik.token WHERE account_id = CAST(:account_id AS int) AND revoked_at IS NULL AND expires_at > now()
""")
REVOKE = Statement[int | None]("""
    UPDATE titik.token SET revoked_at = now()
     WHERE id = CAST(:token_id AS int) AND account_id = CAST(:account_id AS int) AND revoked_at IS NULL
    RETURNING id
""")
REVOKE_ALL = Statement[int]("""
    WITH gone AS (
        UPDATE titik.token SET revoked_at = now()
         WHERE account_id = CAST(:account_id AS int) AND revoked_at IS NULL AND origin = ANY (CAST(:origins AS text[]))
        RETURNING id
    )
    SELECT count(*) FROM gone
""")

# Tries of passwords. Rows are made or brought to the present window, and held in the order of their keys, before anybody decides.
COUNT_TRIES = Statement[Tries]("""
    INSERT INTO titik.sign_in_count AS c (key, number, tries, tries_before, expires_at)
    SELECT asked.key, present.number, 0, 0, to_timestamp((present.number + 2) * CAST(:window_s AS float8))
      FROM (SELECT floor(extract(epoch FROM clock_timestamp())::float8 / CAST(:window_s AS float8))::bigint AS number) present,
           unnest(CAST(:keys AS bytea[])) AS asked (key)
     ORDER BY asked.key
    ON CONFLICT (key) DO UPDATE
       SET tries_before = CASE EXCLUDED.number - c.number WHEN 0 THEN c.tries_before WHEN 1 THEN c.tries ELSE 0 END,
           tries = CASE EXCLUDED.number - c.number WHEN 0 THEN c.tries ELSE 0 END,
           number = EXCLUDED.number, expires_at = EXCLUDED.expires_at
    RETURNING key, tries, tries_before, extract(epoch FROM clock_timestamp())::float8 AS at
""")
ADD_TRIES = Statement("UPDATE titik.sign_in_count SET tries = tries + 1 WHERE key = ANY (CAST(:keys AS bytea[]))")
IS_KNOWN_PLACE = Statement[bool]("SELECT EXISTS (SELECT FROM titik.sign_in_place WHERE key = CAST(:key AS bytea))")
REMEMBER_PLACE = Statement("""
    INSERT INTO titik.sign_in_place (key) VALUES (CAST(:key AS bytea)) ON CONFLICT (key) DO UPDATE SET last_at = now()
""")

PASSWORD_OF = Statement[StoredPassword]("SELECT account_id, hash FROM titik.password_of(:name)")
# Not EXCLUDED.hash: to name it the service would have to be able to read hashes.
SET_PASSWORD = Statement("""
    INSERT INTO titik.password (account_id, hash) VALUES (CAST(:account_id AS int), CAST(:hash AS text))
    ON CONFLICT (account_id) DO UPDATE SET hash = CAST(:hash AS text), changed_at = now()
""")

ADD_LINK = Statement[datetime]("""
    WITH ended AS (
        UPDATE titik.reset_link SET used_at = now() WHERE account_id = CAST(:account_id AS int) AND purpose = 'password' AND used_at IS NULL
    )
    INSERT INTO titik.reset_link (hash, account_id, expires_at)
    VALUES (CAST(:hash AS bytea), CAST(:account_id AS int), now() + make_interval(secs => CAST(:seconds AS float8)))
    RETURNING expires_at
""")
LINK = Statement[LinkedAccount]("""
    SELECT a.id, a.name FROM titik.reset_link l JOIN titik.account a ON a.id = l.account_id
     WHERE l.hash = CAST(:hash AS bytea) AND l.purpose = 'password' AND l.used_at IS NULL AND l.expires_at > now() AND a.active
""")
USE_LINK = Statement[int | None]("""
    UPDATE titik.reset_link SET used_at = now() WHERE hash = CAST(:hash AS bytea) AND purpose = 'password' AND used_at IS NULL AND expires_at > now()
    RETURNING account_id
""")

ME = Statement[OwnAccount]("""
    SELECT (SELECT email FROM titik.private_of(a.id)) AS email, coalesce(t.expires_at, s.expires_at) AS expires_at, t.label, t.scopes,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('code', r.code, 'name', r.name) ORDER BY r.code), '[]')
              FROM titik.account_kelurahan k JOIN titik.region r ON r.code = k.kelurahan WHERE k.account_id = a.id) AS kelurahan,
           (SELECT count(*) FROM titik.notice n WHERE n.account_id = a.id AND n.read_at IS NULL) AS unread
      FROM titik.account a
      LEFT JOIN titik.token t ON t.account_id = a.id AND t.id = CAST(:token_id AS int)
      LEFT JOIN titik.session s ON s.account_id = a.id AND s.id = CAST(:session_id AS int)
     WHERE a.id = CAST(:account_id AS int)
""")
