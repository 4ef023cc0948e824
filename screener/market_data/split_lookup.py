"""Splits since the tables' days: from the store, and asked for where it does not reach the day."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from screener.consensus import splits
from screener.consensus.fiscal_calendar import Forward
from screener.consensus.splits import Record
from screener.model.calendars import last_trade
from screener.model.messages import NOTHING, Sentence, say
from screener.model.problems import Problem
from screener.model.records import Listing, Lookup, Quote, Split
from screener.sources.child import Children
from screener.sources.plausible import JUMP, Move
from screener.sources.splits import Splits, ask_yahoo, look_up_splits
from screener.sources.vendors import NETWORK, YAHOO, YAHOO_SPLITS
from screener.store.store import Store

# A price moves on the day of a split, too: so close to a ratio it looks like one.
PRICE_TOLERANCE = 0.1
# Over months a price drifts, and the ratio is lost in that; a fall to less than this part of it may
# hide any.
FALLEN = 1.8


@dataclass(frozen=True, slots=True)
class Evidence:
    """What tells of splits that nobody has told of: share counts, and prices that have jumped.

    `growths` is by how much a count has grown since the table, `moves` how far a price has come;
    `uncounted` are listings without a count, of which one source's word is not enough; the counts
    of those `counted` came with their prices.
    """

    growths: Mapping[Listing, float] = field(default_factory=dict)
    moves: Mapping[Listing, Move] = field(default_factory=dict)
    uncounted: Collection[Listing] = ()
    counted: Collection[Listing] = ()

    def doubted(self, record: Record, until: Mapping[Listing, date]) -> set[str]:
        """Symbols whose count or price may be one of shares that the record does not have."""
        grown = {
            row.symbol
            for row, growth in self._unexplained(record, until).items()
            if splits.jump(row.symbol, growth)
        }
        jumped = {row.symbol for row, moved in self.moves.items() if moved.is_doubtful}
        return grown | jumped | {row.symbol for row in self.uncounted}

    def unmoved(self, record: Record, until: Mapping[Listing, date]) -> set[str]:
        """Symbols whose count of today is what the record makes of the table's."""
        unexplained = self._unexplained(record, until)
        is_same = {row: splits.is_same_count(growth) for row, growth in unexplained.items()}
        moved = {row.symbol for row in until if not (row in self.counted and is_same.get(row))}
        return {row.symbol for row in until} - moved

    def _unexplained(self, record: Record, until: Mapping[Listing, date]) -> dict[Listing, float]:
        """By how much each count has grown since the table, beyond the splits on record."""
        return {
            row: growth
            / splits.adjustment(row.symbol, row.provenance.as_of, until[row], record).factor
            for row, growth in self.growths.items()
        }

    def looks(self, row: Listing) -> Sentence:
        """Why the price of a listing may be one of other shares than those of its estimates."""
        moved = self.moves.get(row)
        if moved is None or not _looks_split(row.symbol, moved):
            return NOTHING
        return say(
            "the price is {times:.3g} times that of {day}",
            times=moved.times,
            day=moved.reference.day,
        )


def _looks_split(symbol: str, moved: Move) -> bool:
    """Whether a move may be a split's: by its ratio, or over a long time by its size alone."""
    fallen = 1 / moved.times
    if moved.allowed >= JUMP:
        return fallen >= FALLEN
    ratios = [*splits.PLAUSIBLE_RATIOS]
    if symbol.endswith(".HK"):
        ratios += [1 / ratio for ratio in splits.PLAUSIBLE_RATIOS]
    is_like = any(math.isclose(fallen, ratio, rel_tol=PRICE_TOLERANCE) for ratio in ratios)
    return moved.is_doubtful and is_like


def evidence(
    quotes: Mapping[Listing, Quote],
    report_prices: Mapping[Listing, Quote],
    moves: Mapping[Listing, Move],
    stored: Mapping[str, float],
) -> Evidence:
    """What is seen of splits in the prices of a run, and in the share counts that are `stored`."""
    counts = {row: quote.shares or stored.get(row.symbol) for row, quote in quotes.items()}
    counted = {
        row: splits.share_growth(row, report_prices.get(row), count)
        for row, count in counts.items()
    }
    growths = {row: growth for row, growth in counted.items() if growth is not None}
    uncounted = [row for row, count in counts.items() if count is None]
    fresh = [row for row, quote in quotes.items() if quote.shares]
    return Evidence(growths, moves, uncounted, fresh)


def settled(forwards: Mapping[Listing, Forward], seen: Evidence) -> dict[Listing, Forward]:
    """The outlooks, with splits that are not certain as far as they can be told."""
    found = {}
    for row, outlook in forwards.items():
        split, since_report = splits.settled(
            row.symbol,
            outlook.split,
            outlook.split_since_report,
            seen.growths.get(row),
            seen.looks(row),
        )
        found[row] = replace(outlook, split=split, split_since_report=since_report)
    return found


def stored_splits(listings: Sequence[Listing], kept: Store) -> Record:
    """The splits that are stored of these listings."""
    return splits.record(*kept.splits({row.symbol for row in listings}))


def lacking(
    until: Mapping[Listing, date], record: Record, start: date | None = None
) -> dict[str, date]:
    """The symbols whose splits are not known up to their days, and since when they are wanted:
    since `start`, or the table's day."""
    since: dict[str, date] = {}
    for row, day in until.items():
        first = start or row.provenance.as_of
        if first < day and not record.is_known(row.symbol, first, day):
            since[row.symbol] = min(first, since.get(row.symbol, first))
    return since


def up_to_date_splits(
    children: Children,
    until: Mapping[Listing, date],
    kept: Store,
    seen: Evidence,
    now: datetime,
    *,
    start: date | None = None,
    cross_check: bool = False,
    out: Collection[str] = (),
    first: Splits | None = None,
) -> tuple[Record, list[Problem]]:
    """The splits of each listing from its table's day, or `start`, up to its own day.

    Those that are not stored are asked for: a name once a day at most. `first` is what was asked
    in this run already, of the source that comes first. Of those that it has a split of or did not
    answer for, and where counts or prices doubt it, Yahoo's word is taken, too, unless that is
    `out`; with `cross_check`, of all.
    """
    asked = first or Splits()
    found = Splits()
    stored = kept.splits({row.symbol for row in until})
    record = _with(stored, asked)
    wanted = lacking(until, record, start)
    if unasked := {symbol: day for symbol, day in wanted.items() if symbol not in asked.asked}:
        found = look_up_splits(children, unasked, now)
        out = {*out, *(problem.where for problem in found.problems)}
    record = _with(stored, asked, found)
    # A split changes every figure per share, so one vendor's word is not taken for it.
    told = {split.symbol for split in (*asked.splits, *found.splits)}
    unmoved = seen.unmoved(record, until)
    open_to_doubt = (
        told | seen.doubted(record, until) | (lacking(until, record, start).keys() - unmoved)
    )
    here = asked.asked | found.asked
    second = {
        symbol: day
        for symbol, day in lacking(until, splits.record((), ()), start).items()
        if symbol in here
        and not symbol.endswith((".HK", ".BJ"))
        and (cross_check or symbol in open_to_doubt)
    }
    if second and not {YAHOO, YAHOO_SPLITS, NETWORK} & set(out):
        ask_yahoo(children, found, second, now)
    record = _with(stored, asked, found)
    found.lookups += [
        Lookup(symbol, splits.COUNT, since, last_trade(symbol, now).date())
        for symbol, since in lacking(until, record, start).items()
        if symbol in unmoved - open_to_doubt
    ]
    if found.splits or found.lookups:
        kept.save_splits(found.splits, found.lookups, now)
        # What a source has corrected is no longer stored as it was.
        stored = kept.splits({row.symbol for row in until})
    return _with(stored, asked, found), found.problems


def _with(stored: tuple[list[Split], list[Lookup]], *found: Splits) -> Record:
    """What is stored of splits and what was found, as one: the store may be out of order."""
    known, asked = stored
    return splits.record(
        [*known, *(split for each in found for split in each.splits)],
        [*asked, *(lookup for each in found for lookup in each.lookups)],
    )


def last_trading_days(listings: Sequence[Listing], now: datetime) -> dict[Listing, date]:
    """The last day that each listing's market traded by now: no split is later than that."""
    return {row: last_trade(row.symbol, now).date() for row in listings}


def split_problems(forwards: Mapping[Listing, Forward], seen: Evidence) -> list[Problem]:
    """What is to be said of the splits of each row: made, doubtful, or missing by the count."""
    return [
        *splits.review({row: outlook.split for row, outlook in forwards.items()}),
        *splits.unrecorded(
            {
                row: growth
                for row, growth in seen.growths.items()
                if not forwards[row].split.is_open
            },
            {row: outlook.split_since_report for row, outlook in forwards.items()},
        ),
    ]
