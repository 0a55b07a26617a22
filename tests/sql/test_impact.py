"""What an edition would change is what activating it then changes, and finding it out writes nothing; whatever dies or is written meanwhile."""

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from shapely.affinity import scale, translate

from app import ROOT
from app.access.rights import Actor
from app.background.children import environment_of
from app.boundaries import jobs, queries, working
from app.boundaries.checking import Boundary, check
from app.boundaries.comparing import EditionChanges, compare
from app.boundaries.jobs import Confirmation, EditionRef
from app.boundaries.service import EditionFacts, activate, load
from app.connections import connected, open_once
from app.db import Row, WriteSession
from app.demo.kediri import regions as shipped_regions
from app.errors import TitikError
from app.points import judging
from app.settings import Settings
from app.statement import Statement
from tests.conftest import AsRole
from tests.factories import BUJEL, GRID, MOJOROTO, a_feature, forget_editions, published, squares, submitted, value

pytestmark = pytest.mark.usefixtures("grid")
NEW = "Baru"
STAYS = (0.0, 0.0, 1.0)
# Of each table what an insert, an update or a delete would change.
TABLES = """
    SELECT string_agg(format('SELECT %L AS name, count(*) AS number, coalesce(max(xmin::text::bigint), 0) AS newest FROM %s', c.oid::regclass, c.oid::regclass),
                      ' UNION ALL ' ORDER BY c.oid::regclass::text)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('titik', 'published', 'internal') AND c.relkind = 'r' AND c.oid <> 'titik.boundary_job'::regclass
"""
AREAS = Statement("SELECT code, area_km2 AS km2 FROM published.area WHERE level = 'kelurahan' ORDER BY code")
NOTED = Statement("""
    SELECT c.revision_id, c.before, c.after FROM titik.placement_change c JOIN titik.boundary_edition e ON e.id = c.edition_id
     WHERE e.name = :name ORDER BY c.revision_id
""")


class Undo(Exception):
    """What was done is not committed."""


@pytest.fixture(autouse=True)
async def editions_of_all(database: Settings) -> AsyncIterator[None]:
    yield
    await forget_editions(database)


@pytest.fixture
async def points(as_role: AsRole) -> int:
    """Points inside, near the edge, beyond it with a reason, as drafts and public. How many."""
    mojoroto, bujel, walidata = await as_role("pic", MOJOROTO), await as_role("pic", BUJEL), await as_role("walidata")
    number = 0
    for step in range(6):
        lat = -7.8085 + step * 1.4e-3
        await published(mojoroto, walidata, a_feature(112.0001 + step * 1.95e-3, lat, name=f"Barat {step}"))
        await submitted(bujel, a_feature(112.0104 + step * 1.9e-3, lat, name=f"Timur {step}", accuracy_m=5.0 + 10 * step))
        number += 2
    await submitted(mojoroto, a_feature(112.0112, -7.8055, name="Jauh", override_reason="Kantor di seberang jalan"))
    draft = await mojoroto.post("/collections/posyandu/items?draft=true", json=a_feature(112.0098, -7.8021, name="Rancangan"))
    assert draft.status_code == 201
    return number + 2


moves = st.tuples(st.floats(-0.003, 0.003), st.floats(-0.003, 0.003), st.floats(0.7, 1.3))
editions = st.tuples(st.lists(moves, min_size=5, max_size=5), st.sampled_from([0.5, 5.0, 60.0, 400.0]))


def drawn(changes: Sequence[tuple[float, float, float]]) -> tuple[Boundary, ...]:
    """The squares, each moved and made larger or smaller by itself: with other gaps, overlaps and neighbours."""
    return tuple(
        Boundary(one.code, translate(scale(one.geometry, size, size), east, north))
        for one, (east, north, size) in zip(squares(), changes, strict=True)
    )


async def both(session: WriteSession, polygons: tuple[Boundary, ...], accuracy_m: float) -> tuple[EditionChanges, EditionChanges]:
    """What the edition would change, and what it has changed; held against what the tables then say."""
    edition_id = await load(session, EditionFacts(NEW, "uji", accuracy_m), polygons, check(polygons, shipped_regions()))
    areas = {row["code"]: row["km2"] for row in await session.all(AREAS)}
    expected = await compare(session, edition_id)
    found = await activate(session, NEW)
    noted = [(row["revision_id"], row["before"], row["after"]) for row in await session.all(NOTED, name=NEW)]
    names = ("verdict", "kelurahan", "distance_m")
    listed = [
        (one.revision, *({name: side[name] for name in names} for side in (one.before, one.after))) for one in expected.verdicts.changes
    ]
    assert noted == listed
    for code, km2 in {row["code"]: row["km2"] for row in await session.all(AREAS)}.items():
        change = next((one for one in expected.areas if one.code == code), None)
        assert (change.before_km2, change.after_km2) == (areas[code], km2) if change else areas[code] == km2
    return expected, found


async def test_an_impact_is_what_activating_then_does(database: Settings, points: int) -> None:
    seen: dict[str, int] = {}

    @given(edition=editions)
    @example(
        edition=([STAYS, STAYS, STAYS, (0.0, 0.00233439507731529, 1.1082756818557653), STAYS], 0.5)
    )  # a km² of which 4 decimals end in a half
    @hypothesis_settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def hold(edition: tuple[list[tuple[float, float, float]], float]) -> None:
        asyncio.run_coroutine_threadsafe(once(drawn(edition[0]), edition[1]), loop).result()

    async def once(polygons: tuple[Boundary, ...], accuracy_m: float) -> None:
        with contextlib.suppress(Undo):
            async with open_once(database.owner_dsn) as session:
                expected, found = await both(session, polygons, accuracy_m)
                assert expected == found
                assert expected.verdicts.judged == points
                for (before, after), number in expected.verdicts.moves.items():
                    seen[f"{before} {after}"] = seen.get(f"{before} {after}", 0) + number
                raise Undo

    loop = asyncio.get_running_loop()
    await asyncio.to_thread(hold)
    # Not of an empty list.
    assert len(seen) >= 4, seen


async def test_the_same_edition_again_changes_nothing(database: Settings, points: int) -> None:
    with contextlib.suppress(Undo):
        async with open_once(database.owner_dsn) as session:
            expected, _ = await both(session, squares(), 5.0)
            assert (expected.verdicts.judged, expected.verdicts.changes, expected.areas) == (points, (), ())
            raise Undo


async def a_new_edition(settings: Settings) -> EditionRef:
    polygons = drawn([(0.0011, 0.0, 1.0)] * 5)
    async with open_once(settings.owner_dsn) as session:
        return EditionRef(await load(session, EditionFacts(NEW, "uji", 5.0), polygons, check(polygons, shipped_regions())), NEW)


async def an_admin(session: WriteSession) -> Actor:
    """Whoever is there as one, acting in this transaction."""
    account: int = await value(session, "SELECT id FROM titik.account WHERE role = 'admin'")
    await session.run(
        Statement("SELECT set_config('titik.role', 'admin', true), set_config('titik.account', CAST(:id AS text), true)"), id=str(account)
    )
    return Actor(account, "admin", "admin")


async def asked(settings: Settings, kind: str, edition: EditionRef) -> UUID:
    """A job that no service takes up."""
    async with open_once(settings.service_dsn) as session:
        actor = await an_admin(session)
        if kind == "compare":
            row = await jobs.begin_comparison(session, actor, edition, None)
        else:
            row = await jobs.begin_activation(session, actor, edition, Confirmation(None, edition.name), None)
        await session.run(Statement("DELETE FROM queue.pgqueuer"))
    found: UUID = row["id"]
    return found


async def job_of(settings: Settings, job: UUID) -> Row:
    async with open_once(settings.owner_dsn) as session:
        return await session.one(Statement("SELECT * FROM titik.boundary_job WHERE id = :id"), id=job)


async def sealed(settings: Settings) -> None:
    """Once the sealer of the audit has nothing left to write."""
    for _ in range(300):
        async with open_once(settings.owner_dsn) as session:
            if (
                await value(
                    session, "SELECT count(*) FROM titik.audit a WHERE NOT EXISTS (SELECT FROM titik.audit_seal s WHERE s.audit_id = a.id)"
                )
                == 0
            ):
                return
        await asyncio.sleep(0.1)
    raise AssertionError


async def written(settings: Settings) -> list[tuple[Any, ...]]:
    async with open_once(settings.owner_dsn) as session:
        return sorted(tuple(row.values()) for row in await session.all(Statement(await value(session, TABLES))))


@pytest.fixture
async def quiet(database: Settings, points: int, as_role: AsRole, service: Any) -> Settings:
    """The points are there, an administrator too, and nobody asks anything."""
    await as_role("admin")
    return database


async def test_comparing_writes_the_row_of_its_job_and_nothing_else(quiet: Settings) -> None:
    edition = await a_new_edition(quiet)
    job = await asked(quiet, "compare", edition)
    await sealed(quiet)
    before = await written(quiet)
    assert len(before) > 30
    await working.work(quiet, job)
    assert await written(quiet) == before
    assert (await job_of(quiet, job))["state"] == "done"
    # And the comparison cannot write: its transaction is one that only reads.
    async with connected(quiet.service_dsn, 60) as begin, begin() as session:
        await session.run(queries.ONLY_READ)
        with pytest.raises(TitikError):
            await activate(session, NEW)


async def test_a_point_that_comes_meanwhile_is_not_in_it_and_makes_it_out_of_date(
    quiet: Settings, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "JUDGED_AT_ONCE", 5)
    edition, pic = await a_new_edition(quiet), await as_role("pic", MOJOROTO, name="lain")
    job = await asked(quiet, "compare", edition)
    tell = working.EditionJob.tell
    come: list[dict[str, Any]] = []

    async def telling(self: working.EditionJob, done: int, total: int) -> None:
        if not come:
            come.append(await submitted(pic, a_feature(112.0003, -7.8077, name="Datang di tengah")))
        await tell(self, done, total)

    monkeypatch.setattr(working.EditionJob, "tell", telling)
    await working.work(quiet, job)
    row = await job_of(quiet, job)
    assert (row["state"], row["found"]["counts"]["judged"], len(come)) == ("done", 14, 1)
    assert come[0]["id"] not in {one["point"] for one in row["points"]}
    async with open_once(quiet.service_dsn) as session:
        await an_admin(session)
        assert await jobs.why_outdated(session, row) == "points"
    # Activating judges it too.
    done = await asked(quiet, "activate", edition)
    await working.work(quiet, done)
    assert come[0]["id"] in {one["point"] for one in (await job_of(quiet, done))["points"]}


async def test_what_is_committed_while_an_edition_is_activated_is_judged_by_it(quiet: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer who began before and ends after: its revision was placed by the former edition."""
    edition = await a_new_edition(quiet)
    job = await asked(quiet, "activate", edition)
    async with open_once(quiet.owner_dsn) as late:
        await late.run(Statement("CREATE TEMPORARY TABLE writing (n int) ON COMMIT DROP"))  # a writer, with a transaction of its own
        working_on_it = asyncio.create_task(working.work(quiet, job))
        for _ in range(200):
            row = await job_of(quiet, job)
            if row["step"] == working.SETTLING:
                break
            await asyncio.sleep(0.1)
        assert (row["state"], row["step"]) == ("working", working.SETTLING)
        await late.run(
            Statement("""
            INSERT INTO titik.point (id, category, kelurahan) SELECT '01990000-0000-7000-8000-000000000001', category, kelurahan FROM titik.point LIMIT 1
        """)
        )
        await late.run(
            Statement("""
            INSERT INTO titik.revision (id, point_id, number, state, category, kelurahan, geom, method, name, attributes, status, content_sha256, edition_id, verdict,
                                        found_in, distance_m, placement, flags, created_by, held_by, submitted_at, predecessors)
            SELECT '01990000-0000-7000-8000-000000000002', '01990000-0000-7000-8000-000000000001', 1, 'submitted', category, kelurahan, geom, method, 'Terlambat', attributes,
                   status, content_sha256, (SELECT id FROM titik.boundary_edition WHERE name = :grid), verdict, found_in, distance_m, placement, flags,
                   created_by, held_by, submitted_at, predecessors
              FROM titik.revision WHERE state = 'published' ORDER BY id LIMIT 1
        """),
            grid=GRID,
        )
    await working_on_it
    row = await job_of(quiet, job)
    assert (row["state"], row["found"]["counts"]["judged"]) == ("done", 15)
    async with open_once(quiet.owner_dsn) as session:
        assert (
            await value(
                session, "SELECT count(*) FROM titik.revision WHERE edition_id <> (SELECT id FROM titik.boundary_edition WHERE active)"
            )
            == 0
        )


def child(settings: Settings, job: UUID) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "app.boundaries.working", str(job)]
    return subprocess.Popen(command, cwd=ROOT, env=environment_of(settings), stdin=subprocess.PIPE)


async def killed_at(settings: Settings, job: UUID, step: str) -> None:
    """Its process, once it has come as far as this step."""
    process = child(settings, job)
    for _ in range(300):
        if (await job_of(settings, job))["step"] == step:
            break
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    process.wait()


async def test_an_activation_that_is_killed_is_none_and_is_done_again(quiet: Settings) -> None:
    edition = await a_new_edition(quiet)
    compared = await asked(quiet, "compare", edition)
    await working.work(quiet, compared)
    job = await asked(quiet, "activate", edition)
    async with open_once(quiet.owner_dsn) as holding:
        # It judges, and then waits for whoever publishes.
        await holding.run(Statement("LOCK TABLE internal.collection IN EXCLUSIVE MODE"))
        await killed_at(quiet, job, "points")
    async with open_once(quiet.owner_dsn) as session:
        assert await value(session, "SELECT name FROM titik.boundary_edition WHERE active") == GRID
        assert await value(session, "SELECT count(*) FROM titik.placement_change") == 0
    await working.work(quiet, job)
    row, expected = await job_of(quiet, job), await job_of(quiet, compared)
    assert (row["state"], row["attempts"]) == ("done", 2)
    assert (row["points"], row["areas"], row["found"]["counts"]) == (expected["points"], expected["areas"], expected["found"]["counts"])


async def test_one_that_is_killed_while_it_settles_goes_on_there(quiet: Settings) -> None:
    edition = await a_new_edition(quiet)
    job = await asked(quiet, "activate", edition)
    async with open_once(quiet.owner_dsn) as late:
        await late.run(Statement("CREATE TEMPORARY TABLE writing (n int) ON COMMIT DROP"))
        await killed_at(quiet, job, working.SETTLING)
    before = await job_of(quiet, job)
    assert (before["state"], len(before["points"]) > 0) == ("working", True)
    await working.work(quiet, job)
    row = await job_of(quiet, job)
    assert (row["state"], row["points"]) == ("done", before["points"])
    async with open_once(quiet.owner_dsn) as session:
        assert (
            await value(session, "SELECT count(*) FROM titik.audit WHERE action = 'edition.activate' AND subject = :id", id=str(edition.id))
            == 1
        )


async def test_a_job_that_dies_again_and_again_says_so(quiet: Settings) -> None:
    edition = await a_new_edition(quiet)
    job = await asked(quiet, "activate", edition)
    async with open_once(quiet.owner_dsn) as session:
        await session.run(Statement("UPDATE titik.boundary_job SET attempts = 3, state = 'working' WHERE id = :id"), id=job)
    await working.work(quiet, job)
    row = await job_of(quiet, job)
    assert (row["state"], row["problem"]["code"]) == ("failed", "boundary-job-crashed")


async def test_who_lost_the_right_meanwhile_changes_nothing(quiet: Settings) -> None:
    edition = await a_new_edition(quiet)
    job = await asked(quiet, "activate", edition)
    async with open_once(quiet.owner_dsn) as session:
        await session.run(Statement("UPDATE titik.account SET active = false WHERE role = 'admin'"))
    await working.work(quiet, job)
    assert (await job_of(quiet, job))["problem"]["code"] == "boundary-asker-gone"
    async with open_once(quiet.owner_dsn) as session:
        assert await value(session, "SELECT name FROM titik.boundary_edition WHERE active") == GRID


async def _as(settings: Settings, role: str) -> None:
    async with open_once(settings.service_dsn) as session:
        await session.run(Statement("SELECT set_config('titik.role', :role, true)"), role=role)
        await queries.activate(session, await value(session, "SELECT id FROM titik.boundary_edition WHERE NOT active LIMIT 1"))
        raise Undo


async def test_only_administrators_write_boundaries(quiet: Settings) -> None:
    """The second line: the service itself may not, whoever else acts."""
    for role in ("walidata", "pic", ""):
        with pytest.raises(TitikError):
            await _as(quiet, role)
    with pytest.raises(Undo):
        await _as(quiet, "admin")
