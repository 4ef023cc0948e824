"""The prices that a printed table implies: EPS × P/E, where its years agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from screener.model.calendars import last_close
from screener.model.figures import Figure, Interval, agreed, crosses_zero, span
from screener.model.messages import joined, say
from screener.model.problems import Problem
from screener.model.records import Listing, Quote
from screener.sources.contract import Ask, Fetched


def printed_prices(ask: Ask) -> Fetched:
    """A price for each listing, from its own table's figures, in the currency of its EPS.

    The price is the midpoint of all prices that give the printed P/Es; it dates from the last
    close on or before the table's day. Printed cells that disagree with their row, and one
    listing at two prices, are problems.
    """
    quotes: dict[Listing, Quote] = {}
    problems: list[Problem] = []
    for listing in ask.listings:
        price, faults = printed_or_implied_price(listing)
        problems += faults
        if price is not None:
            quotes[listing] = Quote(
                price=listing.printed_price.value if listing.printed_price else price.midpoint,
                currency=listing.printed_price_currency or listing.eps_currency,
                market_time=last_close(listing.symbol, listing.provenance.as_of),
                as_of=listing.provenance.as_of,
                source=_source(listing),
                obtained="report",
                bounds=price,
            )
    return Fetched(quotes, problems=[*problems, *_conflicts(quotes)])


def printed_problems(fetched: Fetched, listings: Iterable[Listing]) -> list[Problem]:
    """What is wrong with the printed tables, where the prices come from elsewhere.

    Market caps are rolled forward from the report's price, so they rest on the same figures. A
    watchlist of codes alone promises none.
    """
    bare = {row.where for row in listings if row.is_bare}
    return [
        replace(
            problem,
            kind="no_report_price",
            message=say("{why}: no market cap, no price change", why=problem.message),
        )
        if problem.kind == "no_price"
        else problem
        for problem in fetched.problems
        if problem.where not in bare
    ]


@dataclass(frozen=True, slots=True)
class _Implied:
    """The prices that one printed year allows."""

    fiscal_year: int
    eps: Figure
    pe: Figure
    price: Interval


def printed_or_implied_price(listing: Listing) -> tuple[Interval | None, list[Problem]]:
    """The prices that a row's figures allow, and a problem for each figure that is at odds.

    None, with a problem, where the row says nothing or no majority of its years agrees.
    """
    implied = [
        _Implied(year.fiscal_year, year.eps, year.pe, year.eps.bounds.times(year.pe.bounds))
        for year in listing.years
        if year.eps and year.pe and not crosses_zero(year.eps.bounds)
    ]
    if listing.printed_price is not None:
        price: Interval | None = listing.printed_price.bounds
        if listing.printed_price_currency != listing.eps_currency:
            implied = []  # the two are not the same money: nothing to compare
    else:
        price = agreed([year.price for year in implied])
    if price is None:
        each = joined(
            say("FY{year} {range}", year=year.fiscal_year, range=span(year.price))
            for year in implied
        )
        message = (
            say("the printed years agree on no price: {each}", each=each)
            if implied
            else say("the table prints neither a price nor a P/E that implies one")
        )
        return None, [listing.problem("no_price", message)]
    # One year out of line is a slip in that cell: the price of the others stands.
    odd = [year for year in implied if price.meet(year.price) is None]
    return price, [_odd_cell(listing, year, price) for year in odd]


def _odd_cell(listing: Listing, year: _Implied, price: Interval) -> Problem:
    message = say(
        "FY{year}: EPS {eps} × P/E {pe} implies a price of {range}, the rest of the row {rest}",
        year=year.fiscal_year,
        eps=year.eps.text,
        pe=year.pe.text,
        range=span(year.price),
        rest=span(price),
    )
    if year.price.high < 0:
        message = joined([message, say("EPS and P/E have opposite signs")])
    return listing.problem("printed_cell", message)


def _source(listing: Listing) -> str:
    table = f" table {listing.provenance.table}" if listing.provenance.table else ""
    return f"{listing.provenance.publisher or listing.sector}{table}"


def _conflicts(quotes: Mapping[Listing, Quote]) -> Iterator[Problem]:
    """One problem for each listing whose tables imply prices that exclude each other."""
    by_symbol: dict[str, list[Listing]] = {}
    for listing in quotes:
        by_symbol.setdefault(listing.symbol, []).append(listing)
    for symbol, rows in by_symbol.items():
        lowest = max(quotes[row].bounds.low for row in rows)
        highest = min(quotes[row].bounds.high for row in rows)
        if lowest > highest:
            prices = joined(
                say("{sector} {range}", sector=row.sector, range=span(quotes[row].bounds))
                for row in rows
            )
            where = ", ".join(row.where for row in rows)
            message = say(
                "its tables imply prices that exclude each other: {prices}", prices=prices
            )
            yield Problem("price_conflict", where, message, symbol)
