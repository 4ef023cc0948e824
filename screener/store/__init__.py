"""What was once fetched and computed, in one SQLite file."""
