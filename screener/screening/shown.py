"""What of a result is shown where all of it would be too much: a table a sector."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from screener.model.columns import Column
from screener.model.table import Shown, ShownTable
from screener.valuation.metric import Metric
from screener.watchlists.read import Watchlist

if TYPE_CHECKING:
    import polars as pl

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
) -> Iterator[ShownTable]:
    """A table a watchlist of the frame's columns `names`, in the order of the frame."""
    chosen = [columns[name] for name in names]
    for watchlist in watchlists:
        rows = frame.filter(frame["sector"] == watchlist.name).to_dicts()
        shown = (
            Shown(
                of_year(heading(column, lang), rows),
                [cell_text(row, column) for row in rows],
                "left" if column.kind == "text" else "right",
            )
            for column in chosen
        )
        yield ShownTable(tuple(shown), watchlist.provenance.label(lang))


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
