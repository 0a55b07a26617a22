"""Tokens: what they look like, that typing errors are seen, what is kept of them."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.tokens import PREFIX, SHOWN, _checksum, hash_token, is_wellformed, new_token

LETTERS = string.ascii_letters + string.digits
TOKEN = "titik_0123456789abcdefABCDEFghijklmnop2i6dHc"  # a fixed one, so that all workers collect the same tests


def test_a_new_token() -> None:
    tokens = {new_token() for _ in range(200)}
    assert len(tokens) == 200
    for token in tokens:
        assert is_wellformed(token)
        assert token.startswith("titik_")
        assert len(token) == 44
        assert set(token.removeprefix("titik_")) <= set(LETTERS)
    # All 62 characters, in every place: a biased die would show.
    assert {token[position] for token in tokens for position in range(len(PREFIX), 38)} == set(LETTERS)
    assert all(len({token[position] for token in tokens}) > 20 for position in range(len(PREFIX), 38))


def test_the_part_that_lists_may_show_gives_nothing_away() -> None:
    assert TOKEN[:SHOWN].startswith(PREFIX)
    assert len(TOKEN) - SHOWN >= 32


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from(LETTERS))
def test_one_wrong_character_is_seen(position: int, letter: str) -> None:
    changed = TOKEN[:position] + letter + TOKEN[position + 1 :]
    assert is_wellformed(changed) == (changed == TOKEN)


@given(st.integers(0, len(TOKEN) - 2))
def test_two_characters_in_the_wrong_order_are_seen(position: int) -> None:
    changed = TOKEN[:position] + TOKEN[position + 1] + TOKEN[position] + TOKEN[position + 2 :]
    assert is_wellformed(changed) == (changed == TOKEN)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "titik_",
        TOKEN[:-1],
        TOKEN + "a",
        " " + TOKEN,
        TOKEN + " ",
        TOKEN + "\n",
        TOKEN.upper(),
        "x" * 44,
        "titik_" + "é" * 38,
        "\ud800" * 44,
    ],
)
def test_what_is_no_token_of_ours(token: str) -> None:
    assert not is_wellformed(token)


@pytest.mark.parametrize("body", [PREFIX, PREFIX + "a" * 31, PREFIX + "a" * 33, PREFIX + "é" * 32, "other_" + "a" * 32])
def test_a_right_checksum_alone_makes_no_token(body: str) -> None:
    assert not is_wellformed(body + _checksum(body))
    assert is_wellformed(PREFIX + "a" * 32 + _checksum(PREFIX + "a" * 32))


@given(st.text(max_size=60) | st.text(min_size=38, max_size=38).map(lambda rest: PREFIX + rest))
def test_any_text_is_looked_at_without_harm(token: str) -> None:
    assert not is_wellformed(token)


def test_the_hash_is_hmac_sha_256() -> None:
    # RFC 4231, test case 2.
    digest = hash_token(b"Jefe", "what do ya want for nothing?")
    assert digest.hex() == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


def test_the_hash_needs_both_the_key_and_the_token() -> None:
    assert len({hash_token(b"key", TOKEN) for _ in range(2)}) == 1
    assert len({hash_token(b"key", TOKEN), hash_token(b"other", TOKEN), hash_token(b"key", new_token())}) == 3
