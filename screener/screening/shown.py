"""What of a result is shown where all of it would be too much: a table a sector, as texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from screener.model.columns import Column
from screener.valuation.metric import Metric
from screener.watchlists.read import Watchlist

if TYPE_CHECKING:
    import polars as pl

# What stands beside rank, code, name, price and the metric that ranks.
SHOWN = ("pe_fy1", "pe_ntm", "peg", "eps_cagr", "pe_vs_sector")


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table as it is read: its title, its columns, and the text of each cell."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]

    def html(self, lang: str) -> str:
        """The table for a notebook; text is text, whatever it looks like."""
        heads = "".join(f"<th>{escape(column.label(lang))}</th>" for column in self.columns)
        lines = (
            f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in self.rows
        )
        return f"<h4>{escape(self.title)}</h4><table><tr>{heads}</tr>{''.join(lines)}</table>"


def columns_shown(by: str, parts: Iterable[str] = ()) -> tuple[str, ...]:
    """The figures that are shown of a name: what ranks first, then its parts, then `SHOWN`."""
    return tuple(dict.fromkeys((by, *parts, *SHOWN)))


def shown_tables(
    frame: pl.DataFrame,
    watchlists: Iterable[Watchlist],
    columns: Mapping[str, Column],
    names: Iterable[str],
    lang: str,
) -> Iterator[ShownTable]:
    """A table a watchlist of the frame's columns `names`, in the order of the frame."""
    shown = tuple(columns[name] for name in names)
    for watchlist in watchlists:
        rows = frame.filter(frame["sector"] == watchlist.name).to_dicts()
        cells = tuple(tuple(cell_text(row, column) for column in shown) for row in rows)
        yield ShownTable(watchlist.provenance.label(lang), shown, cells)


def cell_text(row: Mapping[str, Any], column: Column) -> str:
    """A figure as it is read: `NM` or `n/a` where there is none, nothing where a text is empty."""
    value = row[column.name]
    if value is None:
        return column.gap(row) if isinstance(column, Metric) else ""
    return " ".join(column.show(value).split())
