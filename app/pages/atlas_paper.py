"""The map and its list on paper: numbered, to scale, with a legend, a date, a source, and a code that leads to the present state."""

from collections.abc import Sequence
from datetime import date
from typing import Literal, NamedTuple

from app.atlas.searching import FoundPoints
from app.boundaries.outlines import Outline
from app.language import Text
from app.pages.atlas import ListEntry
from app.pages.atlas_map import SentView, chosen, counted, drawing_of, entries_of
from app.pages.frame import Frame, page
from app.pages.qr import qr_code
from app.pages.signs import signs
from app.published.catalogue import Known

PaperSize = Literal["A4", "A3"]
LISTED = 200
"""So many numbers can be found on a sheet."""
_TALLEST = 600.0


class Paper(NamedTuple):
    """`map_mm`: how wide the map is on the sheet, which lies on its side."""

    size: PaperSize
    map_mm: int


PAPERS: dict[PaperSize, Paper] = {"A4": Paper("A4", 165), "A3": Paper("A3", 250)}
_TITLE = Text("Peta untuk dicetak", "A map to print")


def paper(frame: Frame, known: Known, found: FoundPoints, sent: SentView, outlines: Sequence[Outline], size: PaperSize, day: date) -> str:
    """`day`: that of the state which is shown."""
    language = frame.language
    every = signs(known.visible(found.collection.half), language)
    rows = entries_of(frame, found, every)
    drawing = drawing_of(found, rows, sent, outlines, is_numbered=True, tallest=_TALLEST)
    present = {entry.category for entry in rows}
    chosen_paper = PAPERS[size]
    return page(
        "atlas_paper.html", frame, _TITLE.say(language), size=size, sizes=list(PAPERS), view=sent, rows=rows, counted=counted(found, len(rows), language),
        chosen=chosen(known, found, language), signs=list(every.values()), legend=_legend(rows, [one for one in every.values() if one.category in present]),
        drawing=drawing, scale=round(drawing.width_m * 1000 / chosen_paper.map_mm, -2) if drawing else None, today=day,
        edition=known.edition, address=sent.href(frame.here), qr=qr_code(sent.href(frame.here)), is_part=found.cursor is not None,
    )  # fmt: skip


def _legend(rows: Sequence[ListEntry], present: Sequence[object]) -> list[tuple[object, int]]:
    """Each sign, and how many of it are on the sheet."""
    return [(sign, sum(1 for entry in rows if entry.sign == sign)) for sign in present]
