"""Decades of days at once: the catalogue's figures for every listing and day, on frames at rest."""
