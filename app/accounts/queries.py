"""SQL of accounts and tokens."""

from app.statement import Statement

# Also sets who acts, for row-level security, until the transaction ends.
SIGN_IN = Statement(
    "SELECT account_id, name, role, kelurahan, categories, token_id, scopes, expires_at, without_if_match FROM titik.sign_in(CAST(:token_hash AS bytea))"
)
# Whoever has shown who they are acts as that from here on.
ACT_AS = Statement("SELECT set_config('titik.account', CAST(CAST(:account_id AS int) AS text), true)")
# What an operator does at the command line is done as an administrator.
ACT_AS_ADMIN = Statement("SELECT set_config('titik.role', 'admin', true)")

ADD_ACCOUNT = Statement("""
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
ACCOUNT = Statement(_SHOWN + " WHERE a.name = :name")
ACCOUNTS = Statement(
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
HOLD = Statement("""
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
TAKE_OVER = Statement("""
    WITH gone AS (
        DELETE FROM titik.account_kelurahan WHERE account_id = CAST(:predecessor AS int) RETURNING kelurahan
    ), given AS (
        INSERT INTO titik.account_kelurahan (account_id, kelurahan) SELECT CAST(:successor AS int), kelurahan FROM gone
        ON CONFLICT DO NOTHING
    )
    SELECT coalesce(array_agg(kelurahan ORDER BY kelurahan), '{}') FROM gone
""")
HAND_OVER = Statement("SELECT titik.hand_over(CAST(:predecessor AS int), CAST(:successor AS int))")
# All active administrators are held, so that no two end each other at the same moment.
OTHER_ADMINS = Statement(
    "SELECT id FROM titik.account WHERE role = 'admin' AND active AND id <> CAST(:account_id AS int) ORDER BY id FOR UPDATE"
)
# Whose account this identity is.
OIDC_ACCOUNT = Statement("""
    SELECT a.id, a.name, a.role FROM titik.oidc_account(:subject) AS found (id) JOIN titik.account a ON a.id = found.id
""")
ASK_IDENTITY = Statement("SELECT account_id, is_new FROM titik.ask_identity(:subject, :called)")
BIND_IDENTITY = Statement("SELECT titik.bind_identity(CAST(:account_id AS int), :subject)")
IDENTITY_REQUESTS = Statement("""
    SELECT a.name AS account, r.subject, r.asked_at FROM titik.identity_request r JOIN titik.account a ON a.id = r.account_id ORDER BY a.name, r.asked_at
""")

FIND_ACCOUNT = Statement("SELECT id FROM titik.account WHERE name = :name AND active")

STORE_TOKEN = Statement("""
    INSERT INTO titik.token (account_id, prefix, hash, label, scopes, without_if_match, origin, expires_at)
    SELECT a.id, :prefix, CAST(:hash AS bytea), :label, CAST(:scopes AS text[]), CAST(:without_if_match AS bool), :origin, now() + make_interval(secs => CAST(:seconds AS float8))
      FROM titik.account a WHERE a.id = CAST(:account_id AS int) AND a.active
    RETURNING id, expires_at
""")
TOKENS = Statement("""
    SELECT id, prefix, label, scopes, NULLIF(without_if_match, false) AS without_if_match, origin, created_at, expires_at, last_used_at FROM titik.token
     WHERE account_id = CAST(:account_id AS int) AND revoked_at IS NULL AND expires_at > now()
     ORDER BY id DESC LIMIT 500
""")
TOKENS_LEFT = Statement("""
    SELECT count(*) FROM titik.token WHERE account_id = CAST(:account_id AS int) AND revoked_at IS NULL AND expires_at > now()
""")
REVOKE = Statement("""
    UPDATE titik.token SET revoked_at = now()
     WHERE id = CAST(:token_id AS int) AND account_id = CAST(:account_id AS int) AND revoked_at IS NULL
    RETURNING id
""")
REVOKE_ALL = Statement("""
    WITH gone AS (
        UPDATE titik.token SET revoked_at = now()
         WHERE account_id = CAST(:account_id AS int) AND revoked_at IS NULL AND origin = ANY (CAST(:origins AS text[]))
        RETURNING id
    )
    SELECT count(*) FROM gone
""")

# Tries of passwords. Rows are made or brought to the present window, and held in the order of their keys, before anybody decides.
COUNT_TRIES = Statement("""
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
IS_KNOWN_PLACE = Statement("SELECT EXISTS (SELECT FROM titik.sign_in_place WHERE key = CAST(:key AS bytea))")
REMEMBER_PLACE = Statement("""
    INSERT INTO titik.sign_in_place (key) VALUES (CAST(:key AS bytea)) ON CONFLICT (key) DO UPDATE SET last_at = now()
""")

PASSWORD_OF = Statement("SELECT account_id, hash FROM titik.password_of(:name)")
# Not EXCLUDED.hash: to name it the service would have to be able to read hashes.
SET_PASSWORD = Statement("""
    INSERT INTO titik.password (account_id, hash) VALUES (CAST(:account_id AS int), CAST(:hash AS text))
    ON CONFLICT (account_id) DO UPDATE SET hash = CAST(:hash AS text), changed_at = now()
""")

ADD_LINK = Statement("""
    WITH ended AS (
        UPDATE titik.reset_link SET used_at = now() WHERE account_id = CAST(:account_id AS int) AND used_at IS NULL
    )
    INSERT INTO titik.reset_link (hash, account_id, expires_at)
    VALUES (CAST(:hash AS bytea), CAST(:account_id AS int), now() + make_interval(secs => CAST(:seconds AS float8)))
    RETURNING expires_at
""")
LINK = Statement("""
    SELECT a.id, a.name FROM titik.reset_link l JOIN titik.account a ON a.id = l.account_id
     WHERE l.hash = CAST(:hash AS bytea) AND l.used_at IS NULL AND l.expires_at > now() AND a.active
""")
USE_LINK = Statement("""
    UPDATE titik.reset_link SET used_at = now() WHERE hash = CAST(:hash AS bytea) AND used_at IS NULL AND expires_at > now()
    RETURNING account_id
""")

ME = Statement("""
    SELECT (SELECT email FROM titik.private_of(a.id)) AS email, t.expires_at, t.label, t.scopes,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('code', r.code, 'name', r.name) ORDER BY r.code), '[]')
              FROM titik.account_kelurahan k JOIN titik.region r ON r.code = k.kelurahan WHERE k.account_id = a.id) AS kelurahan,
           (SELECT count(*) FROM titik.notice n WHERE n.account_id = a.id AND n.read_at IS NULL) AS unread
      FROM titik.account a JOIN titik.token t ON t.account_id = a.id
     WHERE a.id = CAST(:account_id AS int) AND t.id = CAST(:token_id AS int)
""")
