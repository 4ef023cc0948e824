"""Splits since the tables' days: from the store, and asked for where it does not reach the day."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from screener.consensus import splits
from screener.consensus.fiscal_calendar import Forward
from screener.consensus.splits import Record
from screener.model.calendars import last_trade
from screener.model.problems import Problem
from screener.model.records import Listing, Quote
from screener.sources.child import Children
from screener.sources.splits import look_up_splits
from screener.store.store import Store


@dataclass(frozen=True, slots=True)
class Shares:
    """What the share counts of a run say: by how much they have grown since the tables."""

    growths: Mapping[Listing, float]

    def jumped(self, record: Record, until: Mapping[Listing, date]) -> set[str]:
        """Symbols whose count has grown by a split's ratio that the record does not have."""
        known = {
            row: splits.adjustment(row.symbol, row.provenance.as_of, until[row], record)
            for row in self.growths
        }
        return {
            row.symbol
            for row, growth in self.growths.items()
            if splits.jump(row.symbol, growth / known[row].factor)
        }


def shares(quotes: Mapping[Listing, Quote], report_prices: Mapping[Listing, Quote]) -> Shares:
    """The growth of the share count of each listing where it is known."""
    growths = {
        row: splits.share_growth(row, report_prices.get(row), quote)
        for row, quote in quotes.items()
    }
    return Shares({row: growth for row, growth in growths.items() if growth is not None})


def stored_splits(listings: Sequence[Listing], kept: Store) -> Record:
    """The splits that are stored of these listings."""
    return splits.record(*kept.splits({row.symbol for row in listings}))


def up_to_date_splits(
    children: Children,
    until: Mapping[Listing, date],
    kept: Store,
    counted: Shares,
    now: datetime,
    timeout: float,
    *,
    start: date | None = None,
    cross_check: bool = False,
    out: Collection[str] = (),
) -> tuple[Record, list[Problem]]:
    """The splits of each listing from its table's day, or `start`, up to its own day.

    Those that are not stored are asked for: a name once a day at most. With `cross_check` every
    source that has it is asked; those that are `out` are not.
    """
    record = stored_splits(list(until), kept)
    since: dict[str, date] = {}
    for row, day in until.items():
        first = start or row.provenance.as_of
        source = splits.SOURCES[row.symbol.rpartition(".")[2]][0]
        if first < day and record.reach(row.symbol, source, first) < day:
            since[row.symbol] = min(first, since.get(row.symbol, first))
    # A count that jumped says what the first source may not know yet.
    doubted = set(since) if cross_check else counted.jumped(record, until)
    found = look_up_splits(children, since, doubted, now, timeout, out)
    kept.save_splits(found.splits, found.lookups, now)
    # The store may be out of order: what was found counts in any case.
    stored, asked = kept.splits({row.symbol for row in until})
    return splits.record([*stored, *found.splits], [*asked, *found.lookups]), found.problems


def last_trading_days(listings: Sequence[Listing], now: datetime) -> dict[Listing, date]:
    """The last day that each listing's market traded by now: no split is later than that."""
    return {row: last_trade(row.symbol, now).date() for row in listings}


def split_problems(forwards: Mapping[Listing, Forward], counted: Shares) -> list[Problem]:
    """What is to be said of the splits of each row: made, doubtful, or missing by the count."""
    return [
        *splits.review({row: outlook.split for row, outlook in forwards.items()}),
        *splits.unrecorded(
            counted.growths,
            {row: outlook.split_since_report for row, outlook in forwards.items()},
        ),
    ]
