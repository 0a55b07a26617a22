"""The conformance classes of OGC that are met, and no others. docs/conformance.md has a row for each of their requirements."""

_OGC = "http://www.opengis.net/spec"
_CLASSES = {
    # `array-functions` and `functions` of CQL2 are not there.
    "OGC API - Common, Part 1: Core": ("ogcapi-common-1/1.0", "core landing-page json html oas30"),
    "OGC API - Common, Part 2: Geospatial Data": ("ogcapi-common-2/1.0", "collections json html"),
    "OGC API - Features, Part 1: Core": ("ogcapi-features-1/1.0", "core geojson html oas30"),
    "OGC API - Features, Part 2: Coordinate Reference Systems by Reference": ("ogcapi-features-2/1.0", "crs"),
    "OGC API - Features, Part 3: Filtering": ("ogcapi-features-3/1.0", "queryables queryables-query-parameters filter features-filter"),
    "Common Query Language (CQL2)": (
        "cql2/1.0",
        """
        cql2-text cql2-json basic-cql2 advanced-comparison-operators case-insensitive-comparison accent-insensitive-comparison
        basic-spatial-functions basic-spatial-functions-plus spatial-functions temporal-functions property-property arithmetic
        """,
    ),
    "OGC API - Features, Part 4: Create, Replace, Update and Delete": (
        "ogcapi-features-4/1.0",
        "create-replace-delete update optimistic-locking-etags features",
    ),
    "OGC API - Features, Part 5: Schemas": (
        "ogcapi-features-5/1.0",
        "schemas core-roles-features returnables-and-receivables queryables sortables",
    ),
    "OGC API - Features, Part 6: Property Selection (draft)": ("ogcapi-features-6/1.0", "properties properties-features"),
    "OGC API - Features, Part 8: Sorting": ("ogcapi-features-8/1.0", "sortables sorting features-sorting"),
    "OGC API - Features, Part 9: Text Search": ("ogcapi-features-9/1.0", "text-search features-text-search"),
    "OGC API - Styles (draft)": ("ogcapi-styles-1/1.0", "core global-styles"),
    "OGC API - Tiles, Part 1: Core": (
        "ogcapi-tiles-1/1.0",
        "core tileset tilesets-list dataset-tilesets geodata-tilesets collections-selection mvt oas30",
    ),
    "OGC Two Dimensional Tile Matrix Set": ("tms/2.0", "tilematrixset json-tilematrixset"),
}
STANDARDS = {name: [f"{_OGC}/{standard}/conf/{one}" for one in classes.split()] for name, (standard, classes) in _CLASSES.items()}
CONFORMANCE = [uri for uris in STANDARDS.values() for uri in uris]
