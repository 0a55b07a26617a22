"""A photo as clients get it back; what they send is its bytes."""

from collections.abc import Mapping
from typing import Any

MEDIA_TYPE = "image/jpeg"
_KNOWN_TO_WORKERS = ("taken_at", "distance_m")


def photo_json(row: Mapping[str, Any], here: str) -> dict[str, Any]:
    """For everybody its size and addresses; for those who work on the point also what was found out about it."""
    address = f"{here}/points/{row['point_id']}/photos/{row['id']}"
    shown: dict[str, Any] = {
        "id": str(row["id"]),
        "point": str(row["point_id"]),
        "width": row["width"],
        "height": row["height"],
        "bytes": row["bytes"],
        "href": address,
        "thumbnail": f"{address}?size=small",
    }
    if "flags" not in row:
        return shown
    shown |= {"version": row["number"], "flags": list(row["flags"]), "published": row["approved"], "uploaded_at": row["created_at"]}
    return shown | {name: row[name] for name in _KNOWN_TO_WORKERS if row[name] is not None}
