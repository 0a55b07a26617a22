"""What stands in compose.yaml beside what the service knows: every setting reaches it, and nobody else reaches the service."""

import subprocess
from typing import Any

import pytest
import yaml

from app.settings import Settings
from tests.test_cli import ROOT

PLACES = {"TITIK_DATA_DIR", "TITIK_OWNER_URL"}
"""The image says where the data lie; the service itself does without the owner."""


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    return found


def test_every_setting_is_passed_on(services: dict[str, Any]) -> None:
    ours = {f"TITIK_{name.upper()}" for name in Settings.model_fields} - PLACES
    passed = {name for name in services["titik"]["environment"] if name.startswith("TITIK_")}
    assert passed == ours
    for name in ours - {"TITIK_DATABASE_URL", "TITIK_SECRET_KEY"}:
        assert services["titik"]["environment"][name] == f"${{{name}:-}}"


def test_the_owner_stands_only_where_commands_run_that_need_it(services: dict[str, Any]) -> None:
    with_owner = {name for name, one in services.items() if "TITIK_OWNER_URL" in one["environment"]}
    assert with_owner == {"migrate", "command"}
    for name in with_owner:
        assert services[name]["environment"].items() >= services["titik"]["environment"].items()
    assert "./files:/files" in services["command"]["volumes"]
    assert services["command"]["profiles"] == ["command"]


def test_only_this_machine_reaches_the_service_and_its_process_is_what_is_asked(services: dict[str, Any]) -> None:
    assert services["titik"]["ports"] == ["127.0.0.1:${TITIK_PORT:-8000}:8000"]
    assert "ports" not in services["database"]
    asked = " ".join(services["titik"]["healthcheck"]["test"])
    assert "/health/live" in asked
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "/health/live" in dockerfile
    assert "/health/ready" not in asked + dockerfile


def test_the_files_that_are_mounted_and_copied_are_there(services: dict[str, Any]) -> None:
    mounted = [volume.split(":")[0] for one in services.values() for volume in one["volumes"] if volume.startswith("./")]
    assert [path for path in mounted if path != "./files" and not (ROOT / path).is_file()] == []
    copied = [word for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("COPY ") for word in line.split()[1:-1]]
    assert [path for path in copied if not path.startswith(("--from", "/")) and not (ROOT / path).exists()] == []


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no repository")
def test_what_holds_secrets_is_never_committed() -> None:
    for name in (".env", ".titik/secret.key"):
        assert subprocess.run(["git", "check-ignore", "--quiet", name], cwd=ROOT, check=False).returncode == 0
