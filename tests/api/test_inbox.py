"""What officers are told: in the inbox, and by mail through a real SMTP server."""

import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr, ValidationError

from app.connections import open_once
from app.db import Database
from app.inbox.kinds import KINDS
from app.inbox.mailing import compose, send_waiting
from app.settings import Settings
from tests.conftest import AsRole, Client
from tests.factories import MOJOROTO, a_feature, code_of, decision_of, execute, published, submitted, value

pytestmark = pytest.mark.anyio

RETURN = {"decision": "return", "reason": "Nomor RW belum ada"}


async def kinds(who: Client) -> list[str]:
    """What somebody has been told, the newest first."""
    return [notice["kind"] for notice in (await who.get("/me/inbox")).json()["notices"]]


async def test_a_returned_entry_waits_in_the_inbox_of_its_writer(as_role: AsRole) -> None:
    pic, other, walidata = await as_role("pic", MOJOROTO), await as_role("pic", MOJOROTO), await as_role("walidata")
    feature = await submitted(pic, a_feature())
    await walidata.post(decision_of(feature), json=RETURN)
    inbox = (await pic.get("/me/inbox")).json()
    notice = inbox["notices"][0]
    assert (inbox["unread"], notice["kind"], notice["reason"], notice["name"], notice["kelurahan_name"]) == (
        1, "returned", RETURN["reason"], "Posyandu Melati", "Mojoroto",
    )  # fmt: skip
    assert (await pic.get(notice["href"])).json()["properties"]["state"] == "returned"
    assert (await other.get("/me/inbox")).json()["notices"] == []
    assert (await other.post("/me/inbox", json={"read": [notice["id"]]})).json() == {"unread": 0}
    assert (await pic.get("/me")).json()["unread"] == 1
    assert (await pic.post("/me/inbox", json={"read": [notice["id"]]})).json() == {"unread": 0}
    assert "read_at" in (await pic.get("/me/inbox")).json()["notices"][0]


async def test_the_inbox_comes_in_pages(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    for number in range(3):
        feature = await submitted(pic, a_feature(112.0016 + number / 1000, name=f"Posyandu {number}"))
        await walidata.post(decision_of(feature), json=RETURN)
    first = (await pic.get("/me/inbox?limit=2")).json()
    following = next(link["href"] for link in first["links"] if link["rel"] == "next")
    second = (await pic.get(following)).json()
    assert [notice["name"] for notice in first["notices"] + second["notices"]] == ["Posyandu 2", "Posyandu 1", "Posyandu 0"]
    assert code_of(await pic.get("/me/inbox?cursor=AAAA")) == (400, "parameter-invalid")


async def test_what_is_taken_out_of_publication_is_told_too_and_nobody_is_told_of_their_own_deed(as_role: AsRole) -> None:
    pic, walidata, second = await as_role("pic", MOJOROTO), await as_role("walidata"), await as_role("walidata")
    feature = await published(pic, walidata, a_feature())
    await walidata.post(f"/points/{feature['id']}/revisions", json={"move": "unpublish", "reason": "Salah tempat"})
    notice = (await pic.get("/me/inbox")).json()["notices"][0]
    assert (notice["kind"], notice["reason"]) == ("unpublished", "Salah tempat")
    own = await published(walidata, second, a_feature(112.0030, name="Posyandu Mawar"))
    await walidata.post(f"/points/{own['id']}/revisions", json={"move": "unpublish", "reason": "Keliru"})
    assert "unpublished" not in await kinds(walidata)


async def test_where_the_writer_has_gone_the_officers_of_the_kelurahan_are_told(as_role: AsRole) -> None:
    gone, stays = await as_role("pic", MOJOROTO, name="pergi"), await as_role("pic", MOJOROTO)
    admin, walidata = await as_role("admin"), await as_role("walidata")
    feature = await submitted(gone, a_feature())
    await admin.patch("/accounts/pergi", json={"active": False})
    await walidata.post(decision_of(feature), json=RETURN)
    assert [one["kind"] for one in (await stays.get("/me/inbox")).json()["notices"]] == ["returned"]


async def told_of(who: Client, name: str) -> list[tuple[str, str]]:
    """What somebody has been told of an account, the newest first, with the role that it has now."""
    notices = (await who.get("/me/inbox")).json()["notices"]
    return [(notice["kind"], notice["role"]) for notice in notices if notice.get("account") == name]


async def test_of_new_power_the_account_and_the_other_administrators_are_told(as_role: AsRole, client: Client) -> None:
    other, admin = await as_role("admin", name="admin-lain"), await as_role("admin", name="admin-ini")
    assert await told_of(other, "admin-ini") == [("admin-added", "admin")]
    for name, role in (("penguji", "walidata"), ("pembaca", "opd")):
        assert (await admin.post("/accounts", json={"name": name, "role": role})).status_code == 201
    link = (await admin.post("/accounts/penguji/reset-link")).json()["link"]
    assert await told_of(other, "penguji") == [("reset-link", "walidata"), ("reviewer-added", "walidata")]
    assert (await told_of(other, "pembaca"), await told_of(admin, "penguji")) == ([], [])
    assert (await client.post(link, json={"password": "melati di tepi kali"})).status_code == 204
    token = (await client.post("/tokens/password", json={"account": "penguji", "password": "melati di tepi kali"})).json()["token"]
    inbox = (await client.get("/me/inbox", headers={"Authorization": f"Bearer {token}"})).json()
    assert [notice["kind"] for notice in inbox["notices"]] == ["reset-link", "reviewer-added"]


@pytest.mark.parametrize(
    ("change", "told"),
    [({"email": "baru@kediri.example"}, ["account-changed"]), ({"kelurahan": [MOJOROTO]}, ["account-changed"]), ({"active": False}, []),
     ({"oidc_subject": None}, ["account-changed"]), ({"oidc_subject": "siti"}, ["identity-bound"])],
)  # fmt: skip
async def test_a_change_by_an_administrator_is_told_once(as_role: AsRole, change: dict[str, Any], told: list[str]) -> None:
    other, admin, pic = await as_role("admin"), await as_role("admin"), await as_role("pic", MOJOROTO, name="petugas")
    assert (await admin.patch("/accounts/petugas", json=change)).status_code == 200
    assert await told_of(other, "petugas") == [((told or ["account-changed"])[0], "pic")]
    if told:
        assert await kinds(pic) == told


async def test_who_takes_over_is_told_and_the_administrators_too(as_role: AsRole) -> None:
    other, admin = await as_role("admin"), await as_role("admin")
    await as_role("pic", MOJOROTO, name="lama")
    follower = await as_role("pic", MOJOROTO, name="baru")
    assert (await admin.post("/accounts/lama/hand-over", json={"to": "baru"})).status_code == 200
    assert (await kinds(follower), await told_of(other, "lama")) == (["handed-over"], [("account-changed", "pic")])


async def test_a_role_that_the_owner_of_the_database_changes_is_told(as_role: AsRole, database: Settings) -> None:
    admin, pic, bystander = await as_role("admin"), await as_role("opd", name="naik"), await as_role("walidata")
    async with open_once(database.owner_dsn) as session:
        await execute(session, "UPDATE titik.account SET role = 'walidata' WHERE name = 'naik'")
        await execute(session, "UPDATE titik.account SET role = 'walidata' WHERE name = 'naik'")
    assert await told_of(admin, "naik") == await told_of(pic, "naik") == [("role-changed", "walidata")]
    assert await told_of(bystander, "naik") == []


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_mail_has_a_sentence_for_every_kind_of_notice(language: str) -> None:
    settings = Settings(
        smtp_url=SecretStr("smtp://x"), mail_from="Titik <a@kediri.example>", public_url="https://titik.example", language=language,
    )  # fmt: skip
    lines = compose("b@kediri.example", list(KINDS), settings).get_content().splitlines()
    assert len([line for line in lines if line.startswith("- ")]) == len(KINDS)


class Postbox:
    """Keeps what it is sent; refuses while it is told to."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.refuses = False

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the name that aiosmtpd calls
        if self.refuses:
            return "451 later"
        self.mails.append(message_from_bytes(envelope.content))
        return "250 OK"


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, str]]:
    box = Postbox()
    # The controller asks its port whether it has started, so that has to be known before.
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, f"smtp://127.0.0.1:{port}"
    controller.stop()


async def test_notices_go_out_by_mail_once_and_again_where_the_server_refused(
    as_role: AsRole, database: Settings, postbox: tuple[Postbox, str]
) -> None:
    box, url = postbox
    mailing = database.model_copy(
        update={"smtp_url": SecretStr(url), "mail_from": "Titik <titik@kediri.example>", "public_url": "https://titik.kediri.example"}
    )
    pic, silent, walidata = await as_role("pic", MOJOROTO), await as_role("pic", MOJOROTO), await as_role("walidata")
    assert (await pic.patch("/me", json={"email": "pic@kediri.example"})).status_code == 200
    for number, who in enumerate((pic, pic, silent)):
        feature = await submitted(who, a_feature(112.0016 + number / 1000, name=f"Posyandu {number}"))
        await walidata.post(decision_of(feature), json=RETURN)
    open_database = await Database.connect(mailing)
    try:
        box.refuses = True
        assert await send_waiting(open_database, mailing) == 0
        box.refuses = False
        assert await send_waiting(open_database, mailing) == 0
        assert box.mails == []
        async with open_once(database.owner_dsn) as session:
            await execute(session, "UPDATE titik.notice SET mail_after = now() WHERE mail_after IS NOT NULL")
        assert await send_waiting(open_database, mailing) == 1
        assert await send_waiting(open_database, mailing) == 0
    finally:
        await open_database.close()
    (mail,) = box.mails
    assert (mail["To"], mail["Subject"], mail["Auto-Submitted"]) == ("pic@kediri.example", "Titik: 2 pemberitahuan baru", "auto-generated")
    text = mail.get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert "2 isian dikembalikan" in text
    assert "https://titik.kediri.example/me/inbox" in text
    assert "Posyandu" not in text
    assert RETURN["reason"] not in text
    async with open_once(database.owner_dsn) as session:
        assert await value(session, "SELECT count(*) FROM titik.notice WHERE mailed_at IS NOT NULL") == 2


@pytest.mark.parametrize(
    "wrong",
    [{"smtp_url": "http://x"}, {"smtp_url": "smtp://x", "mail_from": "a@b.c"}, {"smtp_url": "smtp://x", "public_url": "https://x"}],
)
def test_half_of_the_settings_stops_the_start(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Settings(**wrong)  # type: ignore[arg-type]
