"""The P/E of a name over the years: daily closes on today's shares over EPS, and its band."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal

from screener.consensus import splits
from screener.consensus.choice import choose
from screener.consensus.fiscal_calendar import fiscal_year_in_progress
from screener.consensus.judge import factor_of, history, turning_days
from screener.market_data import fx
from screener.market_data.band import Band, band_of, band_problems
from screener.market_data.coverage import Coverage
from screener.market_data.daily_rates import at_other_rates, daily_rates, of_day
from screener.market_data.fx import Conversion, Pair
from screener.market_data.past_days import begin_of, believable, with_past
from screener.market_data.quotes import calendar_problems
from screener.market_data.split_lookup import last_trading_days
from screener.model.calendars import market_day
from screener.model.messages import say
from screener.model.problems import Problem
from screener.model.records import Close, Estimate, Listing, Vintage
from screener.model.symbols import currency_of

EpsBasis = Literal["consensus", "fixed"]

# A vintage, and the day whose fiscal year in progress is FY1.
Used = tuple[Vintage, date]


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
    start = begin_of(years, days, now)
    coverage, problems = with_past(
        coverage, rows, days, start, now, timeout, offline=offline, of="pe_fy1"
    )
    stored = coverage.store.closes({row.symbol for row in rows}, start)
    rates = daily_rates(coverage, rows, start)
    made = []
    for row in rows:
        band, faults = _band(coverage, row, stored[row.symbol], days[row], rates, line)
        problems += faults
        made += [band] if band else []
    unknown = calendar_problems(rows, market_day(now))
    return made, [*problems, *unknown, *coverage.store.problems]


def _band(
    coverage: Coverage,
    row: Listing,
    closes: Sequence[Close],
    until: date,
    rates: Mapping[Pair, Sequence[Conversion]],
    line: EpsBasis,
) -> tuple[Band | None, list[Problem]]:
    factor = factor_of(row.symbol, coverage.record)
    kept, odd = believable(row, [close for close in closes if close.day <= until], coverage.record)
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
    gap: Literal["NM", "n/a"] = "NM" if used and _estimate(row, used[-1]) is not None else "n/a"
    band = band_of(row, "pe_fy1", days, prices, multiples, gap)
    unsure = {}
    if kept:
        first = kept[0].per_share_of
        unsure[row] = splits.adjustment(row.symbol, first, until, coverage.record)
    return band, [
        *odd,
        *band_problems(band, until),
        *at_other_rates(row, days, converted),
        *splits.faults(unsure),
    ]


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
