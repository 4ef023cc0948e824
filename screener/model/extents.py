"""How large and how small a figure of a vendor's can be at all, whatever share it is of.

Wide enough for every share of these markets there ever was (as of 2026), and far too narrow for
milliseconds in place of seconds, or for a decimal point that has gone astray by six places.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

Record = TypeVar("Record")


class Extent(NamedTuple):
    """The sizes from `least` to `most`; a figure below zero counts by its size where it may be."""

    least: float
    most: float
    may_be_negative: bool = False
    may_be_zero: bool = False

    def holds(self, value: float) -> bool:
        """Whether a figure can be one of these; NaN and infinity are none."""
        if value == 0:
            return self.may_be_zero
        size = abs(value) if self.may_be_negative else value
        return self.least <= size <= self.most


PRICE = Extent(1e-4, 1e6)
# Of the past, per share of now: all splits since then have made them smaller, or larger.
CLOSE = Extent(1e-6, 1e7)
# EPS and book value; in yen and won they have five digits.
PER_SHARE = Extent(1e-6, 1e5, may_be_negative=True, may_be_zero=True)
DIVIDEND = Extent(1e-6, 1e5, may_be_zero=True)
CENTS = Extent(1e-4, 1e7, may_be_negative=True, may_be_zero=True)
# New shares for an old one.
RATIO = Extent(1e-3, 1e3)
SHARES = Extent(1e4, 1e13)
MARKET_CAP = Extent(1e4, 1e15)
MULTIPLE = Extent(1e-3, 1e6, may_be_negative=True)
# A part of the price.
YIELD = Extent(1e-6, 10, may_be_zero=True)
RATE = Extent(1e-6, 1e6)
ANALYSTS = Extent(1, 1000)
YEAR = Extent(1990, 2099)
# Since 1970, of the same years.
SECONDS = Extent(6.32e8, 4.1e9)
MINUTES = Extent(1, 10_080, may_be_zero=True)

# What a record of the store may hold, by the names of its fields: wider than what vendors may say,
# as people type estimates, too. A rate's and a multiple's `value` is of either kind.
_KEPT_EPS = Extent(1e-12, 1e6, may_be_negative=True, may_be_zero=True)
_KEPT_BOUND = Extent(0, 1e7, may_be_negative=True, may_be_zero=True)
KEPT: Mapping[str, Extent] = {
    "price": PRICE,
    "previous_close": PRICE,
    "close": CLOSE,
    "ratio": RATIO,
    "value": Extent(1e-12, 1e9, may_be_negative=True, may_be_zero=True),
    "eps": _KEPT_EPS,
    "eps_low": _KEPT_BOUND,
    "eps_high": _KEPT_BOUND,
    "eps_ttm": _KEPT_EPS,
    "book_value": _KEPT_EPS,
    "dividend": _KEPT_EPS,
    "fiscal_year": YEAR,
}


def held(record: Record) -> Record:
    """The record, if none of its figures is beyond what it can be. Raises ValueError otherwise."""
    for name, extent in KEPT.items():
        value = getattr(record, name, None)
        if value is not None and not extent.holds(value):
            raise ValueError(f"{name} beyond reason")
    return record
