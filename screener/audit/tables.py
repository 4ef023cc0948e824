"""One table: a column of another day, a wrong unit, codes that are another's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median

from screener.audit.findings import Finding, Fix, finding_on
from screener.audit.implied import common_price, figures_of, implied_price, implied_shares, years_of
from screener.model.aliases import KNOWN, known_by_name, plain_name
from screener.model.calendars import last_close, unknown_days
from screener.model.figures import Interval
from screener.model.messages import Sentence, joined, say
from screener.model.records import Listing
from screener.model.symbols import BEIJING_MOVED, BEIJING_MOVES, exchange_by_range
from screener.watchlists.read import Watchlist

# A table's middle company has more than 20 million and fewer than 60 billion shares.
_MIDDLE_SHARES = Interval(0.2, 600.0)
# So many rows, and half of all, make it the column's fault: one wrong cell in each would be odder.
_ROWS_OF_A_COLUMN = 3
# So large a share of a table's rows makes it a fault of the table: a loss or a wrong cell may hide
# it in some rows, and a few rows have EPS above P/E rightly.
_MOST_ROWS = 0.8


def column_findings(table: Watchlist, findings: Sequence[Finding]) -> list[Finding]:
    """The findings of the rows, with one for the column in place of those it explains."""
    kept = list(findings)
    many = max(_ROWS_OF_A_COLUMN, (len(table.listings) + 1) // 2)
    for year in sorted({finding.fiscal_year for finding in findings if finding.fiscal_year}):
        of_year = [finding for finding in kept if finding.fiscal_year == year]
        # EPS and P/E may rise together in a good row: that says nothing of its price.
        odd = {finding.where for finding in of_year if finding.kind != "monotony"}
        shifts = [_shift(listing, year) for listing in table.listings if listing.where in odd]
        known = [shift for shift in shifts if shift is not None]
        if len(known) < many:
            continue
        message = say(
            "P/E FY{year} of {odd} of {all} names is not at the price of the other years but"
            " {shift:+.1%} off it: of another day?",
            year=year,
            odd=len(known),
            all=len(table.listings),
            shift=median(known),
        )
        kept = [finding for finding in kept if finding.fiscal_year != year]
        kept.append(_on_table(table, "other_day", message, year))
    return kept


def _on_table(table: Watchlist, kind: str, message: Sentence, year: int | None = None) -> Finding:
    return Finding("", kind, str(table.path), message, table.name, year)


def _shift(listing: Listing, year: int) -> float | None:
    """How far the price of one year lies from that of the others."""
    figures = figures_of(listing)
    others = {cell: figure for cell, figure in figures.items() if cell[1] != year}
    price = common_price(others) if others else None
    if price is None or ("eps", year) not in figures:
        return None
    implied = implied_price(figures, year)
    return implied.midpoint / price.midpoint - 1 if implied.low > 0 else None


def identity_findings(table: Watchlist) -> Iterator[Finding]:
    for listing in table.listings:
        code, name = listing.printed_symbol, plain_name(listing.name)
        digits, _, suffix = code.partition(".")
        # Digits of Hong Kong's length lie in no range of the mainland: nothing to compare.
        right = exchange_by_range(digits) if suffix != "HK" else suffix
        if right is not None and right != suffix:
            parts = {"code": code, "digits": digits, "right": right, "suffix": suffix}
            message = say("{code}: {digits} is a code of {right}, not of {suffix}", **parts)
            fix = Fix("symbol", code, f"{digits}.{right}")
            yield finding_on(listing, "suffix", message, fixes=(fix,))
        elif code in BEIJING_MOVES:
            moved = BEIJING_MOVES[code]
            what = {"code": code, "day": BEIJING_MOVED, "symbol": moved}
            message = say("{code} was retired on {day}: it is {symbol} since", **what)
            finding = finding_on(listing, "retired_code", message)
            yield replace(finding, is_corrected=listing.symbol == moved)
        else:
            yield from _misnamed(listing, code, name)


def _misnamed(listing: Listing, code: str, name: str) -> Iterator[Finding]:
    """A code that is known to be another's, or a name that is known by another code."""
    # The exchange's marks before a name: ST and *ST under special treatment, XD, XR and DR on the
    # day of a dividend or of rights, N and C in the first days of a listing.
    name = re.sub(r"^(\*?ST|XD|XR|DR|N|C)(?=[^\x00-\x7f])", "", name)
    if name.isascii():
        return  # the known names are Chinese: an English one cannot be compared
    known = KNOWN.get(code)
    others = [listed.symbol for listed in known_by_name(name)]
    if (known is None and not others) or (known and plain_name(known.name) == name):
        return
    if known:
        said = say("{code} is {name}", code=code, name=known.name)
    else:
        said = say("{code} is not the code of {name}", code=code, name=name)
    if others:
        said = joined([said, say("{name} is {symbol}", name=name, symbol=others[0])])
    fixes = (Fix("symbol", code, others[0]),) if len(others) == 1 else ()
    finding = finding_on(listing, "code_name", said, None, fixes)
    yield replace(finding, is_corrected=bool(others) and listing.symbol == others[0])


def table_findings(table: Watchlist) -> Iterator[Finding]:
    counts = [shares.midpoint for shares in map(implied_shares, table.listings) if shares]
    least, most = _MIDDLE_SHARES.low, _MIDDLE_SHARES.high
    if len(counts) >= _ROWS_OF_A_COLUMN and not least <= median(counts) <= most:
        message = say(
            "market cap ÷ price gives {middle:,.4g} hundred million shares for the middle"
            " name: is the unit of the market caps right?",
            middle=median(counts),
        )
        yield _on_table(table, "unit", message)
    yield from _exchanged_columns(table)
    yield from _closed_day(table)


def _exchanged_columns(table: Watchlist) -> Iterator[Finding]:
    """All EPS under P/E: nearly every EPS larger than its P/E, and falling over the years."""
    # Two years at least, of two figures each.
    rows = [figures for figures in map(figures_of, table.listings) if len(figures) >= 4]
    odd = 0
    for figures in rows:
        years = years_of(figures)
        larger = all(figures["eps", year].value > figures["pe", year].value > 0 for year in years)
        falls = figures["eps", years[-1]].value < figures["eps", years[0]].value
        odd += larger and falls
    if len(rows) >= _ROWS_OF_A_COLUMN and odd >= _MOST_ROWS * len(rows):
        counts = {"odd": odd, "rows": len(rows)}
        message = say(
            "EPS is larger than P/E and falls in {odd} of {rows} rows: swapped?", **counts
        )
        yield _on_table(table, "columns_swapped", message)


def _closed_day(table: Watchlist) -> Iterator[Finding]:
    day = table.provenance.as_of
    # A report of a holiday prints the close before it, which may differ by market: on 2025-01-31
    # the mainland had closed on the 27th, Hong Kong on the 28th.
    closes: dict[str, list[str]] = {}
    for listing in table.listings:
        if unknown_days(listing.symbol, day):
            return
        close = last_close(listing.symbol, day).date()
        if close != day:
            closes.setdefault(str(close), []).append(listing.symbol.rpartition(".")[2])
    if closes:
        days = ", ".join(f"{close} ({'/'.join(sorted(set(of)))})" for close, of in closes.items())
        message = say(
            "{day} was no trading day: the prices are those of {days}", day=day, days=days
        )
        yield _on_table(table, "closed_day", message)
