"""The Summary sheet: the sectors' statistics, the light, where prices come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from screener.consensus.sheet_columns import PRICE_DAY
from screener.model.columns import Column, code_word
from screener.model.messages import Sentence, say
from screener.model.problems import Severity
from screener.model.symbols import exchange_of
from screener.output.workbook.best import write_best, write_changes
from screener.output.workbook.block import Block
from screener.output.workbook.book import HEADER_ROW, Book
from screener.output.workbook.charts import sectors_chart
from screener.output.workbook.checks import (
    BAD,
    COUNTS,
    LIGHT,
    coloured,
    count_of,
    counted,
    light,
)
from screener.output.workbook.notes import AGGREGATE_NOTE, LEGEND
from screener.output.workbook.page import Page
from screener.output.workbook.places import area_of, cell, serial
from screener.output.workbook.problems import Listed
from screener.output.workbook.sources import SourcesPlace
from screener.valuation.aggregates import AGGREGATE_COLUMNS, NO_STATISTIC

if TYPE_CHECKING:
    from screener.screening.result import Result
    from screener.valuation.metric import Metric


_FIGURES = ("low", "median", "harmonic_mean", "aggregate", "high")

_AGGREGATES: Mapping[str, Column] = {column.name: column for column in AGGREGATE_COLUMNS}

_CHART_NUMBERS: Mapping[str, str] = {"multiple": '0.0"x"', "percent": "0.0%", "change": "0.0%"}

Row = Mapping[str, Any]


def write_summary(
    book: Book,
    result: Result,
    page: Page,
    blocks: Mapping[str, Block],
    everyone: Block,
    sources: SourcesPlace,
    lists: Sequence[Listed],
) -> None:
    """The best names, the sectors' statistics, the light, where prices come from, and charts.

    `lists` are the sheets of problems and findings, whose errors and warnings are counted.
    """
    if behind := result.staleness:
        banner = book.style("text", bold=True, font_color="#9C0006")
        page.text(2, 0, behind.banner, banner, fits=False)
    top = write_best(book, result, page, HEADER_ROW, everyone, blocks)
    table = _table(result)
    heads = [_sector_head(book), *(_head(book, result, *each) for each in table)]
    best = [
        book.said(say("Best")),
        book.said(say("Name")),
        result.metrics[result.by].label(book.lang),
    ]
    ages = [book.said(say("Consensus day")), book.said(say("Consensus age"))]
    page.table_head(top, dict(enumerate([*heads, *best, *ages])))
    for row, (sector, block) in enumerate(blocks.items(), start=top + 1):
        page.link(row, 0, f"{block.page.reference}A1")
        page.text(row, 0, block.page.name, book.style("text", bold=True))
        for column, (statistic, metric) in enumerate(table, start=1):
            figures = block.figures.get(metric, {})
            _statistic(book, result, page, (row, column), block, statistic, metric, figures)
        _best(book, result, page, row, len(heads), block)
        _age(book, result, page, row, len(heads) + len(best), sector, sources)
    last = write_changes(book, result, page, top + len(blocks) + 2)
    _light(book, result, page, last, lists)
    bottom = _price_sources(book, result, page, last + 2, sources)
    for line in (AGGREGATE_NOTE, LEGEND):
        page.text(bottom, 0, line, book.style("note"), fits=False)
        bottom += 1
    page.set_widths(least=9)
    page.sheet.fit_to_pages(1, 1)
    if blocks:
        _charts(book, result, page, table, (top, top + len(blocks)), bottom + 1)


def _table(result: Result) -> list[tuple[str, str]]:
    """The statistics that are shown of each sector, and the metric of each."""
    by_metric = [(statistic, result.by) for statistic in (*COUNTS, *_FIGURES)]
    return [*by_metric, ("median", "eps_cagr")]


def _sector_head(book: Book) -> str:
    return _AGGREGATES["sector"].label(book.lang)


def _head(book: Book, result: Result, statistic: str, metric: str) -> str:
    unit = result.metrics[metric].unit.said(book.lang) if statistic in _FIGURES else ""
    if metric != result.by:
        unit = result.metrics[metric].label(book.lang)
    return _AGGREGATES[statistic].label(book.lang) + (f"\n({unit})" if unit else "")


def _statistic(
    book: Book,
    result: Result,
    page: Page,
    place: tuple[int, int],
    block: Block,
    statistic: str,
    metric: str,
    figures: Row,
) -> None:
    number = "integer" if statistic in COUNTS else result.metrics[metric].format
    of_multiples = statistic in ("harmonic_mean", "aggregate")
    if of_multiples and not result.metrics[metric].earnings_yield:
        page.text(*place, NO_STATISTIC, book.style("note", align="right"))
        return
    value = figures.get(statistic, 0 if statistic in COUNTS else None)
    linked = block.page.reference + block.statistic(statistic, metric)
    style = book.style("link", number, bold=statistic == "median" and metric == result.by)
    page.formula(*place, f"={linked}", NO_STATISTIC if value is None else value, style)


def _best(book: Book, result: Result, page: Page, row: int, left: int, block: Block) -> None:
    """The name that ranks first: its code, its name, its figure."""
    first = next((name for name in block.rows if name["rank"] == 1), None)
    ranks = block.outside_area("rank")
    number = result.metrics[result.by].format
    shown = (("symbol", "text"), ("name", "text"), (result.by, number))
    for column, (name, format_) in enumerate(shown, start=left):
        place = f"MATCH(1,{ranks},0)"
        formula = f'=IF(ISNUMBER({place}),INDEX({block.outside_area(name)},{place}),"–")'
        value = NO_STATISTIC if first is None else first[name]
        page.formula(row, column, formula, value, book.style("link", format_))
        if format_ == "text":
            page.fit(column, str(value))


def _age(
    book: Book,
    result: Result,
    page: Page,
    row: int,
    column: int,
    sector: str,
    sources: SourcesPlace,
) -> None:
    """The oldest consensus of a sector's rows, and how many days it is old: red if too many."""
    rows = result.of_sector(sector)
    if not rows:
        return
    day = min(row["consensus_day"] for row in rows)
    oldest = f"=MIN({sources.consensus_days[sector]})"
    page.formula(row, column, oldest, serial(day), book.style("link", "day"))
    page.fit(column, str(day))
    days = (result.price_day - day).days
    formula = f"={PRICE_DAY}-{cell(row, column)}"
    page.formula(row, column + 1, formula, days, book.style("computed", "integer"))
    old = book.workbook.add_format(BAD)
    page.sheet.conditional_format(
        row,
        column + 1,
        row,
        column + 1,
        {"type": "cell", "criteria": ">", "value": "=Consensus_Old_Days", "format": old},
    )


def _light(book: Book, result: Result, page: Page, row: int, lists: Sequence[Listed]) -> None:
    page.text(row, 0, say("Checks"), book.style("text", bold=True))
    page.formula(row, 1, f"={LIGHT}", light(result), book.style("light"))
    coloured(book, page, row, 1, row, 1)
    counts: tuple[tuple[Sentence, Severity], ...] = (
        (say("Errors"), "error"), (say("Warnings"), "warning"),
    )  # fmt: skip
    for place, (what, severity) in enumerate(counts):
        formula = "+".join(counted(book, each, severity) for each in lists)
        page.text(row, 2 + 2 * place, what, book.style("text"), fits=False)
        found = sum(count_of(result, severity))
        page.link(row, 3 + 2 * place, f"'{lists[0].name}'!A1")
        page.formula(row, 3 + 2 * place, f"={formula}", found, book.style("link", "integer"))


def _price_sources(book: Book, result: Result, page: Page, top: int, sources: SourcesPlace) -> int:
    """How many rows have their price in which way, and of which days; returns the row below."""
    heads = (say("Obtained"), say("Rows"), say("First day"), say("Last day"))
    for column, head in enumerate(heads):
        page.text(top, column, head, book.style("head"), fits=False)
    row = top
    days: dict[str, list[str]] = {}
    for listed in result.as_listed:
        if listed["price_time"] is not None:
            zone = exchange_of(listed["symbol"]).zone
            day = listed["price_time"].astimezone(zone).date().isoformat()
            days.setdefault(listed["price_obtained"], []).append(day)
    for row, (obtained, of_days) in enumerate(days.items(), start=top + 1):
        page.text(row, 0, code_word(obtained, book.lang), book.style("text"))
        formula = f"=COUNTIF({sources.obtained},{cell(row, 0)})"
        page.formula(row, 1, formula, len(of_days), book.style("link", "integer"))
        for at, day in ((2, min(of_days)), (3, max(of_days))):
            page.text(row, at, day, book.style("text", "text"))
    missing = result.table["price"].null_count()
    if missing:
        row += 1
        page.text(row, 0, say("missing"), book.style("text"))
        formula = f"=COUNTBLANK({sources.obtained})"
        page.formula(row, 1, formula, missing, book.style("link", "integer"))
    return row + 2


def _charts(
    book: Book,
    result: Result,
    page: Page,
    table: Sequence[tuple[str, str]],
    rows: tuple[int, int],
    row: int,
) -> None:
    """The sectors side by side: what they cost, and beside it how they grow."""

    def cells(column: int) -> str:
        return page.reference + area_of(rows[0] + 1, column, rows[1], column)

    def series(metric: str, statistics: Sequence[str]) -> dict[str, str]:
        return {
            _AGGREGATES[name].label(book.lang): cells(1 + table.index((name, metric)))
            for name in statistics
        }

    metric, growth = result.metrics[result.by], result.metrics["eps_cagr"]
    shown = ("median", "harmonic_mean", "aggregate") if metric.earnings_yield else ("median",)
    charts = {metric.name: (metric, shown), growth.name: (growth, ("median",))}
    drawn = [(each, names) for each, names in charts.values() if _has_median(result, each)]
    for place, (each, statistics) in enumerate(drawn):
        chart = sectors_chart(
            book,
            each.label(book.lang),
            cells(0),
            series(each.name, statistics),
            _CHART_NUMBERS.get(each.format, "0.00"),
            count=rows[1] - rows[0],
            from_zero=not _is_below_zero(result, each, statistics),
        )
        page.sheet.insert_chart(row, 0, chart, {"x_offset": place * (chart.width + 20)})


def _is_below_zero(result: Result, metric: Metric, statistics: Sequence[str]) -> bool:
    of_metric = result.sectors.filter(result.sectors["metric"] == metric.name)
    return any((of_metric[name].fill_null(0) < 0).any() for name in statistics)


def _has_median(result: Result, metric: Metric) -> bool:
    of_metric = result.sectors.filter(result.sectors["metric"] == metric.name)
    return bool(of_metric["median"].count())
