"""The types of events, by the words of the outbox. Of what is public the Feature is told as it was then; of the work behind it ids, codes
and states.
"""

from collections.abc import Sequence

from app.audit.record import Action
from app.nouns import NOUNS
from app.webhooks.rules import PING, PREFIX

# Each noun has its own.
PUBLIC: dict[str, tuple[str, ...]] = {
    f"{PREFIX}{noun.kind}.{deed}": (f"{noun.kind}.{deed}",) for noun in NOUNS for deed in ("published", "changed", "removed")
}
# The same for all nouns: `kind` says of which one it is.
INTERNAL: dict[str, tuple[str, ...]] = {
    PREFIX + "revision.submitted": (*(action for noun in NOUNS for action in noun.submitting), Action.REVISION_SUBMIT),
    PREFIX + "revision.withdrawn": (Action.REVISION_WITHDRAW,),
    PREFIX + "revision.returned": (Action.REVISION_RETURN,),
    PREFIX + "revision.published": (Action.REVISION_PUBLISH,),
    PREFIX + "revision.unpublished": (Action.REVISION_UNPUBLISH,),
    PREFIX + "edition.activated": (Action.EDITION_ACTIVATE,),
}
TYPES = PUBLIC | INTERNAL
_TYPE_OF = {word: name for name, words in TYPES.items() for word in words}
# By what name the data of an event carry its subject, where that is not a revision.
_SUBJECTS = {f"{noun.kind}.removed": "id" for noun in NOUNS} | {Action.EDITION_ACTIVATE: "edition", PING.removeprefix(PREFIX): "webhook"}


def words_of(types: Sequence[str]) -> list[str]:
    """What the outbox calls these types."""
    return [str(word) for name in types for word in TYPES[name]]


def type_of(word: str) -> str:
    return _TYPE_OF.get(word, PREFIX + word)


def subject_name(word: str) -> str:
    return _SUBJECTS.get(word, "revision")
