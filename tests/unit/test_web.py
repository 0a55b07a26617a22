"""The scripts of the pages: their own unit tests, their types, and what was built of them."""

import subprocess

import orjson
import pytest

from scripts.web import WEB, command

BUILT = WEB.parent / "app" / "pages" / "static"

pytestmark = pytest.mark.skipif(not (WEB / "node_modules").is_dir(), reason="scripts/setup dev could not reach npm")


@pytest.mark.parametrize("tool", ["test", "types"])
def test_of_the_scripts(tool: str) -> None:
    done = subprocess.run(command(tool), cwd=WEB, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_part_is_built_and_nothing_tells_of_its_sources() -> None:
    manifest = orjson.loads((BUILT / "manifest.json").read_bytes())
    parts = {f"{entry.parent.name}.js" for entry in (WEB / "src").glob("*/main.ts")}
    assert parts | {"maplibre-worker.js", "maplibre.css"} <= set(manifest)
    names = {path.name for path in BUILT.iterdir()}
    assert set(manifest.values()) <= names
    assert not [name for name in names if name.endswith(".map")]
    assert all({f"{name}.gz", f"{name}.br"} <= names for name in manifest.values())
    assert not [path.name for path in BUILT.glob("*.js") if b"sourceMappingURL" in path.read_bytes()]
