"""`titik …`: what an operator does, over the same services as HTTP. No command prompts; all end with 1 after a clear message."""

import asyncio
import sys
from importlib.resources import files
from typing import Annotated

import asyncpg
import typer
from rich.markup import escape
from rich.table import Table

from app import __version__
from app.cli.accounts import account, token
from app.cli.boundaries import boundaries
from app.cli.categories import category
from app.cli.common import LANGUAGE, can_print, say, show
from app.cli.points import points
from app.cli.records import audit, contacts, demo, progress, published
from app.cli.regions import city, regions
from app.errors import OperatorError, TitikError
from app.language import Text
from app.log import forgiving
from app.messages import PROBLEMS, say_fault
from app.operator import operation

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Titik: peta bersama kelurahan.")
db = typer.Typer(no_args_is_help=True, help="Skema basis data · the database schema")
for name, group in (
    ("db", db), ("regions", regions), ("city", city), ("boundaries", boundaries), ("category", category), ("account", account), ("token", token),
    ("demo", demo), ("published", published), ("progress", progress), ("audit", audit), ("contacts", contacts),
    ("points", points),
):  # fmt: skip
    app.add_typer(group, name=name)

MARKS = {"well": "✓", "note": "!", "unwell": "✗"}
PLAIN_MARKS = {"well": "ok", "note": "!", "unwell": "X"}
UNWELL = Text("Ada yang perlu dibenahi ({mark}).", "Something needs mending ({mark}).")
DATABASE_REFUSED = Text(
    "Basis data menolak ({state}): {message}. Tidak ada yang berubah.", "The database refused ({state}): {message}. Nothing was changed."
)


def main() -> None:
    """The console command: errors of the operator become one message and exit status 1."""
    for stream in (sys.stdout, sys.stderr):
        forgiving(stream)
    try:
        app()
    except OperatorError as error:
        say(error.text, **error.facts)
        sys.exit(1)
    except TitikError as error:
        _tell(error)
        sys.exit(1)
    except asyncpg.PostgresError as error:
        # Its detail would show the row, and with it what people wrote.
        say(DATABASE_REFUSED, state=error.sqlstate, message=error.message if hasattr(error, "message") else type(error).__name__)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _tell(error: TitikError) -> None:
    """What is wrong, value by value: each with the name that it has on the command line or in the file."""
    message = PROBLEMS[error.code]
    faults = [(fault.where.removeprefix("/"), say_fault(fault.code, fault.facts, LANGUAGE)) for fault in error.faults]
    sentences = [": ".join(filter(None, parts)) for parts in faults]
    for sentence in filter(None, (message.detail.say(LANGUAGE, error.facts), *sentences, message.hint.say(LANGUAGE, error.facts))):
        say(Text(sentence, sentence))


def _show_version(is_wanted: bool | None) -> None:  # noqa: FBT001 - as the library calls it
    if is_wanted:
        print(f"titik {__version__}")  # noqa: T201 - the answer itself
        raise typer.Exit


@app.callback()
def titik(
    version: Annotated[bool | None, typer.Option("--version", callback=_show_version, is_eager=True, help="Versi · the version")] = None,
) -> None:
    """Titik: peta bersama kelurahan · the shared map of the kelurahan."""


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Alamat · address")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Proses · processes")] = 1,
    demo: Annotated[bool, typer.Option("--demo", help="Isi data contoh · fill in sample data")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Jalankan layanan · run the service."""
    from app.server.serving import Serving, serve  # noqa: PLC0415 - other commands need no web server

    serve(operation.read_settings(), Serving(host, port, workers, demo), say)


@db.command("upgrade")
def db_upgrade() -> None:
    """Perbarui skema · bring the schema up to date."""
    with operation.database(operation.read_settings(), say) as settings:
        changed = operation.upgrade(settings, say)
    say(Text("Skema diperbarui.", "Schema brought up to date.") if changed else Text("Skema sudah terbaru.", "The schema is up to date."))


@db.command("roles")
def db_roles() -> None:
    """Cetak SQL untuk superuser: peran dan ekstensi · print the SQL for a superuser: roles and extensions."""
    print(files("app.cluster").joinpath("roles.sql").read_text("utf-8"), end="")  # noqa: T201 - the answer itself


@db.command("status")
def db_status() -> None:
    """Tampilkan versi skema · show the version of the schema; exit 1 when it is behind."""
    with operation.database(operation.read_settings(), say) as settings:
        standing, head = operation.database_state(operation.owner_dsn(settings)), operation.migration_head()
    print(f"schema {standing.revision or '-'} head {head}")  # noqa: T201 - the answer itself
    if standing.revision != head:
        raise OperatorError("schema-behind", Text("Jalankan: titik db upgrade", "Run: titik db upgrade"))


@app.command()
def doctor() -> None:
    """Periksa versi, skema, dan indeks · versions, schema, what is missing; exit 1 where something is."""
    from app.operator import doctor as health  # noqa: PLC0415
    from app.photos.storing import photo_store  # noqa: PLC0415

    with operation.database(operation.read_settings(), say) as settings:
        url = operation.owner_dsn(settings)
        schema = health.Schema(operation.database_state(url).revision, operation.migration_head())
        found = asyncio.run(health.examine(url, schema, photo_store(settings), settings.spool_directory))
    marks = MARKS if can_print("".join(MARKS.values())) else PLAIN_MARKS
    table = Table(show_header=False)
    for line in found:
        table.add_row(marks[line.mark], *(escape(text.say(LANGUAGE)) for text in (line.what, line.found)))
    show(table)
    if any(line.mark == "unwell" for line in found):
        raise OperatorError("unwell", UNWELL, mark=marks["unwell"])
