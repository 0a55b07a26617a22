"""The page on which a telephone enters points, and what makes it a thing that can be installed. It says nothing of whoever looks at it: a
service worker keeps it, and hands it out without a network to whoever has the telephone.
"""

from app.language import Language, Text
from app.pages.assets import assets
from app.pages.frame import Frame, page

TITLE = Text("Catat titik", "Enter points")
_NAME = Text("Titik: catat", "Titik: entry")


def entry(frame: Frame) -> str:
    return page("entry.html", frame, TITLE.say(frame.language))


def manifest(root: str, language: Language) -> dict[str, object]:
    """The web application manifest (W3C)."""
    icon = {"src": f"{root}/static/{assets().name('icon.svg')}", "type": "image/svg+xml", "sizes": "any"}
    return {
        "id": f"{root}/portal/catat",
        "name": _NAME.say(language),
        "short_name": "Titik",
        "lang": language,
        "start_url": f"{root}/portal/catat",
        "scope": f"{root}/portal/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#0a5a8a",
        "icons": [{**icon, "purpose": "any"}, {**icon, "purpose": "maskable"}],
    }
