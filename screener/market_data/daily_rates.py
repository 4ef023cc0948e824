"""Exchange rates by day: a P/E of the past is converted at the rate of its own day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from screener.market_data import fx
from screener.market_data.coverage import Coverage
from screener.market_data.fx import Conversion, Pair
from screener.model.messages import say
from screener.model.problems import Problem
from screener.model.records import Listing, Rate
from screener.model.symbols import EXCHANGES, currency_of


def pairs_of(coverage: Coverage, rows: Iterable[Listing]) -> list[str]:
    """The pairs of currencies that P/Es of these listings may need a rate of."""
    stored = coverage.store.vintages({row.symbol for row in rows})
    found = [
        f"{currency_of(row.symbol)}/{currency}"
        for row in rows
        for currency in (row.eps_currency, *(each.currency for each in stored[row.symbol]))
        if currency not in ("", currency_of(row.symbol))
    ]
    return list(dict.fromkeys(found))


def daily_rates(
    coverage: Coverage, rows: Iterable[Listing], start: date
) -> Mapping[Pair, Sequence[Conversion]]:
    """Every stored rate by pair, the oldest first: those of runs, and those of each day."""
    store = coverage.store
    daily = [
        Rate(
            base=pair[:3],
            quote=pair[-3:],
            value=each.close,
            market_time=datetime.combine(each.day, EXCHANGES["SH"].close, EXCHANGES["SH"].zone),
            source=each.source,
        )
        for pair, closes in store.closes(pairs_of(coverage, rows), start).items()
        for each in closes
    ]
    return fx.by_pair([*store.every_rate(), *daily])


def of_day(rates: Sequence[Conversion], day: date) -> Conversion:
    """The rate of a day; of a day that has none, the last one."""
    found = fx.on(rates, day)
    return found if found and fx.age_of(found, day) <= fx.OLD_AFTER_DAYS else rates[-1]


def at_other_rates(
    row: Listing, days: Sequence[date], converted: Sequence[Conversion | None]
) -> Iterator[Problem]:
    """What is to be said of days that are converted at the rate of another time."""
    others: dict[Conversion, list[date]] = {}
    for day, rate in zip(days, converted, strict=True):
        if rate and rate.market_time and not 0 <= fx.age_of(rate, day) <= fx.OLD_AFTER_DAYS:
            others.setdefault(rate, []).append(day)
    for rate, without in others.items():
        message = say(
            "{count} days from {first} to {last} have no exchange rate of theirs: they are at that"
            " of {day}",
            count=len(without),
            first=without[0],
            last=without[-1],
            day=f"{rate.market_time:%Y-%m-%d}",
        )
        yield row.problem("old_rate", message)
