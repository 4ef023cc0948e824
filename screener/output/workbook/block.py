"""The rows of a ranked sheet: which column and row everything stands in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from screener.output.shown import (
    RANK_RANGE,
    TRAILING,
    by_year,
    families,
    ranking_rows,
    shown_columns,
)
from screener.output.workbook.book import HEADER_ROW
from screener.output.workbook.page import Page
from screener.output.workbook.places import area_of, fixed, in_row
from screener.valuation.composite import COUNTED
from screener.valuation.ranking import ONCE, POSSIBLE, SURE, TIED

if TYPE_CHECKING:
    from screener.model.columns import Column
    from screener.screening.result import Result


Row = Mapping[str, Any]

# What a formula goes through on its way; folded away at the right of the sheet, before the
# metrics that are not shown and what the charts draw.
WORKINGS = (
    "rank_best",
    "rank_worst",
    "price_currency",
    "eps_{year}",
    "fy1",
    "cagr_years",
    "status",
    "at",
    "row",
    "eps_currency",
    "split_factor",
    "split_since_report",
    "eps_rounding",
    "cy_weight",
    "fx",
    "price_in_eps_currency",
    "fy1_end",
    "ntm_weight",
    "eps_fy1",
    "eps_fy2",
    "eps_last",
    "eps_ntm",
    "eps_cy_{year}",
    "eps_report_{year}",
    "eps_report_fy1",
    "report_price",
    "market_cap_printed",
    "eps_ttm",
    "eps_ttm_fx",
    "book_value",
    "dividend",
    "accounts_fx",
    "pe_ttm_standing",
    "figure_low",
    "figure_high",
)

# The place of a name among all: of those that share a rank, each has one of its own.
ORDER = "order"

CHARTED = ("chart_growth", "chart_multiple", "chart_bar", "chart_median")

# The statistics under a block, as in the frame of aggregates.
STATISTICS = (
    "high",
    "upper_quartile",
    "mean",
    "median",
    "lower_quartile",
    "low",
    "harmonic_mean",
    "aggregate",
    "n",
    "n_nm",
    "n_missing",
    "n_aggregate",
)


@dataclass(frozen=True)
class Block:
    """The rows of one ranked sheet: which column and row everything stands in.

    `families` are the columns of figures by fiscal year; `statistics` are the rows of the
    statistics, `figures` their values by metric.
    """

    page: Page
    rows: Sequence[Row]
    columns: Mapping[str, int]
    families: Mapping[str, Sequence[Column]]
    shown: int
    statistics: Mapping[str, int]
    figures: Mapping[str, Row]

    @property
    def first(self) -> int:
        return HEADER_ROW + 1

    @property
    def last(self) -> int:
        # A sheet without a name keeps one empty row, so that its ranges are ranges.
        return HEADER_ROW + max(len(self.rows), 1)

    def area(self, name: str) -> str:
        """The cells of a column, for formulas of this sheet."""
        return area_of(self.first, self.columns[name], self.last, self.columns[name])

    @cached_property
    def areas(self) -> dict[str, str]:
        """The cells of every column, for formulas of this sheet."""
        return {name: self.area(name) for name in self.columns}

    def of_family(self, family: str) -> list[int]:
        """The columns of a figure by fiscal year."""
        members = self.families.get(family, ())
        return [self.columns[member.name] for member in members if member.name in self.columns]

    def outside(self, name: str, row: int) -> str:
        """One cell, for formulas of other sheets."""
        return self.page.reference + fixed(row, self.columns[name])

    def outside_area(self, name: str) -> str:
        """The cells of a column, for formulas of other sheets."""
        return self.page.reference + self.area(name)

    def statistic(self, statistic: str, name: str) -> str:
        """The cell of a statistic, for formulas of this sheet."""
        return fixed(self.statistics[statistic], self.columns[name])

    def cells(self, row: str) -> dict[str, str]:
        """The cells of one row, whose number is written so, by the name of their column."""
        return {name: in_row(row, column) for name, column in self.columns.items()}


def rows_of(blocks: Iterable[Block]) -> dict[str, str]:
    """Where the first row of each symbol stands on its sector's sheet."""
    places: dict[str, str] = {}
    for block in blocks:
        for number, row in enumerate(block.rows, start=block.first):
            places.setdefault(row["symbol"], block.outside("symbol", number))
    return places


def sector_block(result: Result, page: Page, rows: Sequence[Row]) -> Block:
    """Where everything of a sector's sheet will stand."""
    shown = shown_columns(result)
    others = [name for name in result.metrics if name not in (*shown, *WORKINGS)]
    workings = [name for name in by_year(WORKINGS, result) if name not in shown]
    rounded = [TIED + name for name in _tied(result)]
    rounded += [COUNTED + name for name in parts_of(result)]
    rounded += [SURE, POSSIBLE]
    names = [*shown, *workings, *others, *rounded, *CHARTED]
    if result.metrics[result.by].low is None:
        without = ("figure_low", "figure_high", "rank_best", "rank_worst", SURE, POSSIBLE)
        names = [name for name in names if name not in without]
    last = HEADER_ROW + max(len(rows), 1)
    return Block(
        page=page,
        rows=rows,
        columns={name: column for column, name in enumerate(names)},
        families=families(result),
        shown=len(shown),
        statistics={name: last + number for number, name in enumerate(STATISTICS, start=1)},
        figures=_figures(result, rows),
    )


def _tied(result: Result) -> list[str]:
    """What ranks are told by: the figure, what decides between equals, the ends of rounding."""
    metric = result.metrics[result.by]
    ends = ["figure_low", "figure_high"] if metric.low is not None else []
    return [metric.name, metric.tie_breaker, *ends]


def parts_of(result: Result) -> tuple[str, ...]:
    return result.metrics[result.by].parts


@cache
def rounded_column(name: str) -> str | None:
    """The column that a rounded one is of; None for the name of any other."""
    marks = (mark for mark in (TIED, COUNTED) if name.startswith(mark))
    return next((name.removeprefix(mark) for mark in marks), None)


def _figures(result: Result, rows: Sequence[Row]) -> dict[str, Row]:
    """The statistics of the rows' sector, by metric; none where it has no rows."""
    if not rows:
        return {}
    of_sector = result.sectors.filter(result.sectors["sector"] == rows[0]["sector"])
    return {figures["metric"]: figures for figures in of_sector.to_dicts()}


def ranking_block(result: Result, page: Page) -> Block:
    """Where everything of the sheet of all names will stand."""
    dropped = ("rank", RANK_RANGE)
    shown = [name for name in shown_columns(result) if name not in dropped]
    workings = (
        "row", TIED + result.metrics[result.by].tie_breaker, "fy1", "price_currency", "status",
        "upside", *(name for name in TRAILING if name in result.metrics),
    )  # fmt: skip
    names = ["rank_all", "sector", "rank", *shown]
    count = len(names)
    names += [name for name in workings if name not in names]
    rows = ranking_rows(result)
    columns = {name: column for column, name in enumerate([*names, ONCE, ORDER])}
    of_year = families(result)
    return Block(page, rows, columns, of_year, shown=count, statistics={}, figures={})
