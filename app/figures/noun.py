"""The figure of a kelurahan as a noun of the workflow: how its states stand in the queue, and what publishing one does."""

from collections.abc import Sequence
from uuid import UUID

from app.access.rights import Actor
from app.audit.record import Action
from app.db import Row, WriteSession
from app.figures import publishing, queries
from app.figures.history import differences
from app.workflow.noun import Noun, QueueEntry, public_before

_REVISIONS, _SUBJECT = "titik.value_revision", "value_id"
_KIND = f"""(
    SELECT CASE WHEN b.id IS NULL THEN 'new' WHEN b.state <> 'unpublished' AND {queries.content("b")} = {queries.content("r")} THEN 'confirm' ELSE 'change' END
      FROM (SELECT) one LEFT JOIN LATERAL ({public_before(_REVISIONS, _SUBJECT)}) b ON true
)"""  # noqa: S608 - constants, joined at import
_NAME = """(
    SELECT concat_ws(' ', i.definition -> 'name' ->> 'id', nullif(v.indicator_class, ''), v.period)
      FROM titik.profile_value v JOIN titik.indicator i ON i.id = v.indicator AND i.version = r.indicator_version WHERE v.id = r.value_id)"""
_FLAGS = "ARRAY(SELECT DISTINCT 'misfit-' || (warning ->> 'kind') FROM jsonb_array_elements(r.warnings) warning ORDER BY 1)"
_ATTRIBUTES = f"""(
    SELECT {queries.content("r")} || jsonb_build_object('indicator', v.indicator, 'class', v.indicator_class, 'period', v.period, 'warnings', r.warnings,
                                                       'indicator_version', r.indicator_version)
      FROM titik.profile_value v WHERE v.id = r.value_id)"""  # noqa: S608


class PublishedValues:
    """Figures that a transaction of the walidata publishes, or takes out of publication."""

    def __init__(self, session: WriteSession, _actor: Actor) -> None:
        self._session = session
        self._changed: list[UUID] = []
        self._ended: list[UUID] = []

    async def add(self, claimed: Row, _photos: Sequence[UUID]) -> None:
        self._changed.append(claimed["subject"])

    async def remove(self, claimed: Row) -> None:
        self._ended.append(claimed["subject"])

    async def finish(self) -> None:
        await publishing.follow(self._session, self._changed, self._ended)


VALUE = Noun(
    kind=queries.KIND,
    revisions=_REVISIONS,
    subjects="titik.profile_value",
    subject=_SUBJECT,
    items="profile_value",
    path="profiles/values/{subject}",
    categories="SELECT id FROM titik.indicator",
    submitting=(Action.VALUE_SUBMIT,),
    hashed=queries.HASHED,
    differences=differences,
    queue=QueueEntry(
        kind=_KIND,
        name=_NAME,
        searched=_NAME,
        content=queries.content,
        columns={"attributes": _ATTRIBUTES, "flags": _FLAGS},
        # What a check had something to say about was explained, and is to be read.
        clean="r.warnings = '[]'",
    ),
    publication=PublishedValues,
)
