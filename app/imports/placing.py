"""Where the rows of a file lie: their coordinates read and, where need be, repaired; all of a batch at once."""

import re
from collections.abc import Mapping, Sequence

from app.access.rights import Actor
from app.coordinates import text as texts
from app.coordinates.reads import TRUSTED_M, Readings
from app.coordinates.rescue import zones_of
from app.db import WriteSession
from app.errors import Forbidden, Misplaced
from app.geo import is_position
from app.imports.cells import without_zeros, written
from app.imports.fields import COMMON
from app.imports.layout import Layout, titles
from app.imports.rows import PLACE, Draft, RowFinding
from app.imports.spots import SpotReader, faulty_name, missing_half, said_apart
from app.imports.systems import is_same
from app.placement.locating import PlaceQuery, locate
from app.placement.polygons import Polygons
from app.placement.rules import Nearby, Placement, declare, is_same_place, place, tolerance_m
from app.points.rules import REJUDGED
from app.regions.cities import Cities
from app.regions.codes import Directory, Region

_DEGREES = re.compile(r"-?\d{1,3}\.\d{4,15}")
_PLACES = {field.name: field for field in COMMON if field.kind == "place"}
LONGEST_RAW = 500


class Placing:
    """Judges places for one actor against the active edition. `cities`: those of the actor's kelurahan, in which what was misread may lie."""

    def __init__(self, polygons: Polygons, directory: Directory, actor: Actor, layout: Layout, cities: Cities) -> None:
        self._polygons, self._directory, self._actor, self._layout = polygons, directory, actor, layout
        self._cities = cities
        self._reader = SpotReader(zones_of(cities.crs), cities.middle)
        self._own = frozenset(actor.kelurahan) if actor.role == "pic" else None

    def declare(self, draft: Draft) -> None:
        """The kelurahan that the row names, by code or by name; all columns that name one have to mean the same."""
        kecamatan = str(draft.values.get("kecamatan") or "")
        named = [
            (self._layout.column(field, draft), str(text))
            for field in ("kelurahan", "kelurahan_name")
            if (text := draft.values.get(field)) is not None
        ]
        named += draft.regions
        found = [(column, self._region(text, kecamatan)) for column, text in named]
        known = [(column, region) for column, region in found if region is not None]
        if not found:
            return
        if not known:
            like = self._directory.resembling(named[0][1])
            draft.findings.append(RowFinding("kelurahan-not-found", found[0][0], {"like": like.name} if like else {}))
            draft.faulty.add("kelurahan")
            return
        column, region = known[0]
        heading = self._layout.heading(column)
        draft.findings += [RowFinding("columns-differ", other, {"other": heading}) for other, unknown in found if unknown is None]
        contradicting = [other for other, its in known[1:] if its.code != region.code]
        draft.faulty.update(("kelurahan",) if contradicting else ())
        draft.findings += [RowFinding("columns-contradict", other, {"other": heading}) for other in contradicting]
        if contradicting:
            return
        if self._own is not None and region.code not in self._own:
            draft.findings.append(RowFinding("kelurahan-not-your-own", column, {"name": region.name}))
            draft.faulty.add("kelurahan")
        else:
            draft.kelurahan = region.code

    def _region(self, text: str, kecamatan: str) -> Region | None:
        text, known = without_zeros(text), self._directory
        if not kecamatan.strip():
            return known.kelurahan.get(text) or known.find(text, near=self._actor.kelurahan)
        return known.kelurahan.get(text) or known.by_code(text) or known.by_name(text, kecamatan, self._actor.kelurahan)

    async def place(self, session: WriteSession, drafts: Sequence[Draft]) -> None:
        """Gives each draft its place and its placement, or a finding that says why it has none."""
        plain: list[Draft] = []
        unclear: list[Draft] = []
        for draft in drafts:
            if draft.lon is None and draft.place is not None and not self._is_usable(draft):
                continue
            if draft.lon is not None or self._read_plainly(draft):
                plain.append(draft)
            elif draft.places or draft.place is not None:
                unclear.append(draft)
        around = self._around(plain)
        lost = [
            draft for draft, nearby in zip(plain, around, strict=True) if not nearby and draft.current is None and not self._lands(draft)
        ]
        if lost or unclear:
            self._rescue([*unclear, *lost])
            again = [draft for draft in (*unclear, *lost) if draft.lon is not None]
            known = dict(zip(map(id, plain), around, strict=True)) | dict(zip(map(id, again), self._around(again), strict=True))
            plain = [*plain, *(draft for draft in unclear if draft.lon is not None)]
            around = [known[id(draft)] for draft in plain]
        await self._judge(session, plain, around)

    def _around(self, drafts: Sequence[Draft]) -> list[tuple[Nearby, ...]]:
        return self._polygons.around([draft.lon or 0.0 for draft in drafts], [draft.lat or 0.0 for draft in drafts]) if drafts else []

    def _lands(self, draft: Draft) -> bool:
        return self._polygons.lands([draft.lon or 0.0], [draft.lat or 0.0], self._tolerance(draft))[0]

    def _tolerance(self, draft: Draft) -> float:
        accuracy = draft.values.get("accuracy_m")
        return tolerance_m(accuracy if isinstance(accuracy, float) and accuracy > 0 else None, self._polygons.edition.accuracy_m)

    def _is_usable(self, draft: Draft) -> bool:
        """What of a layer came from another datum: asked about where the way is less exact than the edition, and no place where it is less
        exact than anybody could use, or where the cells of the row say another datum.
        """
        shift, column = draft.shift, self._layout.place_column(draft)
        if draft.place is None or not is_same(draft.system, shift.epsg if shift else None, draft.place):
            draft.findings.append(RowFinding("coordinate-datum-differs", column))
            draft.faulty.add(PLACE)
            return False
        if shift is not None and shift.accuracy_m > TRUSTED_M:
            draft.findings.append(RowFinding("geometry-datum", column))
            draft.faulty.add(PLACE)
            return False
        if shift is not None and shift.accuracy_m > self._polygons.edition.accuracy_m:
            repairs = [f"datum-{shift.epsg}-{shift.moved_m:.0f}"]
            draft.findings.append(
                RowFinding("coordinate-repaired", column, {"lon": draft.place[0], "lat": draft.place[1], "repairs": repairs})
            )
            draft.repair = {"raw": _raw(draft), "repairs": repairs}
        return True

    def _read_plainly(self, draft: Draft) -> bool:
        """Degrees as they should be written need no rescue."""
        if draft.place is not None:
            lon, lat = draft.place
        else:
            first, second = draft.places.get("lon"), draft.places.get("lat")
            if first is None or second is None or not draft.system.is_wgs84:
                return False
            found = _degrees(first), _degrees(second)
            if found[0] is None or found[1] is None:
                return False
            lon, lat = found  # type: ignore[assignment]
        if not is_position(lon, lat):
            return False
        draft.lon, draft.lat = lon, lat
        return True

    def _rescue(self, drafts: Sequence[Draft]) -> None:
        reads = [self._reader.read(draft) for draft in drafts]
        near = [(index, one) for index, read in enumerate(reads) for one in read.readings if self._cities.is_around(one.lon, one.lat)]
        landed = (
            self._polygons.lands(
                [one.lon for _, one in near], [one.lat for _, one in near], self._polygons.reach * 100_000, self._cities.has
            )
            if near
            else []
        )
        hits = {(index, one) for (index, one), lands in zip(near, landed, strict=True) if lands}
        for index, (draft, read) in enumerate(zip(drafts, reads, strict=True)):
            self._decide(draft, read, [(index, one) in hits for one in read.readings])

    def _decide(self, draft: Draft, read: Readings, landed: Sequence[bool]) -> None:
        decided = texts.decide(read, landed)
        column = self._layout.place_column(draft)
        if decided.reading is not None:
            draft.lon, draft.lat = decided.reading.lon, decided.reading.lat
            if decided.decision == "one-repair":
                facts = {"lon": draft.lon, "lat": draft.lat, "repairs": list(decided.reading.repairs)}
                draft.findings.append(RowFinding("coordinate-repaired", column, facts))
                draft.repair = {"raw": _raw(draft), "repairs": facts["repairs"]}
            if decided.is_coarse:
                draft.findings.append(RowFinding("coordinate-coarse", column))
        elif draft.lon is None or decided.reason not in ("nothing-lands", "nothing-read"):
            # Plain degrees that land nowhere keep their place: the verdict says how far away that is.
            draft.lon = draft.lat = None
            draft.findings.append(self._unread(draft, decided.reason or "nothing-read"))
            draft.faulty.add(PLACE)

    def _unread(self, draft: Draft, reason: str) -> RowFinding:
        """Why there is no place, at the cell whose value it is."""
        if reason == "nothing-read" and (half := missing_half(draft)):
            return RowFinding("row-field-missing", self._layout.column(half, draft), titles(_PLACES.get(half), half))
        name = faulty_name(draft) if reason in ("nothing-read", "nothing-lands") else None
        return RowFinding(f"coordinate-{reason}", self._layout.column(name, draft) if name else self._layout.place_column(draft))

    async def _judge(self, session: WriteSession, drafts: Sequence[Draft], around: Sequence[tuple[Nearby, ...]]) -> None:
        declared: list[tuple[Draft, str | None]] = []
        for draft, nearby in zip(drafts, around, strict=True):
            if (draft.spots or len(draft.places) > 1 or draft.place) and not self._is_said_alike(draft):
                continue
            if "kelurahan" in draft.faulty:
                continue
            claimed = draft.kelurahan or (self._actor.kelurahan[0] if self._own and len(self._own) == 1 else None)
            if nearby and any(one.covers and (claimed is None or one.code == claimed) for one in nearby):
                self._conclude(draft, nearby)
            else:
                declared.append((draft, claimed))
        if declared:
            places = [PlaceQuery(draft.lon or 0.0, draft.lat or 0.0, claimed) for draft, claimed in declared]
            _, found = await locate(session, places)
            for (draft, _), nearby in zip(declared, found, strict=True):
                self._conclude(draft, nearby)

    def _is_said_alike(self, draft: Draft) -> bool:
        """Whether all cells mean the place that was taken. Beside a geometry, which counts, others are what is left of an earlier place."""
        if (found := self._reader.elsewhere(draft, self._layout)) is None:
            return True
        if draft.place is not None:
            draft.findings.append(RowFinding("place-columns-differ", found.spot.column))
            return True
        draft.lon = draft.lat = None
        draft.findings.append(RowFinding("coordinate-several-places", found.spot.column, said_apart(found, draft, self._layout)))
        draft.faulty.add(PLACE)
        return False

    def _conclude(self, draft: Draft, nearby: Sequence[Nearby]) -> None:
        tolerance = self._tolerance(draft)
        column = self._layout.place_column(draft)
        own = self._actor.kelurahan if self._own is not None else ()
        if draft.kelurahan is None and len(own) != 1 and all(one.distance_m > tolerance for one in nearby):
            draft.findings.append(RowFinding("point-outside-all", column))
            return
        try:
            declared = declare(draft.kelurahan, own, nearby, tolerance)
            self._actor.demand_kelurahan(declared)
            placement = place(declared, nearby, tolerance, self._polygons.edition)
        except Misplaced as error:
            names = ", ".join(str(one["name"]) for one in error.members.get("candidates", ()))  # type: ignore[attr-defined]
            draft.findings.append(RowFinding("kelurahan-not-clear", column, {"candidates": names or "-"}))
            return
        except Forbidden:
            draft.findings.append(RowFinding("kelurahan-not-your-own", column, {"name": nearby[0].name if nearby else "-"}))
            return
        except LookupError:
            draft.findings.append(RowFinding("kelurahan-not-found", self._layout.column("kelurahan", draft)))
            return
        draft.placement, draft.kelurahan = placement, declared
        draft.flags = list(placement.flags)
        is_unmoved = _is_unmoved(draft)
        if finding := _placement_finding(placement, column, is_explained=_is_explained(draft), is_unmoved=is_unmoved):
            draft.findings.append(finding)
            draft.flags = ["override"] if finding.code == "place-explained" else draft.flags
        if is_unmoved and draft.current is not None and (REJUDGED in draft.current["placement"]["flags"] or not placement.accepted):
            draft.flags.append(REJUDGED)


def _is_explained(draft: Draft) -> bool:
    """By the row, or by what its point has said about the same place."""
    if draft.values.get("override_reason"):
        return True
    current = draft.current
    return current is not None and bool(current["override_reason"]) and (draft.lon, draft.lat) == (current["lon"], current["lat"])


def _is_unmoved(draft: Draft) -> bool:
    """Whether the place is that of its point as it went to review, believed without a reason, be it that boundaries have changed since."""
    current = draft.current
    if current is None or current["state"] == "draft" or current["override_reason"] or draft.lon is None or draft.lat is None:
        return False
    return draft.kelurahan == current["kelurahan"] and is_same_place((draft.lon, draft.lat), (current["lon"], current["lat"]))


def _placement_finding(placement: Placement, column: int | None, *, is_explained: bool, is_unmoved: bool) -> RowFinding | None:
    declared, found = placement.declared, placement.kelurahan
    if placement.verdict == "inside":
        return RowFinding("place-overlap", column) if placement.flags else None
    facts: Mapping[str, object] = {
        "declared": declared.name,
        "found": found.name if found else "",
        "distance_m": round(declared.distance_m, 1),
        "bearing": round(declared.bearing or 0.0),
    }
    if placement.accepted:
        return RowFinding("place-near", column, facts)
    code = "place-explained" if is_explained else "place-rejudged" if is_unmoved else f"row-{placement.verdict}"
    return RowFinding(code, column, facts)


def _raw(draft: Draft) -> dict[str, str]:
    """The coordinate as the file has it."""
    if draft.shift is not None:
        return {"coordinates": f"{draft.shift.x!r}, {draft.shift.y!r} ({draft.shift.datum})"}
    if draft.place is not None:
        return {"coordinates": f"{draft.place[0]!r}, {draft.place[1]!r}"}
    return {name: written(cell)[:LONGEST_RAW] for name, cell in draft.places.items()}


def _degrees(cell: object) -> float | None:
    """A number of degrees with four decimals or more; None for anything that deserves a closer look."""
    if isinstance(cell, float):
        return cell if -180 <= cell <= 180 and round(cell, 3) != cell else None
    if isinstance(cell, str) and _DEGREES.fullmatch(cell.strip()):
        return float(cell)
    return None
