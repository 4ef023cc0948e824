"""One name beside its peers: a row a peer, statistics set apart, implied prices as bars."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.text import Text

from screener.model.columns import width_of
from screener.model.messages import Sentence, say
from screener.model.table import shown_table
from screener.output.terminal.console import fitted
from screener.output.terminal.result import figure
from screener.screening.comps import CUTS

if TYPE_CHECKING:
    from screener.screening.comps import Comparison, Implied
    from screener.screening.result import Result
    from screener.valuation.metric import Metric


# What the figures of the peers are called.
AT: Mapping[str, Sentence] = {
    "low": say("Low"),
    "lower_quartile": say("25%"),
    "median": say("Median"),
    "upper_quartile": say("75%"),
    "high": say("High"),
}
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
    row, price = found.row, result.columns["price"]
    shown = "n/a" if row["price"] is None else f"{price.show(row['price'])} {row['price_currency']}"
    title = f"{row['symbol']} {row['name']} · {row['sector']} · {shown} · {result.price_day}"
    metrics = [each.metric for each in found.spreads]
    heads = (
        say("Symbol"), say("Name"), price.label(lang),
        *(f"{each.label(lang)} {_unit(each)}".strip() for each in metrics), say("Premium"),
    )  # fmt: skip
    blank = [""] * len(heads)
    lines = [_line(row, metrics, found, result), blank]
    lines += [_line(peer, metrics, found, result) for peer in found.peers]
    lines += [blank, *_statistics(found, lang)]
    table = shown_table(heads, lines, lang, right=range(2, len(heads)), title=title)
    places = {each.name: place for place, each in enumerate(metrics, start=3)}
    dropped = [table.columns[places[name]] for name in _DROPPED_FIRST if name in places]
    parts: list[RenderableType] = [fitted(table, dropped, width), Text()]
    if found.implied:
        parts += [Text("\n".join(_field(found, result, lang))), Text()]
    parts.append(Text(_past(found).said(lang)))
    return Group(*parts)


def _line(
    row: Mapping[str, Any], metrics: list[Metric], found: Comparison, result: Result
) -> list[str]:
    return [
        row["symbol"],
        row["name"],
        _or_dash(row["price"], result.columns["price"].show),
        *(figure(row, metric) for metric in metrics),
        _or_dash(found.premium(row), "{:+.1%}".format),
    ]


def _statistics(found: Comparison, lang: str) -> Iterator[list[str]]:
    """The peers' figures at each place among them, the highest first, and how many have one."""
    for cut in reversed(CUTS):
        figures = (_or_dash(getattr(each, cut), each.metric.show) for each in found.spreads)
        yield ["", AT[cut].said(lang), "", *figures, ""]
    counts = (str(each.n) for each in found.spreads)
    yield ["", f"n / {len(found.peers)}", "", *counts, ""]


def _unit(metric: Metric) -> Sentence | str:
    # Multiples carry their sign; of an amount nobody knows in what it is.
    return metric.unit if metric.format == "amount" else ""


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


def _past(found: Comparison) -> Sentence:
    past = found.past
    if past is None:
        return say("No premium to these peers on an earlier day is kept yet")
    figures = f"{past.low:+.1%} / {past.median:+.1%} / {past.high:+.1%}"
    line = say(
        "Premium to these peers on earlier days, low/median/high {first} – {last} (n = {count}):"
        " {figures}",
        first=past.first,
        last=past.last,
        count=past.n,
        figures=figures,
    )
    if past.percentile is None:
        return line
    return say("{past} · now at percentile {place:.0%}", past=line, place=past.percentile)


def _or_dash(value: float | None, show: Callable[[float], str]) -> str:
    return "–" if value is None else show(value)
