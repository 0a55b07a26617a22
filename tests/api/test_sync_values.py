"""Figures that a phone recorded without a network: once, however often they come; shown where somebody was faster; never decided by their sender."""

import asyncio
from typing import Any

import pytest

from app.db import WriteSession
from app.uuid7 import uuid7
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, MOJOROTO, PUBLISH, code_of, value

pytestmark = pytest.mark.anyio
Json = dict[str, Any]
PERIOD = "2025"


def figures(*values: Json, kelurahan: str = MOJOROTO, period: str = PERIOD, **more: Any) -> Json:
    return {"client_id": str(uuid7()), "kind": "value", "kelurahan": kelurahan, "period": period, "values": list(values), **more}


async def sync_all(phone: Client, *changes: Any) -> list[Json]:
    answer = await phone.post("/sync", json={"changes": list(changes)})
    assert answer.status_code == 200, answer.text
    results: list[Json] = answer.json()["results"]
    assert [(one["client_id"], one["kind"]) for one in results] == [(one["client_id"], "value") for one in changes]
    return results


def said(result: Json) -> tuple[str, bool, list[tuple[str, float | None, str, int]]]:
    return (
        result["status"],
        result["repeated"],
        [(one["indicator"], one["value"], one["state"], one["version"]) for one in result["values"]],
    )


def refused(result: Json) -> tuple[str, int, str]:
    assert result["code"] == result["problem"]["status"]
    return result["status"], result["code"], result["problem"]["type"].rpartition(":")[2]


async def test_figures_of_a_phone_go_to_review_and_nobody_publishes_their_own(as_role: AsRole, client: Client) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    kept, own = figures({"indicator": "jumlah_rw", "value": 8, "version": 0}, draft=True), figures({"indicator": "jumlah_kk", "value": 900})
    assert said((await sync_all(pic, kept))[0]) == ("changed", False, [("jumlah_rw", 8, "draft", 1)])
    sent = figures({"indicator": "jumlah_rw", "value": 9, "version": 1}, {"indicator": "jumlah_lingkungan", "meaning": "not-applicable"})
    (result,) = await sync_all(pic, sent)
    assert said(result) == ("changed", False, [("jumlah_lingkungan", None, "submitted", 1), ("jumlah_rw", 9, "submitted", 2)])
    (by_walidata,) = await sync_all(walidata, own)
    decide = f"/reviews/{by_walidata['values'][0]['revision']}/decision"
    assert code_of(await walidata.post(decide, json=PUBLISH)) == (403, "own-revision")
    assert (await client.get(f"/profiles/{MOJOROTO}/{PERIOD}")).json()["values"] == []
    for one in result["values"]:
        assert (await walidata.post(f"/reviews/{one['revision']}/decision", json=PUBLISH)).status_code == 200
    shown = (await client.get(f"/profiles/{MOJOROTO}/{PERIOD}")).json()["values"]
    assert {one["indicator"]: one["meaning"] for one in shown} == {"jumlah_rw": "value", "jumlah_lingkungan": "not-applicable"}


async def test_the_same_message_again_is_answered_and_not_carried_out(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", MOJOROTO)
    sent = figures({"indicator": "jumlah_rw", "value": 8})
    first, second = await sync_all(pic, sent, sent)
    assert (said(first), said(second)) == (
        ("changed", False, [("jumlah_rw", 8, "submitted", 1)]),
        ("changed", True, [("jumlah_rw", 8, "submitted", 1)]),
    )
    # Changed since, and then the first message once more: it does not undo that.
    await sync_all(pic, figures({"indicator": "jumlah_rw", "value": 9, "version": 1}))
    assert said((await sync_all(pic, sent))[0]) == ("changed", True, [("jumlah_rw", 9, "submitted", 2)])
    assert refused((await sync_all(pic, sent | {"period": "2024"}))[0]) == ("refused", 409, "client-id-used")
    assert said((await sync_all(pic, figures({"indicator": "jumlah_rw", "value": 9})))[0])[:2] == ("unchanged", False)
    assert await value(owner, "SELECT count(*) FROM titik.value_revision") == 2


async def test_a_message_that_arrives_many_times_at_once_is_one(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", MOJOROTO)
    sent = figures({"indicator": "jumlah_rw", "value": 8})
    answers = await asyncio.gather(*(sync_all(pic, sent) for _ in range(6)))
    assert sorted(one["repeated"] for (one,) in answers) == [False] + [True] * 5
    assert await value(owner, "SELECT count(*) FROM titik.value_revision") == 1


async def test_who_had_another_version_in_hand_is_told(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    await sync_all(pic, figures({"indicator": "jumlah_rw", "value": 8}))
    await sync_all(walidata, figures({"indicator": "jumlah_rw", "value": 10, "version": 1}))
    late, new = figures({"indicator": "jumlah_rw", "value": 9, "version": 1}), figures({"indicator": "jumlah_rw", "value": 9, "version": 0})
    for result in await sync_all(pic, late, new):
        assert refused(result) == ("conflict", 412, "value-stale")
        assert (result["problem"]["indicator"], result["problem"]["version"]) == ("jumlah_rw", 2)
    # A refusal leaves no key behind: corrected, it is sent under the same id.
    again = late | {"values": [{"indicator": "jumlah_rw", "value": 9, "version": 2}]}
    assert said((await sync_all(pic, again))[0]) == ("changed", False, [("jumlah_rw", 9, "submitted", 3)])


async def test_each_message_stands_for_itself_and_is_all_or_nothing(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", MOJOROTO)
    wrong = figures({"indicator": "jumlah_rw", "value": 8}, {"indicator": "jumlah_rt", "value": -1})
    results = await sync_all(
        pic, wrong, figures({"indicator": "jumlah_rw", "value": 8}, kelurahan=BUJEL), figures({"indicator": "jumlah_rw", "value": 8}, period="2025-S3"),
        figures({"indicator": "jumlah_rw", "value": "1.234"}), figures(), figures({"indicator": "jumlah_rw", "value": 8}, kelurahan="35.71.01.9999"),
        figures({"indicator": "jumlah_rw", "value": 8}, point=str(uuid7())), figures({"indicator": "jumlah_kk", "value": 900}),
    )  # fmt: skip
    assert [refused(one) for one in results[:-1]] == [
        ("refused", 422, "body-invalid"), ("refused", 403, "kelurahan-not-yours"), ("refused", 404, "period-unknown"), ("refused", 422, "body-invalid"),
        ("refused", 422, "body-invalid"), ("refused", 404, "profile-kelurahan-unknown"), ("refused", 422, "body-invalid"),
    ]  # fmt: skip
    assert [one["pointer"] for one in results[0]["problem"]["errors"]] == ["/values/1/value"]
    assert results[-1]["status"] == "changed"
    assert await value(owner, "SELECT count(*) FROM titik.value_revision") == 1
