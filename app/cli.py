"""`titik …`: what an operator does, over the same services as HTTP. No command prompts; all end with 1 after a clear message."""

import asyncio
import json
import os
import re
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar, get_args

import asyncpg
import typer
from rich.console import Console
from rich.table import Table

from app import operation, sealing
from app.accounts import service as accounts
from app.accounts.rights import Role
from app.boundaries import queries as edition_queries
from app.db import WriteSession, open_once
from app.errors import OperatorError, TitikError
from app.language import Text, of_terminal
from app.messages import FAULTS, PROBLEMS
from app.points.judging import Rejudged, judge_all_again
from app.published import projection
from app.regions.queries import all_regions
from app.settings import Settings

if TYPE_CHECKING:
    from app.boundaries.checking import Finding

Result = TypeVar("Result")

LANGUAGE = of_terminal(os.environ)
# Progress and reports are for people and go to standard error; standard output has only what was asked for.
console = Console(stderr=True, highlight=False)

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Titik: peta bersama kelurahan.")
db = typer.Typer(no_args_is_help=True, help="Skema basis data · the database schema")
boundaries = typer.Typer(no_args_is_help=True, help="Batas kelurahan · boundary editions")
account = typer.Typer(no_args_is_help=True, help="Akun · accounts")
token = typer.Typer(no_args_is_help=True, help="Token API · API tokens")
demo = typer.Typer(no_args_is_help=True, help="Data contoh · sample data")
published = typer.Typer(no_args_is_help=True, help="Bagian yang terbit · the published half")
contacts = typer.Typer(no_args_is_help=True, help="Kontak orang · contacts of people")
audit = typer.Typer(no_args_is_help=True, help="Rantai audit · the chain of the audit")
for name, group in (
    ("db", db), ("boundaries", boundaries), ("account", account), ("token", token), ("demo", demo), ("published", published),
    ("audit", audit), ("contacts", contacts),
):  # fmt: skip
    app.add_typer(group, name=name)


def say(text: Text, **facts: object) -> None:
    console.print(text.say(LANGUAGE, facts), markup=False, soft_wrap=True)


def main() -> None:
    """The console command: errors of the operator become one message and exit status 1."""
    try:
        app()
    except OperatorError as error:
        say(error.text, **error.facts)
        sys.exit(1)
    except TitikError as error:
        say(PROBLEMS[error.code].detail, **error.facts)
        for fault in error.faults:
            say(FAULTS[fault.code], **fault.facts)
        sys.exit(1)
    except asyncpg.PostgresError as error:
        # Its detail would show the row, and with it what people wrote.
        say(DATABASE_REFUSED, state=error.sqlstate, message=error.message if hasattr(error, "message") else type(error).__name__)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def as_owner(work: Callable[[WriteSession, Settings], Awaitable[Result]]) -> Result:
    """Runs `work` in one transaction of the owner role, on whatever database there is, its schema up to date."""

    async def run(settings: Settings) -> Result:
        async with open_once(operation.owner_dsn(settings)) as session:
            return await work(session, settings)

    with operation.database(operation.read_settings(), say) as settings:
        operation.upgrade(settings, say)
        return asyncio.run(run(settings))


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Alamat · address")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Proses · processes")] = 1,
    demo: Annotated[bool, typer.Option("--demo", help="Isi data contoh · fill in sample data")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Jalankan layanan · run the service."""
    from app.serving import Serving, serve  # noqa: PLC0415 - other commands need no web server

    serve(operation.read_settings(), Serving(host, port, workers, demo), say)


@db.command("upgrade")
def db_upgrade() -> None:
    """Perbarui skema · bring the schema up to date."""
    with operation.database(operation.read_settings(), say) as settings:
        changed = operation.upgrade(settings, say)
    say(Text("Skema diperbarui.", "Schema brought up to date.") if changed else Text("Skema sudah terbaru.", "The schema is up to date."))


@db.command("status")
def db_status() -> None:
    """Tampilkan versi skema · show the version of the schema; exit 1 when it is behind."""
    with operation.database(operation.read_settings(), say) as settings:
        standing, head = operation.standing(operation.owner_dsn(settings)), operation.migration_head()
    print(f"schema {standing.revision or '-'} head {head}")  # noqa: T201 - the answer itself
    if standing.revision != head:
        raise OperatorError("schema-behind", Text("Jalankan: titik db upgrade", "Run: titik db upgrade"))


@boundaries.command("load")
def boundaries_load(
    file: Annotated[Path, typer.Argument(help="Berkas vektor apa pun yang dibaca GDAL · any vector file that GDAL reads")],
    edition: Annotated[str | None, typer.Option(help="Nama edisi · name of the edition")] = None,
    accuracy_m: Annotated[float, typer.Option(min=0.1, max=10_000, help="Ketelitian garis, meter · accuracy of the lines, metres")] = 10.0,
    map: Annotated[list[str] | None, typer.Option(help="FIELD=COLUMN; FIELD: code, bps_code, name, kecamatan")] = None,  # noqa: A002 - the option's name
    layer: Annotated[str | None, typer.Option(help="Lapisan · layer")] = None,
    source: Annotated[str | None, typer.Option(help="Sumber · source")] = None,
    legal_basis: Annotated[str | None, typer.Option(help="Dasar hukum · legal basis")] = None,
    activate: Annotated[bool, typer.Option("--activate", help="Langsung pakai · use it at once")] = False,  # noqa: FBT002
    valid_from: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Berlaku sejak · valid from")] = None,
    incomplete: Annotated[bool, typer.Option("--incomplete", help="Terima walau tidak lengkap · accept it though incomplete")] = False,  # noqa: FBT002
) -> None:
    """Muat edisi batas dan laporkan isinya · load a boundary edition and report on it."""
    from app.boundaries.checking import check  # noqa: PLC0415 - reading vector files takes a second to import
    from app.boundaries.loading import read_boundaries  # noqa: PLC0415
    from app.boundaries.service import EditionFacts  # noqa: PLC0415
    from app.boundaries.service import activate as activate_edition  # noqa: PLC0415
    from app.boundaries.service import load as load_edition  # noqa: PLC0415

    mapping = dict(_pair(one) for one in map or ())

    async def work(session: WriteSession, _settings: Settings) -> Rejudged | None:
        regions = await all_regions(session)
        loaded = read_boundaries(file, regions, mapping=mapping, layer=layer)
        report = check(loaded.boundaries, regions)
        _show_findings((*loaded.notes, *report.findings))
        if not report.complete and not incomplete:
            raise OperatorError("edition-incomplete", INCOMPLETE)
        if any(finding.code != "missing" for finding in report.errors):
            raise OperatorError("edition-unsound", UNSOUND)
        facts = EditionFacts(
            edition or file.stem,
            source or file.name,
            accuracy_m,
            legal_basis=legal_basis,
            valid_from=valid_from.date() if valid_from else None,
            file_sha256=loaded.sha256,
        )
        await load_edition(session, facts, loaded.boundaries, report)
        return await activate_edition(session, facts.name) if activate else None

    rejudged = as_owner(work)
    say(LOADED, name=edition or file.stem)
    _settle(rejudged) if rejudged else say(NOT_ACTIVE, name=edition or file.stem)


@boundaries.command("activate")
def boundaries_activate(name: Annotated[str, typer.Argument(help="Nama edisi · name of the edition")]) -> None:
    """Pakai edisi ini; semua titik dinilai ulang · use this edition; all points are judged again."""
    from app.boundaries.service import activate  # noqa: PLC0415

    async def work(session: WriteSession, _settings: Settings) -> Rejudged:
        return await activate(session, name)

    _settle(as_owner(work))


@boundaries.command("list")
def boundaries_list() -> None:
    """Daftar edisi batas · the boundary editions."""
    rows = as_owner(lambda session, _: session.all(edition_queries.LIST))
    table = Table("edisi", "kelurahan", "ketelitian (m)", "aktif", "perkiraan", "sumber", box=None, padding=(0, 2, 0, 0))
    for row in rows:
        yes = ("ya" if row["active"] else "", "ya" if row["approximate"] else "")
        table.add_row(row["name"], str(row["kelurahan"]), f"{row['accuracy_m']:g}", *yes, row["source"])
    Console(width=None if sys.stdout.isatty() else 200).print(table)


@account.command("add")
def account_add(
    name: Annotated[str, typer.Argument(help="Nama akun · account name")],
    role: Annotated[str, typer.Option(help=" | ".join(get_args(Role)))],
    kelurahan: Annotated[list[str] | None, typer.Option(help="Kode kelurahan; hanya untuk pic · code; for pic only")] = None,
) -> None:
    """Tambah akun · add an account."""
    if role not in get_args(Role):
        raise OperatorError("role-unknown", ROLE_UNKNOWN, roles=", ".join(get_args(Role)))
    role_word: Role = role  # type: ignore[assignment]  # checked just above

    async def work(session: WriteSession, _settings: Settings) -> int:
        return await accounts.add_account(session, name, role_word, kelurahan or [])

    as_owner(work)
    say(
        Text("Akun {name} dibuat. Tokennya: titik token issue {name}", "Account {name} added. Its token: titik token issue {name}"),
        name=name,
    )


@token.command("issue")
def token_issue(
    name: Annotated[str, typer.Argument(help="Nama akun · account name")],
    expires: Annotated[str, typer.Option(help="Masa berlaku, misalnya 90d, 12h · how long it is valid")] = "90d",
) -> None:
    """Cetak token baru, hanya tokennya · print a new token and nothing else; it is shown this once only."""
    seconds = _seconds(expires)

    async def work(session: WriteSession, settings: Settings) -> str:
        return await accounts.issue_token(session, settings.secret, name, seconds)

    print(as_owner(work))  # noqa: T201 - the answer itself


@demo.command("load")
def demo_load() -> None:
    """Isi titik contoh · fill in sample points."""
    from app.demo import trial  # noqa: PLC0415

    number = as_owner(lambda session, _: trial.load_samples(session, say))
    say(Text("{number} titik contoh diisi.", "{number} sample points filled in."), number=number)


@demo.command("clear")
def demo_clear() -> None:
    """Hapus titik contoh · take the sample points out."""
    from app.demo import points  # noqa: PLC0415

    as_owner(lambda session, _: points.clear(session))
    say(Text("Titik contoh dihapus.", "The sample points are gone."))


@published.command("rebuild")
def published_rebuild() -> None:
    """Buat ulang bagian terbit dari revisi terbit · make the published half anew."""
    number = as_owner(lambda session, _: projection.rebuild(session))
    say(Text("{number} titik terbit dibuat ulang.", "{number} published points made anew."), number=number)


@audit.command("verify")
def audit_verify(
    heads: Annotated[Path | None, typer.Option("--heads", help="Berkas baris dari titik audit head · file of lines from it")] = None,
) -> None:
    """Periksa seluruh rantai audit · verify the whole chain; exit 1 where a row was changed, is missing or was moved."""
    known = _heads(heads) if heads else []
    as_owner(lambda session, _: sealing.seal_all(session))

    async def work(session: WriteSession, settings: Settings) -> tuple[list[sealing.Finding], sealing.Head | None]:
        findings = await sealing.verify(session, known, settings.secret)
        return findings, None if findings else await sealing.head(session, None, settings.secret)

    findings, head = as_owner(work)
    for finding in findings:
        say(finding.text)
    if findings:
        raise OperatorError("audit-unsound", AUDIT_UNSOUND, number=len(findings))
    say(AUDIT_SOUND, number=head.position if head else 0, head=head.chain if head else "-")


@audit.command("head")
def audit_head(day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Hari, UTC · day")] = None) -> None:
    """Cetak kepala rantai, ditandatangani, untuk disimpan di tempat lain · print the signed head, to be kept elsewhere."""
    head = as_owner(lambda session, settings: sealing.head(session, day.date() if day else None, settings.secret))
    if head is None:
        raise OperatorError("audit-empty", Text("Belum ada baris audit yang disegel.", "No audit row has been sealed yet."))
    print(json.dumps(head._asdict()))  # noqa: T201 - the answer itself


@contacts.command("purge")
def contacts_purge(
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Yang berakhir sebelum hari ini · ended before")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Hanya hitung · only count")] = False,  # noqa: FBT002
) -> None:
    """Hapus kontak yang masa jabatannya berakhir · delete the contacts whose term has ended."""
    from app.contacts import service  # noqa: PLC0415

    day = (on or datetime.now(UTC)).date()
    numbers = as_owner(lambda session, _: service.purge(session, day, keep=dry_run))
    for kelurahan, number in numbers.items():
        print(f"{kelurahan} {number}")  # noqa: T201 - the answer itself
    say(COUNTED if dry_run else PURGED, number=sum(numbers.values()))


@app.command()
def doctor() -> None:
    """Periksa versi, skema, dan indeks · versions, schema, what is missing; exit 1 where something is."""
    from app import health  # noqa: PLC0415

    with operation.database(operation.read_settings(), say) as settings:
        found = asyncio.run(health.examine(operation.owner_dsn(settings), operation.migration_head()))
    table = Table(show_header=False)
    for line in found:
        table.add_row("✓" if line.well else "✗", line.what, line.found)
    Console().print(table)
    if not all(line.well for line in found):
        raise OperatorError("unwell", Text("Ada yang perlu dibenahi (✗).", "Something needs mending (✗)."))


DATABASE_REFUSED = Text(
    "Basis data menolak ({state}): {message}. Tidak ada yang berubah.", "The database refused ({state}): {message}. Nothing was changed."
)
INCOMPLETE = Text(
    "Edisi ini tidak memuat semua kelurahan, jadi tidak dimuat. Lengkapi berkasnya, atau terima dengan --incomplete.",
    "This edition does not have every kelurahan, so it was not loaded. Complete the file, or accept it with --incomplete.",
)
UNSOUND = Text(
    "Edisi ini tidak dimuat karena kesalahan di atas (✗). Perbaiki berkasnya.",
    "This edition was not loaded, because of the errors above (✗). Correct the file.",
)
LOADED = Text("Edisi {name} dimuat.", "Edition {name} loaded.")
NOT_ACTIVE = Text(
    "Belum dipakai. Pakai dengan: titik boundaries activate '{name}'", "Not in use yet. Use it with: titik boundaries activate '{name}'"
)
REJUDGED = Text(
    "Edisi ini sekarang dipakai. {judged} titik dinilai ulang, {changed} berubah putusannya (lihat tabel titik.placement_change).",
    "This edition is now in use. {judged} points judged again, {changed} with another verdict (see the table titik.placement_change).",
)
ROLE_UNKNOWN = Text("Peran harus salah satu dari: {roles}.", "The role must be one of: {roles}.")
EXPIRES = Text("Tulis masa berlaku seperti 90d atau 12h.", "Write how long it is valid like 90d or 12h.")
MAPPING = Text("Tulis --map FIELD=COLUMN, misalnya --map code=KODE.", "Write --map FIELD=COLUMN, e.g. --map code=KODE.")
AUDIT_SOUND = Text("Rantai audit utuh: {number} baris, kepala {head}.", "The audit chain is sound: {number} rows, head {head}.")
AUDIT_UNSOUND = Text("Rantai audit tidak utuh: {number} temuan.", "The audit chain is not sound: {number} findings.")
HEADS = Text("{file} tidak berisi baris dari: titik audit head", "{file} does not hold lines from: titik audit head")
PURGED = Text("{number} kontak dihapus.", "{number} contacts deleted.")
COUNTED = Text("{number} kontak akan dihapus.", "{number} contacts would be deleted.")
IN_FLIGHT_S = 0.5
_UNITS = {"h": 3600.0, "d": 86_400.0, "w": 604_800.0}


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d{1,4})([hdw])", text)
    if not found or int(found[1]) == 0:
        raise OperatorError("expires", EXPIRES)
    return int(found[1]) * _UNITS[found[2]]


def _pair(text: str) -> tuple[str, str]:
    field, equals, column = text.partition("=")
    if not equals or not field or not column:
        raise OperatorError("mapping", MAPPING)
    return field, column


def _heads(file: Path) -> list[sealing.Head]:
    try:
        return [sealing.read_head(line) for line in file.read_text().splitlines() if line.strip()]
    except (OSError, ValueError):
        raise OperatorError("heads", HEADS, file=file) from None


def _show_findings(findings: Sequence["Finding"]) -> None:
    marks = {"error": "[red]✗[/red]", "warning": "[yellow]![/yellow]", "info": "·"}
    for finding in findings:
        console.print(marks[finding.severity], end=" ")
        console.print(finding.say(LANGUAGE), markup=False, soft_wrap=True)


def _settle(rejudged: Rejudged) -> None:
    """Judges also what was being posted while the edition changed: placed by the former one, committed after the change."""
    time.sleep(IN_FLIGHT_S)
    late = as_owner(lambda session, _: judge_all_again(session))
    say(REJUDGED, judged=rejudged.judged + late.judged, changed=rejudged.changed + late.changed)
