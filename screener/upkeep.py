"""Keeping the consensus: its history, newer estimates, those set by hand, those accepted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic

from screener import actions, estimates, vintages, watchlist
from screener.calendars import market_day
from screener.consensus import period_end
from screener.csvfile import parse_number
from screener.inputsheet import MOST_EPS
from screener.model import Estimate, Interval, Listing, Problem, UsageError, Vintage, guess
from screener.providers import facts
from screener.providers.facts import Wanted
from screener.splits import Record, adjustment, faults
from screener.store import Store, default_path
from screener.symbols import SymbolError, canonical
from screener.vintages import Judged, Revision, Which
from screener.wording import Sentence, joined, say

# Years further from now than this are slips of the pen.
FURTHEST_YEARS = 10
# However long the estimates took, splits may take this.
LEAST_SECONDS = 3.0


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
            rows = [row for row in self.listings if row.sector == target] or self._named(target)
            if not rows:
                sectors = ", ".join(dict.fromkeys(row.sector for row in self.listings))
                raise UsageError(
                    say(
                        "no watchlist has {target!r}: give a symbol, or one of {sectors}",
                        target=target,
                        sectors=sectors,
                    )
                )
            found += rows
        return list(dict.fromkeys(found)) if targets else list(self.listings)

    def one(self, symbol: str) -> Listing:
        """The listing of a symbol; of several tables, that of the newest.

        Raises UsageError for what is no symbol of a watchlist.
        """
        rows = self._named(symbol)
        if not rows:
            meant = guess(symbol.upper(), (row.symbol for row in self.listings))
            raise UsageError(
                say("no watchlist has the symbol {symbol!r}.{guess}", symbol=symbol, guess=meant)
            )
        return max(rows, key=lambda row: row.provenance.as_of)

    def _named(self, text: str) -> list[Listing]:
        symbol = text.strip().upper()
        rows = [row for row in self.listings if row.symbol in (symbol, _symbol(text))]
        return rows or [row for row in self.listings if row.printed_symbol == symbol]


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
    rows: dict[str, Listing] = {}
    for row in at.of(targets):
        rows.setdefault(row.symbol, row)
    started, today = monotonic(), market_day(now)
    before = {row: vintages.choose(at.history(row), "latest", today) for row in rows.values()}
    wanted = [Wanted(row.symbol, row.fiscal_year_end) for row in before]
    found = facts.fetch_estimates(wanted, now, timeout)
    at.store.save_vintages(found.vintages, now)
    left = max(LEAST_SECONDS, timeout - (monotonic() - started))
    traded = actions.traded(list(before), now)
    at, faults = _with_splits(at, list(before), now, left)
    by_symbol = {each.symbol: each for each in found.vintages}
    refreshed = [_refreshed(at, row, old, by_symbol, found) for row, old in before.items()]
    # A day without trading has no splits, and nobody could be asked for it.
    changes = {
        each.listing: (each.before, replace(each.new.vintage, as_of=traded[each.listing]), ())
        for each in refreshed
        if each.new is not None
    }
    return refreshed, [
        *found.problems,
        *faults,
        *_unrefreshed(refreshed),
        *unknown_between(at, changes),
        *at.store.problems,
    ]


def _with_splits(
    at: Desk, rows: Sequence[Listing], now: datetime, timeout: float
) -> tuple[Desk, list[Problem]]:
    """The desk with the splits of these listings up to the last day of trading."""
    record, faults = actions.brought_up_to_date(
        actions.traded(rows, now), at.store, actions.Shares({}), now, timeout
    )
    return replace(at, record=record), faults


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
            why = joined(each.reasons) or say("no source was asked")
            message = say("no new estimates: {why}", why=why)
            problems.append(Problem("not_refreshed", row.where, message, row.symbol))
        elif not each.new.doubt and each.before.source == vintages.BY_HAND:
            message = say("they take the place of yours: {note}", note=each.before.note)
            problems.append(Problem("edited_estimate", row.where, message, row.symbol))
        elif each.new.doubt:
            message = say(
                "the new estimates of {source} are kept, and not used: {doubt}. If they are"
                " right: screener consensus accept {symbol}",
                source=each.new.vintage.source,
                doubt=each.new.doubt,
                symbol=row.symbol,
            )
            problems.append(Problem("doubted_consensus", row.where, message, row.symbol))
    return problems


def accept(
    at: Desk, symbol: str, currency: str, per_receipt: int | None, now: datetime
) -> tuple[Vintage, Vintage]:
    """The newest vintage of a symbol that is in doubt, accepted, and the one used until now.

    In `currency`, and per so many shares, if given; what was accepted before can be accepted
    anew in another way. Nothing is kept yet: `keep` does that. Raises UsageError where none is in
    doubt, and where a currency or the shares of a receipt have to be said.
    """
    row = at.one(symbol)
    judged = at.history(row)
    used = vintages.choose(judged, "latest", market_day(now))
    older = [each.vintage for each in judged].index(used)
    open_ = [each for each in judged[older:] if each.doubt or _was_accepted(each.vintage)]
    if not open_:
        raise UsageError(
            say("no estimates of {symbol} newer than those used are in doubt", symbol=row.symbol)
        )
    (stored,) = (
        each for each in at.store.vintages([row.symbol])[row.symbol] if _is(each, open_[-1].vintage)
    )
    currency = _currency(currency) or stored.currency
    if not currency:
        raise UsageError(
            say(
                "{source} names no currency for {symbol}: give it, as --currency {eps_currency}",
                source=stored.source,
                symbol=row.symbol,
                eps_currency=row.eps_currency,
            )
        )
    shares = vintages.SHARES_PER_RECEIPT.get(row.symbol)
    if shares and per_receipt is None:
        raise UsageError(
            say(
                "EPS of {symbol} may be per receipt of {shares} shares: say --per-receipt"
                " {shares}, or --per-receipt 1 where it is per share",
                symbol=row.symbol,
                shares=shares,
            )
        )
    return replace(stored, currency=currency, per_receipt=per_receipt, accepted_at=now), used


def _was_accepted(vintage: Vintage) -> bool:
    return vintage.accepted_at is not None and vintage.source != vintages.BY_HAND


def _currency(text: str) -> str:
    currency = text.strip().upper()
    if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise UsageError(say("{text!r} is no currency: write three letters, as CNY", text=text))
    return currency


def set_estimate(
    at: Desk, symbol: str, fiscal_year: int, eps: str, currency: str, note: str, now: datetime
) -> Vintage:
    """The vintage with one year's EPS by hand, per share of today, over what a run would use now.

    Nothing is kept yet. Raises UsageError for a symbol of no watchlist, a year or an EPS that
    cannot be, and where splits since the estimates are not known: the others are per old share.
    """
    row = at.one(symbol)
    today = market_day(now)
    base = vintages.choose(at.history(row), "latest", today)
    try:
        value = parse_number(eps)
    except ValueError as error:
        raise UsageError(say("EPS {error}", error=error)) from None
    if abs(value) > MOST_EPS:
        raise UsageError(
            say(
                "EPS {eps} is beyond reason: it is per share, in {currency}",
                eps=eps,
                currency=base.currency,
            )
        )
    if abs(fiscal_year - today.year) > FURTHEST_YEARS:
        raise UsageError(
            say(
                "no fiscal year {fiscal_year}: write the year it ends in, as 2026",
                fiscal_year=fiscal_year,
            )
        )
    traded = actions.traded([row], now)[row]
    splits = adjustment(row.symbol, base.as_of, traded, at.record)
    if splits.kind == "splits_unknown":
        raise UsageError(
            say(
                "splits of {symbol} since {as_of} are not known, so {eps} cannot stand beside"
                " the other years: try again with a connection",
                symbol=row.symbol,
                as_of=base.as_of,
                eps=eps,
            )
        )
    estimate = Estimate(
        fiscal_year=fiscal_year,
        period_end=period_end(fiscal_year, row.fiscal_year_end),
        eps=float(value),
        bounds=_rounded_as(base, float(value)),
    )
    factor = estimates.factor_of(row.symbol, at.record)
    return vintages.set_by_hand(
        base, estimate, _currency(currency) or base.currency, note, now, factor
    )


def keep(at: Desk, made: Iterable[Vintage], now: datetime) -> None:
    """Keep what was set or accepted."""
    vintages_ = list(made)
    at.store.save_vintages([each for each in vintages_ if each.source == vintages.BY_HAND], now)
    at.store.accept(vintages_, now)


def with_splits(at: Desk, symbol: str, now: datetime, timeout: float) -> tuple[Desk, list[Problem]]:
    """The desk with the splits of a symbol looked up, if that has not been done today."""
    rows = [row for row in at.listings if row.symbol == at.one(symbol).symbol]
    return _with_splits(at, rows, now, timeout)


def _rounded_as(base: Vintage, eps: float) -> Interval:
    # A row's figures are rounded alike: an EPS by hand as those beside it.
    bounds = next((each.bounds for each in base.estimates), Interval(0.0, 0.0))
    half_step = (bounds.high - bounds.low) / 2
    return Interval(eps - half_step, eps + half_step)


def between(
    at: Desk, rows: Iterable[Listing], old: Which, new: Which, today: date
) -> dict[Listing, tuple[Vintage, Vintage, list[Revision]]]:
    """The two vintages of each listing that two choices mean, and what changed between them."""
    found = {}
    for row in rows:
        judged = at.history(row)
        before, after = (vintages.choose(judged, choice, today) for choice in (old, new))
        factor: Callable[[date, date], float] = estimates.factor_of(row.symbol, at.record)
        found[row] = (before, after, vintages.revisions(before, after, factor))
    return found


def unknown_between(
    at: Desk, changes: Mapping[Listing, tuple[Vintage, Vintage, Sequence[Revision]]]
) -> list[Problem]:
    """A problem for each listing whose splits between its two vintages are not known for sure."""
    return faults(
        {
            row: adjustment(row.symbol, old.as_of, new.as_of, at.record)
            for row, (old, new, _) in changes.items()
        }
    )


def _symbol(text: str) -> str:
    try:
        return canonical(text)
    except SymbolError:
        return ""
