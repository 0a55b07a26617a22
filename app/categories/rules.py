"""What the attributes of a category may be. Pure: a schema in, faults out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from jsonschema_rs import Draft202012Validator, ValidationError

from app.errors import Fault, escape_pointer


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
    validator: Draft202012Validator = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "validator", Draft202012Validator(dict(self.attribute_schema), validate_formats=True))

    @property
    def key_fields(self) -> tuple[str, ...]:
        """The fields that no two live points share; where a kelurahan has one point only, that is the kelurahan."""
        return ("kelurahan",) if self.cardinality == "one_per_kelurahan" else self.natural_key

    def named_by_template(self, properties: Mapping[str, Any]) -> bool:
        """Whether the name is the one that the template makes, by whomever it was written."""
        if self.name_template is None:
            return False
        return bool(properties["name"] == self.name_template.format(rt=properties["rt"], rw=properties["rw"]))

    def faults(self, attributes: Mapping[str, Any]) -> Iterator[Fault]:
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
        code, fact = _CODES.get(type(error.kind).__name__, ("attribute-invalid", ""))
        yield Fault(pointer, code, {"expected": _expected(facts.get(fact))})


# The validator's kind of error: our code, and which of its facts the sentence needs.
_CODES = {
    "Type": ("attribute-type", "types"),
    "Enum": ("attribute-enum", "options"),
    "Minimum": ("attribute-minimum", "limit"),
    "Maximum": ("attribute-maximum", "limit"),
    "MaxLength": ("attribute-too-long", "limit"),
    "Pattern": ("attribute-pattern", "pattern"),
    "Format": ("attribute-format", "format"),
    "Required": ("value-missing", ""),
}


def _expected(fact: object) -> str:
    return ", ".join(map(str, fact)) if isinstance(fact, list) else str(fact)
