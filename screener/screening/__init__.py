"""The line from watchlists to a ranked table, and what is made of its results."""
