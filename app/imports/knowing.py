"""Which point a row is about: by its id, by the natural key of its category, by name and place; and what else there is of that kind."""

from collections.abc import Sequence
from uuid import UUID

from app.categories.rules import Category
from app.db import Row, WriteSession
from app.imports import queries
from app.imports.layout import Layout
from app.imports.placing import Placing
from app.imports.rows import OF_PLACEMENT, Draft, RowFinding
from app.placement.rules import is_same_place
from app.points.likeness import CLOSE_M, NEAR_M, SIMILAR, natural_key
from app.points.rules import neighbourhood_number

SAME_M = 1.0


class KnownPoints:
    """Looks for the points of one category that the rows of a file are about."""

    def __init__(self, category: Category, placing: Placing, layout: Layout) -> None:
        self._category, self._placing, self._layout = category, placing, layout

    async def find_by_id(self, session: WriteSession, drafts: Sequence[Draft]) -> None:
        """The points whose ids the rows say."""
        by_id: dict[UUID, list[Draft]] = {}
        for draft in drafts:
            if (text := draft.values.pop("id", None)) is None:
                continue
            try:
                draft.point_id = UUID(str(text))
            except ValueError:
                draft.findings.append(RowFinding("row-id-invalid", self._layout.column("id", draft)))
                continue
            by_id.setdefault(draft.point_id, []).append(draft)
        if not by_id:
            return
        known = {row["point_id"]: row for row in await session.all(queries.NEWEST_OF_MANY, points=list(by_id))}
        strange = by_id.keys() - known.keys()
        taken = {row["id"] for row in await session.all(queries.TAKEN_IDS, points=list(strange))} if strange else set()
        for point_id, about in by_id.items():
            for draft in about:
                draft.has_id = True
                if (current := known.get(point_id)) is not None:
                    draft.by_id = True
                    self._take(draft, current)
                elif point_id.version != 7 or point_id in taken:
                    draft.findings.append(RowFinding("row-id-unknown", self._layout.column("id", draft)))

    def _take(self, draft: Draft, current: Row) -> None:
        """The row is about this point. Where it does not say another place, that of the point stays as it is."""
        draft.current, draft.point_id = current, current["point_id"]
        if current["category"] != self._category.id:
            draft.findings.append(RowFinding("row-category-differs", self._layout.column("id", draft), {"category": current["category"]}))
        elif current["point_status"] in ("moved", "closed"):
            draft.findings.append(RowFinding("row-point-closed", self._layout.column("id", draft)))
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

    async def find_alike(self, session: WriteSession, drafts: Sequence[Draft]) -> None:
        """What is there already, of rows that say no id: by natural key, by name and place; and the flags of the others."""
        unmatched: list[Draft] = []
        for draft in drafts:
            if draft.is_only_misplaced and (draft.lon is not None or draft.kelurahan is not None):
                draft.key = self._key_of(draft)
                unmatched.append(draft)
        if not unmatched:
            return
        rows = await session.all(
            queries.ALIKE_MANY,
            category=self._category.id,
            asked=[{**(draft.key or {}), "name": self.name_of(draft) or "", "lon": draft.lon, "lat": draft.lat} for draft in unmatched],
            within_m=NEAR_M,
            at_least=SIMILAR,
            asked_close=[{"name": "", "lon": None if draft.by_id else draft.lon, "lat": draft.lat} for draft in unmatched],
            close_m=CLOSE_M,
        )
        found: dict[int, list[Row]] = {}
        for row in rows:
            found.setdefault(row["asked_at"] - 1, []).append(row)
        for index, alike in found.items():
            self._compare(unmatched[index], alike)
        # Several rows may be about one point: the later ones are told so when they are concluded.
        taken = [draft for draft in unmatched if draft.is_known and draft.current is None and draft.is_only_misplaced]
        if not taken:
            return
        known = {row["point_id"]: row for row in await session.all(queries.NEWEST_OF_MANY, points=[draft.point_id for draft in taken])}
        for draft in taken:
            if draft.point_id not in known:
                draft.findings.append(RowFinding("row-key-taken"))
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
        close = [row for row in others if row["kind"] == "close"]
        if any(row["kind"] == "place" or row["distance_m"] == 0 for row in others if row["kind"] != "key"):
            draft.flags.append("same-place")
        if by_key:
            if draft.by_id or not any(row["own"] for row in by_key):
                columns = [self._layout.column(field, draft) for field in reversed(self._category.key_fields)]
                column = next((one for one in columns if one is not None), None)
                draft.findings.append(RowFinding("row-key-taken", column))
            else:
                _know(draft, next(row["point_id"] for row in by_key if row["own"]))
            return
        name = " ".join(str(self.name_of(draft) or "").lower().split())
        twin = next(
            (row for row in near if row["own"] and row["distance_m"] <= SAME_M and " ".join(row["name"].lower().split()) == name), None
        )
        if twin is not None and not draft.by_id and draft.key is None:
            _know(draft, twin["point_id"])
        elif (near or close) and not draft.by_id and not self.named_by_template(draft):
            code, other = ("row-near-duplicate", near[0]) if near else ("row-place-taken", close[0])
            facts = {"name": other["name"], "distance_m": round(other["distance_m"], 1)}
            draft.findings.append(RowFinding(code, self._layout.column("name", draft), facts))
            draft.flags.append("near-duplicate")

    def named_by_template(self, draft: Draft) -> bool:
        """Whether the name is the one that the category makes."""
        if self._category.name_template is None:
            return False
        return (name := draft.values.get("name")) is None or self._category.is_numbers_only(str(name))

    def name_of(self, draft: Draft) -> str | None:
        """What the point is called, or would be."""
        if (name := draft.values.get("name")) or not self._category.name_template:
            return name or (draft.current["name"] if draft.current else None)
        return self._category.made_name(draft.values)

    def _key_of(self, draft: Draft) -> dict[str, dict[str, object]] | None:
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
