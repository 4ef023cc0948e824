"""What one unit of a currency can be worth: rates beyond are slips of a decimal or of a pair.

`currencies.csv` has the CNY for one unit that would surprise nobody (as of 2026): wide enough for
years, and too narrow for a factor of ten.
"""

from __future__ import annotations

from screener.model.figures import Interval
from screener.model.shipped import rows_of


def plausible_rates(base: str, quote: str) -> Interval | None:
    """The units of `quote` that one of `base` can buy; None for a currency not in the table."""
    worth = {
        row["currency"]: (float(row["low"]), float(row["high"])) for row in rows_of("currencies")
    }
    if base not in worth or quote not in worth:
        return None
    (low, high), (quote_low, quote_high) = worth[base], worth[quote]
    return Interval(low / quote_high, high / quote_low)
