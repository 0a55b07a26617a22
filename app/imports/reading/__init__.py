"""Files that people have, read into one kind of table: `open_table(path, name)`.

Pure of database and HTTP, made for a short-lived child process: the libraries that read workbooks and layers are imported when one is
opened. What could harm is looked for before any of them sees the file (docs/adr/0024).
"""

from app.errors import Unreadable
from app.imports.reading.opening import open_table
from app.imports.reading.table import Cell, SourceRow, Table

__all__ = ["Cell", "SourceRow", "Table", "Unreadable", "open_table"]
