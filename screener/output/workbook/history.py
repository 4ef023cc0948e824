"""P/E over the years as a workbook: the bands in one table, and a sheet with a chart a name."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from screener.files import MARK
from screener.market_data.history import BAND, Band
from screener.model.messages import say
from screener.output.workbook.book import HEADER_ROW, OPTIONS, Book
from screener.output.workbook.places import area_of

if TYPE_CHECKING:
    from screener.output.workbook.book import Page


def render_history(bands: Sequence[Band], lang: str) -> bytes:
    """The bytes of the workbook."""
    import xlsxwriter

    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as workbook:
        workbook.set_properties({"author": MARK})
        book = Book(workbook, lang)
        _write_bands(book, book.add(book.said(say("P/E bands"))), bands)
        for band in bands:
            title = f"{band.listing.symbol} {band.listing.name}"
            _write_name(book, book.add(band.listing.symbol, title), band)
    return buffer.getvalue()


def _write_bands(book: Book, page: Page, bands: Sequence[Band]) -> None:
    cuts = [f"{at}%" for at in BAND]
    heads = [
        book.said(say("Symbol")),
        book.said(say("Name")),
        book.said(say("Last P/E")),
        book.said(say("Day")),
        book.said(say("Percentile now")),
        *cuts,
        book.said(say("Days with a P/E")),
    ]
    page.table_head(HEADER_ROW, dict(enumerate(heads)))
    for row, band in enumerate(bands, start=HEADER_ROW + 1):
        page.text(row, 0, band.listing.symbol, book.style("text", "text"))
        page.text(row, 1, band.listing.name, book.style("text", "text"))
        page.number(row, 2, band.last, book.style("text", "multiple"))
        if band.days:
            page.day(row, 3, band.days[-1], book.style("text", "day"))
        page.number(row, 4, band.standing, book.style("text", "percent"))
        for at, cut in enumerate(BAND, start=5):
            page.number(row, at, band.percentiles.get(cut), book.style("text", "multiple"))
        page.number(row, 5 + len(BAND), band.count, book.style("text", "integer"))
    page.set_widths(least=9)
    page.sheet.freeze_panes(HEADER_ROW + 1, 2)


def _write_name(book: Book, page: Page, band: Band) -> None:
    """A row a day; the percentiles beside it as lines for the chart."""
    heads = [
        book.said(say("Day")),
        f"{book.said(say('Close, split-adjusted'))}\n({band.currency})",
        book.said(say("P/E FY1")),
    ]
    page.table_head(HEADER_ROW, dict(enumerate([*heads, *(f"{at}%" for at in BAND)])))
    row = HEADER_ROW
    for row, day in enumerate(band.days, start=HEADER_ROW + 1):
        at = row - HEADER_ROW - 1
        page.day(row, 0, day, book.style("text", "day"))
        page.number(row, 1, band.closes[at], book.style("text", "price"))
        page.number(row, 2, band.multiples[at], book.style("text", "multiple"))
        for column, cut in enumerate(BAND, start=3):
            page.number(row, column, band.percentiles.get(cut), book.style("note", "multiple"))
    page.set_widths(least=9)
    page.sheet.freeze_panes(HEADER_ROW + 1, 1)
    if not band.days:
        return
    chart = book.workbook.add_chart({"type": "line"})
    days = f"={page.reference}{area_of(HEADER_ROW + 1, 0, row, 0)}"
    for column, name in enumerate([book.said(say("P/E FY1")), *(f"{at}%" for at in BAND)], start=2):
        line = {"color": "#1F3864", "width": 1.5}
        if column > 2:
            line = {"color": "#7F7F7F", "width": 0.75, "dash_type": "dash"}
        area = area_of(HEADER_ROW + 1, column, row, column)
        chart.add_series(
            {"name": name, "categories": days, "values": f"={page.reference}{area}", "line": line}
        )
    chart.set_x_axis({"date_axis": True, "num_format": "yyyy-mm", "major_unit": 6,
                      "major_unit_type": "months"})  # fmt: skip
    chart.set_y_axis({"num_format": '0"x"', "major_gridlines": {"visible": False}})
    chart.set_legend({"position": "bottom"})
    chart.show_blanks_as("gap")
    chart.set_size({"width": 860, "height": 380})
    page.sheet.insert_chart(HEADER_ROW, 9, chart)
