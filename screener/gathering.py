"""What a valuation needs from outside: prices, rates, splits, estimates, for every listing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import inf
from pathlib import Path
from time import monotonic

import polars as pl

from screener import actions, audit, estimates, filters, fx, inputs, quotes, watchlist
from screener.actions import Shares
from screener.audit import Finding
from screener.calendars import market_day
from screener.composite import Scope, resolve
from screener.consensus import forward, review
from screener.ladder import Ladder
from screener.model import Listing, Problem, Quote, Rate, UsageError
from screener.providers import find, report
from screener.providers.contract import Ask, Fetched
from screener.splits import Record
from screener.store import Store, default_path
from screener.symbols import currency_of
from screener.watchlist import Watchlist
from screener.wording import say

# However long the prices took, splits may take this.
LEAST_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What a run is asked for; `screener.screen` says what each of it means."""

    sectors: tuple[str, ...]
    prices: str | Path
    by: str
    as_of: date | None
    watchlists: str | Path | None
    now: datetime
    timeout: float
    offline: bool
    max_age: float | None
    store: str | Path | None
    cross_check: bool
    nm_above: float | None
    consensus: str | Path | date
    only: tuple[str, ...]
    exclude: tuple[str, ...]
    scope: Scope
    progress: Callable[[int, int], None] | None

    @property
    def is_live(self) -> bool:
        return self.prices in ("auto", "live")


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that figures are computed from: a row of inputs a listing, and what was met on the way.

    `frame` has the columns of `inputs` for the fiscal years `years`.
    """

    frame: pl.DataFrame
    years: tuple[int, ...]
    watchlists: tuple[Watchlist, ...]
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    prices: str
    price_day: date
    generated_at: datetime


@dataclass(frozen=True, slots=True)
class _Prices:
    """The prices of a run, their day, and what the tables themselves imply."""

    quotes: Mapping[Listing, Quote]
    rates: Sequence[Rate]
    day: date
    printed: Fetched
    problems: list[Problem]

    def traded(self, listing: Listing) -> date:
        """The day that a listing's price is of, in its exchange's time."""
        quote = self.quotes.get(listing)
        return quote.market_time.date() if quote else self.day


def gather(wish: Wish, where: Sequence[str] = ()) -> Gathered:
    """Everything that the valuation asked for needs.

    Raises UnknownNameError and UsageError for what cannot be asked, before anything is fetched.
    """
    _check(wish)
    folder = Path(wish.watchlists) if wish.watchlists is not None else watchlist.default_folder()
    kept = Store(Path(wish.store) if wish.store else default_path(), create=wish.is_live)
    choice = estimates.parse_choice(wish.consensus)
    tables, problems = watchlist.load(folder, wish.sectors, on=wish.as_of or wish.now.date())
    tables = watchlist.selected(tables, wish.only, wish.exclude)
    listings = [listing for table in tables for listing in table.listings]
    stored = kept.vintages({row.symbol for row in listings})
    _check_names(wish.by, where, choice.years(listings, stored))

    started = monotonic()
    prices = _prices(wish, listings, kept, choice, stored)
    counted = actions.shares(prices.quotes, prices.printed.quotes)
    left = max(LEAST_SECONDS, wish.timeout - (monotonic() - started))
    record, unknown = _splits(wish, listings, prices, kept, counted, left)
    used, doubts = estimates.used(listings, stored, record, choice, prices.day)
    forwards = {
        row: forward(row, each, prices.day, prices.traded(row), record)
        for row, each in used.items()
    }
    currencies = {row: each.currency for row, each in used.items()}
    conversions, unconverted = fx.convert(prices.quotes, currencies, prices.rates, prices.day)
    every = (each for outlook in forwards.values() for each in (outlook.vintage, outlook.report))
    years = sorted({year for vintage in every for year in vintage.years})
    caps, uncapped = fx.market_caps(listings, prices.rates, prices.day)
    frame = inputs.frame(
        prices.quotes,
        conversions,
        forwards,
        prices.printed.quotes,
        caps,
        years,
        prices.day,
        wish.nm_above,
    )
    return Gathered(
        frame=frame,
        years=tuple(years),
        watchlists=tuple(tables),
        findings=tuple(audit.audit(tables)),
        problems=(
            *problems,
            *prices.problems,
            *unknown,
            *doubts,
            *unconverted,
            *uncapped,
            *estimates.comparable(used),
            *actions.review(forwards, counted),
            *review(forwards, prices.day),
        ),
        prices=str(wish.prices),
        price_day=prices.day,
        generated_at=wish.now,
    )


def _check(wish: Wish) -> None:
    if wish.as_of is not None and not 1990 <= wish.as_of.year < 2100:
        raise UsageError(
            say("as of {as_of}: the day must lie between 1990 and 2099", as_of=wish.as_of)
        )
    if wish.nm_above is not None and not 0 < wish.nm_above < inf:
        raise UsageError(
            say("NM above {nm_above:g}: the P/E must be above zero", nm_above=wish.nm_above)
        )


def _check_names(by: str, where: Sequence[str], years: Sequence[int]) -> None:
    """Refuse an unknown metric or column before anybody is asked for prices."""
    metrics, _ = resolve(by, years)
    names = [*(column.name for column in inputs.columns(years)), *metrics]
    for condition in where:
        filters.parse(condition, names)


def _prices(
    wish: Wish,
    listings: Sequence[Listing],
    kept: Store,
    choice: estimates.Choice,
    stored: estimates.Stored,
) -> _Prices:
    provider = (
        Ladder(kept, not wish.offline, wish.prices == "auto", wish.max_age)
        if wish.is_live
        else find(wish.prices)
    )
    pairs = frozenset(
        (currency_of(row.symbol), currency)
        for row in listings
        for currency in choice.currencies(row, stored) - {currency_of(row.symbol)}
    )
    pairs |= {(row.provenance.market_cap_currency, "CNY") for row in listings} - {("CNY", "CNY")}
    ask = Ask(listings, wish.now, wish.timeout, wish.as_of, wish.cross_check, pairs, wish.progress)
    found, rates, problems = quotes.price(ask, provider)
    day = quotes.price_day(found, wish.as_of, wish.now.date())
    printed = report.fetch(ask)
    problems += quotes.old_prices(found, day)
    if provider is not report.fetch:
        problems += report.findings(printed)
    return _Prices(found, rates, day, printed, problems)


def _splits(
    wish: Wish,
    listings: Sequence[Listing],
    prices: _Prices,
    kept: Store,
    counted: Shares,
    timeout: float,
) -> tuple[Record, list[Problem]]:
    """The splits that are stored and, in a live run of today, those that are asked for."""
    out = {each.where for each in prices.problems if each.kind == "source_out"}
    is_today = prices.day >= market_day(wish.now)
    if not (wish.is_live and is_today) or wish.offline or "network" in out:
        return actions.known(listings, kept), []
    return actions.brought_up_to_date(
        {row: prices.traded(row) for row in prices.quotes},
        kept,
        counted,
        wish.now,
        timeout,
        cross_check=wish.cross_check,
        out=out & {"Yahoo"},
    )
