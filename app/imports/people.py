"""Columns of a file that hold people: their names and telephones, which belong to the contacts of a point and to nothing else; and what belongs
nowhere. Pure.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from app.categories.rules import Category
from app.contacts.schemas import ContactRole, phone_number
from app.imports.cells import is_blank, without_zeros, written
from app.imports.fields import Column, Field, folded, kinds_of
from app.imports.reading.table import Cell
from app.imports.roles import OF_AN_OFFICE, PAIRS, PERSONS, PERSONS_IN_WORDS, PHONES, ROLES
from app.language import Text
from app.plaintext import plain

Holds = Literal["name", "phone", "role", "person", "place-name"]
"""What a column holds. `person`: what is kept nowhere. `place-name`: what was to be the name of a point, in a category that makes its own."""

FIELDS: Mapping[str, Field] = {
    field.name: field
    for field in (
        Field("contact_name", "text", Text("Nama kontak", "Name of the contact")),
        Field("contact_phone", "text", Text("Telepon kontak", "Telephone of the contact")),
        Field("contact_role", "text", Text("Jabatan kontak", "Office of the contact")),
    )
}
"""What a column can be called besides the fields of a category."""

LONGEST_NAME = 200

_NAMES = frozenset({"nama", "name", "nama lengkap", "full name"})


class PersonColumn(NamedTuple):
    """`key` tells which telephone is whose: `ketua`, `kader 2`; empty where the heading does not say."""

    at: int
    header: str
    holds: Holds
    role: ContactRole | None = None
    key: str = ""


class Person(NamedTuple):
    """Where in a row one person stands."""

    name: PersonColumn
    phone: PersonColumn | None


class RowPeople(NamedTuple):
    """What a row says of people: contacts as `{role, name, phone}`, the codes of what is wrong with one of its cells, the columns that are filled."""

    contacts: list[dict[str, str | None]]
    findings: list[tuple[str, int]]
    filled: list[int]


def set_apart(columns: Sequence[Column], category: Category, named: Mapping[str, str | None]) -> tuple[list[Column], "People"]:
    """The columns without those that hold people; and these. `named` is what the sender says of single headings: it goes before what is guessed.

    In a category that makes its own names, a column that was taken for the name by its heading is no name: in a list of RT it is the chair.
    """
    remaining: list[Column] = []
    people: list[PersonColumn] = []
    for column in columns:
        is_guess = column.header not in named and not column.is_canonical
        if category.name_template is not None and column.field is not None and column.field.name == "name" and is_guess:
            names = _NAMES | {f"nama {kind}" for kind in kinds_of(category)}
            is_person = not names.isdisjoint((folded(column.header), folded(column.alias)))
            people.append(PersonColumn(column.at, column.header, "name" if is_person else "place-name"))
            remaining.append(column._replace(field=None))
            continue
        found = None if column.field else _named_person(column, named) if column.header in named else _guessed(column)
        people += [found] if found else []
        remaining.append(column)
    return remaining, People(people, category)


def _named_person(column: Column, named: Mapping[str, str | None]) -> PersonColumn | None:
    holds: Mapping[str | None, Holds] = {"contact_name": "name", "contact_phone": "phone", "contact_role": "role"}
    if (wanted := holds.get(named[column.header])) is None:
        return None
    guess = _guessed(column)
    return PersonColumn(column.at, column.header, wanted, guess.role if guess else None, guess.key if guess else "")


def _guessed(column: Column) -> PersonColumn | None:
    return _of_heading(column, column.header) or (_of_heading(column, column.alias) if column.alias else None)


def _of_heading(column: Column, heading: str) -> PersonColumn | None:
    text = folded(heading)
    for pair, word in PAIRS.items():
        text = text.replace(pair, word)
    parts = text.split()
    role = next((word for word in parts if word in ROLES), "")
    number = next((word for word in parts if word.isdecimal()), "")
    holds = _held(text, frozenset(parts), role)
    return holds and PersonColumn(column.at, column.header, holds, ROLES.get(role), f"{role} {number}".strip())


def _held(text: str, parts: frozenset[str], role: str) -> Holds | None:
    if parts & PERSONS or any(one in text for one in PERSONS_IN_WORDS) or (role and parts & {"alamat", "rumah"}):
        return "person"
    if parts & OF_AN_OFFICE:
        return None
    if parts & PHONES:
        return "phone"
    if text == "jabatan":
        return "role"
    return "name" if role or text in _NAMES else None


class People:
    """The columns of a file that hold people, ready to read rows by."""

    def __init__(self, columns: Sequence[PersonColumn], category: Category) -> None:
        self.columns = columns
        self._category = category
        self._role = next((column for column in columns if column.holds == "role"), None)
        self.persons = _paired(columns)

    @property
    def notes(self) -> Mapping[str, frozenset[int]]:
        """What is to be said of the file: the code of a sentence, and the columns that it is about."""
        by_code: dict[str, set[int]] = {}
        for column in self.columns:
            if column.holds in ("name", "phone", "role"):
                by_code.setdefault("columns-contacts", set()).add(column.at)
            elif column.holds == "person":
                by_code.setdefault("columns-person", set()).add(column.at)
            else:
                by_code.setdefault("columns-place-name", set()).add(column.at)
        return {code: frozenset(columns) for code, columns in by_code.items()}

    def field_of(self, at: int) -> Field | None:
        holds = next((column.holds for column in self.columns if column.at == at), None)
        return FIELDS.get(f"contact_{holds}")

    def read(self, cells: Sequence[Cell]) -> RowPeople:
        people = RowPeople([], [], [])
        people.filled.extend(column.at for column in self.columns if not is_blank(cells[column.at]) and not self._is_made(cells[column.at]))
        for person in self.persons:
            self._read_one(person, cells, people)
        return people

    def _read_one(self, person: Person, cells: Sequence[Cell], people: RowPeople) -> None:
        name, phone = _clean(cells[person.name.at]), None
        if self._is_made(name):
            name = ""
        if person.phone is not None and (text := _clean(cells[person.phone.at])):
            phone = telephone(text)
            if phone is None:
                people.findings.append(("contact-phone", person.phone.at))
        if not name:
            if phone is not None and person.phone is not None:
                people.findings.append(("contact-nameless", person.phone.at))
        elif len(name) > LONGEST_NAME:
            people.findings.append(("contact-name-long", person.name.at))
        else:
            people.contacts.append({"role": person.name.role or self._role_of(cells), "name": name, "phone": phone})

    def _role_of(self, cells: Sequence[Cell]) -> ContactRole | None:
        parts = folded(_clean(cells[self._role.at])).split() if self._role else []
        return next((ROLES[part] for part in parts if part in ROLES), "lainnya" if parts else None)

    def _is_made(self, cell: Cell) -> bool:
        """A name that the category makes is nobody's."""
        return (
            self._category.name_template is not None
            and isinstance(cell, str)
            and self._category.is_numbers_only(cell)
            and cell[:1].isalpha()
        )


def _paired(columns: Sequence[PersonColumn]) -> list[Person]:
    """Each name with its telephone: the one whose heading says the same, else the next one that belongs to nobody yet."""
    names = [column for column in columns if column.holds == "name"]
    taken: dict[int, PersonColumn] = {}
    for phone in (column for column in columns if column.holds == "phone"):
        free = [name for name in names if name.at not in taken]
        same = [name for name in free if name.key == phone.key]
        before = [name for name in free if name.at < phone.at]
        if owner := next(iter(same or (() if phone.role else [*before[-1:], *free])), None):
            taken[owner.at] = phone
    return [Person(name, taken.get(name.at)) for name in names]


def telephone(text: str) -> str | None:
    """As a contact keeps it, also where a spreadsheet took the leading zero; None where it is not one number."""
    bare = re.sub(r"[\s().\-]", "", without_zeros(text))
    return phone_number(f"0{bare}" if re.fullmatch(r"8[1-9]\d{7,10}", bare) else bare)


def _clean(cell: Cell) -> str:
    """A text that can be kept: one line, without what cannot be printed."""
    text = "" if is_blank(cell) else " ".join(plain(written(cell)).split())
    return "".join(letter for letter in text if letter.isprintable())
