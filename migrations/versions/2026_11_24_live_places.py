"""The spatial index of revisions holds those that live, and that of their numbers holds all.

The other way round PostgreSQL read the one of numbers from end to end to learn which revisions live: the look for likeness then took longer
with every point.

Revision: 0009_live_places, after 0008_tiles
"""

import sqlalchemy as sa
from alembic import op

revision = "0009_live_places"
down_revision = "0008_tiles"
branch_labels = None
depends_on = None

LIVE = sa.text("state IN ('draft', 'submitted', 'returned', 'published')")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _make_anew(places=LIVE, numbers=None)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _make_anew(places=None, numbers=LIVE)


def _make_anew(*, places: sa.TextClause | None, numbers: sa.TextClause | None) -> None:
    for name in ("idx_revision_geom", "ix_revision_number"):
        op.drop_index(name, table_name="revision", schema="titik")
    op.create_index("idx_revision_geom", "revision", ["geom"], schema="titik", postgresql_using="gist", postgresql_where=places)
    op.create_index("ix_revision_number", "revision", ["kelurahan", "rw", "rt"], schema="titik", postgresql_where=numbers)
