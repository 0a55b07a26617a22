"""`titik regions …` and `titik city …`: the regions of a city, and what is set for it."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, cast, get_args

import typer

from app.cli.common import LANGUAGE, as_owner, console, pair, say, show, table
from app.connections import open_once
from app.db import WriteSession
from app.errors import OperatorError
from app.language import Language, Text
from app.operator import cities as region_files
from app.operator import operation
from app.plaintext import plain
from app.regions import queries, service
from app.regions.cities import ZONE_NAMES, City, ZoneName
from app.regions.codes import parse_code
from app.regions.notes import RegionNote
from app.settings import Settings

regions = typer.Typer(no_args_is_help=True, help="Wilayah: kota atau kabupaten, kecamatan, kelurahan dan desa · regions")
city = typer.Typer(no_args_is_help=True, help="Pengaturan kota atau kabupaten · settings of a city")

Attribution = Annotated[str | None, typer.Option(help="Sumber data yang disebut · whom to name for the data")]
Licence = Annotated[str | None, typer.Option(help="Lisensi data, nama atau alamat · licence of the data, a name or an address")]
ContactOption = Annotated[str | None, typer.Option(help="Alamat surel atau telepon kantor · address or telephone of the office")]
TimeZone = Annotated[str | None, typer.Option(help=" | ".join(ZONE_NAMES))]
Languages = Annotated[
    list[str] | None, typer.Option("--language", help="id | en; yang pertama dipakai bila pembaca tidak memilih · the first is the default")
]
CrsOption = Annotated[
    list[int] | None, typer.Option(help="Nomor EPSG; tanpa ini menurut letaknya · number in EPSG; without it by where the city lies")
]
Province = Annotated[str | None, typer.Option(help="Nama provinsi · name of the province")]

REFUSED = Text(
    "Tidak ada yang disimpan karena kesalahan di atas (✗). Perbaiki seperti yang disebut di sana.",
    "Nothing was stored, because of the errors above (✗). Correct it as they say.",
)
CITY_CODE = Text(
    "--city memerlukan kode kota atau kabupaten (35.71) atau provinsi (35).",
    "--city takes the code of a kota or kabupaten (35.71), or of a province (35).",
)
ZONE = Text("Zona waktu harus salah satu dari: {known}.", "The time zone must be one of: {known}.")
LANGUAGES = Text("Bahasa harus id atau en.", "The language must be id or en.")
TOO_LONG = Text("{option} paling panjang {most} huruf.", "{option} has at most {most} letters.")
CHANGED = Text("{name} ({code}) diubah.", "{name} ({code}) changed.")
NEXT = Text(
    "Berikutnya, bila batasnya belum dimuat: titik boundaries load BERKAS --activate",
    "Next, unless the boundaries are loaded: titik boundaries load FILE --activate",
)
CODE, NAME, SOURCE = Text("kode", "code"), Text("nama", "name"), Text("sumber", "attribution")
LICENCE, CONTACT, CLOCK = Text("lisensi", "licence"), Text("kontak", "contact"), Text("waktu", "time zone")
SPOKEN, GRIDS, IN_PROVINCE = Text("bahasa", "languages"), Text("CRS (EPSG)", "CRS (EPSG)"), Text("provinsi", "province")
_LONGEST = 200
_MARKS = {"error": "[red]✗[/red]", "warning": "[yellow]![/yellow]", "info": "·"}


@regions.command("load")
def regions_load(
    file: Annotated[
        Path, typer.Argument(help="Tabel (CSV, XLSX, ODS) atau berkas batas yang dibaca GDAL · a table, or the file of the boundaries")
    ],
    only: Annotated[
        list[str] | None, typer.Option("--city", help="Kode kota atau kabupaten, atau provinsi · code of a city or regency, or province")
    ] = None,
    map: Annotated[list[str] | None, typer.Option(help="FIELD=COLUMN; FIELD: " + ", ".join(region_files.FIELDS))] = None,  # noqa: A002 - the option's name
    layer: Annotated[str | None, typer.Option(help="Lapisan atau lembar · layer or sheet")] = None,
    attribution: Attribution = None,
    licence: Licence = None,
    contact: ContactOption = None,
    time_zone: TimeZone = None,
    language: Languages = None,
    crs: CrsOption = None,
) -> None:
    """Muat wilayah dan laporkan perubahannya; tidak ada yang dihapus · load regions and report what changes; nothing is ever dropped."""
    wanted = [_city_code(text) for text in only or ()]
    settings_of_city = _settings_of(attribution, licence, contact, time_zone, language, crs, None)
    rows = region_files.read_rows(file, dict(pair(one) for one in map or ()), layer)

    async def work(session: WriteSession) -> tuple[RegionNote, ...]:
        changes, notes = await region_files.load(session, rows, wanted)
        if changes is None:
            _show_notes(notes)
            raise OperatorError("regions-refused", REFUSED)
        if settings_of_city:
            for code in sorted({region.code for region in changes.regions if region.parent_code is None}):
                await service.set_city(session, replace(await service.city(session, code), **settings_of_city))
        return notes

    _show_notes(_in_a_database(work))
    say(NEXT)


def _in_a_database(work: Callable[[WriteSession], Awaitable[tuple[RegionNote, ...]]]) -> tuple[RegionNote, ...]:
    """The first thing that an operator does may be to load a city: without a database given, one is made."""
    settings = operation.read_settings()

    async def run(ready: Settings) -> tuple[RegionNote, ...]:
        async with open_once(operation.owner_dsn(ready)) as session:
            return await work(session)

    with operation.database(settings, say, make=True) as ready:
        if settings.database_url is None and operation.database_state(operation.owner_dsn(ready)).revision is None:
            operation.upgrade(ready, say)
        operation.require_schema(ready)
        return asyncio.run(run(ready))


@city.command("set")
def city_set(
    code: Annotated[str, typer.Argument(help="Kode kota atau kabupaten · code of the city or regency")],
    attribution: Attribution = None,
    licence: Licence = None,
    contact: ContactOption = None,
    time_zone: TimeZone = None,
    language: Languages = None,
    crs: CrsOption = None,
    province: Province = None,
) -> None:
    """Ubah pengaturan; teks kosong mengembalikan yang semula · change settings; an empty text restores the default."""
    changes = _settings_of(attribution, licence, contact, time_zone, language, crs, province)

    async def work(session: WriteSession, _settings: Settings) -> City:
        changed = replace(await service.city(session, code), **changes)
        await service.set_city(session, changed)
        return changed

    changed = as_owner(work)
    say(CHANGED, name=changed.name, code=changed.code)


@city.command("list")
def city_list() -> None:
    """Daftar kota dan kabupaten dengan pengaturannya · the cities and regencies with their settings."""
    known = as_owner(lambda session, _: queries.read_cities(session))
    listed = table(CODE, NAME, IN_PROVINCE, SOURCE, LICENCE, CONTACT, CLOCK, SPOKEN, GRIDS)
    for one in known.all.values():
        listed.add_row(
            one.code, one.name, one.province or "", one.source, one.licence or "", one.contact or "", one.time_zone, ", ".join(one.languages),
            ", ".join(map(str, one.crs)),
        )  # fmt: skip
    show(listed, 400)


def _settings_of(
    attribution: str | None,
    licence: str | None,
    contact: str | None,
    time_zone: str | None,
    languages: Sequence[str] | None,
    crs: Sequence[int] | None,
    province: str | None,
) -> dict[str, Any]:
    """What was said, as the members of `City`; an empty text takes a setting back."""
    texts = {"attribution": attribution, "licence": licence, "contact": contact, "province": province}
    found: dict[str, Any] = {name: _text(name, text) for name, text in texts.items() if text is not None}
    if time_zone is not None:
        if time_zone.upper() not in ZONE_NAMES:
            raise OperatorError("time-zone", ZONE, known=", ".join(ZONE_NAMES))
        found["time_zone"] = cast("ZoneName", time_zone.upper())
    if languages:
        if not set(languages) <= set(get_args(Language)):
            raise OperatorError("language", LANGUAGES)
        found["languages"] = tuple(dict.fromkeys(languages))
    if crs:
        found["srids"] = tuple(dict.fromkeys(crs)) if any(crs) else None
    return found


def _text(name: str, text: str) -> str | None:
    if len(text) > _LONGEST:
        raise OperatorError("city-text", TOO_LONG, option=f"--{name}", most=_LONGEST)
    return plain(text).strip() or None


def _city_code(text: str) -> str:
    bare = text.strip()
    code = bare if re.fullmatch(r"[0-9]{2}", bare) else parse_code(bare)
    if code is None or code.count(".") > 1:
        raise OperatorError("city-code", CITY_CODE)
    return code


def _show_notes(notes: Sequence[RegionNote]) -> None:
    for note in notes:
        console.print(_MARKS[note.severity], end=" ")
        console.print(note.say(LANGUAGE), markup=False, soft_wrap=True)
