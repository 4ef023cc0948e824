"""Watchlist files to listings: printed figures, provenance, corrections."""
