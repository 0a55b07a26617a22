"""The first page: what this is, where everything lies, and how far its boundaries can be trusted."""

from html import escape
from string import Template
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from app.boundaries import queries as boundaries
from app.boundaries.notes import boundary_note, edition_json
from app.categories import queries as categories
from app.language import Text
from app.problems import problems
from app.routers.deps import AsJson, AsPage, Here, Reading, Speaking, StrictRoute, open_to_all

router = APIRouter(route_class=StrictRoute, tags=["landing"])

TITLE = Text("Titik: peta bersama kelurahan", "Titik: the kelurahan on one map")
DESCRIPTION = Text(
    "Kantor kelurahan, posyandu, pos kamling dan RT di satu peta: diisi oleh PIC kelurahan, diperiksa walidata, terbuka untuk semua.",
    "Kelurahan offices, posyandu, pos kamling and RT on one map: written by each kelurahan, reviewed by the walidata, open to all.",
)
CONFORMANCE = [
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
]


@router.get("/", response_class=Response, responses=problems(400, 503))
@open_to_all
async def landing(request: Request, session: Reading, here: Here, language: Speaking, f: AsPage = None) -> Response:
    """The landing page (OGC API Common): JSON, or HTML by `Accept` or `f=html`."""
    edition = await boundaries.active(session)
    headers = {"Vary": "Accept, Accept-Language", "Content-Language": language}
    if f == "html" or (f is None and "text/html" in request.headers.get("accept", "")):
        rows = await categories.all_public(session)
        return HTMLResponse(_page(here, language, boundary_note(edition, language), rows), headers=headers)
    body = {
        "title": TITLE.say(language),
        "description": DESCRIPTION.say(language),
        "attribution": "Pemerintah Kota Kediri",
        "boundaries": edition_json(edition, language) if edition else None,
        "note": boundary_note(edition, language),
        "links": [
            {"rel": "self", "type": "application/json", "href": f"{here}/"},
            {"rel": "alternate", "type": "text/html", "href": f"{here}/?f=html"},
            {"rel": "service-desc", "type": "application/vnd.oai.openapi+json;version=3.1", "href": f"{here}/api"},
            {"rel": "conformance", "type": "application/json", "href": f"{here}/conformance"},
            {"rel": "data", "type": "application/json", "href": f"{here}/collections"},
        ],
    }
    shown = {name: value for name, value in body.items() if value is not None}
    return Response(orjson.dumps(shown), headers=headers, media_type="application/json")


@router.get("/conformance", responses=problems(400))
@open_to_all
async def conformance(_format: AsJson = None) -> dict[str, list[str]]:
    """The conformance classes that are met."""
    return {"conformsTo": CONFORMANCE}


_PAGE = Template("""<!doctype html>
<html lang="$language">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
  body { font: 1.05rem/1.6 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; color: #1c2733; }
  h1 { font-size: 1.6rem; line-height: 1.25 }
  .note { background: #fff4d6; border-left: .3rem solid #b97900; padding: .7rem 1rem }
  code { overflow-wrap: anywhere }
  a { color: #0b5c8c }
  li { margin: .3rem 0 }
</style>
<h1>$title</h1>
<p>$description</p>
$note
<h2>$collections</h2>
<ul>
$rows
</ul>
<p><a href="$here/collections">/collections</a> · <a href="$here/api">/api</a> · <a href="$here/?f=json">JSON</a></p>
</html>
""")


def _page(here: str, language: Any, note: str | None, rows: Any) -> str:
    items = "\n".join(
        f'<li><a href="{escape(here)}/collections/{escape(row["id"])}/items?limit=100">{escape(row["title"][language])}</a></li>'
        for row in rows
    )
    return _PAGE.substitute(
        language=language,
        title=escape(TITLE.say(language)),
        description=escape(DESCRIPTION.say(language)),
        note=f'<p class="note">{escape(note)}</p>' if note else "",
        collections=Text("Data", "Data").say(language),
        rows=items,
        here=escape(here),
    )
