"""What a reviewer is told to look at, by its word."""

from app.points.personal import PERSONAL
from app.points.rules import UNCONDITIONAL

FLAGS = ("near", "overlap", "override", "near-duplicate", "same-place", "clock-ahead", "rejudged", UNCONDITIONAL, PERSONAL)
