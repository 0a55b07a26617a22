"""QR codes as SVG within a page."""

import segno
from markupsafe import Markup


def qr_code(text: str) -> Markup:
    """An SVG as wide as its place, for whom it is labelled there. Nothing of the text stands in it as text."""
    code = segno.make(text, error="m", micro=False)
    return Markup(code.svg_inline(omitsize=True, border=4, svgclass="qr", lineclass=None, dark="#000", light="#fff"))  # noqa: S704
