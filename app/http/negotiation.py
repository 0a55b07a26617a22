"""Which of several representations a client likes best (RFC 9110 §12.5.1). Pure."""

from collections.abc import Iterable

_MOST = 20


def preferred(accept: str | None, offered: Iterable[tuple[str, str]]) -> str:
    """The name of the best of `offered`, which are names and media types, the service's own favourite first: of the highest quality, by
    the most specific range that matches it; among equals the one that the client names first. Where it likes none, the favourite: nobody
    is served worse by an answer of another type than by none.
    """
    choices = list(offered)
    ranges = [_range(part) for part in (accept or "*/*").split(",")[:_MOST]]
    best, chosen = (0.0, 0, 0, 0), choices[0][0]
    for number, (name, media_type) in enumerate(choices):
        kind = media_type.partition(";")[0].strip()
        specificity, quality, place = max(
            ((_specificity(wanted, kind), quality, -place) for place, (wanted, quality) in enumerate(ranges)),
            key=lambda found: (found[0], found[2]),
        )
        rank = (quality, specificity, place, -number)
        if specificity and quality > 0 and rank > best:
            best, chosen = rank, name
    return chosen


def favourite(accept: str | None) -> str:
    """The media range that a client likes best: of the highest quality the one that it names first."""
    ranges = [_range(part) for part in (accept or "*/*").split(",")[:_MOST]]
    return max(ranges, key=lambda found: found[1])[0]


def _range(part: str) -> tuple[str, float]:
    wanted, *parameters = (one.strip().lower() for one in part.split(";"))
    quality = next((one[2:] for one in parameters if one.startswith("q=")), "1")
    try:
        return wanted, min(max(float(quality), 0.0), 1.0)
    except ValueError:
        return wanted, 0.0


def _specificity(wanted: str, kind: str) -> int:
    """3 for the very type, 2 for `text/*`, 1 for whatever there is, 0 where it does not match."""
    return 3 if wanted == kind else 2 if wanted == f"{kind.partition('/')[0]}/*" else 1 if wanted == "*/*" else 0
