"""What a valuation needs from outside: prices, rates, splits, estimates, for every listing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import polars as pl

from screener.audit.audit import audit_watchlists
from screener.audit.findings import Finding
from screener.consensus.choice import Choice, comparable, parse_choice, vintages_used
from screener.consensus.fiscal_calendar import estimate_problems, forward
from screener.consensus.judge import Stored
from screener.consensus.splits import Record
from screener.market_data import fx
from screener.market_data.belief import Past, judged, moves, past, rate_problems
from screener.market_data.fallback import Fallback
from screener.market_data.quotes import calendar_problems, old_prices, price_day, priced
from screener.market_data.split_lookup import (
    Evidence,
    evidence,
    lacking,
    last_trading_days,
    settled,
    split_problems,
    stored_splits,
    up_to_date_splits,
)
from screener.market_data.trailing import missing_accounts, newest, trailing
from screener.market_data.vendor_history import standings
from screener.model.calendars import market_day
from screener.model.input_columns import input_columns
from screener.model.problems import Problem
from screener.model.records import Listing, Profile, Quote, Rate
from screener.model.spellings import spellings
from screener.model.symbols import currency_of
from screener.screening.input_frame import Sentences, input_frame
from screener.screening.options import Options
from screener.sources.child import Children
from screener.sources.contract import Ask, Fetched
from screener.sources.network import is_cut_off
from screener.sources.plausible import Known
from screener.sources.printed import printed_prices, printed_problems
from screener.sources.registry import find_provider
from screener.sources.splits import Splits
from screener.store.store import Store, default_path
from screener.valuation import filters
from screener.valuation.composite import resolve
from screener.watchlists.folder import default_folder
from screener.watchlists.read import Watchlist, load_watchlists
from screener.watchlists.selection import selected

# However long the prices took, splits may take this.
LEAST_SECONDS = 3.0


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
    """The prices of a run, their day, and what the tables themselves imply.

    `past` is what there was before they were asked for, `shares` the counts that are stored;
    `seen` is what they tell of splits.
    """

    quotes: Mapping[Listing, Quote]
    rates: Sequence[Rate]
    profiles: Mapping[str, Profile]
    day: date
    printed: Fetched
    past: Past
    shares: Mapping[str, float]
    seen: Evidence
    problems: list[Problem]
    splits: Splits

    def traded(self, listing: Listing) -> date:
        """The day that a listing's price is of, in its exchange's time."""
        quote = self.quotes.get(listing)
        return quote.market_time.date() if quote else self.day


def gather(options: Options) -> Gathered:
    """Everything that the valuation asked for needs.

    Raises UnknownNameError and UsageError for what cannot be asked, before anything is fetched.
    """
    folder = Path(options.watchlists) if options.watchlists is not None else default_folder()
    kept = Store(Path(options.store) if options.store else default_path(), create=options.is_live)
    choice = parse_choice(options.consensus)
    tables, problems = load_watchlists(
        folder, options.sectors, on=options.as_of or options.now.date()
    )
    tables = selected(tables, options.only, options.exclude)
    listings = [listing for table in tables for listing in table.listings]
    stored = kept.vintages({row.symbol for row in listings})
    _check_names(options, choice.years(listings, stored))

    options.done("lists")
    with Children(options.timeout + LEAST_SECONDS) as children:
        prices = _prices(children, options, listings, kept, choice, stored)
        record, unknown = _splits(children, options, listings, prices, kept)
    options.done("prices")
    prices = _believed(prices, prices.past.known(record), options)
    used, doubts = vintages_used(listings, stored, record, choice, prices.day)
    forwards = {
        row: forward(row, each, prices.day, prices.traded(row), record, options.fy1)
        for row, each in used.items()
    }
    forwards = settled(forwards, prices.seen)
    currencies = {row: each.currency for row, each in used.items()}
    conversions, unconverted = fx.convert(prices.quotes, currencies, prices.rates, prices.day)
    every = (each for outlook in forwards.values() for each in (outlook.vintage, outlook.report))
    years = sorted({year for vintage in every for year in vintage.years})
    reported, unsure = trailing(prices.quotes, prices.profiles, prices.rates, record, prices.day)
    if options.is_live:
        unsure += missing_accounts(prices.quotes, reported)
    caps, uncapped = fx.cap_rates(listings, prices.rates, prices.day)
    frame, sentences = input_frame(
        prices.quotes,
        conversions,
        forwards,
        reported,
        prices.printed.quotes,
        caps,
        standings({row.symbol for row in listings}, kept, prices.day),
        years,
        prices.day,
        options.nm_above,
        options.fy1,
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
            *calendar_problems(listings, market_day(options.now)),
            *unknown,
            *doubts,
            *unconverted,
            *uncapped,
            *unsure,
            *comparable(used),
            *split_problems(forwards, prices.seen),
            *estimate_problems(forwards, prices.day),
            # What could not be read changes figures: it is said, whoever was asked for prices.
            *(problem for problem in kept.problems if problem not in prices.problems),
        ),
        prices=str(options.prices),
        price_day=prices.day,
        generated_at=options.now,
    )


def _check_names(options: Options, years: Sequence[int]) -> None:
    """Refuse an unknown metric or column before anybody is asked for prices."""
    metrics, _ = resolve(options.by, years)
    columns = [*metrics.values(), *input_columns(years)]
    names = [column.name for column in columns]
    for condition in options.conditions:
        filters.parse(condition, names, spelled=spellings(columns))


def _prices(
    children: Children,
    options: Options,
    listings: Sequence[Listing],
    kept: Store,
    choice: Choice,
    stored: Stored,
) -> _Prices:
    provider = (
        Fallback(kept, children, not options.offline, options.prices == "auto", options.max_age)
        if options.is_live
        else find_provider(options.prices)
    )
    pairs = frozenset(
        (currency_of(row.symbol), currency)
        for row in listings
        for currency in choice.currencies(row, stored) - {currency_of(row.symbol)}
    )
    profiled = kept.profiles({row.symbol for row in listings})
    pairs |= {
        (currency_of(profile.symbol), profile.accounts_currency)
        for profile in profiled
        if profile.accounts_currency not in ("", currency_of(profile.symbol))
    }
    pairs |= {(row.provenance.market_cap_currency, "CNY") for row in listings} - {("CNY", "CNY")}
    ask = Ask(
        listings,
        options.now,
        options.timeout,
        options.as_of,
        options.cross_check,
        pairs,
        options.progress,
    )
    printed = printed_prices(ask)
    before = past(listings, printed.quotes, kept, options.now)
    record = stored_splits(listings, kept)
    # Beside the prices: those that are lacking by the day that they will be of.
    since = lacking(last_trading_days(listings, options.now), record)
    ask = replace(ask, known=before.known(record), splits_since=since)
    fetched = priced(ask, provider)
    found, rates, problems = fetched.quotes, fetched.rates, [*fetched.problems]
    if provider is not printed_prices:
        problems += printed_problems(printed, listings)
    shares = kept.shares()
    seen = evidence(found, printed.quotes, moves(found, ask.known), shares)
    day = price_day(found, options.as_of, options.now.date())
    profiles = newest([*profiled, *fetched.profiles], day)
    return _Prices(
        found, rates, profiles, day, printed, before, shares, seen, problems, fetched.splits
    )


def _believed(prices: _Prices, known: Known, options: Options) -> _Prices:
    """The prices that can be believed, now that the splits up to them are known."""
    moved = moves(prices.quotes, known)
    quotes, doubtful = judged(prices.quotes, moved, options.now)
    day = price_day(quotes, options.as_of, options.now.date())
    problems = [
        *prices.problems,
        *doubtful,
        *rate_problems(prices.rates, known),
        *old_prices(quotes, day),
    ]
    return replace(
        prices,
        quotes=quotes,
        day=day,
        seen=evidence(quotes, prices.printed.quotes, moved, prices.shares),
        problems=problems,
    )


def _splits(
    children: Children,
    options: Options,
    listings: Sequence[Listing],
    prices: _Prices,
    kept: Store,
) -> tuple[Record, list[Problem]]:
    """The splits that are stored and, in a live run of today, those that are asked for."""
    out = {problem.where for problem in prices.problems if problem.kind == "source_out"}
    is_today = prices.day >= market_day(options.now)
    if not (options.is_live and is_today) or options.offline or is_cut_off(prices.problems):
        return stored_splits(listings, kept), []
    return up_to_date_splits(
        children,
        {row: prices.traded(row) for row in prices.quotes},
        kept,
        prices.seen,
        options.now,
        cross_check=options.cross_check,
        out=out,
        first=prices.splits,
    )
