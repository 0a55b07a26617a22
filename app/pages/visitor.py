"""Who looks at a page, as far as the page shows it."""

from typing import NamedTuple


class Visitor(NamedTuple):
    """Somebody who is signed in. `kelurahan` are the codes of those that they write for."""

    name: str
    role: str
    kelurahan: tuple[str, ...] = ()
