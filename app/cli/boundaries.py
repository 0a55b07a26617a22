"""`titik boundaries …`: editions of the boundaries."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from app.boundaries import queries as edition_queries
from app.cli.common import LANGUAGE, as_owner, console, pair, say, show, table, yes_or_no
from app.connections import open_once
from app.db import WriteSession
from app.language import Text
from app.operator import operation
from app.points.judging import Rejudged, judge_all_again
from app.regions.queries import all_regions
from app.settings import Settings

if TYPE_CHECKING:
    from app.boundaries.checking import EditionFinding

boundaries = typer.Typer(no_args_is_help=True, help="Batas kelurahan · boundary editions")

LOADED = Text("Edisi {name} dimuat.", "Edition {name} loaded.")
REMOVED = Text("Edisi {name} dihapus.", "Edition {name} removed.")
NOT_ACTIVE = Text(
    "Belum dipakai. Pakai dengan: titik boundaries activate '{name}'", "Not in use yet. Use it with: titik boundaries activate '{name}'"
)
REJUDGED = Text(
    "Edisi ini sekarang dipakai. {judged} titik dinilai ulang, {changed} berubah putusannya (walidata melihatnya di /reviews?flag=rejudged).",
    "This edition is now in use. {judged} {judged:point|points} judged again, {changed} with another verdict (a walidata sees {changed:it|them} at /reviews?flag=rejudged).",
)
WOULD_CHANGE = Text(
    "Edisi {name} belum dipakai dan tidak ada yang disimpan. Bila dipakai: {changed} dari {judged} titik berubah putusannya, {kelurahan} kelurahan berubah luas atau tetangganya.",
    "Edition {name} is not in use, and nothing was stored. If it were: {changed} of {judged} {judged:point|points} would get another verdict, {kelurahan} kelurahan another area or other neighbours.",
)
POINT, CATEGORY = Text("titik", "point"), Text("kategori", "category")
BEFORE, AFTER = Text("sekarang", "now"), Text("nanti", "then")
NEW_NEIGHBOURS, LOST_NEIGHBOURS = Text("tetangga baru", "new neighbours"), Text("bukan tetangga lagi", "neighbours no more")
EDITION, KELURAHAN, ACCURACY = Text("edisi", "edition"), Text("kelurahan", "kelurahan"), Text("ketelitian (m)", "accuracy (m)")
ACTIVE, APPROXIMATE, SOURCE = Text("aktif", "active"), Text("perkiraan", "approximate"), Text("sumber", "source")


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
    accept: Annotated[list[str] | None, typer.Option(help="Terima: kelurahan-far, label-far, repaired-much · accept these errors")] = None,
) -> None:
    """Muat edisi batas dan laporkan isinya · load a boundary edition and report on it."""
    from app.boundaries.checking import check  # noqa: PLC0415 - reading vector files takes a second to import
    from app.boundaries.loading import read_boundaries  # noqa: PLC0415
    from app.boundaries.service import EditionFacts, load_file  # noqa: PLC0415

    mapping = dict(pair(one) for one in map or ())

    async def work(session: WriteSession, _settings: Settings) -> Activated | None:
        regions = await all_regions(session)
        loaded = read_boundaries(file, regions, mapping=mapping, layer=layer, accuracy_m=accuracy_m)
        report = check(loaded.boundaries, regions)
        _show_findings((*loaded.notes, *report.findings))
        facts = EditionFacts(
            edition or file.stem,
            source or file.name,
            accuracy_m,
            legal_basis=legal_basis,
            valid_from=valid_from.date() if valid_from else None,
        )
        await load_file(session, facts, loaded, report, incomplete=incomplete, accept=accept or ())
        return await _activated(session, facts.name) if activate else None

    activated = as_owner(work)
    say(LOADED, name=edition or file.stem)
    _settle(activated) if activated else say(NOT_ACTIVE, name=edition or file.stem)


@boundaries.command("impact")
def boundaries_impact(name: Annotated[str, typer.Argument(help="Nama edisi · name of the edition")]) -> None:
    """Apa yang akan berubah bila edisi ini dipakai; tidak ada yang disimpan · what this edition would change; nothing is stored."""
    from app.boundaries.comparing import EditionChanges, compare  # noqa: PLC0415 - half a second that only what draws areas needs
    from app.boundaries.service import find  # noqa: PLC0415

    async def work(session: WriteSession, _settings: Settings) -> EditionChanges:
        await session.run(edition_queries.ONLY_READ)
        return await compare(session, await find(session, name))

    changes = as_owner(work)
    verdicts = changes.verdicts
    say(WOULD_CHANGE, name=name, judged=verdicts.judged, changed=verdicts.changed, kelurahan=len(changes.areas))
    if changes.areas:
        areas = table(KELURAHAN, BEFORE, AFTER, NEW_NEIGHBOURS, LOST_NEIGHBOURS)
        for area in changes.areas:
            km2 = ("" if one is None else f"{one:.4f}" for one in (area.before_km2, area.after_km2))
            areas.add_row(f"{area.code} {area.name}", *km2, " ".join(area.neighbours_added), " ".join(area.neighbours_removed))
        show(areas)
    if verdicts.changes:
        points = table(POINT, CATEGORY, KELURAHAN, BEFORE, AFTER)
        for change in verdicts.changes:
            points.add_row(str(change.point), change.category, change.kelurahan, *map(_verdict, (change.before, change.after)))
        show(points)


@boundaries.command("activate")
def boundaries_activate(name: Annotated[str, typer.Argument(help="Nama edisi · name of the edition")]) -> None:
    """Pakai edisi ini; semua titik dinilai ulang · use this edition; all points are judged again."""

    async def work(session: WriteSession, _settings: Settings) -> Activated:
        return await _activated(session, name)

    _settle(as_owner(work))


@boundaries.command("remove")
def boundaries_remove(name: Annotated[str, typer.Argument(help="Nama edisi · name of the edition")]) -> None:
    """Hapus edisi yang belum pernah dipakai · remove an edition that was never in use."""
    from app.boundaries.service import find, remove  # noqa: PLC0415 - half a second that only what draws areas needs

    async def work(session: WriteSession, _settings: Settings) -> None:
        await remove(session, await find(session, name))

    as_owner(work)
    say(REMOVED, name=name)


@boundaries.command("list")
def boundaries_list() -> None:
    """Daftar edisi batas · the boundary editions."""
    rows = as_owner(lambda session, _: session.all(edition_queries.LIST))
    listed = table(EDITION, KELURAHAN, ACCURACY, ACTIVE, APPROXIMATE, SOURCE)
    for row in rows:
        marks = (yes_or_no(is_so=True) if row[name] else "" for name in ("active", "approximate"))
        listed.add_row(row["name"], str(row["kelurahan"]), f"{row['accuracy_m']:g}", *marks, row["source"])
    show(listed)


def _show_findings(findings: Sequence["EditionFinding"]) -> None:
    marks = {"error": "[red]✗[/red]", "warning": "[yellow]![/yellow]", "info": "·"}
    for finding in findings:
        console.print(marks[finding.severity], end=" ")
        console.print(finding.say(LANGUAGE), markup=False, soft_wrap=True)


def _verdict(one: Mapping[str, object]) -> str:
    return f"{one['verdict']} {one['distance_m']:.0f} m {one['kelurahan'] or ''}".strip()


class Activated(NamedTuple):
    """What activating an edition has changed, and the transaction that did it."""

    verdicts: Rejudged
    transaction: str


async def _activated(session: WriteSession, name: str) -> Activated:
    from app.boundaries.service import activate  # noqa: PLC0415 - half a second that only what draws areas needs

    transaction = await session.value(edition_queries.ACTIVATED_BY)
    return Activated((await activate(session, name)).verdicts, transaction)


def _settle(activated: Activated) -> None:
    """Judges also what was being posted while the edition changed: placed by the former one, committed after the change."""
    from app.boundaries.service import wait_for_writers  # noqa: PLC0415

    async def wait(_session: WriteSession, settings: Settings) -> None:
        await wait_for_writers(lambda: open_once(operation.owner_dsn(settings)), activated.transaction)

    as_owner(wait)
    late = as_owner(lambda session, _: judge_all_again(session))
    verdicts = activated.verdicts
    say(REJUDGED, judged=verdicts.judged + late.judged, changed=verdicts.changed + late.changed)
