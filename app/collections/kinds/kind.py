"""What every kind of collections says of its own."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from app.collections.sources import Source
from app.exports.formats import FORMATS, Format
from app.language import Text
from app.placement.edition import NamedEdition
from app.published.catalogue import CategoryCard, CollectionState, Half, Known
from app.tiles.tilesets import Tileset


@dataclass(frozen=True, slots=True, eq=False)
class Described(ABC):
    """A collection as readers of one half meet it. `details` are the JSON Schemas of what is its own, `words` what the schema of its items says of
    some properties beside that. Made once for each state of what it is made of: the same object as long as that stays.
    """

    ids: ClassVar[tuple[str, ...]] = ()
    """The names of its collections, where those are fixed."""
    takes_points: ClassVar[bool] = True
    """Points are written into it, have revisions, and are in the feed of changes."""
    is_of_one_category: ClassVar[bool] = False
    has_fragments: ClassVar[bool] = True
    """Its Features are stored ready-made, in the order of places: the fixed statements of `items.py` answer what is asked without a filter."""

    has_uuids: ClassVar[bool] = False
    """Its items have UUIDs as their ids though they are no points."""
    has_editions: ClassVar[bool] = False
    """It can also be read as another edition of the boundaries has it."""
    has_tiles: ClassVar[bool] = True
    is_of_dataset: ClassVar[bool] = True
    """Its points and areas are among those of the tiles of everything."""
    columns: ClassVar[tuple[str, ...]] = ()
    """What the page of its items shows first, in this order."""

    half: Half
    id: str
    title: Text
    description: Text
    source: Source
    details: Mapping[str, Any]
    words: Mapping[str, Mapping[str, Any]]
    edition: NamedEdition | None = field(default=None, kw_only=True)
    """The one that it is read of; None: the active one, or none has to do with it."""

    @classmethod
    @abstractmethod
    def listed(cls, known: Known, half: Half) -> Sequence[Self]:
        """All of this kind that readers of a half may know of."""

    @classmethod
    @abstractmethod
    def find(cls, known: Known, half: Half, name: str) -> Self:
        """`NotFound` for one that readers of this half may not know of."""

    @property
    @abstractmethod
    def type_name(self) -> str:
        """Of its features in OpenAPI: `PosKamling`. Of points and areas in the plural or with a word, so that no category has the same."""

    @property
    def category(self) -> str | None:
        """The id of the one category whose points it holds; None: those of all, or none."""
        return None

    @property
    def cards(self) -> Sequence[CategoryCard]:
        """The categories of its points."""
        return ()

    @property
    def formats(self) -> Mapping[str, Format]:
        """The files that it can be had as, by the word of `f=`."""
        return FORMATS

    def name_of(self, properties: Mapping[str, Any]) -> str | None:
        """What an item is called where people read; None: by its id."""
        return properties.get("name")

    @property
    def looks(self) -> Mapping[str, tuple[str | None, str | None]]:
        """By category the colour and the sign of its points on maps, where it has any."""
        return {card.id: (card.colour, card.icon) for card in self.cards}

    def definitions(self, known: Known) -> int:
        """The version of what says which fields readers have: another one is another form of the same points."""
        return known.versions

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels of the areas that its tiles show, beside the points of `cards`."""
        return ()

    def of_edition(self, edition: NamedEdition) -> "Described":  # noqa: ARG002 - see `has_editions`
        """As that edition has it."""
        return self

    @abstractmethod
    def standing(self, known: Known) -> CollectionState: ...

    @abstractmethod
    def tileset(self, known: Known) -> Tileset: ...
