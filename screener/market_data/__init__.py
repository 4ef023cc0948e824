"""What is asked for and kept: prices, rates, splits, estimates, closes."""
