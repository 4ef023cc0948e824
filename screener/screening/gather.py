"""What a valuation needs from outside: prices, rates, splits, estimates, for every listing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import inf
from pathlib import Path
from time import monotonic

import polars as pl

from screener.audit.audit import audit_watchlists
from screener.audit.findings import Finding
from screener.consensus.choice import Choice, comparable, parse_choice, vintages_used
from screener.consensus.fiscal_calendar import estimate_problems, forward
from screener.consensus.judge import Stored
from screener.consensus.splits import Record
from screener.market_data import fx
from screener.market_data.fallback import Fallback
from screener.market_data.quotes import old_prices, price_day, priced
from screener.market_data.split_lookup import (
    Shares,
    shares,
    split_problems,
    stored_splits,
    up_to_date_splits,
)
from screener.model.calendars import market_day
from screener.model.input_columns import input_columns
from screener.model.messages import say
from screener.model.problems import Problem, UsageError
from screener.model.records import Listing, Quote, Rate
from screener.model.symbols import currency_of
from screener.screening.input_frame import Sentences, input_frame
from screener.sources.child import Children
from screener.sources.contract import Ask, Fetched
from screener.sources.printed import printed_prices, printed_problems
from screener.sources.registry import find_provider
from screener.store.store import Store, default_path
from screener.valuation import filters
from screener.valuation.composite import Scope, resolve
from screener.watchlists.folder import default_folder
from screener.watchlists.read import Watchlist, load_watchlists, selected

# However long the prices took, splits may take this.
LEAST_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Request:
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

    `frame` has the columns of the inputs for the fiscal years `years`, and what those follow from;
    `sentences` are those of its texts that can be said in either language.
    """

    frame: pl.DataFrame
    sentences: Sentences
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


def gather(request: Request, where: Sequence[str] = ()) -> Gathered:
    """Everything that the valuation asked for needs.

    Raises UnknownNameError and UsageError for what cannot be asked, before anything is fetched.
    """
    _check(request)
    folder = Path(request.watchlists) if request.watchlists is not None else default_folder()
    kept = Store(Path(request.store) if request.store else default_path(), create=request.is_live)
    choice = parse_choice(request.consensus)
    tables, problems = load_watchlists(
        folder, request.sectors, on=request.as_of or request.now.date()
    )
    tables = selected(tables, request.only, request.exclude)
    listings = [listing for table in tables for listing in table.listings]
    stored = kept.vintages({row.symbol for row in listings})
    _check_names(request.by, where, choice.years(listings, stored))

    started = monotonic()
    with Children() as children:
        prices = _prices(children, request, listings, kept, choice, stored)
        counted = shares(prices.quotes, prices.printed.quotes)
        left = max(LEAST_SECONDS, request.timeout - (monotonic() - started))
        record, unknown = _splits(children, request, listings, prices, kept, counted, left)
    used, doubts = vintages_used(listings, stored, record, choice, prices.day)
    forwards = {
        row: forward(row, each, prices.day, prices.traded(row), record)
        for row, each in used.items()
    }
    currencies = {row: each.currency for row, each in used.items()}
    conversions, unconverted = fx.convert(prices.quotes, currencies, prices.rates, prices.day)
    every = (each for outlook in forwards.values() for each in (outlook.vintage, outlook.report))
    years = sorted({year for vintage in every for year in vintage.years})
    caps, uncapped = fx.market_caps(listings, prices.rates, prices.day)
    frame, sentences = input_frame(
        prices.quotes,
        conversions,
        forwards,
        prices.printed.quotes,
        caps,
        years,
        prices.day,
        request.nm_above,
    )
    return Gathered(
        frame=frame,
        sentences=sentences,
        years=tuple(years),
        watchlists=tuple(tables),
        findings=tuple(audit_watchlists(tables)),
        problems=(
            *problems,
            *prices.problems,
            *unknown,
            *doubts,
            *unconverted,
            *uncapped,
            *comparable(used),
            *split_problems(forwards, counted),
            *estimate_problems(forwards, prices.day),
        ),
        prices=str(request.prices),
        price_day=prices.day,
        generated_at=request.now,
    )


def _check(request: Request) -> None:
    if request.as_of is not None and not 1990 <= request.as_of.year < 2100:
        raise UsageError(
            say("as of {as_of}: the day must lie between 1990 and 2099", as_of=request.as_of)
        )
    if request.nm_above is not None and not 0 < request.nm_above < inf:
        raise UsageError(
            say("NM above {nm_above:g}: the P/E must be above zero", nm_above=request.nm_above)
        )


def _check_names(by: str, where: Sequence[str], years: Sequence[int]) -> None:
    """Refuse an unknown metric or column before anybody is asked for prices."""
    metrics, _ = resolve(by, years)
    names = [*(column.name for column in input_columns(years)), *metrics]
    for condition in where:
        filters.parse(condition, names)


def _prices(
    children: Children,
    request: Request,
    listings: Sequence[Listing],
    kept: Store,
    choice: Choice,
    stored: Stored,
) -> _Prices:
    provider = (
        Fallback(kept, children, not request.offline, request.prices == "auto", request.max_age)
        if request.is_live
        else find_provider(request.prices)
    )
    pairs = frozenset(
        (currency_of(row.symbol), currency)
        for row in listings
        for currency in choice.currencies(row, stored) - {currency_of(row.symbol)}
    )
    pairs |= {(row.provenance.market_cap_currency, "CNY") for row in listings} - {("CNY", "CNY")}
    ask = Ask(
        listings,
        request.now,
        request.timeout,
        request.as_of,
        request.cross_check,
        pairs,
        request.progress,
    )
    found, rates, problems = priced(ask, provider)
    day = price_day(found, request.as_of, request.now.date())
    printed = printed_prices(ask)
    problems += old_prices(found, day)
    if provider is not printed_prices:
        problems += printed_problems(printed)
    return _Prices(found, rates, day, printed, problems)


def _splits(
    children: Children,
    request: Request,
    listings: Sequence[Listing],
    prices: _Prices,
    kept: Store,
    counted: Shares,
    timeout: float,
) -> tuple[Record, list[Problem]]:
    """The splits that are stored and, in a live run of today, those that are asked for."""
    out = {problem.where for problem in prices.problems if problem.kind == "source_out"}
    is_today = prices.day >= market_day(request.now)
    if not (request.is_live and is_today) or request.offline or "network" in out:
        return stored_splits(listings, kept), []
    return up_to_date_splits(
        children,
        {row: prices.traded(row) for row in prices.quotes},
        kept,
        counted,
        request.now,
        timeout,
        cross_check=request.cross_check,
        out=out & {"Yahoo"},
    )
