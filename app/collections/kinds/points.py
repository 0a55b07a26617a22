"""The points of all categories together, with the properties that they share."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Self

from app.collections.kinds.kind import Described
from app.collections.sources import WORDS_OF_POINTS, source_of_points
from app.language import Text
from app.published.catalogue import CategoryCard, CollectionState, Half, Known
from app.tiles import tilesets
from app.tiles.tilesets import ALL_POINTS, Tileset


@dataclass(frozen=True, slots=True, eq=False)
class AllPoints(Described):
    ids: ClassVar[tuple[str, ...]] = ("points",)

    of_categories: tuple[CategoryCard, ...]

    @classmethod
    def listed(cls, known: Known, half: Half) -> Sequence[Self]:
        return [cls.of(half, tuple(known.visible(half)))]

    @classmethod
    def find(cls, known: Known, half: Half, name: str) -> Self:  # noqa: ARG003 - there is one
        return cls.of(half, tuple(known.visible(half)))

    @classmethod
    @lru_cache(maxsize=16)
    def of(cls, half: Half, cards: tuple[CategoryCard, ...]) -> Self:
        every = Text(
            f"Titik semua kategori, dengan properti yang sama pada semuanya: {', '.join(card.title.id for card in cards)}.",
            f"The points of all categories, with the properties that they share: {', '.join(card.title.en for card in cards)}.",
        )
        return cls(half, cls.ids[0], ALL_POINTS, every, source_of_points(half, None), {}, WORDS_OF_POINTS, cards)

    @property
    def type_name(self) -> str:
        return "AllPoints"

    @property
    def cards(self) -> Sequence[CategoryCard]:
        return self.of_categories

    def standing(self, known: Known) -> CollectionState:
        return known.together(self.half)

    def tileset(self, known: Known) -> Tileset:
        return tilesets.of_points(known, self.half, self.id)
