"""Printed figures with what their rounding leaves open, as intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from screener.model.messages import Sentence, say


@dataclass(frozen=True, slots=True)
class Interval:
    """All values from `low` to `high`, both included."""

    low: float
    high: float

    @property
    def midpoint(self) -> float:
        return (self.low + self.high) / 2

    def meet(self, other: Interval) -> Interval | None:
        """The values in both, or None where there are none."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        return Interval(low, high) if low <= high else None

    def times(self, other: Interval) -> Interval:
        """Every product of a value in this one and a value in the other."""
        corners = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(corners), max(corners))


@dataclass(frozen=True, slots=True)
class Figure:
    """A printed number: its text, its value, and what its rounding leaves open."""

    text: str
    value: float
    bounds: Interval


def crosses_zero(eps: Interval) -> bool:
    """Whether an EPS may have either sign within its rounding."""
    # EPS printed as 0.00 may have either sign: it allows every small price, and tells nothing.
    return eps.low <= 0 <= eps.high


def agreed(prices: Sequence[Interval]) -> Interval | None:
    """What the largest group of intervals has in common; None if that is not one sure group."""
    # Two of three years that agree outvote the third; one against one tells nothing. They
    # are told apart by their place: two years that print one price are two that agree.
    groups = {
        frozenset(n for n, other in enumerate(prices) if other.low <= price.low <= other.high)
        for price in prices
        if price.low > 0
    }
    first, second = [*sorted(groups, key=len, reverse=True), frozenset(), frozenset()][:2]
    alone = len(first) == 1 and len(prices) > 1
    if not first or alone or len(first) == len(second):
        return None
    members = [prices[n] for n in first]
    return Interval(max(price.low for price in members), min(price.high for price in members))


def span(interval: Interval, decimals: int = 2) -> Sentence:
    """An interval in words."""
    low, high = (f"{end:.{decimals}f}" for end in (interval.low, interval.high))
    return say("{low} to {high}", low=low, high=high)
