"""Which columns a ranked sheet shows, and in which order; all others are folded away."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from screener.valuation.composite import weights

if TYPE_CHECKING:
    from screener.model.columns import Column
    from screener.screening.result import Result


Row = Mapping[str, Any]

# The ranks that rounding leaves possible, as one text: 5–6.
RANK_RANGE = "rank_range"

# What a ranked sheet shows, in this order, if it has figures: what a desk prints on one page.
# `{year}` stands for one column a fiscal year after FY1.
SHOWN = (
    "rank",
    RANK_RANGE,
    "symbol",
    "name",
    "price",
    "price_currency",
    "pe_fy1",
    "pe_{year}",
    "pe_ttm",
    "pb",
    "dividend_yield",
    "eps_cagr",
    "peg",
    "pe_vs_sector",
    "upside",
    "market_cap",
)
# A page of more columns is too small to read; these go first where one has more.
MOST_SHOWN, _GO_FIRST = 15, ("dividend_yield", "upside", "pb", "pe_ttm")
# Years after FY1 that a page has room for.
YEARS_SHOWN = 2

# What is of the last twelve months.
TRAILING = ("pe_ttm", "pb", "dividend_yield")

# How many names stand first across sectors, and what of each beside the figure they are ranked by.
BEST = 10
_FIRST = ("symbol", "rank_all", "name", "sector", "price", "price_currency")
_BESIDE = (
    "pe_fy1", "pe_ntm", "pe_vs_sector", "upside", "pe_ttm", "pe_ttm_percentile", "pb",
    "dividend_yield",
)  # fmt: skip


def best_names(result: Result) -> list[Row]:
    """The rows that rank first across sectors; of a name that several hold, the first."""
    return [row for row in ranking_rows(result) if row["rank_all"] is not None][:BEST]


def ranking_rows(result: Result) -> list[Row]:
    """All rows as they rank across sectors; a listing that has another row stands with its first.

    What has no rank stands last.
    """
    rows = sorted(result.rows, key=lambda row: row["rank_all"] or math.inf)
    places: dict[str, int] = {}
    for place, row in enumerate(rows):
        places.setdefault(row["symbol"], place)
    return sorted(rows, key=lambda row: places[row["symbol"]])


def best_columns(result: Result) -> list[str]:
    """What is said of them: the columns that have figures."""
    wanted = dict.fromkeys((*_FIRST, result.by, *_BESIDE))
    return [name for name in wanted if result.table[name].count()]


def shown_columns(result: Result) -> list[str]:
    """The columns of a ranked sheet that are not folded away, with the ranking metric in them.

    A column without figures says nothing: a run on the report's prices has no accounts, one
    currency for all is said of the prices, and splits and ranges are shown where there are any.
    """
    table = result.table
    folded = {name for name in TRAILING if table[name].is_null().all()}
    if table["price_currency"].drop_nulls().n_unique() < 2:
        folded.add("price_currency")
    if (table["rank_best"].is_null() | (table["rank_best"] == table["rank_worst"])).all():
        folded.add(RANK_RANGE)
    later, of_years = _years_shown(result), by_year(["pe_{year}"], result)
    names = [
        name
        for name in by_year(SHOWN, result)
        if name not in folded and (name in later or name not in of_years)
    ]
    if (table["split_factor"].fill_null(0) != 1).any():
        names.insert(names.index("price") + 1, "split_factor")
    at = names.index("name") + 1
    by = [result.by] if result.by not in names else []
    names = [*names[:at], *by, *weights(result.metrics), *names[at:]]
    spare = (name for name in _GO_FIRST if name in names and name != result.by)
    while len(names) > MOST_SHOWN and (name := next(spare, None)):
        names.remove(name)
    return names


def _years_shown(result: Result) -> list[str]:
    """P/E of the first years after FY1 that any name has figures of."""
    fy1 = max(result.table["fy1"].to_list(), default=0)
    later = [
        column.name
        for column in families(result).get("pe", ())
        if (column.year or 0) > fy1 and result.table[column.name].count()
    ]
    return later[:YEARS_SHOWN]


def by_year(names: Sequence[str], result: Result) -> list[str]:
    """The names, with one a fiscal year for each that stands for a family."""
    of_year = families(result)
    found: list[str] = []
    for name in names:
        family = name.removesuffix("_{year}")
        of_family = [column.name for column in of_year.get(family, ())]
        found += of_family if name.endswith("_{year}") else [name]
    return found


def families(result: Result) -> dict[str, list[Column]]:
    """The columns of figures by fiscal year."""
    found: dict[str, list[Column]] = {}
    for column in result.columns.values():
        if column.family:
            found.setdefault(column.family, []).append(column)
    return found
