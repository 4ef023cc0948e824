"""What one unit of a currency can be worth: rates beyond are slips of a decimal or of a pair.

`currencies.csv` has the CNY for one unit that would surprise nobody (as of 2026): wide enough for
years, and too narrow for a factor of ten.
"""

from __future__ import annotations

from collections.abc import Mapping

from screener.model.figures import Interval
from screener.model.shipped import rows_of

# CNY for one unit.
_WORTH: Mapping[str, Interval] = {
    row["currency"]: Interval(float(row["low"]), float(row["high"]))
    for row in rows_of("currencies")
}


def plausible_rates(base: str, quote: str) -> Interval | None:
    """The units of `quote` that one of `base` can buy; None for a currency not in the table."""
    worth, other = _WORTH.get(base), _WORTH.get(quote)
    if worth is None or other is None:
        return None
    return Interval(worth.low / other.high, worth.high / other.low)
