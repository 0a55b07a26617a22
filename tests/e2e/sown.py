"""A service in which every field that people fill holds a script, and every list something: what the sweep over all pages looks at."""

import re
import time
from base64 import b32decode
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
import pyogrio.raw
import shapely

from app.connections import open_once
from app.sessions import totp
from app.settings import Settings
from tests import factories
from tests.e2e.files_written import place, swapped
from tests.e2e.serving import ACCOUNTS, PASSWORD, Portal, apart
from tests.factories import BUJEL, IN_MOJOROTO, MOJOROTO, NGAMPEL, PUBLISH, a_feature, a_token
from tests.photographs import a_photo

HOSTILE = "\"'><i data-xss></i><img src=x onerror=window.xss=1><script>window.xss=1</script>"
LONG = "Rumahsakitumumdaerahgambirankotakediri"
"""One word, wider than it should be on a small telephone."""
EMAIL = '"onfocus="window.xss=1"autofocus="@kota.example'
SETTINGS = {"TITIK_SECOND_FACTOR": "opd", "TITIK_WEBHOOK_NETWORKS": "127.0.0.0/8"}
# Beside those of `serving.ACCOUNTS`: one to whom nothing has happened yet, one that has chosen no password, one with a second factor.
NEWCOMER, ENDED, WITH_CODE = "pic-baru", "pic-lama", "pembina-kode"
ANY = {"If-Match": "*"}

TAMAN: dict[str, Any] = {
    "id": "taman",
    "title": {"id": f"Taman {HOSTILE}", "en": f"Parks {HOSTILE}"},
    "description": {"id": f"Taman kota {HOSTILE}", "en": f"City parks {HOSTILE}"},
    "required": ["name"],
    "colour": "#118833",
    "icon": "T",
    "attribute_schema": {
        "type": "object",
        "properties": {
            "zona": {"type": "string", "title": f"Zona {HOSTILE}", "x-title-en": f"Zone {HOSTILE}", "enum": ["aktif", f"pasif {HOSTILE}"]},
            "bangku": {"type": "integer", "title": "Jumlah bangku", "x-title-en": "Benches", "minimum": 0, "maximum": 500},
            "penjaga": {"type": "string", "title": f"Penjaga {HOSTILE}", "x-title-en": "Keeper", "maxLength": 300},
        },
    },
}  # fmt: skip


_TEXT = {"id": f"Taman {HOSTILE}", "en": f"Parks {HOSTILE}"}
JUMLAH_TAMAN: dict[str, Any] = {
    "id": "jumlah_taman", "subject": "environment", "name": {"id": f"Jumlah Taman {LONG}", "en": f"Parks {LONG}"}, "concept": {"id": "Taman", "en": f"Parks {HOSTILE}"},
    **dict.fromkeys(("definition", "interpretation", "formula", "source", "unit", "measure"), _TEXT), "kind": "counted",
    "count": {"category": "taman", "filter": "bangku > 5", "share": True},
    "classification": {"title": _TEXT, "classes": [{"id": "besar", "title": _TEXT}]}, "checks": [{"kind": "at_most", "indicators": ["jumlah_rt"], "percent": 5}],
}  # fmt: skip


async def turned(settings: Settings, point: str, kelurahan: str) -> str:
    """The revision of a public point of which other boundaries say that it lies in this kelurahan."""
    async with open_once(settings.owner_dsn) as session:
        revision = await factories.value(
            session,
            """INSERT INTO titik.placement_change (revision_id, edition_id, before, after)
               SELECT r.id, r.edition_id, jsonb_build_object('verdict', 'inside', 'kelurahan', r.kelurahan, 'distance_m', 0.0),
                      jsonb_build_object('verdict', 'elsewhere', 'kelurahan', CAST(:kelurahan AS text), 'distance_m', 229.82505682)
                 FROM titik.revision r WHERE r.point_id = CAST(:point AS uuid) AND r.state = 'published' RETURNING revision_id""",
            point=point, kelurahan=kelurahan,
        )  # fmt: skip
        return str(revision)


class Sower:
    """Fills a service through its API, as people do."""

    def __init__(self, portal: Portal) -> None:
        self._url, self._settings, self._tokens = portal.url, portal.settings, portal.tokens
        self.pic, self.walidata, self.admin = (self._client(portal.tokens[role]) for role in ("pic", "walidata", "admin"))

    def _client(self, token: str | None = None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self._url, trust_env=False, timeout=60, headers=headers)

    def sow(self, folder: Path) -> dict[str, str]:
        """What pages are about, by the name that stands in their addresses."""
        known = self._accounts()
        self._ok(self.admin.post("/categories", json=TAMAN))
        known["indicator"] = self._ok(self.admin.post("/indicators", json=JUMLAH_TAMAN)).json()["id"]
        known |= self._points() | self._reports() | self._imports(folder)
        hook = {"url": "http://127.0.0.1:9/kabar?a=<i>", "types": ["id.titik.point.published"], "description": f"Kabar {HOSTILE}"}
        known["webhook"] = str(self._ok(self.admin.post("/webhooks", json=hook)).json()["id"])
        known["edition"] = apart(self._edition())
        self._boundary_job(self._ok(self.admin.post(f"/boundaries/editions/{quote(known['edition'])}/impact")))
        broken = {"name": f"batas {HOSTILE}.geojson", "edition": f"Rusak {int(time.time())}", "source": f"BIG {HOSTILE}"}
        known["failed_load"] = self._boundary_job(self._ok(self.admin.post("/boundaries/editions", params=broken, content=b"bukan peta")))
        unreadable = self._ok(self.admin.post("/boundaries/editions", params=broken | {"edition": "Rusak sekali"}, content=b"bukan peta"))
        known["unforeseen"] = self._boundary_job(unreadable)
        apart(self._break(known["unforeseen"]))
        known["turned"] = apart(turned(self._settings, known["park"], BUJEL))
        return known

    async def _break(self, job: str) -> None:
        """Nobody foresaw a job like this: its page fails, and no other one shows it."""
        async with open_once(self._settings.owner_dsn) as session:
            await factories.value(
                session, """UPDATE titik.boundary_job SET problem = '{"code": "?"}' WHERE id = CAST(:job AS uuid) RETURNING 1""", job=job
            )

    @staticmethod
    def _ok(answer: httpx.Response) -> httpx.Response:
        assert answer.status_code < 300, (str(answer.request.url), answer.text)
        return answer

    def _accounts(self) -> dict[str, str]:
        for name, role, kelurahan in ((NEWCOMER, "pic", (NGAMPEL,)), (ENDED, "pic", (BUJEL,)), (WITH_CODE, "pembina", ())):
            apart(a_token(self._settings, role, kelurahan, name))
            self._ok(self.admin.patch(f"/accounts/{name}", json={"email": EMAIL}))
            if name != ENDED:
                self._ok(self._anybody("post", self._reset_link(name), json={"password": PASSWORD}))
        self._ok(self.admin.patch(f"/accounts/{ENDED}", json={"active": False}))
        self._ok(self.pic.post("/tokens", json={"label": f"QGIS {HOSTILE}"}))
        return {
            "account": NEWCOMER,
            "ended": ENDED,
            "reset": self._reset_link(ACCOUNTS["opd"][0]).rpartition("/")[2],
            "key": self._second_factor(),
        }

    def _reset_link(self, account: str) -> str:
        return httpx.URL(str(self._ok(self.admin.post(f"/accounts/{account}/reset-link")).json()["link"])).path

    def _anybody(self, method: str, path: str, **sent: Any) -> httpx.Response:
        with self._client() as client:
            return client.request(method, path, **sent)

    def _second_factor(self) -> str:
        """The key of an account that was enrolled by the page."""
        own = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
        with self._client() as browser:
            assert browser.post("/portal/masuk", data={"akun": WITH_CODE, "sandi": PASSWORD}, headers=own).status_code == 303
            found = re.search(r'<code class="copied">([A-Z2-7 ]+)</code>', browser.get("/portal/akun/kode", headers=own).text)
            assert found
            key = found[1].replace(" ", "")
            code = totp.code_at(b32decode(key), int(time.time()) // 30)
            self._ok(browser.post("/portal/akun/kode", data={"kode": code}, headers=own))
        return key

    def _submitted(self, feature: dict[str, Any], collection: str = "posyandu") -> dict[str, Any]:
        answered: dict[str, Any] = self._ok(self.pic.post(f"/collections/{collection}/items", json=feature)).json()
        return answered

    def _published(self, feature: dict[str, Any], collection: str = "posyandu") -> str:
        answered = self._submitted(feature, collection)
        self._decide(answered, PUBLISH)
        return str(answered["id"])

    def _decide(self, feature: dict[str, Any], decision: dict[str, Any]) -> None:
        self._ok(self.walidata.post(factories.decision_of(feature), json=decision))

    def _changed(self, item: str, patch: dict[str, Any]) -> dict[str, Any]:
        answered: dict[str, Any] = self._ok(self.pic.patch(item, json=patch, headers=ANY)).json()
        return answered

    def _points(self) -> dict[str, str]:
        """Published with all that a point may have, a park, and one entry of each kind that waits."""
        lon, lat = IN_MOJOROTO[0] - 0.004, IN_MOJOROTO[1] + 0.001
        words: dict[str, Any] = {
            "name": f"Posyandu {LONG} {HOSTILE}",
            "address": f"Jalan {LONG}{LONG} {HOSTILE}",
            "rw": "03",
            "rt": "01",
            "kelurahan": MOJOROTO,
        }
        more: dict[str, Any] = {
            "hari_buka": f"Senin {HOSTILE}",
            "puskesmas_pembina": f"Puskesmas {HOSTILE}",
            "kader_aktif": 5,
            "accuracy_m": 8,
            "method": "gps",
        }
        point = self._published(a_feature(lon, lat, **words, **more))
        item = f"/collections/posyandu/items/{point}"
        photo = self._ok(self.pic.post(f"/points/{point}/photos", content=a_photo(), headers={"Content-Type": "image/jpeg"})).json()["id"]
        self._decide(self._changed(item, {"properties": {"rw": "04"}}), PUBLISH | {"photos": [photo]})
        contact = {"role": "ketua", "name": f"Ketua {HOSTILE}", "legal_basis": f"SK {HOSTILE}", "term_ends_on": "2027-06-30"}
        self._ok(self.pic.post(f"/points/{point}/contacts", json=contact))
        park: dict[str, Any] = {
            "jenis": None,
            "name": f"Taman {HOSTILE}",
            "zona": f"pasif {HOSTILE}",
            "penjaga": f"Pak {HOSTILE}",
            "kelurahan": MOJOROTO,
        }
        taman = self._published(a_feature(lon + 0.001, lat, **park), "taman")

        place = {"type": "Point", "coordinates": [lon + 0.0002, lat + 0.0003]}
        moved = self._changed(item, {"geometry": place, "properties": {"strata": "mandiri", "name": f"Posyandu baru {HOSTILE}"}})
        self._ok(self.pic.post(f"/points/{point}/photos", content=a_photo(colour=(9, 99, 9)), headers={"Content-Type": "image/jpeg"}))
        alike = self._submitted(a_feature(lon + 0.00005, lat, **words))
        outside = self._submitted(a_feature(lon, lat + 0.05, **words | {"rw": "05", "override_reason": f"Pindah {HOSTILE}"}))
        gone = self._published(a_feature(lon + 0.002, lat, **words | {"name": "Posyandu Tutup", "rt": "02"}))
        closed = f"/collections/posyandu/items/{gone}"
        closing = self._ok(self.pic.request("DELETE", closed, headers=ANY)).json()
        returned = self._submitted(a_feature(lon + 0.003, lat, **words | {"name": f"Posyandu kembali {HOSTILE}", "rt": "03"}))
        self._decide(returned, {"decision": "return", "reason": f"Alamat {HOSTILE}"})
        corrected = self._changed(f"/collections/posyandu/items/{returned['id']}", {"properties": {"address": "Jalan Baru 1"}})
        back = self._submitted(a_feature(lon + 0.003, lat + 0.001, **words | {"name": "Posyandu Dikembalikan", "rt": "04"}))
        self._decide(back, {"decision": "return", "reason": f"Foto {HOSTILE}"})
        ended = self._published(a_feature(lon + 0.002, lat + 0.001, **words | {"name": "Posyandu Berakhir", "rt": "05"}))
        taken = self._ok(
            self.walidata.post(f"/points/{ended}/revisions", json={"move": "unpublish", "reason": f"Ragu {HOSTILE}"}, headers=ANY)
        )
        assert taken.status_code < 300
        waiting = {"moved": moved, "alike": alike, "outside": outside, "closing": closing, "corrected": corrected, "returned": back}
        return {"point": point, "park": taman, "unpublished": ended} | {
            name: str(feature["properties"]["revision"]) for name, feature in waiting.items()
        }

    def _reports(self) -> dict[str, str]:
        """One that is new, one with a photo that is looked at, one that is closed and shown to everybody."""
        place = {"kind": "missing", "category": "taman", "kelurahan": MOJOROTO, "text": f"Belum ada {HOSTILE} {LONG}"}
        new, opened, closed = (str(self._ok(self._anybody("post", "/reports", json=place)).json()["number"]) for _ in range(3))
        answer = {"state": "closed", "outcome": "fixed", "answer": f"Sudah {HOSTILE}"}
        self._ok(self.pic.post(f"/reports/{opened}/answer", json={"state": "in-progress"}))
        self._ok(self.pic.post(f"/reports/{closed}/answer", json=answer))
        self._ok(self.walidata.post(f"/reports/{closed}/shown", json={"text": True}))
        return {"report": new, "open_report": opened, "closed_report": closed}

    def _imports(self, folder: Path) -> dict[str, str]:
        """With questions, failed, and saved; the names of their files, headings, layers and cells are hostile."""
        head = f"Sebutan {HOSTILE};Nama;Kelurahan;Lintang;Bujur;Jenis"
        cells = [
            f"x {HOSTILE};Posyandu {HOSTILE} {n};{HOSTILE if n == 2 else 'Mojoroto'};{-7.8095 - n / 2000};111.9995;balita" for n in range(3)
        ]
        asks, hostile = swapped(folder).read_bytes(), "\n".join([head, *cells]).encode()
        layer = folder / "lapis.gpkg"
        names = np.array([f"Posyandu {HOSTILE}"], dtype=object)
        pyogrio.raw.write(layer, shapely.to_wkb(shapely.points([place(30)])), [names], ["nama"], geometry_type="Point", crs="EPSG:4326")
        sent = {
            "asks": (f"tukar {HOSTILE}.xlsx", asks), "hostile": (f"a {HOSTILE}.csv", hostile),
            "people": ("orang.csv", b"Nama;Kelurahan;Lintang;Bujur;Jenis;Nama ketua\nPosyandu Orang;Mojoroto;-7.8105;112.0006;balita;Siti\n"),
            "failed": (f"polos {HOSTILE}.csv", f"a {HOSTILE},b,c\n{HOSTILE},1,2\n".encode()), "saved": (f"{HOSTILE}.gpkg", layer.read_bytes()),
        }  # fmt: skip
        ids = {
            name: str(self._ok(self.pic.post("/imports", params={"category": "posyandu", "name": file}, content=content)).json()["id"])
            for name, (file, content) in sent.items()
        }
        for one in ids.values():
            self._settled(one)
        self._ok(self.pic.post(f"/imports/{ids['saved']}/commit", json={"rows": "all"}))
        self._settled(ids["saved"])
        return {f"import_{name}": one for name, one in ids.items()}

    def _settled(self, number: str) -> None:
        until = time.monotonic() + 120
        while self._ok(self.pic.get(f"/imports/{number}")).json()["state"] in ("queued", "judging", "committing"):
            assert time.monotonic() < until
            time.sleep(0.1)

    def _boundary_job(self, begun: httpx.Response) -> str:
        """The number of a job that has ended."""
        number = str(begun.json()["id"])
        until = time.monotonic() + 120
        while self._ok(self.admin.get(f"/boundaries/jobs/{number}")).json()["state"] not in ("done", "failed"):
            assert time.monotonic() < until
            time.sleep(0.1)
        return number

    async def _edition(self) -> str:
        name = f"Perda <i data-xss>{int(time.time())}"
        async with open_once(self._settings.owner_dsn) as session:
            await factories.load_edition(session, name, factories.squares(), 5)
        return name
