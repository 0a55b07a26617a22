"""The page on which a telephone enters points, and what makes it a thing that can be installed. It says nothing of whoever looks at it: a
service worker keeps it, and hands it out without a network to whoever has the telephone.
"""

from app.language import Language, Text
from app.pages.assets import assets
from app.pages.frame import Frame, page
from app.pages.navigation import menus

TITLE = Text("Catat titik", "Enter points")
_WITHOUT_NETWORK = Text("Tidak ada jaringan", "No network")
_NAME = Text("Titik: catat", "Titik: entry")


def entry(frame: Frame) -> str:
    return page("entry.html", frame, TITLE.say(frame.language), menus=menus())


def without_network(frame: Frame) -> str:
    """What the service worker answers for a page that it does not have."""
    return page("entry_without_network.html", frame, _WITHOUT_NETWORK.say(frame.language))


def manifest(root: str, language: Language) -> dict[str, object]:
    """The web application manifest (W3C)."""

    def icon(name: str, sizes: str, purpose: str) -> dict[str, str]:
        media_type = "image/svg+xml" if name.endswith(".svg") else "image/png"
        return {"src": f"{root}/static/{assets().name(name)}", "type": media_type, "sizes": sizes, "purpose": purpose}

    return {
        "id": f"{root}/portal/catat",
        "name": _NAME.say(language),
        "short_name": "Titik",
        "lang": language,
        "start_url": f"{root}/portal/catat",
        "scope": f"{root}/portal/",
        "display": "standalone",
        "background_color": "#fffdf8",
        "theme_color": "#0b5f4c",
        "icons": [
            icon("icon.svg", "any", "any"),
            icon("icon-192.png", "192x192", "any"),
            icon("icon-512.png", "512x512", "any"),
            icon("icon-maskable.png", "512x512", "maskable"),
        ],
    }
