"""The printed figures against each other: which of them cannot be right, by arithmetic alone.

At one price EPS × P/E is that price in every year of a row, within the rounding of both. A row
whose years allow no common price has a wrong figure; trying the slips that people make, one at a
time, tells which slip would explain it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from io import StringIO
from itertools import combinations, pairwise
from math import log
from statistics import median

from screener.calendars import NoCalendarError, last_close
from screener.known import KNOWN, plain_name
from screener.model import Figure, Interval, Listing, ProblemKind, Severity
from screener.providers.report import agreed, crosses_zero, span
from screener.symbols import BEIJING_MOVED, BEIJING_MOVES, exchange_by_range
from screener.watchlist import Watchlist
from screener.wording import Sentence, joined, say

# error: the figure is wrong. warning: two figures do not go together. note: it needs a word.
KINDS: Mapping[str, ProblemKind] = {
    kind.name: kind
    for kind in (
        ProblemKind("sign", "error", "正负号有误", "Sign"),
        ProblemKind("columns_swapped", "error", "EPS与市盈率互换", "EPS and P/E swapped"),
        ProblemKind("years_swapped", "error", "年份互换", "Years swapped"),
        ProblemKind("decimal", "error", "小数点移位", "Decimal point"),
        ProblemKind("digits", "error", "数字颠倒", "Digits transposed"),
        ProblemKind("cell", "error", "数字不符", "Cell at odds with its row"),
        ProblemKind("monotony", "warning", "EPS与市盈率同升", "EPS and P/E rise together"),
        ProblemKind("code_name", "error", "代码与名称不符", "Code and name"),
        ProblemKind("suffix", "error", "交易所后缀有误", "Exchange of the code"),
        ProblemKind("retired_code", "warning", "代码已停用", "Retired code"),
        ProblemKind("price_conflict", "warning", "同一标的两个价格", "Two prices of one listing"),
        ProblemKind("eps_conflict", "warning", "同一标的两个EPS", "Two EPS of one listing"),
        ProblemKind(
            "cap_conflict", "warning", "同一标的两个市值", "Two market caps of one listing"
        ),
        ProblemKind("shares", "warning", "股本不一", "Share counts that differ"),
        ProblemKind("unit", "error", "市值单位有误", "Unit of the market caps"),
        ProblemKind("other_day", "warning", "整列为另一日价格", "Column at another day's price"),
        ProblemKind("closed_day", "note", "截至日休市", "Day without trading"),
    )
}
# A table's middle company has more than 20 million and fewer than 60 billion shares.
_MIDDLE_SHARES = Interval(0.2, 600.0)
_TOLERANCE = 0.005
# Against a vendor's count, which is of another day, and may leave out unlisted shares.
_VENDORS_TOLERANCE = 0.05
# So many rows, and half of all, make it the column's fault.
_ROWS_OF_A_COLUMN = 3
# EPS that leaps by so many powers of e more than it would after an exchange with P/E.
_LEAP = 0.6
# So large a share of a table's rows makes it a fault of the table.
_MOST_ROWS = 0.8
# What would explain a row in more ways than so many is not said in all of them.
_MOST_CAUSES = 3

Cell = tuple[str, int]
Figures = Mapping[Cell, Figure]


@dataclass(frozen=True, slots=True)
class Fix:
    """A printed value and what it should be, where only one thing can be meant."""

    field: str
    printed: str
    corrected: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A printed figure, or several, that cannot be right: what, where, and the likeliest cause."""

    symbol: str
    kind: str
    where: str
    message: Sentence
    sector: str = ""
    fiscal_year: int | None = None
    is_corrected: bool = False
    fixes: tuple[Fix, ...] = ()

    @property
    def severity(self) -> Severity:
        """How bad it is; what a correction has mended is a note."""
        return "note" if self.is_corrected else KINDS[self.kind].severity

    def to_dict(self) -> dict[str, object]:
        """The finding as plain values, ready for JSON."""
        fixes = [asdict(fix) for fix in self.fixes]
        return {**asdict(self), "severity": self.severity, "fixes": fixes}


def audit(
    watchlists: Sequence[Watchlist], shares: Mapping[str, float] | None = None
) -> list[Finding]:
    """Every finding in these tables, table by table, row by row.

    `shares` is how many shares a vendor counts, by symbol, where that is known.
    """
    findings: list[Finding] = []
    for each in watchlists:
        rows = [finding for listing in each.listings for finding in _row(listing)]
        findings += [*_columns(each, rows), *_identities(each), *_whole_table(each)]
    listings = [listing for each in watchlists for listing in each.listings]
    return [*findings, *_several_tables(listings), *_vendors_shares(listings, shares or {})]


def proposals(findings: Sequence[Finding], kept: str, today: date) -> list[str]:
    """Lines for corrections.csv that would mend what is certain, each behind a `# `.

    A person accepts one by deleting that. `kept` is what the file holds: nothing is said twice.
    """
    lines = []
    for finding in findings:
        for fix in finding.fixes if not finding.is_corrected else ():
            cells = (finding.sector, finding.symbol, fix.field, fix.printed, fix.corrected)
            if ",".join(cells[:3]) not in kept:
                text = StringIO()
                reason = f"proposed by screener audit: {KINDS[finding.kind].en}"
                csv.writer(text, lineterminator="").writerow((*cells, "", today, reason))
                lines.append(f"# {text.getvalue()}")
    return lines


# --- one row ----------------------------------------------------------------------------------


def figures_of(listing: Listing) -> dict[Cell, Figure]:
    """The EPS and P/E of the years that have both, and an EPS that is not about zero."""
    return {
        (kind, year.fiscal_year): figure
        for year in listing.years
        if year.eps and year.pe and not crosses_zero(year.eps.bounds)
        for kind, figure in (("eps", year.eps), ("pe", year.pe))
    }


def common_price(figures: Figures, printed: Interval | None = None) -> Interval | None:
    """The prices that every year allows; None where there is none above zero."""
    common = printed or Interval(0.0, float("inf"))
    for _, price in _prices(figures):
        met = common.meet(price)
        if met is None or met.high <= 0:
            return None
        common = met
    return common


def _prices(figures: Figures) -> list[tuple[int, Interval]]:
    years = sorted({year for _, year in figures})
    return [(year, figures["eps", year].bounds.times(figures["pe", year].bounds)) for year in years]


def _row(listing: Listing) -> Iterator[Finding]:
    figures = figures_of(listing)
    printed = _printed_price(listing)
    if not figures:
        return
    if common_price(figures, printed) is not None:
        yield from _exchanged(listing, figures)
        return
    causes = list(_causes(figures, printed))
    prices = _prices(figures)
    price = printed or agreed([interval for _, interval in prices])
    cause = min(causes, key=lambda each: each.order, default=None)
    alike = [each.words for each in causes if cause and each.kind == cause.kind]
    year = cause.year if cause else _odd_year(prices, price)
    said = [_said(figures, each, price) for each in _odd_years(prices, price)]
    message = joined(said) or _all_said(prices)
    if alike:
        causes_ = joined(alike[:_MOST_CAUSES], say(" or "))
        message = say("{odd}; likeliest {causes}", odd=message, causes=causes_)
    certain = cause is not None and len(causes) == 1
    fixes = cause.fixes if cause is not None and certain else ()
    kind = cause.kind if cause else "cell"
    yield _finding(listing, kind, message, year, fixes)
    yield from _monotony(listing, figures)


def _exchanged(listing: Listing, figures: Figures) -> Iterator[Finding]:
    """EPS and P/E of a year in each other's place: their product is the same, EPS leaps."""
    for kind, year, words, undone in _undone(figures):
        is_smoother = _roughness(undone) < _roughness(figures) - _LEAP
        if kind == "columns_swapped" and is_smoother:
            eps = ", ".join(figures[cell].text for cell in sorted(figures) if cell[0] == "eps")
            message = say("EPS leaps ({eps}); likeliest {cause}", eps=eps, cause=words)
            fixes = tuple(
                Fix(f"{name}_{year}", figures[name, year].text, undone[name, year].text)
                for name in _TITLES
            )
            yield _finding(listing, kind, message, year, fixes)


def _printed_price(listing: Listing) -> Interval | None:
    if listing.printed_price is None or listing.printed_price_currency != listing.eps_currency:
        return None
    return listing.printed_price.bounds


@dataclass(frozen=True, slots=True)
class _Cause:
    """A slip that explains a row: undoing it makes all its years agree."""

    kind: str
    year: int
    words: Sentence
    roughness: float
    fixes: tuple[Fix, ...]

    @property
    def order(self) -> tuple[int, float]:
        """The commoner slip first; of two cells the one that leaves EPS smoother over the years."""
        return list(KINDS).index(self.kind), self.roughness


def _causes(figures: Figures, printed: Interval | None) -> Iterator[_Cause]:
    """Every single slip whose undoing makes the row agree."""
    for kind, year, words, undone in _undone(figures):
        if common_price(undone, printed) is None:
            continue
        changed = [cell for cell in figures if figures[cell].text != undone[cell].text]
        fixes = tuple(
            Fix(f"{name}_{of}", figures[name, of].text, undone[name, of].text)
            for name, of in changed
        )
        yield _Cause(kind, year, words, _roughness(undone), fixes)


def _undone(figures: Figures) -> Iterator[tuple[str, int, Sentence, Figures]]:
    """The row with one slip undone, for every slip there can be."""
    for (name, year), figure in figures.items():
        title = f"{_TITLES[name]} FY{year}"
        text = figure.text.removeprefix("-")
        negated = Figure(
            text if figure.value < 0 else f"-{text}",
            -figure.value,
            Interval(-figure.bounds.high, -figure.bounds.low),
        )
        yield (
            "sign",
            year,
            say("the sign of {title}", title=title),
            {**figures, (name, year): negated},
        )
        for factor in (10.0, 0.1):
            moved = _scaled(figure, factor)
            words = say(
                "the decimal point of {title}, {right} for {printed}",
                title=title,
                right=moved.text,
                printed=figure.text,
            )
            yield "decimal", year, words, {**figures, (name, year): moved}
        for swapped in _transposed(figure):
            words = say(
                "two digits of {title}, {right} for {printed}",
                title=title,
                right=swapped.text,
                printed=figure.text,
            )
            yield "digits", year, words, {**figures, (name, year): swapped}
    years = sorted({year for _, year in figures})
    for year in years:
        exchanged = {("eps", year): figures["pe", year], ("pe", year): figures["eps", year]}
        words = say("EPS and P/E of FY{year} stand in each other's place", year=year)
        yield "columns_swapped", year, words, {**figures, **exchanged}
    for name in _TITLES:
        for one, other in combinations(years, 2):
            exchanged = {(name, one): figures[name, other], (name, other): figures[name, one]}
            words = say(
                "{title} of FY{one} and FY{other} stand in each other's place",
                title=_TITLES[name],
                one=one,
                other=other,
            )
            yield "years_swapped", one, words, {**figures, **exchanged}


_TITLES = {"eps": "EPS", "pe": "P/E"}


def _scaled(figure: Figure, factor: float) -> Figure:
    text = f"{figure.value * factor:.10f}".rstrip("0").rstrip(".")
    bounds = Interval(figure.bounds.low * factor, figure.bounds.high * factor)
    return Figure(text, figure.value * factor, bounds)


def _transposed(figure: Figure) -> Iterator[Figure]:
    """The figure with any two of its digits exchanged, as it would round the same."""
    text = figure.text
    places = [at for at, sign in enumerate(text) if sign.isdigit()]
    half = (figure.bounds.high - figure.bounds.low) / 2
    for one, other in combinations(places, 2):
        if text[one] != text[other]:
            signs = list(text)
            signs[one], signs[other] = signs[other], signs[one]
            swapped = "".join(signs)
            value = float(swapped.replace(",", ""))
            yield Figure(swapped, value, Interval(value - half, value + half))


def _roughness(figures: Figures) -> float:
    """How much EPS jumps from year to year."""
    series = [figures[cell].value for cell in sorted(figures) if cell[0] == "eps"]
    steps = [
        abs(log(abs(later / earlier))) + 3.0 * (earlier * later < 0)
        for earlier, later in pairwise(series)
        if earlier and later
    ]
    return sum(steps)


def _odd_years(prices: Sequence[tuple[int, Interval]], price: Interval | None) -> list[int]:
    if price is None:
        return []
    return [year for year, interval in prices if interval.meet(price) is None]


def _odd_year(prices: Sequence[tuple[int, Interval]], price: Interval | None) -> int | None:
    odd = _odd_years(prices, price)
    return odd[0] if len(odd) == 1 else None


def _said(figures: Figures, year: int, price: Interval | None) -> Sentence:
    """What one year prints, and where each of its two figures should lie for the row's price."""
    eps, pe = figures["eps", year], figures["pe", year]
    implied = eps.bounds.times(pe.bounds)
    known = say(
        "FY{year}: EPS {eps} × P/E {pe} is a price of {range}",
        year=year,
        eps=eps.text,
        pe=pe.text,
        range=span(implied),
    )
    if price is None:
        return known
    known = say("{known}, the rest of the row {rest}", known=known, rest=span(price))
    if (eps.value > 0) != (pe.value > 0):
        return known
    return say(
        "{known}; P/E should lie in {pe} or EPS in {eps}",
        known=known,
        pe=span(_over(price, eps.bounds)),
        eps=span(_over(price, pe.bounds), 4),
    )


def _all_said(prices: Sequence[tuple[int, Interval]]) -> Sentence:
    each = joined(say("FY{year} {range}", year=year, range=span(price)) for year, price in prices)
    return say("EPS × P/E gives no common price: {each}", each=each)


def _over(price: Interval, divisor: Interval) -> Interval:
    corners = [a / b for a in (price.low, price.high) for b in (divisor.low, divisor.high) if b]
    return Interval(min(corners), max(corners))


def _monotony(listing: Listing, figures: Figures) -> Iterator[Finding]:
    """At one price P/E falls where EPS rises."""
    years = sorted({year for _, year in figures})
    for earlier, later in pairwise(years):
        rises = [
            figures[name, earlier].value > 0
            and figures[name, later].bounds.low > figures[name, earlier].bounds.high
            for name in _TITLES
        ]
        if all(rises):
            message = say(
                "EPS rises from {eps} to {eps_later}, and P/E too, from {pe} to {pe_later}",
                eps=figures["eps", earlier].text,
                eps_later=figures["eps", later].text,
                pe=figures["pe", earlier].text,
                pe_later=figures["pe", later].text,
            )
            yield _finding(listing, "monotony", message, later)


# --- one table --------------------------------------------------------------------------------


def _columns(table: Watchlist, findings: Sequence[Finding]) -> list[Finding]:
    """The findings of the rows, with one for the column in place of those it explains."""
    kept = list(findings)
    for year in sorted({each.fiscal_year for each in findings if each.fiscal_year is not None}):
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


def _identities(table: Watchlist) -> Iterator[Finding]:
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
            yield _finding(
                listing, "suffix", message, None, (_code_fix(code, f"{digits}.{right}"),)
            )
        elif code in BEIJING_MOVES:
            message = say(
                "{code} was retired on {day}: it is {symbol} since",
                code=code,
                day=BEIJING_MOVED,
                symbol=BEIJING_MOVES[code],
            )
            finding = _finding(listing, "retired_code", message)
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
    fixes = (_code_fix(code, others[0]),) if len(others) == 1 else ()
    finding = _finding(listing, "code_name", said, None, fixes)
    yield replace(finding, is_corrected=bool(others) and listing.symbol == others[0])


def _code_fix(printed: str, corrected: str) -> Fix:
    return Fix("symbol", printed, corrected)


def _whole_table(table: Watchlist) -> Iterator[Finding]:
    counts = [shares.midpoint for each in table.listings if (shares := _shares(each)) is not None]
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


# --- one listing in several places ------------------------------------------------------------


def _several_tables(listings: Sequence[Listing]) -> Iterator[Finding]:
    by_symbol: dict[str, list[Listing]] = {}
    for listing in listings:
        by_symbol.setdefault(listing.symbol, []).append(listing)
    for rows in by_symbol.values():
        for one, other in combinations(rows, 2):
            yield from _two_rows(one, other)


def _two_rows(one: Listing, other: Listing) -> Iterator[Finding]:
    where = f"{one.where}, {other.where}"

    def finding(kind: str, message: Sentence, year: int | None = None) -> Finding:
        return Finding(
            one.symbol,
            kind,
            where,
            say(
                "{one} and {other}: {message}",
                one=one.sector,
                other=other.sector,
                message=message,
            ),
            one.sector,
            year,
        )

    prices = [_price(each) for each in (one, other)]
    if prices[0] and prices[1] and prices[0].meet(prices[1]) is None:
        message = say(
            "implied prices {one} and {other} exclude each other",
            one=span(prices[0]),
            other=span(prices[1]),
        )
        yield finding("price_conflict", message)
    ours = {year.fiscal_year: year.eps for year in one.years if year.eps}
    theirs = {year.fiscal_year: year.eps for year in other.years if year.eps}
    for year in sorted(set(ours) & set(theirs)):
        if ours[year].bounds.meet(theirs[year].bounds) is None:
            message = say(
                "FY{year} EPS {one} and {other}",
                year=year,
                one=ours[year].text,
                other=theirs[year].text,
            )
            yield finding("eps_conflict", message, year)
    caps = (one.market_cap, other.market_cap)
    if caps[0] and caps[1] and abs(caps[0] / caps[1] - 1) > _TOLERANCE:
        message = say("market caps {one:,.2f} and {other:,.2f}", one=caps[0], other=caps[1])
        yield finding("cap_conflict", message)
    counts = [_shares(each) for each in (one, other)]
    if counts[0] and counts[1] and _apart(counts[0], counts[1], _TOLERANCE):
        message = say(
            "market cap ÷ price gives {one:,.3f} and {other:,.3f} hundred million shares",
            one=counts[0].midpoint,
            other=counts[1].midpoint,
        )
        yield finding("shares", message)


def _vendors_shares(listings: Sequence[Listing], shares: Mapping[str, float]) -> Iterator[Finding]:
    for listing in listings:
        count, vendors = _shares(listing), shares.get(listing.symbol)
        if count is None or not vendors:
            continue
        counted = Interval(vendors / 1e8, vendors / 1e8)
        if _apart(count, counted, _VENDORS_TOLERANCE):
            message = say(
                "market cap ÷ price gives {count:,.3f} hundred million shares, the vendor"
                " counts {counted:,.3f}: new shares, shares elsewhere, or a wrong figure",
                count=count.midpoint,
                counted=counted.low,
            )
            yield _finding(listing, "shares", message)


def _apart(one: Interval, other: Interval, tolerance: float) -> bool:
    return one.low > other.high * (1 + tolerance) or other.low > one.high * (1 + tolerance)


def _price(listing: Listing) -> Interval | None:
    if listing.printed_price is not None:
        return listing.printed_price.bounds
    return agreed([price for _, price in _prices(figures_of(listing))])


def _shares(listing: Listing) -> Interval | None:
    """The share count that market cap and price imply, in 100 million; None where it is unknown."""
    price = _price(listing)
    if price is None or price.low <= 0 or not listing.market_cap:
        return None
    currency = listing.printed_price_currency or listing.eps_currency
    if currency != listing.provenance.market_cap_currency:
        return None
    return Interval(listing.market_cap / price.high, listing.market_cap / price.low)


def _finding(
    listing: Listing,
    kind: str,
    message: Sentence,
    fiscal_year: int | None = None,
    fixes: tuple[Fix, ...] = (),
) -> Finding:
    return Finding(
        listing.printed_symbol,
        kind,
        listing.where,
        say("{name}: {message}", name=listing.name, message=message),
        listing.sector,
        fiscal_year,
        fixes=fixes,
    )
