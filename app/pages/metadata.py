"""The pages of metadata: activities (MS-Keg) and variables (MS-Var). From values to HTML."""

from collections.abc import Mapping, Sequence

from app.language import Text
from app.metadata.activities import missing
from app.metadata.reading import DescribedActivity
from app.metadata.schemas import ActivityShort
from app.pages.frame import Frame, page

ACTIVITIES = "/metadata/activities"
VARIABLES = "/metadata/variables"
_ACTIVITIES, _VARIABLES = Text("Kegiatan statistik", "Statistical activities"), Text("Variabel", "Variables")
ACCESSIBILITIES: Mapping[str, Text] = {
    "public": Text("umum", "public"),
    "internal": Text("internal: hanya kantor", "internal: offices only"),
    "restricted": Text("terbatas: hanya yang mengerjakan titiknya", "restricted: only those who work on the point"),
}


def activities(frame: Frame, listed: Sequence[ActivityShort]) -> str:
    return page("activities.html", frame, _ACTIVITIES.say(frame.language), [_data(frame)], listed=listed, path=frame.root + ACTIVITIES)


def activity(frame: Frame, one: DescribedActivity) -> str:
    language = frame.language
    crumbs = [_data(frame), (_ACTIVITIES.say(language), f"{frame.here}{ACTIVITIES}")]
    variables = f"{frame.root}{VARIABLES}?activity={one.id}"
    return page("activity.html", frame, one.title[language], crumbs, one=one, missing=missing(one.blocks), listed=variables)


def variables(frame: Frame, shown: Sequence[DescribedActivity]) -> str:
    language = frame.language
    title = _VARIABLES.say(language)
    crumbs = [_data(frame), (_ACTIVITIES.say(language), f"{frame.here}{ACTIVITIES}")]
    if len(shown) == 1:
        title = f"{title}: {shown[0].title[language]}"
    words = {name: text.say(language) for name, text in ACCESSIBILITIES.items()}
    return page("variables.html", frame, title, crumbs, shown=shown, words=words, path=frame.root + ACTIVITIES)


def _data(frame: Frame) -> tuple[str, str]:
    return "Data", f"{frame.here}/collections"
