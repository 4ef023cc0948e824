"""What the terminal shows of the report, as it was looked at; `python -m tests.golden` renews."""
