"""Does a text tell of a person? What is found is pointed out, to its writer before it is sent and to the walidata before it is shown; nothing is refused. Pure."""

import re

from app.points.personal import is_personal

_EMAIL = re.compile(r"[^\s@<>,;:()]{1,64}@[^\s@<>,;:()]{1,190}\.[A-Za-z]{2,}")


def tells_of_person(text: str) -> bool:
    """A telephone or identity number, a title with a name, an address of e-mail."""
    return _EMAIL.search(text) is not None or is_personal(text)
