"""The workbook that an office fills in: headings that are recognised again, lists to choose from, and what each column means.

In Indonesian, for whom it is made. Examples stand on a sheet of their own, which is not read.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import xlsxwriter
from xlsxwriter import Workbook
from xlsxwriter.format import Format as Style
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from app.common_fields import FIELDS, OF_PLACE
from app.exports.layer import without_controls
from app.imports.fields import FieldKind
from app.imports.limits import MOST_ROWS

RegionNames = tuple[str, str, str]
"""Code, name and kecamatan of a kelurahan."""

DATA: Final = "Data"
EXAMPLES: Final = "Contoh"
GUIDE: Final = "Petunjuk"
LISTS: Final = "Daftar"
_EXAMPLES: Final = 3
# What Excel takes of a message beside a cell, and of its title.
_MESSAGE, _TITLE = 255, 32


class TemplateField(NamedTuple):
    """One column. `title_id` is its heading, without a mark of any kind; `choices` are the values that it takes, if they are few."""

    name: str
    title_id: str
    title_en: str
    kind: FieldKind
    required: bool = False
    choices: tuple[str, ...] = ()
    description: str = ""
    example: str = ""


_SHARED: Final = [
    TemplateField(
        field.name, field.headings.title.id, field.headings.title.en, field.kind, field.sheet.is_required, field.choices, *field.sheet[:2]
    )
    for field in FIELDS
    if field.headings and field.sheet
]
COMMON: Final[Mapping[str, TemplateField]] = {
    field.name: field
    for field in (
        *(field for field in _SHARED if field.name not in OF_PLACE),
        TemplateField("lat", "Lintang", "Latitude", "place", True, (), "Derajat desimal WGS 84, negatif karena di selatan.", "-7.8160123"),
        TemplateField("lon", "Bujur", "Longitude", "place", True, (), "Derajat desimal WGS 84.", "112.0118456"),
        TemplateField("coordinate", "Koordinat", "Coordinate", "place", False, (), "Pengganti Lintang dan Bujur: tempel keduanya, atau tautan Google Maps.", ""),
        *(field for field in _SHARED if field.name in OF_PLACE),
    )
}  # fmt: skip
"""The columns that every category has, in the order of the sheet."""

_LATITUDES, _LONGITUDES = (-11.5, 6.5), (94.5, 141.5)
_GUIDE_LINES: Final = (
    "Isi lembar Data, satu baris untuk setiap titik, lalu kirim berkas ini. Lembar lain tidak dibaca.",
    "Judul kolom jangan diubah. Kolom yang tidak perlu boleh dihapus atau dikosongkan. Yang tebal berwarna wajib diisi.",
    "Koordinat memakai derajat desimal WGS 84, seperti yang ditunjukkan ponsel: lintang -7.8160123, bujur 112.0118456. Pakai sedikitnya lima angka di belakang koma.",
    "Di Google Maps: tekan lama di tempatnya, salin kedua angkanya, lalu tempel di kolom Koordinat. Tautan Google Maps yang lengkap juga dapat ditempel; tautan pendek (maps.app.goo.gl) tidak.",
    "Bila kolom Koordinat diisi, Lintang dan Bujur boleh kosong.",
)


class _TemplateStyles(NamedTuple):
    required: Style
    optional: Style
    text: Style
    date: Style
    wrapped: Style
    title: Style


def write_template(
    path: Path,
    category_title: str,
    fields: Sequence[TemplateField],
    regions: Sequence[RegionNames],
    examples: Sequence[Mapping[str, str]] = (),
) -> None:
    """A workbook for one category. Columns of `COMMON` that are not among `fields` come first; those that are keep their place and text there.

    A common field that is given without description or example has those of `COMMON`. `examples` are rows by the names of the fields; what
    they do not say, the fields do.
    """
    columns = _columns(fields)
    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"title": f"Templat {category_title}"})
    styles = _styles(book)
    shown_rows = [*examples, *({} for _ in range(_EXAMPLES - len(examples)))]
    data, sheet, guide, lists = (book.add_worksheet(name) for name in (DATA, EXAMPLES, GUIDE, LISTS))
    choices = _choices(columns, regions)
    _write_lists(lists, choices)
    _write_data(data, columns, choices, styles)
    rows = [{field.name: _example(field, row, choices) for field in columns} | dict(values) for row, values in enumerate(shown_rows)]
    _write_examples(sheet, columns, rows, styles)
    _write_guide(guide, category_title, columns, choices, rows[0], styles)
    lists.hide()
    data.activate()
    book.close()


def _columns(fields: Sequence[TemplateField]) -> list[TemplateField]:
    given = {field.name: field for field in fields}
    common = [_completed(given.get(name, field), field) for name, field in COMMON.items()]
    return [*common, *(field for field in fields if field.name not in COMMON)]


def _completed(field: TemplateField, common: TemplateField) -> TemplateField:
    return field._replace(
        description=field.description or common.description,
        example=field.example or common.example,
        choices=field.choices or common.choices,
    )


def _styles(book: Workbook) -> _TemplateStyles:
    head = {"bold": True, "text_wrap": True, "valign": "top", "border": 1, "bg_color": "#E7EEF5"}
    return _TemplateStyles(
        required=book.add_format(head | {"bg_color": "#1F4E79", "font_color": "#FFFFFF"}),
        optional=book.add_format(head | {"bold": False}),
        # Text (49 is `@`, as Excel has it built in), so that the zeros of 001 stay.
        text=book.add_format({"num_format": 49}),
        date=book.add_format({"num_format": "yyyy-mm-dd"}),
        wrapped=book.add_format({"text_wrap": True, "valign": "top"}),
        title=book.add_format({"bold": True, "font_size": 14}),
    )


def kelurahan_choices(regions: Sequence[RegionNames]) -> dict[str, str]:
    """How each kelurahan is chosen, by code: by its name; where several share that, with the kecamatan behind it, else by the code alone."""
    names, both = Counter(name for _, name, _ in regions), Counter((name, kecamatan) for _, name, kecamatan in regions)

    def choice(code: str, name: str, kecamatan: str) -> str:
        if names[name] == 1:
            return name
        # A kecamatan of which no name is known is called by its code.
        is_named = bool(kecamatan) and not kecamatan[0].isdigit() and both[name, kecamatan] == 1
        return f"{name} (Kec. {kecamatan})" if is_named else code

    return {code: choice(code, name, kecamatan) for code, name, kecamatan in regions}


def _choices(columns: Sequence[TemplateField], regions: Sequence[RegionNames]) -> dict[str, list[str]]:
    """The values of each column that has a list."""
    found: dict[str, list[str]] = {}
    for field in columns:
        if field.choices:
            found[field.name] = list(field.choices)
        elif field.kind == "boolean":
            found[field.name] = ["ya", "tidak"]
        elif field.name == "kelurahan" and regions:
            found[field.name] = sorted(kelurahan_choices(regions).values())
    return found


def _write_lists(sheet: Worksheet, choices: Mapping[str, list[str]]) -> None:
    for column, (name, values) in enumerate(choices.items()):
        for row, text in enumerate((name, *values)):
            sheet.write_string(row, column, without_controls(text))


def _write_data(sheet: Worksheet, columns: Sequence[TemplateField], choices: Mapping[str, list[str]], styles: _TemplateStyles) -> None:
    sheet.freeze_panes(1, 0)
    sheet.set_row(0, 32)
    for column, field in enumerate(columns):
        sheet.set_column(column, column, _width(field), _style(field, styles))
        sheet.write_string(0, column, field.title_id, styles.required if field.required else styles.optional)
        sheet.write_comment(0, column, _meaning(field, choices), {"x_scale": 2})
        sheet.data_validation(1, column, MOST_ROWS, column, _validation(field, choices))


def _validation(field: TemplateField, choices: Mapping[str, list[str]]) -> dict[str, object]:
    """What Excel checks. It warns where a person may know better (a code instead of a name, degrees with minutes), else it refuses."""
    rule: dict[str, object] = {
        "input_title": field.title_id[:_TITLE],
        "input_message": _meaning(field, choices)[:_MESSAGE],
        "error_title": field.title_id[:_TITLE],
    }
    if field.name in choices:
        letter = xl_col_to_name(list(choices).index(field.name), col_abs=True)
        source = f"={LISTS}!{letter}$2:{letter}${len(choices[field.name]) + 1}"
        return rule | {
            "validate": "list",
            "source": source,
            "error_message": "Pilih dari daftar.",
            "error_type": "warning" if field.name == "kelurahan" else "stop",
        }
    if field.name in ("lat", "lon"):
        low, high = _LATITUDES if field.name == "lat" else _LONGITUDES
        return rule | {
            **_between("decimal", low, high),
            "error_type": "warning",
            "error_message": f"Biasanya angka antara {low:g} dan {high:g}. Tetap pakai isian ini?",
        }
    if field.kind == "integer":
        return rule | _between("integer", -(10**9), 10**9) | {"error_message": "Isi dengan bilangan bulat."}
    if field.kind == "number":
        return rule | _between("decimal", -(10**12), 10**12) | {"error_message": "Isi dengan angka."}
    if field.kind in ("date", "instant"):
        return rule | {
            "validate": "date",
            "criteria": ">=",
            "value": "=DATE(1900,1,1)",
            "error_type": "warning",
            "error_message": "Isi dengan tanggal, misalnya 2026-11-24.",
        }
    return rule | {"validate": "any"}


def _between(kind: str, low: float, high: float) -> dict[str, object]:
    return {"validate": kind, "criteria": "between", "minimum": low, "maximum": high}


def _style(field: TemplateField, styles: _TemplateStyles) -> Style | None:
    return {"text": styles.text, "list": styles.text, "date": styles.date, "instant": styles.date}.get(field.kind)


def _width(field: TemplateField) -> float:
    return max(14, min(40, len(field.title_id) + 4), 28 if field.name in ("name", "address", "coordinate") else 0)


def _need(field: TemplateField) -> str:
    if field.name in ("lat", "lon"):
        return "wajib, atau isi Koordinat"
    return "wajib" if field.required else "boleh kosong"


def _meaning(field: TemplateField, choices: Mapping[str, list[str]]) -> str:
    """A few sentences: what it is, whether it must be there, what it may be."""
    need = _need(field)
    allowed = _allowed(field, choices)
    parts = [field.description or f"{field.title_id}.", f"{need[0].upper()}{need[1:]}.", f"Isi: {allowed}." if allowed else ""]
    return " ".join(part for part in parts if part)


def _allowed(field: TemplateField, choices: Mapping[str, list[str]]) -> str:
    if field.name == "kelurahan":
        return "nama atau kode kelurahan"
    if field.name in choices:
        return ", ".join(choices[field.name])
    words: dict[str, str] = {
        "integer": "bilangan bulat",
        "number": "angka",
        "date": "tanggal",
        "instant": "tanggal",
        "list": "beberapa, dipisah titik koma (;)",
    }
    return words.get(field.kind, "derajat desimal" if field.name in ("lat", "lon") else "")


def _write_examples(sheet: Worksheet, columns: Sequence[TemplateField], rows: Sequence[Mapping[str, str]], styles: _TemplateStyles) -> None:
    sheet.freeze_panes(1, 0)
    for column, field in enumerate(columns):
        sheet.set_column(column, column, _width(field))
        sheet.write_string(0, column, field.title_id, styles.required if field.required else styles.optional)
        for row, values in enumerate(rows, 1):
            sheet.write_string(row, column, without_controls(values[field.name]))


def _example(field: TemplateField, row: int, choices: Mapping[str, list[str]]) -> str:
    """One of three; the first is that of the field. The third row shows the other way to write a place."""
    if field.name in ("lat", "lon", "coordinate"):
        pair = row == _EXAMPLES - 1
        if field.name == "coordinate":
            return f"{COMMON['lat'].example}, {COMMON['lon'].example}" if pair else ""
        return "" if pair else field.example
    if row and field.name in choices:
        return choices[field.name][row % len(choices[field.name])]
    return field.example or (choices[field.name][0] if field.name in choices else "")


def _write_guide(
    sheet: Worksheet,
    title: str,
    columns: Sequence[TemplateField],
    choices: Mapping[str, list[str]],
    example: Mapping[str, str],
    styles: _TemplateStyles,
) -> None:
    for column, width in enumerate((26, 22, 60, 44, 26)):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, without_controls(f"Templat: {title}"), styles.title)
    for row, line in enumerate(_GUIDE_LINES, 1):
        sheet.merge_range(row, 0, row, 4, "", styles.wrapped)
        sheet.write_string(row, 0, line, styles.wrapped)
        sheet.set_row(row, 32)
    start = len(_GUIDE_LINES) + 2
    for column, text in enumerate(("Kolom", "Wajib?", "Arti", "Isi yang boleh", "Contoh")):
        sheet.write_string(start, column, text, styles.required)
    for row, field in enumerate(columns, start + 1):
        meaning = field.description or f"{field.title_id} ({field.title_en})"
        for column, text in enumerate((field.title_id, _need(field), meaning, _allowed(field, choices), example[field.name])):
            sheet.write_string(row, column, without_controls(text), styles.wrapped)
