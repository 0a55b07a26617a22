"""What an operator does with what is stored: samples, the published half, contacts, the chain of the audit."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app.audit import findings, sealing
from app.cli.common import as_owner, say
from app.db import WriteSession
from app.errors import OperatorError
from app.language import Text
from app.operator import tampering
from app.progress import keeping
from app.published import projection
from app.settings import Settings

demo = typer.Typer(no_args_is_help=True, help="Data contoh · sample data")
published = typer.Typer(no_args_is_help=True, help="Bagian yang terbit · the published half")
progress = typer.Typer(no_args_is_help=True, help="Kemajuan kelurahan · how far kelurahan have come")
contacts = typer.Typer(no_args_is_help=True, help="Kontak orang · contacts of people")
audit = typer.Typer(no_args_is_help=True, help="Rantai audit · the chain of the audit")

AUDIT_SOUND = Text(
    "Rantai audit utuh: {number} baris, kepala {head}.", "The audit chain is sound: {number} {number:row|rows}, head {head}."
)
AUDIT_UNSOUND = Text("Rantai audit tidak utuh: {number} temuan.", "The audit chain is not sound: {number} {number:finding|findings}.")
HEADS = Text("{file} tidak berisi baris dari: titik audit head", "{file} does not hold lines from: titik audit head")
PURGED = Text("{number} kontak dihapus.", "{number} {number:contact|contacts} deleted.")
COUNTED = Text("{number} kontak akan dihapus.", "{number} {number:contact|contacts} would be deleted.")


@demo.command("load")
def demo_load() -> None:
    """Isi titik contoh · fill in sample points."""
    from app.demo import trial  # noqa: PLC0415

    number = as_owner(lambda session, _: trial.load_samples(session, say))
    say(Text("{number} titik contoh diisi.", "{number} sample {number:point|points} filled in."), number=number)


@demo.command("clear")
def demo_clear() -> None:
    """Hapus titik contoh · take the sample points out."""
    from app.demo import points  # noqa: PLC0415

    as_owner(lambda session, _: points.clear(session))
    say(Text("Titik contoh dihapus.", "The sample points are gone."))


@published.command("rebuild")
def published_rebuild() -> None:
    """Buat ulang bagian terbit dari revisi terbit · make the published half anew."""
    from app.published import areas  # noqa: PLC0415 - half a second that only what draws areas needs

    async def work(session: WriteSession, _settings: Settings) -> int:
        await areas.fill(session)
        return await projection.rebuild(session)

    number = as_owner(work)
    say(Text("{number} titik terbit dibuat ulang.", "{number} published {number:point|points} made anew."), number=number)


@progress.command("rebuild")
def progress_rebuild() -> None:
    """Hitung ulang kemajuan · count progress anew, and say how many counts were wrong."""
    number = as_owner(lambda session, _: keeping.rebuild(session))
    say(
        Text("{number} hitungan keliru dan dibetulkan.", "{number} {number:count was wrong and is|counts were wrong and are} right now."),
        number=number,
    )


@audit.command("verify")
def audit_verify(
    heads: Annotated[Path | None, typer.Option("--heads", help="Berkas baris dari titik audit head · file of lines from it")] = None,
) -> None:
    """Periksa rantai audit dan yang tersimpan · verify the chain, and that what is stored is what was written; exit 1 where it is not."""
    known = _heads(heads) if heads else []
    as_owner(lambda session, _: sealing.seal_all(session))

    async def work(session: WriteSession, settings: Settings) -> tuple[list[findings.ChainFinding], sealing.Head | None]:
        findings = await sealing.verify(session, known, settings.secret) + await tampering.examine(session)
        return findings, await sealing.head(session, None, settings.secret)

    findings, head = as_owner(work)
    for finding in findings:
        say(finding.text)
    if wrong := [finding for finding in findings if not finding.is_note]:
        raise OperatorError("audit-unsound", AUDIT_UNSOUND, number=len(wrong))
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


def _heads(file: Path) -> list[sealing.Head]:
    try:
        return [sealing.read_head(line) for line in file.read_text().splitlines() if line.strip()]
    except (OSError, ValueError):
        raise OperatorError("heads", HEADS, file=file) from None
