"""The shape of a sentence about an error."""

from typing import NamedTuple

from app.language import Text


class Message(NamedTuple):
    """`title` names the kind of problem and never changes; `detail` says what is wrong here; `hint` what to do."""

    title: Text
    detail: Text
    hint: Text = Text("", "")
