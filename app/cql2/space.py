"""The spatial relations of CQL2 (OGC 21-065r2 §7.10) as conditions. Pure.

PostGIS relates no collection of several dimensions. One is a literal here, so its parts are related one by one: they touch each other at most
(`literals.geometry`), and what lies inside of one of them lies inside of the collection.
"""

from collections.abc import Callable
from functools import reduce
from typing import Any

import shapely
from sqlalchemy import Boolean, LargeBinary, and_, false, func, literal, not_, or_

from app.cql2 import literals
from app.cql2.arithmetic import Value
from app.cql2.relations import Condition, Expression

_MIRRORED = {"within": "contains", "contains": "within"}


def drawn(shape: object) -> Expression:
    """A shape in WGS 84 as a geometry of PostGIS."""
    drawn_shape: Expression = func.ST_GeomFromEWKB(literal(literals.ewkb(shape), LargeBinary()))
    return drawn_shape


def related_in_space(name: str, left: Value, right: Value) -> Condition:
    """Whether the relation `name` (`s_within`, …) holds between two geometries."""
    relation = name[2:]
    if not (_is_mixed(left) or _is_mixed(right)):
        return _tested(relation, left.expression, right.expression)
    if left.shape is not None and right.shape is not None:
        return literal(bool(_of_literals(relation, left.shape, right.shape)), Boolean())
    if _is_mixed(left):
        relation, left, right = _MIRRORED.get(relation, relation), right, left
    return _OF_PARTS[relation](left.expression, [drawn(part) for part in right.shape.geoms])


def _of_literals(relation: str, left: object, right: object) -> bool:
    """The definitions of the relations, by parts: what GEOS 3.14 says of an area and a collection of an area and a point is wrong."""
    a, b = _simple(left), _simple(right)
    touching = [(one, other) for one in a for other in b if one.intersects(other)]
    inside = [(one, other) for one, other in touching if not one.touches(other)]
    dimensions = max(map(shapely.get_dimensions, a)), max(map(shapely.get_dimensions, b))
    is_same, common = dimensions[0] == dimensions[1], bool(inside)
    lower, higher = (a, b) if dimensions[0] < dimensions[1] else (b, a)
    holds: dict[str, Callable[[], bool]] = {
        "intersects": lambda: bool(touching),
        "disjoint": lambda: not touching,
        "touches": lambda: bool(touching) and not inside,
        "within": lambda: common and _is_covered(a, b),
        "contains": lambda: common and _is_covered(b, a),
        "equals": lambda: _is_covered(a, b) and _is_covered(b, a),
        "overlaps": lambda: common and is_same and not _is_covered(a, b) and not _is_covered(b, a),
        "crosses": lambda: (
            common and (_cross_in_points(inside) if dimensions == (1, 1) else not is_same and not _is_covered(lower, higher))
        ),
    }
    return holds[relation]()


def _cross_in_points(pairs: list[tuple[Any, Any]]) -> bool:
    return all(shapely.get_dimensions(one.intersection(other)) == 0 for one, other in pairs)


def _simple(shape: Any) -> list[Any]:
    return list(shape.geoms) if shape.geom_type == "GeometryCollection" else [shape]


def _is_covered(parts: list[Any], others: list[Any]) -> bool:
    return all(reduce(shapely.difference, others, part).is_empty for part in parts)


def _is_mixed(value: Value) -> bool:
    return value.shape is not None and value.shape.geom_type == "GeometryCollection"


def _tested(relation: str, left: Expression, right: Expression) -> Condition:
    exact: Condition = getattr(func, f"ST_{relation.title()}")(left, right, type_=Boolean())
    if relation == "disjoint":
        return exact
    # The index first, the exact test second.
    return and_(left.op("&&", is_comparison=True)(right), exact)


def _any(relation: str, geometry: Expression, parts: list[Expression]) -> Condition:
    return or_(*(_tested(relation, geometry, part) for part in parts))


def _covers(geometry: Expression, parts: list[Expression]) -> Condition:
    return and_(*(_tested("covers", geometry, part) for part in parts))


def _have_insides_in_common(geometry: Expression, parts: list[Expression]) -> Condition:
    return or_(*(and_(_tested("intersects", geometry, part), not_(_tested("touches", geometry, part))) for part in parts))


def _contains(geometry: Expression, parts: list[Expression]) -> Condition:
    return and_(_covers(geometry, parts), _any("contains", geometry, parts))


def _touches(geometry: Expression, parts: list[Expression]) -> Condition:
    return and_(_any("touches", geometry, parts), not_(_have_insides_in_common(geometry, parts)))


def _goes_beyond(relation: str) -> Callable[[Expression, list[Expression]], Condition]:
    """Insides in common, and something of each outside of the other: what overlaps where the highest dimensions are the same, and crosses where
    the other one is of a higher dimension than the collection.
    """

    def related(geometry: Expression, parts: list[Expression]) -> Condition:
        dimension = func.ST_Dimension(geometry)
        highest = func.ST_Dimension(parts[-1])
        is_possible = dimension == highest if relation == "overlaps" else dimension > highest
        # A point has no part that is outside of something while another is inside.
        is_possible = and_(is_possible, dimension > literal(0))
        return and_(
            is_possible,
            _have_insides_in_common(geometry, parts),
            not_(_covers(geometry, parts)),
            not_(_any("within", geometry, parts)),
        )

    return related


# Of a geometry of one dimension, as all stored ones are, and the parts of a collection, the lowest dimension first. A collection of several
# dimensions equals none of one.
_OF_PARTS: dict[str, Callable[[Expression, list[Expression]], Condition]] = {
    "intersects": lambda geometry, parts: _any("intersects", geometry, parts),
    "disjoint": lambda geometry, parts: not_(_any("intersects", geometry, parts)),
    "equals": lambda _geometry, _parts: false(),
    "within": lambda geometry, parts: _any("within", geometry, parts),
    "contains": _contains,
    "touches": _touches,
    "overlaps": _goes_beyond("overlaps"),
    "crosses": _goes_beyond("crosses"),
}
