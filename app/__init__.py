"""Titik: the facilities of a city's kelurahan on one map."""

__version__ = "0.1.0"
