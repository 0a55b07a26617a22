"""Accounts over HTTP: adding, changing, handing over; tokens with scopes and last use; passwords and links; what the record says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.access.rights import RIGHTS, SCOPES
from app.accounts import attempts
from app.connections import open_once
from app.db import WriteSession
from app.main import create_app
from app.settings import Settings
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, MOJOROTO, NGAMPEL, a_feature, a_token, code_of, execute, running, submitted, value

pytestmark = pytest.mark.anyio

PASSWORD, OTHER = "melati di tepi kali", "jembatan lama brantas"
DRAFT = "/collections/posyandu/items?draft=true"


async def add(admin: Client, name: str = "pic-bujel", **body: Any) -> httpx.Response:
    return await admin.post("/accounts", json={"name": name, "role": "pic", "kelurahan": [BUJEL], **body})


async def choose_password(admin: Client, anybody: Client, name: str, password: str = PASSWORD) -> None:
    link = (await admin.post(f"/accounts/{name}/reset-link")).json()["link"]
    chosen = await anybody.post(link, json={"password": password})
    assert chosen.status_code == 204, chosen.text


async def enter(client: Client, name: str, password: str = PASSWORD, **more: Any) -> httpx.Response:
    return await client.post("/tokens/password", json={"account": name, "password": password, **more})


def bearing(client: Client, token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_an_account_from_adding_it_to_its_first_point(as_role: AsRole, client: Client) -> None:
    admin = await as_role("admin")
    added = await add(admin, email="bujel@kediri.example")
    assert (added.status_code, added.headers["location"]) == (201, "http://titik.test/accounts/pic-bujel")
    assert added.json()["kelurahan"] == [BUJEL]
    assert added.json()["has_password"] is False
    await choose_password(admin, client, "pic-bujel")
    entered = await enter(client, "pic-bujel", label="HP Siti")
    assert (entered.status_code, entered.headers["cache-control"]) == (201, "private, no-store")
    auth = bearing(client, entered.json()["token"])
    me = (await client.get("/me", headers=auth)).json()
    assert (me["account"], me["role"], me["kelurahan"], me["unread"]) == ("pic-bujel", "pic", [{"code": BUJEL, "name": "Bujel"}], 1)
    assert me["token"]["label"] == "HP Siti"
    assert "point.submit" in me["actions"]
    posted = await client.post("/collections/posyandu/items", json=a_feature(111.9895, -7.8001), headers=auth)
    assert posted.status_code == 201, posted.text
    seen = (await admin.get("/accounts/pic-bujel")).json()
    assert seen["has_password"] is True
    assert datetime.now(UTC) - datetime.fromisoformat(seen["last_used_at"]) < timedelta(minutes=1)


async def test_accounts_are_listed_in_pages_and_by_what_they_are(as_role: AsRole) -> None:
    admin = await as_role("admin", name="a-admin")
    for number in range(5):
        await add(admin, f"pic-{number}", kelurahan=[BUJEL if number % 2 else MOJOROTO])
    first = (await admin.get("/accounts?limit=4")).json()
    assert [one["name"] for one in first["accounts"]] == ["a-admin", "pic-0", "pic-1", "pic-2"]
    following = next(link["href"] for link in first["links"] if link["rel"] == "next")
    second = (await admin.get(following)).json()
    assert [one["name"] for one in second["accounts"]] == ["pic-3", "pic-4"]
    assert len((await admin.get(f"/accounts?kelurahan={BUJEL}")).json()["accounts"]) == 2
    assert [one["name"] for one in (await admin.get("/accounts?role=admin")).json()["accounts"]] == ["a-admin"]
    assert (await admin.get("/accounts?role=raja")).status_code == 400
    assert (await admin.get("/accounts?cursor=abc")).status_code == 400


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [({"kelurahan": []}, "/kelurahan", "account-kelurahan"), ({"role": "opd"}, "/kelurahan", "account-kelurahan"),
     ({"kelurahan": ["35.71.01.9999"]}, "/kelurahan/0", "kelurahan-unknown"), ({"role": "raja"}, "/role", "not-one-of"),
     ({"name": "a b"}, "/name", "value-invalid"), ({"name": "x/../y"}, "/name", "value-invalid"), ({"name": "a\n"}, "/name", "value-invalid"),
     ({"email": "tanpa-at"}, "/email", "value-invalid"), ({"email": "a@b.c\r\nBcc: d@e.f"}, "/email", "value-invalid"),
     ({"password": PASSWORD}, "/password", "member-unknown")],
)  # fmt: skip
async def test_a_wrong_account_is_refused_with_the_place(as_role: AsRole, body: dict[str, Any], pointer: str, code: str) -> None:
    refused = await add(await as_role("admin"), **body)
    assert refused.status_code == 422, refused.text
    assert [(fault["pointer"], fault["code"]) for fault in refused.json()["errors"]] == [(pointer, code)]


async def test_a_name_is_taken_once(as_role: AsRole) -> None:
    admin = await as_role("admin")
    assert [(await add(admin)).status_code for _ in range(2)] == [201, 409]
    assert code_of(await admin.get("/accounts/tidak-ada")) == (404, "account-unknown")


async def test_who_is_no_longer_active_is_out_at_once_and_stays_out(as_role: AsRole, client: Client) -> None:
    admin = await as_role("admin")
    await add(admin)
    await choose_password(admin, client, "pic-bujel")
    token = (await enter(client, "pic-bujel")).json()["token"]
    assert (await admin.patch("/accounts/pic-bujel", json={"active": False})).json()["active"] is False
    assert code_of(await client.get("/me", headers=bearing(client, token))) == (401, "token-unknown")
    assert code_of(await enter(client, "pic-bujel")) == (401, "sign-in-wrong")
    assert code_of(await admin.post("/accounts/pic-bujel/reset-link")) == (409, "account-inactive")
    await admin.patch("/accounts/pic-bujel", json={"active": True})
    assert (await client.get("/me", headers=bearing(client, token))).status_code == 401
    assert (await enter(client, "pic-bujel")).status_code == 201


async def test_the_last_administrator_stays(as_role: AsRole) -> None:
    admin = await as_role("admin", name="satu")
    assert code_of(await admin.patch("/accounts/satu", json={"active": False})) == (409, "last-admin")
    await as_role("admin", name="dua")
    assert (await admin.patch("/accounts/dua", json={"active": False})).status_code == 200
    assert code_of(await admin.patch("/accounts/satu", json={"active": False})) == (409, "last-admin")


async def test_a_pic_gets_other_kelurahan(as_role: AsRole) -> None:
    admin = await as_role("admin")
    await add(admin)
    changed = await admin.patch("/accounts/pic-bujel", json={"kelurahan": [NGAMPEL, MOJOROTO], "email": "a@b.example"})
    assert (changed.json()["kelurahan"], changed.json()["email"]) == (sorted([NGAMPEL, MOJOROTO]), "a@b.example")
    assert "email" not in (await admin.patch("/accounts/pic-bujel", json={"email": None})).json()
    assert (await admin.patch("/accounts/pic-bujel", json={"kelurahan": []})).status_code == 422
    assert (await admin.patch("/accounts/pic-bujel", json={"role": "admin"})).status_code == 422


async def test_handing_over_takes_kelurahan_drafts_and_notices_along_and_ends_the_account(
    as_role: AsRole, client: Client, owner: WriteSession
) -> None:
    admin, walidata = await as_role("admin"), await as_role("walidata")
    old, new = await as_role("pic", MOJOROTO, name="lama"), await as_role("pic", BUJEL, name="baru")
    draft = (await old.post(DRAFT, json=a_feature(name="Posyandu Draf"))).json()
    returned = await submitted(old, a_feature(112.0026, name="Posyandu Kembali"))
    done = await submitted(old, a_feature(112.0036, name="Posyandu Terbit"))
    for feature, decision in ((returned, {"decision": "return", "reason": "Nomornya?"}), (done, {"decision": "publish"})):
        assert (await walidata.post(f"/reviews/{feature['properties']['revision']}/decision", json=decision)).status_code == 200
    handed = await admin.post("/accounts/lama/hand-over", json={"to": "baru"})
    assert (handed.status_code, handed.json()) == (
        200,
        {"from": "lama", "to": "baru", "kelurahan": [MOJOROTO], "open_revisions": 2},
    )
    assert (await old.get("/me")).status_code == 401
    assert [place["code"] for place in (await new.get("/me")).json()["kelurahan"]] == [BUJEL, MOJOROTO]
    assert [one["kind"] for one in (await new.get("/me/inbox")).json()["notices"]] == ["handed-over", "returned"]
    sent = await new.post(f"/points/{draft['id']}/revisions", json={"move": "submit"})
    assert sent.status_code == 200, sent.text
    # What is decided from now on is told to the successor.
    again = {"decision": "return", "reason": "Lagi"}
    assert (await walidata.post(f"/reviews/{draft['properties']['revision']}/decision", json=again)).status_code == 200
    assert (await new.get("/me")).json()["unread"] == 3
    held = "SELECT jsonb_agg(a.name ORDER BY r.id) FROM titik.revision r JOIN titik.account a ON a.id = r.held_by"
    assert await value(owner, held) == ["baru", "baru", "lama"]
    written = "SELECT bool_and(a.name = 'lama') FROM titik.revision r JOIN titik.account a ON a.id = r.created_by"
    assert await value(owner, written) is True


@pytest.mark.parametrize("to", ["lama", "opd", "ended"])
async def test_nobody_unfit_takes_over(as_role: AsRole, to: str) -> None:
    admin = await as_role("admin")
    await as_role("pic", MOJOROTO, name="lama")
    await as_role("opd", name="opd")
    await as_role("pic", BUJEL, name="ended")
    await admin.patch("/accounts/ended", json={"active": False})
    assert (await admin.post("/accounts/lama/hand-over", json={"to": to})).status_code == 422
    assert code_of(await admin.post("/accounts/lama/hand-over", json={"to": "siapa"})) == (404, "account-unknown")


async def test_a_link_sets_a_password_once_and_a_newer_one_ends_it(as_role: AsRole, client: Client, database: Settings) -> None:
    admin = await as_role("admin")
    await add(admin)
    first, second = [(await admin.post("/accounts/pic-bujel/reset-link")).json()["link"] for _ in range(2)]
    assert code_of(await client.get(first)) == (404, "link-ended")
    page = await client.get(second)
    assert page.status_code == 200
    assert "pic-bujel" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    form = await client.post(second, data={"password": "pendek"})
    assert (form.status_code, 'role="alert"' in form.text) == (422, True)
    guessable = await client.post(second, json={"password": "pic-bujel-2026"})
    assert guessable.json()["errors"][0]["code"] == "password-guessable"
    saved = await client.post(second, data={"password": PASSWORD})
    assert (saved.status_code, PASSWORD in saved.text) == (200, False)
    assert code_of(await client.post(second, json={"password": OTHER})) == (404, "link-ended")
    assert code_of(await client.get(second)) == (404, "link-ended")
    assert (await enter(client, "pic-bujel")).status_code == 201
    third = (await admin.post("/accounts/pic-bujel/reset-link")).json()["link"]
    async with open_once(database.owner_dsn) as session:
        await execute(session, "UPDATE titik.reset_link SET expires_at = now() - interval '1 second' WHERE used_at IS NULL")
    assert code_of(await client.post(third, json={"password": OTHER})) == (404, "link-ended")


async def test_a_new_password_ends_what_signed_in_with_the_old_but_not_the_systems(as_role: AsRole, client: Client) -> None:
    admin = await as_role("admin")
    await add(admin)
    await choose_password(admin, client, "pic-bujel")
    phone, other = [(await enter(client, "pic-bujel")).json()["token"] for _ in range(2)]
    issued = (await client.post("/tokens", json={"label": "sistem"}, headers=bearing(client, phone))).json()["token"]
    wrong = await client.post("/me/password", json={"current": OTHER, "new": OTHER}, headers=bearing(client, phone))
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "password-wrong")
    changed = await client.post("/me/password", json={"current": PASSWORD, "new": OTHER}, headers=bearing(client, phone))
    assert changed.status_code == 204, changed.text
    assert [(await client.get("/me", headers=bearing(client, token))).status_code for token in (phone, other, issued)] == [401, 401, 200]
    assert (await enter(client, "pic-bujel")).status_code == 401
    assert (await enter(client, "pic-bujel", OTHER)).status_code == 201


async def test_wrong_names_and_wrong_passwords_are_answered_alike(as_role: AsRole, client: Client) -> None:
    admin = await as_role("admin")
    await add(admin)
    await choose_password(admin, client, "pic-bujel")
    answers = [await enter(client, name, word) for name, word in (("pic-bujel", OTHER), ("tidak-ada", PASSWORD), ("nul\0", PASSWORD))]
    assert {code_of(answer) for answer in answers[:2]} == {(401, "sign-in-wrong")}
    first, second = [{k: v for k, v in answer.json().items() if k != "request_id"} for answer in answers[:2]]
    assert first == second
    assert answers[2].status_code == 422
    assert OTHER not in "".join(answer.text for answer in answers)


async def test_trying_passwords_is_limited_by_account_and_by_address(as_role: AsRole, database: Settings) -> None:
    admin = await as_role("admin")
    await add(admin)
    app = create_app(database.model_copy(update={"sign_in_rate_limit": "2/day"}))
    async with running(app):
        client = Client(transport=httpx.ASGITransport(app=app, client=("192.0.2.1", 1)), base_url="http://titik.test")
        answers = [await enter(client, "pic-bujel", OTHER) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [401, 401, 429]
        assert answers[2].headers["ratelimit"].startswith('"sign-in";r=0')
        assert 1 <= int(answers[2].headers["retry-after"]) <= 86_400
        # What was refused costs nothing, so it is not counted.
        others = [(await enter(client, f"orang-{number}", OTHER)).status_code for number in range(5)]
        assert others == [401, 401, 401, 401, 429]


async def test_strangers_together_are_slowed_down_and_shut_out_nobody(
    as_role: AsRole, client: Client, database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "WIDE", 2)
    admin = await as_role("admin")
    await add(admin)
    await choose_password(admin, client, "pic-bujel")
    app = create_app(database.model_copy(update={"sign_in_rate_limit": "3/day"}))
    async with running(app):

        async def tried(address: str, *passwords: str, name: str = "pic-bujel") -> list[int]:
            transport = httpx.ASGITransport(app=app, client=(address, 1))
            async with Client(transport=transport, base_url="http://titik.test") as there:
                return [(await enter(there, name, password)).status_code for password in passwords]

        assert await tried("203.0.113.1", PASSWORD) == [201]
        assert await tried("198.51.100.1", OTHER, OTHER, OTHER, PASSWORD) == [401, 401, 401, 429]
        # With the first sign-in, from a place that was not known yet, these are six: two limits.
        assert await tried("198.51.100.2", OTHER, OTHER, OTHER, PASSWORD) == [401, 401, 429, 429]
        # From here on a stranger has one try, which may be the right one.
        assert await tried("198.51.100.3", OTHER, PASSWORD) == [401, 429]
        assert await tried("2001:db8::1", PASSWORD) == [201]
        # Where somebody has signed in before nothing has changed; there, too, it is three.
        assert await tried("203.0.113.1", OTHER, PASSWORD, PASSWORD) == [401, 201, 429]
        assert await tried("2001:db8::2", PASSWORD) == [201]
        # Of a name that nobody has the same is said.
        for address in ("198.51.100.11", "198.51.100.12"):
            assert await tried(address, OTHER, OTHER, OTHER, OTHER, name="tidak-ada") == [401, 401, 401, 429]
        assert await tried("198.51.100.13", OTHER, OTHER, name="tidak-ada") == [401, 429]
    async with open_once(database.owner_dsn) as session:
        # Neither names nor addresses are kept.
        kept = await value(session, "SELECT string_agg(CAST(c AS text), '') FROM titik.sign_in_count c")
        assert await value(session, "SELECT count(*) FROM titik.sign_in_place") == 2
    assert not any(text in kept or text.encode().hex() in kept for text in ("pic-bujel", "tidak-ada", "203.0.113.1", "198.51.100.1"))


async def test_a_wrong_present_password_is_counted_although_nothing_else_is_stored(as_role: AsRole, database: Settings) -> None:
    token = await a_token(database, "pic", [BUJEL], "pic-bujel")
    app = create_app(database.model_copy(update={"sign_in_rate_limit": "2/day"}))
    async with running(app), Client(transport=httpx.ASGITransport(app=app), base_url="http://titik.test") as client:
        body = {"current": OTHER, "new": PASSWORD}
        answers = [(await client.post("/me/password", json=body, headers=bearing(client, token))).status_code for _ in range(3)]
    assert answers == [422, 422, 429]


async def test_tokens_of_one_s_own(as_role: AsRole, client: Client, database: Settings) -> None:
    pic, other = await as_role("pic", MOJOROTO), await as_role("pic", BUJEL)
    issued = (await pic.post("/tokens", json={"label": "Tablet", "scopes": ["read", "write"], "expires_days": 1})).json()
    listed = (await pic.get("/tokens")).json()["tokens"]
    assert [one.get("label") for one in listed] == ["Tablet", None]
    assert listed[1]["current"] is True
    assert issued["token"].startswith(listed[0]["prefix"])
    assert issued["token"] not in str(listed)
    assert "last_used_at" not in listed[0]
    await client.get("/me", headers=bearing(client, issued["token"]))
    used = (await pic.get("/tokens")).json()["tokens"][0]["last_used_at"]
    await client.get("/me", headers=bearing(client, issued["token"]))
    assert (await pic.get("/tokens")).json()["tokens"][0]["last_used_at"] == used
    assert code_of(await other.delete(f"/tokens/{issued['id']}")) == (404, "token-not-there")
    assert (await pic.delete(f"/tokens/{issued['id']}")).status_code == 204
    assert (await client.get("/me", headers=bearing(client, issued["token"]))).status_code == 401
    assert code_of(await pic.delete(f"/tokens/{issued['id']}")) == (404, "token-not-there")


async def test_a_token_may_do_what_its_scopes_say_and_give_no_more(as_role: AsRole, client: Client, database: Settings) -> None:
    token = await a_token(database, "pic", [MOJOROTO], "sempit", scopes=["read", "account"])
    auth = bearing(client, token)
    refused = await client.post("/collections/posyandu/items", json=a_feature(), headers=auth)
    assert code_of(refused) == (403, "scope-missing")
    assert "write" in refused.json()["hint"]
    assert (await client.get("/collections/posyandu/items?view=work", headers=auth)).status_code == 200
    assert code_of(await client.post("/tokens", json={"scopes": ["write"]}, headers=auth)) == (403, "scope-missing")
    same = (await client.post("/tokens", json={}, headers=auth)).json()
    assert (await client.get("/me", headers=bearing(client, same["token"]))).json()["token"]["scopes"] == ["account", "read"]
    assert (await client.post("/tokens", json={"scopes": ["semua"]}, headers=auth)).status_code == 422
    # What the role may not do, no scope gives.
    wide = await a_token(database, "opd", (), "lebar", scopes=["admin", "write"])
    assert code_of(await client.get("/accounts", headers=bearing(client, wide))) == (403, "action-forbidden")


def test_every_right_lies_in_a_scope() -> None:
    assert frozenset().union(*RIGHTS.values()) <= frozenset().union(*SCOPES.values())


async def test_a_lost_telephone(as_role: AsRole, database: Settings) -> None:
    admin, pic = await as_role("admin"), await as_role("pic", MOJOROTO, name="hilang")
    assert (await admin.delete("/accounts/hilang/tokens")).json() == {"revoked": 1}
    assert (await pic.get("/me")).status_code == 401


async def test_an_account_has_at_most_two_hundred_tokens(as_role: AsRole, database: Settings) -> None:
    pic = await as_role("pic", MOJOROTO, name="banyak")
    async with open_once(database.owner_dsn) as session:
        await execute(
            session,
            "INSERT INTO titik.token (account_id, prefix, hash, expires_at) SELECT a.id, 'titik_', decode(md5(n::text), 'hex'), now() + interval '1 day'"
            " FROM titik.account a, generate_series(1, 199) n WHERE a.name = 'banyak'",
        )
    assert code_of(await pic.post("/tokens", json={})) == (409, "tokens-full")


async def test_what_was_done_with_accounts_is_recorded_without_secrets_and_told_to_no_listener(
    as_role: AsRole, client: Client, database: Settings
) -> None:
    admin = await as_role("admin")
    await add(admin, email="bujel@kediri.example")
    await choose_password(admin, client, "pic-bujel")
    token = (await enter(client, "pic-bujel")).json()["token"]
    await client.patch("/me", json={"email": "lain@kediri.example"}, headers=bearing(client, token))
    await client.post("/me/password", json={"current": PASSWORD, "new": OTHER}, headers=bearing(client, token))
    await admin.patch("/accounts/pic-bujel", json={"active": False})
    async with open_once(database.owner_dsn) as session:
        said = await value(session, "SELECT jsonb_agg(to_jsonb(a) ORDER BY a.id) FROM titik.audit a")
        assert [row["action"] for row in said if row["action"] not in ("account.add", "token.issue")] == [
            "account.reset-password", "password.reset", "me.change", "password.change", "account.change",
        ]  # fmt: skip
        assert await value(session, "SELECT count(*) FROM titik.outbox") == 0
        kept = await value(session, "SELECT string_agg(p.hash, '') FROM titik.password p")
        assert kept.startswith("$argon2id$")
    assert not [secret for secret in (PASSWORD, OTHER, token, "kediri.example", kept) if secret in str(said)]
