"""A contact as clients send it and get it back."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, NotRequired
from uuid import UUID

from pydantic import UUID7, AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from app.wire import Answer, OneLine, Wire, answer_from

_PHONE = re.compile(r"(?:\+62|62|0)(\d{7,13})|(\+\d{8,15})")


def phone_number(text: str) -> str | None:
    """As it is kept: `+62…`, or another country's; without blanks, dots and dashes. None where it is no telephone number."""
    found = _PHONE.fullmatch(re.sub(r"[\s().-]", "", text))
    if found is None:
        return None
    return f"+62{found[1]}" if found[1] else str(found[2])


def _phone(text: str) -> str:
    if (number := phone_number(text)) is None:
        raise PydanticCustomError("phone", "no telephone number")
    return number


ContactRole = Literal["ketua", "sekretaris", "bendahara", "kader", "petugas", "lainnya"]
ContactText = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), OneLine]


class Contact(Wire):
    """A person who answers for a point, why that may be kept, and until when."""

    id: Annotated[UUID7 | None, Field(strict=False)] = None
    role: ContactRole
    name: ContactText
    phone: Annotated[str | None, Field(max_length=40), AfterValidator(lambda text: None if text is None else _phone(text))] = None
    legal_basis: ContactText
    term_ends_on: Annotated[date, Field(strict=False)]


class ContactTerms(Wire):
    """What holds of all contacts of a file: why they may be kept, until when, and the office of those whose column does not say it."""

    legal_basis: ContactText
    term_ends_on: Annotated[date, Field(strict=False)]
    role: ContactRole = "ketua"


class KeptContact(Answer):
    id: UUID
    role: ContactRole
    name: str
    phone: NotRequired[str]
    legal_basis: str
    term_ends_on: date


class Contacts(Answer):
    contacts: list[KeptContact]


class AddedContacts(Answer):
    """What became of the contacts of a file. `left_out`: a point has no room for more."""

    added: int
    changed: int
    same: int
    left_out: int


def contact_json(row: Mapping[str, object]) -> KeptContact:
    return answer_from(KeptContact, row)
