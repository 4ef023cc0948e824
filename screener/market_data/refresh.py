"""Newer estimates: fetched, kept, judged, and what they change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from screener.consensus.choice import choose
from screener.consensus.judge import BY_HAND, Judged, factor_of, history
from screener.consensus.revisions import Revision, revisions
from screener.market_data.coverage import Coverage, unknown_between
from screener.market_data.naming import chinese_names
from screener.market_data.split_lookup import Evidence, last_trading_days, up_to_date_splits
from screener.model.calendars import market_day
from screener.model.messages import Sentence, joined, say
from screener.model.problems import Problem
from screener.model.records import Listing, Vintage
from screener.sources.child import Children
from screener.sources.estimates import Estimates, fetch_estimates
from screener.sources.network import is_cut_off

# However long the estimates took, splits may take this: without them the new estimates could not
# be compared with the old, and one request takes a second or two.
LEAST_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What an update brought for one listing: a vintage, or the reasons why there is none.

    `before` is what a run would have used, `revisions` the changes from that.
    """

    listing: Listing
    before: Vintage
    new: Judged | None
    revisions: tuple[Revision, ...] = ()
    reasons: tuple[Sentence, ...] = ()


def refresh(
    coverage: Coverage, targets: Sequence[str], now: datetime, timeout: float
) -> tuple[list[Refreshed], list[Problem]]:
    """Fetch newer estimates of the listings, keep them, and say what they change.

    A source's years of a name are kept all or none. What is in doubt is kept, and not used.
    A name without new estimates is a problem with the reasons.
    """
    rows: dict[str, Listing] = {}
    for row in coverage.of(targets):
        rows.setdefault(row.symbol, row)
    today = market_day(now)
    before = {row: choose(coverage.history(row), "latest", today) for row in rows.values()}
    ends = {row.symbol: row.fiscal_year_end for row in before}
    with Children(timeout + LEAST_SECONDS) as children:
        called = chinese_names(before, coverage.store)
        found = fetch_estimates(children, ends, called, now, timeout)
        coverage.store.save_vintages(found.vintages, now)
        # The same children: a library that is running answers a second sooner.
        faults: list[Problem] = []
        if not is_cut_off(found.problems):
            coverage, faults = _with_splits(children, coverage, list(before), now)
    refreshed = [_refreshed(coverage, row, old, found) for row, old in before.items()]
    changes = {
        made.listing: (made.before, made.new.vintage, made.revisions)
        for made in refreshed
        if made.new is not None
    }
    return refreshed, [
        *found.problems,
        *faults,
        *_unrefreshed(refreshed),
        *unknown_between(coverage, changes),
        *coverage.store.problems,
    ]


def _with_splits(
    children: Children, coverage: Coverage, rows: Sequence[Listing], now: datetime
) -> tuple[Coverage, list[Problem]]:
    """The coverage with the splits of these listings up to the last day of trading."""
    record, faults = up_to_date_splits(
        children, last_trading_days(rows, now), coverage.store, Evidence(), now
    )
    return replace(coverage, record=record), faults


def _refreshed(coverage: Coverage, row: Listing, old: Vintage, found: Estimates) -> Refreshed:
    new = {vintage.symbol: vintage for vintage in found.vintages}.get(row.symbol)
    if new is None:
        return Refreshed(row, old, None, reasons=tuple(found.reasons.get(row.symbol, ())))
    # The store may be out of order: what was fetched is judged in any case.
    stored = [
        vintage
        for vintage in coverage.store.vintages([row.symbol])[row.symbol]
        if not is_same_vintage(vintage, new)
    ]
    judged = history(row, {row.symbol: [*stored, new]}, coverage.record)
    verdict = next(verdict for verdict in judged if is_same_vintage(verdict.vintage, new))
    changes = revisions(old, verdict.vintage, factor_of(row.symbol, coverage.record))
    return Refreshed(row, old, verdict, tuple(changes))


def is_same_vintage(one: Vintage, other: Vintage) -> bool:
    return (one.source, one.fetched_at) == (other.source, other.fetched_at)


def _unrefreshed(refreshed: Iterable[Refreshed]) -> Iterator[Problem]:
    for made in refreshed:
        row, new = made.listing, made.new
        if new is None:
            why = joined(made.reasons) or say("no source was asked")
            yield row.problem("not_refreshed", say("no new estimates: {why}", why=why))
        elif new.doubt:
            message = say(
                "the new estimates of {source} are kept, and not used: {doubt}. If they are"
                " right: screener consensus accept {symbol}",
                source=new.vintage.source,
                doubt=new.doubt,
                symbol=row.symbol,
            )
            yield row.problem("doubted_consensus", message)
        elif made.before.source == BY_HAND:
            message = say("they take the place of yours: {note}", note=made.before.note)
            yield row.problem("edited_estimate", message)


def with_splits(
    coverage: Coverage, symbol: str, now: datetime, timeout: float
) -> tuple[Coverage, list[Problem]]:
    """The coverage with the splits of a symbol looked up, if that has not been done today."""
    rows = [row for row in coverage.listings if row.symbol == coverage.one(symbol).symbol]
    with Children(timeout) as children:
        return _with_splits(children, coverage, rows, now)
