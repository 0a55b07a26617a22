"""The one way in: which format it is, and who reads that."""

from pathlib import Path

from app.transfers.reading.delimited import read_delimited
from app.transfers.reading.kinds import kind_of
from app.transfers.reading.table import Table


def open_table(path: Path, name: str, *, sheet: str | None = None) -> Table:
    """The table that the file holds; its rows are read when `batches` is. `Unreadable` says what is wrong and what to do.

    `name` is what the user calls the file. `sheet` chooses a sheet, or a layer, where there are several. What must be unpacked is put into
    a private directory beside `path`, and removed with the last row.
    """
    kind = kind_of(path, name)
    if kind in ("xlsx", "ods"):
        from app.transfers.reading.workbooks import read_workbook  # noqa: PLC0415 - only workbooks need it

        return read_workbook(path, kind, sheet)
    return read_delimited(path)
