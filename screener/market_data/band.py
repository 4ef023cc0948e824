"""The band of a name's multiple over the years: its percentiles, and where it stands now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import quantiles
from typing import Literal

from screener.market_data.quotes import OLD_AFTER_DAYS
from screener.model.messages import Sentence, say
from screener.model.problems import Problem
from screener.model.records import Listing
from screener.model.symbols import currency_of

# The multiples that have a past: FY1's of ours, the others as vendors have them.
TITLES = {"pe_fy1": say("P/E FY1"), "pe_ttm": say("P/E TTM"), "pb": say("P/B")}
Of = Literal["pe_fy1", "pe_ttm", "pb"]

# The percentiles of a band: symmetric, and none so far out that one bad week makes it.
BAND = (10, 25, 50, 75, 90)

# Fewer days make no band: a month of trading, which five percentiles can still be told apart in.
LEAST_DAYS = 20


@dataclass(frozen=True, slots=True)
class Band:
    """A name's multiple by day, the oldest first, and where the last one stands among them.

    `closes` are per share of the last day, in `currency`; `multiples` has None where EPS of that
    day was a loss or not known, and `gap` says which on the last one. `percentiles` has the values
    of `BAND`, empty for too few days; `standing` is the share of the days with a lower P/E than
    the last one. `of` is the multiple's name.
    """

    listing: Listing
    currency: str
    days: tuple[date, ...]
    closes: tuple[float | None, ...]
    multiples: tuple[float | None, ...]
    percentiles: Mapping[int, float]
    standing: float | None
    gap: Literal["NM", "n/a"] = "n/a"
    of: str = "pe_fy1"

    @property
    def title(self) -> Sentence:
        """What its multiples are called."""
        return TITLES[self.of]

    @property
    def count(self) -> int:
        """How many days have a P/E: the ones that the percentiles are of."""
        return sum(multiple is not None for multiple in self.multiples)

    @property
    def last(self) -> float | None:
        return self.multiples[-1] if self.multiples else None


def band_of(
    row: Listing,
    of: Of,
    days: Sequence[date],
    closes: Sequence[float | None],
    multiples: Sequence[float | None],
    gap: Literal["NM", "n/a"],
) -> Band:
    known = sorted(multiple for multiple in multiples if multiple is not None)
    last = multiples[-1] if multiples else None
    return Band(
        listing=row,
        currency=currency_of(row.symbol),
        days=tuple(days),
        closes=tuple(closes),
        multiples=tuple(multiples),
        percentiles=_percentiles(known) if len(known) >= LEAST_DAYS else {},
        standing=None if last is None else standing_of(last, known),
        gap=gap,
        of=of,
    )


def band_problems(band: Band, until: date) -> Iterator[Problem]:
    row = band.listing
    if band.count < LEAST_DAYS:
        message = say(
            "{days} days with a {multiple}: too few for a band",
            days=band.count,
            multiple=band.title,
        )
        yield row.problem("no_history", message)
    age = (until - band.days[-1]).days if band.days else 0
    if age > OLD_AFTER_DAYS:
        message = say("the last close is of {day}, {age} days ago", day=band.days[-1], age=age)
        yield row.problem("old_price", message)


def standing_of(last: float, known: Sequence[float]) -> float:
    """The share of the multiples that are lower than the last of them."""
    return sum(multiple < last for multiple in known) / len(known)


def _percentiles(known: Sequence[float]) -> dict[int, float]:
    # Inclusive: these days are all there were, not a sample of more.
    cuts = quantiles(known, n=100, method="inclusive")
    return {percent: cuts[percent - 1] for percent in BAND}
