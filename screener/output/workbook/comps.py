"""A name beside its peers as a workbook of one sheet: the table, its statistics, implied prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from screener.files import MARK
from screener.model.messages import Sentence, say
from screener.output.comparison import AT
from screener.output.workbook.book import HEADER_ROW, Book, opened
from screener.output.workbook.page import Page
from screener.output.workbook.places import area_of, fixed
from screener.output.workbook.styles import NAVY
from screener.screening.comps import CUTS, IMPLYING

if TYPE_CHECKING:
    from screener.screening.comps import Comparison
    from screener.screening.result import Result
    from screener.valuation.metric import Metric


_FIRST = ("symbol", "name", "price", "price_currency")
# The peers' figures at each place among them, the highest first, and how many have one.
_STATISTICS: Mapping[str, tuple[Sentence, str]] = {
    "high": (AT["high"], "MAX({area})"),
    "upper_quartile": (AT["upper_quartile"], "QUARTILE({area},3)"),
    "median": (AT["median"], "MEDIAN({area})"),
    "lower_quartile": (AT["lower_quartile"], "QUARTILE({area},1)"),
    "low": (AT["low"], "MIN({area})"),
    "n": (say("n"), "COUNT({area})"),
}
# The parts of a bar: from a place among the peers to the next, the first of them not drawn.
_PARTS = tuple(zip(CUTS, CUTS[1:], ("#D9E1F2", "#8EA9DB", "#8EA9DB", "#D9E1F2"), strict=False))


def render_comps(found: Comparison, result: Result, lang: str) -> bytes:
    """The bytes of the workbook."""
    buffer = BytesIO()
    with opened(buffer) as workbook:
        workbook.set_properties({"author": MARK})
        book = Book(workbook, lang)
        row = found.row
        title = f"{row['symbol']} {row['name']}"
        line = say("beside {count} peers · price day {day}", count=len(found.peers),
                   day=result.price_day)  # fmt: skip
        _Sheet(book, book.add(row["symbol"], title, book.said(line)), found, result).write()
    return buffer.getvalue()


class _Sheet:
    """The page: target and peers above, statistics set apart, implied prices and their bars."""

    def __init__(self, book: Book, page: Page, found: Comparison, result: Result) -> None:
        self.book, self.page, self.found, self.result = book, page, found, result
        self.metrics: list[Metric] = [each.metric for each in found.spreads]
        self.columns = [*_FIRST, *(metric.name for metric in self.metrics)]
        self.first = HEADER_ROW + 3
        self.last = self.first + len(found.peers) - 1
        self.statistics = {
            name: self.last + place for place, name in enumerate(_STATISTICS, start=2)
        }

    def write(self) -> None:
        heads = [self.book.head(self.result.columns[name]) for name in self.columns]
        self.page.table_head(HEADER_ROW, dict(enumerate(heads)))
        self._row(HEADER_ROW + 1, self.found.row, bold=True)
        for number, peer in enumerate(self.found.peers, start=self.first):
            self._row(number, peer, bold=False)
        self._statistics()
        if self.found.implied:
            self._implied(max(self.statistics.values()) + 2)
        self.page.set_widths(widest=24, least=10)
        self.page.sheet.freeze_panes(HEADER_ROW + 1, 2)
        self.page.sheet.repeat_rows(HEADER_ROW)
        self.page.sheet.fit_to_pages(1, 1)

    def _row(self, number: int, row: Mapping[str, Any], *, bold: bool) -> None:
        for column, name in enumerate(self.columns):
            each = self.result.columns[name]
            value = row[name]
            style = self.book.style("text", each.format, bold=bold)
            if value is None and name not in _FIRST:
                value = self.result.metrics[name].gap(row)
                style = self.book.style("note", align="right")
            self.page.value(number, column, value, style)

    def _statistics(self) -> None:
        for name, (words, formula) in _STATISTICS.items():
            number = self.statistics[name]
            style = self.book.style("statistic", bold=True)
            for column in range(len(_FIRST)):
                self.page.number(number, column, None, style)
            self.page.text(number, 1, words, style)
            for column, spread in enumerate(self.found.spreads, start=len(_FIRST)):
                value = getattr(spread, name)
                area = area_of(self.first, column, self.last, column)
                format_ = "integer" if name == "n" else spread.metric.format
                style = self.book.style("statistic", format_, bold=name == "median")
                shown: float | str = "–" if value is None else value
                formula_ = f'=IF(COUNT({area})>0,{formula.format(area=area)},"–")'
                if name == "n":
                    formula_ = f"={formula.format(area=area)}"
                if value is None and spread.n:
                    formula_ = '="–"'  # of one figure there are no quartiles
                self.page.formula(number, column, formula_, shown, style)

    def _implied(self, top: int) -> None:
        """A row a multiple: the figure it is on, and the prices at the peers' multiples."""
        heads: Sequence[Sentence] = (
            say("Multiple"), say("On"), say("Figure"), say("FX"),
            *(words for words, _ in map(_STATISTICS.__getitem__, CUTS)),
        )  # fmt: skip
        title = say("Prices implied by the peers' multiples")
        self.page.text(top, 0, title, self.book.style("text", bold=True), fits=False)
        self.page.table_head(top + 1, dict(enumerate(heads)))
        number = top + 1
        typed = self.book.style("input", "rate")
        for number, (name, of) in enumerate(self.found.fields.items(), start=top + 2):
            metric = self.result.metrics[name]
            on, rate = IMPLYING[name]
            self.page.text(number, 0, metric.title, self.book.style("text"))
            self.page.text(number, 1, self.result.columns[on].title, self.book.style("text"))
            for column, each in ((2, on), (3, rate)):
                self.page.number(number, column, self.found.row[each], typed)
            column_of = self.columns.index(name)
            for column, cut in enumerate(CUTS, start=4):
                if cut in of:
                    multiple = fixed(self.statistics[cut], column_of)
                    formula = f"={multiple}*{fixed(number, 2)}/{fixed(number, 3)}"
                    style = self.book.style("computed", "price", bold=cut == "median")
                    self.page.formula(number, column, formula, of[cut].price, style)
        self._bars(top + 2, number)

    def _bars(self, first: int, last: int) -> None:
        """The implied prices as bars, on one scale; the steps they are drawn by stand beside."""
        left = 4 + len(CUTS) + 1
        for number in range(first, last + 1):
            prices = list(self.found.fields.values())[number - first]
            for place, (low, high, _) in enumerate(_PARTS):
                cells = (fixed(number, 4 + CUTS.index(each)) for each in (high, low))
                if low in prices and high in prices:
                    step = prices[high].price - prices[low].price
                    style = self.book.style("note", "price")
                    self.page.formula(number, left + place, f"={'-'.join(cells)}", step, style)
        chart = self.book.workbook.add_chart({"type": "bar", "subtype": "stacked"})
        names = f"={self.page.reference}{area_of(first, 0, last, 0)}"
        lowest = f"={self.page.reference}{area_of(first, 4, last, 4)}"
        chart.add_series({"categories": names, "values": lowest, "fill": {"none": True}, "gap": 60})
        for place, (low, high, colour) in enumerate(_PARTS):
            area = area_of(first, left + place, last, left + place)
            words = [self.book.said(_STATISTICS[each][0]) for each in (low, high)]
            chart.add_series(
                {
                    "name": " – ".join(words),
                    "categories": names,
                    "values": f"={self.page.reference}{area}",
                    "fill": {"color": colour},
                    "border": {"color": "#FFFFFF"},
                }
            )
        price, currency = self.found.row["price"], self.found.row["price_currency"]
        shown = "n/a" if price is None else f"{self.result.columns['price'].show(price)} {currency}"
        title = self.book.said(say("Implied prices; the price now is {price}", price=shown))
        chart.set_title({"name": title, "name_font": {"size": 11, "color": NAVY}})
        chart.set_legend({"position": "bottom", "delete_series": [0]})
        chart.set_x_axis({"min": 0, "num_font": {"size": 8}, "major_gridlines": {"visible": True}})
        chart.set_y_axis({"reverse": True})
        chart.set_size({"width": 760, "height": 120 + 45 * (last - first + 1)})
        self.page.sheet.insert_chart(last + 2, 0, chart)
