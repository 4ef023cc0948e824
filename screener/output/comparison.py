"""One name beside its peers as a table, and what is said of its past."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from screener.model.messages import Sentence, said, say
from screener.model.table import Shown, ShownTable
from screener.screening.comps import CUTS
from screener.screening.shown import cell_text

if TYPE_CHECKING:
    from screener.screening.comps import Comparison
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


def comparison_table(found: Comparison, result: Result, lang: str) -> ShownTable:
    """The target, then a row a peer; the peers' statistics are its foot.

    Its columns are code, name and price, a column a metric of `found.spreads`, and the premium.
    """
    rows = [found.row, *found.peers]
    metrics = [each.metric for each in found.spreads]
    premiums = [found.premium(row) for row in rows]
    prices = [row["price"] for row in rows]
    price = result.columns["price"]
    columns = (
        Shown(say("Symbol").said(lang), [row["symbol"] for row in rows], "left"),
        Shown(say("Name").said(lang), [row["name"] for row in rows], "left"),
        Shown(price.label(lang), [_or_dash(each, price.show) for each in prices], order=prices),
        *(
            Shown(
                f"{each.label(lang)} {said(_unit(each), lang)}".strip(),
                [cell_text(row, each) for row in rows],
                order=[row[each.name] for row in rows],
            )
            for each in metrics
        ),
        Shown(
            say("Premium").said(lang),
            [_or_dash(each, "{:+.1%}".format) for each in premiums],
            order=premiums,
        ),
    )
    return ShownTable(columns, comparison_title(found, result), [*_statistics(found, lang)])


def comparison_title(found: Comparison, result: Result) -> str:
    """Who is compared, at which price, of which day."""
    row, price = found.row, result.columns["price"]
    shown = "n/a" if row["price"] is None else f"{price.show(row['price'])} {row['price_currency']}"
    return f"{row['symbol']} {row['name']} · {row['sector']} · {shown} · {result.price_day}"


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


def past_line(found: Comparison) -> Sentence:
    """Where the premium to these peers has been on earlier days, and where it is in that."""
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
