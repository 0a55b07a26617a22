"""Excel workbooks. Only the child process imports it."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format as Style
from xlsxwriter.worksheet import Worksheet

from app.exports.layer import Columns, Layer, LayerKind, axes, joined, places, unused, without_controls
from app.exports.spool import SpoolOrder

LONGEST = 32_767
"""What a cell holds, in UTF-16 units."""

_NOTES = "Keterangan"
_WIDTHS: dict[LayerKind, int] = {"text": 28, "integer": 12, "number": 12, "boolean": 10, "instant": 20, "date": 12, "list": 28}
_STYLES = {"instant": "yyyy-mm-dd hh:mm:ss", "date": "yyyy-mm-dd"}


def one_line_end(text: str) -> str:
    """LF alone: a CR would be written as `_x000D_`, which other readers than Excel show as it stands."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


class _SheetWriter:
    """Writes rows; remembers how many texts it had to cut."""

    def __init__(self, sheet: Worksheet, layer: Layer, styles: dict[str, Style], systems: int) -> None:
        self.cut = 0
        self._sheet = sheet
        self._at = 0
        self._cells = [self._text, *(self._cell(field.kind, styles) for field in layer.fields)]
        self._cells += {"Point": [sheet.write_number] * 2, "MultiPolygon": [self._text], None: []}[layer.geometry]
        self._cells += [sheet.write_number] * systems

    def add(self, values: Iterable[Any]) -> None:
        self._at += 1
        for column, (value, write) in enumerate(zip(values, self._cells, strict=True)):
            if value is not None:
                write(self._at, column, value)

    @property
    def rows(self) -> int:
        return self._at

    def _cell(self, kind: LayerKind, styles: dict[str, Style]) -> Callable[[int, int, Any], object]:
        if kind in ("instant", "date"):
            return lambda row, column, value: self._moment(row, column, value, styles[kind])
        if kind == "list":
            return lambda row, column, value: self._text(row, column, joined(value) or "")
        cell: Callable[[int, int, object], object] = {"text": self._text, "boolean": self._sheet.write_boolean}.get(
            kind, self._sheet.write_number
        )
        return cell

    def _text(self, row: int, column: int, value: str) -> None:
        """As a string in any case: nothing that people typed becomes a formula, a number or a link."""
        whole = one_line_end(without_controls(value))
        text = shortened(whole)
        self.cut += text is not whole
        self._sheet.write_string(row, column, text)

    def _moment(self, row: int, column: int, value: Any, style: Style) -> None:
        """A date as Excel has it: without a zone, here UTC, and none before 1900."""
        if value.year < 1900:
            self._sheet.write_string(row, column, value.isoformat())
        else:
            self._sheet.write_datetime(row, column, value.replace(tzinfo=None) if hasattr(value, "tzinfo") else value, style)


def write(order: SpoolOrder, columns: Iterable[Columns]) -> None:
    layer = order.layer
    # Rows go to the disk as they come, into the private directory of this export.
    book = xlsxwriter.Workbook(str(order.path), {"constant_memory": True, "tmpdir": str(order.path.parent)})
    if layer.as_of:
        book.set_properties({"created": datetime.fromisoformat(layer.as_of)})
    bold = book.add_format({"bold": True})
    styles = {kind: book.add_format({"num_format": form}) for kind, form in _STYLES.items()}
    data = book.add_worksheet(_sheet_name(layer.name))
    names = ["id", *(field.name for field in layer.fields), *axes(layer, order.srid)]
    _head(data, names, layer, bold)
    system = () if order.srid == 4326 else (order.srid,)
    sheet = _SheetWriter(data, layer, styles, len(system))
    for ids, wkbs, *values in columns:
        for identity, place, *row in zip(ids, places(layer, wkbs), *values, strict=True):
            sheet.add((identity, *row, *place, *system))
    data.autofilter(0, 0, sheet.rows, len(names) - 1)
    _explain(book.add_worksheet(_NOTES), layer, names, bold, sheet.cut)
    book.close()


def shortened(text: str) -> str:
    """At most `LONGEST` units of UTF-16; what was longer ends with `…`."""
    if len(text) * 2 <= LONGEST:
        return text
    units = text.encode("utf-16-le")
    return text if len(units) <= LONGEST * 2 else units[: (LONGEST - 1) * 2].decode("utf-16-le", "ignore") + "…"


def _head(sheet: Worksheet, names: list[str], layer: Layer, bold: Style) -> None:
    widths = [38, *(_WIDTHS[field.kind] for field in layer.fields)]
    for column, name in enumerate(names):
        sheet.set_column(column, column, max(widths[column] if column < len(widths) else 14, len(name) + 4))
        sheet.write_string(0, column, name, bold)
    sheet.freeze_panes(1, 0)


def _explain(sheet: Worksheet, layer: Layer, names: list[str], bold: Style, cut: int) -> None:
    titles = {field.name: field.title for field in layer.fields}
    rows = [("kolom", "Bahasa Indonesia", "English")]
    rows += [(name, *titles[name]) for name in names if name in titles]
    rows.append((layer.name, *layer.title))
    if any(field.kind == "instant" for field in layer.fields):
        rows.append(("", "Waktu dalam UTC.", "Times are in UTC."))
    if cut:
        rows.append(("", f"{cut} teks yang terlalu panjang dipotong (…).", f"{cut} texts that were too long are cut (…)."))
    sheet.set_column(0, 2, 40)
    for at, row in enumerate(rows):
        for column, text in enumerate(row):
            sheet.write_string(at, column, one_line_end(without_controls(text)), bold if at == 0 else None)


def _sheet_name(name: str) -> str:
    """Excel allows 31 characters, and not these; names of sheets differ in more than their case."""
    return unused(re.sub(r"[\[\]:*?/\\]", "_", name).strip("'")[:30] or "data", [_NOTES])
