"""The whole API as its own document tells it, tried by Schemathesis against a served process, as officer, reviewer and anybody."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from app.access.rights import RIGHTS, Role
from app.http.rights import needed
from app.routers import ROUTERS
from tests.test_cli import Served, environment

pytestmark = pytest.mark.slow(34)

# `TITIK_TEST_EXAMPLES=500` is the long run.
EXAMPLES = os.environ.get("TITIK_TEST_EXAMPLES", "10")
# Whoever revokes the token in use is nobody from then on, and would leave the rest untried; it is tried in tests/api/test_accounts.py.
# And a stream of events has no end to wait for, and a ping waits for whoever was made up as its receiver; see tests/api/test_changes.py and
# test_webhooks.py.
LEFT_OUT = ("revokeToken", "getChangesStream", "postPing")
# The same handlers under the name of each collection: one of a category and one of areas stand for all.
SAME = "^(get|post)(AllPoints|KantorKelurahan|PosKamling|Rt|KecamatanArea)(Items)?$"
# What is right by the document may still lie in no kelurahan, have a taken number, or follow rules that each category has for itself:
# those are 422, and no fault. Whether what is wrong is refused is asked in tests/api/test_bad_input.py, place by place.
EXCLUDED = "positive_data_acceptance"

# What is too long is wrong also where it does not even fit into an address: 414 and 431, which Schemathesis does not expect by itself.
CONFIG = """
[checks]
# `Allow` of OPTIONS names what the token may do, not all that there is. tests/api asks that by role.
allow_header_conformance.enabled = false
negative_data_rejection.expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "414", "415", "422", "428", "429", "431"]
# A missing If-Match is 428 (RFC 6585 §3).
missing_required_header.expected-statuses = ["400", "401", "403", "406", "415", "422", "428"]

# A `limit` above the maximum is no error: it is clamped (OGC API Features §7.15.2). tests/api/test_features.py asks what is refused here.
# And what people mean by `spm_pendidikan=1` or `rt=2` is understood. tests/api/test_spellings.py asks what is not.
[[operations]]
include-operation-id-regex = "^get([A-Za-z]*)Items$"
checks.negative_data_rejection.enabled = false

# Each change is answered on its own: one that is wrong is refused within a 200. tests/api/test_sync.py asks what is refused.
[[operations]]
include-operation-id = "postSync"
checks.negative_data_rejection.enabled = false
"""
# Every value that the document speaks of, and every one beside it, is tried as one of those who may (the phase "coverage"): who may not is refused
# before any of it is read. What is random, and what follows from answers, is tried as everybody.
NOT_ONE_BY_ONE = """
[[operations]]
include-operation-id = {operations}
phases.coverage.enabled = false

[[operations]]
include-name-regex = "^({methods}) /collections/[a-z0-9_-]+/items$"
phases.coverage.enabled = false
"""
# What is open to all has two answers: that for the public, and that for who reads what is internal.
READERS, WRITER = ("", "WALIDATA"), "PIC"


def tried_by(route: APIRoute) -> Sequence[str]:
    """Who tries every value."""
    actions = needed(route.endpoint)
    able: list[Role] = [role for role in ("pic", "walidata", "admin") if actions & RIGHTS[role]]
    return (able[0].upper(),) if actions else READERS


def without_coverage(who: str) -> str:
    """The part of the configuration for what another tries."""
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute) and route.include_in_schema]
    others = sorted(str(route.operation_id) for route in routes if who not in tried_by(route))
    # The same handlers under the name of each collection.
    methods = [method for method, tried in (("GET", READERS), ("POST", (WRITER,))) if who not in tried]
    return NOT_ONE_BY_ONE.format(operations=json.dumps(others), methods="|".join(methods))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    one = Served(tmp_path_factory.mktemp("contract") / "data")
    yield one
    one.kill()


@pytest.mark.parametrize("who", ["PIC", "WALIDATA", "OPD", "ADMIN", ""])
def test_no_unexpected_5xx_and_nothing_undocumented(served: Served, who: str, tmp_path: Path) -> None:
    token = ["-H", f"Authorization: Bearer {served.tokens[f'TITIK_TOKEN_{who}']}"] if who else []
    (tmp_path / "schemathesis.toml").write_text(CONFIG + without_coverage(who))
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", f"{served.url}/api", "--phases", "examples,coverage,fuzzing,stateful", "--mode", "all",
         "--max-examples", EXAMPLES, "--max-response-time", "5", "--exclude-checks", EXCLUDED, *(part for one in LEFT_OUT for part in ("--exclude-operation-id", one)), "--exclude-operation-id-regex", SAME, "--seed", "3571", "--no-color", *token],
        cwd=tmp_path, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-16000:] + done.stderr[-2000:]
    assert "Test cases:" in done.stdout
    assert served.errors == ""
