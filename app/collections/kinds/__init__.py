"""The kinds of collections. A new kind is a module beside these and a line in `KINDS`: nothing else in the code knows one by its name."""

from app.collections.kinds.areas import Areas
from app.collections.kinds.category import PointsOfCategory
from app.collections.kinds.kind import Described
from app.collections.kinds.points import AllPoints
from app.collections.kinds.profiles import Profiles
from app.collections.kinds.values import ProfileValues
from app.errors import BadRequest, Fault
from app.published.catalogue import Half, Known
from app.tiles import tilesets
from app.tiles.tilesets import Tileset

KINDS: tuple[type[Described], ...] = (AllPoints, PointsOfCategory, Areas, Profiles, ProfileValues)
"""In the order in which their collections are listed."""
_BY_NAME = {name: kind for kind in KINDS for name in kind.ids}


def kind_of(name: str) -> type[Described]:
    """The kind of a collection of this name, whether there is one or not: what has no name of its own is a category."""
    return _BY_NAME.get(name, PointsOfCategory)


def one(known: Known, half: Half, name: str) -> Described:
    """`NotFound` for one that readers of this half may not know of."""
    return kind_of(name).find(known, half, name)


def listed(known: Known, half: Half) -> list[Described]:
    """All that readers of a half may know of: the points of all categories together, each category, the areas, their figures."""
    return [collection for kind in KINDS for collection in kind.listed(known, half)]


def tileset_of(known: Known, half: Half, name: str, datetime: str | None = None) -> Tileset:
    """`NotFound` for a collection that this half does not have. `datetime`: when it is wanted of, where it is of periods; else `BadRequest`."""
    collection = one(known, half, name)
    made = collection.tileset(known)
    if datetime is None:
        return made
    if not made.indicators:
        raise BadRequest(faults=[Fault("datetime", "parameter-unknown", {"known": "f"})])
    try:
        return tilesets.at(made, datetime)
    except ValueError:
        raise BadRequest(faults=[Fault("datetime", "datetime-invalid")]) from None


def tileset_of_dataset(known: Known, half: Half, names: str | None = None) -> Tileset:
    """Everything, or the collections of a list with commas. `BadRequest` where one of them is none."""
    every = {collection.id: collection for collection in listed(known, half) if collection.is_of_dataset}
    chosen = list(dict.fromkeys(names.split(","))) if names is not None else list(every)
    if not every.keys() >= set(chosen):
        raise BadRequest(faults=[Fault("collections", "not-one-of", {"expected": ", ".join(sorted(every))})])
    query = f"?collections={','.join(chosen)}" if names is not None else ""
    categories = {card.id for name in chosen for card in every[name].cards}
    levels = {level for name in chosen for level in every[name].levels}
    return tilesets.of_dataset(known, half, categories, levels, tuple(every), query)


def category_of(name: str) -> str | None:
    """The category into which a point is written by the name of a collection; None: the point says it itself."""
    return None if name in AllPoints.ids else name
