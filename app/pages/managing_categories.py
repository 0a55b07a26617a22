"""The administrator's pages of categories: the list, and a definition as a form. From values to HTML."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from app.categories import names
from app.categories.subset import ORDER, JsonSchema
from app.common_fields import BY_NAME
from app.definitions.field_form import ITEM_KINDS, KINDS, OTHER, OWN, PATTERNS, FieldForm, kind_of
from app.definitions.form import ICONS, CategoryForm
from app.definitions.form_writing import made_name
from app.definitions.schemas import ChangeReport, PastVersion
from app.language import Language, Text
from app.pages.frame import Frame, page
from app.pages.managing import MANAGE
from app.pages.signs import Sign, sign_beside
from app.published.catalogue import CategoryCard
from app.regions.codes import Directory

CATEGORIES = "/portal/kelola/kategori"
_HOME, _CATEGORIES = Text("Kelola", "Manage"), Text("Kategori", "Categories")
_NEW = Text("Kategori baru", "New category")
COLOURS = (
    ("", Text("Pilihkan", "Choose for me")), ("#0072B2", Text("Biru", "Blue")), ("#D55E00", Text("Jingga", "Orange")), ("#009E73", Text("Hijau", "Green")),
    ("#CC79A7", Text("Merah muda", "Pink")), ("#E69F00", Text("Kuning", "Yellow")), ("#56B4E9", Text("Biru muda", "Light blue")),
    ("#8C6D31", Text("Cokelat", "Brown")), ("#5E3C99", Text("Ungu", "Purple")), ("#B22222", Text("Merah", "Red")),
)  # fmt: skip
VISIBILITIES = {
    "public": Text("semua orang", "everybody"),
    "internal": Text("kantor-kantor yang masuk dengan akun", "offices that sign in"),
    "restricted": Text("hanya yang mengerjakan titiknya", "only those who work on the point"),
}
_AUDIENCES = {
    "public": Text("Semua orang", "Everybody"),
    "internal": Text("Hanya kantor yang masuk dengan akun: kategori disembunyikan dari umum", "Only offices that sign in: the category is hidden from the public"),
}  # fmt: skip
_DECIMALS = {
    "": Text("seperti dicatat", "as it was recorded"),
    "4": Text("dibulatkan sampai sekitar 11 m", "rounded to about 11 m"),
    "3": Text("dibulatkan sampai sekitar 110 m", "rounded to about 110 m"),
    "2": Text("dibulatkan sampai sekitar 1 km", "rounded to about 1 km"),
}
_CARDINALITIES = {
    "many": Text("Sebanyak yang ada", "As many as there are"),
    "one_per_kelurahan": Text("Satu untuk setiap kelurahan", "One for each kelurahan"),
}
_EFFECTS = {
    "widens": Text("Menambah atau melonggarkan", "Adds or loosens"),
    "narrows": Text("Memperketat", "Tightens"),
    "shows": Text("Memperlihatkan", "Shows"),
    "hides": Text("Menyembunyikan", "Hides"),
    "changes": Text("Mengubah", "Changes"),
}
_MEMBERS = {
    "/title": Text("nama kategori", "name of the category"),
    "/description": Text("keterangan", "description"),
    "/name_template": Text("cara nama dibuat", "how names are made"),
    "/expected_count": Text("perkiraan jumlah", "expected number"),
    "/icon": Text("tanda", "sign"),
    "/colour": Text("warna", "colour"),
    "/required": Text("yang wajib bagi setiap titik", "what every point must have"),
    "/natural_key": Text("pembeda titik", "what tells points apart"),
    "/cardinality": Text("berapa titik setiap kelurahan", "how many points a kelurahan has"),
    "/audience": Text("siapa yang melihat kategori", "who sees the category"),
    "/public_decimals": Text("ketelitian letak untuk umum", "how exact public places are"),
    "/attribute_schema/required": Text("isian yang wajib", "fields that are required"),
}
_ADDED, _GONE, _OTHERWISE = (
    Text("isian baru {title}", "the new field {title}"), Text("isian {title} dihapus", "the field {title} is removed"), Text("isian {title}", "the field {title}"),
)  # fmt: skip
_SEEN_BY = Text("siapa yang melihat {title}", "who sees {title}")
_PHOTOS = Text("foto", "photos")
_ATTRIBUTES = "/attribute_schema/properties/"
_ANY_FORM, _OWN_PATTERN = Text("Bebas", "Any"), Text("Pola sendiri (ekspresi reguler)", "A pattern of your own (regular expression)")
_COLOUR = re.compile("#[0-9a-fA-F]{6}")
_ASKED = ("name", "address", "rw", "rt")
"""The common properties for which the entry page has fields (`web/src/entry/form.ts`)."""
_IN_DETAILS = ("public_decimals", "expected_count", "cardinality", "name_template", "key", "required")


class CategoryLine(NamedTuple):
    """A category in the list. `done` of `total` items are made anew after a change; 0 where none are on their way."""

    id: str
    title: str
    sign: Sign | None
    is_public: bool
    published: int
    expected: int | None
    attributes: int
    done: int = 0
    total: int = 0


class CategoryPage(NamedTuple):
    """`wrong` by field of the form; `focus` is the id of what has the focus; `before` and `after` are what is stored and what the form says,
    `report` what lies between, once that was looked at. `is_late`: the password is to be given again first.
    """

    form: CategoryForm
    wrong: Mapping[str, str] = {}
    focus: str = ""
    done: str = ""
    report: ChangeReport | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    versions: Sequence[PastVersion] = ()
    is_late: bool = False
    is_shown: bool = False
    """Whether it was ticked that what was hidden is to be seen."""
    can_save: bool = False


class _Sentences(dict[str, str]):
    """By field what is wrong with it: nothing with most of them."""

    def __missing__(self, field: str) -> str:
        return ""


class PreviewField(NamedTuple):
    """A field as the entry page has it. `kind`: of `KINDS`."""

    name: str
    label: str
    help: str
    kind: str
    options: Sequence[str]
    is_required: bool


def categories(frame: Frame, lines: Sequence[CategoryLine], signs: Sequence[Sign], wrong: str = "") -> str:
    return page(
        "managing_categories.html", frame, _CATEGORIES.say(frame.language), _crumbs(frame), lines=lines, signs=signs, wrong=wrong,
        path=frame.root + CATEGORIES,
    )  # fmt: skip


def category(frame: Frame, directory: Directory, cards: Collection[CategoryCard], shown: CategoryPage) -> str:
    """`cards`: of all categories, beside which its sign is drawn."""
    form, language = shown.form, frame.language
    title = Text(form.title_id or form.id, form.title_en or form.title_id or form.id).say(language) if form.is_known else _NEW.say(language)
    report = shown.report
    differences = list(_differences(shown, language)) if report else []
    return page(
        "managing_category.html", frame, title, _crumbs(frame, (_CATEGORIES, CATEGORIES)), shown=shown, form=form, wrong=_Sentences(shown.wrong),
        path=f"{frame.root}{CATEGORIES}/{form.id if form.is_known else 'kategori-baru'}", api=f"{frame.root}/categories/{form.id}",
        colours=_colours(form, language), icons=_in_language(ICONS, language), sign=_sign(form, cards, language), other=OTHER,
        kinds={name: kind.text.say(language) for name, kind in KINDS.items()}, item_kinds={name: KINDS[name].text.say(language) for name in ITEM_KINDS},
        patterns=_in_language({"": _ANY_FORM, **PATTERNS, OWN: _OWN_PATTERN}, language), visibilities=_in_language(VISIBILITIES, language),
        audiences=_in_language(_AUDIENCES, language), decimals=_in_language(_decimals(form), language), cardinalities=_in_language(_CARDINALITIES, language),
        commons={name: BY_NAME[name].title.say(language) for name in {*names.HIDEABLE, *names.DEMANDABLE, *names.KEYS}},
        demandable=names.DEMANDABLE, keys=names.KEYS, hideable=names.HIDEABLE, kept=[_kept(field) for field in form.fields],
        is_open=_is_open(shown), differences=differences, shows=any(one["effect"] == "shows" for one in report["differences"]) if report else False,
        examples=_examples(shown, directory, language) if report else [],
        preview=list(preview(shown.after, language)) if shown.after else [],
    )  # fmt: skip


def _crumbs(frame: Frame, *more: tuple[Text, str]) -> list[tuple[str, str]]:
    return [(title.say(frame.language), frame.root + path) for title, path in ((_HOME, MANAGE), *more)]


def _in_language(texts: Mapping[str, Text], language: Language) -> dict[str, str]:
    return {name: text.say(language) for name, text in texts.items()}


def _colours(form: CategoryForm, language: Language) -> list[tuple[str, str]]:
    """With the one that it has, where that is another."""
    offered = [(value, text.say(language)) for value, text in COLOURS]
    own = [(form.colour, form.colour)] if form.colour.upper() not in {value.upper() for value, _ in COLOURS} else []
    return offered + own


def _sign(form: CategoryForm, cards: Collection[CategoryCard], language: Language) -> Sign:
    """As it would be on the map, with the colour and the letters that the form says."""
    icon = form.icon_own.strip() if form.icon == OWN else form.icon
    colour = form.colour if _COLOUR.fullmatch(form.colour) else None
    own = form.id or made_name(form.title_id, names.RESERVED, 41, "kategori")
    title = Text(form.title_id, form.title_en or form.title_id)
    return sign_beside(CategoryCard(own, title, title, {}, form.audience, {}, icon=icon or None, colour=colour), cards, language)


def _decimals(form: CategoryForm) -> Mapping[str, Text]:
    number = form.public_decimals
    own = {} if number in _DECIMALS else {number: Text("{number} angka di belakang koma", "{number} decimals").fill(number=number)}
    return {**_DECIMALS, **own}


def _kept(field: FieldForm) -> list[tuple[str, str]]:
    """The words that the form has no field for, as a definition writes them."""
    return [(word, str(value)) for word, value in field.kept.items()]


def _is_open(shown: CategoryPage) -> bool:
    """Whether the settings that are seldom needed are to be seen at once."""
    return any(name in _IN_DETAILS or name.startswith("seen-") for name in shown.wrong)


# -- what a change does


def _differences(shown: CategoryPage, language: Language) -> Iterator[tuple[str, str]]:
    """What it does, and to what. That attributes were numbered anew in the same order is no difference to anybody."""
    report, before, after = shown.report, shown.before or {}, shown.after or {}
    for one in report["differences"] if report else ():
        pointer, name = one["pointer"], one["pointer"].rpartition("/")[2]
        if not pointer.startswith(_ATTRIBUTES):
            yield _EFFECTS[one["effect"]].say(language), _member(pointer, name, before, after, language)
        elif not _is_renumbered(before, after, name):
            old, new = _attributes(before).get(name), _attributes(after).get(name)
            text = _OTHERWISE if old and new else _ADDED if new else _GONE
            yield _EFFECTS[one["effect"]].say(language), text.say(language, {"title": title_of(name, new or old or {}, language)})


def _member(pointer: str, name: str, before: Mapping[str, Any], after: Mapping[str, Any], language: Language) -> str:
    if not pointer.startswith("/field_visibility/"):
        return _MEMBERS[pointer].say(language) if pointer in _MEMBERS else pointer
    schema = _attributes(after).get(name) or _attributes(before).get(name)
    title = _PHOTOS.say(language) if name == names.PHOTOS else title_of(name, schema or {}, language)
    return _SEEN_BY.say(language, {"title": title})


def _attributes(definition: Mapping[str, Any]) -> JsonSchema:
    found: JsonSchema = definition.get("attribute_schema", {}).get("properties", {})
    return found


def _is_renumbered(before: Mapping[str, Any], after: Mapping[str, Any], name: str) -> bool:
    old, new = _attributes(before), _attributes(after)
    if name not in old or name not in new or [one for one in old if one in new] != [one for one in new if one in old]:
        return False
    return _unordered(old[name]) == _unordered(new[name])


def _unordered(schema: JsonSchema) -> dict[str, Any]:
    return {word: value for word, value in schema.items() if word != ORDER}


def title_of(name: str, schema: JsonSchema, language: Language) -> str:
    """Of an attribute, or of a common property."""
    if not schema:
        return BY_NAME[name].title.say(language) if name in BY_NAME else name
    return Text(schema["title"], schema.get("x-title-en", schema["title"])).say(language)


def _examples(shown: CategoryPage, directory: Directory, language: Language) -> list[tuple[str, str, str]]:
    """Points that would not fit: which, where, and what of them. Never the values."""
    report, after = shown.report, _attributes(shown.after or {})
    found = []
    for one in report["misfits"]["examples"] if report else ():
        region = directory.kelurahan.get(one["kelurahan"])
        fields = [
            title_of(name, after.get(name, {}), language) for name in (pointer.strip("/").partition("/")[0] for pointer in one["fields"])
        ]
        found.append((one["point"], region.name if region else one["kelurahan"], ", ".join(dict.fromkeys(fields))))
    return found


# -- the entry form of an officer


def preview(definition: Mapping[str, Any], language: Language) -> Iterator[PreviewField]:
    """The fields as the entry page shows them: what is required first, each half in its order."""
    schema = definition["attribute_schema"]
    required = {*definition["required"], *schema.get("required", ())}
    commons = [name for name in _ASKED if name != "name" or definition["name_template"] is None]
    fields = [PreviewField(name, BY_NAME[name].title.say(language), "", "text", (), name in required) for name in commons]
    attributes = sorted(_attributes(definition).items(), key=lambda one: one[1].get(ORDER, len(schema)))
    for name, one in attributes:
        explained = one.get("description", "")
        fields.append(
            PreviewField(
                name, title_of(name, one, language), Text(explained, one.get("x-description-en", explained)).say(language),
                _entered_as(one), one.get("enum", one.get("items", {}).get("enum", ())), name in required,
            )
        )  # fmt: skip
    yield from sorted(fields, key=lambda field: not field.is_required)


def _entered_as(schema: JsonSchema) -> str:
    """The kind; of one that the form does not know what the entry page makes of it."""
    kind = kind_of(schema)
    if kind != OTHER:
        return kind
    is_list = schema.get("type") == "array"
    return ("choices" if is_list else "choice") if "enum" in schema.get("items", schema) else "text"
