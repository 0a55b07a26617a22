"""The page of progress: by kecamatan, on to its kelurahan, with what is typed wrong said at its field."""

import pytest

from app.settings import Settings
from tests.conftest import AsRole, Client
from tests.factories import MOJOROTO, a_feature, published, submitted

pytestmark = pytest.mark.anyio
PAGE = "/portal/kemajuan"


async def test_everybody_sees_what_is_there_and_the_walidata_what_waits(as_role: AsRole, client: Client, grid: Settings) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    await published(pic, walidata, a_feature(112.002, -7.808))
    await submitted(pic, a_feature(112.004, -7.808, name="Posyandu Mawar"))
    whole = (await client.get(PAGE)).text
    assert f"{PAGE}?tingkat=kelurahan&amp;kecamatan=35.71.01&amp;" in whole
    assert "Menunggu" not in whole
    public = (await client.get(f"{PAGE}?kecamatan=35.71.01&kategori=posyandu")).text
    items = f'href="/collections/posyandu/items?kelurahan={MOJOROTO}">1</a>'
    assert items in public
    assert "Menunggu" not in public
    seen = (await walidata.get(f"{PAGE}?kecamatan=35.71.01&kategori=posyandu")).text
    assert f'/portal/tinjau?subject_kind=point&amp;category=posyandu&amp;kelurahan={MOJOROTO}">1</a>' in seen
    assert "Waiting" in (await walidata.get(f"{PAGE}?tingkat=kelurahan", headers={"Accept-Language": "en"})).text


@pytest.mark.parametrize(
    ("query", "field"), [("periode=2026-S3", "periode"), ("kecamatan=Antah", "kecamatan"), ("kategori=kolam", "kategori")]
)
async def test_what_is_wrong_stands_at_its_field(client: Client, query: str, field: str) -> None:
    answer = await client.get(f"{PAGE}?{query}")
    assert answer.status_code == 400
    assert f'id="{field}-error"' in answer.text
    assert f'aria-describedby="{field}-error"' in answer.text
