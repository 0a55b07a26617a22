"""What the attributes of a category may be. Pure: a schema in, faults out."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from jsonschema_rs import Draft202012Validator, RegexOptions, ValidationError

from app.categories.templates import FIELD, render
from app.errors import Fault, escape_pointer

LINEAR = RegexOptions(size_limit=1 << 20)
"""The engine of patterns that takes time linear to the text; one that it cannot read is refused when the category is saved."""


def validator_of(schema: Mapping[str, object]) -> Draft202012Validator:
    """Compiles a schema. It fetches nothing: a reference to elsewhere is an error."""
    return Draft202012Validator(dict(schema), validate_formats=True, pattern_options=LINEAR, offline=True)


@dataclass(frozen=True, eq=False)
class Category:
    """The rules of one category, compiled once. `required` are common properties; `name_template` makes a name where none is sent.

    `natural_key` names the common properties and attributes that tell two points apart, `cardinality` how many a kelurahan has.
    """

    id: str
    version: int
    attribute_schema: Mapping[str, Any]
    required: tuple[str, ...]
    name_template: str | None
    natural_key: tuple[str, ...]
    cardinality: Literal["one_per_kelurahan", "many"]
    hidden: frozenset[str] | None = frozenset()
    """The fields that the public does not see; None: it sees nothing of the category."""
    titles: tuple[str, ...] = ()
    """What it is called, in either language."""
    validator: Draft202012Validator = field(init=False)
    choices: Mapping[str, tuple[str, ...]] = field(init=False)
    """The values of each attribute that has only some."""

    def __post_init__(self) -> None:
        properties = self.attribute_schema.get("properties", {})
        choices = {
            name: tuple(one for one in schema["enum"] if isinstance(one, str)) for name, schema in properties.items() if "enum" in schema
        }
        object.__setattr__(self, "choices", choices)
        object.__setattr__(self, "validator", validator_of(self.attribute_schema))

    @property
    def key_fields(self) -> tuple[str, ...]:
        """The fields that no two live points share; where a kelurahan has one point only, that is the kelurahan."""
        return ("kelurahan",) if self.cardinality == "one_per_kelurahan" else self.natural_key

    def public_part(self) -> "Category":
        """The same without the attributes that the public does not see."""
        schema = self.attribute_schema
        properties = {name: one for name, one in schema.get("properties", {}).items() if self.is_public(name)}
        required = [name for name in schema.get("required", ()) if name in properties]
        return replace(self, attribute_schema={**schema, "properties": properties, "required": required})

    def is_public(self, name: str) -> bool:
        return self.hidden is not None and name not in self.hidden

    def made_name(self, properties: Mapping[str, object]) -> str | None:
        """The name that the template makes of these properties; None where there is no template, or something that it needs is missing."""
        return None if self.name_template is None else render(self.name_template, properties)

    def says_made_name(self, name: str, made_by_template: str) -> bool:
        """Whether a name is that of the template in another writing: `RT.1 / RW.2`, `rt 001/002`."""
        words, numbers = _name_parts(name)
        made_words, made_numbers = _name_parts(made_by_template)
        return numbers == made_numbers and words <= made_words | _NUMBER_WORDS

    def is_numbers_only(self, name: str) -> bool:
        """Whether a text holds numbers and the words of the template, whatever the numbers: nobody's name."""
        words, numbers = _name_parts(name)
        return bool(numbers) and words <= _name_parts(self.name_template or "")[0] | _NUMBER_WORDS

    def named_by_template(self, properties: Mapping[str, object]) -> bool:
        """Whether the name is the one that the template makes, by whomever it was written."""
        return self.name_template is not None and bool(properties["name"] == self.made_name(properties))

    def faults(self, attributes: Mapping[str, object]) -> Iterator[Fault]:
        """Every fault of the attributes, with its JSON pointer within a Feature; the values themselves are never shown."""
        for error in self.validator.iter_errors(attributes):
            yield from self._faults(error)

    def _faults(self, error: ValidationError) -> Iterator[Fault]:
        pointer = "/properties" + "".join(f"/{escape_pointer(str(part))}" for part in error.instance_path)
        facts = error.kind.as_dict()
        if "unexpected" in facts:
            known = ", ".join(sorted(self.attribute_schema.get("properties", {})))
            for name in facts["unexpected"]:
                yield Fault(f"{pointer}/{escape_pointer(name)}", "attribute-unknown", {"known": known})
            return
        if "property" in facts:
            pointer = f"{pointer}/{escape_pointer(facts['property'])}"
        code, fact = _CODES.get(type(error.kind).__name__, ("attribute-invalid", ""))
        yield Fault(pointer, code, {"expected": _expected(facts.get(fact))})


_PART = re.compile(r"[^\W\d_]+|\d+")
_NUMBER_WORDS = frozenset({"no", "nomor", "rukun", "tetangga", "warga"})


def _name_parts(text: str) -> tuple[frozenset[str], list[int]]:
    """Its words without case, and its numbers in order."""
    parts = _PART.findall(FIELD.sub(" ", text).casefold())
    return frozenset(one for one in parts if not one.isdecimal()), [int(one) for one in parts if one.isdecimal()]


# The validator's kind of error: our code, and which of its facts the sentence needs.
_CODES = {
    "Type": ("attribute-type", "types"),
    "Enum": ("attribute-enum", "options"),
    "Minimum": ("attribute-minimum", "limit"),
    "Maximum": ("attribute-maximum", "limit"),
    "ExclusiveMinimum": ("attribute-above", "limit"),
    "ExclusiveMaximum": ("attribute-below", "limit"),
    "MinLength": ("attribute-too-short", "limit"),
    "MaxLength": ("attribute-too-long", "limit"),
    "MinItems": ("list-too-short", "limit"),
    "MaxItems": ("list-too-long", "limit"),
    "Pattern": ("attribute-pattern", "pattern"),
    "Format": ("attribute-format", "format"),
    "Required": ("value-missing", ""),
}


def _expected(fact: object) -> str:
    return ", ".join(str(one) for one in fact if one is not None) if isinstance(fact, list) else str(fact)
