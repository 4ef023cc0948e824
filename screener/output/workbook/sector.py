"""The sheet of a sector: its names with live formulas, and statistics below."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from screener.model.columns import FORMATS, code_word
from screener.output.shown import RANK_RANGE
from screener.output.workbook.block import CHARTED, Block, Row, rounded_column
from screener.output.workbook.book import Book
from screener.output.workbook.exact import Cell, Form
from screener.output.workbook.formulas import LOOKUPS, SheetFormulas
from screener.output.workbook.looks import Look, dress_sheet, look_of, write_heads
from screener.output.workbook.places import serial
from screener.valuation.aggregates import AGGREGATE_COLUMNS, NO_STATISTIC
from screener.valuation.composite import COUNTED
from screener.valuation.limits import TIE_DECIMALS
from screener.valuation.metric import Metric
from screener.valuation.ranking import POSSIBLE, SURE

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
    formulas = SheetFormulas(result, block, peers, inputs.columns, book.lang)
    eps = block.of_family("eps")
    looks = {
        name: look_of(book, result, name, linked=name in LOOKUPS or column in eps)
        for name, column in block.columns.items()
    }
    looks["symbol"] = Look(book.style("text", "text", bold=True), "text")
    before = [again.get(row["row"], ()) for row in block.rows]
    own: dict[str, list[Any]] = {name: _drawn(block, name) for name in CHARTED}
    own["at"] = [inputs.places[row["row"]] for row in block.rows]
    values = {
        name: _counted(name, of_column, before)
        for name, of_column in columns_of(result, block, own, book.lang).items()
    }
    write_heads(book, result, block)

    def form(formulas_of: Mapping[str, str]) -> Form:
        return Form(
            Cell(column, looks[name].style, formulas_of.get(name, ""))
            for name, column in block.columns.items()
        )

    common = form(formulas.shared)
    for place, cells in enumerate(zip(*values.values(), strict=True)):
        number = block.first + place
        earlier = [of_row for _, of_row in before[place]]
        shape = form(formulas.of_row(number, earlier)) if earlier else common
        block.page.row(number, shape, cells)
        block.page.link(number, block.columns["symbol"], inputs.row(own["at"][place]))
    # The others are folded away, at a width of their own.
    for name, column in list(block.columns.items())[: block.shown]:
        block.page.fit_column(column, looks[name].widest(values[name]))
    _statistics(book, result, block)
    dress_sheet(result, block)


def _again(
    result: Result, blocks: Sequence[Block]
) -> dict[int, Sequence[tuple[Row, Mapping[str, str]]]]:
    """For rows of a listing that stands in other tables before: those rows, and their cells.

    Within a sector there is none: each row counts.
    """
    if result.scope == "sector":
        return {}
    places = {
        row["row"]: (row, block, number)
        for block in blocks
        for number, row in enumerate(block.rows, start=block.first)
    }
    earlier: dict[str, list[tuple[Row, Mapping[str, str]]]] = {}
    again: dict[int, Sequence[tuple[Row, Mapping[str, str]]]] = {}
    for at, (row, block, number) in sorted(places.items(), key=itemgetter(0)):
        of_symbol = earlier.setdefault(row["symbol"], [])
        again[at] = tuple(of_symbol)
        of_symbol.append((row, {name: block.outside(name, number) for name in block.columns}))
    return again


def columns_of(
    result: Result, block: Block, own: Mapping[str, list[Any]], lang: str
) -> dict[str, list[Any]]:
    """What the cells of each column of a sheet hold: what is its own, else as `values_of` says."""
    return {
        name: own[name] if name in own else values_of(result, name, block.rows, lang)
        for name in block.columns
    }


def values_of(result: Result, name: str, rows: Sequence[Row], lang: str) -> list[Any]:
    """What the cells of a column hold, as the terminal has it, or the word in its place."""
    if name == RANK_RANGE:
        return [_range(row) for row in rows]
    if name in (SURE, POSSIBLE):
        return [_of_range(result, name, row) for row in rows]
    if name == "status":
        return [code_word(row[name], lang) for row in rows]
    figure = rounded_column(name)
    if figure is not None:
        plain = values_of(result, figure, rows, lang)
        return [round(each, TIE_DECIMALS) if isinstance(each, float) else each for each in plain]
    values = [row[name] for row in rows]
    if result.columns[name].kind == "day":
        values = [value and serial(value) for value in values]
    if None in values:
        pairs = zip(values, rows, strict=True)
        values = [gap(result, row, name) if value is None else value for value, row in pairs]
    return values


def _counted(
    name: str, values: list[Any], before: Sequence[Sequence[tuple[Row, Any]]]
) -> list[Any]:
    """What counts once: nothing where a row before has a figure of the same listing."""
    if not name.startswith(COUNTED):
        return values
    part = name.removeprefix(COUNTED)
    return [
        "" if any(row[part] is not None for row, _ in earlier) else value
        for value, earlier in zip(values, before, strict=True)
    ]


def _range(row: Row) -> str:
    best, worst = row["rank_best"], row["rank_worst"]
    return "" if best is None or worst is None or best == worst else f"{best}–{worst}"


def _of_range(result: Result, name: str, row: Row) -> float | str:
    """What ranges are counted by: the worse end of a ranked name, and who could have a rank."""
    metric = result.metrics[result.by]
    worse = "figure_high" if metric.best == "low" else "figure_low"
    if name == POSSIBLE:
        figures = (row[metric.name], row["figure_low"], row["figure_high"])
        return "" if all(figure is None for figure in figures) else 1
    is_sure = row[metric.name] is not None and row[worse] is not None
    return round(row[worse], TIE_DECIMALS) if is_sure else ""


def _drawn(block: Block, name: str) -> list[float | str]:
    """What a chart draws of the rows; what it draws not is `#N/A`."""
    median = block.figures["pe_fy1"]["median"] if block.figures else None
    drawn: Mapping[str, Callable[[Row], float | None]] = {
        "chart_growth": lambda row: row["eps_cagr"] or 0.0,
        "chart_multiple": lambda row: None if row["eps_cagr"] is None else row["pe_fy1"],
        "chart_bar": itemgetter("pe_fy1"),
        "chart_median": lambda _: median,
    }
    figures = map(drawn[name], block.rows)
    return ["#N/A" if figure is None else float(figure) for figure in figures]


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
        terms = result.statistics[metric.name]
        for name, at in block.statistics.items():
            if name not in terms:
                continue
            formula = terms[name].cell.format_map({"area": block.areas})
            value = figures.get(name, 0 if name.startswith("n") else None)
            number = "integer" if columns[name].kind == "integer" else metric.format
            style = book.style("statistic", number, bold=name == "median")
            shown = NO_STATISTIC if value is None else value
            column = block.columns[metric.name]
            block.page.formula(at, column, f"={formula}", shown, style)
            if isinstance(shown, float):
                block.page.fit(column, f"{FORMATS[metric.format].python.format(shown)} ")
