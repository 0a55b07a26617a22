"""The abstract tests of `make conformance`, one by one, so that every run of the tests asks them too."""

from collections.abc import Iterator

import httpx
import pytest

from conformance.checks import CHECKS, Check, Service
from tests.test_cli import Served

pytestmark = pytest.mark.disruptive(9)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    served = Served(tmp_path_factory.mktemp("ogc") / "data")
    with httpx.Client(base_url=served.url, timeout=60) as client:
        yield Service(client, served.tokens)
    errors = served.errors
    served.kill()
    assert errors == ""


@pytest.mark.parametrize("check", [check for checks in CHECKS.values() for check in checks], ids=lambda check: check.__name__)
def test_the_standard(service: Service, check: Check) -> None:
    check(service)
