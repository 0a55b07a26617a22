"""The dry run: every row of a file read, placed, held against the rules and against what is there already.

Batch by batch, so that memory stays what it is however long the file. What a row has in common with an earlier one is not known here
(`seen`): batches may be judged in any order, by several processes.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from app.accounts.rights import Actor
from app.categories.rules import Category
from app.db import Row, WriteSession
from app.errors import Invalid
from app.points import history
from app.points.identity import uuid7
from app.points.likeness import NEAR_M, SIMILAR, natural_key
from app.points.personal import PERSONAL, personal_fields
from app.points.rules import CLOCK_AHEAD, clock, is_same_place, neighbourhood_number
from app.points.schemas import Proposal, as_sent, placement_json, read_proposal, work_feature
from app.transfers import queries
from app.transfers.placing import Placing
from app.transfers.reading import SourceRow
from app.transfers.rows import OF_PLACEMENT, Draft, Finding, Layout
from app.transfers.seen import Common, Said

SAME_M = 1.0


class Judge:
    """Judges the rows of one file, batch by batch."""

    def __init__(self, actor: Actor, category: Category, placing: Placing, layout: Layout) -> None:
        self._actor, self._category, self._placing, self._layout = actor, category, placing, layout

    async def look(self, session: WriteSession, rows: Sequence[SourceRow]) -> list[Draft]:
        """Each row with its place, with what is known of its point, and with what it makes of that."""
        drafts = [self._layout.read(row) for row in rows]
        for draft, row in zip(drafts, rows, strict=True):
            # Numbers that are no position may be exchanged, which rescue finds.
            if row.fault is not None and not (row.fault == "geometry-coordinates" and row.place is not None):
                draft.findings.append(Finding(row.fault, self._layout.place_column(draft)))
            self._placing.declare(draft)
        await self._find_by_id(session, drafts)
        await self._placing.place(session, [draft for draft in drafts if not draft.is_lost])
        await self._find_alike(session, drafts)
        for draft in drafts:
            if draft.is_lost:
                continue
            if draft.lon is None:
                draft.findings.append(Finding("coordinate-missing", self._layout.place_column(draft)))
            elif draft.placement is not None:
                self._propose(draft)
        return drafts

    def said(self, drafts: Sequence[Draft]) -> Iterator[Said]:
        """What others among the rows may have said too, of those that are not lost already."""
        for draft in drafts:
            if draft.is_lost:
                continue
            is_known = draft.current is not None
            is_new = not is_known and draft.lon is not None and draft.lat is not None
            yield Said(
                draft.number,
                draft.point_id.bytes if (is_known or draft.has_id) and draft.point_id is not None else None,
                None if draft.key is None else orjson.dumps(draft.key, option=orjson.OPT_SORT_KEYS),
                (draft.lon, draft.lat) if is_new else None,  # type: ignore[arg-type]
                self._name_of(draft) if is_new and not self._named_by_template(draft) else None,
            )

    def conclude(self, drafts: Sequence[Draft], common: Mapping[int, Sequence[Common]]) -> list[dict[str, Any]]:
        """The columns of `titik.import_row` for each row. `common`: by number what rows have in common with earlier ones."""
        for draft in drafts:
            for code, facts in common.get(draft.number, ()):
                draft.findings.append(Finding(code, self._column_of(code, draft), facts))
            if draft.people is not None and not draft.is_lost:
                draft.findings += [Finding(code, column) for code, column in draft.people.findings]
        return [
            {
                **_people_of(draft),
                **(draft.revision if (level := draft.level) != "fault" else {}),
                "number": draft.number,
                "level": level,
                "act": draft.act if level != "fault" else None,
                "asks": draft.asks,
                "findings": [one.json() for one in draft.findings] or None,
            }
            for draft in drafts
        ]

    def _column_of(self, code: str, draft: Draft) -> int | None:
        """Of something in common: it is about the place, the name, or the row."""
        if code == "place-shared":
            return self._layout.place_column(draft)
        return self._layout.by_field.get("name") if code == "rows-alike" else None

    async def _find_by_id(self, session: WriteSession, drafts: Sequence[Draft]) -> None:
        asked: dict[UUID, list[Draft]] = {}
        for draft in drafts:
            if (text := draft.values.pop("id", None)) is None:
                continue
            try:
                draft.point_id = UUID(str(text))
            except ValueError:
                draft.findings.append(Finding("row-id-invalid", self._layout.by_field.get("id")))
                continue
            asked.setdefault(draft.point_id, []).append(draft)
        if not asked:
            return
        known = {row["point_id"]: row for row in await session.all(queries.NEWEST_OF_MANY, points=list(asked))}
        strange = asked.keys() - known.keys()
        taken = {row["id"] for row in await session.all(queries.TAKEN_IDS, points=list(strange))} if strange else set()
        for point_id, about in asked.items():
            for draft in about:
                draft.has_id = True
                if (current := known.get(point_id)) is not None:
                    draft.by_id = True
                    self._take(draft, current)
                elif point_id.version != 7 or point_id in taken:
                    draft.findings.append(Finding("row-id-unknown", self._layout.by_field.get("id")))

    def _take(self, draft: Draft, current: Row) -> None:
        """The row is about this point. Where it does not say another place, that of the point stays as it is."""
        draft.current, draft.point_id = current, current["point_id"]
        if current["category"] != self._category.id:
            draft.findings.append(Finding("row-category-differs", self._layout.by_field.get("id"), {"category": current["category"]}))
        elif current["point_status"] in ("moved", "closed"):
            draft.findings.append(Finding("row-point-closed", self._layout.by_field.get("id")))
        if "kelurahan" not in draft.values and "kelurahan_name" not in draft.values:
            # Never rewritten by what the place would suggest.
            draft.kelurahan = current["kelurahan"]
        given = _numbers_of(draft)
        if given is None or any(
            current[lon] is not None and is_same_place(given, (current[lon], current[lat]))
            for lon, lat in (("lon", "lat"), ("public_lon", "public_lat"))
        ):
            if not (given is None and draft.places):
                draft.lon, draft.lat = current["lon"], current["lat"]
            if "accuracy_m" not in draft.blank:
                draft.values.setdefault("accuracy_m", current["accuracy_m"])

    async def _find_alike(self, session: WriteSession, drafts: Sequence[Draft]) -> None:
        """What is there already, of rows that say no id: by natural key, by name and place; and the flags of the others."""
        asked: list[Draft] = []
        for draft in drafts:
            if draft.is_only_misplaced and (draft.lon is not None or draft.kelurahan is not None):
                draft.key = self._key_of(draft)
                asked.append(draft)
        if not asked:
            return
        rows = await session.all(
            queries.ALIKE_MANY,
            category=self._category.id,
            asked=[{**(draft.key or {}), "name": self._name_of(draft) or "", "lon": draft.lon, "lat": draft.lat} for draft in asked],
            within_m=NEAR_M,
            at_least=SIMILAR,
        )
        found: dict[int, list[Row]] = {}
        for row in rows:
            found.setdefault(row["asked_at"] - 1, []).append(row)
        for index, alike in found.items():
            self._compare(asked[index], alike)
        # Several rows may be about one point: the later ones are told so when they are concluded.
        taken = [draft for draft in asked if draft.is_known and draft.current is None and draft.is_only_misplaced]
        if not taken:
            return
        known = {row["point_id"]: row for row in await session.all(queries.NEWEST_OF_MANY, points=[draft.point_id for draft in taken])}
        for draft in taken:
            if draft.point_id not in known:
                draft.findings.append(Finding("row-key-taken"))
                continue
            self._take(draft, known[draft.point_id])
            # Once more, now that it is known whose place it is.
            draft.findings = [one for one in draft.findings if one.code not in OF_PLACEMENT]
            flags = [flag for flag in draft.flags if flag in ("near-duplicate", "same-place")]
            await self._placing.place(session, [draft])
            draft.flags += flags

    def _compare(self, draft: Draft, alike: Sequence[Row]) -> None:
        """What others there are of this kind. A draft that is one of them `is_known`; its revision is read later, for all at once."""
        others = [row for row in alike if row["point_id"] != draft.point_id]
        by_key = [row for row in others if row["kind"] == "key"]
        near = [row for row in others if row["kind"] == "near"]
        if any(row["kind"] == "place" or row["distance_m"] == 0 for row in others if row["kind"] != "key"):
            draft.flags.append("same-place")
        if by_key:
            if draft.by_id or not any(row["own"] for row in by_key):
                column = next(
                    (self._layout.by_field[one] for one in reversed(self._category.key_fields) if one in self._layout.by_field), None
                )
                draft.findings.append(Finding("row-key-taken", column))
            else:
                _know(draft, next(row["point_id"] for row in by_key if row["own"]))
            return
        name = " ".join(str(self._name_of(draft) or "").lower().split())
        twin = next(
            (row for row in near if row["own"] and row["distance_m"] <= SAME_M and " ".join(row["name"].lower().split()) == name), None
        )
        if twin is not None and not draft.by_id and draft.key is None:
            _know(draft, twin["point_id"])
        elif near and not draft.by_id and not self._named_by_template(draft):
            facts = {"name": near[0]["name"], "distance_m": round(near[0]["distance_m"], 1)}
            draft.findings.append(Finding("row-near-duplicate", self._layout.by_field.get("name"), facts))
            draft.flags.append("near-duplicate")

    def _named_by_template(self, draft: Draft) -> bool:
        if self._category.name_template is None:
            return False
        return (name := draft.values.get("name")) is None or self._category.is_numbers_only(str(name))

    def _name_of(self, draft: Draft) -> str | None:
        if (name := draft.values.get("name")) or not self._category.name_template:
            return name or (draft.current["name"] if draft.current else None)
        return self._category.name_template.format(rt=draft.values.get("rt", ""), rw=draft.values.get("rw", ""))

    def _key_of(self, draft: Draft) -> dict[str, dict[str, Any]] | None:
        current = draft.current or {}
        values = draft.values
        attributes = {**current.get("attributes", {}), **{name: values[name] for name in self._category.key_fields if name in values}}
        numbers = {name: _number_text(values.get(name)) or current.get(name) for name in ("rt", "rw")}
        found = natural_key(
            self._category,
            {"kelurahan": draft.kelurahan, "name": values.get("name") or current.get("name"), **numbers, "attributes": attributes},
        )
        if found is None:
            return None
        common, own = found
        if "name" in common:
            common["name"] = " ".join(str(common["name"]).lower().split())
        return {"common": common, "attributes": own}

    def _propose(self, draft: Draft) -> None:
        """What the row makes of its point; nothing where the rules find a fault."""
        current = draft.current
        feature = as_sent(work_feature(current)) if current else None
        try:
            proposal = read_proposal(self._body(draft, feature), self._category, datetime.now(UTC), feature)
        except Invalid as error:
            draft.findings += [self._layout.finding(fault) for fault in error.faults]
            return
        self._look_for_people(draft, proposal)
        if proposal.captured_at and clock(proposal.captured_at, datetime.now(UTC)) == "ahead":
            draft.flags.append(CLOCK_AHEAD)
        draft.revision = revision = self._columns(draft, proposal, proposal.name or "")
        draft.act = "update" if current else "create"
        if current is not None:
            kept = current["captured_at"]
            if kept is not None and proposal.captured_at == kept.replace(microsecond=0):
                # Features and exports tell whole seconds.
                proposal = proposal._replace(captured_at=kept)
                revision["captured_at"] = kept
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
        told = {
            "name": proposal.name or "",
            "address": proposal.address,
            "rt": proposal.rt,
            "rw": proposal.rw,
            "attributes": proposal.attributes,
        }
        fields = personal_fields(self._category, told)
        draft.flags += [PERSONAL] if fields else []
        asked = "name" if "name" in fields and self._is_name_new(draft, told) else None
        for field in fields:
            facts = {"made": self._category.made_name(told)} if field == asked else {}
            draft.findings.append(Finding("name-not-made" if field == asked else "text-personal", self._layout.by_field.get(field), facts))

    def _is_name_new(self, draft: Draft, told: Mapping[str, Any]) -> bool:
        known = draft.current["name"] if draft.current else None
        return self._category.name_template is not None and not self._category.named_by_template(told) and told["name"] != known

    def _body(self, draft: Draft, feature: Mapping[str, Any] | None) -> dict[str, Any]:
        """The Feature as it would be sent: of a known point as it is, with what the file says otherwise. A blank clears what an id names;
        of points that were found otherwise it leaves things as they are, because a sheet need not hold everything.
        """
        properties: dict[str, Any] = dict(feature["properties"]) if feature else {"method": "import"}
        if feature is not None:
            if draft.by_id:
                for name in draft.blank:
                    # What always has a value is left as it is.
                    if name not in _NEVER_BLANK:
                        properties.pop(name, None)
            if feature["geometry"]["coordinates"] != [draft.lon, draft.lat]:
                # What was said of the old place does not hold of the new one.
                for name in _OF_THE_PLACE:
                    properties.pop(name, None)
                properties["method"] = "import"
            for name in ("predecessors", "succession"):
                properties.pop(name, None)
        properties |= {name: value for name, value in draft.values.items() if name not in _NAMES_OF_PLACES and value is not None}
        properties["kelurahan"] = draft.kelurahan
        # Asked about by `_look_for_people`.
        properties["confirm_name"] = True
        return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [draft.lon, draft.lat]}, "properties": properties}

    def _columns(self, draft: Draft, proposal: Proposal, name: str) -> dict[str, Any]:
        assert draft.placement is not None  # noqa: S101 - for the reader of types
        placement = draft.placement
        draft.point_id = draft.point_id or uuid7()
        return {
            "point_id": str(draft.point_id),
            "based_on": draft.current["version"] if draft.current else None,
            "kelurahan": proposal.kelurahan,
            "lon": proposal.lon,
            "lat": proposal.lat,
            "name": name,
            "address": proposal.address,
            "rw": proposal.rw,
            "rt": proposal.rt,
            "accuracy_m": proposal.accuracy_m,
            "method": proposal.method,
            "captured_at": proposal.captured_at,
            "status": proposal.status,
            "override_reason": proposal.override_reason,
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


def _people_of(draft: Draft) -> dict[str, Any]:
    """The contacts of a row that can be committed, and which columns say anything of people."""
    if draft.people is None:
        return {}
    return {"people": None if draft.is_lost else draft.people.contacts or None, "filled": draft.people.filled}


_NEVER_BLANK = frozenset({"status", "method"})
_OF_THE_PLACE = ("accuracy_m", "captured_at", "override_reason")
_NAMES_OF_PLACES = frozenset({"kelurahan", "kelurahan_name", "kecamatan"})


def _know(draft: Draft, point_id: UUID) -> None:
    draft.point_id, draft.is_known = point_id, True
    draft.flags = [flag for flag in draft.flags if flag != "same-place"]


def _numbers_of(draft: Draft) -> tuple[float, float] | None:
    if draft.place is not None:
        return draft.place
    try:
        return float(str(draft.places["lon"])), float(str(draft.places["lat"]))
    except (KeyError, ValueError):
        return None


def _number_text(value: object) -> str | None:
    return neighbourhood_number(value) if isinstance(value, str) else None
