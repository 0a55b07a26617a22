"""The schema of a Feature: what holds for its items, and what GDAL makes of it."""

from typing import Any

import jsonschema_rs
import pytest

from app.collections.feature_schema import feature_schema

PROPERTIES: dict[str, dict[str, Any]] = {
    "id": {"type": "string", "format": "uuid"},
    "name": {"title": "Nama", "type": "string"},
    "jenis": {"type": "string", "enum": ["balita", "lansia"]},
    "kader_aktif": {"type": "integer", "minimum": 0},
    "since": {"type": "string", "format": "date"},
    "days": {"type": "array", "items": {"type": "string"}},
    "geometry": {"format": "geometry-point"},
}
SCHEMA = feature_schema({"title": "Posyandu", "properties": PROPERTIES}, "Point", "http://titik.test/schema/feature")
NOTHING = dict.fromkeys(("name", "jenis", "kader_aktif", "since", "days"))


def a_feature(**known: Any) -> dict[str, Any]:
    return {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [112.0, -7.8]}, "properties": NOTHING | known}


@pytest.mark.parametrize(
    "known", [{}, {"name": "Melati", "kader_aktif": 5}, {"jenis": "lansia", "since": "2026-01-02", "days": ["Senin", "Rabu"]}]
)
def test_what_is_known_or_null_is_of_the_schema(known: dict[str, Any]) -> None:
    assert jsonschema_rs.Draft202012Validator(SCHEMA).is_valid(a_feature(**known))


@pytest.mark.parametrize(
    "wrong", [{"kader_aktif": "5"}, {"kader_aktif": -1}, {"jenis": "remaja"}, {"days": [1]}, {"other": 1}, {"name": 7}]
)
def test_another_value_or_property_is_not(wrong: dict[str, Any]) -> None:
    assert not jsonschema_rs.Draft202012Validator(SCHEMA).is_valid(a_feature(**wrong))


@pytest.mark.parametrize("missing", NOTHING)
def test_a_property_that_is_left_out_is_missing(missing: str) -> None:
    feature = a_feature()
    del feature["properties"][missing]
    assert not jsonschema_rs.Draft202012Validator(SCHEMA).is_valid(feature)
