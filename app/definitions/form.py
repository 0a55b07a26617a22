"""A definition as a form that people fill in, field by field, and back. Pure. What the form has no field for is carried along as it is, and told."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import orjson

from app.categories import names
from app.categories.subset import MAX_ATTRIBUTES, ORDER, WORDS_OF, JsonSchema
from app.errors import escape_pointer
from app.language import Text

ICONS: Mapping[str, Text] = {
    "✚": Text("Palang", "Cross"), "★": Text("Bintang", "Star"), "♥": Text("Hati", "Heart"), "⚑": Text("Bendera", "Flag"), "⌂": Text("Rumah", "House"),
    "☎": Text("Telepon", "Telephone"), "☂": Text("Payung", "Umbrella"), "♪": Text("Nada", "Note"), "✿": Text("Bunga", "Flower"),
    "☕": Text("Cangkir", "Cup"), "⚙": Text("Roda gigi", "Gear"), "♿": Text("Kursi roda", "Wheelchair"),
}  # fmt: skip
"""What can be chosen in place of a letter."""
OWN_ICON = "own"
KINDS: Mapping[str, Text] = {
    "text": Text("Teks", "Text"),
    "choice": Text("Pilihan dari daftar", "Choice from a list"),
    "whole": Text("Bilangan bulat", "Whole number"),
    "number": Text("Bilangan, boleh pecahan", "Number, also with decimals"),
    "yes_no": Text("Ya atau tidak", "Yes or no"),
    "date": Text("Tanggal", "Date"),
}
OTHER = "other"
"""A kind that the form does not know: it stays what it is."""
NUMBER_WRONG = Text("Tulis bilangan, misalnya 12. Boleh kosong.", "Write a number, such as 12. It may be empty.")
WHOLE_WRONG = Text("Tulis bilangan bulat, misalnya 46. Boleh kosong.", "Write a whole number, such as 46. It may be empty.")
NAME_TWICE = Text("Isian lain sudah memakai nama ini. Pilih nama lain.", "Another field has this name already. Choose another.")
TITLE_MISSING = Text("Tulis judul isian ini, atau hapus isiannya.", "Write the title of this field, or remove the field.")
CHOICES_MISSING = Text("Tulis pilihannya, satu pada setiap baris.", "Write the choices, one on each line.")

_TYPES = {"text": "string", "choice": "string", "date": "string", "whole": "integer", "number": "number", "yes_no": "boolean"}
_LIMITS = {"text": ("minLength", "maxLength"), "whole": ("minimum", "maximum"), "number": ("minimum", "maximum")}
_TEXTS = {"title": "title_id", "x-title-en": "title_en", "description": "help_id", "x-description-en": "help_en"}
_OF_WORDS = {**_TEXTS, "enum": "options", "type": "kind", "minLength": "low", "minimum": "low", "maxLength": "high", "maximum": "high"}
_OF_MEMBERS = {
    "/title/id": "title_id", "/title/en": "title_en", "/description/id": "description_id", "/description/en": "description_en",
    "/name_template": "name_template", "/name_template/id": "name_template",
}  # fmt: skip
_GROUPS = {"required": "required", "natural_key": "key"}
_ATTRIBUTES = "/attribute_schema/properties/"


class FieldForm(NamedTuple):
    """One attribute as it stands in the form. `name` is empty where it is to be made of the title; `is_known`: it is stored under this name, which
    stays; `more` is JSON of the words of its schema that the form has no field for.
    """

    name: str = ""
    is_known: bool = False
    title_id: str = ""
    title_en: str = ""
    help_id: str = ""
    help_en: str = ""
    kind: str = "text"
    options: str = ""
    low: str = ""
    high: str = ""
    is_required: bool = False
    visibility: str = "public"
    is_key: bool = False
    more: str = ""

    @property
    def words(self) -> Mapping[str, Any]:
        """Those of `more`; none where that is no object."""
        return _object(self.more)

    @property
    def kept(self) -> Mapping[str, Any]:
        """Those of them that stay with this kind, but for its place in the order."""
        return {word: value for word, value in _kept_words(self).items() if word != ORDER}

    @property
    def lost(self) -> list[str]:
        """Those that make no sense any more with the kind that was chosen."""
        return [word for word in self.words if word not in _kept_words(self) and word not in ("type", "items", "format")]


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


class WrongField(NamedTuple):
    """`where`: the name of the field of the form."""

    where: str
    text: Text


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
        colour=definition["colour"] or "", icon=icon if icon in ("", *ICONS) else OWN_ICON, icon_own="" if icon in ICONS else icon,
        audience=definition["audience"], public_decimals=_text(definition["public_decimals"]), expected_count=_text(definition["expected_count"]),
        cardinality=definition["cardinality"], name_template=(definition["name_template"] or {}).get("id", ""),
        required=frozenset(definition["required"]), keys=frozenset(keys) & frozenset(names.KEYS),
        seen={name: visibility[name] for name in names.HIDEABLE if name in visibility},
        shows_photos=visibility.get(names.PHOTOS) == "public",
        fields=tuple(
            _field_of(name, one, version is not None, name in required, visibility.get(name, "public"), name in keys)
            for name, one in schema.get("properties", {}).items()
        ),
        more=_json(more),
    )  # fmt: skip


def _field_of(name: str, schema: JsonSchema, is_known: bool, is_required: bool, visibility: str, is_key: bool) -> FieldForm:  # noqa: FBT001
    kind = _kind_of(schema)
    low, high = _LIMITS.get(kind, ("", ""))
    shown = _expressed(kind)
    return FieldForm(
        name, is_known, **{field: schema.get(word, "") for word, field in _TEXTS.items()}, kind=kind,
        options="\n".join(schema.get("enum", ())) if kind == "choice" else "", low=_text(schema.get(low)), high=_text(schema.get(high)),
        is_required=is_required, visibility=visibility, is_key=is_key,
        more=_json({word: value for word, value in schema.items() if word not in shown}),
    )  # fmt: skip


def _kind_of(schema: JsonSchema) -> str:
    if schema.get("type") != "string":
        return {"integer": "whole", "number": "number", "boolean": "yes_no"}.get(schema.get("type", ""), OTHER)
    if "enum" in schema:
        return OTHER if "format" in schema else "choice"
    return {None: "text", "date": "date"}.get(schema.get("format"), OTHER)


def _expressed(kind: str) -> frozenset[str]:
    """The words of a schema that the form has fields for."""
    own = {"choice": ("type", "enum"), "date": ("type", "format"), OTHER: ()}.get(kind, ("type", *_LIMITS.get(kind, ())))
    return frozenset({*_TEXTS, *own})


# -- from what was sent


def form_from(sent: Mapping[str, str]) -> CategoryForm:
    """What a browser has sent, as it was typed."""
    texts = {name: sent[name] for name in _CATEGORY_TEXTS if name in sent}
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


_CATEGORY_TEXTS = tuple(name for name, kind in CategoryForm.__annotations__.items() if kind is str)
_FIELD_TEXTS = tuple(name for name, kind in FieldForm.__annotations__.items() if kind is str)
_FIELD_TICKS = tuple(name for name, kind in FieldForm.__annotations__.items() if kind is bool)


def _field_from(sent: Mapping[str, str], prefix: str) -> FieldForm:
    texts: dict[str, Any] = {name: sent[prefix + name] for name in _FIELD_TEXTS if prefix + name in sent}
    return FieldForm(**texts, **{name: prefix + name in sent for name in _FIELD_TICKS})


def _ticked(sent: Mapping[str, str], group: str, among: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name in among if f"{group}-{name}" in sent)


# -- steps that store nothing


def stepped(form: CategoryForm, step: str) -> tuple[CategoryForm, str]:
    """The form after a button of it was pressed (`add`, `remove-2`, `up-2`, `down-2`), and the id of what is to have the focus then."""
    verb, _, number = step.partition("-")
    fields, at = list(form.fields), int(number) if number.isdecimal() and len(number) < 4 else -1
    if verb == "add" and len(fields) < MAX_ATTRIBUTES:
        fields.append(FieldForm())
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


# -- to a definition


def definition_of(form: CategoryForm) -> tuple[dict[str, Any], list[WrongField]]:
    """What is to be stored, and what cannot be read of the form. The definition is whole also then, so that all else can be looked at."""
    wrong = list(_unreadable(form))
    called = names_of(form)
    ordered = _in_order(form.fields)
    properties = {name: _schema_of(field, place) for name, field, place in zip(called, form.fields, ordered, strict=True)}
    required = [name for name, field in zip(called, form.fields, strict=True) if field.is_required]
    more = _object(form.more)
    schema = {**more.get("schema", {}), "type": "object", **({"required": required} if required else {}), "properties": properties}
    keys = {*form.keys, *(name for name, field in zip(called, form.fields, strict=True) if field.is_key)}
    before = [name for name in more.get("natural_key", ()) if name in keys]
    definition = {
        "id": form.id or made_name(form.title_id, names.RESERVED, 41, "kategori"),
        "title": {"id": form.title_id, "en": form.title_en},
        "description": {"id": form.description_id, "en": form.description_en},
        "attribute_schema": schema,
        "required": [name for name in names.DEMANDABLE if name in form.required],
        "name_template": {"id": form.name_template} if form.name_template.strip() else None,
        "natural_key": before + [name for name in (*names.KEYS, *called) if name in keys and name not in before],
        "cardinality": form.cardinality,
        "field_visibility": _visibility(form, called),
        "audience": form.audience,
        "public_decimals": _whole(form.public_decimals),
        "expected_count": _whole(form.expected_count),
        "icon": (form.icon_own.strip() if form.icon == OWN_ICON else form.icon) or None,
        "colour": form.colour or None,
    }
    return definition, wrong


def _unreadable(form: CategoryForm) -> Iterator[WrongField]:
    for name in ("public_decimals", "expected_count"):
        if getattr(form, name).strip() and _whole(getattr(form, name)) is None:
            yield WrongField(name, WHOLE_WRONG)
    called = names_of(form)
    for at, field in enumerate(form.fields):
        if not field.title_id.strip():
            yield WrongField(f"f{at}-title_id", TITLE_MISSING)
        if field.name.strip() and called.count(called[at]) > 1:
            yield WrongField(f"f{at}-name", NAME_TWICE)
        if field.kind == "choice" and not _lines(field.options):
            yield WrongField(f"f{at}-options", CHOICES_MISSING)
        if field.kind in _LIMITS:
            is_whole = field.kind == "text"
            for side in ("low", "high"):
                text = getattr(field, side)
                if text.strip() and (_whole(text) if is_whole else _number(text)) is None:
                    yield WrongField(f"f{at}-{side}", WHOLE_WRONG if is_whole else NUMBER_WRONG)


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
    texts = {word: getattr(field, name).strip() for word, name in _TEXTS.items()}
    schema = {**_kept_words(field), **{word: text for word, text in texts.items() if text}}
    if field.kind in _TYPES:
        schema["type"] = _TYPES[field.kind]
    if field.kind == "choice":
        schema["enum"] = _lines(field.options)
    if field.kind == "date":
        schema["format"] = "date"
    read = _whole if field.kind == "text" else _number
    for word, text in zip(_LIMITS.get(field.kind, ()), (field.low, field.high), strict=False):
        if (limit := read(text)) is not None:
            schema[word] = limit
    schema.pop(ORDER, None)
    return schema if place is None else {**schema, ORDER: place}


def _kept_words(field: FieldForm) -> dict[str, Any]:
    """Those of `more` that the kind can have."""
    words = field.words
    if field.kind == OTHER:
        return dict(words)
    alien = {word for of_type in WORDS_OF.values() for word in of_type} - set(WORDS_OF[_TYPES.get(field.kind, "string")])
    return {word: value for word, value in words.items() if word not in alien | _expressed(field.kind) | {"type", "format", "items"}}


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
    return _GROUPS.get(member, member if member in _CATEGORY_TEXTS else "")


def _of_word(word: str, form: CategoryForm, prefix: str) -> str:
    field = form.fields[int(prefix[1:-1])]
    if not word:
        return "name" if field.name.strip() else "title_id"
    first = word.partition("/")[0]
    # A limit that stands in `more` has no field of its own.
    return _OF_WORDS[first] if first in _OF_WORDS and first not in field.words else "more"


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\s*[0-9]{1,9}\s*", text) else None


def _number(text: str) -> int | float | None:
    """`1,5` and `1.5`."""
    text = text.strip().replace(",", ".")
    if re.fullmatch(r"[+-]?[0-9]{1,15}", text):
        return int(text)
    return float(text) if re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?(e[+-]?[0-9]{1,2})?", text) else None


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def _json(value: Mapping[str, Any]) -> str:
    return orjson.dumps(value).decode() if value else ""


def _object(text: str) -> dict[str, Any]:
    try:
        found = orjson.loads(text or b"{}")
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
