"""The rules of sessions, and codes of the present time against the vectors of RFC 6238."""

from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from hypothesis import example, given
from hypothesis import strategies as st

from app.access.rights import RIGHTS
from app.http.framing import own_path
from app.lifetimes import SESSION_HOURS
from app.sessions import totp
from app.sessions.rules import device_of, hash_secret, is_wellformed, successor_of
from app.settings import Settings, WrongSetting

KEY = b"12345678901234567890"
# RFC 6238, Appendix B, SHA-1: eight digits; those of six are their last.
VECTORS = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]


@pytest.mark.parametrize(("at", "code"), VECTORS)
def test_codes_are_those_of_the_rfc(at: int, code: str) -> None:
    assert TOTP(KEY, 8, SHA1(), 30).generate(at).decode() == code
    assert totp.code_at(KEY, at // 30) == code[2:]
    assert totp.step_of(KEY, code[2:], at) == at // 30


@given(st.binary(min_size=20, max_size=20), st.integers(300, 2**40), st.integers(-5, 5))
def test_a_code_is_good_one_step_before_and_after(key: bytes, now: int, off: int) -> None:
    present = now // 30
    codes = {totp.code_at(key, present + step) for step in (-1, 0, 1)}
    code = totp.code_at(key, present + off)
    assert (totp.step_of(key, code, now) is not None) == (code in codes)


@given(st.text(max_size=12))
def test_whatever_is_typed_is_no_error(text: str) -> None:
    if totp.step_of(KEY, text, 59) is not None:
        assert text in {totp.code_at(KEY, step) for step in range(3)}


@given(st.binary(min_size=32, max_size=64), st.integers(1, 2**31 - 1), st.binary(min_size=20, max_size=20))
def test_a_key_at_rest_opens_with_its_secret_for_its_account(secret: bytes, account: int, key: bytes) -> None:
    locked = totp.lock(secret, account, key)
    assert key not in locked
    assert totp.unlock(secret, account, locked) == key
    assert totp.unlock(secret, account + 1, locked) is None
    assert totp.unlock(secret + b"x", account, locked) is None
    assert totp.lock(secret, account, key) != locked


def test_the_address_that_apps_read() -> None:
    uri = urlsplit(totp.uri_of(KEY, "pic-mojoroto", "Titik"))
    assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/Titik:pic-mojoroto")
    assert parse_qs(uri.query) == {
        "secret": ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"], "issuer": ["Titik"], "digits": ["6"], "period": ["30"], "algorithm": ["SHA1"],
    }  # fmt: skip


def test_recovery_codes_are_typed_as_people_type() -> None:
    codes = totp.new_recovery_codes()
    assert len(set(codes)) == 10
    hashes = {totp.hash_recovery(b"s", 1, typed) for typed in (codes[0], codes[0].upper(), codes[0].replace("-", " "))}
    assert len(hashes) == 1
    assert totp.hash_recovery(b"s", 2, codes[0]) not in hashes


@given(st.text(max_size=60))
@example("//jahat.example")
@example("/\\jahat.example")
@example("/\t/jahat.example")
@example("/portal/titik?state=returned&x=//y")
def test_a_path_to_go_back_to_stays_in_the_house(text: str) -> None:
    kept = own_path(text, "/portal/")
    # As browsers read it (WHATWG URL): tabs and line breaks fall away, a backslash is a slash.
    read = "".join(letter for letter in kept if letter not in "\t\r\n").replace("\\", "/")
    assert urlsplit(urljoin("https://titik.example/x", read)).netloc == "titik.example"
    assert kept in (text, "/portal/")


def test_a_path_of_our_own_is_kept() -> None:
    assert own_path("/portal/titik?state=returned", "/") == "/portal/titik?state=returned"
    assert own_path(None, "/portal/") == own_path("/" + "x" * 1001, "/portal/") == "/portal/"


@given(st.binary(min_size=32, max_size=40))
def test_secrets_follow_each_other_and_tell_nothing(key: bytes) -> None:
    first = "A" * 43
    second = successor_of(key, first)
    assert is_wellformed(second)
    assert second == successor_of(key, first)
    assert len({first, second, successor_of(key, second), successor_of(key + b"x", first)}) == 4
    assert hash_secret(key, first) != hash_secret(key, second)


@pytest.mark.parametrize(
    ("agent", "browser", "system"),
    [
        ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36", "Chrome", "Android"),
        ("Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-A135F) AppleWebKit/537.36 SamsungBrowser/25.0 Chrome/121 Mobile Safari/537.36", "Samsung Internet", "Android"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox", "Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1", "Safari", "iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0", "Edge", "Windows"),
        ("curl/8.5.0", None, None),
        ("", None, None),
    ],
)  # fmt: skip
def test_a_browser_in_words(agent: str, browser: str | None, system: str | None) -> None:
    assert device_of(agent) == (browser, system)


def test_every_role_has_its_lifetime() -> None:
    assert set(SESSION_HOURS) == set(RIGHTS)
    lifetimes = Settings(session_hours="pic=24/48").session_lifetimes
    assert lifetimes["pic"] == (24 * 3600, 48 * 3600)
    assert lifetimes["admin"] == (2 * 3600, 24 * 3600)
    assert Settings(second_factor="admin walidata").second_factor_roles == {"admin", "walidata"}


@pytest.mark.parametrize("wrong", ["pic", "pic=1", "pic=0/2", "pic=5/2", "lurah=1/2", "pic=1/9999"])
def test_a_wrong_lifetime_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="must be like"):
        Settings(session_hours=wrong)
    assert issubclass(WrongSetting, ValueError)
