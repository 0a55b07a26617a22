"""One attribute of a category as a form that people fill in, and the kinds of fields that it knows. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from app.categories.subset import ORDER, WORDS_OF, JsonSchema
from app.language import Text


class KindOfField(NamedTuple):
    """`type` and `format` are those of its schema; `low` and `high` the words of its limits."""

    text: Text
    type: str
    format: str = ""
    low: str = ""
    high: str = ""


_LETTERS, _VALUES, _ITEMS = ("minLength", "maxLength"), ("minimum", "maximum"), ("minItems", "maxItems")
KINDS: Mapping[str, KindOfField] = {
    "text": KindOfField(Text("Teks", "Text"), "string", "", *_LETTERS),
    "choice": KindOfField(Text("Satu pilihan dari daftar", "One choice from a list"), "string"),
    "choices": KindOfField(Text("Beberapa pilihan dari daftar", "Several choices from a list"), "array", "", *_ITEMS),
    "whole": KindOfField(Text("Bilangan bulat", "Whole number"), "integer", "", *_VALUES),
    "number": KindOfField(Text("Bilangan, boleh pecahan", "Number, also with decimals"), "number", "", *_VALUES),
    "yes_no": KindOfField(Text("Ya atau tidak", "Yes or no"), "boolean"),
    "date": KindOfField(Text("Tanggal", "Date"), "string", "date"),
    "time": KindOfField(Text("Jam, dengan zona waktu", "Time of day, with its time zone"), "string", "time"),
    "moment": KindOfField(Text("Tanggal dan jam", "Date and time"), "string", "date-time"),
    "lines": KindOfField(Text("Beberapa teks, satu pada setiap baris", "Several texts, one on each line"), "array", "", *_ITEMS),
    "email": KindOfField(Text("Alamat surel", "E-mail address"), "string", "email", *_LETTERS),
    "link": KindOfField(Text("Alamat web (https://…)", "Web address (https://…)"), "string", "uri", *_LETTERS),
    "uuid": KindOfField(Text("Pengenal UUID", "Identifier (UUID)"), "string", "uuid"),
}
OTHER = "other"
"""A kind that the form does not know: it stays what it is."""
CHOOSING, LISTS, NUMBERS = ("choice", "choices"), ("choices", "lines"), ("whole", "number")
ITEM_KINDS = tuple(name for name, kind in KINDS.items() if kind.type == "string" and name != "choice")
"""Of each text of several."""
PATTERNED = ("text", "email", "link", "lines")
WITH_EXAMPLES = (*ITEM_KINDS, *NUMBERS)
EXCLUSIVE = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}
OWN = "own"
PATTERNS: Mapping[str, Text] = {
    "^[0-9]+$": Text("Hanya angka", "Digits only"),
    "^[0-9]{5}$": Text("Lima angka, seperti kode pos", "Five digits, as a postal code"),
    "^[0-9+() .-]{5,25}$": Text("Nomor telepon", "Telephone number"),
    "^([01][0-9]|2[0-3]):[0-5][0-9]$": Text("Jam, seperti 08:30", "Time of day, as 08:30"),
    "^[12][0-9]{3}$": Text("Tahun, seperti 2026", "Year, as 2026"),
    "^[A-Z]+$": Text("Hanya huruf besar", "Capital letters only"),
}
"""What can be chosen in place of a regular expression."""
TEXTS = {"title": "title_id", "x-title-en": "title_en", "description": "help_id", "x-description-en": "help_en"}


class FieldForm(NamedTuple):
    """One attribute as it stands in the form. `name` is empty where it is to be made of the title; `is_known`: it is stored under this name, which
    stays; `low` and `high` are letters of a text, values of a number, members of a list, `item_low` and `item_high` the letters of each of several
    texts; `more` is JSON of the words of its schema that the form has no field for.
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
    low_excluded: bool = False
    high_excluded: bool = False
    step: str = ""
    pattern: str = ""
    pattern_own: str = ""
    item_kind: str = "text"
    item_low: str = ""
    item_high: str = ""
    is_unique: bool = False
    examples: str = ""
    is_required: bool = False
    visibility: str = "public"
    is_key: bool = False
    more: str = ""

    @property
    def words(self) -> Mapping[str, Any]:
        """Those of `more`; none where that is no object."""
        return object_of(self.more)

    @property
    def kept(self) -> Mapping[str, Any]:
        """Those of them that stay with this kind, but for its place in the order."""
        return {word: value for word, value in kept_words(self).items() if word != ORDER}

    @property
    def lost(self) -> list[str]:
        """Those that make no sense any more with the kind that was chosen."""
        return [word for word in self.words if word not in kept_words(self) and word not in ("type", "format")]

    @property
    def limits(self) -> tuple[tuple[str, str, bool], ...]:
        """Each limit: its word in the schema, what was typed, whether the limit itself is too much."""
        kind = KINDS.get(self.kind)
        if kind is None or not kind.low:
            return ()
        may_exclude = self.kind in NUMBERS
        return (kind.low, self.low, may_exclude and self.low_excluded), (kind.high, self.high, may_exclude and self.high_excluded)


def field_of(name: str, schema: JsonSchema, *, is_known: bool, is_required: bool, visibility: str, is_key: bool) -> FieldForm:
    kind = kind_of(schema)
    read = _Reading(schema)
    if kind != OTHER:
        read.of_kind(kind)
    texts = {field: schema.get(word, "") for word, field in TEXTS.items()}
    return FieldForm(
        name,
        is_known,
        **texts,
        kind=kind,
        **read.found,
        is_required=is_required,
        visibility=visibility,
        is_key=is_key,
        more=json_of(read.rest),
    )


def kind_of(schema: JsonSchema) -> str:
    """Of `KINDS`, or `OTHER`."""
    items = schema.get("items", {})
    choices = items if schema.get("type") == "array" else schema
    if "enum" in choices:
        is_shown = "format" not in choices and is_plain(choices["enum"])
        return OTHER if not is_shown else "choices" if choices is items else "choice"
    if schema.get("type") == "array":
        return "lines"
    kinds = {(kind.type, kind.format): name for name, kind in KINDS.items() if name not in CHOOSING and name != "lines"}
    return kinds.get((schema.get("type", ""), schema.get("format", "")), OTHER)


class _Reading:
    """What the form has fields for is taken out of a schema (`found`); the rest stays (`rest`)."""

    def __init__(self, schema: JsonSchema) -> None:
        self.found: dict[str, Any] = {}
        self.rest: dict[str, Any] = {word: value for word, value in schema.items() if word not in TEXTS}

    def of_kind(self, kind: str) -> None:
        self.rest.pop("type")
        self.rest.pop("format", None)
        items = dict(self.rest.pop("items")) if kind in LISTS else {}
        # A list of choices, and the texts of a list, say in `items` what one of them is.
        each = items if kind in LISTS else self.rest
        if kind in CHOOSING:
            self.found["options"] = "\n".join(each.pop("enum"))
        for side, word in zip(("low", "high"), KINDS[kind][-2:], strict=True):
            self._take_limit(side, word, may_exclude=kind in NUMBERS)
        if kind in NUMBERS:
            self._take("step", "multipleOf", self.rest)
        if kind in PATTERNED and (pattern := each.get("pattern", "")).strip() and pattern.isprintable():
            self.found |= {"pattern": pattern} if pattern in PATTERNS else {"pattern": OWN, "pattern_own": pattern}
            del each["pattern"]
        if kind == "lines":
            formats = {KINDS[name].format: name for name in ITEM_KINDS}
            self.found["item_kind"] = formats[each.pop("format", "")]
            self._take("item_low", "minLength", each)
            self._take("item_high", "maxLength", each)
        if kind in LISTS:
            self.found["is_unique"] = self.rest.pop("uniqueItems", False)
            items.pop("type")
            self.rest |= {"items": items} if items else {}
        if kind in WITH_EXAMPLES and is_shown_as_lines(self.rest.get("examples"), kind):
            self.found["examples"] = "\n".join(map(str, self.rest.pop("examples")))

    def _take(self, field: str, word: str, words: dict[str, Any]) -> None:
        if word in words:
            self.found[field] = str(words.pop(word))

    def _take_limit(self, side: str, word: str, *, may_exclude: bool) -> None:
        """With both limits the stricter word is one that the form has no field for."""
        if may_exclude and word not in self.rest and EXCLUSIVE[word] in self.rest:
            self.found[f"{side}_excluded"] = True
            word = EXCLUSIVE[word]
        self._take(side, word, self.rest)


def kept_words(field: FieldForm) -> dict[str, Any]:
    """Those of `more` that the kind can have."""
    words = field.words
    if field.kind == OTHER:
        return dict(words)
    kind = KINDS.get(field.kind, KINDS["text"])
    alien = {word for of_type in WORDS_OF.values() for word in of_type} - set(WORDS_OF[kind.type])
    kept = {word: value for word, value in words.items() if word not in alien | _written(field.kind, kind)}
    items, said = kept.pop("items", None), {"enum"} if field.kind == "choices" else {"format", *_LETTERS}
    rest = {word: value for word, value in items.items() if word not in said | {"type"}} if isinstance(items, Mapping) else {}
    return kept | ({"items": rest} if rest else {})


def _written(name: str, kind: KindOfField) -> set[str]:
    """The words that the form itself writes with this kind."""
    own = {"choice": {"enum"}, "whole": {"multipleOf"}, "number": {"multipleOf"}, "choices": {"uniqueItems"}, "lines": {"uniqueItems"}}
    return {*TEXTS, "type", "format", kind.low, kind.high} | own.get(name, set())


# -- what both ways need


def lines_of(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def whole_of(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\s*[0-9]{1,9}\s*", text) else None


def number_of(text: str) -> int | float | None:
    """`1,5` and `1.5`."""
    text = text.strip().replace(",", ".")
    if re.fullmatch(r"[+-]?[0-9]{1,15}", text):
        return int(text)
    return float(text) if re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?(e[+-]?[0-9]{1,2})?", text) else None


def is_plain(values: Sequence[object]) -> bool:
    """Whether they are the same again as lines of a text."""
    texts = [value for value in values if isinstance(value, str)]
    return len(texts) == len(values) and lines_of("\n".join(texts)) == texts


def is_shown_as_lines(examples: object, kind: str) -> bool:
    if not isinstance(examples, list) or not examples:
        return False
    if kind in NUMBERS:
        numbers = [one for one in examples if isinstance(one, (int, float)) and not isinstance(one, bool)]
        return len(numbers) == len(examples) and [number_of(line) for line in lines_of("\n".join(map(str, numbers)))] == numbers
    return is_plain(examples)


def json_of(value: Mapping[str, Any]) -> str:
    return orjson.dumps(value).decode() if value else ""


def object_of(text: str) -> dict[str, Any]:
    try:
        found = orjson.loads(text or b"{}")
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
