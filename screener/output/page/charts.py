"""The charts of a page as Vega-Lite specifications: data, and what is drawn of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import log
from statistics import median
from typing import TYPE_CHECKING, Any, TypeVar

from screener.market_data.band import BAND
from screener.model.messages import say
from screener.model.width import width_of
from screener.output.comparison import AT
from screener.output.page.document import Chart
from screener.output.workbook.labels import Spot, placed
from screener.screening.comps import CUTS

if TYPE_CHECKING:
    from screener.screening.comps import Comparison
    from screener.screening.result import Result


Row = Mapping[str, Any]
Bar = TypeVar("Bar")

_WIDTH, _HEIGHT = 560, 340
# Bars are told apart, and their names read, up to so many; of more, the two ends are shown.
MOST_BARS = 40
# Where the dearest has more than so many times the multiple of the cheapest, the axis is one of
# equal ratios.
_SPREAD_FOR_LOG = 8
_LABEL_SIZE, _UNIT_PIXELS = 10, 5.6
_DOT, _CHEAP, _DEAR, _MIDDLE = "#4C78A8", "#2E8B57", "#C8553D", "#C55A11"
_SIDES: Mapping[str, Mapping[str, Any]] = {
    "right": {"align": "left", "baseline": "middle", "dx": 7},
    "left": {"align": "right", "baseline": "middle", "dx": -7},
    "above": {"align": "center", "baseline": "bottom", "dy": -7},
    "below": {"align": "center", "baseline": "top", "dy": 7},
}


def sector_charts(result: Result, sector: str, lang: str) -> Iterator[Chart]:
    """P/E against growth, premiums as bars, own bands: those that there is something to draw of."""
    rows = _named(result.of_sector(sector))
    makers: tuple[Callable[[Result, Sequence[Row], str], Chart | None], ...] = (
        _scatter, _premiums, _bands,
    )  # fmt: skip
    for make in makers:
        chart = make(result, rows, lang)
        if chart is not None:
            yield chart


def sectors_chart(result: Result, lang: str) -> Chart | None:
    """The sectors' medians of the metric that ranks, from zero."""
    metric = result.metrics[result.by]
    labels = {each.name: each.provenance.label(lang) for each in result.watchlists}
    of_metric = result.sectors.filter(result.sectors["metric"] == metric.name)
    values = [
        {"name": labels[row["sector"]], "value": row["median"], "text": metric.show(row["median"])}
        for row in of_metric.to_dicts()
        if row["median"] is not None
    ]
    if not values:
        return None
    title = f"{say('Median').said(lang)} · {metric.label(lang)}"
    return Chart(title, _bars(values, title, "~s", {"value": _DOT}))


def _named(rows: Sequence[Row]) -> list[Row]:
    """The rows with a `label` that is each row's own."""
    names = Counter(row["name"] for row in rows)
    return [
        {
            **row,
            "label": row["name"] if names[row["name"]] == 1 else f"{row['name']} {row['symbol']}",
        }
        for row in rows
    ]


def _scatter(result: Result, rows: Sequence[Row], lang: str) -> Chart | None:
    points = [row for row in rows if row["pe_fy1"] is not None and row["eps_cagr"] is not None]
    if not points:
        return None
    multiple, growth = result.columns["pe_fy1"], result.columns["eps_cagr"]
    growths, multiples = ([row[name] for row in points] for name in ("eps_cagr", "pe_fy1"))
    x, y = _axis(growths, is_ratio=False), _axis(multiples)
    spots = [
        Spot(x.at(row["eps_cagr"]) * _WIDTH, (1 - y.at(row["pe_fy1"])) * _HEIGHT,
             width_of(row["label"]) * _UNIT_PIXELS)
        for row in points
    ]  # fmt: skip
    middle = Spot(x.at(median(growths)) * _WIDTH, (1 - y.at(median(multiples))) * _HEIGHT, 0)
    sides = placed([spots], _WIDTH, _HEIGHT, [middle])
    values = [
        {
            "name": row["label"],
            "growth": row["eps_cagr"],
            "multiple": row["pe_fy1"],
            "side": sides.get(at, ""),
            "growth_text": growth.show(row["eps_cagr"]),
            "multiple_text": multiple.show(row["pe_fy1"]),
        }
        for at, row in enumerate(points)
    ]
    title = f"{multiple.label(lang)} / {growth.label(lang)}"
    across = {"field": "growth", "type": "quantitative", "title": growth.label(lang)}
    up = {"field": "multiple", "type": "quantitative", "title": multiple.label(lang)}
    encoding = {
        "x": {**across, "scale": x.scale, "axis": {"format": ".0%", "tickCount": 6}},
        "y": {**up, "scale": y.scale, "axis": {"format": "~r", "tickCount": 6}},
    }
    tip = _tooltip(
        (result.columns["name"].label(lang), "name"),
        (growth.label(lang), "growth_text"),
        (multiple.label(lang), "multiple_text"),
    )
    rule = {"type": "rule", "strokeDash": [4, 4], "opacity": 0.5, "aria": False}
    layers: list[Mapping[str, Any]] = [
        {"mark": rule, "encoding": {channel: {**of, "aggregate": "median"}}}
        for channel, of in (("x", across), ("y", up))
    ]
    dot = {"type": "point", "filled": True, "size": 55, "color": _DOT, "opacity": 1}
    layers.append({"mark": dot, "encoding": {**encoding, "tooltip": tip}})
    for side, place in _SIDES.items():
        text = {"type": "text", "fontSize": _LABEL_SIZE, "aria": False, **place}
        layers.append(
            {
                "transform": [{"filter": {"field": "side", "equal": side}}],
                "mark": text,
                "encoding": {**encoding, "text": {"field": "name"}},
            }
        )
    return Chart(title, {**_SIZE, "height": _HEIGHT, "data": {"values": values}, "layer": layers})


def _premiums(result: Result, rows: Sequence[Row], lang: str) -> Chart | None:
    column = result.columns["pe_vs_sector"]
    known = sorted(
        (row for row in rows if row[column.name] is not None), key=lambda row: row[column.name]
    )
    if not known:
        return None
    title = column.label(lang)
    if len(known) > MOST_BARS:
        ends = say("the {count} cheapest and dearest", count=MOST_BARS // 2).said(lang)
        title = f"{title} · {ends}"
    values = [
        {"name": row["label"], "value": row[column.name], "text": column.show(row[column.name])}
        for row in _ends(known)
    ]
    colour = {"condition": {"test": "datum.value < 0", "value": _CHEAP}, "value": _DEAR}
    return Chart(title, _bars(values, column.label(lang), "+.0%", colour))


def _bands(result: Result, rows: Sequence[Row], lang: str) -> Chart | None:
    """Where each name's P/E TTM has been over five years, and where it is now."""
    known = [(row, result.past[row["symbol"]]) for row in rows if row["symbol"] in result.past]
    if not known:
        return None
    values = [
        {
            "name": row["label"],
            "now": band.last,
            "now_text": band.gap if band.last is None else f"{band.last:.1f}x",
            **{f"p{cut}": band.percentiles[cut] for cut in BAND},
            **{f"t{cut}": f"{band.percentiles[cut]:.1f}x" for cut in BAND},
        }
        for row, band in _ends(known)
    ]
    tip = _tooltip(
        (result.columns["name"].label(lang), "name"),
        (say("now").said(lang), "now_text"),
        *((f"{cut}%", f"t{cut}") for cut in BAND),
    )
    every = [value[key] for value in values for key in ("p10", "p90", "now") if value[key]]
    scale = _axis(every).scale

    def across(low: str, high: str = "") -> Mapping[str, Any]:
        field = {"field": low, "type": "quantitative", "title": "x", "scale": scale}
        ends = {"x2": {"field": high}} if high else {}
        return {"y": _NAMES, "x": {**field, "axis": {"format": "~r"}}, **ends, "tooltip": tip}

    layers = [
        {"mark": {"type": "rule", "opacity": 0.6}, "encoding": across("p10", "p90")},
        {"mark": {"type": "bar", "height": 9, "color": _DOT, "opacity": 0.6},
         "encoding": across("p25", "p75")},
        {"mark": {"type": "tick", "thickness": 2, "color": "currentColor"},
         "encoding": across("p50")},
        {"mark": {"type": "point", "filled": True, "size": 60, "color": _MIDDLE, "opacity": 1},
         "encoding": across("now")},
    ]  # fmt: skip
    title = say("Own P/E TTM of five years: 10–90%, 25–75%, median, ● now").said(lang)
    return Chart(title, {**_SIZE, "data": {"values": values}, "layer": layers})


def field_chart(found: Comparison, result: Result, lang: str) -> Chart:
    """The prices that the peers' multiples imply, a bar each, and the price now as a line."""
    price = result.columns["price"]
    values = []
    for of in found.fields.values():
        prices = {cut: each.price for cut, each in of.items()}
        texts = {f"{cut}_text": price.show(each) for cut, each in prices.items()}
        name = next(iter(of.values())).metric.label(lang)
        values.append({"name": name, **prices, **texts})
    tip = _tooltip(("", "name"), *((AT[cut].said(lang), f"{cut}_text") for cut in CUTS))

    def across(low: str, high: str = "") -> Mapping[str, Any]:
        ends = {"x2": {"field": high}} if high else {}
        x = {"field": low, "type": "quantitative", "title": found.row["price_currency"]}
        return {"y": _NAMES, "x": {**x, "scale": {"zero": True}}, **ends, "tooltip": tip}

    layers: list[Mapping[str, Any]] = [
        {"mark": {"type": "bar", "height": 14, "color": _DOT, "opacity": opacity},
         "encoding": across(low, high)}
        for opacity, low, high in ((0.35, "low", "high"), (0.8, "lower_quartile", "upper_quartile"))
    ]  # fmt: skip
    tick = {"type": "tick", "thickness": 2, "color": "currentColor"}
    layers.append({"mark": tick, "encoding": across("median")})
    now = found.row["price"]
    if now is not None:
        line = {"type": "rule", "color": _MIDDLE, "size": 2, "aria": False}
        layers.append({"mark": line, "encoding": {"x": {"datum": now, "type": "quantitative"}}})
    shown = "n/a" if now is None else f"{price.show(now)} {found.row['price_currency']}"
    title = say("Implied prices; the price now is {price}", price=shown).said(lang)
    return Chart(title, {**_SIZE, "data": {"values": values}, "layer": layers})


_SIZE: Mapping[str, Any] = {"width": _WIDTH}
_NAMES: Mapping[str, Any] = {"field": "name", "type": "nominal", "sort": None, "title": None}


def _bars(
    values: Sequence[Mapping[str, Any]], title: str, number: str, colour: Mapping[str, Any]
) -> Mapping[str, Any]:
    """A bar a name from zero, in the order given."""
    value = {"field": "value", "type": "quantitative", "title": None, "axis": {"format": number}}
    return {
        **_SIZE,
        "data": {"values": values},
        "mark": {"type": "bar"},
        "encoding": {
            "y": _NAMES,
            "x": value,
            "color": colour,
            "tooltip": _tooltip(("", "name"), (title, "text")),
        },
    }


def _ends(bars: list[Bar]) -> list[Bar]:
    """The bars, or the first and the last of more than can be told apart."""
    half = MOST_BARS // 2
    return bars if len(bars) <= MOST_BARS else [*bars[:half], *bars[-half:]]


def _tooltip(*fields: tuple[str, str]) -> list[Mapping[str, str]]:
    return [{"field": name, "type": "nominal", "title": title or " "} for title, name in fields]


class _Axis:
    """An axis with room at both ends; of equal ratios where the values lie far apart."""

    def __init__(self, low: float, high: float, *, is_log: bool) -> None:
        self.low, self.high, self.is_log = low, high, is_log

    @property
    def scale(self) -> Mapping[str, Any]:
        domain = {"domain": [self.low, self.high], "nice": False}
        return {"type": "log", **domain} if self.is_log else {**domain, "zero": False}

    def at(self, value: float) -> float:
        """Where a value lies, from 0 at the low end to 1 at the high end."""
        if self.is_log:
            return log(value / self.low) / log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def _axis(values: Sequence[float], *, is_ratio: bool = True) -> _Axis:
    low, high = min(values), max(values)
    if is_ratio and low > 0 and high > _SPREAD_FOR_LOG * low:
        return _Axis(low / 1.15, high * 1.15, is_log=True)
    room = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
    return _Axis(low - room, high + room, is_log=False)
