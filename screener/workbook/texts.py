"""The sheets that say where figures come from, what is wrong with them, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from screener import __version__
from screener.audit import KINDS
from screener.document import input_hash
from screener.inputsheet import PRICE_DAY
from screener.model import PROBLEM_KINDS, SEVERITIES, Severity
from screener.symbols import exchange_of
from screener.workbook.book import HEADER_ROW, Book, Page, area_of, cell

if TYPE_CHECKING:
    from screener.screening import Result

# Where each row's figures come from, and how old they are.
SOURCES = (
    "sector",
    "symbol",
    "name",
    "price",
    "price_currency",
    "price_source",
    "price_obtained",
    "price_time",
    "price_delay_minutes",
    "price_fetched_at",
    "price_age_days",
    "price_bound_low",
    "price_bound_high",
    "report_price",
    "price_change",
    "fx",
    "fx_source",
    "fx_time",
    "eps_currency",
    "fiscal_year_end",
    "consensus_source",
    "consensus_day",
    "consensus_age_days",
    "consensus_fetched_at",
    "consensus_note",
    "years_over",
    "split_factor",
    "split_events",
    "split_since_report",
    "market_cap_printed",
    "market_cap_basis",
    "printed_symbol",
    "where",
    "note",
)
# Ages follow the day of the valuation: from the cells of these columns.
_AGES: Mapping[str, str] = {
    "price_age_days": "price_time",
    "consensus_age_days": "consensus_day",
}
_CORRECTION_HEADS = (
    "watchlist",
    "symbol",
    "field",
    "printed",
    "corrected",
    "effective",
    "dated",
    "reason",
)
_WIDE = 70


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
    heads = {at: book.head(result.columns[name]) for at, name in enumerate(SOURCES)}
    page.table_head(HEADER_ROW, heads)
    rows = result.table.sort("row").to_dicts()
    for number, row in enumerate(rows, start=HEADER_ROW + 1):
        for at, name in enumerate(SOURCES):
            value: Any = sheets[row["sector"]].name if name == "sector" else row[name]
            if name in _AGES:
                _age(book, page, number, at, name, value)
            else:
                _fact(book, page, number, at, value, result.columns[name].format, row["symbol"])
    last = HEADER_ROW + max(len(rows), 1)
    page.sheet.autofilter(HEADER_ROW, 0, last, len(SOURCES) - 1)
    page.sheet.freeze_panes(HEADER_ROW + 1, SOURCES.index("name") + 1)
    page.sheet.repeat_rows(HEADER_ROW)
    _origins(book, result, page, last + 3, sheets)
    page.set_widths(widest=40)
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


def _age(book: Book, page: Page, row: int, column: int, name: str, value: int | None) -> None:
    since = cell(row, SOURCES.index(_AGES[name]))
    formula = f'=IF(ISNUMBER({since}),{PRICE_DAY}-INT({since}),"")'
    shown: int | str = "" if value is None else value
    page.formula(row, column, formula, shown, book.style("computed", "integer"))


def _fact(
    book: Book, page: Page, row: int, column: int, value: Any, number: str, symbol: str
) -> None:
    """Write a cell as what it is; moments stand in the time of the listing's exchange."""
    if value is None:
        return
    style = book.style("text", number)
    if isinstance(value, datetime):
        page.day(row, column, value.astimezone(exchange_of(symbol).zone), style)
    elif isinstance(value, date):
        page.day(row, column, value, style)
    elif isinstance(value, str):
        page.text(row, column, value, style)
    else:
        page.number(row, column, value, style)


def _origins(book: Book, result: Result, page: Page, top: int, sheets: Mapping[str, Page]) -> None:
    """The watchlists with their consensus and day, and below them every correction."""
    # The title stands last: it may reach over the columns at its right.
    words = ("watchlist", "consensus", "consensus_day", "table", "published", "publisher", "title")
    _row(page, top, [book.word(word) for word in words], book.style("head"))
    row = top
    for row, each in enumerate(result.watchlists, start=top + 1):
        origin = each.provenance
        facts = (
            sheets[each.name].name,
            origin.consensus,
            origin.as_of,
            origin.table,
            origin.published,
            origin.publisher,
        )
        for at, fact in enumerate(facts):
            number = "day" if isinstance(fact, date) else "integer" if at == 3 else "text"
            _fact(book, page, row, at, fact, number, "")
        page.text(row, len(facts), origin.title, book.style("text", "text"), fits=False)
    top = row + 3
    corrections = [correction for each in result.watchlists for correction in each.corrections]
    page.text(top - 1, 0, book.word("corrections"), book.style("text", bold=True), fits=False)
    _row(page, top, [book.word(word) for word in _CORRECTION_HEADS], book.style("head"))
    for row, made in enumerate(corrections, start=top + 1):
        effective = made.effective.isoformat() if made.effective else ""
        texts = (made.watchlist, made.symbol, made.field, made.printed, made.corrected)
        _row(
            page,
            row,
            [*texts, effective, made.dated.isoformat(), made.reason],
            book.style("text", "text"),
        )
    if not corrections:
        page.text(top + 1, 0, book.word("none"), book.style("note"))


def _row(page: Page, row: int, texts: Sequence[str], style: Any) -> None:
    for at, text in enumerate(texts):
        page.text(row, at, text, style, fits=at < 3)


def write_problems(book: Book, result: Result, page: Page) -> None:
    """Every problem of the run, one a row."""
    rows = [
        (
            problem.severity,
            PROBLEM_KINDS[problem.kind].label(book.lang),
            problem.symbol,
            problem.where,
            problem.message.said(book.lang),
        )
        for problem in result.problems
    ]
    _write_list(book, page, ("severity", "kind", "symbol", "where", "message"), rows)


def write_findings(book: Book, result: Result, page: Page) -> None:
    """What the printed tables get wrong, one finding a row."""
    words = ("severity", "kind", "symbol", "year", "where", "message")
    rows = [
        (
            finding.severity,
            KINDS[finding.kind].label(book.lang),
            finding.symbol,
            f"FY{finding.fiscal_year}" if finding.fiscal_year else "",
            finding.where,
            finding.message.said(book.lang),
        )
        for finding in result.findings
    ]
    _write_list(book, page, words, rows)


def _write_list(
    book: Book, page: Page, words: Sequence[str], rows: Sequence[tuple[Severity, *tuple[str, ...]]]
) -> None:
    """A table of texts, its first column the severity, its last one long."""
    page.table_head(HEADER_ROW, {at: book.word(word) for at, word in enumerate(words)})
    colours = {"error": "#C00000", "warning": "#9C5700", "note": "#7F7F7F"}
    plain = book.style("text", "text", text_wrap=True, valign="top")
    for row, (severity, *texts) in enumerate(rows, start=HEADER_ROW + 1):
        style = book.style("text", font_color=colours[severity], valign="top")
        page.text(row, 0, SEVERITIES[severity].said(book.lang), style)
        for at, text in enumerate(texts, start=1):
            page.text(row, at, text, plain)
        page.heighten(row, dict(enumerate(texts, start=1)), _WIDE)
    if not rows:
        page.text(HEADER_ROW + 1, 0, book.word("none"), book.style("note"))
    page.sheet.autofilter(HEADER_ROW, 0, HEADER_ROW + max(len(rows), 1), len(words) - 1)
    page.sheet.freeze_panes(HEADER_ROW + 1, 0)
    page.sheet.repeat_rows(HEADER_ROW)
    page.set_widths(widest=_WIDE)


def write_about(book: Book, result: Result, page: Page, command: str) -> None:
    """How to read the workbook, what it was made from, and what every figure means."""
    import polars
    import xlsxwriter

    wrapped = book.style("text", text_wrap=True, valign="top")
    strong = book.style("text", bold=True, valign="top")
    facts = [
        ("how_to_read", book.word("legend")),
        ("", book.word("aggregate_note")),
        ("", book.word("order")),
        ("", book.word("edit")),
        ("price_day", result.price_day.isoformat()),
        ("prices", result.prices),
        ("ranked_by", result.metrics[result.by].label(book.lang)),
        ("generated", result.generated_at.isoformat(timespec="seconds")),
        (
            "version",
            f"screener {__version__}, polars {polars.__version__},"
            f" XlsxWriter {xlsxwriter.__version__}",
        ),
        ("command", command or book.word("library")),
        ("input_hash", input_hash(result)),
        *(("watchlist", f"{each.name}: {each.path}") for each in result.watchlists),
    ]
    for row, (word, fact) in enumerate(facts, start=2):
        page.text(row, 0, book.word(word) if word else "", strong)
        page.text(row, 1, fact, wrapped, fits=False)
        page.heighten(row, {1: fact}, _WIDE)
    start = len(facts) + 3
    page.table_head(
        start, {at: book.word(word) for at, word in enumerate(("metric", "meaning", "formula"))}
    )
    for row, metric in enumerate(result.metrics.values(), start=start + 1):
        page.text(row, 0, f"{metric.label(book.lang)}  {metric.name}", wrapped)
        texts = {1: metric.meaning.said(book.lang), 2: metric.formula.said(book.lang)}
        for at, text in texts.items():
            page.text(row, at, text, wrapped, fits=False)
        page.heighten(row, texts, _WIDE)
    page.set_widths()
    page.sheet.set_column(1, 2, _WIDE)
