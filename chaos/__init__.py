"""Attacks on a Titik of their own, with figures: what `make chaos` runs."""
