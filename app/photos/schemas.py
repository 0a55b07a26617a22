"""A photo as clients get it back; what they send is its bytes."""

from collections.abc import Mapping
from datetime import datetime
from typing import NotRequired
from uuid import UUID

from app.wire import Answer, answer_from

MEDIA_TYPE = "image/jpeg"


class Photo(Answer):
    """From `version` on it is what those are told who work on the point."""

    id: UUID
    point: UUID
    width: int
    height: int
    bytes: int
    href: str
    thumbnail: str
    version: NotRequired[int]
    """That of the point which it was compared with."""
    flags: NotRequired[list[str]]
    published: NotRequired[bool]
    uploaded_at: NotRequired[datetime]
    taken_at: NotRequired[datetime]
    distance_m: NotRequired[float]
    """Between where it says that it was taken and the point."""


class Photos(Answer):
    photos: list[Photo]


def photo_json(row: Mapping[str, object], here: str) -> Photo:
    """For everybody its size and addresses; for those who work on the point also what was found out about it."""
    address = f"{here}/points/{row['point_id']}/photos/{row['id']}"
    document = {"point": row["point_id"], "href": address, "thumbnail": f"{address}?size=small"}
    if "flags" in row:
        document |= {"version": row["number"], "published": row["approved"], "uploaded_at": row["created_at"]}
    return answer_from(Photo, {**row, **document})
