"""The About sheet: how to read the workbook, and what every figure means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screener.model.version import __version__
from screener.output.document import input_hash
from screener.output.workbook.book import Book, Page
from screener.output.workbook.sources import WIDE

if TYPE_CHECKING:
    from screener.screening.result import Result


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
        page.heighten(row, {1: fact}, WIDE)
    start = len(facts) + 3
    page.table_head(
        start, {at: book.word(word) for at, word in enumerate(("metric", "meaning", "formula"))}
    )
    for row, metric in enumerate(result.metrics.values(), start=start + 1):
        page.text(row, 0, f"{metric.label(book.lang)}  {metric.name}", wrapped)
        texts = {1: metric.meaning.said(book.lang), 2: metric.formula.said(book.lang)}
        for at, text in texts.items():
            page.text(row, at, text, wrapped, fits=False)
        page.heighten(row, texts, WIDE)
    page.set_widths()
    page.sheet.set_column(1, 2, WIDE)
