"""Variables (MS-Var): made of the fields of a category and of an indicator, whenever somebody reads them. Pure.

A category says a title, perhaps a description, and rules; concept, definition and question are made of these where it says no more. The sentences of
rules are those by which a value is refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from app.categories.subset import ORDER, JsonSchema
from app.common_fields import FIELDS, CommonField
from app.definitions.schemas import Both, CategoryAnswer, Visibility
from app.indicators.rules import StoredIndicator
from app.indicators.words import PERIOD_WORDS
from app.language import Language, Text
from app.messages import say_fault
from app.messages.kinds import kind_words
from app.metadata.schemas import VariableAnswer, VariableClass

PROFILE = "profiles"
"""The activity of the indicators; no category can be called so."""

_RULES = {
    "minimum": "attribute-minimum", "maximum": "attribute-maximum", "exclusiveMinimum": "attribute-above", "exclusiveMaximum": "attribute-below",
    "minLength": "attribute-too-short", "maxLength": "attribute-too-long", "pattern": "attribute-pattern", "format": "attribute-format",
    "minItems": "list-too-short", "maxItems": "list-too-long",
}  # fmt: skip
"""By the word of JSON Schema the fault of a value that does not follow it."""
_UNIQUE = Text("Tidak boleh sama di dua titik, sendiri atau bersama: {fields}.", "No two points may share it, alone or together: {fields}.")
_MULTIPLE = Text("Kelipatan {expected}.", "A multiple of {expected}.")
_DIFFERENT = Text("Setiap isian hanya sekali.", "Each value once only.")
_MEANING = Text(
    "{title} dari setiap titik dalam kategori {category}: {description}", "{title} of each point of the category {category}: {description}"
)
_REFERENCE = Text("Definisi kategori {category}, versi {version}.", "Definition of the category {category}, version {version}.")
_COMMON_REFERENCE = Text("Isian yang dimiliki setiap titik dalam Titik.", "A field that every point in Titik has.")
_WHEN_CAPTURED = Text(
    "Keadaan saat pendataan titik (captured_at), sampai diubah.", "As it is when the point is captured (captured_at), until it is changed."
)
_GIVEN_FOR = Text("Keadaan selama atau pada akhir {periods}.", "During, or at the end of, a {periods}.")
_OR = Text(" atau ", " or ")
_CHOOSE, _CHOOSE_SOME = (
    Text("{title}: pilih yang mana?", "{title}: which one?"),
    Text("{title}: pilih yang mana saja?", "{title}: which ones?"),
)
_ASK_NUMBER, _ASK_YES = Text("{title}: berapa?", "{title}: what is the number?"), Text("{title}: ya atau tidak?", "{title}: yes or no?")
_ASK_WHEN, _ASK_TEXT = Text("{title}: kapan?", "{title}: when?"), Text("{title}: tuliskan.", "{title}: please write it down.")
_NOT_ASKED = Text("Tidak ditanyakan: diisi oleh Titik.", "Not asked: Titik fills it in.")
_IN_KELURAHAN = Text("{title} di kelurahan ini: berapa?", "{title} of this kelurahan: what is the number?")
_YES, _NO = Text("ya", "yes"), Text("tidak", "no")
_VERSION_OF_INDICATOR = Text(
    "{source} (Definisi indikator, versi {version}.)", "{source} (Definition of the indicator, version {version}.)"
)


def both(text: Text, **facts: object) -> Both:
    return Both(id=text.say("id", facts or None), en=text.say("en", facts or None))


def filled(text: Text, **facts: Both | str | int) -> Both:
    """The sentence with facts that are in both languages themselves."""

    def sentence(language: Language) -> str:
        return text.say(language, {name: fact[language] if isinstance(fact, dict) else fact for name, fact in facts.items()})

    return Both(id=sentence("id"), en=sentence("en"))


def listed(texts: Sequence[Text], between: Text) -> Both:
    return Both(id=between.id.join(one.id for one in texts), en=between.en.join(one.en for one in texts))


def of_category(category: CategoryAnswer, organiser: str) -> list[VariableAnswer]:
    """All of its fields, the common ones first, whoever may see them."""
    schema = category["attribute_schema"]
    common = [_common(field, category) for field in FIELDS]
    in_order = sorted(schema["properties"].items(), key=lambda named: named[1].get(ORDER, 0))
    required = schema.get("required", ())
    own = [_attribute(name, one, category, is_required=name in required) for name, one in in_order]
    return [_variable(field, category, organiser) for field in (*common, *own)]


def of_indicator(indicator: StoredIndicator, version: int, organiser: str) -> VariableAnswer:
    """Its value. `indicator`: the definition as it is stored."""
    is_asked = indicator["kind"] == "entered"
    kind = "integer" if indicator["decimals"] == 0 else "number"
    limits = {name: indicator[name] for name in ("minimum", "maximum") if indicator[name] is not None}
    periods = listed([PERIOD_WORDS[one] for one in indicator["periods"]], _OR)
    classes = indicator["classification"]["classes"] if indicator["classification"] else []
    return VariableAnswer(
        id=f"{PROFILE}.{indicator['id']}",
        activity=PROFILE,
        organiser=organiser,
        name=_both_of(indicator["name"]),
        alias=indicator["id"],
        concept=_both_of(indicator["concept"]),
        definition=_both_of(indicator["definition"]),
        derived=[],
        reference=filled(_VERSION_OF_INDICATOR, source=indicator["source"], version=version),
        reference_time=filled(_GIVEN_FOR, periods=periods),
        type=kind,
        type_name=_type_name(kind),
        classes=[VariableClass(code=one["id"], title=_both_of(one["title"])) for one in classes],
        rules=list(_rules({"type": kind, **limits})),
        question=filled(_IN_KELURAHAN, title=indicator["name"]) if is_asked else both(_NOT_ASKED),
        accessibility=indicator["audience"],
        links=[],
    )


class FieldFacts(NamedTuple):
    """What a field of a category is, whether all categories have it or this one."""

    name: str
    title: Both
    schema: JsonSchema
    is_required: bool
    definition: Both
    derived: list[str]
    reference: Both
    is_asked: bool
    accessibility: Visibility


def _variable(field: FieldFacts, category: CategoryAnswer, organiser: str) -> VariableAnswer:
    schema = field.schema
    return VariableAnswer(
        id=f"{category['id']}.{field.name}",
        activity=category["id"],
        organiser=organiser,
        name=field.title,
        alias=field.name,
        concept=field.title,
        definition=field.definition,
        derived=field.derived,
        reference=field.reference,
        reference_time=both(_WHEN_CAPTURED),
        type=schema["type"],
        type_name=_type_name(schema.get("format", schema["type"])),
        classes=_classes(schema),
        rules=[*_rules(schema, is_required=field.is_required), *_unique(field.name, category)],
        question=_question(field.title, schema) if field.is_asked else both(_NOT_ASKED),
        accessibility=field.accessibility,
        links=[],
    )


def _common(field: CommonField, category: CategoryAnswer) -> FieldFacts:
    title, name = both(field.title), field.name
    schema: dict[str, Any] = {"type": field.kind}
    if field.choices:
        schema["enum"] = list(field.choices)
    elif field.sql == "text":
        schema["maxLength"] = field.longest
    return FieldFacts(
        name, title, schema,
        is_required=name in category["required"] or (field.sheet is not None and field.sheet.is_required),
        definition=_meaning(title, category, field.sheet.description if field.sheet else None, None),
        derived=["concept", "definition"],
        reference=both(_COMMON_REFERENCE),
        is_asked=field.sql is not None and not (name == "name" and category["name_template"]),
        accessibility=_accessibility(name, category) if field.is_public else "restricted",
    )  # fmt: skip


def _attribute(name: str, schema: JsonSchema, category: CategoryAnswer, *, is_required: bool) -> FieldFacts:
    indonesian = schema.get("title", name)
    title = Both(id=indonesian, en=schema.get("x-title-en", indonesian))
    has_definition = "description" in schema and "x-description-en" in schema
    return FieldFacts(
        name, title, schema, is_required,
        definition=_meaning(title, category, schema.get("description"), schema.get("x-description-en")),
        derived=["concept"] if has_definition else ["concept", "definition"],
        reference=filled(_REFERENCE, category=category["title"], version=category["version"]),
        is_asked=True,
        accessibility=_accessibility(name, category),
    )  # fmt: skip


def _meaning(title: Both, category: CategoryAnswer, indonesian: str | None, english: str | None) -> Both:
    """What is said of a field, else what its title and its category say."""
    made = filled(_MEANING, title=title, category=category["title"], description=category["description"])
    return Both(id=indonesian or made["id"], en=english or made["en"])


def _accessibility(name: str, category: CategoryAnswer) -> Visibility:
    """Of an internal category nothing is public."""
    seen = category["field_visibility"].get(name, "public")
    return "internal" if seen == "public" and category["audience"] == "internal" else seen


def _both_of(text: Mapping[str, str]) -> Both:
    return Both(id=text["id"], en=text["en"])


def _type_name(kind: str) -> Both:
    return Both(id=kind_words(kind, "id"), en=kind_words(kind, "en"))


def _classes(schema: JsonSchema) -> list[VariableClass]:
    if schema["type"] == "boolean":
        return [VariableClass(code="true", title=both(_YES)), VariableClass(code="false", title=both(_NO))]
    choices = schema.get("enum") or schema.get("items", {}).get("enum") or ()
    return [VariableClass(code=one, title=Both(id=one.replace("_", " "), en=one.replace("_", " "))) for one in choices]


def _rules(schema: JsonSchema, *, is_required: bool = False) -> Iterator[Both]:
    """Without the choices, which are the classification."""
    if is_required:
        yield _fault("value-missing")
    yield _fault("attribute-type", schema["type"])
    for word, code in _RULES.items():
        if word in schema:
            yield _fault(code, schema[word])
    if "multipleOf" in schema:
        yield both(_MULTIPLE, expected=schema["multipleOf"])
    if schema.get("uniqueItems"):
        yield both(_DIFFERENT)
    if "items" in schema:
        yield from _rules({name: value for name, value in schema["items"].items() if name != "enum"})


def _fault(code: str, expected: object = "") -> Both:
    number = f"{expected:.15g}" if isinstance(expected, float) else expected
    return Both(id=say_fault(code, {"expected": number}, "id"), en=say_fault(code, {"expected": number}, "en"))


def _unique(name: str, category: CategoryAnswer) -> Iterator[Both]:
    if name in category["natural_key"]:
        yield both(_UNIQUE, fields=", ".join(category["natural_key"]))


def _question(title: Both, schema: JsonSchema) -> Both:
    return filled(_sentence(schema), title=title)


def _sentence(schema: JsonSchema) -> Text:
    kind = schema["type"]
    if "enum" in schema:
        return _CHOOSE
    if kind in ("array", "list"):
        return _CHOOSE_SOME
    if kind in ("date", "instant") or schema.get("format") in ("date", "date-time", "time"):
        return _ASK_WHEN
    return {"integer": _ASK_NUMBER, "number": _ASK_NUMBER, "boolean": _ASK_YES}.get(kind, _ASK_TEXT)
