"""A broker's document to watchlists."""
