"""The Sources sheet: where each row's figures come from, and how old they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from screener.consensus.sheet_columns import PRICE_DAY
from screener.model.messages import say
from screener.model.symbols import exchange_of
from screener.output.workbook.book import HEADER_ROW, Book
from screener.output.workbook.exact import ROW, Cell
from screener.output.workbook.page import Page
from screener.output.workbook.places import area_of, in_row

if TYPE_CHECKING:
    from xlsxwriter.format import Format

    from screener.screening.result import Result


# Where each row's figures come from, and how old they are: so many as a page has room for.
SHOWN = (
    "sector",
    "symbol",
    "name",
    "price",
    "price_source",
    "price_obtained",
    "price_time",
    "price_age_days",
    "consensus_source",
    "consensus_day",
    "consensus_age_days",
    "where",
)
# What else is known of them stands folded at the right.
SOURCES = (
    *SHOWN,
    "price_currency",
    "price_delay_minutes",
    "price_fetched_at",
    "price_bound_low",
    "price_bound_high",
    "report_price",
    "price_change",
    "fx",
    "fx_source",
    "fx_time",
    "eps_currency",
    "fiscal_year_end",
    "consensus_fetched_at",
    "consensus_note",
    "years_over",
    "accounts_source",
    "accounts_day",
    "split_factor",
    "split_events",
    "split_since_report",
    "market_cap_printed",
    "market_cap_basis",
    "printed_symbol",
    "note",
)

# Ages follow the day of the valuation: from the cells of these columns.
_AGES: Mapping[str, str] = {
    "price_age_days": "price_time",
    "consensus_age_days": "consensus_day",
}

_TABLE_HEADS = (
    say("Watchlist"),
    say("Consensus"),
    say("Consensus day"),
    say("Table"),
    say("Published"),
    say("Publisher"),
    say("Report"),
)
_CORRECTION_HEADS = (
    say("Watchlist"),
    say("Symbol"),
    say("Field"),
    say("Printed"),
    say("Corrected to"),
    say("Effective"),
    say("Dated"),
    say("Reason"),
)

WIDE = 70


@dataclass(frozen=True, slots=True)
class SourcesPlace:
    """Where Sources holds how prices were obtained, and the consensus days of each watchlist.

    The day of a watchlist stands in one cell for each of its rows.
    """

    obtained: str
    consensus_days: Mapping[str, str]


def write_sources(
    book: Book, result: Result, page: Page, sheets: Mapping[str, Page]
) -> SourcesPlace:
    """A row a listing: whose price and estimates, of when; then the tables, their corrections."""
    heads = [book.head(result.columns[name]) for name in SOURCES]
    page.table_head(HEADER_ROW, dict(enumerate(heads)))
    rows = result.as_listed
    cells = [
        Cell(column, _style(book, result, name), escape(_age(name)))
        for column, name in enumerate(SOURCES)
    ]
    columns = [_values(result, name, rows, sheets, book.lang) for name in SOURCES]
    page.rows(HEADER_ROW + 1, cells, list(zip(*columns, strict=True)))
    last = HEADER_ROW + max(len(rows), 1)
    page.sheet.autofilter(HEADER_ROW, 0, last, len(SOURCES) - 1)
    page.sheet.freeze_panes(HEADER_ROW + 1, SOURCES.index("name") + 1)
    page.sheet.repeat_rows(HEADER_ROW)
    _origins(book, result, page, last + 3, sheets)
    page.set_widths(widest=40)
    for column in range(len(SHOWN), len(SOURCES)):
        page.sheet.set_column(column, column, 14, None, {"level": 1, "hidden": True})
    page.sheet.set_column(len(SOURCES), len(SOURCES), None, None, {"collapsed": True})
    obtained = SOURCES.index("price_obtained")
    area = area_of(HEADER_ROW + 1, obtained, last, obtained)
    return SourcesPlace(page.reference + area, _consensus_days(page, rows))


def _consensus_days(page: Page, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The cells that hold each watchlist's consensus days: its rows stand together."""
    at = SOURCES.index("consensus_day")
    places: dict[str, list[int]] = {}
    for number, row in enumerate(rows, start=HEADER_ROW + 1):
        places.setdefault(row["sector"], []).append(number)
    return {
        sector: page.reference + area_of(numbers[0], at, numbers[-1], at)
        for sector, numbers in places.items()
    }


def _style(book: Book, result: Result, name: str) -> Format:
    if name in _AGES:
        return book.style("computed", "integer")
    return book.style("text", result.columns[name].format)


def _age(name: str) -> str:
    """The formula of a column of ages; none for any other."""
    if name not in _AGES:
        return ""
    since = in_row(ROW, SOURCES.index(_AGES[name]))
    return f'IF(ISNUMBER({since}),{PRICE_DAY}-INT({since}),"")'


def _values(
    result: Result,
    name: str,
    rows: Sequence[Mapping[str, Any]],
    sheets: Mapping[str, Page],
    lang: str,
) -> list[Any]:
    """What the cells of a column hold: words in the language, moments on the exchange's clock."""
    if name == "sector":
        return [sheets[row["sector"]].name for row in rows]
    if name in _AGES:
        return ["" if row[name] is None else row[name] for row in rows]
    if result.columns[name].kind == "text":
        return [result.text(row, name, lang) if row[name] else None for row in rows]
    if result.columns[name].kind == "time":
        return [_local(row[name], row["symbol"]) for row in rows]
    return [row[name] for row in rows]


def _local(moment: datetime | None, symbol: str) -> datetime | None:
    return moment and moment.astimezone(exchange_of(symbol).zone)


def _origins(book: Book, result: Result, page: Page, top: int, sheets: Mapping[str, Page]) -> None:
    """The watchlists with their consensus and day, and below them every correction."""
    # The title stands last: it may reach over the columns at its right.
    row = top
    _row(page, top, _TABLE_HEADS, book.style("head"))
    for row, watchlist in enumerate(result.watchlists, start=top + 1):
        origin = watchlist.provenance
        facts = (
            (sheets[watchlist.name].name, "text"),
            (origin.consensus, "text"),
            (origin.as_of, "day"),
            (origin.table, "integer"),
            (origin.published, "day"),
            (origin.publisher, "text"),
            (origin.title, "text"),
        )
        for place, (fact, number) in enumerate(facts):
            page.value(row, place, fact, book.style("text", number), fits=place < len(facts) - 1)
    top = row + 3
    page.text(top - 1, 0, say("Corrections"), book.style("text", bold=True), fits=False)
    _row(page, top, _CORRECTION_HEADS, book.style("head"))
    corrections = [made for watchlist in result.watchlists for made in watchlist.corrections]
    for row, made in enumerate(corrections, start=top + 1):
        effective = made.effective.isoformat() if made.effective else ""
        what = (made.watchlist, made.symbol, made.field, made.printed, made.corrected)
        why = (effective, made.dated.isoformat(), made.reason)
        _row(page, row, (*what, *why), book.style("text", "text"))
    if not corrections:
        page.text(top + 1, 0, say("None"), book.style("note"))


def _row(page: Page, row: int, texts: Sequence[str], style: Any) -> None:
    for column, text in enumerate(texts):
        page.text(row, column, text, style, fits=column < 3)
