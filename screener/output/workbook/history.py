"""A multiple over the years as a workbook: all bands in a table, and a chart a name."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from screener.files import MARK
from screener.market_data.band import BAND, Band
from screener.model.messages import say
from screener.output.workbook.book import GREY, HEADER_ROW, NAVY, OPTIONS, Book
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
        titles = dict.fromkeys(band.title for band in bands)
        name = say("{multiple} bands", multiple=" ".join(map(str, titles)) or "P/E")
        _write_bands(book.add(book.said(name)), bands)
        for band in bands:
            title = f"{band.listing.symbol} {band.listing.name}"
            _write_name(book, book.add(band.listing.symbol, title), band)
    return buffer.getvalue()


def _write_bands(page: Page, bands: Sequence[Band]) -> None:
    columns = [
        (say("Symbol"), "text"),
        (say("Name"), "text"),
        (say("Last"), "multiple"),
        (say("Day"), "day"),
        (say("Percentile now"), "percent"),
        *((f"{cut}%", "multiple") for cut in BAND),
        (say("Days with a multiple"), "integer"),
    ]
    rows = (
        (
            band.listing.symbol,
            band.listing.name,
            band.last,
            band.days[-1] if band.days else None,
            band.standing,
            *map(band.percentiles.get, BAND),
            band.count,
        )
        for band in bands
    )
    page.table(HEADER_ROW, columns, rows)
    page.set_widths(least=9)
    page.sheet.freeze_panes(HEADER_ROW + 1, 2)


def _write_name(book: Book, page: Page, band: Band) -> None:
    """A row a day; the percentiles beside it as lines for the chart."""
    close = f"{book.said(say('Close, split-adjusted'))}\n({band.currency})"
    columns = [(say("Day"), "day"), (close, "price"), (band.title, "multiple")]
    columns += [(f"{cut}%", "multiple") for cut in BAND]
    cuts = [band.percentiles.get(cut) for cut in BAND]
    days = zip(band.days, band.closes, band.multiples, strict=True)
    rows = ((*of_day, *cuts) for of_day in days)
    # The percentiles are the same every day: lines of the chart, not figures to read.
    row = page.table(HEADER_ROW, columns, rows, grey=range(3, len(columns)))
    page.set_widths(least=9)
    page.sheet.freeze_panes(HEADER_ROW + 1, 1)
    if not band.days:
        return
    chart = book.workbook.add_chart({"type": "line"})
    axis = f"={page.reference}{area_of(HEADER_ROW + 1, 0, row, 0)}"
    for column, name in enumerate([book.said(band.title), *(f"{at}%" for at in BAND)], start=2):
        line = {"color": NAVY, "width": 1.5}
        if column > 2:
            line = {"color": GREY, "width": 0.75, "dash_type": "dash"}
        area = area_of(HEADER_ROW + 1, column, row, column)
        chart.add_series(
            {"name": name, "categories": axis, "values": f"={page.reference}{area}", "line": line}
        )
    chart.set_x_axis({"date_axis": True, "num_format": "yyyy-mm", "major_unit": 6,
                      "major_unit_type": "months"})  # fmt: skip
    chart.set_y_axis({"num_format": '0"x"', "major_gridlines": {"visible": False}})
    chart.set_legend({"position": "bottom"})
    chart.show_blanks_as("gap")
    chart.set_size({"width": 860, "height": 380})
    page.sheet.insert_chart(HEADER_ROW, 9, chart)
