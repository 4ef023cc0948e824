"""Prices for listings: asked of a source, and refused where they cannot be one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from screener.model.calendars import unknown_days
from screener.model.messages import NOTHING, Sentence, message_of, say
from screener.model.names import Names
from screener.model.problems import Problem
from screener.model.records import Listing, Quote
from screener.model.symbols import SymbolError, exchange_of
from screener.model.usage import UsageError
from screener.sources.answers import price_fault
from screener.sources.contract import Ask, Fetched, Provider
from screener.store.kept import Stored
from screener.store.store import Store

# A price this many days older than the day of the valuation is still used, and warned of:
# the longest closures of these markets, Spring Festival and National Day, last nine or ten days.
OLD_AFTER_DAYS = 10


def priced(ask: Ask, provider: Provider) -> Fetched:
    """A usable quote, or a problem that names it, for every listing; and what came along.

    Prices of the future are refused, with `ask.as_of` those that stand for a later day.
    """
    fetched = provider(ask)
    named = {problem.where for problem in fetched.problems if problem.kind == "no_price"}
    refusals = {
        listing: _refusal(fetched.quotes.get(listing), ask)
        for listing in ask.listings
        if listing in fetched.quotes or listing.where not in named
    }
    problems = [
        *fetched.problems,
        *(listing.problem("no_price", refusal) for listing, refusal in refusals.items() if refusal),
    ]
    usable = {row: quote for row, quote in fetched.quotes.items() if not refusals.get(row)}
    return replace(fetched, quotes=usable, problems=problems)


def price_day(quotes: Mapping[Listing, Quote], as_of: date | None, today: date) -> date:
    """The day of the valuation: `as_of` if given, else the latest day a price stands for."""
    return as_of or max((quote.as_of for quote in quotes.values()), default=today)


def old_prices(quotes: Mapping[Listing, Quote], day: date) -> list[Problem]:
    """A problem for each price whose trade lies long before the day of the valuation."""
    problems = []
    for row, quote in quotes.items():
        traded = quote.market_time.date()
        age = (day - traded).days
        # Of a halted share the last price is the last there is, and that is said.
        if age > OLD_AFTER_DAYS and quote.obtained != "halted":
            message = say(
                "the price of {priced} is {age} days old on {day}", priced=traded, age=age, day=day
            )
            problems.append(row.problem("old_price", message))
    return problems


def calendar_problems(rows: Iterable[Listing], *days: date) -> list[Problem]:
    """A problem for each calendar and day, these or a table's own, of which nobody knows whether
    the market trades."""
    named = {}
    for row in rows:
        calendar = exchange_of(row.symbol).calendar
        for day in {row.provenance.as_of, *days}:
            if fault := unknown_days(row.symbol, day):
                named[calendar, day] = Problem("no_calendar", calendar, fault)
    return [named[key] for key in sorted(named)]


def _refusal(quote: Quote | None, ask: Ask) -> Sentence:
    # A source of somebody else's making may break the promise of a problem for each name.
    if quote is None:
        return say("the source did not answer for it")
    fault = price_fault(quote.source, quote.price, quote.market_time, ask.now, quote.as_of)
    if fault:
        return fault
    if ask.as_of is not None and quote.as_of > ask.as_of:
        return say(
            "the price of {source} is of {as_of}, after {day}",
            source=quote.source,
            as_of=quote.as_of,
            day=ask.as_of,
        )
    return NOTHING


def stored_quotes(
    texts: Sequence[str], names: Names, store: Store, now: datetime
) -> dict[str, list[Stored]]:
    """What the store holds of each symbol: the last quote of every source, the newest first.

    Symbols are meant by codes and by names. Raises UsageError for what is neither.
    """
    found = {}
    for text in texts:
        try:
            symbol = names.meant(text)
        except SymbolError as error:
            raise UsageError(message_of(error)) from None
        found[symbol] = [stored for stored in store.quotes(symbol) if stored.fetched_at <= now]
    return found
