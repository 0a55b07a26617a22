"""Old keys go, young ones stay."""

import pytest

from app.background.tidying import tidy
from app.connections import open_once
from app.db import Database
from app.settings import Settings
from tests.conftest import AsRole
from tests.factories import MOJOROTO, a_feature, execute, value

pytestmark = pytest.mark.anyio


async def test_a_key_is_remembered_for_a_month(as_role: AsRole, database: Settings) -> None:
    pic = await as_role("pic", MOJOROTO)
    for number in range(3):
        feature = a_feature(112.0016 + number / 1000, name=f"Posyandu {number}")
        posted = await pic.post("/collections/posyandu/items", json=feature, headers={"Idempotency-Key": f"kunci-{number}"})
        assert posted.status_code == 201
    async with open_once(database.owner_dsn) as session:
        aged = "UPDATE titik.retry SET created_at = now() - n * interval '20 days' FROM (SELECT key_sha256 AS key, row_number() OVER () AS n FROM titik.retry) old WHERE key = key_sha256"
        await execute(session, aged)
    opened = await Database.connect(database)
    try:
        assert [await tidy(opened) for _ in range(2)] == [2, 0]
    finally:
        await opened.close()
    async with open_once(database.owner_dsn) as session:
        assert await value(session, "SELECT count(*) FROM titik.retry") == 1
