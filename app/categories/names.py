"""Names that a category or an attribute cannot have, because they mean something else wherever points are read or written. Pure."""

import re

CATEGORY_NAME = re.compile(r"[a-z][a-z0-9_]{1,40}")
ATTRIBUTE_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")

RESERVED = frozenset({
    "accounts", "all", "api", "areas", "audit", "boundaries", "catalog", "catalogue", "categories", "category", "changes", "collections", "conformance",
    "contacts", "desa", "evidence", "exports", "health", "imports", "indicators", "items", "kabupaten", "kecamatan", "kelurahan", "kota", "labels",
    "clusters", "locate", "me", "photos", "points", "portal", "profile_values", "profiles", "progress", "provinsi", "queryables", "quests", "regions",
    "releases", "reports", "reviews", "schema", "schemas", "styles", "sync", "template", "tiles", "titik", "tokens", "webhooks",
})  # fmt: skip
"""Collections, layers of tiles and resources that there are, or will be."""

HIDEABLE = ("name", "address", "rw", "rt", "accuracy_m", "method", "captured_at", "predecessors")
"""The common properties that a category may hide; the others tell what an item is and where."""
DEMANDABLE = ("name", "address", "rw", "rt", "captured_at", "accuracy_m")
"""The common properties that a category may require."""
KEYS = ("kelurahan", "rw", "rt", "name")
"""The common properties that a natural key may have."""
IN_NAMES = ("rt", "rw", "address")
"""The common properties that a name can be made of: those that are known when the name is."""
PHOTOS = "photos"
"""Photos are for those who work on a point, unless a category says `public`."""

TAKEN = frozenset({
    # Properties of every point, and what a client may send beside them.
    "id", "category", "name", "kelurahan", "kelurahan_name", "kecamatan", "status", "address", "rw", "rt", "accuracy_m", "method", "captured_at",
    "verified_at", "predecessors", "succession", "state", "revision", "version", "placement", "override_reason", "confirm_not_duplicate",
    "confirm_name", "reason", "flags", "attributes", "geometry", "geom", "type", "properties", "links", "feature_id", PHOTOS, "contacts",
    # Columns of imported files and of exports.
    "lat", "lon", "coordinate", "datum", "zone", "rt_rw", "rw_rt", "id2", "fid", "srid", "bbox", "longitude", "latitude",
    # Parameters of a query, beside which queryables stand.
    "f", "q", "crs", "datetime", "limit", "offset", "cursor", "filter", "sortby", "view", "near", "within", "within_m", "words", "collections", "draft", "dry_run",
    "resulttype", "mode",
})  # fmt: skip
"""What an attribute cannot be called."""
LONGEST_NAME = 200
"""Of a point, made or given."""
