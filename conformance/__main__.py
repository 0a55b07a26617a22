"""`make conformance`: a Titik with sample data, asked by the abstract tests of the standards, by the suites of OGC, by GDAL and QGIS."""

import sys
import tempfile
from pathlib import Path

import httpx

from conformance.checks import CHECKS, Service
from conformance.clients import Outcome, cite, gdal, qgis
from tests.test_cli import Served


def asked(service: Service) -> list[Outcome]:
    outcomes = []
    for name, checks in CHECKS.items():
        failed = []
        for check in checks:
            try:
                check(service)
            except Exception as error:  # noqa: BLE001 - whatever goes wrong is a check that failed
                failed.append(f"{check.__name__}: {type(error).__name__} {str(error)[:200]}")
        outcomes.append(Outcome(name, len(checks) - len(failed), len(failed), "; ".join(failed)))
    return outcomes


def main() -> int:
    with tempfile.TemporaryDirectory() as directory:
        served = Served(Path(directory) / "data")
        try:
            with httpx.Client(base_url=served.url, timeout=60) as client:
                outcomes = asked(Service(client, served.tokens))
            outcomes += [
                *cite(served.url, Path(directory)),
                *gdal(served.url, Path(directory)),
                *qgis(served.url, served.tokens["TITIK_TOKEN_PIC"]),
            ]
        finally:
            served.kill()
    print("| what | passed | failed | |\n|---|---|---|---|")
    for one in outcomes:
        counts = (one.passed, one.failed) if one.passed or one.failed else ("-", "-")
        print(f"| {one.what} | {counts[0]} | {counts[1]} | {one.said} |")
    return int(any(one.failed for one in outcomes))


if __name__ == "__main__":
    sys.exit(main())
