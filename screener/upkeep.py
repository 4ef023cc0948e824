"""Keeping the consensus: its history, newer estimates, those set by hand, those accepted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from screener import actions, estimates, vintages, watchlist
from screener.calendars import market_day
from screener.consensus import period_end
from screener.csvfile import parse_number
from screener.model import Estimate, Interval, Listing, Problem, UsageError, Vintage
from screener.providers import facts
from screener.providers.facts import Wanted
from screener.splits import Record
from screener.store import Store, default_path
from screener.symbols import SymbolError, canonical
from screener.vintages import Judged, Revision

# However wrong a typed EPS is, it is not beyond this.
MOST_EPS = 1e6


@dataclass(frozen=True, slots=True)
class Desk:
    """The listings of some watchlists with what is stored of their estimates and splits."""

    listings: tuple[Listing, ...]
    store: Store
    record: Record
    problems: tuple[Problem, ...]

    def history(self, listing: Listing) -> tuple[Judged, ...]:
        """Every vintage of a listing, the oldest first."""
        stored = self.store.vintages([listing.symbol])
        return estimates.history(listing, stored, self.record)

    def of(self, targets: Sequence[str]) -> list[Listing]:
        """The listings that symbols and names of watchlists mean; all without one.

        Raises UsageError for what is neither.
        """
        found: list[Listing] = []
        for target in targets:
            rows = [row for row in self.listings if target in (row.sector, row.symbol)]
            rows = rows or [row for row in self.listings if row.symbol == _symbol(target)]
            if not rows:
                sectors = ", ".join(dict.fromkeys(row.sector for row in self.listings))
                raise UsageError(f"no watchlist has {target!r}: give a symbol, or one of {sectors}")
            found += rows
        return list(dict.fromkeys(found)) if targets else list(self.listings)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What an update brought for one listing: a vintage, or the reasons why there is none.

    `before` is what a run would have used, `revisions` the changes from that.
    """

    listing: Listing
    before: Vintage
    new: Judged | None
    revisions: tuple[Revision, ...] = ()
    reasons: tuple[str, ...] = ()


def desk(
    watchlists: str | Path | None = None,
    store: str | Path | None = None,
    now: datetime | None = None,
    *,
    create: bool = False,
) -> Desk:
    """What is known of the listings of a folder's watchlists. Without a folder, the usual one."""
    folder = Path(watchlists) if watchlists is not None else watchlist.default_folder()
    tables, problems = watchlist.load(folder, (), on=market_day(now or datetime.now(UTC)))
    rows = tuple(row for table in tables for row in table.listings)
    kept = Store(Path(store) if store is not None else default_path(), create=create)
    errors = tuple(each for each in problems if each.severity == "error")
    return Desk(rows, kept, actions.known(rows, kept), errors)


def refresh(
    at: Desk, targets: Sequence[str], now: datetime, timeout: float
) -> tuple[list[Refreshed], list[Problem]]:
    """Fetch newer estimates of the listings, keep them, and say what they change.

    A source's years of a name are kept all or none. What is in doubt is kept, and not used.
    A name without new estimates is a problem with the reasons.
    """
    rows = {row.symbol: row for row in reversed(at.of(targets))}
    today = market_day(now)
    before = {
        row: vintages.choose(at.history(row), "latest", today) for row in reversed(rows.values())
    }
    wanted = [Wanted(row.symbol, row.fiscal_year_end) for row in before]
    found = facts.fetch_estimates(wanted, now, timeout)
    at.store.save_vintages(found.vintages, now)
    counted = actions.Shares({})
    record, faults = actions.brought_up_to_date(
        list(before), at.store, counted, today, now, timeout
    )
    at = replace(at, record=record)
    by_symbol = {each.symbol: each for each in found.vintages}
    refreshed = [_refreshed(at, row, old, by_symbol, found) for row, old in before.items()]
    return refreshed, [*found.problems, *faults, *_unrefreshed(refreshed), *at.store.problems]


def _refreshed(
    at: Desk,
    row: Listing,
    old: Vintage,
    fetched: dict[str, Vintage],
    found: facts.Estimates,
) -> Refreshed:
    new = fetched.get(row.symbol)
    if new is None:
        return Refreshed(row, old, None, reasons=tuple(found.reasons.get(row.symbol, ())))
    # The store may be out of order: what was fetched is judged in any case.
    stored = [each for each in at.store.vintages([row.symbol])[row.symbol] if not _is(each, new)]
    judged = estimates.history(row, {row.symbol: [*stored, new]}, at.record)
    verdict = next(each for each in judged if _is(each.vintage, new))
    changes = vintages.revisions(old, verdict.vintage, estimates.factor_of(row.symbol, at.record))
    return Refreshed(row, old, verdict, tuple(changes))


def _is(one: Vintage, other: Vintage) -> bool:
    return (one.source, one.fetched_at) == (other.source, other.fetched_at)


def _unrefreshed(refreshed: Iterable[Refreshed]) -> list[Problem]:
    problems = []
    for each in refreshed:
        row = each.listing
        if each.new is None:
            message = f"no new estimates: {'; '.join(each.reasons) or 'no source was asked'}"
            problems.append(Problem("not_refreshed", row.where, message, row.symbol))
        elif each.new.doubt:
            message = (
                f"the new estimates of {each.new.vintage.source} are kept, and not used:"
                f" {each.new.doubt}. If they are right: screener consensus accept {row.symbol}"
            )
            problems.append(Problem("doubted_consensus", row.where, message, row.symbol))
    return problems


def accept(at: Desk, symbol: str, currency: str, now: datetime) -> Vintage:
    """Use the newest vintage of a symbol that is in doubt, from now on; in `currency` if given.

    Raises UsageError where none is in doubt, or it names no currency and none is given.
    """
    (row, *_) = at.of([symbol])
    doubted = [each.vintage for each in at.history(row) if each.doubt]
    if not doubted:
        raise UsageError(f"no estimates of {row.symbol} are in doubt")
    chosen = doubted[-1]
    if not (currency or chosen.currency):
        raise UsageError(
            f"{chosen.source} names no currency for {row.symbol}: give it, as --currency"
            f" {row.eps_currency}"
        )
    accepted = replace(chosen, currency=currency or chosen.currency, accepted=True)
    at.store.accept([accepted], now)
    return accepted


def set_estimate(
    at: Desk, symbol: str, fiscal_year: int, eps: str, currency: str, note: str, now: datetime
) -> Vintage:
    """Set one year's EPS by hand, over what a run would use now, and keep that as a vintage.

    Raises UsageError for a symbol of no watchlist, a year or an EPS that cannot be.
    """
    (row, *_) = at.of([symbol])
    base = vintages.choose(at.history(row), "latest", market_day(now))
    try:
        value = parse_number(eps)
    except ValueError as error:
        raise UsageError(f"EPS {error}") from None
    if abs(value) > MOST_EPS:
        raise UsageError(f"EPS {eps} is beyond reason: it is per share, in {base.currency}")
    if not 1990 <= fiscal_year < 2100:
        raise UsageError(f"no fiscal year {fiscal_year}: write the year it ends in, as 2026")
    estimate = Estimate(
        fiscal_year=fiscal_year,
        period_end=period_end(fiscal_year, row.fiscal_year_end),
        eps=float(value),
        bounds=_rounded_as(base, float(value)),
    )
    factor = estimates.factor_of(row.symbol, at.record)
    made = vintages.set_by_hand(base, estimate, currency or base.currency, note, now, factor)
    at.store.save_vintages([made], now)
    return made


def _rounded_as(base: Vintage, eps: float) -> Interval:
    # A row's figures are rounded alike: an EPS by hand as those beside it.
    bounds = next((each.bounds for each in base.estimates), Interval(0.0, 0.0))
    half_step = (bounds.high - bounds.low) / 2
    return Interval(eps - half_step, eps + half_step)


def between(
    at: Desk, rows: Iterable[Listing], old: str | date, new: str | date, today: date
) -> dict[Listing, tuple[Vintage, Vintage, list[Revision]]]:
    """The two vintages of each listing that two choices mean, and what changed between them."""
    found = {}
    for row in rows:
        judged = at.history(row)
        before, after = (vintages.choose(judged, choice, today) for choice in (old, new))
        factor: Callable[[date, date], float] = estimates.factor_of(row.symbol, at.record)
        found[row] = (before, after, vintages.revisions(before, after, factor))
    return found


def _symbol(text: str) -> str:
    try:
        return canonical(text)
    except SymbolError:
        return ""
