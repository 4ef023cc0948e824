"""What the ranked sheets look like: headings, number formats, colours, folded columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from screener.model.columns import FORMATS
from screener.model.messages import Sentence, say
from screener.output.shown import RANK_RANGE
from screener.output.workbook.block import ORDER, Block, rounded_column
from screener.output.workbook.book import HEADER_ROW, Book
from screener.output.workbook.places import cell
from screener.output.workbook.styles import GREY, Role
from screener.valuation.composite import COUNTED
from screener.valuation.ranking import POSSIBLE, SURE

if TYPE_CHECKING:
    from xlsxwriter.format import Format

    from screener.screening.result import Result


# So many rows stand on one page with their statistics and charts, and can still be read.
ROWS_OF_A_PAGE = 30

# Short marks under a wide heading: at the right they would stand by the next column.
_CENTERED = (
    *("rank", RANK_RANGE, "rank_best", "rank_worst", "rank_all"),
    *("price_currency", "fy1", "cagr_years"),
)

# Workings that no frame has: formats and headings of their own.
_WORKINGS: Mapping[str, str] = {
    "chart_growth": "percent",
    "at": "integer",
    ORDER: "integer",
    RANK_RANGE: "text",
    SURE: "general",
    POSSIBLE: "integer",
}
_HEADS: Mapping[str, Sentence] = {
    "at": say("Inputs row"),
    "once": say("Counted once"),
    ORDER: say("Order"),
    RANK_RANGE: say("Range"),
    SURE: say("Sure end"),
    POSSIBLE: say("Could rank"),
    "chart_growth": say("Chart x"),
    "chart_multiple": say("Chart y"),
    "chart_bar": say("Chart bar"),
    "chart_median": say("Chart median"),
}


def write_heads(book: Book, result: Result, block: Block) -> None:
    heads = {column: heading(book, result, name) for name, column in block.columns.items()}
    block.page.table_head(HEADER_ROW, heads)


def heading(book: Book, result: Result, name: str) -> str:
    if name in _HEADS:
        return book.said(_HEADS[name])
    figure = rounded_column(name)
    if figure is not None:
        how = book.said(say("counted") if name.startswith(COUNTED) else say("rounded"))
        return f"{result.columns[figure].label(book.lang)} {how}"
    column = result.columns[name]
    return book.head(column, result.heading(column, book.lang))


# Formats that show so many digits, not decimals.
_OF_DIGITS = ("eps", "general")


class Look(NamedTuple):
    """The style of a column's cells, and how their figures are shown."""

    style: Format
    number: str

    def shown(self, value: float | str) -> str:
        """A figure as it will be seen in a cell."""
        if isinstance(value, str) or self.number in ("text", "day"):
            return str(value)
        return f"{FORMATS[self.number].python.format(value)} "

    def widest(self, values: Iterable[float | str]) -> Iterator[str]:
        """Texts of the cells of a column, the widest among them.

        With as many decimals each, no figure is wider than the lowest and the highest.
        """
        figures = {value for value in values if not isinstance(value, str)}
        if figures and self.number not in _OF_DIGITS:
            figures = {min(figures), max(figures)}
        texts: set[float | str] = {value for value in values if isinstance(value, str)}
        return map(self.shown, texts | figures)


def look_of(book: Book, result: Result, name: str, *, linked: bool) -> Look:
    role: Role = "link" if linked else "computed"
    bold = name in ("rank", "rank_all", result.by)
    align = {"align": "center"} if name in _CENTERED else {}
    number = _format_of(result, name)
    return Look(book.style(role, number, bold=bold, **align), number)


def _format_of(result: Result, name: str) -> str:
    if name.startswith("figure_"):
        return result.metrics[result.by].format
    if rounded_column(name) is not None:
        return "general"
    if name in result.columns:
        return result.columns[name].format
    return (
        "percent" if name == "chart_growth" else "integer" if name in ("at", ORDER) else "multiple"
    )


def dress_sheet(result: Result, block: Block) -> None:
    """What the sheet looks like: filter, frozen panes, bars, colours, folded workings."""
    sheet = block.page.sheet
    sheet.autofilter(HEADER_ROW, 0, block.last, block.shown - 1)
    sheet.freeze_panes(HEADER_ROW + 1, block.columns["name"] + 1)
    sheet.repeat_rows(HEADER_ROW)
    block.page.set_widths()
    if len(block.rows) <= ROWS_OF_A_PAGE:
        sheet.fit_to_pages(1, 1)
    for column in range(block.shown, len(block.columns)):
        sheet.set_column(column, column, 12, None, {"level": 1, "hidden": True})
    sheet.set_column(len(block.columns), len(block.columns), None, None, {"collapsed": True})
    colours(block, result)


def colours(block: Block, result: Result) -> None:
    """Grey words for missing figures, a bar for the ranking figure, a colour for the premium."""
    first, last, sheet = block.first, block.last, block.page.sheet
    grey = block.page.book.workbook.add_format({"font_color": GREY})
    left = block.columns["name"] + 1
    corner = f"{cell(first, left)}".removeprefix("$")
    sheet.conditional_format(
        first,
        left,
        last,
        block.shown - 1,
        {"type": "formula", "criteria": f"=ISTEXT({corner})", "format": grey},
    )
    _grey_years_over(block)
    by = block.columns[result.by]
    sheet.conditional_format(
        first,
        by,
        last,
        by,
        {
            "type": "data_bar",
            "data_bar_2010": True,
            "bar_solid": True,
            "bar_color": "#BDD7EE",
            "bar_negative_color": "#F8CBAD",
            "min_type": "num",
            "min_value": 0,
            # One name far above the others shall not flatten all bars.
            "max_type": "percentile",
            "max_value": 90,
        },
    )
    premium = block.columns["pe_vs_sector"]
    sheet.conditional_format(
        first,
        premium,
        last,
        premium,
        {
            "type": "3_color_scale",
            "min_type": "num",
            "mid_type": "num",
            "max_type": "num",
            "min_value": -0.5,
            "mid_value": 0,
            "max_value": 0.5,
            "min_color": "#63BE7B",
            "mid_color": "#FFFFFF",
            "max_color": "#F8696B",
        },
    )


def _grey_years_over(block: Block) -> None:
    """Grey italics for figures of a fiscal year that is over: actual or stale, never forward."""
    first, last = block.first, block.last
    looks = block.page.book.workbook.add_format({"font_color": GREY, "italic": True})
    fy1 = cell(first, block.columns["fy1"])
    for each in (*block.families.get("eps", ()), *block.families.get("pe", ())):
        if each.name in block.columns:
            column = block.columns[each.name]
            rule = {"type": "formula", "criteria": f"={each.year}<{fy1}", "format": looks}
            block.page.sheet.conditional_format(first, column, last, column, rule)
