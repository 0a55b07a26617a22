"""What people propose need not be a point: revisions, notices, events, changes and records say of which noun they are.

A table of a later noun has the columns of `app/models/reviewed.py`; `titik.follow_items` makes the feed and the webhooks hear of what of it is
public; handing over finds it by its columns.

Revision: 0025_nouns, after 0024_common_fields
"""

import sqlalchemy as sa
from alembic import op

revision = "0025_nouns"
down_revision = "0024_common_fields"
branch_labels = None
depends_on = None

HALVES = ("published", "internal")

# For each noun functions of its own, so that PostgreSQL plans their statements once in a session. What is written anew just as it was is no
# change. Features are frozen for webhooks only while there is somebody to tell: each holds a whole one.
FOLLOW_ITEMS = """
CREATE FUNCTION titik.follow_items(half text, items text, kind text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $make$
DECLARE
    deed text;
    tables text;
    source text;
BEGIN
    FOREACH deed IN ARRAY ARRAY['insert', 'update', 'delete'] LOOP
        tables := CASE deed WHEN 'insert' THEN 'NEW TABLE AS after' WHEN 'update' THEN 'OLD TABLE AS before NEW TABLE AS after'
                            ELSE 'OLD TABLE AS before' END;
        source := CASE deed WHEN 'insert' THEN 'after AS now'
                            WHEN 'update' THEN 'before JOIN after AS now USING (id)
                                                 WHERE (before.category, before.feature) IS DISTINCT FROM (now.category, now.feature)'
                            ELSE 'before AS now' END;
        EXECUTE format($body$
            CREATE FUNCTION %1$I.%2$I() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
            BEGIN
                INSERT INTO %1$I.change (id, category, kind) SELECT id, now.category, %3$L FROM %4$s ORDER BY id;
                RETURN NULL;
            END
            $f$ $body$, half, items || '_change_' || deed, kind, source);
        EXECUTE format('CREATE TRIGGER %I AFTER %s ON %I.%I REFERENCING %s FOR EACH STATEMENT EXECUTE FUNCTION %I.%I()',
                       'change_' || deed, deed, half, items, tables, half, items || '_change_' || deed);
        CONTINUE WHEN half <> 'published';
        EXECUTE format($body$
            CREATE FUNCTION %1$I.%2$I() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
            BEGIN
                IF EXISTS (SELECT FROM titik.webhook) THEN
                    INSERT INTO titik.outbox (type, subject, kind, category, kelurahan, payload, feature)
                    SELECT %3$L, id::text, %4$L, now.category, now.kelurahan, %5$s FROM %6$s ORDER BY id;
                END IF;
                RETURN NULL;
            END
            $f$ $body$, half, items || '_announce_' || deed,
            kind || '.' || CASE deed WHEN 'insert' THEN 'published' WHEN 'update' THEN 'changed' ELSE 'removed' END, kind,
            CASE deed WHEN 'delete' THEN 'jsonb_build_object(''id'', id, ''category'', now.category, ''kelurahan'', now.kelurahan), NULL'
                      ELSE '''{}'', now.feature' END, source);
        EXECUTE format('CREATE TRIGGER %I AFTER %s ON %I.%I REFERENCING %s FOR EACH STATEMENT EXECUTE FUNCTION %I.%I()',
                       'announce_' || deed, deed, half, items, tables, half, items || '_announce_' || deed);
    END LOOP;
END
$make$
"""
# The triggers go with them.
UNFOLLOW_ITEMS = """
CREATE FUNCTION titik.unfollow_items(half text, items text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    named text;
BEGIN
    FOR named IN SELECT p.proname FROM pg_proc p
                  WHERE p.pronamespace = half::regnamespace
                    AND p.proname IN (SELECT items || part || deed FROM unnest(ARRAY['_change_', '_announce_']) part,
                                                                        unnest(ARRAY['insert', 'update', 'delete']) deed) LOOP
        EXECUTE format('DROP FUNCTION %I.%I() CASCADE', half, named);
    END LOOP;
END
$$
"""
# What is open of any noun: each of their tables has a holder.
HAND_OVER = """
CREATE OR REPLACE FUNCTION titik.hand_over(predecessor int, successor int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held regclass;
    of_noun int;
    moved int := 0;
BEGIN
    IF current_setting('titik.role', true) IS DISTINCT FROM 'admin' THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_account_admin', MESSAGE = 'only for an administrator';
    END IF;
    FOR held IN SELECT c.oid FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'held_by'
                 WHERE c.relnamespace = 'titik'::regnamespace AND c.relkind = 'r' ORDER BY c.relname LOOP
        EXECUTE format('UPDATE %s SET held_by = $2 WHERE held_by = $1 AND state IN (''draft'', ''submitted'', ''returned'')', held)
          USING predecessor, successor;
        GET DIAGNOSTICS of_noun = ROW_COUNT;
        moved := moved + of_noun;
    END LOOP;
    UPDATE titik.notice SET account_id = successor WHERE account_id = predecessor AND read_at IS NULL;
    RETURN moved;
END
$$
"""
OF_OWNER = ("titik.follow_items(text, text, text)", "titik.unfollow_items(text, text)")

# As 0006, 0013 and 0014 made them.
HAND_OVER_BEFORE = """
CREATE OR REPLACE FUNCTION titik.hand_over(predecessor int, successor int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    moved int;
BEGIN
    IF current_setting('titik.role', true) IS DISTINCT FROM 'admin' THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_account_admin', MESSAGE = 'only for an administrator';
    END IF;
    UPDATE titik.revision SET held_by = successor WHERE held_by = predecessor AND state IN ('draft', 'submitted', 'returned');
    GET DIAGNOSTICS moved = ROW_COUNT;
    UPDATE titik.notice SET account_id = successor WHERE account_id = predecessor AND read_at IS NULL;
    RETURN moved;
END
$$
"""
TABLES = {
    "insert": "NEW TABLE AS after",
    "update": "OLD TABLE AS before NEW TABLE AS after",
    "delete": "OLD TABLE AS before",
}
CHANGES_BEFORE = {
    "insert": "SELECT id, category FROM after ORDER BY id",
    "update": """SELECT id, after.category FROM before JOIN after USING (id)
            WHERE (before.category, before.feature) IS DISTINCT FROM (after.category, after.feature) ORDER BY id""",
    "delete": "SELECT id, category FROM before ORDER BY id",
}
FOLLOW_BEFORE = """
CREATE FUNCTION {half}.changes_follow_{deed}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO {half}.change (id, category) {rows};
    RETURN NULL;
END
$$
"""
ANNOUNCED_BEFORE = {
    "insert": "SELECT 'point.published', id::text, category, kelurahan, '{}', feature FROM after ORDER BY id",
    "update": """SELECT 'point.changed', id::text, after.category, after.kelurahan, '{}', after.feature FROM before JOIN after USING (id)
            WHERE (before.category, before.feature) IS DISTINCT FROM (after.category, after.feature) ORDER BY id""",
    "delete": """SELECT 'point.removed', id::text, category, kelurahan, pg_catalog.jsonb_build_object('id', id, 'category', category, 'kelurahan', kelurahan), NULL
             FROM before ORDER BY id""",
}
ANNOUNCE_BEFORE = """
CREATE FUNCTION published.announce_{deed}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM titik.webhook) THEN
        INSERT INTO titik.outbox (type, subject, category, kelurahan, payload, feature) {rows};
    END IF;
    RETURN NULL;
END
$$
"""
TRIGGER = "CREATE TRIGGER {name} AFTER {deed} ON {half}.item REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION {half}.{function}()"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("revision", sa.Column("category", sa.Text(), nullable=True), schema="titik")
    op.execute("UPDATE titik.revision r SET category = p.category FROM titik.point p WHERE p.id = r.point_id")
    op.alter_column("revision", "category", nullable=False, schema="titik")
    op.add_column("outbox", sa.Column("kind", sa.Text(), nullable=True), schema="titik")
    for name in ("kind", "category"):
        column = sa.Column(name, sa.Text(), sa.Computed(f"detail ->> '{name}'", persisted=True), nullable=True)
        op.add_column("audit", column, schema="titik")
    op.drop_constraint(op.f("fk_notice_revision_id"), "notice", schema="titik")
    op.add_column("notice", sa.Column("subject_kind", sa.Text(), nullable=True), schema="titik")
    op.execute("UPDATE titik.notice SET subject_kind = 'point' WHERE revision_id IS NOT NULL")
    op.create_check_constraint(op.f("ck_notice_subject"), "notice", "(subject_kind IS NULL) = (revision_id IS NULL)", schema="titik")
    for half in HALVES:
        op.add_column("change", sa.Column("kind", sa.Text(), server_default=sa.text("'point'"), nullable=False), schema=half)
    op.alter_column("retry", "point_id", new_column_name="subject_id", schema="titik")
    for statement in (FOLLOW_ITEMS, UNFOLLOW_ITEMS, HAND_OVER):
        op.execute(statement)
    for function in OF_OWNER:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
    for deed in TABLES:
        for half in HALVES:
            op.execute(f"DROP FUNCTION {half}.changes_follow_{deed}() CASCADE")
        op.execute(f"DROP FUNCTION published.announce_{deed}() CASCADE")
    for half in HALVES:
        op.execute(f"SELECT titik.follow_items('{half}', 'item', 'point')")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for half in HALVES:
        op.execute(f"SELECT titik.unfollow_items('{half}', 'item')")
    for deed, tables in TABLES.items():
        for half in HALVES:
            op.execute(FOLLOW_BEFORE.format(half=half, deed=deed, rows=CHANGES_BEFORE[deed]))
            op.execute(TRIGGER.format(name=f"change_{deed}", deed=deed, half=half, tables=tables, function=f"changes_follow_{deed}"))
        op.execute(ANNOUNCE_BEFORE.format(deed=deed, rows=ANNOUNCED_BEFORE[deed]))
        op.execute(TRIGGER.format(name=f"announce_{deed}", deed=deed, half="published", tables=tables, function=f"announce_{deed}"))
    op.execute(HAND_OVER_BEFORE)
    for function in OF_OWNER:
        op.execute(f"DROP FUNCTION {function}")
    op.alter_column("retry", "subject_id", new_column_name="point_id", schema="titik")
    # Of what is no point the older form knows nothing.
    for half in HALVES:
        op.execute(f"DELETE FROM {half}.change WHERE kind <> 'point'")  # noqa: S608 - the name of a schema
        op.drop_column("change", "kind", schema=half)
    op.execute("DELETE FROM titik.notice WHERE subject_kind <> 'point'")
    op.drop_constraint(op.f("ck_notice_subject"), "notice", schema="titik")
    op.drop_column("notice", "subject_kind", schema="titik")
    op.execute(
        "DELETE FROM titik.notice n WHERE revision_id IS NOT NULL AND NOT EXISTS (SELECT FROM titik.revision r WHERE r.id = n.revision_id)"
    )
    op.create_foreign_key(
        op.f("fk_notice_revision_id"), "notice", "revision", ["revision_id"], ["id"],
        source_schema="titik", referent_schema="titik", ondelete="CASCADE",
    )  # fmt: skip
    for name in ("category", "kind"):
        op.drop_column("audit", name, schema="titik")
    op.execute("DELETE FROM titik.outbox WHERE kind <> 'point'")
    op.drop_column("outbox", "kind", schema="titik")
    op.drop_column("revision", "category", schema="titik")
