"""One table of the kinds of notices: whoever tells of one names one that it has, and the wire has them all."""

import ast
import re
from typing import get_args

import pytest

from app import ROOT
from app.inbox.kinds import KINDS, NoticeKind
from app.inbox.queries import TELL

CODE = {path: path.read_text() for path in (ROOT / "app").rglob("*.py")}
SQL = "\n".join([*CODE.values(), *(path.read_text() for path in (ROOT / "migrations/versions").glob("*.py"))])


def told() -> set[str]:
    """The kinds that the code tells of, as constants of its calls."""
    calls = [node for text in CODE.values() if "inbox.tell" in text for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    telling = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr.startswith("tell")]
    return {arg.value for call in telling for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)}


def test_whoever_tells_names_a_kind_of_the_table() -> None:
    assert told() >= {"returned", "unpublished", "report", "account-changed"}
    assert told() <= KINDS.keys()
    assert set(get_args(NoticeKind)) == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_somebody_who_is_told_and_a_line_in_both_languages(kind: str) -> None:
    # Administrators are told by the statement that pauses a webhook.
    if KINDS[kind].told not in TELL:
        assert f"'{kind}'" in SQL
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind)
    for language in ("id", "en"):
        lines = [KINDS[kind].mail.say(language, {"number": number}) for number in (1, 2)]
        assert all(line and "{" not in line for line in lines)
