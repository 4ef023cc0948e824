"""What the Summary begins with: the names that rank first, and what changed since the last run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from screener.output.changes import SINCE, change_lines
from screener.output.shown import best_columns, best_names
from screener.output.workbook.block import ORDER, Block, rows_of
from screener.output.workbook.book import Book
from screener.output.workbook.looks import heading, look_of
from screener.output.workbook.page import Page
from screener.output.workbook.places import cell, fixed
from screener.output.workbook.sector import values_of
from screener.valuation.aggregates import NO_STATISTIC

if TYPE_CHECKING:
    from screener.screening.result import Result


def write_best(
    book: Book,
    result: Result,
    page: Page,
    top: int,
    everyone: Block,
    blocks: Mapping[str, Block],
) -> int:
    """The first names across sectors, each with a link to its row; gives the row below.

    Who is edited to the top stands there: names are looked up by their place on Ranking.
    """
    ranked = best_names(result)
    if not ranked:
        return top
    names = [name for name in best_columns(result) if name in everyone.columns]
    places = rows_of(blocks.values())
    page.table_head(top, {at: heading(book, result, name) for at, name in enumerate(names)})
    for number, row in enumerate(ranked, start=1):
        # The rows down to this one: its number, without a number in the formula.
        place = f"ROWS({fixed(top + 1, 0)}:{cell(top + number, 0)})"
        found = f"MATCH({place},{everyone.outside_area(ORDER)},0)"
        for column, name in enumerate(names):
            is_sector = name == "sector"
            value = (
                blocks[row["sector"]].page.name
                if is_sector
                else values_of(result, name, [row], book.lang)[0]
            )
            if name == "symbol":
                page.link(top + number, column, places[row["symbol"]])
            formula = (
                f"=IF(ISNUMBER({found}),INDEX({everyone.outside_area(name)},{found}),"
                f'"{NO_STATISTIC}")'
            )
            look = look_of(book, result, name, linked=True)
            page.formula(top + number, column, formula, value, look.style)
            page.fit(column, look.shown(value))
    return top + len(ranked) + 2


def write_changes(book: Book, result: Result, page: Page, top: int) -> int:
    """What is different from the last run, a line each; gives the row below."""
    changes = result.changes
    if changes is None:
        return top
    page.text(top, 0, SINCE, book.style("text", bold=True), fits=False)
    row = top
    for row, line in enumerate(change_lines(changes, book.lang), start=top + 1):
        page.text(row, 0, line, book.style("text"), fits=False)
    return row + 2
