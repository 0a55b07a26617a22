"""What was rewritten behind the service's back is found and named, and nothing that may change is: over points in every state that they can be in."""

from collections.abc import AsyncIterator, Callable
from random import Random
from typing import Any

import asyncpg
import pytest

from app.audit.findings import ChainFinding
from app.audit.record import edition_sha256, photo_sha256, revision_sha256
from app.audit.sealing import seal_all, verify
from app.boundaries import queries as boundary_queries
from app.connections import open_once
from app.db import WriteSession, prepare_connection
from app.demo import points as samples
from app.models.boundary import BoundaryEditionRecord
from app.models.photo import PhotoRecord
from app.models.point import RevisionRecord
from app.operator import tampering
from app.operator.tampering import examine
from app.published import projection
from app.regions.queries import all_regions
from app.settings import Settings
from tests import factories
from tests.api.test_imports import committed, judged, posyandu, table
from tests.api.test_moves import at, moves
from tests.conftest import AsRole
from tests.factories import BUJEL, IN_MOJOROTO, MOJOROTO, PUBLISH, a_feature, decision_of, execute, published, submitted, value
from tests.photographs import a_photo

pytestmark = pytest.mark.anyio

Connection = Any
World = dict[str, Any]
JPEG = {"Content-Type": "image/jpeg"}


def a_place(n: int) -> dict[str, Any]:
    return a_feature(IN_MOJOROTO[0] + n * 1e-4, IN_MOJOROTO[1], name=f"Posyandu {n}", kader_aktif=n)


@pytest.fixture
async def world(as_role: AsRole) -> World:
    """Points by what became of them; the clients who did it."""
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    points = {name: await published(pic, walidata, a_place(n)) for n, name in enumerate(("plain", "changed", "closed", "old", "taken-out"))}
    rt = a_feature(name=None, jenis=None, rt="01", rw="02")
    points["rt"] = await published(pic, walidata, rt, "rt")
    points |= {
        name: await submitted(pic, a_place(n)) for n, name in enumerate(("waiting", "returned", "sent-again", "withdrawn", "shown"), 10)
    }
    for name in ("returned", "sent-again"):
        await walidata.post(decision_of(points[name]), json={"decision": "return", "reason": "Namanya?"})
    await pic.post(moves(points["sent-again"]), json={"move": "submit"})
    await pic.post(moves(points["withdrawn"]), json={"move": "withdraw"})
    photo = (await pic.post(f"/points/{points['shown']['id']}/photos", content=a_photo(), headers=JPEG)).json()
    await walidata.post(decision_of(points["shown"]), json=PUBLISH | {"photos": [photo["id"]]})
    changed = await pic.patch(at(points["changed"]), json={"properties": {"name": "Posyandu Baru"}}, headers={"If-Match": '"1"'})
    await walidata.post(decision_of(changed.json()), json=PUBLISH)
    closing = await pic.post(moves(points["closed"]), json={"move": "close", "reason": "Bubar"})
    await walidata.post(decision_of(closing.json()), json=PUBLISH)
    successor = a_place(20)
    successor["properties"] |= {"predecessors": [points["old"]["id"]], "succession": "move"}
    points["new"] = await published(pic, walidata, successor)
    await walidata.post(moves(points["taken-out"]), json={"move": "unpublish", "reason": "Rumah warga"})
    await pic.post("/collections/posyandu/items?draft=true", json=a_place(30))
    return {"pic": pic, "walidata": walidata, "photo": photo["id"], "successor-of-changed": changed.json(), **points}


async def looked(settings: Settings) -> list[ChainFinding]:
    """All that `titik audit verify` finds."""
    async with open_once(settings.owner_dsn) as session:
        await seal_all(session)
        return await verify(session) + await examine(session)


@pytest.fixture
async def connection(world: World, database: Settings) -> AsyncIterator[Connection]:
    """Somebody with every right on the database, in a transaction that never ends well."""
    assert await looked(database) == []
    opened = await asyncpg.connect(database.owner_dsn)
    await prepare_connection(opened)
    try:
        yield opened
    finally:
        await opened.close()


# -- what is found

CONTENT = {
    "geom": "ST_Translate(geom, 1e-7, 0)", "name": "name || ' '", "address": "'Jalan Lain'", "kelurahan": f"'{BUJEL}'", "accuracy_m": "7.5",
    "captured_at": "'2026-01-02T03:04:05Z'", "attributes": "attributes || '{\"jenis\": \"lansia\"}'", "method": "'import'", "rw": "'77'", "rt": "'77'",
    "override_reason": "'x'", "reason": "'x'", "content_sha256": "sha256(content_sha256)", "created_at": "created_at - interval '1 microsecond'",
    "submitted_at": "submitted_at + interval '1 day'", "repair": "'{}'", "number": "number + 5",
    "predecessors": "ARRAY[point_id], succession = 'merge'",
}  # fmt: skip
ITEM = {
    "geom": "ST_Translate(geom, 1e-7, 0)", "geom_mercator": "ST_Translate(geom_mercator, 1, 0)", "name": "name || '.'", "feature": "replace(feature, 'Posyandu', 'Posyandi')",
    "properties": "properties || '{\"name\": \"Lain\"}'", "kelurahan": f"'{BUJEL}'", "kecamatan": "'35.71.03'", "verified_at": "verified_at + interval '1 second'",
    "version": "version + 1", "words": "words || 'x'", "place": "place + 1", "feature_id": "feature_id + 1000000", "common_length": "common_length - 1",
    "category": "'pos_kamling'",
}  # fmt: skip


class Tampering:
    """Each method does one thing, and says which subject must be named with which codes, and no other."""

    def __init__(self, connection: Connection, random: Random, world: World) -> None:
        self.do, self.world, self.random = connection.execute, world, random
        self.value = connection.fetchval

    def revision(self, *names: str) -> str:
        found: str = self.world[self.random.choice(names)]["properties"]["revision"]
        return found

    async def content(self) -> tuple[str, set[str]]:
        revision = self.revision("plain", "waiting", "returned", "sent-again", "withdrawn", "taken-out", "changed", "closed", "old")
        column = self.random.choice(sorted(CONTENT))
        await self.do(f"UPDATE titik.revision SET {column} = {CONTENT[column]} WHERE id = $1", revision)
        return revision, {"revision-rewritten"}

    async def content_and_item(self) -> tuple[str, set[str]]:
        """The halves are made anew, so that they agree with the forged revision."""
        revision = self.revision("plain", "new", "shown")
        await self.do("UPDATE titik.revision SET name = 'Posyandu Palsu', geom = ST_Translate(geom, 1e-3, 0) WHERE id = $1", revision)
        await projection.rebuild(WriteSession(self.do.__self__))
        return revision, {"revision-rewritten"}

    async def decision(self) -> tuple[str, set[str]]:
        revision = self.revision("plain", "new")
        change = self.random.choice(
            ("decided_by = (SELECT max(id) + 0 FROM titik.account WHERE id <> decided_by AND id <> created_by)", "decision_reason = 'x'")
        )
        if "decided_by" in change:
            await self.do("INSERT INTO titik.account (name, role) VALUES ('another', 'walidata')")
        await self.do(f"UPDATE titik.revision SET {change} WHERE id = $1", revision)
        return revision, {"revision-rewritten"} | ({"revision-state"} if "decided_by" in change else set())

    async def state(self) -> tuple[str, set[str]]:
        """Published without a decision: decided_by has to be there, and whoever forges it is not who decided."""
        revision = self.revision("waiting", "sent-again")
        await self.do("INSERT INTO titik.account (name, role) VALUES ('another', 'walidata')")
        await self.do(
            "UPDATE titik.revision SET state = 'published', decided_at = now(), decided_by = (SELECT id FROM titik.account WHERE name = 'another') WHERE id = $1",
            revision,
        )
        await projection.rebuild(WriteSession(self.do.__self__))
        return revision, {"revision-rewritten", "revision-state"}

    async def superseded(self) -> tuple[str, set[str]]:
        """A point that vanishes quietly."""
        revision = self.revision("plain", "new")
        await self.do("UPDATE titik.revision SET state = 'superseded' WHERE id = $1", revision)
        await projection.rebuild(WriteSession(self.do.__self__))
        return revision, {"revision-state"}

    async def forged_revision(self) -> tuple[str, set[str]]:
        forged = str(await self.value("SELECT titik.uuid7()"))
        await self.do(
            "CREATE TEMP TABLE forged ON COMMIT DROP AS SELECT * FROM titik.revision WHERE id = $1",
            self.world["plain"]["properties"]["revision"],
        )
        await self.do("UPDATE forged SET id = $1, number = number + 1, state = 'withdrawn'", forged)
        await self.do("INSERT INTO titik.revision SELECT * FROM forged")
        return forged, {"revision-unrecorded"}

    async def deleted_revision(self) -> tuple[str, set[str]]:
        revision = self.revision("waiting", "withdrawn", "returned")
        await self.do("DELETE FROM titik.notice WHERE revision_id = $1", revision)
        await self.do("DELETE FROM titik.revision WHERE id = $1", revision)
        return revision, {"revision-missing"}

    async def point(self) -> tuple[str, set[str]]:
        point = self.world[self.random.choice(("plain", "new", "shown"))]["id"]
        change = self.random.choice(("status = 'closed'", f"kelurahan = '{BUJEL}'", "category = 'pos_kamling'"))
        await self.do(f"UPDATE titik.point SET {change} WHERE id = $1", point)
        await projection.rebuild(WriteSession(self.do.__self__))
        return point, {"point-changed"}

    async def category_of_a_revision(self) -> tuple[str, set[str]]:
        point = self.world["waiting"]["id"]
        await self.do("UPDATE titik.revision SET category = 'pos_kamling' WHERE point_id = $1", point)
        return point, {"point-changed"}

    async def item(self) -> tuple[str, set[str]]:
        point, half = (
            self.world[self.random.choice(("plain", "new", "shown", "changed"))]["id"],
            self.random.choice(("published", "internal")),
        )
        column = self.random.choice(sorted(ITEM))
        await self.do(f"UPDATE {half}.item SET {column} = {ITEM[column]} WHERE id = $1", point)
        return point, {"item-rewritten"}

    async def uncovered(self) -> tuple[str, set[str]]:
        """The exact place of an RT in public."""
        point = self.world["rt"]["id"]
        await self.do("UPDATE published.item p SET geom = i.geom FROM internal.item i WHERE i.id = p.id AND p.id = $1", point)
        return point, {"item-rewritten"}

    async def deleted_item(self) -> tuple[str, set[str]]:
        point, half = self.world[self.random.choice(("plain", "new", "rt"))]["id"], self.random.choice(("published", "internal"))
        await self.do(f"DELETE FROM {half}.item WHERE id = $1", point)
        return point, {"item-missing"}

    async def stray(self) -> tuple[str, set[str]]:
        half, other = self.random.sample(("published", "internal"), 2)
        point = self.world[self.random.choice(("waiting", "closed", "old", "taken-out"))]["id"]
        columns = "feature_id, category, kelurahan, kecamatan, name, geom, geom_mercator, captured_at, verified_at, version, properties, feature, common_length, place, words"
        await self.do(
            f"INSERT INTO {half}.item (id, {columns}) SELECT $1, {columns} FROM {other}.item WHERE id = $2",
            point,
            self.world["plain"]["id"],
        )
        return point, {"item-unfounded"}

    async def photo(self) -> tuple[str, set[str]]:
        change = self.random.choice(
            ("source_sha256 = sha256(source_sha256)", "taken_at = now()", "distance_m = 1", "flags = '{}'", "number = number + 1")
        )
        if change == "flags = '{}'":
            change = "flags = '{photo-old}'"
        await self.do(f"UPDATE titik.photo SET {change} WHERE id = $1", self.world["photo"])
        return self.world["photo"], {"photo-rewritten"}

    async def exchanged_photo(self) -> tuple[str, set[str]]:
        await self.do("UPDATE internal.photo SET sha256 = sha256(sha256) WHERE id = $1", self.world["photo"])
        return self.world["photo"], {"photo-unfounded"}

    async def uncovered_photo(self) -> tuple[str, set[str]]:
        """Shown to everybody, though the category keeps its photos among the offices."""
        await self.do("INSERT INTO published.photo SELECT * FROM internal.photo WHERE id = $1", self.world["photo"])
        return self.world["photo"], {"photo-unfounded"}

    async def edition(self) -> tuple[str, set[str]]:
        """Of an edition that does not judge now: of the active one the rounded places would differ too."""
        await factories.load_edition(WriteSession(self.do.__self__), "Petak lain", factories.squares(), 5.0)
        edition = await self.value("SELECT id FROM titik.boundary_edition WHERE name = 'Petak lain'")
        await self.do(
            "UPDATE titik.boundary SET geom = ST_Translate(geom, 1e-6, 0) WHERE edition_id = $1 AND region_code = $2", edition, MOJOROTO
        )
        return str(edition), {"edition-rewritten"}


KINDS: list[Callable[[Tampering], Any]] = [
    method for name, method in vars(Tampering).items() if name not in ("__init__", "revision") and callable(method)
]


async def test_hundreds_of_random_tamperings_with_what_was_written_are_all_found_and_named(
    grid: Settings, world: World, connection: Connection
) -> None:
    random, session = Random(3571), WriteSession(connection)
    assert len(KINDS) == 17
    for number in range(200):
        transaction = connection.transaction()
        await transaction.start()
        kind = KINDS[number % len(KINDS)]
        subject, codes = await kind(Tampering(connection, random, world))
        found = await examine(session)
        assert {(finding.code, finding.subject) for finding in found} == {(code, subject) for code in codes}, (number, kind.__name__)
        assert all(finding.text.id and finding.text.en and subject in finding.text.en for finding in found)
        await transaction.rollback()
    assert await examine(session) == []


@pytest.mark.parametrize(
    ("model", "hashed", "free"),
    [
        (
            RevisionRecord,
            revision_sha256("r"),
            # Its category is that of its point, and told as a change of the point; who brought it stands in a row of the record of its own.
            {"brought_by", "state", "held_by", "flags", "edition_id", "verdict", "found_in", "distance_m", "placement", "category"},
        ),
        (PhotoRecord, photo_sha256("r"), {"kelurahan", "approved"}),
        (BoundaryEditionRecord, edition_sha256("r"), {"active", "activated_at", "valid_to", "loaded_at", "report"}),
    ],
)
def test_every_column_is_in_the_hash_or_may_change(model: Any, hashed: str, free: set[str]) -> None:
    """A new column of these tables is decided upon: what may change is named here."""
    columns = {column.name for column in model.__table__.columns}
    assert {name for name in columns if f"r.{name}" not in hashed} == free


async def test_hashes_do_not_depend_on_the_session(world: World, database: Settings) -> None:
    async with open_once(database.owner_dsn) as session:
        await execute(session, "SET LOCAL TimeZone = 'Asia/Jakarta'")
        await execute(session, "SET LOCAL extra_float_digits = -10")
        await execute(session, "SET LOCAL DateStyle = 'German'")
        await execute(session, "SET LOCAL IntervalStyle = 'sql_standard'")
        await execute(session, "SET LOCAL bytea_output = 'escape'")
        assert [finding for finding in await examine(session) if "revision" in finding.code or "photo" in finding.code] == []


# -- what is not


async def test_nothing_that_may_change_is_a_finding(world: World, database: Settings, as_role: AsRole) -> None:
    pic, walidata = world["pic"], world["walidata"]
    assert await looked(database) == []
    async with open_once(database.owner_dsn) as session:
        await projection.rebuild(session)
    assert await looked(database) == []
    # Another edition judges all again, and rounds anew.
    await factories.activate_grid(database)
    assert await looked(database) == []
    await factories.activate(database, factories.APPROXIMATE)
    assert await looked(database) == []
    # A kelurahan has another name, and a field of a category is no longer public.
    async with open_once(database.owner_dsn) as session:
        await execute(session, f"UPDATE titik.region SET name = 'Mojoroto Baru' WHERE code = '{MOJOROTO}'")
        await execute(
            session,
            "UPDATE titik.category SET field_visibility = field_visibility || '{\"kader_aktif\": \"internal\"}' WHERE id = 'posyandu'",
        )
    try:
        assert {finding.code for finding in await looked(database)} == {"item-rewritten"}
        async with open_once(database.owner_dsn) as session:
            await projection.rebuild(session)
        assert await looked(database) == []
    finally:
        async with open_once(database.owner_dsn) as session:
            await execute(session, f"UPDATE titik.region SET name = 'Mojoroto' WHERE code = '{MOJOROTO}'")
            await execute(session, "UPDATE titik.category SET field_visibility = field_visibility - 'kader_aktif' WHERE id = 'posyandu'")
            await projection.rebuild(session)
    # An office changes hands, and the new holder goes on.
    await pic.patch(at(world["plain"]), json={"properties": {"address": "Balai RW 2"}}, headers={"If-Match": '"1"'})
    async with open_once(database.owner_dsn) as session:
        await execute(session, "UPDATE titik.revision SET held_by = (SELECT min(id) FROM titik.account) WHERE state = 'submitted'")
    # A photo goes, a point comes back, files are imported.
    await pic.delete(f"/points/{world['shown']['id']}/photos/{world['photo']}")
    back = await pic.patch(at(world["taken-out"]), json={"properties": {"address": "Balai RW 3"}}, headers={"If-Match": '"1"'})
    await walidata.post(decision_of(back.json()), json=PUBLISH)
    rows = table(*(posyandu(n) for n in range(3)))
    assert (await committed(pic, await judged(pic, rows)))["committed"]["stored"] == 3
    assert await looked(database) == []


async def test_samples_that_are_cleared_are_not_missing(database: Settings) -> None:
    async with open_once(database.owner_dsn) as session:
        boundaries = await boundary_queries.active_boundaries(session)
        features = samples.sample_features(await all_regions(session), boundaries)[:12]
        assert await samples.load(session, features, [boundary.code for boundary in boundaries]) == 12
    assert await looked(database) == []
    async with open_once(database.owner_dsn) as session:
        await samples.clear(session)
        assert await value(session, "SELECT count(*) FROM titik.revision") == 0
    assert await looked(database) == []


# -- what was written before there were hashes


async def forgotten(settings: Settings) -> None:
    """The audit as 0.1.0 wrote it, sealed."""
    async with open_once(settings.owner_dsn) as session:
        await execute(session, "TRUNCATE titik.audit_seal")
        await execute(session, "UPDATE titik.audit SET detail = detail - 'sha256', at = at - interval '3 days'")
        await seal_all(session)


async def test_older_revisions_are_counted_and_what_can_be_is_checked(world: World, database: Settings) -> None:
    await forgotten(database)
    number = await counted(database)
    found = [finding for finding in await looked(database) if finding.code != "row-late"]
    assert [(finding.code, finding.subject, finding.is_note) for finding in found] == [("revision-unproven", str(number), True)]
    # From the next deed on a revision has its hash.
    await world["walidata"].post(decision_of(world["waiting"]), json=PUBLISH)
    assert ("revision-unproven", str(number - 1)) in {(finding.code, finding.subject) for finding in await looked(database)}
    async with open_once(database.owner_dsn) as session:
        await execute(session, "SAVEPOINT clean")
        waiting, plain = world["waiting"]["properties"]["revision"], world["plain"]["properties"]["revision"]
        await execute(session, f"UPDATE titik.revision SET name = 'Palsu' WHERE id = '{waiting}'")
        await execute(session, f"UPDATE titik.revision SET state = 'submitted' WHERE id = '{plain}'")
        named = {(finding.code, finding.subject) for finding in await examine(session)}
        assert {("revision-rewritten", waiting), ("revision-state", plain)} <= named
        await execute(session, "ROLLBACK TO clean")


async def test_a_row_without_a_hash_takes_no_proof_away(world: World, database: Settings) -> None:
    """Neither of a revision that has one, nor of one that was made when all had."""
    revision = world["plain"]["properties"]["revision"]
    copied = "INSERT INTO titik.audit (account_id, action, subject, kelurahan, detail) SELECT account_id, action, subject, kelurahan, detail - 'sha256' FROM titik.audit"
    async with open_once(database.owner_dsn) as session:
        await execute(session, "SAVEPOINT clean")
        await execute(session, f"{copied} WHERE subject = '{revision}' ORDER BY id DESC LIMIT 1")
        await execute(session, f"UPDATE titik.revision SET name = 'Palsu' WHERE id = '{revision}'")
        assert ("revision-rewritten", revision) in {(finding.code, finding.subject) for finding in await examine(session)}
        await execute(session, "ROLLBACK TO clean")
        await execute(session, "UPDATE titik.audit SET at = at - interval '2 days'")
        await execute(session, f"UPDATE titik.audit SET detail = detail - 'sha256', at = now() WHERE subject = '{revision}'")
        assert [(finding.code, finding.subject) for finding in await examine(session)] == [("revision-unrecorded", revision)]
        await execute(session, "ROLLBACK TO clean")


async def counted(settings: Settings) -> int:
    async with open_once(settings.owner_dsn) as session:
        return int(await value(session, "SELECT count(*) FROM titik.revision"))


async def test_a_long_list_is_cut_off(world: World, database: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tampering, "MOST", 3)
    monkeypatch.setattr(tampering, "AT_ONCE", 2)
    async with open_once(database.owner_dsn) as session:
        await execute(session, "SAVEPOINT clean")
        await execute(session, "UPDATE titik.revision SET name = 'Palsu'")
        found = [finding.code for finding in await examine(session)]
        await execute(session, "ROLLBACK TO clean")
    assert 3 <= found.count("revision-rewritten") <= 4
    assert 3 <= found.count("item-rewritten") <= 4
