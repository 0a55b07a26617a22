"""Faults of bodies that commands put together, by the options as people have typed them."""

import pytest

from app.cli.common import named_by_options
from app.errors import Fault, Invalid


@pytest.mark.parametrize(
    ("where", "told"),
    [
        (["/kelurahan/0"], ["--kelurahan"]),
        (["/rows", "/rows"], ["--commit"]),
        (["/contacts/term_ends_on", "/rows"], ["--contacts-until", "--commit"]),
        (["/contacts/other"], ["/contacts/other"]),
        ([""], [""]),
    ],
)
def test_a_fault_is_told_once_at_its_option(where: list[str], told: list[str]) -> None:
    faults = [Fault(one, "value-invalid", {"n": number}) for number, one in enumerate(where)]
    with (
        pytest.raises(Invalid) as caught,
        named_by_options(kelurahan="--kelurahan", rows="--commit", contacts__term_ends_on="--contacts-until"),
    ):
        raise Invalid(faults=faults)
    assert [one.where for one in caught.value.faults] == told
    assert caught.value.faults[0].facts == {"n": 0}
