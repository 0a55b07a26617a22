"""CQL2 (OGC 21-065r2) to a tree: the standard's JSON form as Python values. Pure.

Only the shape is judged here. What an operator means and takes is for `filters.py`, what a literal means for `literals.py`.
"""

import orjson

from app.cql2.text import FUNCTIONS, MAX_DEPTH, MAX_PARTS, Node, TextParser, invalid, too_deep, too_large
from app.errors import BadRequest, Fault

LANGUAGES = ("cql2-text", "cql2-json")
MAX_LENGTH = 8_000
MAX_WEIGHT = 250
_COLLECTION_WEIGHT = 50.0
# A pattern walks along the text, folding makes a new one of it, a shape is held against another one.
_WEIGHTS = {
    "and": 0.0,
    "or": 0.0,
    "not": 0.0,
    "like": 8.0,
    "casei": 4.0,
    "accenti": 20.0,
    **{name: 10.0 for name in FUNCTIONS if name.startswith("s_")},
}


def parse(text: str, language: str) -> Node:
    """The tree of a filter in one of `LANGUAGES`. `BadRequest` where it is none, too long, too deep, or has too many parts."""
    if language not in LANGUAGES:
        raise BadRequest(faults=[Fault("filter-lang", "format-unknown", {"expected": ", ".join(LANGUAGES)})])
    if len(text) > MAX_LENGTH:
        raise BadRequest(faults=[Fault("filter", "filter-too-long", {"expected": MAX_LENGTH})])
    tree = _read_json(text) if language == "cql2-json" else TextParser(text).whole()
    _check_size(tree)
    if weight(tree) > MAX_WEIGHT:
        raise BadRequest(faults=[Fault("filter", "filter-too-heavy", {"expected": MAX_WEIGHT})])
    return tree


def weight(tree: Node) -> float:
    """About how much a filter costs for each row that it is asked of, in comparisons. The tree has passed `parse`."""
    if isinstance(tree, dict):
        # Folded again is folded once.
        inner = tree.get("args")
        is_again = _folds(tree) and isinstance(inner, list) and any(map(_folds, inner))
        own = 0.0 if is_again or "op" not in tree else _weight_of(tree)
        # Each of its dimensions is held against the other side, and twice.
        own += _COLLECTION_WEIGHT if tree.get("type") == "GeometryCollection" else 0.0
        return own + sum(weight(one) for one in tree.values())
    if isinstance(tree, list):
        # Positions of a literal's rings: each edge is looked at.
        return 0.1 * len(tree) if tree and isinstance(tree[0], list) and all(_is_number(one) for one in tree[0]) else sum(map(weight, tree))
    return 0.0


def _weight_of(tree: dict[str, object]) -> float:
    return _WEIGHTS.get(str(tree["op"]).lower(), 1.0)


def _folds(node: Node) -> bool:
    return isinstance(node, dict) and str(node.get("op")).lower() in ("casei", "accenti")


def _is_number(value: Node) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _read_json(text: str) -> Node:
    try:
        # A lone half of a surrogate pair cannot be encoded; replaced, it is a wrong character in its place.
        return orjson.loads(text.encode("utf-8", "replace"))
    except orjson.JSONDecodeError as error:
        if any(word in error.msg.lower() for word in ("depth", "recursion")):
            raise too_deep() from None
        raise invalid(error.lineno, error.colno) from None


def _check_size(tree: Node) -> None:
    """Level by level, because recursion would be what this guards against. An operator is two levels: an object and its list."""
    depth, level, parts = 0, [tree], 0
    while level:
        depth += 1
        outer = [one for one in level if isinstance(one, (dict, list))]
        if depth > 2 * MAX_DEPTH and outer:
            raise too_deep()
        parts += sum(isinstance(one, dict) for one in outer)
        if parts > MAX_PARTS:
            raise too_large()
        level = [inner for one in outer for inner in (one.values() if isinstance(one, dict) else one)]
