"""The printed figures against each other: which of them cannot be right, by arithmetic alone."""
