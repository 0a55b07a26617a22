"""The administrator's pages of webhooks, keys and the state of the service in Chromium: by keyboard, in both languages, on a small screen."""

import pytest

from tests.e2e.conftest import Language, OpenPage, check_axe, check_width, photograph, sign_in
from tests.e2e.serving import Portal

pytestmark = pytest.mark.disruptive(60)

SCRIPT = "<script>document.title = 'jahat'</script>"
STATE, HOOKS, TOKENS = "/portal/kelola/keadaan", "/portal/kelola/webhook", "/portal/akun/token"
TITIK = {"TITIK_WEBHOOK_NETWORKS": "127.0.0.0/8"}


def test_a_webhook_is_registered_by_keyboard_tried_and_paused(page: OpenPage) -> None:
    shown = page("phone")
    sign_in(shown, "admin")
    shown.goto(f"{HOOKS}/baru")
    shown.locator("#url").fill("bukan alamat https")
    # The browser itself would refuse it: whoever has none that does is answered by the service.
    shown.locator("main form").evaluate("form => form.noValidate = true")
    shown.locator("#description").fill(f"Dasbor {SCRIPT}")
    shown.locator("#kelurahan").fill("Mojoroto")
    shown.locator("main form button").press("Enter")
    shown.wait_for_selector("#url-error")
    assert shown.evaluate("document.activeElement.id") == "url"
    assert shown.locator("#description").input_value() == f"Dasbor {SCRIPT}"
    check_axe(shown)
    photograph(shown, "webhook-salah")
    # Nobody listens there.
    shown.locator("#url").fill("http://127.0.0.1:9/titik")
    shown.locator("main form button").press("Enter")
    shown.wait_for_selector("text=whsec_")
    assert shown.locator("h1").inner_text() == f"Dasbor {SCRIPT}"
    assert "jahat" not in shown.title().split()
    check_axe(shown)
    photograph(shown, "webhook-rahasia")
    shown.get_by_role("button", name="Kirim percobaan").press("Enter")
    shown.wait_for_selector("text=Percobaan tidak diterima")
    assert shown.get_by_text("whsec_").count() == 0
    check_axe(shown)
    photograph(shown, "webhook-percobaan")
    shown.get_by_role("button", name="Jeda").press("Enter")
    shown.wait_for_selector("text=Dijeda oleh admin")
    shown.goto(HOOKS)
    check_axe(shown)
    photograph(shown, "webhook-daftar")


@pytest.mark.usefixtures("only_whole")
@pytest.mark.parametrize("language", ["id", "en"])
def test_axe_finds_nothing_and_nothing_is_lost_on_a_small_screen(page: OpenPage, portal: Portal, language: Language) -> None:
    """With what the tests before have asked of the service among the routes."""
    shown = page("desk", language=language)
    sign_in(shown, "admin")
    assert shown.locator(".waiting").count() <= 1
    addresses = {
        "mulai-admin": "/portal/",
        "keadaan": STATE,
        "webhook": HOOKS,
        "webhook-baru": f"{HOOKS}/baru",
        "kunci": TOKENS,
        "kunci-baru": f"{TOKENS}/baru",
    }
    for name, address in addresses.items():
        shown.goto(address)
        check_axe(shown)
        if language == "id":
            photograph(shown, name)
    shown.goto(STATE)
    assert shown.get_by_text("/portal/masuk").count() > 0
    shown.set_viewport_size({"width": 320, "height": 256})
    for address in addresses.values():
        shown.goto(address)
        check_width(shown, 320)
        shown.emulate_media(color_scheme="dark")
        check_axe(shown)
        shown.emulate_media(color_scheme="light")


def test_the_start_tells_an_officer_what_waits(page: OpenPage) -> None:
    shown = page("phone")
    sign_in(shown, "pic")
    shown.goto("/portal/")
    assert shown.get_by_role("heading", name="Menunggu Anda").count() == 1
    check_axe(shown)
    photograph(shown, "mulai-pic")
