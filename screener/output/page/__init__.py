"""One HTML file that needs nothing else: the tables and charts of a result in a browser."""
