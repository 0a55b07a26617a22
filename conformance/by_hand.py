"""`python -m conformance.by_hand FOLDER`: each file of a folder sent by a browser at `/portal/impor`, as an officer would; what the page then says of
it, and what it offers to save. Nothing is saved. Beside it what the table of the folder's README.md says that it should give.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from app.cluster import create_database, open_cluster
from conformance.cases import category_of, wanted_of
from tests import factories
from tests.conftest import TEMPLATE
from tests.e2e.conftest import ARGUMENTS, CHROMIUM, sign_in
from tests.e2e.serving import serving

HOME = "/portal/impor"


def said_of(page: Page, path: Path, category: str) -> str:
    """What became of a file, in a line."""
    page.goto(HOME)
    page.set_input_files("#berkas", path)
    page.locator(f"button[data-category][value={category}]").click()
    page.wait_for_selector(".error, #impor:not([data-busy])", timeout=120_000)
    if page.locator(".error").count():
        return f"at the field: {page.locator('.error').first.inner_text()}"
    state = page.locator("#keadaan").inner_text()
    if not page.locator(".tally").count():
        return f"{state}: {' '.join(page.locator('.note.bad').first.inner_text().split())}"
    tally = " ".join(page.locator(".tally").inner_text().split())
    plan = ", ".join(
        " ".join(text.split()) for text in page.locator("section .plan li").all_inner_texts() if not text.strip().startswith("0")
    )
    return f"{state}: {tally}; {plan or 'nothing to save'}"


def removed(page: Page) -> None:
    """An account has room for so many imports only."""
    if "/impor/" in page.url:
        page.locator(".away summary").click()
        page.locator(".away button").click()
        page.wait_for_url(f"**{HOME}")


def lines(folder: Path, page: Page) -> Iterator[str]:
    wanted = wanted_of((folder / "README.md").read_text()) if (folder / "README.md").exists() else {}
    for path in sorted(one for one in folder.iterdir() if one.is_file() and one.name != "README.md" and "-post-" not in one.name):
        should = wanted.get(path.name[:2], "")
        try:
            yield f"{path.name}\n    {said_of(page, path, category_of(should).id)}\n    wanted: {should}"
            removed(page)
        except Exception as error:  # noqa: BLE001 - the next file is another matter
            yield f"{path.name}\n    FAILED: {str(error).splitlines()[0]}"


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="titik-by-hand-") as place, ExitStack() as stack:
        # The database's user has to get in.
        Path(place).chmod(0o755)
        cluster = stack.enter_context(open_cluster(Path(place) / "cluster", durable=False))
        create_database(cluster, TEMPLATE)
        factories.build(cluster.url("titik_owner", TEMPLATE))
        own = Path(place) / "service"
        own.mkdir()
        with serving(cluster, "by_hand", own) as portal, sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            page = browser.new_context(base_url=portal.url, locale="en-GB").new_page()
            sign_in(page, "walidata")
            for line in lines(folder, page):
                print(line, flush=True)
            browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
