"""The sheet of a sector: its names with live formulas, and statistics below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from screener.consensus.sheet_columns import is_eps_of_year
from screener.model.columns import FORMATS
from screener.output.workbook.block import CHARTED, COUNTED, NO_STATISTIC, Block, Row, parts_of
from screener.output.workbook.book import Book
from screener.output.workbook.formulas import (
    LOOKUPS,
    STATISTIC_FORMULAS,
    eps_cells,
    percentile_formulas,
    rounded_column,
    row_formulas,
)
from screener.output.workbook.looks import as_shown, dress_sheet, style_of, write_heads
from screener.output.workbook.places import serial
from screener.valuation.aggregates import AGGREGATE_COLUMNS
from screener.valuation.metric import TIE_DECIMALS, Metric

if TYPE_CHECKING:
    from screener.output.workbook.inputs import InputsPlace
    from screener.screening.result import Result


def write_sector(
    book: Book,
    result: Result,
    block: Block,
    inputs: InputsPlace,
    everywhere: Iterable[Block],
) -> None:
    """The rows of a sector with a formula in every cell but the codes, and its statistics.

    `everywhere` are the sectors' blocks, for percentiles across all.
    """
    blocks = list(everywhere)
    peers = [block] if result.scope == "sector" else blocks
    again = _again(result, blocks)
    write_heads(book, result, block)
    for number, row in enumerate(block.rows, start=block.first):
        cells = block.cells(number)
        context = {
            **cells,
            "by": cells[result.by],
            "inputs": inputs.columns,
            "eps_cells": eps_cells(block, number, "eps_"),
            "eps_report_cells": eps_cells(block, number, "eps_report_"),
            "sector_median": block.statistic("median", "pe_fy1"),
            "percentiles": percentile_formulas(result, cells, block, peers),
            "counted": {name: cells[COUNTED + name] for name in parts_of(result)},
            "of_first": again.get(row["row"], cells),
        }
        for name, formula in row_formulas(result, block, context):
            style = style_of(book, result, name, linked=name in LOOKUPS or is_eps_of_year(name))
            value = _drawn(block, row, name) if name in CHARTED else cached(result, row, name)
            if name.startswith(COUNTED) and row["row"] in again:
                formula, value = '""', ""
            block.page.formula(number, block.columns[name], f"={formula}", value, style)
            block.page.fit(block.columns[name], as_shown(result, name, value))
        symbol = book.style("text", "text", bold=True)
        block.page.text(number, block.columns["symbol"], row["symbol"], symbol)
    _statistics(book, result, block)
    dress_sheet(result, block)


def _again(result: Result, blocks: Sequence[Block]) -> dict[int, Mapping[str, str]]:
    """For rows of a listing that stands in another table before, the cells that count for it.

    Within a sector there is none: each row counts.
    """
    if result.scope == "sector":
        return {}
    places = {
        row["row"]: (row["symbol"], block, number)
        for block in blocks
        for number, row in enumerate(block.rows, start=block.first)
    }
    first: dict[str, Mapping[str, str]] = {}
    again = {}
    for at, (symbol, block, number) in sorted(places.items()):
        if symbol in first:
            again[at] = first[symbol]
        else:
            first[symbol] = {name: block.outside(name, number) for name in block.columns}
    return again


def cached(result: Result, row: Row, name: str) -> float | str:
    """The value of a cell as the terminal has it, or the word that stands where there is none."""
    if name == "at":
        return int((result.table["row"] <= row["row"]).sum())  # rows stand on Inputs in their order
    figure = rounded_column(name)
    if figure is not None:
        value = cached(result, row, figure)
        return round(value, TIE_DECIMALS) if isinstance(value, float) else value
    value = row[name]
    if isinstance(value, date):
        return serial(value)
    if value is not None:
        return value  # type: ignore[no-any-return]
    return gap(result, row, name)


def _drawn(block: Block, row: Row, name: str) -> float | str:
    """What a chart draws of a row; what it draws not is `#N/A`."""
    pe, growth = row["pe_fy1"], row["eps_cagr"]
    drawn = {
        "chart_growth": growth or 0.0,
        "chart_multiple": None if growth is None else pe,
        "chart_bar": pe,
        "chart_median": block.figures["pe_fy1"]["median"],
    }[name]
    return "#N/A" if drawn is None else float(drawn)


def gap(result: Result, row: Row, name: str) -> str:
    """What stands where a row has no figure."""
    column = result.metrics[result.by] if name.startswith("figure_") else result.columns[name]
    if isinstance(column, Metric):
        return column.gap(row)
    return "" if column.kind == "text" or name.startswith("rank") else "n/a"


def _statistics(book: Book, result: Result, block: Block) -> None:
    """Rows under the block: the statistics of every column that can rank."""
    columns = {column.name: column for column in AGGREGATE_COLUMNS}
    label = book.style("statistic", bold=True)
    blank = book.style("statistic")
    for name, at in block.statistics.items():
        for column in range(block.shown):
            block.page.number(at, column, None, blank)
        block.page.text(at, block.columns["name"], columns[name].label(book.lang), label)
    for metric in result.metrics.values():
        if metric.best is None:
            continue
        figures = block.figures.get(metric.name, {})
        for name, at in block.statistics.items():
            if name in ("harmonic_mean", "aggregate", "n_aggregate") and not metric.earnings_yield:
                continue
            formula = STATISTIC_FORMULAS[name].format_map(
                {
                    "area": block.area(metric.name),
                    "n": block.statistic("n", metric.name),
                    "caps": block.area("market_cap"),
                    "yields": block.area(metric.earnings_yield or metric.name),
                }
            )
            value = figures.get(name, 0 if name.startswith("n") else None)
            number = "integer" if columns[name].kind == "integer" else metric.format
            style = book.style("statistic", number, bold=name == "median")
            shown = NO_STATISTIC if value is None else value
            column = block.columns[metric.name]
            block.page.formula(at, column, f"={formula}", shown, style)
            if isinstance(shown, float):
                block.page.fit(column, f"{FORMATS[metric.format].python.format(shown)} ")
