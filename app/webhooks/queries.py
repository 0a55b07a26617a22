"""SQL of webhooks: what administrators do with them, and what delivering takes and notes."""

from datetime import datetime
from typing import TypedDict

from app.statement import Statement


class Backlog(TypedDict):
    """Events that no receiver has taken yet, up to 1,000 of each webhook, and how many receivers are failing or paused."""

    number: int
    oldest_at: datetime | None
    failed: int


_EDGE = "SELECT number, pg_snapshot_xmin(pg_current_snapshot()) AS below FROM titik.history"
# Below the oldest transaction that still runs nothing is added any more: as in the feed of changes (docs/adr/0020).
_FIRM = """(o.history, o.transaction_id, o.id) > (w.after_history, w.after_transaction, w.after_id)
           AND (o.history, o.transaction_id, o.id) < ((SELECT number FROM edge), (SELECT below FROM edge), CAST(0 AS bigint))"""
_WANTED = """o.type = ANY (CAST(:words AS text[])) AND o.payload ->> 'state' IS DISTINCT FROM 'draft'
           AND (w.categories IS NULL OR o.category = ANY (w.categories)) AND (w.kelurahan IS NULL OR o.kelurahan = ANY (w.kelurahan))"""

_SHOWN = """w.id, w.url, w.description, w.types, w.categories, w.kelurahan, w.state, w.paused_reason, w.paused_at, w.failures, w.failing_since,
            CASE WHEN w.failures > 0 AND w.state = 'active' THEN w.next_at END AS next_try_at, w.created_at,
            CASE WHEN w.secret_before_until > now() THEN w.secret_before_until END AS secret_before_until, w.secret, w.secret_before"""
ALL = Statement(f"SELECT {_SHOWN} FROM titik.webhook w ORDER BY w.id")  # noqa: S608 - constants, joined at import
ONE = Statement(f"SELECT {_SHOWN} FROM titik.webhook w WHERE w.id = :id")  # noqa: S608
COUNT = Statement("SELECT count(*) FROM titik.webhook")
# How many events wait, as far as anybody needs to know.
WAITING = Statement(f"""
    WITH edge AS MATERIALIZED ({_EDGE})
    SELECT count(*) FROM (
        SELECT FROM titik.webhook w, titik.outbox o WHERE w.id = :id AND {_FIRM} AND {_WANTED} LIMIT CAST(:most AS int)) waiting
""")  # noqa: S608
BACKLOG = Statement[Backlog](f"""
    WITH edge AS MATERIALIZED ({_EDGE}), wanted AS MATERIALIZED (
        SELECT w.id, array_agg(known.word) AS words
          FROM titik.webhook w JOIN unnest(CAST(:types AS text[]), CAST(:words AS text[])) AS known (type, word) ON known.type = ANY (w.types)
         GROUP BY w.id
    )
    SELECT coalesce(sum(e.number), 0)::int AS number, min(e.oldest_at) AS oldest_at,
           count(*) FILTER (WHERE w.state = 'paused' OR w.failures > 0)::int AS failed
      FROM titik.webhook w JOIN wanted ON wanted.id = w.id CROSS JOIN LATERAL (
        SELECT count(*) AS number, min(waiting.created_at) AS oldest_at FROM (
            SELECT o.created_at FROM titik.outbox o WHERE {_FIRM} AND {_WANTED.replace("CAST(:words AS text[])", "wanted.words")}
             ORDER BY o.history, o.transaction_id, o.id LIMIT 1000) waiting) e
""")  # noqa: S608

ADD = Statement("""
    INSERT INTO titik.webhook (id, url, description, types, categories, kelurahan, secret, after_history, after_transaction, after_id, created_by)
    SELECT CAST(:id AS uuid), :url, CAST(:description AS text), CAST(:types AS text[]), CAST(:categories AS text[]), CAST(:kelurahan AS text[]),
           CAST(:secret AS bytea), number, pg_snapshot_xmin(pg_current_snapshot()), 0, CAST(:account_id AS int)
      FROM titik.history
""")
HOLD = Statement("SELECT id, types, state, secret FROM titik.webhook WHERE id = :id FOR UPDATE")
# Whatever changes, the next attempt is due at once: that is why somebody changed it.
_AT_ONCE = "next_at = now(), version = version + 1"
SET_TARGET = Statement(f"""
    UPDATE titik.webhook SET url = :url, description = CAST(:description AS text), types = CAST(:types AS text[]),
           categories = CAST(:categories AS text[]), kelurahan = CAST(:kelurahan AS text[]), {_AT_ONCE}
     WHERE id = :id
""")  # noqa: S608
RESUME = Statement(f"""
    UPDATE titik.webhook SET state = 'active', paused_reason = NULL, paused_at = NULL, failures = 0, failing_since = NULL, {_AT_ONCE} WHERE id = :id
""")  # noqa: S608
PAUSE = Statement(f"""
    UPDATE titik.webhook SET state = 'paused', paused_reason = 'by-hand', paused_at = now(), {_AT_ONCE} WHERE id = :id AND state = 'active'
""")  # noqa: S608
SET_SECRET = Statement(f"""
    UPDATE titik.webhook SET secret_before = secret, secret_before_until = now() + make_interval(hours => CAST(:hours AS int)),
           secret = CAST(:secret AS bytea), {_AT_ONCE}
     WHERE id = :id
    RETURNING secret_before_until
""")  # noqa: S608
REMOVE = Statement("DELETE FROM titik.webhook WHERE id = :id RETURNING id")

# Sending again is going back to a place before.
_GO_BACK = f"""
    UPDATE titik.webhook w SET after_history = o.history, after_transaction = o.transaction_id, after_id = o.id - 1, {_AT_ONCE}
      FROM (SELECT history, transaction_id, id FROM titik.outbox WHERE {{condition}} ORDER BY history, transaction_id, id LIMIT 1) o
     WHERE w.id = :id
    RETURNING w.id
"""  # noqa: S608
REPLAY_SINCE = Statement(_GO_BACK.format(condition="created_at >= CAST(:since AS timestamptz)"))
REPLAY_EVENT = Statement(_GO_BACK.format(condition="event_id = CAST(:event AS uuid)"))
TRY_NOW = Statement(f"UPDATE titik.webhook SET {_AT_ONCE} WHERE id = :id")  # noqa: S608

DELIVERIES = Statement("""
    SELECT id, event_id, type, subject, attempts, delivered, code, ms, error, excerpt, first_at, last_at
      FROM titik.webhook_delivery
     WHERE webhook_id = :id AND id < CAST(:before AS bigint) AND (CAST(:delivered AS bool) IS NULL OR delivered = :delivered)
     ORDER BY id DESC LIMIT CAST(:limit AS int)
""")

# -- delivering

# The order is that of the index: without it the whole outbox would be looked through for the one row that is not there.
DUE = Statement(f"""
    WITH edge AS MATERIALIZED ({_EDGE})
    SELECT w.id FROM titik.webhook w
     WHERE w.state = 'active' AND w.next_at <= now() AND (SELECT true FROM titik.outbox o WHERE {_FIRM} ORDER BY o.history, o.transaction_id, o.id LIMIT 1)
     ORDER BY w.next_at LIMIT 100
""")  # noqa: S608
# Held by the connection, not by a transaction: it ends with the worker, however that ends, and nothing is open while a receiver answers.
LOCK = Statement("SELECT pg_try_advisory_lock(3571003, hashtext(CAST(CAST(:id AS uuid) AS text)))")
UNLOCK = Statement("SELECT pg_advisory_unlock(3571003, hashtext(CAST(CAST(:id AS uuid) AS text)))")
TAKE = Statement("""
    SELECT id, url, types, secret, CASE WHEN secret_before_until > now() THEN secret_before END AS secret_before, version, failures, failing_since,
           after_history, after_transaction::text AS after_transaction, after_id
      FROM titik.webhook WHERE id = :id AND state = 'active' AND next_at <= now()
""")
# Not further than so many ahead: who wants little of very much would look through all of it until the statement is stopped, and begin anew.
EVENTS = Statement(f"""
    WITH edge AS MATERIALIZED ({_EDGE}),
    ahead AS MATERIALIZED (
        SELECT o.history, o.transaction_id, o.id FROM titik.webhook w, titik.outbox o
         WHERE w.id = :id AND {_FIRM} ORDER BY o.history, o.transaction_id, o.id OFFSET CAST(:ahead AS int) LIMIT 1
    ), until AS MATERIALIZED (
        SELECT history, transaction_id, id - 1 AS id, true AS goes_on FROM ahead
         UNION ALL SELECT number, below, 0, false FROM edge WHERE NOT EXISTS (SELECT FROM ahead)
    )
    SELECT until.history AS until_history, until.transaction_id::text AS until_transaction, until.id AS until_id, until.goes_on, e.*
      FROM until LEFT JOIN LATERAL (
        SELECT o.history, o.transaction_id::text AS transaction_id, o.id, o.event_id, o.type, o.subject, o.kind, o.category, o.kelurahan, o.payload, o.feature,
               o.created_at
          FROM titik.webhook w, titik.outbox o
         WHERE w.id = :id AND w.version = CAST(:version AS int) AND {_FIRM} AND {_WANTED}
           AND (o.history, o.transaction_id, o.id)
               <= ((SELECT history FROM until), (SELECT transaction_id FROM until), (SELECT id FROM until))
         ORDER BY o.history, o.transaction_id, o.id LIMIT CAST(:limit AS int)) e ON true
""")  # noqa: S608

# Only from where it was: who has lost sight of the database meanwhile changes nothing for who has taken over.
_FROM = """w.id = CAST(:webhook AS uuid) AND w.after_history = CAST(:from_history AS int)
           AND w.after_transaction = CAST(CAST(:from_transaction AS text) AS xid8) AND w.after_id = CAST(:from_id AS bigint)"""
_TO = """after_history = CAST(:history AS int), after_transaction = CAST(CAST(:transaction AS text) AS xid8), after_id = CAST(:place AS bigint)"""
PASS = Statement(f"UPDATE titik.webhook w SET {_TO} WHERE {_FROM} AND w.version = CAST(:version AS int) RETURNING w.id")  # noqa: S608
_NOTE = """
    INSERT INTO titik.webhook_delivery AS d (webhook_id, event_id, type, subject, delivered, code, ms, error, excerpt)
    SELECT {webhook}, CAST(:event AS uuid), :type, :subject, CAST(:delivered AS bool), CAST(:code AS smallint), CAST(:ms AS int),
           CAST(:error AS text), CAST(:excerpt AS text) {source}
    ON CONFLICT (webhook_id, event_id) DO UPDATE
       SET attempts = d.attempts + 1, delivered = EXCLUDED.delivered, code = EXCLUDED.code, ms = EXCLUDED.ms, error = EXCLUDED.error,
           excerpt = EXCLUDED.excerpt, last_at = now()
"""
NOTE = Statement(
    _NOTE.format(webhook="CAST(:webhook AS uuid)", source="WHERE EXISTS (SELECT FROM titik.webhook WHERE id = :webhook)")
    + " RETURNING d.id"
)
DELIVERED = Statement(f"""
    WITH hook AS (
        UPDATE titik.webhook w SET {_TO}, failures = 0, failing_since = NULL WHERE {_FROM} RETURNING w.id, w.version
    ), noted AS ({_NOTE.format(webhook="hook.id", source="FROM hook")})
    SELECT version FROM hook
""")  # noqa: S608
FAILED = Statement(f"""
    WITH hook AS (
        UPDATE titik.webhook w
           SET failures = w.failures + 1, failing_since = coalesce(w.failing_since, now()),
               next_at = now() + make_interval(secs => CAST(:delay_s AS float8)),
               state = CASE WHEN CAST(:pause AS text) IS NULL THEN w.state ELSE 'paused' END,
               paused_reason = CASE WHEN CAST(:pause AS text) IS NULL THEN w.paused_reason ELSE :pause END,
               paused_at = CASE WHEN CAST(:pause AS text) IS NULL THEN w.paused_at ELSE now() END
         WHERE {_FROM} AND w.state = 'active' AND w.version = CAST(:version AS int)
        RETURNING w.id
    ), noted AS ({_NOTE.format(webhook="hook.id", source="FROM hook")}), told AS (
        INSERT INTO titik.notice (account_id, kind)
        SELECT a.id, 'webhook-paused' FROM titik.account a, hook WHERE a.role = 'admin' AND a.active AND CAST(:pause AS text) IS NOT NULL
    )
    SELECT id FROM hook
""")  # noqa: S608
