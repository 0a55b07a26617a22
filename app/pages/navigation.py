"""Where the header of a page leads, by what somebody may do."""

from typing import NamedTuple

from app.language import Text
from app.pages.visitor import Visitor


class NavigationLink(NamedTuple):
    """`path` lies within the service."""

    path: str
    text: Text


class Navigation(NamedTuple):
    """`account` leads to one's own account, or to signing in."""

    links: list[NavigationLink]
    account: NavigationLink


_MAP = NavigationLink("/portal/peta", Text("Peta", "Map"))
_DATA = NavigationLink("/collections", Text("Data", "Data"))
_REPORT = NavigationLink("/lapor", Text("Lapor", "Report"))
_IMPORT = NavigationLink("/portal/impor", Text("Impor", "Import"))
_TASKS = NavigationLink("/portal/laporan", Text("Laporan", "Reports"))
_SIGN_IN = NavigationLink("/portal/masuk", Text("Masuk", "Sign in"))
_ACCOUNT = NavigationLink("/portal/akun", Text("Akun", "Account"))
_OF_ROLE = {
    "pic": [NavigationLink("/portal/catat", Text("Catat", "Record")), NavigationLink("/portal/titik", Text("Titik saya", "My points")), _TASKS, _IMPORT],
    "walidata": [NavigationLink("/portal/tinjau", Text("Tinjau", "Review")), _TASKS, _IMPORT, NavigationLink("/portal/kelola/batas", Text("Batas", "Boundaries"))],
    "admin": [NavigationLink("/portal/kelola", Text("Kelola", "Manage"))],
}  # fmt: skip


def menus() -> dict[str, list[NavigationLink]]:
    """The links of each role, for a page that learns only in the browser whose it is."""
    return {role: navigation(Visitor("", role)).links for role in _OF_ROLE}


def navigation(visitor: Visitor | None) -> Navigation:
    """What a role works with comes first."""
    if visitor is None:
        return Navigation([_MAP, _DATA, _REPORT], _SIGN_IN)
    return Navigation([*_OF_ROLE.get(visitor.role, ()), _MAP, _DATA], _ACCOUNT)
