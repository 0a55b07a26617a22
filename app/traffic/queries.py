"""SQL of how long requests took: rows by minute, worker and route, for an hour."""

from typing import TypedDict

from app.statement import Statement


class RouteOfHour(TypedDict):
    method: str
    route: str
    requests: int
    errors: int
    most_ms: float
    steps: list[int]
    numbers: list[int]


# The whole count of a minute takes the place of what the worker had written of it: no lock, no sum, and twice is once. Of two that
# are written at the same time the later count stays.
KEEP = Statement("""
    INSERT INTO titik.route_minute (minute, worker, method, route, requests, errors, most_ms, steps, numbers)
    VALUES (to_timestamp(60 * CAST(:minute AS bigint)), CAST(:worker AS bigint), :method, :route, CAST(:requests AS int), CAST(:errors AS int),
            CAST(:most_ms AS float8), CAST(:steps AS smallint[]), CAST(:numbers AS int[]))
    ON CONFLICT (minute, worker, method, route) DO UPDATE
       SET requests = EXCLUDED.requests, errors = EXCLUDED.errors, most_ms = EXCLUDED.most_ms, steps = EXCLUDED.steps, numbers = EXCLUDED.numbers
     WHERE route_minute.requests < EXCLUDED.requests
""")
FORGET = Statement("DELETE FROM titik.route_minute WHERE minute < now() - interval '61 minutes'")
LAST_HOUR = Statement[RouteOfHour]("""
    WITH lately AS MATERIALIZED (
        SELECT method, route, requests, errors, most_ms, steps, numbers FROM titik.route_minute WHERE minute > now() - interval '1 hour'
    ), step AS (
        SELECT l.method, l.route, s.step, sum(s.number) AS number
          FROM lately l CROSS JOIN LATERAL unnest(l.steps, l.numbers) AS s (step, number) GROUP BY l.method, l.route, s.step
    ), stepped AS (
        SELECT method, route, array_agg(step::int ORDER BY step) AS steps, array_agg(number::int ORDER BY step) AS numbers FROM step GROUP BY method, route
    )
    SELECT l.method, l.route, sum(l.requests)::int AS requests, sum(l.errors)::int AS errors, max(l.most_ms) AS most_ms, s.steps, s.numbers
      FROM lately l JOIN stepped s ON s.method = l.method AND s.route = l.route
     GROUP BY l.method, l.route, s.steps, s.numbers
""")
