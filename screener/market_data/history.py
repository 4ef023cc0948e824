"""The P/E of a name over the years: daily closes on today's shares over EPS, and its band."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from statistics import quantiles
from typing import Literal

from screener.consensus import splits
from screener.consensus.choice import choose
from screener.consensus.fiscal_calendar import fiscal_year_in_progress
from screener.consensus.judge import factor_of, history, turning_days
from screener.market_data import fx
from screener.market_data.coverage import Coverage
from screener.market_data.daily_rates import at_other_rates, daily_rates, of_day, pairs_of
from screener.market_data.fx import Conversion, Pair
from screener.market_data.quotes import OLD_AFTER_DAYS
from screener.market_data.split_lookup import Evidence, last_trading_days, up_to_date_splits
from screener.model.messages import joined, say
from screener.model.problems import Problem
from screener.model.records import Close, Estimate, Listing, Vintage
from screener.model.symbols import currency_of
from screener.sources.answers import last_final_day
from screener.sources.child import Children
from screener.sources.closes import A_SHARE, fetch_closes

EpsBasis = Literal["consensus", "fixed"]

# The percentiles of a band: symmetric, and none so far out that one bad week makes it.
BAND = (10, 25, 50, 75, 90)

# Fewer days make no band: a month of trading, which five percentiles can still be told apart in.
LEAST_DAYS = 20

DAYS_A_YEAR = 365.25

# A vintage, and the day whose fiscal year in progress is FY1.
Used = tuple[Vintage, date]


@dataclass(frozen=True, slots=True)
class Band:
    """A name's P/E by day, the oldest first, and where the last one stands among them.

    `closes` are per share of the last day, in `currency`; `multiples` has None where EPS of that
    day was a loss or not known, and `gap` says which on the last one. `percentiles` has the values
    of `BAND`, empty for too few days; `standing` is the share of the days with a lower P/E than
    the last one.
    """

    listing: Listing
    currency: str
    days: tuple[date, ...]
    closes: tuple[float, ...]
    multiples: tuple[float | None, ...]
    percentiles: Mapping[int, float]
    standing: float | None
    gap: Literal["NM", "n/a"] = "n/a"

    @property
    def count(self) -> int:
        """How many days have a P/E: the ones that the percentiles are of."""
        return sum(multiple is not None for multiple in self.multiples)

    @property
    def last(self) -> float | None:
        return self.multiples[-1] if self.multiples else None


def bands(
    coverage: Coverage,
    rows: Sequence[Listing],
    years: float,
    line: EpsBasis,
    now: datetime,
    timeout: float,
    *,
    offline: bool = False,
) -> tuple[list[Band], list[Problem]]:
    """The band of each listing over so many years; only days that are not stored are asked for.

    On the `consensus` line EPS is that of FY1 as it was known on each day: before the first
    vintage there is none. On the `fixed` line it is today's for all days, so that the band is one
    of prices. Both are per share of the last day of trading. Each day is converted at its own
    exchange rate; days that have none of theirs, at the last one, and that is said.
    """
    days = last_trading_days(rows, now)
    start = max(days.values(), default=now.date()) - timedelta(days=round(years * DAYS_A_YEAR))
    store = coverage.store
    problems: list[Problem] = []
    if not offline:
        with Children() as children:
            problems += _fetch(children, coverage, rows, start, now, timeout)
            record, faults = up_to_date_splits(
                children, days, store, Evidence(), now, timeout, start=start
            )
        coverage = replace(coverage, record=record)
        problems += faults
    stored = store.closes({row.symbol for row in rows}, start)
    rates = daily_rates(coverage, rows, start)
    made = []
    for row in rows:
        band, faults = _band(coverage, row, stored[row.symbol], days[row], rates, line)
        problems += faults
        made += [band] if band else []
    return made, [*problems, *store.problems]


def _fetch(
    children: Children,
    coverage: Coverage,
    rows: Iterable[Listing],
    start: date,
    now: datetime,
    timeout: float,
) -> list[Problem]:
    """Ask for the closes and rates that are not stored, and keep them; a problem for each name
    without.
    """
    store = coverage.store
    calendars = {row.symbol: row.symbol for row in rows}
    calendars |= dict.fromkeys(pairs_of(coverage, rows), A_SHARE)
    wanted = {}
    for symbol, calendar in calendars.items():
        reached = store.closes_reach(symbol, start)
        if reached is None or reached < last_final_day(calendar, now):
            # From the day after: each close that is kept says of which day its share is.
            wanted[symbol] = start if reached is None else reached + timedelta(days=1)
    found = fetch_closes(children, wanted, now, timeout)
    store.save_closes(found.closes, found.lookups)
    by_symbol = {row.symbol: row for row in rows}
    # Of a pair without its past, the days that go without their own rate are said.
    return found.problems + [
        by_symbol[symbol].problem("no_history", joined(dict.fromkeys(why)))
        for symbol, why in found.reasons.items()
        if symbol in by_symbol
    ]


def _band(
    coverage: Coverage,
    row: Listing,
    closes: Sequence[Close],
    until: date,
    rates: Mapping[Pair, Sequence[Conversion]],
    line: EpsBasis,
) -> tuple[Band | None, list[Problem]]:
    factor = factor_of(row.symbol, coverage.record)
    kept = [close for close in closes if close.day <= until]
    prices = [close.close / factor(close.per_share_of, until) for close in kept]
    days = [close.day for close in kept]
    if line == "consensus":
        used = _used_by_day(coverage, row, days)
    else:
        used = [(choose(coverage.history(row), "latest", date.max), until)] * len(days)
    traded = currency_of(row.symbol)
    to_eps = {quote: known for (base, quote), known in rates.items() if base == traded}
    lacking = {vintage.currency for vintage, _ in filter(None, used)} - to_eps.keys() - {traded}
    if lacking:
        message = say(
            "price in {traded}, EPS in {currency}: no rate is stored, `screener run` gets it",
            traded=traded,
            currency=", ".join(sorted(lacking)),
        )
        return None, [row.problem("no_rate", message)]
    to_eps[traded] = (fx.SAME_CURRENCY,)
    converted = [
        of_day(to_eps[basis[0].currency], day) if basis else None
        for day, basis in zip(days, used, strict=True)
    ]
    multiples = tuple(
        price * rate.value * factor(basis[0].as_of, until) / eps
        if basis and rate and (eps := _eps(row, basis)) is not None
        else None
        for price, basis, rate in zip(prices, used, converted, strict=True)
    )
    known = sorted(multiple for multiple in multiples if multiple is not None)
    last = multiples[-1] if multiples else None
    band = Band(
        listing=row,
        currency=traded,
        days=tuple(days),
        closes=tuple(prices),
        multiples=multiples,
        percentiles=_percentiles(known) if len(known) >= LEAST_DAYS else {},
        standing=None if last is None else sum(multiple < last for multiple in known) / len(known),
        gap="NM" if used and _estimate(row, used[-1]) is not None else "n/a",
    )
    unsure = {}
    if kept:
        first = kept[0].per_share_of
        unsure[row] = splits.adjustment(row.symbol, first, until, coverage.record)
    return band, [
        *_faults(band, until),
        *at_other_rates(row, days, converted),
        *splits.faults(unsure),
    ]


def _faults(band: Band, until: date) -> Iterator[Problem]:
    row = band.listing
    if band.count < LEAST_DAYS:
        message = say("{days} days with a P/E: too few for a band", days=band.count)
        yield row.problem("no_history", message)
    age = (until - band.days[-1]).days if band.days else 0
    if age > OLD_AFTER_DAYS:
        message = say("the last close is of {day}, {age} days ago", day=band.days[-1], age=age)
        yield row.problem("old_price", message)


def _estimate(row: Listing, used: Used | None) -> Estimate | None:
    """What was expected for FY1."""
    if used is None:
        return None
    vintage, day = used
    return vintage.of(fiscal_year_in_progress(day, row.fiscal_year_end))


def _eps(row: Listing, used: Used | None) -> float | None:
    """EPS of FY1, if it is a profit."""
    estimate = _estimate(row, used)
    return estimate.eps if estimate and estimate.eps > 0 else None


def _percentiles(known: Sequence[float]) -> dict[int, float]:
    # Inclusive: these days are all there were, not a sample of more.
    cuts = quantiles(known, n=100, method="inclusive")
    return {percent: cuts[percent - 1] for percent in BAND}


def _used_by_day(coverage: Coverage, row: Listing, days: Sequence[date]) -> list[Used | None]:
    """For each day what a run on that day would have used; None before the first vintage.

    What was accepted later was in doubt then.
    """
    stored = coverage.store.vintages([row.symbol])
    every = history(row, stored, coverage.record)
    turns = turning_days([verdict.vintage for verdict in every])
    judged = {turn: history(row, stored, coverage.record, turn) for turn in turns}
    found: list[Used | None] = []
    for day in days:
        turn = bisect_right(turns, day)
        found.append((choose(judged[turns[turn - 1]], "latest", day), day) if turn else None)
    return found
