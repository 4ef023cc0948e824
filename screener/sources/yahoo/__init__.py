"""Yahoo, through yfinance."""
