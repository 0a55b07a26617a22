"""How much of a file is read, each number with its reason. Together they keep the process that reads below 300 MB."""

from typing import Final

MOST_ROWS: Final = 200_000
"""More than all facilities of a large city; a national list is cut by its owner."""

MOST_TEXT: Final = 64 << 20
"""Characters of all cells of a sheet together, as calamine holds them: 320 for each of 200,000 rows."""

MOST_COLUMNS: Final = 200
"""The widest category has some thirty; an export of a survey may bring a hundred more."""

MOST_CELLS: Final = 2_200_000
"""Rows times columns of a sheet, blank cells too: calamine holds a whole sheet, some 80 bytes for each cell. 200,000 rows of ten columns fit."""

AT_ONCE: Final = 1_000
"""Rows of a batch, a few megabytes."""

LONGEST_TEXT: Final = 10_000
"""Characters of one cell. What is longer is cut, and the row is at fault: a description is shorter, and an outline is not a point."""

LONGEST_RECORD: Final = 1_000_000
"""Characters of one line or feature of a text, so that a file without line ends is not read into memory whole."""

MOST_MEMBERS: Final = 2_000
"""Members of a zip archive; a workbook with a photo in each of a thousand rows has some 1,100."""

MOST_UNPACKED: Final = 256 << 20
"""Bytes of all members of an archive, counted while they are inflated. Most are only looked at and let go; a sheet of two million cells
has some 100 MB."""

MOST_HELD: Final = 64 << 20
"""Bytes of a part that the reader of workbooks keeps as objects, such as the table of shared texts."""

SMALL_MEMBER: Final = 16 << 20
MOST_RATIO: Final = 200
"""A member beyond `SMALL_MEMBER` bytes may be this many times its packed size: sheets of equal rows reach 50, a bomb 1,000."""

DEEPEST: Final = 32
"""Levels of XML elements or JSON values inside a feature; KML folders and nested properties need a dozen."""

HEADER_WITHIN: Final = 20
"""Rows at the top among which the header is looked for."""
