"""Days of the past: those that are not stored are asked for, and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import zip_longest

from screener.consensus.judge import factor_of
from screener.consensus.splits import Record
from screener.market_data.band import Of
from screener.market_data.coverage import Coverage
from screener.market_data.daily_rates import pairs_of
from screener.market_data.split_lookup import Evidence, up_to_date_splits
from screener.model.messages import Sentence, joined, say
from screener.model.problems import Problem
from screener.model.records import Close, Listing, Span
from screener.sources.answers import last_final_day
from screener.sources.asking import Found, Spans
from screener.sources.child import Children
from screener.sources.closes import A_SHARE, Closes, fetch_closes
from screener.sources.network import is_cut_off
from screener.sources.plausible import odd_ones
from screener.sources.valuations import fetch_multiples

DAY = timedelta(days=1)
# As many days back as a close is held against.
LOOK_BACK = 20
DAYS_A_YEAR = 365.25
# What is asked for first may take this of the time that is left.
SHARE = 0.6


def missing(known: Span | None, wanted: Span) -> Iterator[Span]:
    """The days of a span that are not known yet: those before what is known, and those after."""
    if known is None:
        yield wanted
        return
    if wanted.since < known.since:
        yield Span(wanted.since, known.since - DAY)
    if known.until < wanted.until:
        # From the day after: each close that is kept says of which day its share is.
        yield Span(max(known.until + DAY, wanted.since), wanted.until)


def _rounds(wanted: Mapping[str, Iterable[Span]]) -> Iterator[dict[str, Span]]:
    """The spans of symbols, at most one each at a time."""
    for spans in zip_longest(*wanted.values()):
        yield {symbol: span for symbol, span in zip(wanted, spans, strict=True) if span}


def fetch_past_closes(
    children: Children,
    coverage: Coverage,
    rows: Iterable[Listing],
    start: date,
    now: datetime,
) -> list[Problem]:
    """Keep the closes and rates of the days since then; a problem for each name without."""
    store = coverage.store
    listings = list(rows)
    calendars = {row.symbol: row.symbol for row in listings}
    calendars |= dict.fromkeys(pairs_of(coverage, listings), A_SHARE)
    wanted = {
        symbol: missing(store.closes_span(symbol), Span(start, last_final_day(calendar, now)))
        for symbol, calendar in calendars.items()
    }

    problems: list[Problem] = []

    def ask(spans: Spans) -> Found:
        found = fetch_closes(children, spans, now, SHARE * children.left)
        _without_odd(found, coverage)
        store.save_closes(found.closes, found.lookups)
        store.save_splits(found.splits.splits, found.splits.lookups, now)
        problems.extend(found.splits.problems)
        return found

    # Of a pair without its past, the days that go without their own rate are said.
    return [*_asked(wanted, ask, listings), *problems]


def _without_odd(found: Closes, coverage: Coverage) -> None:
    """Take out the closes that are nothing like those around them, and say so.

    Their days are asked for again: a split that explains them may be known by then.
    """
    for symbol in {close.symbol for close in found.closes}:
        new = [close for close in found.closes if close.symbol == symbol]
        since = min(close.day for close in new) - timedelta(days=LOOK_BACK)
        stored = coverage.store.closes([symbol], since)[symbol]
        every = sorted({each.day: each for each in (*new, *stored)}.values(), key=_day_of)
        odd = [every[at] for at in odd_ones(per_share_of_last(every, coverage.record))]
        wrong = [close for close in odd if close in new]
        if wrong:
            found.closes = [close for close in found.closes if close not in wrong]
            found.lookups = [each for each in found.lookups if each.symbol != symbol]
            found.refuse(symbol, odd_close(wrong))


def _day_of(close: Close) -> date:
    return close.day


def per_share_of_last(closes: Sequence[Close], record: Record) -> list[float]:
    """The closes of a symbol per share of the last day, as far as splits are on record."""
    if not closes or "/" in closes[0].symbol:
        return [close.close for close in closes]
    factor, until = factor_of(closes[0].symbol, record), closes[-1].day
    return [close.close / factor(close.per_share_of, until) for close in closes]


def believable(
    row: Listing, closes: Sequence[Close], record: Record
) -> tuple[list[Close], list[Problem]]:
    """The stored closes that can be, and a problem where others cannot."""
    places = odd_ones(per_share_of_last(closes, record))
    odd = [closes[at] for at in sorted(places)]
    kept = [close for at, close in enumerate(closes) if at not in places]
    return kept, [row.problem("improbable_price", odd_close(odd))] if odd else []


def odd_close(closes: Sequence[Close]) -> Sentence:
    """Why closes are not used."""
    first = closes[0]
    return say(
        "{count} closes are nothing like those around them, the first {close:g} of {day}"
        " ({source}): not used",
        count=len(closes),
        close=first.close,
        day=first.day,
        source=first.source,
    )


def fetch_past_multiples(
    children: Children,
    coverage: Coverage,
    metric: str,
    rows: Iterable[Listing],
    start: date,
    now: datetime,
) -> list[Problem]:
    """Keep a multiple as vendors have it on the days since then; a problem for each without."""
    store = coverage.store
    listings = list(rows)
    wanted = {
        row.symbol: missing(
            store.multiples_span(row.symbol, metric), Span(start, last_final_day(row.symbol, now))
        )
        for row in listings
    }

    def ask(spans: Spans) -> Found:
        found = fetch_multiples(children, metric, spans, now, SHARE * children.left)
        store.save_multiples(found.multiples, found.lookups)
        return found

    return _asked(wanted, ask, listings)


def _asked(
    wanted: Mapping[str, Iterable[Span]], ask: Callable[[Spans], Found], rows: Sequence[Listing]
) -> list[Problem]:
    """Ask for the missing spans, one a symbol at a time; a problem for each name without."""
    problems: list[Problem] = []
    for spans in _rounds(wanted):
        found = ask(spans)
        problems += [*found.problems, *_unknown(rows, found)]
    return problems


def _unknown(rows: Iterable[Listing], found: Found) -> Iterator[Problem]:
    for row in rows:
        if why := found.reasons.get(row.symbol):
            reason = joined(dict.fromkeys(why)) or say("no source answered for it")
            yield row.problem("no_history", reason)


def begin_of(years: float, days: Mapping[Listing, date], now: datetime) -> date:
    """The first day of so many years before the last day of trading."""
    return max(days.values(), default=now.date()) - timedelta(days=round(years * DAYS_A_YEAR))


def with_past(
    coverage: Coverage,
    rows: Sequence[Listing],
    days: Mapping[Listing, date],
    start: date,
    now: datetime,
    timeout: float,
    *,
    offline: bool,
    of: Of,
) -> tuple[Coverage, list[Problem]]:
    """The coverage with the closes, multiples and splits since a day, as far as they are had."""
    if offline:
        return coverage, []
    problems: list[Problem] = []
    with Children(timeout) as children:
        # What comes first leaves the others some of the time, even where it hangs.
        problems += fetch_past_closes(children, coverage, rows, start, now)
        if of != "pe_fy1" and not is_cut_off(problems):
            problems += fetch_past_multiples(children, coverage, of, rows, start, now)
        if is_cut_off(problems):
            return coverage, problems
        record, faults = up_to_date_splits(
            children, days, coverage.store, Evidence(), now, start=start
        )
    return replace(coverage, record=record), [*problems, *faults]
