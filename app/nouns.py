"""The nouns of the workflow. The queue, the inbox, the feed, webhooks and the record know each that is in this list."""

from app.figures.noun import VALUE
from app.points.noun import POINT
from app.workflow.noun import Noun

NOUNS: tuple[Noun, ...] = (POINT, VALUE)
OF_KIND = {noun.kind: noun for noun in NOUNS}
