"""Bodies from strangers: what is read, what is refused, and that nothing sent is ever sent back."""

import json
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.categories.queries import shipped
from app.categories.rules import Category
from app.errors import BadRequest, Fault, Invalid, TitikError, escape_pointer
from app.http.problems import problem
from app.language import Language
from app.messages import FAULTS
from app.points.bodies import PointFeature
from app.points.schemas import Proposal, read_proposal, work_feature
from app.uuid7 import uuid7
from app.wire import _CODES, MAX_DEPTH, MAX_FAULTS, parse, read_json

MARK = "rahasia-7f3a"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
LANGUAGES: tuple[Language, ...] = ("id", "en")


def _category(name: str) -> Category:
    """A shipped category that takes every attribute: what is tried here is the form."""
    (found,) = [one for one in shipped() if one["id"] == name]
    return Category(
        id=name, version=1, attribute_schema={"type": "object"}, required=(), name_template=None,
        natural_key=tuple(found["natural_key"]), cardinality=found["cardinality"],
    )  # fmt: skip


POSYANDU, POS_KAMLING = _category("posyandu"), _category("pos_kamling")


def feature(properties: Mapping[str, Any] | None = None, /, **members: Any) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": [112.01, -7.81]}
    return {"type": "Feature", "geometry": geometry, "properties": {"name": "Posyandu Melati", **(properties or {})}, **members}


def read(body: Mapping[str, Any]) -> Proposal:
    """As the service does: through bytes."""
    return read_proposal(read_json(json.dumps(body).encode()), POSYANDU, NOW)


def refusal(body: Mapping[str, Any]) -> Invalid:
    with pytest.raises(Invalid) as caught:
        read(body)
    return caught.value


def faults(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Where and what; every sentence can be said, in both languages."""
    error = refusal(body)
    said = answers(error)
    assert "{" not in "".join(fault["detail"] for one in said for fault in one["errors"])
    return [(fault.where, fault.code) for fault in error.faults]


def answers(error: TitikError) -> list[dict[str, Any]]:
    return [dict(problem(error, 422, language, "/collections/posyandu/items", "r")) for language in LANGUAGES]


# -- JSON


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"hello",
        b"{",
        b'{"a": 1,}',
        b"{'a': 1}",
        b"{} x",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e400}',
        b'{"a": 01}',
        b"\xff\xfe{}",
        b'{"a": "\xff"}',
        b'{"a": "\xed\xa0\x80"}',
        b'{"a": "\\ud800"}',
        b'{"a": "\x00"}',
        b"\xef\xbb\xbf{}",
    ],
)
def test_what_is_not_json_is_a_bad_request(body: bytes) -> None:
    with pytest.raises(BadRequest) as caught:
        read_json(body)
    assert caught.value.code == "body-not-json"
    assert all("{" not in answer["detail"] for answer in answers(caught.value))


def test_the_place_of_the_error_is_told() -> None:
    with pytest.raises(BadRequest) as caught:
        read_json(b'{"a": 1,\n "b": x}')
    assert caught.value.facts == {"line": 2, "column": 7}


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"text"', b"true", b"[{}]"])
def test_json_that_is_no_object(body: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        read_json(body)
    assert caught.value.faults == (Fault("", "not-an-object"),)


def nested(depth: int, opening: bytes, closing: bytes) -> bytes:
    return b'{"properties": ' + opening * (depth - 1) + closing * (depth - 1) + b"}"


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 500, 1_000, 1_024, 1_025, 2_000, 50_000])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")])
def test_depth_is_refused_and_survived(depth: int, opening: bytes, closing: bytes) -> None:
    bodies = [nested(depth, opening, closing).replace(b'"a":}', b'"a":1}')]
    if depth > 1_025:
        # Not even closed: the depth is what matters, however the body would end.
        bodies.append(opening * depth)
    for body in bodies:
        with pytest.raises(BadRequest) as caught:
            read_json(body)
        assert caught.value.code == "body-too-deep"


def test_depth_up_to_the_limit_is_read() -> None:
    assert read_json(nested(MAX_DEPTH, b"[", b"]"))
    wide = {"a": [[number] for number in range(10_000)]}
    assert read_json(json.dumps(wide).encode()) == wide


@pytest.mark.parametrize("body", [b'{"a": "x\\u0000y"}', b'{"\\u0000": 1}', b'{"a": ["\\\\\\u0000"]}', b'{"a": {"b": "\\u0000"}}'])
def test_nul_is_refused_wherever_it_stands(body: bytes) -> None:
    assert b"\x00" not in body
    assert "\x00" in str(json.loads(body)).replace("\\x00", "\x00")
    with pytest.raises(Invalid) as caught:
        read_json(body)
    assert caught.value.faults == (Fault("", "nul-character"),)


@given(st.lists(st.sampled_from(["\\", "u0000", "a", "\x00"]), max_size=6).map("".join))
def test_a_backslash_and_the_letters_of_nul_are_no_nul(text: str) -> None:
    body = json.dumps({"a": text}).encode()
    if "\x00" in text:
        with pytest.raises(Invalid):
            read_json(body)
    else:
        assert read_json(body) == {"a": text}


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


@given(
    values, st.sampled_from([None, "type", "id", "geometry", "properties", "bbox", "links", "coordinates", "sheet"]), st.text(max_size=10)
)
def test_any_json_is_a_proposal_or_a_refusal(value: Any, member: str | None, name: str) -> None:
    body: Any = value if member is None else feature({name: value}) if member == "properties" else feature(**{member: value})
    if member == "coordinates":
        body = feature(geometry={"type": "Point", "coordinates": value})
    try:
        proposal = read_proposal(read_json(json.dumps(body).encode()), POSYANDU, NOW)
    except TitikError as error:
        assert all(len(answer.get("errors", [])) <= MAX_FAULTS for answer in answers(error))  # noqa: PT017 - either outcome is right
    else:
        assert isinstance(proposal, Proposal)


@given(st.binary(max_size=60))
def test_any_bytes_are_an_object_or_a_refusal(body: bytes) -> None:
    try:
        assert isinstance(read_json(body), dict)
    except TitikError as error:
        answers(error)


# -- a point


def test_a_whole_point() -> None:
    point_id = uuid7()
    sent = {
        "category": "posyandu",
        "name": "  Posyandu Melati ",
        "kelurahan": "35.71.01.1001",
        "address": "Jl. Veteran 1",
        "rw": "RW 2",
        "rt": "003",
        "accuracy_m": 4,
        "method": "gps",
        "captured_at": "2026-11-22T08:30:00+07:00",
        "override_reason": "di seberang sungai",
        "strata": "mandiri",
        "kader": 5,
    }
    proposal = read(feature(sent, id=str(point_id)))
    assert proposal.id == point_id
    assert (proposal.category, proposal.kelurahan, proposal.name) == ("posyandu", "35.71.01.1001", "Posyandu Melati")
    assert proposal.common == {
        "name": "Posyandu Melati", "kelurahan": "35.71.01.1001", "status": "active", "address": "Jl. Veteran 1", "rw": "02", "rt": "03",
        "accuracy_m": 4.0, "method": "gps", "captured_at": datetime(2026, 11, 22, 1, 30, tzinfo=UTC), "override_reason": "di seberang sungai",
    }  # fmt: skip
    assert (proposal.captured_at, proposal.accuracy_m) == (datetime(2026, 11, 22, 1, 30, tzinfo=UTC), 4.0)
    assert (proposal.lon, proposal.lat) == (112.01, -7.81)
    assert proposal.attributes == {"strata": "mandiri", "kader": 5}
    assert proposal.override_reason == "di seberang sungai"


def test_the_least_that_is_a_point() -> None:
    proposal = read(feature())
    assert (proposal.id, proposal.kelurahan, proposal.captured_at, proposal.accuracy_m) == (None, None, None, None)
    assert (proposal.common["method"], proposal.attributes, proposal.override_reason) == ("gps", {}, None)


@pytest.mark.parametrize("coordinates", [[-7.81, 112.01], [112.01, 7.81], [610433, 9137228], [0, 0], [-181.5, 91, 65.0]])
def test_coordinates_are_taken_as_they_are(coordinates: list[float]) -> None:
    proposal = read(feature(geometry={"type": "Point", "coordinates": coordinates}))
    assert [proposal.lon, proposal.lat] == coordinates[:2]


@pytest.mark.parametrize(
    ("members", "where", "code"),
    [
        ({"type": "FeatureCollection"}, "/type", "not-one-of"),
        ({"type": None}, "/type", "not-one-of"),
        ({"geometry": None}, "/geometry", "not-an-object"),
        ({"geometry": [112, -7]}, "/geometry", "not-an-object"),
        ({"geometry": {"type": "Point"}}, "/geometry/coordinates", "value-missing"),
        ({"geometry": {"type": "Polygon", "coordinates": [112, -7]}}, "/geometry/type", "not-one-of"),
        ({"geometry": {"type": "Point", "coordinates": [112]}}, "/geometry/coordinates", "list-too-short"),
        ({"geometry": {"type": "Point", "coordinates": {"lon": 1}}}, "/geometry/coordinates", "not-a-list"),
        ({"geometry": {"type": "Point", "coordinates": ["112", -7]}}, "/geometry/coordinates/0", "not-a-number"),
        ({"geometry": {"type": "Point", "coordinates": [112, None]}}, "/geometry/coordinates/1", "not-a-number"),
        ({"geometry": {"type": "Point", "coordinates": [True, -7]}}, "/geometry/coordinates/0", "not-a-number"),
        ({"properties": None}, "/properties", "not-an-object"),
        ({"properties": []}, "/properties", "not-an-object"),
        ({"id": 5}, "/id", "not-a-uuid"),
        ({"id": "x"}, "/id", "not-a-uuid"),
        ({"id": "6f1c2a52-8f0e-4a53-9d1e-6f2b8f7a1c11"}, "/id", "not-a-uuid7"),
        ({"id": "00000000-0000-0000-0000-000000000000"}, "/id", "not-a-uuid7"),
        ({"id": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"}, "/id", "not-a-uuid7"),
    ],
)
def test_wrong_members(members: dict[str, Any], where: str, code: str) -> None:
    assert faults(feature(**members)) == [(where, code)]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("name", 5, "not-text"),
        ("name", "", "text-too-short"),
        ("name", "x" * 201, "text-too-long"),
        ("address", "x" * 501, "text-too-long"),
        ("address", "  ", "text-too-short"),
        ("override_reason", " \t\n", "text-too-short"),
        ("override_reason", True, "not-text"),
        ("category", "kantor_kelurahan", "category-differs"),
        ("kelurahan", 3571011001, "not-text"),
        ("kelurahan", "", "text-too-short"),
        ("kelurahan", "K" * 101, "text-too-long"),
        ("rw", 1, "not-text"),
        ("rw", "satu", "not-a-neighbourhood-number"),
        ("rt", "0", "not-a-neighbourhood-number"),
        ("rt", "1" * 21, "text-too-long"),
        ("accuracy_m", "4", "not-a-number"),
        ("accuracy_m", True, "not-a-number"),
        ("accuracy_m", -1, "number-too-small"),
        ("accuracy_m", 10_001, "number-too-large"),
        ("method", "GPRS", "not-one-of"),
        ("status", "closed", "status-by-move"),
        ("kelurahan_name", "Pojok", "server-decides"),
        ("kecamatan", "Kota", "server-decides"),
        ("verified_at", "2026-01-01T00:00:00Z", "server-decides"),
        ("state", "published", "server-decides"),
        ("revision", "6f1c2a52-8f0e-4a53-9d1e-6f2b8f7a1c11", "server-decides"),
        ("version", 1, "server-decides"),
        ("placement", {}, "server-decides"),
    ],
)
def test_wrong_properties(name: str, value: object, code: str) -> None:
    assert faults(feature({name: value})) == [(f"/properties/{name}", code)]


@pytest.mark.parametrize(
    "members",
    [
        {"sheet": MARK},
        {"a/b~c": 1},
        {"geometry": {"type": "Point", "coordinates": [112.01, -7.81, 1, 4]}},
        {"geometry": {"type": "Point", "coordinates": [112.01, -7.81], "crs": {}}},
        {"bbox": [1] * 7},
        {"links": [MARK]},
    ],
)
def test_members_that_a_point_does_not_have_are_no_matter(members: dict[str, Any]) -> None:
    proposal = read(feature(**members))
    assert (proposal.lon, proposal.lat, proposal.name) == (112.01, -7.81, "Posyandu Melati")


def test_a_name_of_blanks_is_no_name() -> None:
    assert read(feature({"name": "   "})).name is None


def test_all_faults_of_form_come_at_once() -> None:
    body = feature({"accuracy_m": -1, "name": 5}, id="x", geometry={"type": "Point", "coordinates": ["a", "b"]})
    assert set(faults(body)) == {
        ("/id", "not-a-uuid"),
        ("/geometry/coordinates/0", "not-a-number"),
        ("/geometry/coordinates/1", "not-a-number"),
        ("/properties/name", "not-text"),
        ("/properties/accuracy_m", "number-too-small"),
    }
    assert set(faults(feature({"category": "rt", "rw": "x", "rt": "x"}))) == {
        ("/properties/category", "category-differs"),
        ("/properties/rw", "not-a-neighbourhood-number"),
        ("/properties/rt", "not-a-neighbourhood-number"),
    }


def test_no_more_than_20_faults_are_told() -> None:
    error = refusal(feature({"predecessors": ["x"] * 50}))
    assert len(error.faults) == MAX_FAULTS == 20
    assert all(len(answer["errors"]) == 20 for answer in answers(error))


def test_an_object_of_very_many_members_is_refused_before_each_is_looked_at() -> None:
    body = json.dumps(feature(**{f"x{number}": number for number in range(1_000)})).encode()
    with pytest.raises(Invalid) as refused:
        read_json(body)
    assert [fault.code for fault in refused.value.faults] == ["too-many-members"]


# -- times


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-11-22T08:30:00Z", 8),
        ("2026-11-22T08:30:00.123456Z", 8),
        ("2026-11-22t08:30:00z", 8),
        ("2026-11-22 08:30:00+00:00", 8),
        ("2026-11-22T08:30:00+07:00", 1),
        ("2026-11-21T23:30:00-02:00", 1),
    ],
)
def test_instants(text: str, hour: int) -> None:
    captured_at = read(feature({"captured_at": text})).captured_at
    assert captured_at is not None
    assert captured_at.astimezone(UTC).replace(microsecond=0) == datetime(2026, 11, 22, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-11-22T08:30:00", "2026-11-22 08:30", "2026-11-22"])
def test_a_time_without_a_zone_is_none(text: str) -> None:
    assert faults(feature({"captured_at": text})) == [("/properties/captured_at", "timezone-missing")]


@pytest.mark.parametrize(
    "value",
    [
        1763775000,
        1763775000.5,
        1763775000000,
        0,
        -1,
        True,
        [],
        {},
        "",
        " ",
        "1763775000",
        "1763775000.5",
        "1763775000000",
        "-1",
        "20261122T083000Z",
        "22-11-2026T08:30:00Z",
        "2026-02-30T00:00:00Z",
        "2026-11-22T25:00:00Z",
        "2026-11-22T08:30:00+25:00",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "\u0662026-11-22T08:30:00Z",
        # Times that have no UTC time within the calendar.
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "kemarin",
        "x" * 100_000,
    ],
)
def test_what_is_no_instant(value: object) -> None:
    assert faults(feature({"captured_at": value})) == [("/properties/captured_at", "not-an-instant")]


quarters_of_an_hour = st.integers(-56, 56).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))


@given(st.datetimes(timezones=quarters_of_an_hour))
def test_every_instant_within_the_calendar_is_kept_to_the_microsecond(instant: datetime) -> None:
    try:
        instant.astimezone(UTC)
    except OverflowError:
        refusal(feature({"captured_at": instant.isoformat()}))
    else:
        sent = json.dumps(feature({"captured_at": instant.isoformat()})).encode()
        assert read_proposal(read_json(sent), POSYANDU, datetime.max.replace(tzinfo=UTC)).captured_at == instant


# -- what is never sent back

WRONG: list[dict[str, Any]] = [
    *[feature({name: value}) for name in ("name", "address", "override_reason") for value in ([MARK], {"a": MARK}, MARK * 100)],
    *[feature({name: MARK}) for name in ("category", "rw", "rt", "accuracy_m", "method", "captured_at", "status", "state", "placement")],
    *[feature(**{name: MARK}) for name in ("type", "id", "geometry", "properties")],
    feature(geometry={"type": MARK, "coordinates": [MARK, MARK]}),
    feature(geometry={"type": "Point", "coordinates": MARK}),
    feature({"captured_at": f"2026-01-01{MARK}"}),
    feature(id=f"{uuid4()}{MARK}"),
]


@pytest.mark.parametrize("body", WRONG)
def test_no_value_that_was_sent_is_sent_back(body: dict[str, Any]) -> None:
    error = refusal(body)
    assert error.faults
    for answer in answers(error):
        assert MARK not in json.dumps(answer)
    assert MARK not in f"{error!r}{error.faults!r}"
    assert MARK not in "".join(traceback.format_exception(error))


def test_bytes_that_are_no_json_are_not_sent_back() -> None:
    with pytest.raises(BadRequest) as caught:
        read_json(f'{{"a": {MARK}}}'.encode())
    assert MARK not in json.dumps(answers(caught.value))
    assert MARK not in "".join(traceback.format_exception(caught.value))


def test_a_name_that_a_client_made_up_is_cut_short() -> None:
    assert len(escape_pointer(MARK * 1000)) <= 210


def test_every_fault_has_its_sentence() -> None:
    assert set(_CODES.values()) | {"value-invalid"} <= set(FAULTS)


# -- the same again


@given(st.permutations(list(feature({"strata": "mandiri", "rw": "01"}, bbox=None))), st.permutations(["name", "strata", "rw"]))
def test_the_same_content_has_the_same_hash_in_any_order(members: list[str], names: list[str]) -> None:
    body = feature({"strata": "mandiri", "rw": "01"}, bbox=None)
    turned = {member: body[member] for member in members}
    turned["properties"] = {name: body["properties"][name] for name in names}
    assert read(turned).content_sha256 == read(body).content_sha256


def test_other_content_has_another_hash() -> None:
    bodies = [feature(), feature({"rw": "01"}), feature({"rw": "1"}), feature(geometry={"type": "Point", "coordinates": [112.01, -7.82]})]
    hashes = {read(body).content_sha256 for body in bodies} | {read_proposal(bodies[0], POS_KAMLING, NOW).content_sha256}
    assert len(hashes) == 5


def test_strict_models_convert_nothing() -> None:
    sent = parse(PointFeature, feature({"kader": "5", "aktif": "true"}))
    assert sent.properties.model_extra == {"kader": "5", "aktif": "true"}


def test_a_stored_revision_is_a_feature_again() -> None:
    point_id, revision = uuid7(), uuid7()
    optional = dict.fromkeys(
        ("kelurahan_name", "kecamatan", "address", "rw", "rt", "accuracy_m", "captured_at", "verified_at", "override_reason", "succession")
    )
    row: dict[str, Any] = {
        **optional,
        "point_id": point_id,
        "revision": revision,
        "version": 1,
        "state": "submitted",
        "category": "posyandu",
        "kelurahan": "35.71.01.1001",
        "name": "Posyandu Melati",
        "status": "active",
        "method": "gps",
        "lon": 112.01,
        "lat": -7.81,
        "attributes": {"strata": "mandiri"},
        "predecessors": [],
        "placement": {"verdict": "inside"},
    }
    shown = work_feature(row)
    assert (UUID(shown["id"]), shown["geometry"]["coordinates"]) == (point_id, [112.01, -7.81])
    assert shown["properties"]["strata"] == "mandiri"
    assert shown["properties"]["revision"] == str(revision)
    assert not shown["properties"].keys() & optional.keys()


@pytest.mark.parametrize(
    "text",
    ['{"a": 1, "a": 2}', '{"a": {"b": 1, "b": 1}}', '{"a": [{"b": "x:y", "b": 2}]}', '{"a": 1, "\\u0061": 2}', '{"": 1, "": 2}',
     '{"properties": {"name": "A", "jenis": "balita", "name": "B"}}'],
)  # fmt: skip
def test_a_member_that_is_there_twice_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_json(text.encode())
    assert [fault.code for fault in caught.value.faults] == ["duplicate-key"]


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"a": {"a": 1}}}',
        '{"a": "\\"a\\": 1, \\"a\\": 2"}',
        '{"a:": 1, ":a": "::"}',
        '[{"a": 1}, {"a": 1}]',
        '{"a": [{"b": 1}, {"b": 1}]}',
    ],
)
def test_the_same_name_elsewhere_is_not_twice(text: str) -> None:
    if text.startswith("["):
        with pytest.raises(Invalid, match="body-invalid"):
            read_json(text.encode())
    else:
        assert read_json(text.encode()) == json.loads(text)
