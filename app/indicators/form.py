"""A definition of an indicator as a form that people fill in, and back. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, NamedTuple

from app.indicators.schemas import LEVELS, PERIODS
from app.language import Text

NUMBER_WRONG = Text(
    "Tulis bilangan tanpa tanda ribuan, misalnya 1250 atau 12,5. Boleh kosong.",
    "Write a number without separators of thousands, such as 1250 or 12.5. It may be empty.",
)
WHOLE_WRONG = Text("Tulis bilangan bulat, misalnya 5. Boleh kosong.", "Write a whole number, such as 5. It may be empty.")
LINE_WRONG = Text(
    "Tulis setiap kelompok pada satu baris: Indonesia | Inggris, misalnya Baik | Good.",
    "Write each group on a line of its own: Indonesian | English, such as Baik | Good.",
)
PAIRS = ("name", "concept", "definition", "interpretation", "formula", "measure", "unit", "source")
"""What is said in both languages: `name_id`, `name_en`, …"""
_CLASS = re.compile(r"(?:([a-z][a-z0-9_]{1,40})\s*:)?\s*([^|]+?)\s*\|\s*([^|]+?)\s*")
_SPARE = 2
"""Empty checks below those that there are."""


class CheckForm(NamedTuple):
    """`kind` empty: no check. `indicators` are ids with commas."""

    kind: str = ""
    indicators: str = ""
    percent: str = ""
    severity: str = "warning"


class IndicatorForm(NamedTuple):
    """As it was typed. `version`: that which the form was made of, empty of a new indicator; `texts` by field, those of `PAIRS`; `classes` are lines
    `id: Indonesian | English`.
    """

    id: str = ""
    version: str = ""
    texts: Mapping[str, str] = {}
    subject: str = "population"
    kind: str = "entered"
    audience: str = "public"
    levels: frozenset[str] = frozenset(LEVELS)
    periods: frozenset[str] = frozenset({"year"})
    decimals: str = "0"
    minimum: str = "0"
    maximum: str = ""
    threshold: str = ""
    class_title_id: str = ""
    class_title_en: str = ""
    classes: str = ""
    expression: str = ""
    category: str = ""
    filter: str = ""
    share: bool = False
    of: str = ""
    checks: tuple[CheckForm, ...] = (CheckForm(),) * _SPARE

    @property
    def is_known(self) -> bool:
        return bool(self.version)

    def text(self, name: str) -> str:
        return self.texts.get(name, "")


class UnreadField(NamedTuple):
    """`where`: the name of the field of the form."""

    where: str
    text: Text


_PLAIN = tuple(name for name, kind in IndicatorForm.__annotations__.items() if kind is str and name not in ("id", "version"))


def form_of(definition: Mapping[str, Any], version: int) -> IndicatorForm:
    """That of an indicator which is there."""
    found, count = definition["classification"], definition["count"] or {}
    return IndicatorForm(
        id=definition["id"], version=str(version), subject=definition["subject"], kind=definition["kind"], audience=definition["audience"],
        texts={f"{name}_{language}": definition[name][language] for name in PAIRS for language in ("id", "en")},
        levels=frozenset(definition["levels"]), periods=frozenset(definition["periods"]), decimals=str(definition["decimals"]),
        minimum=_text(definition["minimum"]), maximum=_text(definition["maximum"]), threshold=_text(definition["threshold"]),
        class_title_id=found["title"]["id"] if found else "", class_title_en=found["title"]["en"] if found else "",
        classes="\n".join(f"{one['id']}: {one['title']['id']} | {one['title']['en']}" for one in found["classes"]) if found else "",
        expression=definition["expression"] or "", category=count.get("category", ""), filter=count.get("filter") or "",
        share=count.get("share", False), of=count.get("of") or "",
        checks=(
            *(CheckForm(one["kind"], ", ".join(one["indicators"]), _text(one["percent"]), one["severity"]) for one in definition["checks"]),
            *(CheckForm(),) * _SPARE,
        ),
    )  # fmt: skip


def form_from(sent: Mapping[str, str]) -> IndicatorForm:
    """What a browser has sent, as it was typed."""
    number = int(sent["checks"]) if re.fullmatch(r"[0-9]{1,2}", sent.get("checks", "")) else 0
    checks = tuple(CheckForm(*(sent.get(f"check{at}-{name}", "") for name in CheckForm._fields)) for at in range(min(number, 20)))
    return IndicatorForm(
        id=sent.get("id", ""), version=sent.get("version", ""),
        texts={f"{name}_{language}": sent.get(f"{name}_{language}", "") for name in PAIRS for language in ("id", "en")},
        levels=frozenset(one for one in LEVELS if f"levels-{one}" in sent), periods=frozenset(one for one in PERIODS if f"periods-{one}" in sent),
        share="share" in sent, checks=checks, **{name: sent[name] for name in _PLAIN if name in sent},
    )  # fmt: skip


def definition_of(form: IndicatorForm) -> tuple[dict[str, Any], list[UnreadField]]:
    """What is to be stored, and what cannot be read of the form; the definition is whole also then, so that all else can be looked at."""
    wrong = []
    for name, is_whole in (("minimum", False), ("maximum", False), ("threshold", True), ("decimals", True)):
        if (text := getattr(form, name).strip()) and (_whole(text) if is_whole else _number(text)) is None:
            wrong.append(UnreadField(name, WHOLE_WRONG if is_whole else NUMBER_WRONG))
    lines = [line for line in form.classes.splitlines() if line.strip()]
    matched = [_CLASS.fullmatch(line.strip()) for line in lines]
    if None in matched:
        wrong.append(UnreadField("classes", LINE_WRONG))
    for at, check in enumerate(form.checks):
        if check.kind and check.percent.strip() and _number(check.percent) is None:
            wrong.append(UnreadField(f"check{at}-percent", NUMBER_WRONG))
    classes = [{"id": one[1] or made_id(one[2]), "title": {"id": one[2], "en": one[3]}} for one in matched if one]
    has_classes = bool(classes or form.class_title_id.strip() or form.class_title_en.strip())
    count = {"category": form.category, "filter": form.filter.strip() or None, "share": form.share, "of": form.of.strip() or None}
    definition = {
        "id": form.id.strip() or made_id(form.text("name_id")), "subject": form.subject, "kind": form.kind, "audience": form.audience,
        **{name: {language: form.text(f"{name}_{language}").strip() for language in ("id", "en")} for name in PAIRS},
        "levels": [one for one in LEVELS if one in form.levels], "periods": [one for one in PERIODS if one in form.periods],
        "decimals": _whole(form.decimals) or 0, "minimum": _number(form.minimum), "maximum": _number(form.maximum), "threshold": _whole(form.threshold),
        "classification": {"title": {"id": form.class_title_id.strip(), "en": form.class_title_en.strip()}, "classes": classes} if has_classes else None,
        "expression": (form.expression.strip() or None) if form.kind == "computed" else None,
        "count": count if form.kind == "counted" else None,
        "checks": [_check_of(check) for check in form.checks if check.kind],
    }  # fmt: skip
    return definition, wrong


def place_of(form: IndicatorForm, pointer: str) -> str:
    """The name of the field of the form that a JSON pointer of a definition is about; empty where it is about all of it."""
    member, _, rest = pointer.removeprefix("/").partition("/")
    if member in PAIRS:
        return f"{member}_{rest or 'id'}"
    if member in ("levels", "periods"):
        return member
    if member == "count":
        return rest if rest in ("category", "filter", "of") else "category"
    if member == "classification":
        return f"class_title_{rest.removeprefix('title/')}" if rest.startswith("title/") else "classes"
    if member == "checks":
        number, _, name = rest.partition("/")
        given = [at for at, check in enumerate(form.checks) if check.kind]
        at = given[int(number)] if number.isdecimal() and int(number) < len(given) else 0
        return f"check{at}-{name.partition('/')[0] or 'kind'}"
    return member if member in (*_PLAIN, "id") else ""


def made_id(title: str) -> str:
    """`Jumlah Taman` → `jumlah_taman`."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:41].strip("_")


def _check_of(check: CheckForm) -> dict[str, Any]:
    names = [name.strip() for name in check.indicators.split(",") if name.strip()]
    return {"kind": check.kind, "indicators": names, "percent": _number(check.percent), "severity": check.severity}


def _text(value: float | None) -> str:
    """As it is typed, with a decimal comma; never with three decimals, which might be thousands."""
    if value is None:
        return ""
    whole, point, decimals = f"{value:.15g}".partition(".")
    return f"{whole},{decimals}0" if len(decimals) == 3 else f"{whole}{',' if point else ''}{decimals}"


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\s*[0-9]{1,9}\s*", text) else None


def _number(text: str) -> float | None:
    """`1,5` and `1.5`; not `1.250`, which may be either."""
    text = text.strip()
    return float(text.replace(",", ".")) if re.fullmatch(r"-?[0-9]{1,12}(?:[.,](?:[0-9]{1,2}|[0-9]{4,6}))?", text) else None
