"""Every route by role by whose row by state, generated from the table of actions; then again with the application's own checks off.

A route that is not described in `REQUESTS` fails here: nobody can add one without saying what it acts on.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import httpx
import pytest

from app.access.rights import RIGHTS, Actor, Role
from app.audit.record import Action
from app.connections import open_once
from app.http.rights import needed
from app.main import create_app
from app.photos.developing import Darkroom, Picture
from app.photos.rules import Shot
from app.routers import ROUTERS
from app.settings import Settings
from app.uuid7 import uuid7
from tests.conftest import Client
from tests.factories import BUJEL, IN_MOJOROTO, MOJOROTO, PUBLISH, a_feature, a_report, a_token, decision_of, running, value

pytestmark = pytest.mark.anyio

IN_BUJEL = (111.9895, -7.8001)
STATES = ("draft", "submitted", "returned", "published", "unpublished", "withdrawn")
LET_IN = {200, 201, 202, 204, 409, 422}
ANY = {"If-Match": "*"}
SECRET = "Rahasia-9f2c"
"""In the name of every row, so that a row that leaks is seen."""


@dataclass(frozen=True)
class Row:
    """What a request acts on."""

    point: str
    revision: str
    kelurahan: str
    state: str
    contact: str
    photo: str
    report: str = "K7QX-3M9P-TB2F"

    @property
    def item(self) -> str:
        return f"/collections/posyandu/items/{self.point}"


CONTACT: dict[str, Any] = {
    "role": "ketua",
    "name": f"Ketua {SECRET}",
    "legal_basis": "SK 1",
    "term_ends_on": (datetime.now(UTC).date() + timedelta(days=300)).isoformat(),
}
PNG, AS_PNG = b"\x89PNG\r\n\x1a\n", {"Content-Type": "image/png"}
Request = tuple[str, dict[str, Any]]
# Routes that act on a row; on lists; that make a new row in a kelurahan. Each with how to ask.
ON_A_ROW: dict[str, Callable[[Row], Request]] = {
    "PUT /collections/{collection}/items/{item}": lambda row: (row.item, {"json": _feature(row.kelurahan), "headers": ANY}),
    "PATCH /collections/{collection}/items/{item}": lambda row: (row.item, {"json": {"properties": {"rw": "7"}}, "headers": ANY}),
    "DELETE /collections/{collection}/items/{item}": lambda row: (row.item, {"headers": ANY}),
    "GET /points/{point}/revisions": lambda row: (f"/points/{row.point}/revisions", {}),
    "POST /points/{point}/revisions": lambda row: (f"/points/{row.point}/revisions", {"json": {"move": "withdraw"}}),
    "GET /points/{point}": lambda row: (f"/points/{row.point}", {}),
    "GET /reviews/{revision}": lambda row: (f"/reviews/{row.revision}", {}),
    "POST /reviews/{revision}/decision": lambda row: (f"/reviews/{row.revision}/decision", {"json": PUBLISH}),
    "GET /points/{point}/contacts": lambda row: (f"/points/{row.point}/contacts", {}),
    "POST /points/{point}/contacts": lambda row: (f"/points/{row.point}/contacts", {"json": CONTACT}),
    "PUT /points/{point}/contacts/{contact}": lambda row: (f"/points/{row.point}/contacts/{row.contact}", {"json": CONTACT}),
    "POST /points/{point}/photos": lambda row: (f"/points/{row.point}/photos", {"content": PNG, "headers": AS_PNG}),
    "PUT /points/{point}/photos/{photo}": lambda row: (f"/points/{row.point}/photos/{row.photo}", {"content": PNG, "headers": AS_PNG}),
    "DELETE /points/{point}/photos/{photo}": lambda row: (f"/points/{row.point}/photos/{row.photo}", {}),
    "POST /reports/{number}/answer": lambda row: (f"/reports/{row.report}/answer", {"json": {"state": "in-progress"}}),
    "POST /reports/{number}/shown": lambda row: (f"/reports/{row.report}/shown", {"json": {"text": True}}),
    "DELETE /points/{point}/contacts/{contact}": lambda row: (f"/points/{row.point}/contacts/{row.contact}", {}),
}
ON_LISTS: dict[str, Request] = {
    "GET /reports": ("/reports", {}),
    "GET /quests": (f"/quests?kelurahan={MOJOROTO}", {}),
    "GET /points/states": (f"/points/states?points={uuid7()}", {}),
    "GET /reviews": ("/reviews", {}),
    "POST /reviews/decisions": ("/reviews/decisions", {"json": {"decision": "publish", "revisions": [str(uuid7())]}}),
    "POST /reviews/acknowledgements": ("/reviews/acknowledgements", {"json": {"revisions": [str(uuid7())]}}),
}
SYNC = {"client_id": str(uuid7()), "op": "create", "point": str(uuid7())}
ON_LISTS["POST /sync"] = (
    "/sync",
    {"json": {"changes": [SYNC | {"feature": a_feature(*IN_BUJEL, category="posyandu", kelurahan=BUJEL, name=f"Posyandu {SECRET}")}]}},
)
MAKING: dict[str, Callable[[str], Request]] = {
    "POST /collections/{collection}/items": lambda kelurahan: ("/collections/posyandu/items", {"json": _feature(kelurahan)}),
}
# Accounts: how to ask, and what who may do it is answered. `orang` is somebody else's account, a PIC of Bujel.
SOMEBODY = "orang"
ON_ACCOUNTS: dict[str, tuple[str, dict[str, Any], int]] = {
    "GET /me": ("/me", {}, 200),
    "PATCH /me": ("/me", {"json": {"email": "a@kediri.example"}}, 200),
    "POST /me/password": ("/me/password", {"json": {"current": "x", "new": "sungai brantas pagi"}}, 422),
    "POST /me/identity": ("/me/identity", {"json": {"code": "x"}}, 422),
    "GET /me/entry-key": ("/me/entry-key", {}, 200),
    "GET /me/inbox": ("/me/inbox", {}, 200),
    "POST /me/inbox": ("/me/inbox", {"json": {"read": [1]}}, 200),
    "GET /tokens": ("/tokens", {}, 200),
    "POST /tokens": ("/tokens", {"json": {}}, 201),
    "DELETE /tokens/{token}": ("/tokens/999999", {}, 404),
    "GET /accounts": ("/accounts", {}, 200),
    "POST /accounts": ("/accounts", {"json": {"name": f"baru-{SECRET}", "role": "opd"}}, 201),
    "GET /accounts/{account}": (f"/accounts/{SOMEBODY}", {}, 200),
    "PATCH /accounts/{account}": (f"/accounts/{SOMEBODY}", {"json": {"email": "b@kediri.example", "kelurahan": [MOJOROTO]}}, 200),
    "POST /accounts/{account}/hand-over": (f"/accounts/{SOMEBODY}/hand-over", {"json": {"to": "pic"}}, 200),
    "POST /accounts/{account}/reset-link": (f"/accounts/{SOMEBODY}/reset-link", {}, 201),
    "DELETE /accounts/{account}/tokens": (f"/accounts/{SOMEBODY}/tokens", {}, 200),
}
# Imports are their owner's alone; that another finds none is shown in `test_imports.py`.
AN_IMPORT = f"/imports/{uuid7()}"
ON_ACCOUNTS |= {
    "POST /imports": ("/imports?category=posyandu", {"content": b"Nama\nA\n"}, 202),
    "GET /imports": ("/imports", {}, 200),
    "GET /imports/{import_id}": (AN_IMPORT, {}, 404),
    "DELETE /imports/{import_id}": (AN_IMPORT, {}, 404),
    "POST /imports/{import_id}/judge": (f"{AN_IMPORT}/judge", {"json": {}}, 404),
    "POST /imports/{import_id}/answers": (f"{AN_IMPORT}/answers", {"json": {"answer": "yes", "rows": [2]}}, 404),
    "POST /imports/{import_id}/commit": (f"{AN_IMPORT}/commit", {"json": {}}, 404),
    "GET /imports/{import_id}/report": (f"{AN_IMPORT}/report", {}, 404),
    "POST /sync/rescue": ("/sync/rescue", {"content": b"{}"}, 422),
}
# The same by hand, as pages: whoever is not signed in is led there.
A_PAGE = f"/portal{AN_IMPORT.replace('/imports', '/impor')}"
A_FORM: dict[str, Any] = {"data": {"jawaban": "ya", "baris": "2"}}
ON_PAGES: dict[str, tuple[str, dict[str, Any], int]] = {
    "GET /portal/impor": ("/portal/impor", {}, 200),
    "POST /portal/impor": ("/portal/impor?kategori=posyandu", {"files": {"file": ("a.csv", b"Nama\nA\n")}}, 303),
    "POST /portal/impor/penyelamat": ("/portal/impor/penyelamat", {"files": {"file": ("a.json", b"{}")}}, 422),
    "GET /portal/impor/{import_id}": (A_PAGE, {}, 404),
    "POST /portal/impor/{import_id}/kolom": (f"{A_PAGE}/kolom", A_FORM, 404),
    "POST /portal/impor/{import_id}/jawab": (f"{A_PAGE}/jawab", A_FORM, 404),
    "POST /portal/impor/{import_id}/simpan": (f"{A_PAGE}/simpan", A_FORM, 404),
    "POST /portal/impor/{import_id}/hapus": (f"{A_PAGE}/hapus", A_FORM, 404),
}
ON_ACCOUNTS |= {"GET /audit": ("/audit", {}, 200), "GET /audit/verification": ("/audit/verification", {}, 200)}
ON_ACCOUNTS |= {
    "POST /categories": ("/categories", {"json": {"id": "x"}}, 422),
    "PUT /categories/{category}": ("/categories/taman", {"json": {"id": "x"}, "headers": ANY}, 422),
    "GET /categories/{category}/versions": ("/categories/taman/versions", {}, 404),
}
ON_ACCOUNTS |= {
    "POST /indicators": ("/indicators", {"json": {"id": "x"}}, 422),
    "PUT /indicators/{indicator}": ("/indicators/jumlah_rt", {"json": {"id": "x"}, "headers": ANY}, 422),
}
ON_ACCOUNTS |= {
    "PUT /profiles/{kelurahan}/{period}": (f"/profiles/{BUJEL}/2024", {"json": {"values": []}}, 422),
    "GET /profiles/{kelurahan}/{period}/workbook": (f"/profiles/{BUJEL}/2024x/workbook", {}, 404),
    "POST /profiles/{kelurahan}/{period}/workbook": (f"/profiles/{BUJEL}/2024x/workbook", {"content": b"x"}, 404),
    "POST /profiles/{kelurahan}/{period}/workbook/commit": (f"/profiles/{BUJEL}/2024x/workbook/commit", {"content": b"x"}, 404),
    "GET /profiles/values/{value}/revisions": (f"/profiles/values/{uuid7()}/revisions", {}, 404),
    "POST /profiles/values/{value}/revisions": (f"/profiles/values/{uuid7()}/revisions", {"json": {"move": "withdraw"}}, 404),
}
# Editions: only whether one is let in is asked, about one that nobody has; what is done with them tests/api/test_editions.py tells.
AN_EDITION = "/boundaries/editions/tidak-ada"
ON_ACCOUNTS |= {
    "POST /boundaries/editions": ("/boundaries/editions", {"content": b""}, 422),
    "POST /boundaries/editions/{edition}/impact": (f"{AN_EDITION}/impact", {}, 404),
    "GET /boundaries/editions/{edition}/impact": (f"{AN_EDITION}/impact", {}, 404),
    "GET /boundaries/editions/{edition}/impact/kelurahan": (f"{AN_EDITION}/impact/kelurahan", {}, 404),
    "POST /boundaries/editions/{edition}/activate": (f"{AN_EDITION}/activate", {}, 404),
    "GET /boundaries/editions/{edition}/activate": (f"{AN_EDITION}/activate", {}, 404),
    "GET /boundaries/editions/{edition}/activate/kelurahan": (f"{AN_EDITION}/activate/kelurahan", {}, 404),
    "DELETE /boundaries/editions/{edition}": (AN_EDITION, {}, 404),
    "GET /boundaries/jobs/{job}": (f"/boundaries/jobs/{uuid7()}", {}, 404),
}
ON_ACCOUNTS |= {
    "GET /me/sessions": ("/me/sessions", {}, 200),
    "DELETE /me/sessions/{session}": ("/me/sessions/999999", {}, 404),
    "DELETE /accounts/{account}/second-factor": (f"/accounts/{SOMEBODY}/second-factor", {}, 204),
}
# Pages of one's own account. Who is not signed in is led there; what is done on them tests/api/test_second_factor.py tells.
ON_PAGES |= {
    "GET /portal/akun": ("/portal/akun", {}, 200),
    "POST /portal/akun/sesi/{session}/akhiri": ("/portal/akun/sesi/999999/akhiri", {}, 404),
    "POST /portal/akun/sesi/akhiri": ("/portal/akun/sesi/akhiri", {}, 303),
    "POST /portal/akun/sandi": ("/portal/akun/sandi", {"data": {"current": "x", "new": "sungai brantas pagi"}}, 422),
    "GET /portal/akun/kode": ("/portal/akun/kode", {}, 200),
    "POST /portal/akun/kode": ("/portal/akun/kode", {"data": {"kode": "x"}}, 409),
    "POST /portal/akun/kode/hapus": ("/portal/akun/kode/hapus", {}, 303),
    "GET /portal/akun/token": ("/portal/akun/token", {}, 200),
    "GET /portal/akun/token/baru": ("/portal/akun/token/baru", {}, 200),
    "POST /portal/akun/token/baru": ("/portal/akun/token/baru", {"data": {"label": "x"}}, 422),
    "POST /portal/akun/token/{token}/akhiri": ("/portal/akun/token/999999/akhiri", {"data": {}}, 404),
}
ON_PAGES |= {
    "GET /portal/tinjau": ("/portal/tinjau", {}, 200),
    "POST /portal/tinjau": ("/portal/tinjau", {"data": {}}, 303),
    "GET /portal/tinjau/{revision}": (f"/portal/tinjau/{uuid7()}", {}, 404),
    "POST /portal/tinjau/dilihat": ("/portal/tinjau/dilihat", {"data": {}}, 303),
    "POST /portal/tinjau/{revision}/dilihat": (f"/portal/tinjau/{uuid7()}/dilihat", {"data": {}}, 404),
    "POST /portal/tinjau/{revision}/pindah": (f"/portal/tinjau/{uuid7()}/pindah", {"data": {}}, 404),
    "POST /portal/tinjau/{revision}": (f"/portal/tinjau/{uuid7()}", {"data": {"decision": "publish"}}, 404),
}
ON_PAGES |= {
    "GET /portal/titik": ("/portal/titik", {}, 200),
    "GET /portal/titik/{point}": (f"/portal/titik/{uuid7()}", {}, 404),
    "POST /portal/titik/{point}": (f"/portal/titik/{uuid7()}", {"data": {"version": "1"}}, 404),
    "POST /portal/titik/{point}/tutup": (f"/portal/titik/{uuid7()}/tutup", {"data": {"version": "1", "note": "x"}}, 404),
    "POST /portal/titik/{point}/turunkan": (f"/portal/titik/{uuid7()}/turunkan", {"data": {"version": "1", "reason": "x"}}, 404),
    "POST /portal/titik/{point}/tarik": (f"/portal/titik/{uuid7()}/tarik", {"data": {"version": "1"}}, 404),
}
ON_PAGES |= {
    "GET /portal/profil": ("/portal/profil", {}, 200),
    "GET /portal/profil/{kelurahan}/{period}": (f"/portal/profil/{MOJOROTO}/2024x", {}, 404),
    "POST /portal/profil/{kelurahan}/{period}": (f"/portal/profil/{MOJOROTO}/2024x", {"data": {}}, 404),
    "POST /portal/profil/{kelurahan}/{period}/buku": (f"/portal/profil/{MOJOROTO}/2024x/buku", {"files": {"file": ("a.xlsx", b"x")}}, 404),
    "POST /portal/profil/{kelurahan}/{period}/buku/simpan": (f"/portal/profil/{MOJOROTO}/2024x/buku/simpan", {"data": {"isi": "[]"}}, 404),
}
MANAGE = "/portal/kelola"
ON_PAGES |= {
    "GET /portal/kelola": (MANAGE, {}, 200),
    "GET /portal/kelola/akun": (f"{MANAGE}/akun", {}, 200),
    "GET /portal/kelola/akun/baru": (f"{MANAGE}/akun/baru", {}, 200),
    "POST /portal/kelola/akun/baru": (f"{MANAGE}/akun/baru", {"data": {"name": "a b", "role": "opd"}}, 422),
    "GET /portal/kelola/akun/{account}": (f"{MANAGE}/akun/{SOMEBODY}", {}, 200),
    "POST /portal/kelola/akun/{account}": (f"{MANAGE}/akun/{SOMEBODY}", {"data": {"kelurahan": "Bujel", "active": "true"}}, 303),
    "POST /portal/kelola/akun/{account}/tautan": (f"{MANAGE}/akun/{SOMEBODY}/tautan", {"data": {}}, 200),
    "POST /portal/kelola/akun/{account}/serah-terima": (f"{MANAGE}/akun/{SOMEBODY}/serah-terima", {"data": {"to": "x"}}, 422),
    "POST /portal/kelola/akun/{account}/akhiri": (f"{MANAGE}/akun/{SOMEBODY}/akhiri", {"data": {}}, 200),
    "GET /portal/kelola/catatan": (f"{MANAGE}/catatan", {}, 200),
    "GET /portal/kelola/catatan/periksa": (f"{MANAGE}/catatan/periksa", {}, 200),
}
A_HOOK = f"{MANAGE}/webhook/{uuid7()}"
ON_PAGES |= {
    "GET /portal/kelola/keadaan": (f"{MANAGE}/keadaan", {}, 200),
    "GET /portal/kelola/webhook": (f"{MANAGE}/webhook", {}, 200),
    "GET /portal/kelola/webhook/baru": (f"{MANAGE}/webhook/baru", {}, 200),
    "POST /portal/kelola/webhook/baru": (f"{MANAGE}/webhook/baru", {"data": {"url": "x"}}, 422),
    "GET /portal/kelola/webhook/{webhook}": (A_HOOK, {}, 404),
    "POST /portal/kelola/webhook/{webhook}": (A_HOOK, {"data": {"url": "https://x.example", "id.titik.point.removed": "ya"}}, 404),
    "POST /portal/kelola/webhook/{webhook}/keadaan": (f"{A_HOOK}/keadaan", {"data": {"state": "paused"}}, 404),
    "POST /portal/kelola/webhook/{webhook}/rahasia": (f"{A_HOOK}/rahasia", {"data": {}}, 404),
    "POST /portal/kelola/webhook/{webhook}/kirim-ulang": (f"{A_HOOK}/kirim-ulang", {"data": {"failed": "ya"}}, 404),
    "POST /portal/kelola/webhook/{webhook}/coba": (f"{A_HOOK}/coba", {"data": {}}, 404),
    "POST /portal/kelola/webhook/{webhook}/hapus": (f"{A_HOOK}/hapus", {"data": {}}, 404),
}
PARKS, NO_EDITION = f"{MANAGE}/kategori", f"{MANAGE}/batas/edisi/tidak-ada"
ON_PAGES |= {
    "GET /portal/kelola/kategori": (PARKS, {}, 200),
    "GET /portal/kelola/kategori/kategori-baru": (f"{PARKS}/kategori-baru", {}, 200),
    "POST /portal/kelola/kategori/kategori-baru": (f"{PARKS}/kategori-baru", {"data": {"step": "check"}}, 422),
    "POST /portal/kelola/kategori/dari-berkas": (f"{PARKS}/dari-berkas", {"files": {"file": ("a.json", b"{}")}}, 422),
    "GET /portal/kelola/kategori/{category}": (f"{PARKS}/tidak_ada", {}, 404),
    "POST /portal/kelola/kategori/{category}": (f"{PARKS}/tidak_ada", {"data": {"step": "check"}}, 422),
    "GET /portal/kelola/indikator": (f"{MANAGE}/indikator", {}, 200),
    "GET /portal/kelola/indikator/indikator-baru": (f"{MANAGE}/indikator/indikator-baru", {}, 200),
    "POST /portal/kelola/indikator/indikator-baru": (f"{MANAGE}/indikator/indikator-baru", {"data": {"id": "x"}}, 422),
    "GET /portal/kelola/indikator/{indicator}": (f"{MANAGE}/indikator/tidak_ada", {}, 404),
    "POST /portal/kelola/indikator/{indicator}": (f"{MANAGE}/indikator/tidak_ada", {"data": {"id": "x"}}, 422),
    "GET /portal/kelola/batas": (f"{MANAGE}/batas", {}, 200),
    "GET /portal/kelola/batas/baru": (f"{MANAGE}/batas/baru", {}, 200),
    "GET /portal/kelola/batas/berkas": (f"{MANAGE}/batas/berkas", {}, 400),
    "POST /portal/kelola/batas/berkas": (f"{MANAGE}/batas/berkas", {"files": {"file": ("a.json", b"{}")}}, 400),
    "GET /portal/kelola/batas/pekerjaan/{job}": (f"{MANAGE}/batas/pekerjaan/{uuid7()}", {}, 404),
    "GET /portal/kelola/batas/edisi/{edition}": (NO_EDITION, {}, 404),
    "POST /portal/kelola/batas/edisi/{edition}/bandingkan": (f"{NO_EDITION}/bandingkan", {"data": {}}, 404),
    "GET /portal/kelola/batas/edisi/{edition}/dampak": (f"{NO_EDITION}/dampak", {}, 404),
    "GET /portal/kelola/batas/edisi/{edition}/dampak/peta": (f"{NO_EDITION}/dampak/peta", {}, 404),
    "GET /portal/kelola/batas/edisi/{edition}/hasil": (f"{NO_EDITION}/hasil", {}, 404),
    "GET /portal/kelola/batas/edisi/{edition}/hasil/peta": (f"{NO_EDITION}/hasil/peta", {}, 404),
    "POST /portal/kelola/batas/edisi/{edition}/hapus": (f"{NO_EDITION}/hapus", {"data": {}}, 404),
    "POST /portal/kelola/batas/edisi/{edition}/pakai": (f"{NO_EDITION}/pakai", {"data": {}}, 404),
}
# Webhooks: only whether one is let in is asked, about one that nobody has; what is done with them tests/api/test_webhooks.py tells.
HOOK = f"/webhooks/{uuid7()}"
ON_WEBHOOKS: dict[str, tuple[str, dict[str, Any], int]] = {
    "GET /webhooks": ("/webhooks", {}, 200),
    "POST /webhooks": ("/webhooks", {"json": {"url": "x", "types": ["id.titik.point.removed"]}}, 422),
    "GET /webhooks/{webhook}": (HOOK, {}, 404),
    "PATCH /webhooks/{webhook}": (HOOK, {"json": {"state": "paused"}}, 404),
    "DELETE /webhooks/{webhook}": (HOOK, {}, 404),
    "GET /webhooks/{webhook}/deliveries": (f"{HOOK}/deliveries", {}, 404),
    "POST /webhooks/{webhook}/replay": (f"{HOOK}/replay", {"json": {"failed": True}}, 404),
    "POST /webhooks/{webhook}/secret": (f"{HOOK}/secret", {}, 404),
    "POST /webhooks/{webhook}/ping": (f"{HOOK}/ping", {}, 404),
}
ACCOUNTS = "SELECT concat((SELECT jsonb_agg(to_jsonb(a) ORDER BY id) FROM titik.account a), (SELECT jsonb_agg(to_jsonb(k)) FROM titik.account_kelurahan k), (SELECT jsonb_agg(to_jsonb(l)) FROM titik.reset_link l), (SELECT jsonb_agg(to_jsonb(t) - 'last_used_at' ORDER BY id) FROM titik.token t), (SELECT jsonb_agg(to_jsonb(p)) FROM titik.password p))"
# Where a point was withdrawn only its history is left, and the decision that finds it gone.
LEFT_OF_WITHDRAWN = {"GET /points/{point}/revisions", "GET /reviews/{revision}", "POST /reviews/{revision}/decision"} | {
    name for name in ON_A_ROW if "contacts" in name or "reports" in name or name.startswith("DELETE /points/{point}/photos")
}


def _feature(kelurahan: str) -> dict[str, Any]:
    lon, lat = IN_MOJOROTO if kelurahan == MOJOROTO else IN_BUJEL
    return a_feature(lon, lat, kelurahan=kelurahan, name=f"Posyandu {SECRET}")


def routes() -> Iterator[tuple[str, frozenset[Action]]]:
    for router in ROUTERS:
        for route in router.routes:
            for method in sorted(route.methods - {"HEAD", "OPTIONS"}):  # type: ignore[attr-defined]
                yield f"{method} {route.path_format}", needed(route.endpoint)  # type: ignore[attr-defined]


GUARDED = {name: actions for name, actions in routes() if actions}


def test_every_guarded_route_is_described_here() -> None:
    assert set(GUARDED) == set(ON_A_ROW) | set(ON_LISTS) | set(MAKING) | set(ON_ACCOUNTS) | set(ON_WEBHOOKS) | set(ON_PAGES)


def test_every_action_of_a_route_is_some_role_s_right() -> None:
    rights = frozenset().union(*RIGHTS.values())
    assert {name: actions - rights for name, actions in GUARDED.items() if actions - rights} == {}
    assert set(RIGHTS) == set(get_args(Role))


@dataclass
class World:
    """Everybody, and rows in any state, made anew where they are used up."""

    clients: dict[str, Client]
    settings: Settings

    async def row(self, state: str, kelurahan: str) -> Row:
        writer, walidata = self.clients[f"writer {kelurahan}"], self.clients["reviewer"]
        draft = "?draft=true" if state == "draft" else ""
        feature = (await writer.post(f"/collections/posyandu/items{draft}", json=_feature(kelurahan))).json()
        contact = (await writer.post(f"/points/{feature['id']}/contacts", json=CONTACT)).json()
        photo = (await writer.post(f"/points/{feature['id']}/photos", content=PNG, headers=AS_PNG)).json()
        report = await a_report(self.settings, kelurahan, SECRET)
        row = Row(feature["id"], feature["properties"]["revision"], kelurahan, state, contact["id"], photo["id"], report)
        if state == "returned":
            await walidata.post(decision_of(feature), json={"decision": "return", "reason": "Ragu"})
        elif state in ("published", "unpublished"):
            await walidata.post(decision_of(feature), json=PUBLISH)
        if state == "unpublished":
            await walidata.post(f"/points/{row.point}/revisions", json={"move": "unpublish", "reason": "Ragu"})
        elif state == "withdrawn":
            await writer.delete(row.item, headers=ANY)
        return row

    async def foreign_rows(self, kelurahan: str) -> str:
        """All that the database has of a kelurahan, as one text."""
        async with open_once(self.settings.owner_dsn) as session:
            found: str = await value(
                session,
                "SELECT concat((SELECT jsonb_agg(to_jsonb(r) ORDER BY id) FROM titik.revision r WHERE kelurahan = :kelurahan),"
                " (SELECT jsonb_agg(to_jsonb(p) ORDER BY id) FROM titik.point p WHERE kelurahan = :kelurahan),"
                " (SELECT jsonb_agg(to_jsonb(c) ORDER BY id) FROM titik.contact c WHERE kelurahan = :kelurahan),"
                " (SELECT jsonb_agg(to_jsonb(f) ORDER BY id) FROM titik.photo f WHERE kelurahan = :kelurahan),"
                " (SELECT jsonb_agg(to_jsonb(f) ORDER BY id) FROM titik.report f WHERE kelurahan = :kelurahan))",
                kelurahan=kelurahan,
            )
        return found


@pytest.fixture
async def world(database: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    async def at_once(*_: Any) -> Picture:
        return Picture(b"besar", b"kecil", 1, 1, Shot(None, None, None))

    monkeypatch.setattr(Darkroom, "develop", at_once)
    app = create_app(database)
    async with running(app):
        # Also what the database refuses is an answer here.
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        people: dict[str, tuple[str, tuple[str, ...]]] = {role: (role, ()) for role in RIGHTS if role != "pic"}
        people |= {f"writer {code}": ("pic", (code,)) for code in (MOJOROTO, BUJEL)}
        people |= {"pic": ("pic", (MOJOROTO,)), "reviewer": ("walidata", ())}
        clients = {"nobody": Client(transport=transport, base_url="http://titik.test")}
        for name, (role, kelurahan) in people.items():
            token = await a_token(database, role, kelurahan, name.replace(" ", "-"))
            headers = {"Authorization": f"Bearer {token}"}
            clients[name] = Client(transport=transport, base_url="http://titik.test", headers=headers)
        yield World(clients, database)
        for client in clients.values():
            await client.aclose()


def sees(role: str, kelurahan: str) -> bool:
    return role == "walidata" or (role == "pic" and kelurahan == MOJOROTO)


def may(role: str, actions: frozenset[Action]) -> bool:
    return bool(actions & RIGHTS[role])  # type: ignore[index]


@pytest.mark.parametrize("name", ON_A_ROW)
async def test_who_may_act_on_a_row(world: World, name: str) -> None:
    method, actions, ask = name.split(maxsplit=1)[0], GUARDED[name], ON_A_ROW[name]
    unknown = Row(str(uuid7()), str(uuid7()), MOJOROTO, "unknown", str(uuid7()), str(uuid7()))
    cells = 0
    for state in STATES:
        for kelurahan in (MOJOROTO, BUJEL):
            row = await world.row(state, kelurahan)
            gone = state == "withdrawn" and name not in LEFT_OF_WITHDRAWN
            for role in ("nobody", *RIGHTS):
                answer = await world.clients[role].request(method, ask(row)[0], **ask(row)[1])
                cells += 1
                where = (role, state, kelurahan, answer.status_code, answer.text)
                if role == "nobody":
                    assert answer.status_code == 401, where
                elif not may(role, actions):
                    assert answer.status_code == 403, where
                elif gone or not sees(role, kelurahan):
                    assert answer.status_code == 404, where
                else:
                    assert answer.status_code in LET_IN, where
                    row = await world.row(state, kelurahan)
    for role in RIGHTS:
        url, sent = ask(unknown)
        status = (await world.clients[role].request(method, url, **sent)).status_code
        cells += 1
        assert status == (404 if may(role, actions) else 403), role
    assert cells == len(STATES) * 2 * (len(RIGHTS) + 1) + len(RIGHTS)


@pytest.mark.parametrize("name", ON_LISTS)
async def test_who_may_see_a_list(world: World, name: str) -> None:
    url, sent = ON_LISTS[name]
    for role in ("nobody", *RIGHTS):
        answer = await world.clients[role].request(name.split(maxsplit=1)[0], url, **sent)
        expected = 401 if role == "nobody" else 200 if may(role, GUARDED[name]) else 403
        assert answer.status_code == expected, (role, answer.text)


@pytest.mark.parametrize("name", ON_ACCOUNTS)
async def test_who_may_act_on_accounts(world: World, name: str) -> None:
    url, sent, status = ON_ACCOUNTS[name]
    await a_token(world.settings, "pic", [BUJEL], SOMEBODY)
    for role in ("nobody", *RIGHTS):
        answer = await world.clients[role].request(name.split(maxsplit=1)[0], url, **sent)
        expected = 401 if role == "nobody" else status if may(role, GUARDED[name]) else 403
        assert answer.status_code == expected, (role, answer.text)


@pytest.mark.parametrize("name", ON_PAGES)
async def test_who_is_let_in_to_a_page(world: World, name: str) -> None:
    url, sent, status = ON_PAGES[name]
    await a_token(world.settings, "pic", [BUJEL], SOMEBODY)
    for role in ("nobody", *RIGHTS):
        answer = await world.clients[role].request(name.split(maxsplit=1)[0], url, **sent)
        expected = 303 if role == "nobody" else status if may(role, GUARDED[name]) else 403
        assert answer.status_code == expected, (role, answer.text)
        if role == "nobody":
            assert answer.headers["location"].startswith("/portal/masuk?ke=")


@pytest.mark.parametrize("name", ON_WEBHOOKS)
async def test_only_an_administrator_is_let_in_to_webhooks(world: World, name: str) -> None:
    url, sent, status = ON_WEBHOOKS[name]
    for role in ("nobody", *RIGHTS):
        answer = await world.clients[role].request(name.split(maxsplit=1)[0], url, **sent)
        expected = 401 if role == "nobody" else status if may(role, GUARDED[name]) else 403
        assert answer.status_code == expected, (role, answer.text)
        if role != "nobody":
            assert may(role, GUARDED[name]) == (role == "admin")


@pytest.mark.parametrize("name", MAKING)
async def test_who_may_make_a_row(world: World, name: str) -> None:
    for kelurahan in (MOJOROTO, BUJEL):
        for role in ("nobody", *RIGHTS):
            url, sent = MAKING[name](kelurahan)
            answer = await world.clients[role].request(name.split(maxsplit=1)[0], url, **sent)
            allowed = role != "nobody" and may(role, GUARDED[name]) and sees(role, kelurahan)
            assert answer.status_code == (401 if role == "nobody" else 201 if allowed else 403), (role, answer.text)


@pytest.mark.parametrize("view", ["", "?view=work"])
async def test_reading_items_shows_nothing_foreign(world: World, view: str) -> None:
    """The routes that are open to all: a token shows more of one's own there, never of others."""
    rows = [await world.row(state, kelurahan) for state in STATES for kelurahan in (MOJOROTO, BUJEL)]
    for role in ("nobody", *RIGHTS):
        listed = await world.clients[role].get(f"/collections/posyandu/items{view or '?limit=100'}")
        shown = {one["id"] for one in listed.json().get("features", [])}
        for row in rows:
            single = (await world.clients[role].get(row.item)).status_code
            working = role != "nobody" and sees(role, row.kelurahan) and row.state != "withdrawn"
            assert single == (200 if working or row.state == "published" else 404), (role, row)
            assert (row.point in shown) == (working if view else row.state == "published"), (role, row)


# -- the second line


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application lets everybody do everything."""
    monkeypatch.setattr(Actor, "may", lambda *_: True)
    for check in ("demand", "demand_one_of", "demand_kelurahan"):
        monkeypatch.setattr(Actor, check, lambda *_: None)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", [name for name in GUARDED if name not in {*ON_ACCOUNTS, *ON_WEBHOOKS, *ON_PAGES}])
async def test_without_the_checks_of_the_application_the_database_alone_gives_nothing_foreign(world: World, name: str) -> None:
    for state in STATES:
        row = await world.row(state, BUJEL)
        before = await world.foreign_rows(BUJEL)
        for role in set(RIGHTS) - {"walidata"}:
            if name in ON_A_ROW:
                url, sent = ON_A_ROW[name](row)
            elif name in MAKING:
                url, sent = MAKING[name](BUJEL)
            else:
                url, sent = ON_LISTS[name]
            answer = await world.clients[role].request(name.split(maxsplit=1)[0], url, **sent)
            assert SECRET not in answer.text, (role, answer.text)
            assert row.point not in answer.text.replace(answer.json().get("instance", "-"), ""), (role, answer.text)
        assert await world.foreign_rows(BUJEL) == before


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", [name for name in ON_ACCOUNTS if "accounts" in name])
async def test_without_the_checks_of_the_application_only_an_administrator_changes_accounts_or_sees_what_is_private(
    world: World, name: str
) -> None:
    await a_token(world.settings, "pic", [BUJEL], SOMEBODY)
    assert (await world.clients["admin"].patch(f"/accounts/{SOMEBODY}", json={"email": f"{SECRET}@kediri.example"})).status_code == 200
    async with open_once(world.settings.owner_dsn) as session:
        before = await value(session, ACCOUNTS)
    for role in set(RIGHTS) - {"admin"}:
        url, sent, _ = ON_ACCOUNTS[name]
        answer = await world.clients[role].request(name.split(maxsplit=1)[0], url, **sent)
        assert SECRET not in answer.text.replace(f"baru-{SECRET}", ""), (role, answer.text)
        assert answer.status_code == 403 if not name.startswith("GET") else answer.status_code == 200, (role, answer.text)
    async with open_once(world.settings.owner_dsn) as session:
        assert await value(session, ACCOUNTS) == before


def test_the_checks_are_really_off(unchecked: None) -> None:
    """And the test above would be worth nothing if they were not."""
    actor = Actor(1, "opd", "opd")
    actor.demand(Action.REVISION_PUBLISH)
    actor.demand_kelurahan(BUJEL)
    assert actor.may(Action.ACCOUNT_ADD)
