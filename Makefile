# Everything that is done with this checkout. Paths are relative and tools are called as modules of .venv/bin/python, so that
# it works under any path: the first line of a script has room for 127 bytes only.
SHELL := /bin/sh
PYTHON := .venv/bin/python
COMPILE := pip compile pyproject.toml --universal --generate-hashes --python-version 3.11 --no-header --no-emit-index-url --quiet

.DEFAULT_GOAL := help
.PHONY: help setup dev run test test-e2e guides check lint types lock try-city bench chaos against rooms conformance clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s  %s\n", $$1, $$2 }' Makefile

setup:  ## Make .venv, and install PostgreSQL with PostGIS if they are missing
	@scripts/setup base

dev:
	@scripts/setup dev

run: setup  ## Start the service with the demonstration data (ARGS="--port 9000")
	@exec .venv/bin/titik serve --demo $(ARGS)

test: dev  ## Run all tests, as before a merge (ARGS="tests/test_cluster.py -k long")
	@$(PYTHON) -m pytest -n auto --dist worksteal $(ARGS)

guides: dev  ## Take the pictures of the guides anew (app/pages/images/guide-*.png)
	@$(PYTHON) -m pytest -n0 tests/e2e/test_guides.py --pictures $(ARGS)

check: dev  ## What a change needs to hear within a minute: style and types of what changed, tests without a database
	@$(PYTHON) -m scripts.check

test-e2e: dev  ## Run the tests that drive a browser (ARGS="-n0 -k language"); photographs go to tests/e2e/photos
	@$(PYTHON) -m pytest -n2 --dist loadfile --whole tests/e2e $(ARGS)

lint: dev  ## Check style, and which part imports which
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -c 'import sys; from importlinter.cli import lint_imports_command; sys.argv[0] = "lint-imports"; lint_imports_command()'

types: dev  ## Check the types
	@$(PYTHON) -m mypy
	@$(PYTHON) -m scripts.web types

lock: dev  ## Pin the packages anew in requirements/ (ARGS=--upgrade for newer ones)
	@uv=uv; command -v uv >/dev/null || { $(PYTHON) -m pip install --quiet uv && uv="$(PYTHON) -m uv"; }; \
	$$uv $(COMPILE) $(ARGS) --output-file requirements/base.txt && \
	$$uv $(COMPILE) $(ARGS) --extra dev --constraint requirements/base.txt --output-file requirements/dev.txt

try-city: setup  ## Try a city out of its file of boundaries (FILE=boundaries.gpkg CITY=35.78)
	@$(PYTHON) -m scripts.try_city "$(FILE)" "$(CITY)"

bench: dev  ## Measure beside other servers, and print tables (ARGS="--rounds 3")
	@$(PYTHON) -m benchmarks.post
	@$(PYTHON) -m benchmarks.read $(ARGS)

against: dev  ## Measure beside an earlier commit in one run (ARGS="--base HEAD~20")
	@$(PYTHON) -m benchmarks.against $(ARGS)

chaos: dev  ## Attack a Titik of its own: costly questions, slow readers, large bodies, hang-ups, a full disk (ARGS="hangups")
	@$(PYTHON) -m chaos $(ARGS)

rooms: dev  ## Draw which room of app/ imports which (docs/rooms.md)
	@$(PYTHON) -m scripts.rooms

conformance: dev  ## Ask a Titik with sample data by the standards, the suites of OGC, GDAL and QGIS
	@$(PYTHON) -m conformance

clean:  ## Delete .venv and caches; the data in .titik stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist web/node_modules web/.built app/pages/static ./*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
