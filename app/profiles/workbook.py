"""The workbook in which a kelurahan fills in its figures for a period: a row for each, last period's number beside, and a sheet that says what to do."""

from collections.abc import Mapping
from decimal import Decimal
from io import BytesIO
from typing import Any, Final, NamedTuple

import xlsxwriter
from xlsxwriter import Workbook
from xlsxwriter.format import Format as Style
from xlsxwriter.worksheet import Worksheet

from app.exports.layer import without_controls
from app.figures.periods import Period
from app.figures.queries import WorkRow
from app.language import Language, Text
from app.profiles.due import DueProfile
from app.profiles.form import ProfileField
from app.regions.codes import Region

DATA: Final = "Data"
_GUIDE: Final = Text("Petunjuk", "Instructions")
MEANINGS: Final[Mapping[str, Text]] = {
    "value": Text("angka", "number"), "empty": Text("kosong", "empty"), "not-applicable": Text("tidak berlaku", "not applicable"),
}  # fmt: skip
STATUSES: Final[Mapping[str, Text]] = {
    "sementara": Text("sementara", "provisional"), "tetap": Text("tetap", "final"), "revisi": Text("revisi", "revised"),
}  # fmt: skip
_FIRST_ROW: Final = 2
# What Excel takes of a message beside a cell, and of its title.
_MESSAGE, _TITLE = 255, 32


class WorkbookColumn(NamedTuple):
    """`is_open`: people write in it."""

    title: Text
    width: int
    is_open: bool = False
    is_hidden: bool = False


COLUMNS: Final[Mapping[str, WorkbookColumn]] = {
    "id": WorkbookColumn(Text("Kunci", "Key"), 10, is_hidden=True),
    "version": WorkbookColumn(Text("Versi", "Version"), 8, is_hidden=True),
    "indicator": WorkbookColumn(Text("Indikator", "Indicator"), 44),
    "class": WorkbookColumn(Text("Kelas", "Class"), 22),
    "unit": WorkbookColumn(Text("Satuan", "Unit"), 14),
    "before": WorkbookColumn(Text("Angka", "Figure of"), 18),
    "value": WorkbookColumn(Text("Angka", "Figure of"), 18, is_open=True),
    "meaning": WorkbookColumn(Text("Arti", "Meaning"), 15, is_open=True),
    "status": WorkbookColumn(Text("Status", "Status"), 13, is_open=True),
    "explanation": WorkbookColumn(Text("Penjelasan untuk pemeriksa", "Explanation for the reviewer"), 40, is_open=True),
    "note": WorkbookColumn(Text("Catatan untuk pembaca", "Note for readers"), 40, is_open=True),
    "source": WorkbookColumn(Text("Sumber, bila lain", "Source, where it differs"), 30, is_open=True),
}
"""By the names in the first row, which is hidden: by these a column is found again, whatever is written over it."""
_LINES: Final = (
    Text("Isi lembar Data, satu baris untuk setiap angka, lalu kirim berkas ini di halaman profil. Berkas diperiksa dulu; Anda melihat apa yang berubah sebelum ada yang disimpan.", "Fill in the sheet Data, one row for each figure, then send this file on the page of the profile. It is checked first, and you see what changes before anything is stored."),
    Text("Tulis di kolom yang kuning saja. Baris yang tidak Anda ubah tidak mengubah apa pun.", "Write in the yellow columns only. Rows that you do not change do not change anything."),
    Text("Angka: tanpa titik ribuan, pecahan dengan koma, misalnya 1234 atau 2,49.", "Figures: without marks for thousands, for example 1234 or 2.49."),
    Text("Arti: angka (ada angkanya, 0 pun angka), kosong (belum ada yang tahu), tidak berlaku (tidak ada di sini). Untuk kosong dan tidak berlaku, hapus angkanya.", "Meaning: number (there is one, and 0 is one), empty (nobody knows it yet), not applicable (there is none here). For empty and not applicable, delete the number."),
    Text("Status: sementara, tetap, atau revisi. Bila tidak diisi: sementara.", "Status: provisional, final, or revised. Where nothing is said: provisional."),
    Text("Penjelasan: mengapa angkanya benar walaupun jauh dari tahun lalu atau tidak cocok dengan angka lain. Hanya pemeriksa yang membacanya.", "Explanation: why the figure is right although it is far from last year's or does not fit another one. Only the reviewer reads it."),
    Text("Jangan menambah, menghapus, atau memindahkan kolom. Baris boleh dihapus; angkanya tetap seperti semula.", "Do not add, delete or move columns. Rows may be deleted; their figures stay as they are."),
)  # fmt: skip


class _Styles(NamedTuple):
    head: Style
    open_head: Style
    shut: Style
    open: Style
    open_text: Style
    number: Style
    wrapped: Style
    title: Style


def write_workbook(region: Region, period: Period, due: DueProfile, language: Language) -> bytes:
    content = BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    styles = _styles(book)
    data, guide = book.add_worksheet(DATA), book.add_worksheet(_GUIDE.say(language))
    name = f"{region.name}, {period.title.say(language)}"
    book.set_properties({"title": f"Profil {name}"})
    _write_heads(data, period, styles, language)
    for at, field in enumerate(due.fields, _FIRST_ROW):
        _write_row(data, at, field, f"{region.code}/{period}", due, styles, language)
    _write_lists(data, len(due.fields), language)
    data.protect("", {"format_columns": True, "format_rows": True, "delete_rows": True, "autofilter": True})
    _write_guide(guide, name, styles, language)
    data.activate()
    book.close()
    return content.getvalue()


def _styles(book: Workbook) -> _Styles:
    head = {"bold": True, "text_wrap": True, "valign": "top", "border": 1, "bg_color": "#E7EEF5"}
    shut, is_open = (
        {"text_wrap": True, "valign": "top"},
        {"bg_color": "#FFF9DB", "border": 1, "border_color": "#C9C3A4", "locked": False, "valign": "top"},
    )
    return _Styles(
        head=book.add_format(head),
        open_head=book.add_format(head | {"bg_color": "#1F4E79", "font_color": "#FFFFFF"}),
        shut=book.add_format(shut),
        open=book.add_format(is_open),
        # Text (49 is `@`), so that nothing that is written becomes a date.
        open_text=book.add_format(is_open | {"text_wrap": True, "num_format": 49}),
        number=book.add_format(shut | {"num_format": "#,##0.######"}),
        wrapped=book.add_format({"text_wrap": True, "valign": "top"}),
        title=book.add_format({"bold": True, "font_size": 14}),
    )


def _write_heads(sheet: Worksheet, period: Period, styles: _Styles, language: Language) -> None:
    of = {"before": period.before, "value": period}
    for at, (name, column) in enumerate(COLUMNS.items()):
        title = " ".join(filter(None, (column.title.say(language), of[name].title.say(language) if name in of else "")))
        sheet.write_string(0, at, name)
        sheet.write_string(1, at, title, styles.open_head if column.is_open else styles.head)
        sheet.set_column(at, at, column.width, None, {"hidden": column.is_hidden})
    sheet.set_row(0, None, None, {"hidden": True})
    sheet.freeze_panes(_FIRST_ROW, list(COLUMNS).index("class"))


def _write_row(sheet: Worksheet, at: int, field: ProfileField, place: str, due: DueProfile, styles: _Styles, language: Language) -> None:
    row, before = due.rows.get(field.key), due.before.get(field.key)
    values: dict[str, str | Decimal | int | None] = {
        "id": f"{place}/{field.name}", "version": row["version"] if row else 0, "indicator": field.definition["name"][language],
        "class": field.class_title[language] if field.class_title else None, "unit": field.definition["unit"][language],
        "before": before and (before["value"] if before["meaning"] == "value" else MEANINGS[before["meaning"]].say(language)),
        **(_content_of(row, language) if row else {"status": STATUSES["sementara"].say(language)}),
    }  # fmt: skip
    for column, name in enumerate(COLUMNS):
        style = (
            (styles.open if name == "value" else styles.open_text)
            if COLUMNS[name].is_open
            else styles.number
            if name == "before"
            else styles.shut
        )
        value = values.get(name)
        if isinstance(value, Decimal | int):
            sheet.write_number(at, column, float(value), style)
        elif value:
            sheet.write_string(at, column, without_controls(value), style)
        else:
            sheet.write_blank(at, column, None, style)
    column = list(COLUMNS).index("value")
    sheet.data_validation(at, column, at, column, _number_rule(field, language))


def _content_of(row: WorkRow, language: Language) -> dict[str, str | Decimal | int | None]:
    return {
        "value": row["value"], "meaning": MEANINGS[row["meaning"]].say(language), "status": STATUSES[row["status"]].say(language),
        "explanation": row["explanation"], "note": row["note"], "source": row["source"],
    }  # fmt: skip


def _number_rule(field: ProfileField, language: Language) -> dict[str, Any]:
    """A number, with its definition beside the cell. How large it may be, the check of the file says, with its reasons."""
    return {
        "validate": "decimal", "criteria": "between", "minimum": -1e15, "maximum": 1e15,
        "input_title": without_controls(field.definition["name"][language])[:_TITLE],
        "input_message": without_controls(field.definition["definition"][language])[:_MESSAGE],
        "error_title": Text("Bukan angka", "Not a number").say(language),
        "error_message": Text("Tulis angkanya saja, misalnya 1234 atau 2,49.", "Write the number alone, for example 1234 or 2.49.").say(language),
    }  # fmt: skip


def _write_lists(sheet: Worksheet, rows: int, language: Language) -> None:
    for name, words in (("meaning", MEANINGS), ("status", STATUSES)):
        column = list(COLUMNS).index(name)
        choices = {"validate": "list", "source": [text.say(language) for text in words.values()]}
        sheet.data_validation(_FIRST_ROW, column, _FIRST_ROW + max(rows, 1) - 1, column, choices)


def _write_guide(sheet: Worksheet, name: str, styles: _Styles, language: Language) -> None:
    sheet.set_column(0, 0, 100)
    sheet.write_string(0, 0, without_controls(Text(f"Profil {name}", f"Profile of {name}").say(language)), styles.title)
    for at, line in enumerate(_LINES, 1):
        sheet.write_string(at, 0, line.say(language), styles.wrapped)
