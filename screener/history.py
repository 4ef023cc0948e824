"""The P/E of a name over the years: daily closes on today's shares over EPS, and its band."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import quantiles
from typing import Literal

from screener import actions, estimates, fx, splits
from screener.consensus import fiscal_year_in_progress
from screener.model import Close, Listing, Problem
from screener.providers import facts
from screener.splits import Record
from screener.store import Store
from screener.symbols import currency_of
from screener.upkeep import Desk
from screener.vintages import Factor, Judged, choose
from screener.wording import joined, say

Line = Literal["consensus", "fixed"]
# The percentiles of a band.
BAND = (10, 25, 50, 75, 90)
# Fewer days make no band.
LEAST_DAYS = 20
DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Band:
    """A name's P/E by day, the oldest first, and where the last one stands among them.

    `closes` are per share of the last day, in `currency`; `multiples` has None where EPS of that
    day was a loss or not known. `percentiles` has the values of `BAND`, empty for too few days;
    `standing` is the share of the days with a lower P/E than the last one.
    """

    listing: Listing
    currency: str
    days: tuple[date, ...]
    closes: tuple[float, ...]
    multiples: tuple[float | None, ...]
    percentiles: Mapping[int, float]
    standing: float | None

    @property
    def last(self) -> float | None:
        return self.multiples[-1] if self.multiples else None


def bands(
    at: Desk,
    rows: Sequence[Listing],
    years: float,
    line: Line,
    now: datetime,
    timeout: float,
    *,
    offline: bool = False,
) -> tuple[list[Band], list[Problem]]:
    """The band of each listing over so many years; only days that are not stored are asked for.

    On the `consensus` line EPS is that of FY1 as it was known on each day: before the first
    vintage there is none. On the `fixed` line it is today's for all days, so that the band is one
    of prices. Both are per share of the last day of trading. The exchange rate is the last one.
    """
    days = actions.traded(rows, now)
    start = max(days.values(), default=now.date()) - timedelta(days=round(years * DAYS_A_YEAR))
    problems: list[Problem] = []
    record = at.record
    if not offline:
        problems += _fetch(at.store, rows, start, now, timeout)
        since = {row.symbol: start for row in rows}
        found = facts.look_up_splits(_not_reached(since, days, record), (), now, timeout)
        at.store.save_splits(found.splits, found.lookups, now)
        problems += found.problems
        record = splits.record(*at.store.splits(since))
    stored = at.store.closes({row.symbol for row in rows}, start)
    rates = {
        (rate.base, rate.quote): rate.value
        for rate in (*at.store.rates(), *fx.opposite(at.store.rates()))
    }
    made = []
    for row in rows:
        band, faults = _band(at, row, stored.get(row.symbol, []), days[row], record, rates, line)
        problems += faults
        made += [band] if band else []
    return made, [*problems, *at.store.problems]


def _not_reached(
    since: Mapping[str, date], days: Mapping[Listing, date], record: Record
) -> dict[str, date]:
    until = {row.symbol: day for row, day in days.items()}
    return {
        symbol: start
        for symbol, start in since.items()
        if record.reach(symbol, splits.SOURCES[symbol.rpartition(".")[2]][0], start) < until[symbol]
    }


def _fetch(
    store: Store, rows: Iterable[Listing], start: date, now: datetime, timeout: float
) -> list[Problem]:
    """Ask for the closes that are not stored, and keep them; a problem for each name without."""
    wanted = {}
    for row in rows:
        reached = store.closes_reach(row.symbol, start)
        if reached is None or reached < actions.traded([row], now)[row]:
            wanted[row.symbol] = start if reached is None else reached + timedelta(days=1)
    found = facts.fetch_closes(wanted, now, timeout)
    store.save_closes(found.closes, found.lookups)
    by_symbol = {row.symbol: row for row in rows}
    return [
        *found.problems,
        *(
            Problem("no_history", by_symbol[symbol].where, joined(dict.fromkeys(why)), symbol)
            for symbol, why in found.reasons.items()
        ),
    ]


def _band(
    at: Desk,
    row: Listing,
    closes: Sequence[Close],
    until: date,
    record: Record,
    rates: Mapping[tuple[str, str], float],
    line: Line,
) -> tuple[Band | None, list[Problem]]:
    judged = at.history(row)
    currency = choose(judged, "latest", until).currency
    traded = currency_of(row.symbol)
    rate = 1.0 if traded == currency else rates.get((traded, currency))
    if rate is None:
        message = say(
            "price in {traded}, EPS in {currency}: no rate is stored, `screener run` gets it",
            traded=traded,
            currency=currency,
        )
        return None, [Problem("no_rate", row.where, message, row.symbol)]
    factor = estimates.factor_of(row.symbol, record)
    kept = [each for each in closes if each.day <= until]
    prices = [each.close / factor(each.per_share_of, until) for each in kept]
    eps = _eps_by_day(row, judged, [each.day for each in kept], until, factor, line)
    multiples = tuple(
        price * rate / each if each is not None and each > 0 else None
        for price, each in zip(prices, eps, strict=True)
    )
    known = sorted(each for each in multiples if each is not None)
    last = multiples[-1] if multiples else None
    problems = []
    if len(known) < LEAST_DAYS:
        message = say("{days} days with a P/E: too few for a band", days=len(known))
        problems.append(Problem("no_history", row.where, message, row.symbol))
    unsure = splits.adjustment(row.symbol, kept[0].per_share_of, until, record) if kept else None
    if unsure and unsure.fault:
        problems.append(Problem(unsure.kind, row.where, unsure.fault, row.symbol))
    band = Band(
        listing=row,
        currency=traded,
        days=tuple(each.day for each in kept),
        closes=tuple(prices),
        multiples=multiples,
        percentiles=_percentiles(known) if len(known) >= LEAST_DAYS else {},
        standing=None if last is None else sum(each < last for each in known) / len(known),
    )
    return band, problems


def _percentiles(known: Sequence[float]) -> dict[int, float]:
    cuts = quantiles(known, n=100, method="inclusive")
    return {at: cuts[at - 1] for at in BAND}


def _eps_by_day(
    row: Listing,
    judged: Sequence[Judged],
    days: Sequence[date],
    until: date,
    factor: Factor,
    line: Line,
) -> list[float | None]:
    """EPS of FY1 for each day, per share of the last one."""
    if line == "fixed":
        used = choose(judged, "latest", until)
        estimate = used.of(fiscal_year_in_progress(until, row.fiscal_year_end))
        fixed = estimate.eps / factor(used.as_of, until) if estimate else None
        return [fixed] * len(days)
    # Between two vintages, and two fiscal year ends, nothing changes.
    usable = [each.vintage for each in judged if not each.doubt]
    first_days = sorted({each.as_of for each in usable})
    found: list[float | None] = []
    for day in days:
        if not first_days or bisect_right(first_days, day) == 0:
            found.append(None)
            continue
        used = choose(judged, "latest", day)
        estimate = used.of(fiscal_year_in_progress(day, row.fiscal_year_end))
        found.append(estimate.eps / factor(used.as_of, until) if estimate else None)
    return found
