"""SQL of accounts and tokens."""

from app.db import Statement

# Also sets who acts, for row-level security, until the transaction ends.
SIGN_IN = Statement("SELECT account_id, name, role, kelurahan, categories FROM titik.sign_in(:token_hash)")

ADD_ACCOUNT = Statement("""
    WITH added AS (
        INSERT INTO titik.account (name, role) VALUES (:name, :role)
        ON CONFLICT (name) DO NOTHING
        RETURNING id
    ), assigned AS (
        INSERT INTO titik.account_kelurahan (account_id, kelurahan)
        SELECT added.id, code FROM added, unnest(CAST(:kelurahan AS text[])) AS code
    )
    SELECT id FROM added
""")

# Whose account this identity is; binds the two at the first time.
OIDC_ACCOUNT = Statement("""
    SELECT a.id, a.name, a.role FROM titik.oidc_account(:subject, :called) AS found (id) JOIN titik.account a ON a.id = found.id
""")

FIND_ACCOUNT = Statement("SELECT id FROM titik.account WHERE name = :name AND active")

STORE_TOKEN = Statement("""
    INSERT INTO titik.token (account_id, prefix, hash, expires_at)
    VALUES (:account_id, :prefix, :hash, now() + make_interval(secs => CAST(:seconds AS float8)))
    RETURNING id
""")

STORE_SIGNED_IN = Statement("""
    INSERT INTO titik.token (account_id, prefix, hash, origin, expires_at)
    VALUES (:account_id, :prefix, :hash, :origin, now() + make_interval(secs => CAST(:seconds AS float8)))
    RETURNING id, expires_at
""")
