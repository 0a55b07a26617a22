"""Metadata as BPS asks for them: activities (MS-Keg) with their eight blocks, and variables (MS-Var)."""

from app.definitions.schemas import Both, Visibility
from app.wire import Answer, Link, Page


class ActivityItem(Answer):
    """A line of the form."""

    id: str
    title: Both
    value: Both | None
    """Null: nothing that the service knows of says it."""
    fill_in: Both | None
    """Where it is to be said, if `value` is null."""


class ActivityBlock(Answer):
    id: str
    """`identity`, or the number that the block has in the form."""
    title: Both
    items: list[ActivityItem]


class ActivityAnswer(Answer):
    """An activity by which data come about: that of a category, or that of the kelurahan profile."""

    id: str
    title: Both
    organiser: str
    version: int
    """Of the definition of its category; of the profile: how many versions its indicators have together."""
    blocks: list[ActivityBlock]
    missing: int
    """How many lines are not filled in."""
    links: list[Link]


class ActivityShort(Answer):
    id: str
    title: Both
    organiser: str
    missing: int
    variables: int
    links: list[Link]


class ActivityList(Page):
    activities: list[ActivityShort]


class VariableClass(Answer):
    """A value that may be given."""

    code: str
    title: Both


class VariableAnswer(Answer):
    """A variable: a field of a category, or the value of an indicator."""

    id: str
    """The activity and the name of the field, with a dot between them."""
    activity: str
    organiser: str
    name: Both
    alias: str
    """What it is called in files, filters and GeoJSON."""
    concept: Both
    definition: Both
    derived: list[str]
    """Which of `concept` and `definition` were made from titles, because the category does not say them (in at least one language)."""
    reference: Both
    """Why it is collected, or by what (referensi pemilihan)."""
    reference_time: Both
    type: str
    """In the words of JSON Schema; `instant`, `text` and `list` of common fields."""
    type_name: Both
    classes: list[VariableClass]
    """What may be chosen (klasifikasi isian); empty where anything may be written."""
    rules: list[Both]
    """What is checked (aturan validasi)."""
    question: Both
    accessibility: Visibility
    """Who reads it: everybody, offices with a token, or only those who work on the point (aksesibilitas publik)."""
    links: list[Link]


class VariableList(Page):
    variables: list[VariableAnswer]
