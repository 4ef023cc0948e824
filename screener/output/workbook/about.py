"""The About sheet: how to read the workbook, and what every figure means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screener.model.messages import NOTHING, say
from screener.model.version import __version__
from screener.output.workbook.book import Book
from screener.output.workbook.notes import AGGREGATE_NOTE, EDIT_NOTE, LEGEND, ORDER_NOTE
from screener.output.workbook.page import Page
from screener.output.workbook.sources import WIDE

if TYPE_CHECKING:
    from screener.screening.result import Result


def write_about(book: Book, result: Result, page: Page, digest: str, command: str) -> None:
    """How to read the workbook, what it was made from, and what every figure means."""
    import polars
    import xlsxwriter

    wrapped = book.style("text", text_wrap=True, valign="top")
    strong = book.style("text", bold=True, valign="top")
    facts = [
        (say("How to read"), book.said(LEGEND)),
        (NOTHING, book.said(AGGREGATE_NOTE)),
        (NOTHING, book.said(ORDER_NOTE)),
        (NOTHING, book.said(EDIT_NOTE)),
        (say("Price day"), result.price_day.isoformat()),
        (say("Prices"), result.prices),
        (say("Ranked by"), result.metrics[result.by].label(book.lang)),
        (say("Generated at"), result.generated_at.isoformat(timespec="seconds")),
        (
            say("Version"),
            f"screener {__version__}, polars {polars.__version__},"
            f" XlsxWriter {xlsxwriter.__version__}",
        ),
        (say("Command"), command or book.said(say("library call screener.screen()"))),
        (say("SHA-256 of the inputs"), digest),
        *(
            (say("Watchlist"), f"{watchlist.name}: {watchlist.path}")
            for watchlist in result.watchlists
        ),
    ]
    for row, (word, fact) in enumerate(facts, start=2):
        page.text(row, 0, word, strong)
        page.text(row, 1, fact, wrapped, fits=False)
        page.heighten(row, {1: fact}, WIDE)
    start = len(facts) + 3
    page.table_head(start, dict(enumerate((say("Metric"), say("Meaning"), say("Formula")))))
    for row, metric in enumerate(result.metrics.values(), start=start + 1):
        page.text(row, 0, f"{metric.label(book.lang)}  {metric.name}", wrapped)
        texts = {1: metric.meaning.said(book.lang), 2: metric.formula.said(book.lang)}
        for at, text in texts.items():
            page.text(row, at, text, wrapped, fits=False)
        page.heighten(row, texts, WIDE)
    page.set_widths()
    page.sheet.set_column(1, 2, WIDE)
