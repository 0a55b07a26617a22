"""Titik: the facilities of a city's kelurahan on one map."""

from pathlib import Path

"""Titik: the facilities of a city's kelurahan on one map."""

__version__ = "0.1.0"
ROOT = Path(__file__).resolve().parent.parent
"""Where this package and that of the migrations lie."""
