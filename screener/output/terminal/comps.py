"""One name beside its peers: a row a peer, statistics set apart, implied prices as bars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from screener.model.messages import say
from screener.model.width import width_of
from screener.output.comparison import comparison_table, past_line
from screener.output.terminal.console import fitted
from screener.screening.comps import CUTS

if TYPE_CHECKING:
    from screener.model.table import ShownTable
    from screener.screening.comps import Comparison, Implied
    from screener.screening.result import Result


# How long a bar of implied prices is, and what it is drawn with: ends, quartiles, median, price.
FIELD = 28
_RANGE, _MIDDLE, _MEDIAN, _PRICE = "─", "━", "●", "┃"
# What goes first where there is no room; the others are what peers are compared by.
_DROPPED_FIRST = (
    "market_cap", "earnings_yield_fy1", "eps_revision_fy1", "pe_ttm_percentile", "dividend_yield",
    "pe_ntm", "pb", "peg", "pe_ttm",
)  # fmt: skip


def comps_page(found: Comparison, result: Result, lang: str, width: int) -> RenderableType:
    """The target above its peers and their statistics, the prices they imply, its own past."""
    table = _set_apart(comparison_table(found, result, lang))
    metrics = [each.metric for each in found.spreads]
    places = {each.name: place for place, each in enumerate(metrics, start=3)}
    dropped = [table.columns[places[name]] for name in _DROPPED_FIRST if name in places]
    parts: list[RenderableType] = [fitted(table, dropped, width), Text()]
    if found.implied:
        parts += [Text("\n".join(_field(found, result, lang))), Text()]
    parts.append(Text(past_line(found).said(lang)))
    return Group(*parts)


def _set_apart(table: ShownTable) -> ShownTable:
    """The table with a blank line below its first row, and its foot below another."""
    columns = (
        replace(
            column,
            cells=[
                column.cells[0], "", *column.cells[1:], "", *(line[at] for line in table.foot),
            ],
        )
        for at, column in enumerate(table.columns)
    )  # fmt: skip
    return replace(table, columns=tuple(columns), foot=())


def _field(found: Comparison, result: Result, lang: str) -> Iterator[str]:
    """A bar a multiple from the lowest implied price to the highest, all on one scale."""
    price = result.columns["price"]
    fields = found.fields
    every = [each.price for each in found.implied]
    own = found.row["price"]
    low, high = min((*every, own or every[0])), max((*every, own or every[0]))
    labels = {name: of[CUTS[0]].metric.label(lang) for name, of in fields.items() if CUTS[0] in of}
    wide = max(map(width_of, labels.values()), default=0)
    yield say(
        "Prices implied by the peers' multiples, in {currency}: low, 25%, median (●), 75%, high;"
        " ┃ is the price now",
        currency=found.row["price_currency"] or "–",
    ).said(lang)
    for name, label in labels.items():
        of = fields[name]
        shown = {cut: price.show(each.price) for cut, each in of.items()}
        upside = of["median"].upside
        end = "" if upside is None else f"  ● {shown['median']} ({upside:+.0%})"
        bar = _bar(of, own, low, high)
        pad = " " * (wide - width_of(label))
        yield f"{label}{pad} {shown['low']:>9} {bar} {shown['high']:<9}{end}"


def _bar(of: Mapping[str, Implied], own: float | None, low: float, high: float) -> str:
    def at(price: float) -> int:
        return round((price - low) / (high - low) * (FIELD - 1)) if high > low else FIELD // 2

    places = {cut: at(each.price) for cut, each in of.items()}
    bar = [" "] * FIELD
    for sign, first, last in (
        (_RANGE, "low", "high"),
        (_MIDDLE, "lower_quartile", "upper_quartile"),
        (_MEDIAN, "median", "median"),
    ):
        if first in places and last in places:
            for place in range(places[first], places[last] + 1):
                bar[place] = sign
    if own is not None:
        bar[at(own)] = _PRICE
    return "".join(bar)
