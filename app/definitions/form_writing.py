"""A form of a definition back into the definition, and where in the form what is wrong with it stands. Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from app.categories import names
from app.categories.subset import ORDER
from app.definitions.field_form import (
    CHOOSING,
    EXCLUSIVE,
    KINDS,
    LISTS,
    NUMBERS,
    OWN,
    PATTERNED,
    TEXTS,
    WITH_EXAMPLES,
    FieldForm,
    kept_words,
    lines_of,
    number_of,
    object_of,
    whole_of,
)
from app.definitions.form import CATEGORY_TEXTS, CategoryForm
from app.errors import escape_pointer
from app.language import Text

NUMBER_WRONG = Text("Tulis bilangan, misalnya 12. Boleh kosong.", "Write a number, such as 12. It may be empty.")
WHOLE_WRONG = Text("Tulis bilangan bulat, misalnya 46. Boleh kosong.", "Write a whole number, such as 46. It may be empty.")
NAME_TWICE = Text("Isian lain sudah memakai nama ini. Pilih nama lain.", "Another field has this name already. Choose another.")
TITLE_MISSING = Text("Tulis judul isian ini, atau hapus isiannya.", "Write the title of this field, or remove the field.")
NUMBERS_WRONG = Text("Tulis bilangan saja, satu pada setiap baris.", "Write numbers only, one on each line.")
PATTERN_MISSING = Text("Tulis polanya, atau pilih bentuk lain di atas.", "Write the pattern, or choose another form above.")
CHOICES_MISSING = Text("Tulis pilihannya, satu pada setiap baris.", "Write the choices, one on each line.")

_LOW = dict.fromkeys(("minLength", "minimum", "exclusiveMinimum", "minItems"), "low")
_HIGH = dict.fromkeys(("maxLength", "maximum", "exclusiveMaximum", "maxItems"), "high")
_OF_WORDS = {
    **TEXTS, **_LOW, **_HIGH, "enum": "options", "type": "kind", "format": "kind", "multipleOf": "step", "pattern": "pattern", "examples": "examples",
    "uniqueItems": "is_unique",
}  # fmt: skip
_OF_ITEMS = {"enum": "options", "format": "item_kind", "minLength": "item_low", "maxLength": "item_high", "pattern": "pattern"}
_OF_MEMBERS = {
    "/title/id": "title_id", "/title/en": "title_en", "/description/id": "description_id", "/description/en": "description_en",
    "/name_template": "name_template", "/name_template/id": "name_template",
}  # fmt: skip
_GROUPS = {"required": "required", "natural_key": "key"}
_ATTRIBUTES = "/attribute_schema/properties/"


class WrongField(NamedTuple):
    """`where`: the name of the field of the form."""

    where: str
    text: Text


def definition_of(form: CategoryForm) -> tuple[dict[str, Any], list[WrongField]]:
    """What is to be stored, and what cannot be read of the form. The definition is whole also then, so that all else can be looked at."""
    wrong = list(_unreadable(form))
    called = names_of(form)
    ordered = _in_order(form.fields)
    properties = {name: _schema_of(field, place) for name, field, place in zip(called, form.fields, ordered, strict=True)}
    required = [name for name, field in zip(called, form.fields, strict=True) if field.is_required]
    more = object_of(form.more)
    schema = {**more.get("schema", {}), "type": "object", **({"required": required} if required else {}), "properties": properties}
    keys = {*form.keys, *(name for name, field in zip(called, form.fields, strict=True) if field.is_key)}
    before = [name for name in more.get("natural_key", ()) if name in keys]
    definition = {
        "id": form.id or made_name(form.title_id, names.RESERVED, 41, "kategori"),
        "title": _in_both(form.title_id, form.title_en),
        "description": _in_both(form.description_id, form.description_en),
        "attribute_schema": schema,
        "required": [name for name in names.DEMANDABLE if name in form.required],
        "name_template": {"id": form.name_template} if form.name_template.strip() else None,
        "natural_key": before + [name for name in (*names.KEYS, *called) if name in keys and name not in before],
        "cardinality": form.cardinality,
        "field_visibility": _visibility(form, called),
        "audience": form.audience,
        "public_decimals": whole_of(form.public_decimals),
        "expected_count": whole_of(form.expected_count),
        "icon": (form.icon_own.strip() if form.icon == OWN else form.icon) or None,
        "colour": form.colour or None,
    }
    return definition, wrong


def _in_both(indonesian: str, english: str) -> dict[str, str]:
    """Without English words the Indonesian ones are said in English too."""
    return {"id": indonesian, "en": english if english.strip() else indonesian}


def _unreadable(form: CategoryForm) -> Iterator[WrongField]:
    for name in ("public_decimals", "expected_count"):
        if getattr(form, name).strip() and whole_of(getattr(form, name)) is None:
            yield WrongField(name, WHOLE_WRONG)
    called = names_of(form)
    for at, field in enumerate(form.fields):
        if not field.title_id.strip():
            yield WrongField(f"f{at}-title_id", TITLE_MISSING)
        if field.name.strip() and called.count(called[at]) > 1:
            yield WrongField(f"f{at}-name", NAME_TWICE)
        yield from (WrongField(f"f{at}-{name}", text) for name, text in _unreadable_of(field))


def _unreadable_of(field: FieldForm) -> Iterator[tuple[str, Text]]:
    """Of one field: those of its fields that cannot be read, and why."""
    if field.kind in CHOOSING and not lines_of(field.options):
        yield "options", CHOICES_MISSING
    if field.kind in PATTERNED and field.pattern == OWN and not field.pattern_own.strip():
        yield "pattern_own", PATTERN_MISSING
    numbers = {"low": field.low, "high": field.high} if field.limits else {}
    numbers |= {"step": field.step} if field.kind in NUMBERS else {}
    numbers |= {"item_low": field.item_low, "item_high": field.item_high} if field.kind == "lines" else {}
    is_whole = field.kind not in NUMBERS
    for name, text in numbers.items():
        if text.strip() and (whole_of(text) if is_whole else number_of(text)) is None:
            yield name, WHOLE_WRONG if is_whole else NUMBER_WRONG
    if field.kind in NUMBERS and any(number_of(line) is None for line in lines_of(field.examples)):
        yield "examples", NUMBERS_WRONG


def names_of(form: CategoryForm) -> list[str]:
    """By which the attributes are stored: what was written, else what the title makes, each only once."""
    written = {field.name.strip() for field in form.fields if field.name.strip()}
    found: list[str] = []
    for field in form.fields:
        name = field.name.strip() or made_name(field.title_id, names.TAKEN | written | set(found), 40, "isian")
        found.append(name)
    return found


def made_name(title: str, taken: Iterable[str], longest: int, otherwise: str) -> str:
    """`Jumlah bangku` → `jumlah_bangku`; with a number behind it where that is taken."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    stem = (stem if stem[:1].isalpha() else f"{otherwise}_{stem}".strip("_"))[: longest - 3]
    if len(stem) < 2:
        stem = f"{otherwise}_{stem}"
    taken = frozenset(taken)
    return next(name for name in (stem, *(f"{stem}_{n}" for n in range(2, 10_000))) if name not in taken)


def _schema_of(field: FieldForm, place: int | None) -> dict[str, Any]:
    texts = {word: getattr(field, name).strip() for word, name in TEXTS.items()}
    schema = {**kept_words(field), **{word: text for word, text in texts.items() if text}}
    if field.kind in KINDS:
        schema.update(_words_of(field))
    if field.kind in LISTS:
        schema["items"] = {**schema.get("items", {}), "type": "string", **dict(_items_of(field))}
    schema.pop(ORDER, None)
    return schema if place is None else {**schema, ORDER: place}


def _words_of(field: FieldForm) -> Iterator[tuple[str, Any]]:
    """The words of its schema that follow from its kind."""
    kind = KINDS[field.kind]
    is_number, is_list = field.kind in NUMBERS, field.kind in LISTS
    read: Callable[[str], int | float | None] = number_of if is_number else whole_of
    yield "type", kind.type
    if kind.format:
        yield "format", kind.format
    for word, text, is_excluded in field.limits:
        if (limit := read(text)) is not None:
            yield EXCLUSIVE[word] if is_excluded else word, limit
    if is_number and (step := number_of(field.step)) is not None:
        yield "multipleOf", step
    if is_list and field.is_unique:
        yield "uniqueItems", True
    if not is_list:
        yield from _text_words(field)
    if field.kind in WITH_EXAMPLES and (examples := lines_of(field.examples)):
        yield "examples", [number for line in examples if (number := number_of(line)) is not None] if is_number else examples


def _items_of(field: FieldForm) -> Iterator[tuple[str, Any]]:
    """The same of each of several texts."""
    if field.kind == "lines":
        if (kind := KINDS.get(field.item_kind)) and kind.format:
            yield "format", kind.format
        for word, text in (("minLength", field.item_low), ("maxLength", field.item_high)):
            if (limit := whole_of(text)) is not None:
                yield word, limit
    yield from _text_words(field)


def _text_words(field: FieldForm) -> Iterator[tuple[str, Any]]:
    if field.kind in CHOOSING:
        yield "enum", lines_of(field.options)
    pattern = field.pattern_own if field.pattern == OWN else field.pattern
    if field.kind in PATTERNED and pattern.strip():
        yield "pattern", pattern


def _in_order(fields: Sequence[FieldForm]) -> list[int | None]:
    """Their numbers in the order: as they are where they grow and what is new comes last, else all anew."""
    before = [field.words.get(ORDER) for field in fields]
    given = [place for place in before if isinstance(place, int)]
    is_kept = before == [*given, *[None] * (len(before) - len(given))] and all(a < b for a, b in pairwise(given))
    return list(before) if is_kept else list(range(1, len(fields) + 1))


def _visibility(form: CategoryForm, called: Sequence[str]) -> dict[str, str]:
    own = {name: field.visibility for name, field in zip(called, form.fields, strict=True) if field.visibility != "public"}
    return {**form.seen, **own, **({names.PHOTOS: "public"} if form.shows_photos else {})}


# -- where a pointer of the service leads in the form


def place_of(form: CategoryForm, pointer: str) -> str:
    """The name of the field of the form that a JSON pointer of a definition is about; empty where it is about all of it."""
    places = {name: f"f{at}-" for at, name in reversed([*enumerate(map(escape_pointer, names_of(form)))])}
    if pointer in _OF_MEMBERS:
        return _OF_MEMBERS[pointer]
    if pointer.startswith(_ATTRIBUTES):
        name, _, word = pointer.removeprefix(_ATTRIBUTES).partition("/")
        return places[name] + _of_word(word, form, places[name]) if name in places else ""
    if pointer.startswith("/attribute_schema/"):
        return f"{places[name]}is_required" if (name := pointer.rpartition("/")[2]) in places else ""
    member, _, name = pointer.removeprefix("/").partition("/")
    if member == "field_visibility":
        return f"{places[name]}visibility" if name in places else "shows_photos" if name == names.PHOTOS else f"seen-{name}"
    return _GROUPS.get(member, member if member in CATEGORY_TEXTS else "")


def _of_word(word: str, form: CategoryForm, prefix: str) -> str:
    field = form.fields[int(prefix[1:-1])]
    if not word:
        return "name" if field.name.strip() else "title_id"
    first, _, within = word.partition("/")
    words, kept = _OF_WORDS, field.words
    if first == "items":
        first, words, kept = within.partition("/")[0], _OF_ITEMS, kept_words(field).get("items", {})
    if first == "pattern" and field.pattern == OWN:
        return "pattern_own"
    # What stands in `more` has no field of its own.
    return words[first] if first in words and first not in kept else "more"
