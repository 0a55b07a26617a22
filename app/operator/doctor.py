"""What `titik doctor` looks at: versions, schema, roles, indexes, the active edition."""

import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple, TypedDict

from app.background.private_places import can_spool
from app.connections import open_once
from app.db import Row, Session
from app.imports import queries as transfers
from app.language import Text
from app.placement.edition import CITIES_WITHOUT
from app.statement import Statement
from app.storage.blobs import Store, try_out


class ServerFacts(TypedDict):
    postgresql: str
    jit_off: bool
    checksums: bool
    durable: bool
    roles_missing: str | None
    extensions_missing: str | None


class SpatialVersions(TypedDict):
    postgis: str
    geos: str


class EditionInUse(TypedDict):
    name: str
    accuracy_m: float
    approximate: bool
    complete: bool


CheckMark = Literal["well", "note", "unwell"]


class Line(NamedTuple):
    """One thing that was looked at, and whether it is as it should be; a note is worth knowing, and no fault."""

    what: Text
    found: Text
    mark: CheckMark


class Schema(NamedTuple):
    """The migration of the database (None: there is no schema), and the newest of this program."""

    revision: str | None
    head: str


SERVER = Statement[ServerFacts]("""
    SELECT current_setting('server_version') AS postgresql, current_setting('jit') = 'off' AS jit_off,
           current_setting('data_checksums') = 'on' AS checksums,
           current_setting('fsync') = 'on' AND current_setting('synchronous_commit') <> 'off' AS durable,
           (SELECT string_agg(wanted.name, ', ') FROM unnest(ARRAY['titik_owner', 'titik_service', 'titik_public', 'titik_internal']) AS wanted (name)
             WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name)) AS roles_missing,
           (SELECT string_agg(wanted.name, ', ') FROM unnest(ARRAY['postgis', 'pg_trgm', 'btree_gist', 'unaccent']) AS wanted (name)
             WHERE NOT EXISTS (SELECT FROM pg_extension WHERE extname = wanted.name)) AS extensions_missing
""")
POSTGIS = Statement[SpatialVersions]("SELECT postgis_lib_version() AS postgis, postgis_geos_version() AS geos")
INVALID_INDEXES = Statement[str | None]("""
    SELECT string_agg(i.indexrelid::regclass::text, ', ') AS names FROM pg_index i
      JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('titik', 'published', 'internal') AND NOT i.indisvalid
""")
# Tiles find items by `quad`, not by `geom_mercator`.
UNINDEXED_GEOMETRIES = Statement[str | None]("""
    SELECT string_agg(format('%s.%s', g.f_table_schema, g.f_table_name), ', ') AS names FROM geometry_columns g
     WHERE g.f_table_schema IN ('titik', 'published', 'internal') AND g.f_geometry_column LIKE 'geom%'
       AND (g.f_table_name, g.f_geometry_column) <> ('item', 'geom_mercator')
       AND EXISTS (SELECT FROM pg_tables t WHERE t.schemaname = g.f_table_schema AND t.tablename = g.f_table_name)
       AND NOT EXISTS (SELECT FROM pg_indexes i WHERE i.schemaname = g.f_table_schema AND i.tablename = g.f_table_name
                          AND i.indexdef LIKE '%gist (' || g.f_geometry_column || ')%')
""")
JUDGED_BY_ANOTHER = Statement[int]("""
    SELECT count(*) FROM titik.revision
     WHERE state IN ('draft', 'submitted', 'returned', 'published')
       AND edition_id <> (SELECT id FROM titik.boundary_edition WHERE active)
""")
EDITION = Statement[EditionInUse]("""
    SELECT name, accuracy_m, approximate, complete FROM titik.boundary_edition WHERE active
""")

OK, ON, OFF = Text("baik", "ok"), Text("hidup", "on"), Text("mati", "off")
MISSING = Text(
    "tidak ada: {names}. Sebagai superuser: titik db roles | psql …", "missing: {names}. As a superuser: titik db roles | psql …"
)
NO_SCHEMA = Text("belum ada (terbaru {head}). Jalankan: titik db upgrade", "none (head {head}). Run: titik db upgrade")
OTHER_SCHEMA = Text("{revision} (terbaru {head}). Jalankan: titik db upgrade", "{revision} (head {head}). Run: titik db upgrade")
SCHEMA = Text("{revision} (terbaru {head})", "{revision} (head {head})")
NO_CHECKSUMS = Text(
    "mati: kerusakan disk tidak ketahuan. Dengan server dihentikan: pg_checksums --enable -D …",
    "off: a bad disk goes unnoticed. With the server stopped: pg_checksums --enable -D …",
)
JIT_ON = Text("hidup: memperlambat kueri pendek", "on: slows short queries")
NOT_DURABLE = Text("mati: titik yang sudah diterima dapat hilang", "off: acknowledged points may be lost")
NO_PHOTOS = Text("tidak dapat ditulis: lihat TITIK_PHOTO_STORE", "cannot be written: see TITIK_PHOTO_STORE")
NO_FILES = Text("tidak dapat ditulis di {directory}: lihat TITIK_DATA_DIR", "cannot be written in {directory}: see TITIK_DATA_DIR")
LOST_IMPORTS = Text(
    "{number} tanpa pekerjaan ({ids}): layanan memberinya saat dimulai lagi",
    "{number} without a job ({ids}): the service gives them one at its next start",
)
NO_EDITION = Text(
    "tidak ada edisi yang aktif: titik boundaries load BERKAS --activate", "no active edition: titik boundaries load FILE --activate"
)
APPROXIMATE, OFFICIAL = Text("{name}, perkiraan, {m:g} m", "{name}, approximate, {m:g} m"), Text("{name}, resmi, {m:g} m", "{name}, official, {m:g} m")  # fmt: skip
WITHOUT = Text(
    "belum ada untuk {names}: titik boundaries load BERKAS --activate, dengan semua kota dalam satu edisi",
    "none for {names}: titik boundaries load FILE --activate, with all cities in one edition",
)
UNJUDGED = Text(
    "{number} dari edisi lain: titik boundaries activate '{name}'", "{number} by another edition: titik boundaries activate '{name}'"
)


async def examine(owner_url: str, schema: Schema, photos: Store, spool: Path) -> list[Line]:
    """Reads only, but for a few bytes where photos are kept, and where files are put together (`spool`). What is missing is told, and what stands on that is not looked at."""
    keeps_photos, makes_files = await try_out(photos), can_spool(spool)
    async with open_once(owner_url) as session:
        server = await session.one(SERVER)
        lines = _server(server)
        if server["extensions_missing"] is None:
            versions = await session.one(POSTGIS)
            found = f"{versions['postgis']} (GEOS {versions['geos']})"
            lines.append(_line("PostGIS", _plain(found), tuple(map(int, versions["postgis"].split(".")[:2])) >= (3, 3)))
        lines += [
            _schema(schema),
            _line(Text("foto", "photos"), OK if keeps_photos else NO_PHOTOS, keeps_photos),
            _line(Text("berkas", "files"), OK if makes_files else NO_FILES.fill(directory=spool), makes_files),
        ]
        return lines + (await _content(session) if schema.revision == schema.head else [])


def _server(server: Row) -> list[Line]:
    no_roles, no_extensions = server["roles_missing"], server["extensions_missing"]
    return [
        _line("Python", _plain(platform.python_version()), is_well=True),
        _line("PostgreSQL", _plain(server["postgresql"]), int(server["postgresql"].split(".")[0]) >= 14),
        _line(Text("peran", "roles"), MISSING.fill(names=no_roles) if no_roles else OK, not no_roles),
        _line(Text("ekstensi", "extensions"), MISSING.fill(names=no_extensions) if no_extensions else OK, not no_extensions),
        _line("JIT", OFF if server["jit_off"] else JIT_ON, server["jit_off"]),
        Line(
            Text("checksum data", "data checksums"), ON if server["checksums"] else NO_CHECKSUMS, "well" if server["checksums"] else "note"
        ),
        _line(Text("ketahanan", "durability"), ON if server["durable"] else NOT_DURABLE, server["durable"]),
    ]


def _schema(schema: Schema) -> Line:
    sentence = NO_SCHEMA if schema.revision is None else SCHEMA if schema.revision == schema.head else OTHER_SCHEMA
    return _line(Text("skema", "schema"), sentence.fill(**schema._asdict()), schema.revision == schema.head)


async def _content(session: Session) -> list[Line]:
    """What lies in the schema of this program."""
    unfit: Sequence[str] = [names for one in (INVALID_INDEXES, UNINDEXED_GEOMETRIES) if (names := await session.value(one))]
    edition, unjudged = await session.first(EDITION), await session.value(JUDGED_BY_ANOTHER)
    lost = [str(row["id"]) for row in await session.all(transfers.LOST)]
    sentence = LOST_IMPORTS.fill(number=len(lost), ids=", ".join(lost[:5])) if lost else OK
    lines = [
        _line(Text("indeks", "indexes"), _plain(", ".join(unfit)) if unfit else OK, not unfit),
        _line(Text("impor", "imports"), sentence, not lost),
    ]
    if edition is None:
        return [*lines, _line(BOUNDARIES, NO_EDITION, is_well=False)]
    kind = APPROXIMATE if edition["approximate"] else OFFICIAL
    sentence = UNJUDGED.fill(number=unjudged, name=edition["name"]) if unjudged else OK
    if without := await session.value(CITIES_WITHOUT):
        lines.append(_line(BOUNDARIES, WITHOUT.fill(names=without), is_well=False))
    return [
        *lines,
        _line(BOUNDARIES, kind.fill(name=edition["name"], m=edition["accuracy_m"]), edition["complete"]),
        _line(Text("putusan", "verdicts"), sentence, not unjudged),
    ]


BOUNDARIES = Text("batas", "boundaries")


def _line(what: Text | str, found: Text, is_well: bool) -> Line:  # noqa: FBT001 - the finding
    return Line(_plain(what) if isinstance(what, str) else what, found, "well" if is_well else "unwell")


def _plain(fact: str) -> Text:
    """The same in both languages."""
    return Text(fact, fact)
