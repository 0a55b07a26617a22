"""SQL of synchronising; what became of a change stands beside the keys of other requests that may come twice (`points/queries.py`)."""

from app.statement import Statement

# Of a point that has no revision in sight any more: whether it was withdrawn, or never was there for the actor.
WITHDRAWN = Statement("SELECT EXISTS (SELECT FROM titik.revision WHERE point_id = :point_id AND state = 'withdrawn')")
