"""Whether two revisions say the same is told alike by PostgreSQL, for the queue, and by the differences that reviewers read."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st

from app.common_fields import CONTENT
from app.db import WriteSession
from app.points import queries
from app.points.history import differences
from app.statement import Statement
from tests.conftest import AsRole
from tests.factories import BUJEL, MOJOROTO, a_feature, submitted

pytestmark = pytest.mark.anyio

# The revision beside itself with other values in some columns.
SAME = Statement[bool](
    f"SELECT {queries.same_content('r', 'b')} FROM titik.revision r, jsonb_populate_record(r, CAST(:change AS jsonb)) b WHERE r.id = CAST(:revision AS uuid)"
)
AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
POINT = "0199e3c4-5a10-7000-8000-0000000000b1"
VALUES: dict[str, tuple[Any, ...]] = {
    "name": ("Posyandu Melati", "Posyandu melati"), "kelurahan": (MOJOROTO, BUJEL), "status": ("active", "inactive", "closed"), "address": (None, "", "Jalan Mawar"),
    "rw": (None, "03"), "rt": (None, "03"), "accuracy_m": (None, 8.0, 8.5), "method": ("gps", "map"), "captured_at": (None, AT), "override_reason": (None, "Di seberang jalan"),
    "attributes": ({"jenis": "balita"}, {"jenis": "balita", "strata": "madya"}, {}), "predecessors": ([], [POINT]), "succession": (None, "move"),
    "place": ((112.0016, -7.8041), (112.0016, -7.8042)),
}  # fmt: skip
CHANGES = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in VALUES.items()})


async def test_the_same_content_is_that_without_a_difference(as_role: AsRole, owner: WriteSession) -> None:
    assert {field.name for field in CONTENT} <= set(VALUES)
    feature = await submitted(await as_role("pic", MOJOROTO), a_feature(accuracy_m=8, captured_at=AT.isoformat(), rw="3"))
    row = await owner.first(queries.NUMBERED, point_id=feature["id"], number=1)
    assert row is not None
    drawn: list[dict[str, Any]] = [{}, *({name: value} for name, values in VALUES.items() for value in values)]

    @given(CHANGES)
    @tried(max_examples=150, deadline=None)
    def draw(change: dict[str, Any]) -> None:
        drawn.append(change)

    draw()
    found = []
    for change in drawn:
        lon, lat = change.get("place", (row["lon"], row["lat"]))
        other = {**row, **change, "lon": lon, "lat": lat}
        columns = {
            **{name: value.isoformat() if isinstance(value, datetime) else value for name, value in change.items() if name != "place"},
            "geom": f"SRID=4326;POINT({lon} {lat})",
        }
        is_same = await owner.value(SAME, revision=row["revision"], change=columns)
        assert is_same is (differences(row, other) == []), change
        found.append(is_same)
    assert {True, False} == set(found)
