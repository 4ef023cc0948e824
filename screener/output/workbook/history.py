"""A multiple over the years as a workbook: all bands in a table, and a chart a name."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise
from math import floor
from statistics import fmean, pstdev
from typing import TYPE_CHECKING, Any

from screener.files import MARK
from screener.market_data.band import BAND, Band
from screener.model.messages import say
from screener.output.workbook.book import HEADER_ROW, Book, opened
from screener.output.workbook.places import area_of
from screener.output.workbook.styles import GREY, NAVY

if TYPE_CHECKING:
    from screener.output.workbook.page import Page


# The chart stands on a page of its own, above the days.
_CHART_ROWS = 28
# From a percentile to the next: the middle half is darker.
_STEPS = tuple(pairwise(BAND))
_FILLS = ("#E3EAF5", "#B9CAE6", "#B9CAE6", "#E3EAF5")
_FIRST_CUT = 3


def render_history(bands: Sequence[Band], lang: str) -> bytes:
    """The bytes of the workbook."""
    buffer = BytesIO()
    with opened(buffer) as workbook:
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
    """The chart on one page; below it, a row a day with the steps that its fills are drawn by."""
    if not band.days:
        return
    top = HEADER_ROW + _CHART_ROWS
    close = f"{book.said(say('Close, split-adjusted'))}\n({band.currency})"
    columns = [(say("Day"), "day"), (close, "price"), (band.title, "multiple")]
    columns += [(f"{cut}%", "multiple") for cut in BAND]
    columns += [(f"{low}–{high}%", "multiple") for low, high in _STEPS]
    columns += [(say("Mean"), "multiple"), (say("Mean − σ"), "multiple"),
                (say("Mean + σ"), "multiple")]  # fmt: skip
    cuts = [band.percentiles.get(cut) for cut in BAND]
    steps = [
        high - low if low is not None and high is not None else None for low, high in pairwise(cuts)
    ]
    spread = _spread(band)
    days = zip(band.days, band.closes, band.multiples, strict=True)
    # The percentiles are the same every day: lines of the chart, not figures to read.
    rows = ((*of_day, *cuts, *steps, *spread) for of_day in days)
    last = page.table(top, columns, rows, grey=range(3, len(columns)))
    page.set_widths(least=9)
    page.sheet.repeat_rows(top)
    page.sheet.set_h_pagebreaks([top])
    page.sheet.insert_chart(HEADER_ROW, 0, _chart(book, page, band, (top, last)))


def _spread(band: Band) -> tuple[float | None, ...]:
    """The mean of the multiples, and one standard deviation of all of them to each side."""
    known = [multiple for multiple in band.multiples if multiple is not None]
    if not band.percentiles:
        return (None, None, None)
    mean, deviation = fmean(known), pstdev(known)
    return mean, mean - deviation, mean + deviation


def _chart(book: Book, page: Page, band: Band, rows: tuple[int, int]) -> Any:
    """The band as fills from its lowest percentile to its highest, and the multiple over them."""

    def cells(column: int) -> str:
        return f"={page.reference}{area_of(rows[0] + 1, column, rows[1], column)}"

    def series(name: str, column: int, **looks: Any) -> dict[str, Any]:
        return {"name": name, "categories": cells(0), "values": cells(column), **looks}

    chart = book.workbook.add_chart({"type": "area", "subtype": "stacked"})
    # The lowest percentile is where the fills begin: nothing is drawn below it.
    chart.add_series(series(f"{BAND[0]}%", _FIRST_CUT, fill={"none": True}))
    for at, ((low, high), colour) in enumerate(zip(_STEPS, _FILLS, strict=True)):
        column = _FIRST_CUT + len(BAND) + at
        chart.add_series(series(f"{low}–{high}%", column, fill={"color": colour}))
    lines = book.workbook.add_chart({"type": "line"})
    named = {
        2: (book.said(band.title), {"color": NAVY, "width": 1.5}),
        _FIRST_CUT + BAND.index(50): ("50%", {"color": GREY, "width": 1}),
    }
    mean = _FIRST_CUT + len(BAND) + len(_STEPS)
    for at, words in enumerate((say("Mean"), say("Mean − σ"), say("Mean + σ"))):
        dash = {"color": "#C55A11", "width": 1, "dash_type": "dash"}
        named[mean + at] = (book.said(words), dash)
    for column, (name, line) in named.items():
        lines.add_series(series(name, column, line=line))
    chart.combine(lines)
    chart.set_title({"name": f"{band.listing.symbol} {band.listing.name} · {book.said(band.title)}",
                     "name_font": {"size": 11, "color": NAVY}})  # fmt: skip
    chart.set_x_axis({"date_axis": True, "num_format": "yyyy-mm", "major_unit": 6,
                      "major_unit_type": "months", "num_font": {"size": 8}})  # fmt: skip
    known = [each for each in (*band.multiples, *band.percentiles.values()) if each is not None]
    bottom = {"min": floor(min(known) * 0.9)} if known else {}
    chart.set_y_axis({"num_format": '0"x"', "major_gridlines": {"visible": False}, **bottom})
    chart.set_legend({"position": "bottom", "delete_series": [0], "font": {"size": 9}})
    chart.show_blanks_as("gap")
    chart.set_size({"width": 1000, "height": 20 * (_CHART_ROWS - 2)})
    return chart
