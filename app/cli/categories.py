"""`titik category …`: what is counted, from a JSON file; what an administrator does over HTTP."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import orjson
import typer

from app.cli.common import LANGUAGE, as_owner, say, show, table
from app.db import WriteSession
from app.definitions import queries, service, working
from app.definitions.examining import Examination
from app.definitions.schemas import ChangeReport, Definition
from app.definitions.service import Saved
from app.errors import Conflict, NotFound, OperatorError, TitikError
from app.language import Text
from app.operator import operation
from app.published import awareness
from app.settings import Settings
from app.wire import parse, read_json

category = typer.Typer(no_args_is_help=True, help="Kategori · categories")

File = Annotated[Path, typer.Argument(help="Berkas JSON, seperti keluaran show · a JSON file, as show prints it")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Hanya tunjukkan akibatnya · only tell what it would do")]
ShowOption = Annotated[bool, typer.Option("--show", help="Boleh memperlihatkan yang tersembunyi · it may show what was hidden")]
LimitOption = Annotated[
    int,
    typer.Option(
        min=1,
        max=1_000_000,
        help="Paling banyak titik yang disebut bila ada yang tidak cocok · name at most so many points that would not fit",
    ),
]

MOST_BYTES = 1_048_576
NO_LIMIT_S = 86_400.0
UNREADABLE = Text("{file} tidak dapat dibaca, atau lebih besar dari 1 MB.", "{file} cannot be read, or has more than 1 MB.")
ADDED = Text("Kategori {name} ditambahkan: sudah menjadi koleksi.", "Category {name} added: it is a collection now.")
CHANGED = Text("Kategori {name} diubah, versi {version}.", "Category {name} changed, version {version}.")
SAME = Text("Tidak ada yang berubah pada kategori {name}.", "Nothing has changed in category {name}.")
POSSIBLE = Text("Dapat dilakukan. Tidak ada yang diubah.", "This can be done. Nothing was changed.")
MISFITS = Text("{number} titik tidak cocok lagi:", "{number} {number:point|points} would not fit:")
MORE_MISFITS = Text("  {listed} yang pertama. Semuanya: --limit {number}", "  the first {listed}. All of them: --limit {number}")
MISFIT = Text("  {point} ({kelurahan}): {fields}", "  {point} ({kelurahan}): {fields}")
REWRITTEN = Text("{number} titik terbit dibuat ulang.", "{number} published {number:point|points} made anew.")
STEPPING = Text("{done} dari {total} titik dibuat ulang.", "{done} of {total} {total:point|points} made anew.")
BEHIND = Text(
    "Satu proses layanan belum mendengar perubahan ini; paling lama 20 detik lagi.",
    "One process of the service has not heard of this change yet; it takes 20 s at most.",
)
EFFECTS = {
    "widens": Text("melonggarkan", "widens"),
    "narrows": Text("mempersempit", "narrows"),
    "shows": Text("memperlihatkan", "shows"),
    "hides": Text("menyembunyikan", "hides"),
    "changes": Text("mengubah", "changes"),
}
ID, TITLE, AUDIENCE, VERSION, ATTRIBUTES = (
    Text("id", "id"), Text("nama", "title"), Text("untuk", "audience"), Text("versi", "version"), Text("isian", "attributes")
)  # fmt: skip


@category.command("list")
def category_list() -> None:
    """Daftar kategori · the categories."""
    rows = as_owner(lambda session, _: session.all(queries.ALL))
    listed = table(ID, TITLE, AUDIENCE, VERSION, ATTRIBUTES)
    for row in rows:
        number = len(row["attribute_schema"].get("properties", {}))
        listed.add_row(row["id"], row["title"][LANGUAGE], row["audience"], str(row["version"]), str(number))
    show(listed)


@category.command("show")
def category_show(name: Annotated[str, typer.Argument(help="Id kategori · id of the category")]) -> None:
    """Cetak definisinya sebagai JSON, untuk diubah dan dikirim lagi · print its definition as JSON, to be changed and sent again."""
    row = as_owner(lambda session, _: session.first(queries.ONE, category=name))
    if row is None:
        raise NotFound("category-unknown")
    print(orjson.dumps(service.answer_of(row), option=orjson.OPT_INDENT_2).decode())  # noqa: T201 - the answer itself


@category.command("add")
def category_add(file: File, dry_run: DryRunOption = False) -> None:  # noqa: FBT002 - a flag
    """Tambah kategori dari berkas JSON · add a category from a JSON file."""
    definition = _definition(file)
    saved = as_owner(lambda session, _: service.add(session, None, definition, dry_run=dry_run))
    if dry_run:
        say(POSSIBLE)
        return
    say(ADDED if saved.stored else SAME, name=definition.id)
    _wait(saved)


@category.command("set")
def category_set(file: File, dry_run: DryRunOption = False, show_hidden: ShowOption = False, limit: LimitOption = 20) -> None:  # noqa: FBT002 - flags
    """Ubah kategori menjadi seperti berkas JSON ini · make the category what this JSON file says."""
    definition = _definition(file)
    # As `show` prints it, a file says which version it was made from.
    versions = [definition.version] if definition.version else None

    async def work(session: WriteSession, _settings: Settings) -> Saved:
        return await service.change(
            session,
            None,
            definition.id,
            definition,
            versions=versions,
            dry_run=dry_run,
            show=show_hidden,
            examination=Examination(NO_LIMIT_S, limit),
        )

    try:
        saved = as_owner(work)
    except Conflict as error:
        _show_misfits(error)
        raise
    _show_report(saved.report)
    if dry_run:
        if not saved.report["possible"]:
            raise OperatorError("category-misfits", MISFITS, number=saved.report["misfits"]["number"])
        say(POSSIBLE)
        return
    if saved.stored:
        say(CHANGED, name=definition.id, version=saved.category["version"])
    else:
        say(SAME, name=definition.id)
    _wait(saved)


def _definition(file: Path) -> Definition:
    """`Invalid` where it is no definition, with the places that are wrong."""
    try:
        with file.open("rb") as opened:
            text = opened.read(MOST_BYTES + 1)
    except OSError:
        text = b""
    if not text or len(text) > MOST_BYTES:
        raise OperatorError("file", UNREADABLE, file=file)
    return parse(Definition, read_json(text))


def _show_report(report: ChangeReport) -> None:
    for one in report["differences"]:
        print(f"{EFFECTS[one['effect']].say(LANGUAGE)} {one['pointer']}")  # noqa: T201 - the answer itself
    _show_examples(report["misfits"]["number"], report["misfits"]["examples"])
    if report["rewritten"]:
        say(REWRITTEN, number=report["rewritten"])


def _show_misfits(error: TitikError) -> None:
    misfits = error.members.get("misfits")
    if isinstance(misfits, dict):
        _show_examples(misfits["number"], misfits["examples"])


def _show_examples(number: int, examples: Sequence[object]) -> None:
    if number:
        say(MISFITS, number=number)
    for one in examples:
        if isinstance(one, dict):
            say(MISFIT, point=one["point"], kelurahan=one["kelurahan"], fields=" ".join(one["fields"]))
    if number > len(examples):
        say(MORE_MISFITS, listed=len(examples), number=number)


def _wait(saved: Saved) -> None:
    """Until all workers know of it, and the items of a large category have been made anew: here, or by a service that has taken that up. Also
    those of an earlier change that nobody has brought to its end.
    """
    if saved.stored and not as_owner(lambda session, _: awareness.all_know(session)):
        say(BEHIND)
    if as_owner(lambda session, _: session.first(queries.STEPS, category=saved.category["id"])) is None:
        return
    with operation.database(operation.read_settings(), say) as settings:
        asyncio.run(
            working.work(operation.owner_dsn(settings), saved.category["id"], lambda done, total: say(STEPPING, done=done, total=total))
        )
