"""The printed figures against each other: which of them cannot be right, by arithmetic alone.

At one price EPS × P/E is that price in every year of a row, within the rounding of both. A row
whose years allow no common price has a wrong figure; trying the slips that people make, one at a
time, tells which slip would explain it.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from io import StringIO
from itertools import combinations

from screener.audit.alone import alone_findings
from screener.audit.findings import KINDS, Finding, finding_on
from screener.audit.implied import TOLERANCE, implied_shares, lie_apart, row_price
from screener.audit.slips import row_findings
from screener.audit.tables import column_findings, identity_findings, table_findings
from screener.audit.whole import (
    EXPLAINED,
    moved_years,
    named_otherwise,
    odd_caps,
    odd_days,
    odd_sizes,
    other_unit,
    unknown_codes,
)
from screener.model.figures import Interval, span
from screener.model.messages import Sentence, say
from screener.model.records import Listing
from screener.watchlists.read import Watchlist

# Against a vendor's count, which is of another day, and may leave out unlisted shares.
_VENDORS_TOLERANCE = 0.05


def audit_watchlists(
    watchlists: Sequence[Watchlist],
    shares: Mapping[str, float] | None = None,
    today: date | None = None,
    names: Mapping[str, Collection[str]] | None = None,
) -> list[Finding]:
    """Every finding in these tables, table by table, row by row.

    `shares` is how many shares a vendor counts, by symbol, where that is known; with `today` a day
    that is still to come is one. `names` is what codes are called by others, where that is known.
    """
    called = names or {}
    counts = dict(shares or {})
    findings: list[Finding] = []
    for table in watchlists:
        findings += [
            *_rows_and_columns(table),
            *identity_findings(table),
            *table_findings(table),
            *odd_days(table, today),
            *odd_caps(table, counts),
            *odd_sizes(table, counts),
            *unknown_codes(table, {*counts, *called}),
            *named_otherwise(table, called),
        ]
    listings = [listing for table in watchlists for listing in table.listings]
    scaled = {finding.where for finding in findings if finding.kind == "cap_scale"}
    vendors = _vendors_shares([each for each in listings if each.where not in scaled], counts)
    return [*findings, *_several_tables(listings), *vendors]


def _rows_and_columns(table: Watchlist) -> list[Finding]:
    """What is wrong of rows; where one cause explains most of them, that in their place."""
    rows = [
        finding
        for listing in table.listings
        for finding in (*row_findings(listing), *alone_findings(listing))
    ]
    for whole in (moved_years(table), other_unit(table)):
        if whole is not None:
            return [whole, *(each for each in rows if each.kind not in EXPLAINED)]
    return column_findings(table, rows)


def proposals(findings: Sequence[Finding], kept: str, today: date) -> list[str]:
    """Lines for corrections.csv that would mend what is certain, each behind a `# `.

    A person accepts one by deleting that. `kept` is what the file holds: nothing is said twice.
    """
    lines = []
    for finding in findings:
        reason = f"proposed by screener audit: {KINDS[finding.kind].title}"
        for fix in finding.fixes if not finding.is_corrected else ():
            # Whether it was accepted, changed or still waits behind its `# ` does not matter.
            place = (finding.sector, finding.symbol, fix.field)
            if ",".join(place) not in kept:
                text = StringIO()
                row = (*place, fix.printed, fix.corrected, "", today, reason)
                csv.writer(text, lineterminator="").writerow(row)
                lines.append(f"# {text.getvalue()}")
    return lines


def _several_tables(listings: Sequence[Listing]) -> Iterator[Finding]:
    by_symbol: dict[str, list[Listing]] = {}
    for listing in listings:
        by_symbol.setdefault(listing.symbol, []).append(listing)
    for rows in by_symbol.values():
        for one, other in combinations(rows, 2):
            where = f"{one.where}, {other.where}"
            sectors = {"one": one.sector, "other": other.sector}
            for kind, message, year in _conflicts(one, other):
                said = say("{one} and {other}: {message}", message=message, **sectors)
                yield Finding(one.symbol, kind, where, said, one.sector, year)


def _conflicts(one: Listing, other: Listing) -> Iterator[tuple[str, Sentence, int | None]]:
    """What two tables of one day, of a report or two, say differently of a listing."""
    price, price_there = row_price(one), row_price(other)
    if price and price_there and price.meet(price_there) is None:
        ranges = {"one": span(price), "other": span(price_there)}
        message = say("implied prices {one} and {other} exclude each other", **ranges)
        yield "price_conflict", message, None
    ours = {year.fiscal_year: year.eps for year in one.years if year.eps}
    theirs = {year.fiscal_year: year.eps for year in other.years if year.eps}
    for year in sorted(ours.keys() & theirs.keys()):
        eps, eps_there = ours[year], theirs[year]
        if eps.bounds.meet(eps_there.bounds) is None:
            texts = {"one": eps.text, "other": eps_there.text}
            yield "eps_conflict", say("FY{year} EPS {one} and {other}", year=year, **texts), year
    cap, cap_there = one.market_cap, other.market_cap
    if cap and cap_there and abs(cap / cap_there - 1) > TOLERANCE:
        message = say("market caps {one:,.2f} and {other:,.2f}", one=cap, other=cap_there)
        yield "cap_conflict", message, None
    count, count_there = implied_shares(one), implied_shares(other)
    if count and count_there and lie_apart(count, count_there, TOLERANCE):
        message = say(
            "market cap ÷ price gives {one:,.3f} and {other:,.3f} hundred million shares",
            one=count.midpoint,
            other=count_there.midpoint,
        )
        yield "shares", message, None


def _vendors_shares(listings: Sequence[Listing], shares: Mapping[str, float]) -> Iterator[Finding]:
    for listing in listings:
        count, vendors = implied_shares(listing), shares.get(listing.symbol)
        if count is None or not vendors:
            continue
        counted = Interval(vendors / 1e8, vendors / 1e8)
        if lie_apart(count, counted, _VENDORS_TOLERANCE):
            message = say(
                "market cap ÷ price gives {count:,.3f} hundred million shares, the vendor"
                " counts {counted:,.3f}: new shares, shares elsewhere, or a wrong figure",
                count=count.midpoint,
                counted=counted.low,
            )
            yield finding_on(listing, "shares", message)
