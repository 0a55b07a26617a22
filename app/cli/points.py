"""`titik points …`: files of points in and out, for the operator of the service."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import Iterator, Mapping
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from app.access.rights import Actor
from app.background import queueing
from app.background.children import environment_of, start
from app.cli.common import LANGUAGE, console, named_by_options, say, show, table
from app.connections import open_once
from app.db import Database, Row
from app.errors import OperatorError
from app.imports import queries, service
from app.imports.schemas import Committing, notes_json, problem_json, sentence
from app.language import Text
from app.operator import operation
from app.points import flagging
from app.points.personal import PERSONAL
from app.settings import Settings
from app.statement import Statement
from app.storage.disk import Upload
from app.wire import parse

points = typer.Typer(no_args_is_help=True, help="Titik sekaligus banyak · many points at once")

SHOWN = 20
BY = "--map"
CONTACTS_OPTIONS = {"contacts__legal_basis": "--contacts-basis", "contacts__term_ends_on": "--contacts-until"}
JUDGED_AGAIN = ("queued", "judging", "judged")
"""Where an outdated commit leaves an import: its job is in the queue, and a service may have taken it up by now."""
POLLED_S = 0.2
ACCOUNT = Statement("""
    SELECT a.id, a.name, a.role, ARRAY(SELECT k.kelurahan FROM titik.account_kelurahan k WHERE k.account_id = a.id) AS kelurahan,
           (SELECT sum(c.version) FROM titik.category c) AS categories
      FROM titik.account a WHERE a.name = :name AND a.active
""")
ACCOUNT_UNKNOWN = Text("Tidak ada akun aktif bernama {name}.", "There is no active account called {name}.")
FORMAT_UNKNOWN = Text(
    "Jenis berkas {name} tidak ditulis di sini. Yang ada: {known}.", "Files of the kind {name} are not written here. There is: {known}."
)
JUDGED = Text(
    "{rows} baris: {good} baik, {warned} perlu diperhatikan, {question} perlu dijawab, {fault} salah.",
    "{rows} {rows:row|rows}: {good} good, {warned} to look at, {question} to be answered, {fault} with faults.",
)
ONLY_JUDGED = Text(
    "Belum ada yang disimpan. Simpan yang baik dengan --commit good, atau semuanya dengan --commit all.",
    "Nothing was committed. Commit what is good with --commit good, or the whole file with --commit all.",
)
COMMITTED = Text(
    "{stored} titik disimpan dan menunggu pemeriksaan; {left_out} didahului orang lain.",
    "{stored} {stored:point is committed and waits|points are committed and wait} for review; {left_out} {left_out:was|were} overtaken.",
)
CONTACTS = Text(
    "Kontak: {added} baru, {changed} diperbarui, {same} sudah sama, {left_out} tidak muat.",
    "Contacts: {added} new, {changed} brought up to date, {same} the same, {left_out} without room.",
)
OUTDATED = Text(
    "Batas wilayah atau aturan kategori berubah sejak berkas ini diperiksa, jadi belum ada yang disimpan. Ini hasil pemeriksaan yang baru; bila sudah sesuai, jalankan perintah yang sama sekali lagi.",
    "Boundaries or the rules of the category have changed since this file was judged, so nothing was committed. This is what is found now; if that is right, run the same command once more.",
)
ROW, COLUMN, FINDING = Text("baris", "row"), Text("kolom", "column"), Text("temuan", "finding")
MAP_INVALID = Text(
    "{written}: tulis --map 'judul kolom=isian', misalnya --map 'Wilayah=kelurahan'; tanpa isian ('Catatan=') kolomnya tidak dibaca.",
    "{written}: write --map 'heading=field', e.g. --map 'Wilayah=kelurahan'; without a field ('Catatan=') the column is not read.",
)
MORE = Text("… dan {number} baris lagi.", "… and {number} more {number:row|rows}.")
WORKER_DIED = Text(
    "Pekerjaan berhenti sebelum selesai ({status}). Tidak ada yang tersimpan sebagian; coba lagi.",
    "The job has stopped before it was done ({status}). Nothing was committed by halves; try again.",
)
PERSONAL_LISTED = Text(
    "{number} titik memuat telepon, sebutan orang, atau nama di luar pola. Yang sudah terbit dapat dicabut walidata saat itu juga (unpublish).",
    "{number} {number:point has|points have} a telephone, a person's title or a name of their own. The walidata can take published ones out at once (unpublish).",
)
WRITTEN = Text("{number} titik ditulis ke {file}.", "{number} {number:point|points} written to {file}.")


@points.command("import")
def points_import(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, XLSX, ODS, GeoJSON, KML, GPX, GPKG, SHP (zip), FGB")],
    category: Annotated[str, typer.Option(help="Kategori · category")],
    account: Annotated[str, typer.Option(help="Akun yang mengirim · whose entry it is")],
    commit: Annotated[str | None, typer.Option(help="good | all: simpan · store")] = None,
    accept: Annotated[list[str] | None, typer.Option(help="repairs | near-duplicates | names")] = None,
    contacts_basis: Annotated[
        str | None, typer.Option(help="Simpan juga kontaknya: dasar hukum · keep the contacts too: legal basis")
    ] = None,
    contacts_until: Annotated[str | None, typer.Option(help="Akhir masa jabatan · end of the term, 2027-12-31")] = None,
    contacts_role: Annotated[str, typer.Option(help="Jabatan bila tidak disebut · office where none is said")] = "ketua",
    sheet: Annotated[str | None, typer.Option(help="Lembar atau lapisan · sheet or layer")] = None,
    mapped: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="JUDUL=ISIAN", help="Arti sebuah kolom; tanpa isian tidak dibaca · what a column is; without a field not read"
        ),
    ] = None,
) -> None:
    """Periksa berkas titik, dan simpan bila diminta · judge a file of points, and commit it if so asked."""
    body: dict[str, object] = {"rows": commit or "good", "accept": accept or []}
    if contacts_basis or contacts_until:
        terms = {"legal_basis": contacts_basis, "term_ends_on": contacts_until, "role": contacts_role}
        body["contacts"] = {name: value for name, value in terms.items() if value is not None}
    with named_by_options(rows="--commit", accept="--accept", contacts__role="--contacts-role", **CONTACTS_OPTIONS):
        committing = parse(Committing, body)
    options = {"sheet": sheet, "columns": dict(_mapped(one) for one in mapped or ())}
    with operation.database(operation.read_settings(), say) as settings:
        operation.require_schema(settings)
        asyncio.run(_import(settings, account, category, file, options, committing if commit else None))


def _mapped(text: str) -> tuple[str, str | None]:
    """A heading, which may hold a sign of equality itself, and its field."""
    heading, sign, field = text.rpartition("=")
    if not sign or not heading.strip():
        raise OperatorError("map-invalid", MAP_INVALID, written=text)
    return heading.strip(), field.strip() or None


async def _import(
    settings: Settings, account: str, category: str, file: Path, options: Mapping[str, object], committing: Committing | None
) -> None:
    url = operation.owner_dsn(settings)
    async with open_once(url) as session:
        row = await session.first(ACCOUNT, name=account)
        if row is None:
            raise OperatorError("account-unknown", ACCOUNT_UNKNOWN, name=account)
        actor = Actor(row["id"], row["name"], row["role"], tuple(row["kelurahan"]), row["categories"])
        with file.open("rb") as opened, named_by_options(columns=BY):
            begun = await service.begin(session, actor, category, file.name, Upload.of(opened), options, queued=False)
    import_id = begun["id"]
    await _judge(url, import_id, await _started(settings, import_id))
    if committing is None:
        say(ONLY_JUDGED)
        return
    async with open_once(url) as session:
        await service.confirm(session, actor, import_id, committing, queued=False)
    title = Text("Menyimpan", "Committing")
    committed = await _ended(url, import_id, title, await _started(settings, import_id), "committed", *JUDGED_AGAIN)
    if committed["state"] in JUDGED_AGAIN:
        async with open_once(url) as session:
            is_ours = await queueing.take_back(session, queueing.IMPORTS, str(import_id))
        await _judge(url, import_id, await _started(settings, import_id) if is_ours else None)
        raise OperatorError("import-outdated", OUTDATED)
    counts = dict(committed["found"]["committed"])
    contacts = counts.pop("contacts", None)
    say(COMMITTED, **counts)
    if contacts:
        say(CONTACTS, **contacts)


async def _judge(url: str, import_id: UUID, process: Process | None) -> None:
    judged = await _ended(url, import_id, Text("Memeriksa", "Judging"), process, "judged")
    counts = judged["found"]["counts"]
    await _show_findings(url, judged)
    say(JUDGED, rows=judged["found"]["rows"], **{level: counts[level] for level in ("good", "warned", "question", "fault")})


async def _started(settings: Settings, import_id: UUID) -> Process:
    """The job in a process of its own, as the service would run it."""
    return await start("app.imports.working", str(import_id), variables=environment_of(settings), stdout=None, stderr=None)


async def _ended(url: str, import_id: UUID, title: Text, process: Process | None, *states: str) -> Row:
    """The import once `process` has ended in one of the `states`, or a service has brought it there (None). Shows how far it has come."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,}"), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(title.say(LANGUAGE), total=None)
        ending: asyncio.Future[int] = asyncio.ensure_future(process.wait()) if process else asyncio.Future()
        while True:
            done, _ = await asyncio.wait((ending,), timeout=POLLED_S)
            async with open_once(url) as session:
                row = await session.one(queries.ONE, id=import_id)
            progress.update(task, completed=row["done"], total=row["total"])
            if done or (process is None and row["state"] in (*states, "failed")):
                break
    code = ending.result() if done else 0
    if code or row["state"] not in (*states, "failed"):
        raise OperatorError("worker-died", WORKER_DIED, status=code)
    if row["state"] == "failed":
        problem = problem_json(row["problem"], LANGUAGE)
        raise OperatorError(
            problem["code"], Text("{told}", "{told}"), told=" ".join(filter(None, (problem["detail"], problem.get("hint"))))
        )
    return row


async def _show_findings(url: str, judged: Row) -> None:
    for note in notes_json(judged["found"], LANGUAGE, BY):
        console.print(": ".join(filter(None, (", ".join(note["headers"]), note["detail"]))), markup=False, soft_wrap=True)
    async with open_once(url) as session:
        rows = await session.all(queries.REPORT, id=judged["id"], after=0, level=None, codes=None, limit=SHOWN)
    if not rows:
        return
    listed = table(ROW, COLUMN, FINDING)
    headers = [column["header"] for column in judged["found"]["columns"]]
    for row in rows:
        for finding in row["findings"] or ():
            column = headers[finding["column"]] if "column" in finding else ""
            listed.add_row(str(row["number"]), escape(column), escape(sentence(finding, LANGUAGE, BY)))
    show(listed)
    counts = judged["found"]["counts"]
    if (more := counts["warned"] + counts["question"] + counts["fault"] - len(rows)) > 0:
        say(MORE, number=more)


@points.command("personal")
def points_personal() -> None:
    """Titik yang teks umumnya memuat telepon atau sebutan orang · points whose public text tells of a person."""
    with operation.database(operation.read_settings(), say) as settings:
        operation.require_schema(settings)
        rows = asyncio.run(_personal(operation.owner_dsn(settings)))
    for row in rows:
        print(f"{row['state']}\t{row['category']}\t{row['kelurahan']} {row['kelurahan_name']}\t{row['point']}")  # noqa: T201 - the list itself
    say(PERSONAL_LISTED, number=len(rows))


async def _personal(url: str) -> list[Row]:
    async with open_once(url) as session:
        return await session.all(flagging.LIST, flag=PERSONAL)


@points.command("export")
def points_export(
    collection: Annotated[str, typer.Argument(help="Kategori, atau points · category, or points")],
    file: Annotated[Path, typer.Argument(dir_okay=False, help=".csv .geojsonl .fgb .gpkg .parquet .kml .xlsx")],
    internal: Annotated[bool, typer.Option("--internal", help="Isian internal, letak tepat · internal fields, exact places")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Tulis titik terbit ke berkas · write what is published into a file."""
    with operation.database(operation.read_settings(), say) as settings:
        operation.require_schema(settings)
        with _whole(file) as part:
            number = asyncio.run(_export(settings, collection, file, part, is_internal=internal))
    say(WRITTEN, number=number, file=file)


@contextmanager
def _whole(file: Path) -> Iterator[Path]:
    """Where to write it until it is whole: half a file would look like one to whatever takes it from here."""
    part = file.with_name(f".{file.name}.part")
    try:
        yield part
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


async def _export(settings: Settings, collection: str, file: Path, part: Path, *, is_internal: bool) -> int:
    from app.collections import kinds, selection  # noqa: PLC0415 - what writes files is large
    from app.collections.query import read  # noqa: PLC0415
    from app.exports.formats import FORMATS, Layer, LayerField  # noqa: PLC0415
    from app.published.catalogue import Catalogue, Half  # noqa: PLC0415

    wanted = next((one for one in FORMATS.values() if file.suffix == f".{one.extension}"), None)
    if wanted is None:
        raise OperatorError(
            "format-unknown", FORMAT_UNKNOWN, name=file.suffix or "-", known=", ".join(f".{one.extension}" for one in FORMATS.values())
        )
    half: Half = "internal" if is_internal else "published"
    database = await Database.connect(settings)
    try:
        catalogue = Catalogue(settings)
        async with catalogue.followed():
            known = catalogue.known
        one = kinds.one(known, half, collection)
        origin = one.source
        query = read({}, half, collection, origin.queryables, known.srids)
        names = [name for name in origin.queryables if name != "geometry"]
        fields = tuple(LayerField(name, origin.queryables[name].title, origin.queryables[name].kind) for name in names)  # type: ignore[arg-type]
        session = database.internal if is_internal else database.public
        number = one.standing(known).number
        layer = Layer(collection, one.title, fields, origin.geometry, number)
        rows = selection.rows(session, origin, query, layer, ready_made=wanted.ready_made)
        with part.open("wb") as opened:
            async with aclosing(rows), aclosing(wanted.write(layer, rows, settings.spool_directory, 4326)) as written:
                async for chunk in written:
                    opened.write(chunk)
    finally:
        await database.close()
    return number
