"""One table: a column of another day, a wrong unit, codes that are another's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median

from screener.audit.findings import Finding, code_fix, finding_on
from screener.audit.implied import common_price, figures_of, implied_shares
from screener.model.aliases import KNOWN, plain_name
from screener.model.calendars import NoCalendarError, last_close
from screener.model.figures import Interval
from screener.model.messages import joined, say
from screener.model.records import Listing
from screener.model.symbols import BEIJING_MOVED, BEIJING_MOVES, exchange_by_range
from screener.watchlists.read import Watchlist

# A table's middle company has more than 20 million and fewer than 60 billion shares.
_MIDDLE_SHARES = Interval(0.2, 600.0)

# So many rows, and half of all, make it the column's fault.
_ROWS_OF_A_COLUMN = 3

# So large a share of a table's rows makes it a fault of the table.
_MOST_ROWS = 0.8


def column_findings(table: Watchlist, findings: Sequence[Finding]) -> list[Finding]:
    """The findings of the rows, with one for the column in place of those it explains."""
    kept = list(findings)
    for year in sorted(
        {finding.fiscal_year for finding in findings if finding.fiscal_year is not None}
    ):
        odd = {each.where for each in kept if each.fiscal_year == year and each.kind != "monotony"}
        shifts = [
            shift
            for listing in table.listings
            if listing.where in odd and (shift := _shift(listing, year)) is not None
        ]
        many = max(_ROWS_OF_A_COLUMN, (len(table.listings) + 1) // 2)
        if len(shifts) < many:
            continue
        kept = [each for each in kept if each.fiscal_year != year]
        message = say(
            "P/E FY{year} of {odd} of {all} names is not at the price of the other years but"
            " {shift:+.1%} off it: of another day?",
            year=year,
            odd=len(shifts),
            all=len(table.listings),
            shift=median(shifts),
        )
        kept.append(Finding("", "other_day", str(table.path), message, table.name, year))
    return kept


def _shift(listing: Listing, year: int) -> float | None:
    """How far the price of one year lies from that of the others."""
    figures = figures_of(listing)
    others = {cell: figure for cell, figure in figures.items() if cell[1] != year}
    price = common_price(others) if others else None
    if price is None or ("eps", year) not in figures:
        return None
    implied = figures["eps", year].bounds.times(figures["pe", year].bounds)
    return implied.midpoint / price.midpoint - 1 if implied.low > 0 else None


def identity_findings(table: Watchlist) -> Iterator[Finding]:
    for listing in table.listings:
        code, name = listing.printed_symbol, plain_name(listing.name)
        digits, _, suffix = code.partition(".")
        right = exchange_by_range(digits) if suffix != "HK" else suffix
        if right is not None and right != suffix:
            message = say(
                "{code}: {digits} is a code of {right}, not of {suffix}",
                code=code,
                digits=digits,
                right=right,
                suffix=suffix,
            )
            yield finding_on(
                listing, "suffix", message, None, (code_fix(code, f"{digits}.{right}"),)
            )
        elif code in BEIJING_MOVES:
            message = say(
                "{code} was retired on {day}: it is {symbol} since",
                code=code,
                day=BEIJING_MOVED,
                symbol=BEIJING_MOVES[code],
            )
            finding = finding_on(listing, "retired_code", message)
            yield replace(finding, is_corrected=listing.symbol == BEIJING_MOVES[code])
        else:
            yield from _misnamed(listing, code, name)


def _misnamed(listing: Listing, code: str, name: str) -> Iterator[Finding]:
    """A code that is known to be another's, or a name that is known by another code."""
    name = re.sub(r"^(\*?ST|XD|XR|DR|N|C)(?=[^\x00-\x7f])", "", name)
    if name.isascii():
        return  # the known names are Chinese: an English one cannot be compared
    known = KNOWN.get(code)
    others = [each.symbol for each in KNOWN.values() if plain_name(each.name) == name]
    if (known is None and not others) or (known and plain_name(known.name) == name):
        return
    said = (
        say("{code} is {name}", code=code, name=known.name)
        if known
        else say("{code} is not the code of {name}", code=code, name=name)
    )
    if others:
        said = joined([said, say("{name} is {symbol}", name=name, symbol=others[0])])
    fixes = (code_fix(code, others[0]),) if len(others) == 1 else ()
    finding = finding_on(listing, "code_name", said, None, fixes)
    yield replace(finding, is_corrected=bool(others) and listing.symbol == others[0])


def table_findings(table: Watchlist) -> Iterator[Finding]:
    counts = [
        shares.midpoint
        for listing in table.listings
        if (shares := implied_shares(listing)) is not None
    ]
    if len(counts) >= _ROWS_OF_A_COLUMN:
        middle = median(counts)
        if not _MIDDLE_SHARES.low <= middle <= _MIDDLE_SHARES.high:
            message = say(
                "market cap ÷ price gives {middle:,.4g} hundred million shares for the middle"
                " name: is the unit of the market caps right?",
                middle=middle,
            )
            yield Finding("", "unit", str(table.path), message, table.name)
    yield from _exchanged_columns(table)
    yield from _closed_day(table)


def _exchanged_columns(table: Watchlist) -> Iterator[Finding]:
    """All EPS under P/E: nearly every EPS larger than its P/E, and falling over the years."""
    rows = [figures for listing in table.listings if len(figures := figures_of(listing)) >= 4]
    odd = 0
    for figures in rows:
        years = sorted({year for _, year in figures})
        larger = all(figures["eps", year].value > figures["pe", year].value > 0 for year in years)
        falls = figures["eps", years[-1]].value < figures["eps", years[0]].value
        odd += larger and falls
    if len(rows) >= _ROWS_OF_A_COLUMN and odd >= _MOST_ROWS * len(rows):
        message = say(
            "EPS is larger than P/E and falls in {odd} of {rows} rows: swapped?",
            odd=odd,
            rows=len(rows),
        )
        yield Finding("", "columns_swapped", str(table.path), message, table.name)


def _closed_day(table: Watchlist) -> Iterator[Finding]:
    day = table.provenance.as_of
    closes: dict[str, list[str]] = {}
    for listing in table.listings:
        try:
            close = last_close(listing.symbol, day).date()
        except NoCalendarError:
            return
        if close != day:
            closes.setdefault(str(close), []).append(listing.symbol.rpartition(".")[2])
    if closes:
        days = ", ".join(f"{close} ({'/'.join(sorted(set(of)))})" for close, of in closes.items())
        message = say(
            "{day} was no trading day: the prices are those of {days}", day=day, days=days
        )
        yield Finding("", "closed_day", str(table.path), message, table.name)
