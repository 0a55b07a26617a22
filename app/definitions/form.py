"""A definition as a form that people fill in, field by field (`field_form.py`), and back (`form_writing.py`). Pure. What the form has no field for is
carried along as it is, and told.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from app.categories import names
from app.categories.subset import MAX_ATTRIBUTES
from app.definitions.field_form import OWN, FieldForm, field_of, json_of
from app.language import Text

ICONS: Mapping[str, Text] = {
    "✚": Text("Palang", "Cross"), "★": Text("Bintang", "Star"), "♥": Text("Hati", "Heart"), "⚑": Text("Bendera", "Flag"), "⌂": Text("Rumah", "House"),
    "☎": Text("Telepon", "Telephone"), "☂": Text("Payung", "Umbrella"), "♪": Text("Nada", "Note"), "✿": Text("Bunga", "Flower"),
    "☕": Text("Cangkir", "Cup"), "⚙": Text("Roda gigi", "Gear"), "♿": Text("Kursi roda", "Wheelchair"),
}  # fmt: skip
"""What can be chosen in place of a letter."""


class CategoryForm(NamedTuple):
    """`version`: that which the form was made of, empty of a new category. `seen`: common properties to who sees them, where that is not everybody."""

    id: str = ""
    version: str = ""
    title_id: str = ""
    title_en: str = ""
    description_id: str = ""
    description_en: str = ""
    colour: str = ""
    icon: str = ""
    icon_own: str = ""
    audience: str = "public"
    public_decimals: str = ""
    expected_count: str = ""
    cardinality: str = "many"
    name_template: str = ""
    required: frozenset[str] = frozenset({"name"})
    keys: frozenset[str] = frozenset()
    seen: Mapping[str, str] = {}
    shows_photos: bool = False
    fields: tuple[FieldForm, ...] = ()
    more: str = ""

    @property
    def is_known(self) -> bool:
        return bool(self.version)


# -- from a definition


def form_of(definition: Mapping[str, Any], version: int | None) -> CategoryForm:
    """`version`: None of a category that is not there yet. Attributes in the order of the definition."""
    schema, visibility = definition["attribute_schema"], definition["field_visibility"]
    required, keys = schema.get("required", ()), definition["natural_key"]
    icon = definition["icon"] or ""
    more = {"schema": {word: schema[word] for word in ("title", "description") if word in schema}, "natural_key": list(keys)}
    return CategoryForm(
        id=definition["id"], version="" if version is None else str(version),
        title_id=definition["title"]["id"], title_en=definition["title"]["en"],
        description_id=definition["description"]["id"], description_en=definition["description"]["en"],
        colour=definition["colour"] or "", icon=icon if icon in ("", *ICONS) else OWN, icon_own="" if icon in ICONS else icon,
        audience=definition["audience"], public_decimals=_text(definition["public_decimals"]), expected_count=_text(definition["expected_count"]),
        cardinality=definition["cardinality"], name_template=(definition["name_template"] or {}).get("id", ""),
        required=frozenset(definition["required"]), keys=frozenset(keys) & frozenset(names.KEYS),
        seen={name: visibility[name] for name in names.HIDEABLE if name in visibility},
        shows_photos=visibility.get(names.PHOTOS) == "public",
        fields=tuple(
            field_of(
                name, one, is_known=version is not None, is_required=name in required, visibility=visibility.get(name, "public"), is_key=name in keys
            )
            for name, one in schema.get("properties", {}).items()
        ),
        more=json_of(more),
    )  # fmt: skip


# -- from what was sent


def form_from(sent: Mapping[str, str]) -> CategoryForm:
    """What a browser has sent, as it was typed."""
    texts = {name: sent[name] for name in CATEGORY_TEXTS if name in sent}
    seen = {name: sent[f"seen-{name}"] for name in names.HIDEABLE if sent.get(f"seen-{name}", "public") != "public"}
    count = int(sent["count"]) if sent.get("count", "").isdecimal() and len(sent["count"]) < 4 else 0
    return CategoryForm(
        **texts,
        required=_ticked(sent, "required", names.DEMANDABLE),
        keys=_ticked(sent, "key", names.KEYS),
        seen=seen,
        shows_photos="shows_photos" in sent,
        fields=tuple(_field_from(sent, f"f{at}-") for at in range(min(count, MAX_ATTRIBUTES))),
    )


CATEGORY_TEXTS = tuple(name for name, kind in CategoryForm.__annotations__.items() if kind is str)
_FIELD_TEXTS = tuple(name for name, kind in FieldForm.__annotations__.items() if kind is str)
_FIELD_TICKS = tuple(name for name, kind in FieldForm.__annotations__.items() if kind is bool)


def _field_from(sent: Mapping[str, str], prefix: str) -> FieldForm:
    texts: dict[str, Any] = {name: sent[prefix + name] for name in _FIELD_TEXTS if prefix + name in sent}
    ticks: dict[str, Any] = {name: prefix + name in sent for name in _FIELD_TICKS}
    return FieldForm(**texts, **ticks)


def _ticked(sent: Mapping[str, str], group: str, among: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name in among if f"{group}-{name}" in sent)


# -- steps that store nothing


def stepped(form: CategoryForm, step: str) -> tuple[CategoryForm, str]:
    """The form after a button of it was pressed (`add`, `remove-2`, `up-2`, `down-2`), and the id of what is to have the focus then."""
    verb, _, number = step.partition("-")
    fields, at = list(form.fields), int(number) if number.isdecimal() and len(number) < 4 else -1
    if verb == "add" and len(fields) < MAX_ATTRIBUTES:
        fields.append(FieldForm(is_unique=True))
        return form._replace(fields=tuple(fields)), f"f{len(fields) - 1}-title_id"
    if not 0 <= at < len(fields):
        return form, "add"
    if verb == "remove":
        del fields[at]
        return form._replace(fields=tuple(fields)), f"f{at}-title_id" if at < len(fields) else "add"
    to = at + {"up": -1, "down": 1}.get(verb, 0)
    if 0 <= to < len(fields):
        fields[at], fields[to] = fields[to], fields[at]
        return form._replace(fields=tuple(fields)), f"f{to}-{verb}"
    return form, f"f{at}-title_id"


def _text(value: object) -> str:
    return "" if value is None else str(value)
