"""What of a result is shown where all of it would be too much: a table a sector."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from screener.model.columns import Column
from screener.model.table import Shown, ShownTable
from screener.valuation.aggregates import AGGREGATE_COLUMNS, NO_STATISTIC
from screener.valuation.metric import Metric
from screener.watchlists.read import Watchlist

if TYPE_CHECKING:
    import polars as pl

# What is said of a sector below its names.
STATISTICS_SHOWN = ("n", "low", "median", "harmonic_mean", "aggregate", "high")

# What heads a column in a language.
Heading = Callable[[Column, str], str]

# What stands beside rank, code, name, price and the metric that ranks.
SHOWN = ("pe_fy1", "pe_ntm", "peg", "eps_cagr", "pe_vs_sector")
# Of these each table has its own way: a range beside the rank, a mark on the price.
IDENTITY = ("rank", "symbol", "name", "price")


def columns_shown(by: str, parts: Iterable[str] = ()) -> tuple[str, ...]:
    """The figures that are shown of a name: what ranks first, then its parts, then `SHOWN`."""
    return tuple(dict.fromkeys((by, *parts, *SHOWN)))


def shown_tables(
    frame: pl.DataFrame,
    watchlists: Iterable[Watchlist],
    columns: Mapping[str, Column],
    names: Iterable[str],
    lang: str,
    heading: Heading,
    sectors: pl.DataFrame | None = None,
) -> Iterator[ShownTable]:
    """A table a watchlist of the frame's columns `names`, in the order of the frame.

    With `sectors`, its statistics, below each.
    """
    chosen = [columns[name] for name in names]
    for watchlist in watchlists:
        rows = frame.filter(frame["sector"] == watchlist.name).to_dicts()
        shown = tuple(shown_column(column, rows, lang, heading) for column in chosen)
        foot: Sequence[Sequence[str]] = ()
        if sectors is not None:
            foot = statistics_lines(
                sectors.filter(sectors["sector"] == watchlist.name), chosen, lang
            )
        yield ShownTable(shown, watchlist.provenance.label(lang), foot)


def shown_column(
    column: Column, rows: Sequence[Mapping[str, Any]], lang: str, heading: Heading
) -> Shown:
    """A column of these rows as it is read, with the figures that it sorts by."""
    is_figure = column.kind in ("integer", "number")
    return Shown(
        of_year(heading(column, lang), rows),
        [cell_text(row, column) for row in rows],
        "left" if column.kind == "text" else "right",
        [row[column.name] for row in rows] if is_figure else (),
    )


def statistics_lines(
    sectors: pl.DataFrame, columns: Sequence[Column], lang: str
) -> list[tuple[str, ...]]:
    """A line a statistic of one sector: its name where names stand, figures below their column."""
    by_metric = {row["metric"]: row for row in sectors.to_dicts()}
    titles = {column.name: column for column in AGGREGATE_COLUMNS}
    lines = []
    for statistic in STATISTICS_SHOWN:
        cells = []
        for column in columns:
            value = by_metric.get(column.name, {}).get(statistic)
            if column.name == "name":
                cells.append(titles[statistic].label(lang))
            elif value is None:
                cells.append(NO_STATISTIC if column.name in by_metric else "")
            else:
                figure = titles[statistic] if statistic == "n" else column
                cells.append(" ".join(figure.show(value).split()))
        lines.append(tuple(cells))
    return lines


def of_year(heading: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """A heading with FY1 as the year it is, where that is one for all rows."""
    years = {row["fy1"] for row in rows}
    return heading.replace("FY1", f"{min(years)}E") if len(years) == 1 else heading


def cell_text(row: Mapping[str, Any], column: Column) -> str:
    """A figure as it is read: `NM` or `n/a` where there is none, nothing where a text is empty."""
    value = row[column.name]
    if value is None:
        return column.gap(row) if isinstance(column, Metric) else ""
    return " ".join(column.show(value).split())
