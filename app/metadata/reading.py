"""All activities with their variables, as a reader may see them now: nothing of them is stored."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.db import Session
from app.definitions import queries as category_queries
from app.definitions.schemas import Both, CategoryAnswer
from app.definitions.service import answer_of, public_part
from app.figures import definitions
from app.indicators.rules import StoredIndicator
from app.indicators.schemas import LEVELS, PERIODS
from app.metadata import activities, variables
from app.metadata.activities import ActivityFacts, ActivitySettings
from app.metadata.schemas import ActivityBlock, VariableAnswer
from app.metadata.variables import PROFILE


class DescribedActivity(NamedTuple):
    id: str
    title: Both
    version: int
    blocks: list[ActivityBlock]
    variables: list[VariableAnswer]


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a reader may see; described when somebody wants it, for who has it already is answered without."""

    version: str
    """Another one after each change of a category or an indicator."""
    around: ActivitySettings
    formats: Sequence[str]
    categories: Mapping[str, CategoryAnswer]
    indicators: Sequence[tuple[StoredIndicator, int]]
    sees_all: bool

    @property
    def names(self) -> list[str]:
        """Of the activities: a category each, the profile last."""
        return [*self.categories, PROFILE]

    def describe(self, activity: str) -> DescribedActivity:
        """One of `names`."""
        if activity == PROFILE:
            return _of_profile(self.indicators, self.around)
        return _of_category(self.categories[activity], self.around, self.formats, sees_all=self.sees_all)


async def read(session: Session, around: ActivitySettings, formats: Sequence[str], *, sees_all: bool) -> Metadata:
    """`sees_all`: whether internal categories, fields and indicators are shown."""
    categories = [answer_of(row) for row in await session.all(category_queries.ALL)]
    indicators = (await definitions.newest(session)).values()
    shown = {one["id"]: one for one in categories if sees_all or one["audience"] == "public"}
    defined = [(row["definition"], row["version"]) for row in indicators if sees_all or row["definition"]["audience"] == "public"]
    numbers = [len(shown), sum(one["version"] for one in categories), len(defined), sum(row["version"] for row in indicators)]
    return Metadata("-".join(map(str, numbers)), around, formats, shown, defined, sees_all)


def variable_rows(found: Sequence[VariableAnswer]) -> Iterator[list[str]]:
    """The table of MS-Var, the header first, texts in both languages."""
    spoken = ("name", "concept", "definition", "reference", "reference_time", "type_name")
    yield [
        "id", "activity", "organiser", "alias", *(f"{name}_{language}" for name in spoken for language in ("id", "en")), "type", "classes",
        "classes_id", "classes_en", "rules_id", "rules_en", "question_id", "question_en", "accessibility", "derived",
    ]  # fmt: skip
    for one in found:
        texts = [one["name"], one["concept"], one["definition"], one["reference"], one["reference_time"], one["type_name"]]
        yield [
            one["id"], one["activity"], one["organiser"], one["alias"], *(part for text in texts for part in (text["id"], text["en"])), one["type"],
            "; ".join(each["code"] for each in one["classes"]), "; ".join(each["title"]["id"] for each in one["classes"]),
            "; ".join(each["title"]["en"] for each in one["classes"]), " ".join(rule["id"] for rule in one["rules"]),
            " ".join(rule["en"] for rule in one["rules"]), one["question"]["id"], one["question"]["en"], one["accessibility"], "; ".join(one["derived"]),
        ]  # fmt: skip


def activity_rows(blocks: Sequence[ActivityBlock]) -> Iterator[list[str]]:
    """The form of MS-Keg as a table, the header first; what is not filled in is empty."""
    yield ["block", "item", "title_id", "title_en", "value_id", "value_en", "fill_in_id", "fill_in_en"]
    for block in blocks:
        for item in block["items"]:
            texts = [
                text
                for both in (item["title"], item["value"], item["fill_in"])
                for text in ((both["id"], both["en"]) if both else ("", ""))
            ]
            yield [block["id"], item["id"], *texts]


def _of_category(category: CategoryAnswer, around: ActivitySettings, formats: Sequence[str], *, sees_all: bool) -> DescribedActivity:
    # The public learns of no hidden field, also not where it is a part of a key; which common ones are hidden has to stay known until they are left out.
    seen = category if sees_all else {**public_part(category), "field_visibility": category["field_visibility"]}
    found = [one for one in variables.of_category(seen, around.organiser) if sees_all or one["accessibility"] == "public"]
    return _described(activities.of_category(seen, formats), around, found)


def _of_profile(defined: Sequence[tuple[StoredIndicator, int]], around: ActivitySettings) -> DescribedActivity:
    periods = [period for period in PERIODS if any(period in one["periods"] for one, _ in defined)]
    levels = [level for level in LEVELS if any(level in one["levels"] for one, _ in defined)]
    facts = activities.of_profile(sum(version for _, version in defined), periods, levels, len(defined))
    return _described(facts, around, [variables.of_indicator(one, version, around.organiser) for one, version in defined])


def _described(facts: ActivityFacts, around: ActivitySettings, found: list[VariableAnswer]) -> DescribedActivity:
    blocks = activities.blocks_of(facts, around, [one["name"] for one in found])
    return DescribedActivity(facts.id, facts.title, facts.version, blocks, found)
