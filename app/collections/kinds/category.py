"""The points of one category."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Self

from app.collections.kinds.kind import Described
from app.collections.sources import WORDS_OF_POINTS, source_of_points
from app.published.catalogue import CategoryCard, CollectionState, Half, Known
from app.tiles import tilesets
from app.tiles.tilesets import Tileset


@dataclass(frozen=True, slots=True, eq=False)
class PointsOfCategory(Described):
    is_of_one_category: ClassVar[bool] = True

    card: CategoryCard

    @classmethod
    def listed(cls, known: Known, half: Half) -> Sequence[Self]:
        return [cls.of(half, card) for card in known.visible(half)]

    @classmethod
    def find(cls, known: Known, half: Half, name: str) -> Self:
        return cls.of(half, known.category(half, name))

    @classmethod
    @lru_cache(maxsize=512)
    def of(cls, half: Half, card: CategoryCard) -> Self:
        source = source_of_points(half, card)
        return cls(half, card.id, card.title, card.description, source, card.attribute_schema.get("properties", {}), WORDS_OF_POINTS, card)

    @property
    def type_name(self) -> str:
        return "".join(part.title() for part in re.split(r"[^a-z0-9]+", self.id))

    @property
    def category(self) -> str:
        return self.card.id

    @property
    def cards(self) -> Sequence[CategoryCard]:
        return (self.card,)

    def definitions(self, known: Known) -> int:  # noqa: ARG002
        return self.card.version

    def standing(self, known: Known) -> CollectionState:
        return known.standing(self.half, self.id)

    def tileset(self, known: Known) -> Tileset:
        return tilesets.of_category(known, self.half, self.card)
