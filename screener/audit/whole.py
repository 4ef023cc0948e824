"""A fault of a whole table: years moved by one, another unit, a day that cannot be."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from math import log10
from statistics import median

from screener.audit.findings import Finding
from screener.audit.implied import (
    Figures,
    common_price,
    figures_of,
    implied_shares,
    row_price,
    years_of,
)
from screener.model.aliases import KNOWN, plain_name
from screener.model.messages import Sentence, say
from screener.model.records import Listing
from screener.model.symbols import lasting
from screener.watchlists.read import Watchlist

# So many rows, and so large a share of those that could have it, make it the table's fault.
_FEWEST_ROWS, _SHARE = 3, 0.7
# Two prices of one day lie no farther apart than rounding and a currency make them.
_SAME_UNIT = 1.35
# Estimates of a year are not made so long before it, nor valued so long after.
_YEARS_APART = 3
# What is said of rows that a fault of the whole table explains.
EXPLAINED = frozenset(("years_swapped", "digits", "decimal", "cell", "monotony", "columns_swapped"))


def moved_years(table: Watchlist) -> Finding | None:
    """EPS of each year under the heading of the next, or of the one before.

    Nearly all rows have no common price as they stand, and one with all EPS moved by a year.
    """
    rows = [figures_of(listing) for listing in table.listings]
    odd = [each for each in rows if len(years_of(each)) >= 3 and common_price(each) is None]
    whole = [each for each in rows if len(years_of(each)) >= 3]
    if len(odd) < _FEWEST_ROWS or len(odd) < _SHARE * len(whole):
        return None
    for step, words in ((1, say("left")), (-1, say("right"))):
        mended = sum(common_price(_moved(each, step)) is not None for each in odd)
        if mended >= _SHARE * len(odd):
            message = say(
                "EPS stands one year too far to the {side}: moved back, {mended} of {odd} rows that"
                " have no common price have one",
                side=words,
                mended=mended,
                odd=len(odd),
            )
            return _of_table(table, "years_moved", message)
    return None


def _moved(figures: Figures, step: int) -> Figures:
    """P/E of a year with the EPS that stands `step` years before it."""
    years = years_of(figures)
    return {
        (kind, year): figures[kind, year if kind == "pe" else year - step]
        for year in years
        if year - step in years
        for kind in ("eps", "pe")
    }


def other_unit(table: Watchlist) -> Finding | None:
    """EPS × P/E that is the printed price times one factor in all rows: another unit, or money."""
    ratios = [ratio for ratio in map(_over_price, table.listings) if ratio is not None]
    if len(ratios) < _FEWEST_ROWS:
        return None
    middle = median(ratios)
    alike = sum(1 / _SAME_UNIT < ratio / middle < _SAME_UNIT for ratio in ratios)
    if alike < _SHARE * len(ratios) or 1 / _SAME_UNIT < middle < _SAME_UNIT:
        return None
    message = say(
        "EPS × P/E is {middle:,.4g} times the printed price in {alike} of {rows} rows: is one of"
        " them in another unit or currency?",
        middle=middle,
        alike=alike,
        rows=len(ratios),
    )
    return _of_table(table, "unit", message)


def _over_price(listing: Listing) -> float | None:
    implied = common_price(figures_of(listing)) if figures_of(listing) else None
    printed = listing.printed_price
    if implied is None or printed is None or printed.value <= 0 or implied.low <= 0:
        return None
    same = listing.printed_price_currency == listing.eps_currency
    return implied.midpoint / printed.value if same else None


def odd_days(table: Watchlist, today: date | None) -> Iterator[Finding]:
    """A day that is still to come, or one that lies years off its own estimates."""
    day = table.provenance.as_of
    if today is not None and day > today:
        message = say("its day, {day}, is still to come: today is {today}", day=day, today=today)
        yield _of_table(table, "odd_day", message)
    years = [each.fiscal_year for listing in table.listings for each in listing.years]
    if years and not min(years) - _YEARS_APART <= day.year <= max(years) + _YEARS_APART:
        message = say(
            "its day, {day}, lies years off the fiscal years of its estimates, {first}–{last}",
            day=day,
            first=min(years),
            last=max(years),
        )
        yield _of_table(table, "odd_day", message)


def odd_caps(table: Watchlist, shares: dict[str, float]) -> Iterator[Finding]:
    """Market caps ten or a hundred times off what a vendor's count of shares makes them."""
    for listing in table.listings:
        implied, count = implied_shares(listing), shares.get(listing.symbol)
        if implied is None or not count or not listing.market_cap:
            continue
        factor = implied.midpoint * 1e8 / count
        power = round(log10(factor))
        if power and abs(factor / 10**power - 1) < _CAP_TOLERANCE:
            message = say(
                "{name}: market cap {cap:,.2f} is {factor:g} times the price × the vendor's count"
                " of shares: a decimal point?",
                name=listing.name,
                cap=listing.market_cap,
                factor=10.0**power,
            )
            yield Finding(listing.printed_symbol, "cap_scale", listing.where, message, table.name)


# A count of another day, with shares issued since.
_CAP_TOLERANCE = 0.25


def odd_sizes(table: Watchlist, known: Collection[str]) -> Iterator[Finding]:
    """A share count far beyond all its neighbours', where no vendor's is `known`."""
    counts = {
        listing: listing.market_cap / price.midpoint
        for listing in table.listings
        if (price := row_price(listing)) and price.low > 0 and listing.market_cap
    }
    if len(counts) < 2 * _FEWEST_ROWS:
        return
    # Of the others the largest is the largest of all, but of that one itself.
    in_order = sorted(counts.values())
    for listing, count in counts.items():
        low = in_order[1] if count == in_order[0] else in_order[0]
        high = in_order[-2] if count == in_order[-1] else in_order[-1]
        if (count > _FAR * high or count < low / _FAR) and listing.symbol not in known:
            message = say(
                "{name}: market cap ÷ price gives {count:,.4g} hundred million shares, the other"
                " names have {low:,.4g} to {high:,.4g}: a decimal point?",
                name=listing.name,
                count=count,
                low=low,
                high=high,
            )
            yield Finding(listing.printed_symbol, "odd_size", listing.where, message, table.name)


# Beyond the largest or the smallest of the others by so much.
_FAR = 10.0


def unknown_codes(table: Watchlist, known: Collection[str]) -> Iterator[Finding]:
    """The codes that neither the program nor what is stored knows: nobody compares their names."""
    unknown = [
        listing.printed_symbol
        for listing in table.listings
        # By its digits: another ending, or a code of before, is a finding of its own.
        if lasting(listing.symbol).partition(".")[0] not in _KNOWN_DIGITS
        and listing.symbol not in known
    ]
    if unknown:
        message = say(
            "nobody here knows {count} of its codes, and whether they are of the names beside them:"
            " {codes}",
            count=len(unknown),
            codes=", ".join(unknown[:_MOST_NAMED]) + (" …" if len(unknown) > _MOST_NAMED else ""),
        )
        yield _of_table(table, "unknown_code", message)


def named_otherwise(table: Watchlist, called: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    """Codes that their sources know by names that are not the table's."""
    for listing in table.listings:
        names = called.get(lasting(listing.symbol), ())
        # A Chinese name is held against Chinese ones: translations of one name are many.
        alike = [name for name in names if name.isascii() == listing.name.isascii()]
        if alike and not any(_is_one(listing.name, name) for name in alike):
            message = say(
                "{code} is {names} to those who trade it, and {name} in the table",
                code=listing.printed_symbol,
                names=" / ".join(sorted(names)),
                name=listing.name,
            )
            yield Finding(listing.printed_symbol, "code_name", listing.where, message, table.name)


def _is_one(one: str, other: str) -> bool:
    """Whether two names are of one company: one begins with the other, marks before it aside."""
    first, second = (re.sub(r"\W", "", plain_name(name)).casefold() for name in (one, other))
    return first in second or second in first


_MOST_NAMED = 10
_KNOWN_DIGITS = frozenset(symbol.partition(".")[0] for symbol in KNOWN)


def _of_table(table: Watchlist, kind: str, message: Sentence) -> Finding:
    return Finding("", kind, str(table.path), message, table.name)
