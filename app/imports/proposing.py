"""What a row makes of its point: the Feature as it would be sent, held against the rules of its category."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from app.categories.rules import Category
from app.common_fields import OF_PLACE
from app.errors import Fault, Invalid
from app.imports.fields import fields_of
from app.imports.layout import Layout, titles
from app.imports.rows import Draft, RowFinding
from app.points import history
from app.points.personal import PERSONAL, personal_fields
from app.points.rules import CLOCK_AHEAD, clock
from app.points.schemas import Proposal, as_sent, placement_json, read_proposal, work_feature
from app.uuid7 import uuid7

_NEVER_BLANK = frozenset({"status", "method"})
_NAMES_OF_PLACES = frozenset({"kelurahan", "kelurahan_name", "kecamatan"})
_ANYWHERE = (0.0, 0.0)


class Proposing:
    """Makes revisions of rows, or says what is wrong with their values."""

    def __init__(self, category: Category, layout: Layout) -> None:
        self._category, self._layout = category, layout
        self._fields = fields_of(category)

    def propose(self, draft: Draft) -> None:
        """All faults of its values; where there are none, and it has a place, its revision."""
        current = draft.current
        feature = as_sent(work_feature(current)) if current else None
        try:
            proposal = read_proposal(self._body(draft, feature), self._category, datetime.now(UTC), feature)
        except Invalid as error:
            draft.findings += self._findings(draft, error.faults)
            return
        if draft.is_lost or draft.placement is None:
            return
        self._look_for_people(draft, proposal)
        if proposal.captured_at and clock(proposal.captured_at, datetime.now(UTC)) == "ahead":
            draft.flags.append(CLOCK_AHEAD)
        draft.revision = revision = self._columns(draft, proposal, proposal.name or "")
        draft.act = "update" if current else "create"
        if current is not None:
            self._compare(draft, proposal, revision)

    def _findings(self, draft: Draft, faults: Iterable[Fault]) -> Iterator[RowFinding]:
        """The faults by their cells, but those of cells that could not be read, and of the place, which are told already."""
        for fault in faults:
            name = fault.where.removeprefix("/properties/").partition("/")[0]
            if name in draft.faulty or name == "kelurahan" or not fault.where.startswith("/properties/"):
                continue
            yield self._missing(draft, name) if fault.code == "value-missing" else self._layout.finding(fault, draft)

    def _missing(self, draft: Draft, name: str) -> RowFinding:
        """What is needed, by its name; and where the file has no column of it, which columns may have been meant."""
        field = self._fields.get(name)
        column = self._layout.column(name, draft)
        if column is None and field is not None:
            return self._layout.unmatched(field)
        return RowFinding("row-field-missing", column, titles(field, name))

    def _compare(self, draft: Draft, proposal: Proposal, revision: dict[str, object]) -> None:
        """A row that says of its point what is known already is `same`."""
        current = draft.current or {}
        stored_at = current["captured_at"]
        if stored_at is not None and proposal.captured_at == stored_at.replace(microsecond=0):
            # Features and exports tell whole seconds.
            proposal = proposal.saying(captured_at=stored_at)
            revision["captured_at"] = stored_at
        after = {
            **revision,
            "attributes": proposal.attributes,
            "captured_at": proposal.captured_at,
            "predecessors": (),
            "succession": None,
        }
        if not history.differences({**current, "predecessors": (), "succession": None}, after):
            draft.findings = [one for one in draft.findings if one.level == "fault"]
            draft.act = "same"

    def _look_for_people(self, draft: Draft, proposal: Proposal) -> None:
        """Public texts that tell of a person: the reviewer sees the flag. Another name than that of the category is asked about."""
        fields_of_person = {**proposal.common, "name": proposal.name or "", "attributes": proposal.attributes}
        fields = personal_fields(self._category, fields_of_person)
        draft.flags += [PERSONAL] if fields else []
        name_field = "name" if "name" in fields and self._is_name_new(draft, fields_of_person) else None
        for field in fields:
            facts = {"made": self._category.made_name(fields_of_person)} if field == name_field else {}
            draft.findings.append(
                RowFinding("name-not-made" if field == name_field else "text-personal", self._layout.column(field, draft), facts)
            )

    def _is_name_new(self, draft: Draft, fields: Mapping[str, object]) -> bool:
        known = draft.current["name"] if draft.current else None
        return self._category.name_template is not None and not self._category.named_by_template(fields) and fields["name"] != known

    def _body(self, draft: Draft, feature: Mapping[str, Any] | None) -> dict[str, Any]:
        """The Feature as it would be sent: of a known point as it is, with what the file says otherwise. A blank clears what an id names;
        of points that were found otherwise it leaves things as they are, because a sheet need not hold everything.
        """
        properties: dict[str, object] = dict(feature["properties"]) if feature else {"method": "import"}
        if feature is not None:
            if draft.by_id:
                for name in draft.blank:
                    # What always has a value is left as it is.
                    if name not in _NEVER_BLANK:
                        properties.pop(name, None)
            if draft.lon is not None and feature["geometry"]["coordinates"] != [draft.lon, draft.lat]:
                # What was said of the old place does not hold of the new one.
                for name in OF_PLACE:
                    properties.pop(name, None)
                properties["method"] = "import"
            for name in ("predecessors", "succession"):
                properties.pop(name, None)
        properties |= {name: value for name, value in draft.values.items() if name not in _NAMES_OF_PLACES and value is not None}
        properties["kelurahan"] = draft.kelurahan
        # Asked about by `_look_for_people`.
        properties["confirm_name"] = True
        # Of a row without a place the values are looked at all the same.
        place = _ANYWHERE if draft.lon is None or draft.lat is None else (draft.lon, draft.lat)
        return {"type": "Feature", "geometry": {"type": "Point", "coordinates": list(place)}, "properties": properties}

    def _columns(self, draft: Draft, proposal: Proposal, name: str) -> dict[str, object]:
        assert draft.placement is not None  # noqa: S101 - for the reader of types
        placement = draft.placement
        draft.point_id = draft.point_id or uuid7()
        return {
            "point_id": str(draft.point_id),
            "based_on": draft.current["version"] if draft.current else None,
            "lon": proposal.lon,
            "lat": proposal.lat,
            **proposal.common,
            "name": name,
            "attributes": proposal.attributes,
            "content_sha256": proposal.content_sha256.hex(),
            "verdict": placement.verdict,
            "found_in": placement.kelurahan.code if placement.kelurahan else None,
            "distance_m": placement.declared.distance_m,
            "placement": placement_json(placement) | {"flags": draft.flags},
            "flags": " ".join(draft.flags),
            "key": draft.key,
            "repair": draft.repair,
        }
