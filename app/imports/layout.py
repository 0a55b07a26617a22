"""The columns of one file, ready to read its rows by: from cells to values. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timezone

from app.coordinates.sentences import accuracy_in
from app.errors import Fault
from app.imports.cells import BLANK, is_blank, read, seen, written
from app.imports.columns import likely, unread
from app.imports.dates import WIB
from app.imports.fields import COMMON, Column, Field, folded
from app.imports.fitting import is_coordinate
from app.imports.headings import axis_free, says_south
from app.imports.neighbourhoods import BOTH, numbers_in
from app.imports.people import People
from app.imports.reading.table import Cell, SourceRow
from app.imports.rows import Draft, PlaceCells, RowFinding
from app.imports.systems import DATUM, ZONE, of_cell, of_heading, of_title, together

_COORDINATE = next(field for field in COMMON if field.name == "coordinate")
_OF_PLACE, _OF_SYSTEM = ("lat", "lon", "coordinate"), (DATUM, ZONE)
_REGIONS = ("kelurahan", "kelurahan_name")
_TOTALS = frozenset({"jumlah", "total", "jml", "jumlah total", "total jumlah", "grand total", "jumlah seluruhnya", "jumlah keseluruhan"})
_TEXTS = frozenset({"name", "address", "kecamatan", "captured_at", "override_reason"})
"""Fields that two columns may say in different words: the first is taken, and the row says so. Of any other only one can be right."""
# As Collect writes a place: latitude, longitude, height, accuracy.
_GEOPOINT = re.compile(r"\s*[+-]?\d{1,3}(?:\.\d+)?\s+[+-]?\d{1,3}(?:\.\d+)?\s+[+-]?\d+(?:\.\d+)?\s+(\d{1,5}(?:\.\d+)?)\s*")
_UNSIGNED = re.compile(r"\d{1,2}[.,]\d+")
_MOST_ACCURATE_M = 10_000.0


class Layout:
    """The columns of a file, ready to read rows by. `zone`: the clock of people who write a time without one."""

    def __init__(self, columns: Sequence[Column], people: People | None = None, above: Sequence[str] = (), zone: timezone = WIB) -> None:
        self.columns = columns
        self._zone = zone
        self.people = people if people and people.columns else None
        of_people = {column.at for column in self.people.columns} if self.people else set()
        self._unread = [column for column in columns if column.at not in of_people and column.rank >= 0]
        known = sorted((column for column in columns if column.field), key=lambda column: (column.rank, column.at))
        by_name: dict[str, list[Column]] = {}
        for column in known:
            by_name.setdefault(_name(column), []).append(column)
        self.by_field = {name: its[0].at for name, its in by_name.items()}
        self._values = [
            (its[0], its[0].field, its[0].field.kind == "text" and not its[0].field.choices, its[1:])
            for name, its in by_name.items()
            if its[0].field and name not in _OF_PLACE and not _says_a_system(its[0].field)
        ]
        self._systems = [(column.at, _name(column)) for column in columns if column.field and _says_a_system(column.field)]
        self._pairs = list(_pairs(by_name.get("lat", ()), by_name.get("lon", ())))
        self._south = frozenset(column.at for column in by_name.get("lat", ()) if says_south(column.header))
        self._coordinates = [column.at for column in by_name.get("coordinate", ())]
        of_place = [column for column in columns if column.field and column.field.name in _OF_PLACE]
        headings = [of_heading(text) for column in of_place for text in filter(None, (column.header, column.alias))]
        self._telling = frozenset(column.at for column in columns if column.field and column.field.name in (*_OF_PLACE, *_REGIONS))
        self._said = together([*headings, *map(of_title, above)])

    def read(self, row: SourceRow) -> Draft:
        cells = row.cells
        draft = Draft(row.number, {}, [], {}, place=row.place, shift=row.shift, system=self._said)
        values, blank = draft.values, draft.blank
        for column, meant, is_plain, others in self._values:
            cell = cells[column.at]
            if others:
                self._read_several(draft, meant, [column, *others], cells)
            elif cell is None or cell in BLANK:
                blank.append(meant.name)
            elif is_plain and cell.__class__ is str:
                # Nearly every cell of nearly every file.
                values[meant.name] = seen(written(cell) if cell[0] in "' " else cell)
            else:
                self._keep(draft, column, meant, cell)
        self._read_places(draft, cells)
        if self._systems:
            systems = [of_cell(text, name) for index, name in self._systems if (text := written(cells[index])) not in BLANK]
            draft.system = together([self._said, *systems]) if systems else self._said
        self._read_numbers(draft)
        if "accuracy_m" not in values and (accuracy_m := row.accuracy_m or _accuracy_of(draft)):
            values["accuracy_m"] = accuracy_m
        if self.people is not None:
            draft.people = self.people.read(cells)
        return draft

    def finding(self, fault: Fault, draft: Draft) -> RowFinding:
        """A fault by the cell that it is about; its pointer says of which field."""
        name = fault.where.removeprefix("/properties/").partition("/")[0]
        return RowFinding(fault.code, self.column(name, draft), fault.facts)

    def column(self, name: str, draft: Draft) -> int | None:
        """Where the value of a field stands in this row, or should."""
        return draft.at.get(name, self.by_field.get(name))

    def without_totals(self, batches: Iterable[list[SourceRow]], totals: list[int]) -> Iterator[list[SourceRow]]:
        """All rows but those that sum up others, whose numbers go into `totals`."""
        for batch in batches:
            found = [row.number for row in batch if self._is_total(row)]
            totals += found
            if rows := [row for row in batch if row.number not in found] if found else batch:
                yield rows

    def _is_total(self, row: SourceRow) -> bool:
        """Whether it begins with `Jumlah`, and has neither a place nor a kelurahan of its own."""
        own = [at for at, cell in enumerate(row.cells) if not is_blank(cell) and at not in row.merged]
        if not own or row.place is not None or folded(written(row.cells[own[0]])) not in _TOTALS:
            return False
        return self._telling.isdisjoint(own)

    def is_read(self, column: int) -> bool:
        """Whether it is a field of the point."""
        return any(one.at == column and one.field for one in self.columns)

    def heading(self, column: int | None) -> str:
        return next((one.header for one in self.columns if one.at == column), "")

    def unmatched(self, field: Field) -> RowFinding:
        """What is to be said of a field that the file has no column of: which columns may have been meant, or which are not read."""
        facts = titles(field, field.name)
        if headings := likely(self._unread, field):
            return RowFinding("row-field-unmatched", None, {**facts, "columns": ", ".join(headings)})
        if headings_unread := unread(self._unread):
            return RowFinding("row-field-unread", None, {**facts, "columns": headings_unread})
        return RowFinding("row-field-missing", None, facts)

    def without_place(self, draft: Draft) -> RowFinding:
        """What is to be said of a row that has no coordinate."""
        found = self.unmatched(_COORDINATE) if self.by_field.keys().isdisjoint(_OF_PLACE) else None
        return found if found and "columns" in found.facts else RowFinding("coordinate-missing", self.place_column(draft))

    def place_column(self, draft: Draft) -> int | None:
        """Where the coordinate stands; of a pair the latitude."""
        filled = [name for name in ("coordinate", "lat", "lon") if name in draft.places]
        there = [name for name in ("lat", "coordinate") if name in self.by_field]
        return self.column(next(iter((*filled, *there)), "lat"), draft)

    def _keep(self, draft: Draft, column: Column, meant: Field, cell: Cell) -> None:
        value, fault = read(cell, meant, is_canonical=column.is_canonical, zone=self._zone)
        if fault is not None:
            draft.findings.append(RowFinding(fault.code, column.at, fault.facts))
            draft.faulty.add(meant.name)
        elif value is None:
            draft.blank.append(meant.name)
            return
        draft.values[meant.name] = value

    def _read_several(self, draft: Draft, meant: Field, columns: Sequence[Column], cells: Sequence[Cell]) -> None:
        """The first column that says something counts; the others complete it, or disagree."""
        filled = [column for column in columns if not is_blank(cells[column.at])]
        if not filled:
            draft.blank.append(meant.name)
            return
        first, *others = filled
        self._keep(draft, first, meant, cells[first.at])
        if first.at != self.by_field[meant.name]:
            draft.at[meant.name] = first.at
        for column in others:
            value, fault = read(cells[column.at], meant, is_canonical=column.is_canonical, zone=self._zone)
            if meant.name in _REGIONS:
                draft.regions.append((column.at, written(cells[column.at])))
            elif fault is not None or not _agree(draft.values.get(meant.name), value, meant):
                code = "columns-differ" if meant.name in _TEXTS else "columns-contradict"
                draft.findings.append(RowFinding(code, column.at, {"other": first.header}))

    def _read_places(self, draft: Draft, cells: Sequence[Cell]) -> None:
        """The first whole pair and the first coordinate are the place; what else there is has to agree with it."""
        spots = [
            (
                {
                    name: self._sided(cells[at], at)
                    for name, at in (("lat", lat), ("lon", lon))
                    if at is not None and not is_blank(cells[at])
                },
                lat,
                lon,
            )
            for lat, lon in self._pairs
        ]
        spots = sorted((spot for spot in spots if spot[0]), key=lambda spot: -len(spot[0]))
        for at_first, (pair, lat, lon) in enumerate(spots):
            if at_first == 0:
                draft.places.update(pair)
                draft.at.update({name: at for name, at in (("lat", lat), ("lon", lon)) if at is not None and at != self.by_field[name]})
            elif len(pair) == 2 and lat is not None:
                draft.spots.append(PlaceCells(pair, lat, lon))
        both = [(at, cells[at]) for at in self._coordinates if not is_blank(cells[at])]
        if (text := draft.values.get("address")) is not None and text[:1] in _BEGINNINGS and is_coordinate(text):
            del draft.values["address"]
            draft.blank.append("address")
            both.append((self.column("address", draft) or 0, text))
        for at_first, (at, cell) in enumerate(both):
            if at_first == 0:
                draft.places["coordinate"] = cell
                if at != self.by_field.get("coordinate"):
                    draft.at["coordinate"] = at
            else:
                draft.spots.append(PlaceCells({"coordinate": cell}, at))

    def _sided(self, cell: Cell, at: int) -> Cell:
        """A latitude whose heading says that it is south, and which has no sign itself."""
        return f"{written(cell)} LS" if at in self._south and _UNSIGNED.fullmatch(written(cell)) else cell

    def _read_numbers(self, draft: Draft) -> None:
        """RT and RW, in a column each or both in one."""
        texts = [(name, text) for name in ("rt", "rw", *BOTH) if isinstance(text := draft.values.pop(name, None), str)]
        for field, text in texts:
            numbers = numbers_in(text, field)
            column = self.column(field, draft)
            if not any(numbers):
                # Neither of the two, which is said of the cell that was to hold it.
                self._fault_of_numbers(draft, field, column)
            for name, number in (("rt", numbers.rt), ("rw", numbers.rw)):
                if number is None:
                    continue
                earlier = draft.values.get(name)
                if earlier is None:
                    draft.values[name] = number
                    if column is not None and column != self.by_field.get(name):
                        draft.at[name] = column
                elif int(earlier) != int(number):
                    other = self.heading(self.column(name, draft))
                    draft.findings.append(RowFinding("columns-contradict", column, {"other": other}))

    @staticmethod
    def _fault_of_numbers(draft: Draft, field: str, column: int | None) -> None:
        draft.findings.append(RowFinding("not-a-neighbourhood-number", column))
        draft.faulty.update(("rt", "rw") if field in BOTH else (field,))


# With which a coordinate in a column for addresses can begin; most addresses begin otherwise.
_BEGINNINGS = frozenset("+-0123456789([hHpPmMgGsSnNeElL\u2212")


def _name(column: Column) -> str:
    return column.field.name if column.field else ""


def _says_a_system(field: Field) -> bool:
    """Not one of the category's own that is called so."""
    return field.name in _OF_SYSTEM and not field.is_attribute


def _pairs(lats: Sequence[Column], lons: Sequence[Column]) -> Iterator[tuple[int | None, int | None]]:
    """Columns of latitude with those of longitude: of one wording first (`Y` and `X`), of those the nearest; then in their order."""
    free = list(lons)
    matched = [(lat, _nearest(lat, [lon for lon in lons if axis_free(lon.header) == axis_free(lat.header)])) for lat in lats]
    for _, lon in matched:
        if lon in free:
            free.remove(lon)
    taken: set[int] = set()
    for lat, lon in matched:
        partner = lon if lon is not None and lon.at not in taken else (free.pop(0) if free else None)
        if partner is not None:
            taken.add(partner.at)
        yield lat.at, partner.at if partner else None
    for lon in free:
        yield None, lon.at


def _nearest(lat: Column, lons: Sequence[Column]) -> Column | None:
    """Of those on either side the one behind it."""
    return min(lons, key=lambda lon: (abs(lon.at - lat.at), lon.at < lat.at), default=None)


def _agree(one: object, other: object, meant: Field) -> bool:
    if one == other or other is None:
        return True
    if meant.name == "captured_at":
        return str(one)[:10] == str(other)[:10]
    if isinstance(one, str) and isinstance(other, str):
        first, second = folded(one), folded(other)
        return first == second or (meant.name in _TEXTS and bool(first and second) and (first in second or second in first))
    return False


def _accuracy_of(draft: Draft) -> float | None:
    """The fourth number of a place, where it is none of 0, which is how Collect says that it does not know; else what its text calls so."""
    cell = draft.places.get("coordinate")
    found = _GEOPOINT.fullmatch(cell) if isinstance(cell, str) else None
    accuracy_m = float(found[1]) if found else (accuracy_in(cell) or 0.0) if isinstance(cell, str) else 0.0
    return accuracy_m if 0 < accuracy_m <= _MOST_ACCURATE_M else None


def titles(field: Field | None, name: str) -> Mapping[str, object]:
    """The facts of a sentence that names a field."""
    return {"titles": list(field.title if field else (name, name))}
