"""What differs between two states of a noun, as reviewers and writers read it."""

from typing import NotRequired

from app.wire import Answer


class Difference(Answer):
    """In the names and words of what was sent."""

    property: str
    before: object
    after: object
    moved_m: NotRequired[float]
    """Of a place that moved: geodesic metres."""
