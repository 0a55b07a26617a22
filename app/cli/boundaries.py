"""`titik boundaries …`: editions of the boundaries."""

import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.boundaries import queries as edition_queries
from app.cli.common import LANGUAGE, as_owner, console, say, show, table, yes_or_no
from app.db import WriteSession
from app.errors import OperatorError
from app.language import Text
from app.points.judging import Rejudged, judge_all_again
from app.regions.queries import all_regions
from app.settings import Settings

if TYPE_CHECKING:
    from app.boundaries.checking import Finding

boundaries = typer.Typer(no_args_is_help=True, help="Batas kelurahan · boundary editions")

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
    "Edisi ini sekarang dipakai. {judged} titik dinilai ulang, {changed} berubah putusannya (walidata melihatnya di /reviews?flag=rejudged).",
    "This edition is now in use. {judged} {judged:point|points} judged again, {changed} with another verdict (a walidata sees {changed:it|them} at /reviews?flag=rejudged).",
)
MAPPING = Text("Tulis --map FIELD=COLUMN, misalnya --map code=KODE.", "Write --map FIELD=COLUMN, e.g. --map code=KODE.")
EDITION, KELURAHAN, ACCURACY = Text("edisi", "edition"), Text("kelurahan", "kelurahan"), Text("ketelitian (m)", "accuracy (m)")
ACTIVE, APPROXIMATE, SOURCE = Text("aktif", "active"), Text("perkiraan", "approximate"), Text("sumber", "source")
IN_FLIGHT_S = 0.5


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
        loaded = read_boundaries(file, regions, mapping=mapping, layer=layer, accuracy_m=accuracy_m)
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
    listed = table(EDITION, KELURAHAN, ACCURACY, ACTIVE, APPROXIMATE, SOURCE)
    for row in rows:
        marks = (yes_or_no(is_so=True) if row[name] else "" for name in ("active", "approximate"))
        listed.add_row(row["name"], str(row["kelurahan"]), f"{row['accuracy_m']:g}", *marks, row["source"])
    show(listed)


def _pair(text: str) -> tuple[str, str]:
    field, equals, column = text.partition("=")
    if not equals or not field or not column:
        raise OperatorError("mapping", MAPPING)
    return field, column


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
