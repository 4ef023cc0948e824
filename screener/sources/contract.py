"""What a source of prices must do, whatever it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from screener.model.problems import Problem
from screener.model.records import Listing, Profile, Quote, Rate
from screener.sources.asking import Days
from screener.sources.plausible import Known
from screener.sources.splits import Splits


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a source answered: a quote, or a problem that names it, for every listing asked.

    What it says of the companies beside their prices comes along, where it does; so do the splits
    that were asked for.
    """

    quotes: Mapping[Listing, Quote]
    rates: Sequence[Rate] = ()
    problems: Sequence[Problem] = ()
    profiles: Sequence[Profile] = ()
    splits: Splits = field(default_factory=Splits)


@dataclass(frozen=True, slots=True)
class Ask:
    """What a source is asked: prices of these listings, now, within so many seconds.

    With `as_of`, prices of after that day are of no use. With `cross_check`, every source that has
    a name is asked for it. `pairs` are the exchange rates wanted, as (base, quote). `progress` is
    told how many prices have come, and of how many. Prices and rates that `known` makes doubtful
    are asked of another source, too. `unprofiled` are symbols whose accounts are wanted, where
    those do not come with the price. `splits_since` are the days after which splits are wanted.
    """

    listings: Sequence[Listing]
    now: datetime
    timeout: float = 20.0
    as_of: date | None = None
    cross_check: bool = False
    pairs: frozenset[tuple[str, str]] = frozenset()
    progress: Callable[[int, int], None] | None = None
    known: Known = field(default_factory=Known)
    unprofiled: frozenset[str] = frozenset()
    splits_since: Days = field(default_factory=dict)


# A source of prices. It raises nothing for what it cannot get: that is a problem.
Provider = Callable[[Ask], Fetched]
