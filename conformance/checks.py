"""Abstract tests of the standards, written from their texts, each against a served Titik over HTTP. Grouped by conformance class; a check
that fails raises.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import mapbox_vector_tile

Check = Callable[["Service"], None]
CHECKS: dict[str, list[Check]] = {}
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
TMS = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
REL = "http://www.opengis.net/def/rel/ogc/1.0/"


@dataclass
class Service:
    client: httpx.Client
    tokens: dict[str, str]
    collection: str = "posyandu"

    def get(self, path: str, status: int = 200, **options: Any) -> httpx.Response:
        answer = self.client.get(path, **options)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:300])
        return answer

    def items(self, query: str = "", status: int = 200) -> Any:
        return self.get(f"/collections/{self.collection}/items{query}", status).json()

    def link(self, document: Any, rel: str, media_type: str | None = None) -> str:
        found = [
            one["href"] for one in document["links"] if one["rel"] == rel and (media_type is None or one["type"].startswith(media_type))
        ]
        assert found, (rel, media_type, [one["rel"] for one in document["links"]])
        return str(found[0])

    def as_role(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[f'TITIK_TOKEN_{role}']}"}


def check(conformance_class: str) -> Callable[[Check], Check]:
    def add(function: Check) -> Check:
        CHECKS.setdefault(conformance_class, []).append(function)
        return function

    return add


# -- OGC API Features, Part 1


@check("Features 1: core")
def landing_leads_to_everything(service: Service) -> None:
    landing = service.get("/", headers={"Accept": "application/json"}).json()
    for rel in ("self", "service-desc", "conformance", "data"):
        service.get(service.link(landing, rel))


@check("Features 1: core")
def every_class_is_told(service: Service) -> None:
    classes = service.get("/conformance").json()["conformsTo"]
    for name in ("core", "geojson", "html", "oas30"):
        assert f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}" in classes
    assert "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs" in classes


@check("Features 1: core")
def collections_have_extents_links_and_items(service: Service) -> None:
    listed = service.get("/collections").json()
    assert len(listed["collections"]) >= 5
    for collection in listed["collections"]:
        alone = service.get(service.link(collection, "self")).json()
        assert alone["id"] == collection["id"]
        assert len(collection["extent"]["spatial"]["bbox"][0]) == 4
        assert collection["itemType"] == "feature"
        page = service.get(service.link(collection, "items", "application/geo+json")).json()
        assert page["type"] == "FeatureCollection"
    service.get("/collections/tidak-ada", 404)


@check("Features 1: core")
def limit_is_kept(service: Service) -> None:
    assert len(service.items("?limit=3")["features"]) == 3
    assert len(service.items()["features"]) == 10
    assert len(service.items("?limit=20000")["features"]) <= 10_000
    for wrong in ("0", "-1", "abc", "1.5", ""):
        service.items(f"?limit={wrong}", 400)


@check("Features 1: core")
def bbox_selects_by_intersection(service: Service) -> None:
    page = service.items("?bbox=111.99,-7.83,112.02,-7.80&limit=1000")
    assert page["features"]
    for feature in page["features"]:
        lon, lat = feature["geometry"]["coordinates"]
        assert 111.99 <= lon <= 112.02
        assert -7.83 <= lat <= -7.80
    for wrong in ("1,2,3", "a,b,c,d", "1,2,3,nan", "0,10,10,0"):
        service.items(f"?bbox={wrong}", 400)


@check("Features 1: core")
def datetime_selects(service: Service) -> None:
    for right in (
        "2018-02-12T23:20:50Z",
        "2018-02-12T00:00:00Z/2030-03-18T12:31:12Z",
        "2018-02-12T00:00:00Z/..",
        "../2018-03-18T12:31:12Z",
    ):
        service.items(f"?datetime={right}")
    for wrong in ("kemarin", "2018-13-01", "2020-01-01/2019-01-01"):
        service.items(f"?datetime={wrong}", 400)


@check("Features 1: core")
def datetime_matches_what_has_no_time(service: Service) -> None:
    """Data of this shape are needed: some items with a time, some without, some of another time."""
    times = {one["id"]: one["properties"]["captured_at"] for one in service.items("?limit=1000")["features"]}
    timeless = {item for item, at in times.items() if at is None}
    some = min(at for at in times.values() if at)
    assert timeless
    assert len(timeless) < len(times)
    for span, within in ((some, lambda at: at == some), (f"{some}/..", lambda at: at >= some), ("1900-01-01", lambda _: False)):
        found = {one["id"] for one in service.items(f"?limit=1000&datetime={span}")["features"]}
        assert found == timeless | {item for item, at in times.items() if at and within(at)}, span


@check("Features 1: core")
def unknown_parameters_are_refused(service: Service) -> None:
    service.items("?tidak_ada=1", 400)
    for path in ("/?x=1", "/collections?x=1", "/conformance?x=1"):
        service.get(path, 400)


@check("Features 1: core")
def pages_follow_each_other(service: Service) -> None:
    total = service.items("?limit=1")["numberMatched"]
    ids: list[str] = []
    following: str | None = f"/collections/{service.collection}/items?limit=50"
    while following:
        page = service.get(following).json()
        assert page["numberReturned"] == len(page["features"])
        ids += [feature["id"] for feature in page["features"]]
        following = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    assert len(ids) == len(set(ids)) == total


@check("Features 1: core")
def one_feature(service: Service) -> None:
    first = service.items("?limit=1")["features"][0]
    alone = service.get(f"/collections/{service.collection}/items/{first['id']}")
    assert alone.headers["content-type"].startswith("application/geo+json")
    assert alone.json()["properties"] == first["properties"]
    service.link(alone.json(), "self")
    service.link(alone.json(), "collection")
    service.get(f"/collections/{service.collection}/items/tidak-ada", 404)


@check("Features 1: html")
def html_by_accept_and_by_parameter(service: Service) -> None:
    first = service.items("?limit=1")["features"][0]["id"]
    base = f"/collections/{service.collection}"
    for path in ("/", "/conformance", "/collections", base, f"{base}/items", f"{base}/items/{first}"):
        for answer in (service.get(path, headers={"Accept": "text/html"}), service.get(f"{path}?f=html")):
            assert answer.headers["content-type"].startswith("text/html")
            assert "<html" in answer.text


@check("Features 1: oas30")
def the_api_is_openapi_3_0(service: Service) -> None:
    from openapi_spec_validator import OpenAPIV30SpecValidator, validate  # noqa: PLC0415

    landing = service.get("/", headers={"Accept": "application/json"}).json()
    answer = service.get(service.link(landing, "service-desc"))
    assert answer.headers["content-type"].startswith("application/vnd.oai.openapi+json")
    document = answer.json()
    assert document["openapi"].startswith("3.0")
    validate(document, cls=OpenAPIV30SpecValidator)


# -- Part 2


@check("Features 2: crs")
def crs_are_listed(service: Service) -> None:
    for collection in service.get("/collections").json()["collections"]:
        assert CRS84 in collection["crs"]
        assert collection["storageCrs"] in collection["crs"]
        assert {f"{EPSG}{code}" for code in (4326, 3857, 32749, 9470, 23836)} <= set(collection["crs"])


@check("Features 2: crs")
def coordinates_come_in_every_listed_crs(service: Service) -> None:
    collection = service.get(f"/collections/{service.collection}").json()
    lon, lat = service.items("?limit=1")["features"][0]["geometry"]["coordinates"]
    for crs in collection["crs"]:
        answer = service.get(f"/collections/{service.collection}/items?limit=1&crs={crs}")
        assert answer.headers["content-crs"] == f"<{crs}>"
        x, y = answer.json()["features"][0]["geometry"]["coordinates"]
        if crs == f"{EPSG}4326":
            assert (x, y) == (lat, lon)
    for unlisted in (999999, 32748, 4269):
        for parameter in ("crs", "bbox=1,2,3,4&bbox-crs", "filter=name='x'&filter-crs"):
            service.items(f"?{parameter}={EPSG}{unlisted}", 400)
    service.items("?bbox=1,2,3,4&bbox-crs=http://www.opengis.net/def/crs/0/unknown", 400)


@check("Features 2: crs")
def the_same_box_in_every_crs(service: Service) -> None:
    from pyproj import CRS, Transformer  # noqa: PLC0415

    wanted = {one["id"] for one in service.items("?limit=1000&bbox=111.99,-7.83,112.02,-7.80")["features"]}
    for code in (4326, 3857, 32749, 9470, 23836):
        west, south, east, north = Transformer.from_crs(4326, code, always_xy=True).transform_bounds(111.99, -7.83, 112.02, -7.80)
        flipped = CRS.from_epsg(code).axis_info[0].direction == "north"
        box = (south, west, north, east) if flipped else (west, south, east, north)
        page = service.items(f"?limit=1000&bbox-crs={EPSG}{code}&bbox={','.join(map(repr, box))}")
        assert wanted <= {one["id"] for one in page["features"]}, code


# -- Parts 3, 4, 5


@check("Features 3: queryables")
def queryables_are_a_schema_and_parameters(service: Service) -> None:
    collection = service.get(f"/collections/{service.collection}").json()
    schema = service.get(service.link(collection, f"{REL}queryables")).json()
    assert schema["$schema"].endswith("2020-12/schema")
    assert schema["type"] == "object"
    assert {"name", "kelurahan", "geometry"} <= schema["properties"].keys()
    for feature in service.items("?limit=100&jenis=lansia")["features"]:
        assert feature["properties"]["jenis"] == "lansia"


@check("Features 3: filter, features-filter")
def filters_select(service: Service) -> None:
    everything = service.items("?limit=1")["numberMatched"]
    some = service.items("?limit=1&filter=kader_aktif>=6")["numberMatched"]
    others = service.items("?limit=1&filter=NOT (kader_aktif>=6) OR kader_aktif IS NULL")["numberMatched"]
    assert 0 < some < everything
    assert some + others == everything
    as_json = '{"op":">=","args":[{"property":"kader_aktif"},6]}'
    assert service.items(f"?limit=1&filter-lang=cql2-json&filter={as_json}")["numberMatched"] == some
    for wrong in ("tidak_ada=1", "name=", "name LIKE", "kader_aktif='x' AND", "S_INTERSECTS(name,POINT(1 1))"):
        service.items(f"?filter={wrong}", 400)


_CQL2 = {
    "cql2-text, basic-cql2": "jenis='lansia' AND (kader_aktif>5 OR kader_aktif<=5 OR kader_aktif IS NULL) AND NOT name='x'",
    "advanced-comparison-operators": "name LIKE 'Posyandu%' AND kader_aktif BETWEEN 1 AND 20 AND jenis IN ('balita','lansia')",
    "case-insensitive-comparison": "CASEI(name) LIKE CASEI('posyandu%')",
    "accent-insensitive-comparison": "ACCENTI(name) LIKE ACCENTI('Pósyandu%')",
    "spatial-functions": "S_WITHIN(geometry,POLYGON((111 -9,113 -9,113 -7,111 -7,111 -9))) AND NOT S_DISJOINT(geometry,BBOX(111,-9,113,-7))",
    "spatial-functions of collections": "S_WITHIN(geometry,GEOMETRYCOLLECTION(POINT Z (1 2 3),BBOXED)) AND "
    "NOT S_TOUCHES(geometry,GEOMETRYCOLLECTION(LINESTRING(1 2,3 4),BBOXED))".replace(
        "BBOXED", "POLYGON((111 -9,113 -9,113 -7,111 -7,111 -9))"
    ),
    "temporal-functions": "T_AFTER(verified_at,TIMESTAMP('2020-01-01T00:00:00Z'))",
    "property-property, arithmetic": "kader_aktif+1>kader_aktif AND name<>kelurahan_name",
}


@check("CQL2")
def every_class_of_cql2(service: Service) -> None:
    for name, text in _CQL2.items():
        answer = service.client.get(f"/collections/{service.collection}/items", params={"filter": text, "limit": 1})
        assert answer.status_code == 200, (name, answer.text)
        assert answer.json()["numberMatched"] > 0, name


@check("Features 4: create, replace, update, delete")
def a_point_is_made_changed_and_taken_back(service: Service) -> None:
    path, pic = f"/collections/{service.collection}/items", service.as_role("PIC")
    feature = {
        "type": "Feature", "geometry": {"type": "Point", "coordinates": [112.0016, -7.8041]},
        "properties": {"name": "Posyandu Kesesuaian", "kelurahan": "35.71.01.1011", "confirm_not_duplicate": True},
    }  # fmt: skip
    made = service.client.post(path, json=feature, headers=pic)
    assert made.status_code == 201, made.text
    location, tag = made.headers["location"], made.headers["etag"]
    assert service.client.put(location, json=feature, headers=pic).status_code == 428
    replaced = service.client.put(location, json=feature, headers={**pic, "If-Match": tag})
    assert replaced.status_code == 200, replaced.text
    assert service.client.patch(location, json={"properties": {"rw": "1"}}, headers={**pic, "If-Match": '"999"'}).status_code == 412
    patched = service.client.patch(location, json={"properties": {"rw": "1"}}, headers={**pic, "If-Match": replaced.headers["etag"]})
    assert patched.json()["properties"]["rw"] == "01"
    assert service.client.delete(location, headers={**pic, "If-Match": patched.headers["etag"]}).status_code == 204
    assert service.client.get(location, headers=pic).status_code == 404


@check("Features 5: schemas")
def the_schema_tells_every_property(service: Service) -> None:
    collection = service.get(f"/collections/{service.collection}").json()
    schema = service.get(service.link(collection, f"{REL}schema")).json()
    assert schema["properties"]["geometry"]["x-ogc-role"] == "primary-geometry"
    for feature in service.items("?limit=100")["features"]:
        assert feature["properties"].keys() <= schema["properties"].keys() | {"predecessors"}


# -- OGC API Tiles


@check("Tiles: core, tileset, tilesets-list, geodata and dataset tilesets")
def tilesets_lead_to_tiles(service: Service) -> None:
    landing = service.get("/", headers={"Accept": "application/json"}).json()
    collection = service.get(f"/collections/{service.collection}").json()
    for document in (landing, collection):
        tilesets = service.get(service.link(document, f"{REL}tilesets-vector")).json()["tilesets"]
        assert tilesets[0]["tileMatrixSetURI"] == TMS
        tileset = service.get(service.link(tilesets[0], "self")).json()
        assert tileset["dataType"] == "vector"
        template = service.link(tileset, "item")
        assert "{tileMatrix}" in template
        address = template.format(tileMatrix=10, tileRow=534, tileCol=830) if "{tileMatrix}" in template else template
        answer = service.get(address)
        assert answer.headers["content-type"].startswith("application/vnd.mapbox-vector-tile")
        assert mapbox_vector_tile.decode(answer.content)


@check("Tiles: core, tileset, tilesets-list, geodata and dataset tilesets")
def what_is_no_tile_is_refused(service: Service) -> None:
    path = f"/collections/{service.collection}/tiles/WebMercatorQuad"
    for wrong in ("10/2147483647/830", "10/534/2147483647", "31/0/0"):
        assert service.client.get(f"{path}/{wrong}").status_code in (400, 404)
    assert service.client.get(f"/collections/{service.collection}/tiles/TidakAda/10/534/830").status_code in (400, 404)
    service.get(f"{path}/5/0/0")


@check("Tiles: mvt, TileJSON, style")
def a_map_finds_its_way(service: Service) -> None:
    tilejson = service.get(f"/collections/{service.collection}/tiles/WebMercatorQuad/tilejson.json").json()
    assert tilejson["tilejson"].startswith("3.0")
    service.get(tilejson["tiles"][0].format(z=10, y=534, x=830))
    style = service.get("/styles/titik").json()
    assert style["version"] == 8
    assert {layer["source"] for layer in style["layers"] if "source" in layer} <= style["sources"].keys()
