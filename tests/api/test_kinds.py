"""Kinds of collections: what each says of its own; and one that is made up, by nothing but its class and its place in the list."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar, Self

import pytest

from app.collections import kinds
from app.collections.kinds.areas import Areas
from app.collections.kinds.category import PointsOfCategory
from app.collections.kinds.kind import Described
from app.errors import NotFound
from app.language import Text
from app.published.catalogue import CategoryCard, CollectionState, EditionCard, Half, Known
from app.tiles import tilesets
from app.tiles.tilesets import Tileset
from tests.conftest import AsRole, Client

pytestmark = pytest.mark.anyio

EDITION = EditionCard(7, "e", 10.0, True, [1.0, 2.0, 3.0, 4.0], {"kelurahan": 46, "kecamatan": 3})


def a_card(name: str, audience: str = "public") -> CategoryCard:
    schema = {"properties": {"jenis": {"type": "string"}}}
    return CategoryCard(name, Text(name, name), Text(name, name), schema, audience, {"published": frozenset(), "internal": frozenset()})


def known_of(*cards: CategoryCard) -> Known:
    standings: dict[Half, dict[str, CollectionState]] = {"published": {card.id: CollectionState(3, 10, None) for card in cards}}
    return Known(standings, {card.id: card for card in cards}, EDITION)


def test_each_kind_says_what_is_its_own() -> None:
    known = known_of(a_card("posyandu"), a_card("gudang", "internal"), a_card("pos_kamling"))
    listed = kinds.listed(known, "published")
    assert [one.id for one in listed] == ["points", "posyandu", "pos_kamling", "kelurahan", "kecamatan", "profiles", "profile_values"]
    assert [one.type_name for one in listed] == [
        "AllPoints", "Posyandu", "PosKamling", "KelurahanArea", "KecamatanArea", "ProfilesOfKelurahan", "ProfileValuesOfKelurahan",
    ]  # fmt: skip
    assert [one.standing(known)[:2] for one in listed] == [(9, 30), (3, 10), (3, 10), (7, 46), (7, 3), (0, 0), (0, 0)]
    assert [one.category for one in listed] == [None, "posyandu", "pos_kamling", None, None, None, None]
    assert [one.takes_points for one in listed] == [True, True, True, False, False, False, False]
    assert [one.source.geometry for one in listed] == ["Point"] * 3 + ["MultiPolygon"] * 4
    assert ["jenis" in one.source.queryables for one in listed] == [False, True, True, False, False, False, False]
    tiled = [one for one in listed if one.is_of_dataset]
    assert [one.id for one in listed if not one.is_of_dataset] == ["profiles", "profile_values"]
    sets = [one.tileset(known) for one in tiled]
    assert [one.path for one in sets] == [f"/collections/{one.id}/tiles" for one in tiled]
    assert [(one.categories, one.levels) for one in sets] == [
        (("pos_kamling", "posyandu"), ()), (("posyandu",), ()), (("pos_kamling",), ()), ((), ("kelurahan",)), ((), ("kecamatan",)),
    ]  # fmt: skip
    with pytest.raises(NotFound):
        kinds.one(known, "published", "gudang")
    assert kinds.one(known, "internal", "gudang").id == "gudang"


def test_a_collection_is_made_once_for_each_state_of_its_category() -> None:
    card = a_card("posyandu")
    first, again = (kinds.one(known_of(card), "published", "posyandu") for _ in range(2))
    assert first is again
    assert kinds.one(known_of(card), "internal", "posyandu") is not first
    changed = a_card("posyandu")
    assert kinds.one(known_of(changed), "published", "posyandu") is not first
    first, again = (kinds.one(known_of(card), "published", "points") for _ in range(2))
    assert first is again
    assert kinds.one(known_of(card, changed), "published", "kelurahan") is kinds.one(known_of(), "published", "kelurahan")


def test_no_two_kinds_have_one_name() -> None:
    names = [name for kind in kinds.KINDS for name in kind.ids]
    assert len(names) == len(set(names))
    assert {kinds.kind_of(name) for name in names} | {PointsOfCategory} == set(kinds.KINDS)
    assert kinds.kind_of("posyandu") is PointsOfCategory
    assert (kinds.category_of("points"), kinds.category_of("posyandu")) == (None, "posyandu")


@dataclass(frozen=True, slots=True, eq=False)
class Regions(Described):
    """Areas of all levels together."""

    ids: ClassVar[tuple[str, ...]] = ("wilayah",)
    takes_points: ClassVar[bool] = False
    has_fragments: ClassVar[bool] = False

    @classmethod
    def listed(cls, known: Known, half: Half) -> Sequence[Self]:  # noqa: ARG003
        return [cls.of(half)]

    @classmethod
    def find(cls, known: Known, half: Half, name: str) -> Self:  # noqa: ARG003
        return cls.of(half)

    @classmethod
    @lru_cache
    def of(cls, half: Half) -> Self:
        area = Areas.of(half, "kelurahan")
        return cls(half, "wilayah", Text("Wilayah", "Regions"), area.description, replace(area.source, within=None), {}, area.words)

    @property
    def type_name(self) -> str:
        return "Regions"

    @property
    def levels(self) -> tuple[str, ...]:
        return Areas.ids

    def standing(self, known: Known) -> CollectionState:
        return known.of_areas("kelurahan")

    def tileset(self, known: Known) -> Tileset:
        return replace(tilesets.of_areas(known, "kelurahan"), id=self.id, path=f"/collections/{self.id}/tiles", levels=self.levels)


async def test_a_new_kind_is_everywhere_by_its_place_in_the_list(client: Client, as_role: AsRole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "KINDS", (*kinds.KINDS, Regions))
    monkeypatch.setattr(kinds, "_BY_NAME", {**kinds._BY_NAME, "wilayah": Regions})
    path = "/collections/wilayah"
    assert [one["id"] for one in (await client.get("/collections?f=json")).json()["collections"]][-1] == "wilayah"
    page = (await client.get(f"{path}/items?limit=100")).json()
    both = [(await client.get(f"/collections/{level}/items?limit=100")).json()["features"] for level in Areas.ids]
    assert sorted(one["id"] for one in page["features"]) == sorted(one["id"] for level in both for one in level)
    code = page["features"][0]["id"]
    assert (await client.get(f"{path}/items/{code}")).json()["properties"] == page["features"][0]["properties"]
    assert code in (await client.get(f"{path}/items?f=csv")).text
    assert (await client.get(f"{path}/items?filter=code='{code}'")).json()["numberMatched"] == 1
    for answer in ("queryables", "sortables", "schema", "schema/feature", "tiles", "tiles/WebMercatorQuad"):
        assert (await client.get(f"{path}/{answer}?f=json")).status_code == 200, answer
    assert (await client.get(f"{path}/items?f=html")).status_code == 200
    assert "wilayah" in (await client.get("/tiles/WebMercatorQuad")).json()["collections"]
    chosen = await client.get("/tiles/WebMercatorQuad/11/1068/1661?collections=wilayah")
    assert chosen.content == (await client.get("/tiles/WebMercatorQuad/11/1068/1661?collections=kelurahan,kecamatan")).content
    described = (await client.get("/api")).json()["paths"]["/collections/wilayah/items"]
    assert described.keys() == {"get"}
    assert "RegionsFeatureCollection" in str(described["get"]["responses"]["200"])
    pic = await as_role("admin")
    assert "POST" not in (await pic.options(f"{path}/items")).headers["allow"]
    assert (await pic.get(f"{path}/items?view=work")).json()["errors"][0]["code"] == "view-of-category"
