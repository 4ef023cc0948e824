"""Composites: a weighted mean of percentile ranks of several metrics, as a metric of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add, and_
from typing import Literal

import narwhals as nw

from screener.model.messages import Sentence, joined, say
from screener.model.spellings import plain, spellings
from screener.model.usage import UsageError
from screener.valuation.limits import TIE_DECIMALS
from screener.valuation.metric import Metric, ranking_metric
from screener.valuation.metrics import catalogue
from screener.valuation.term import Term, column, is_number, when

Scope = Literal["sector", "all"]

NAME = "composite"

PART, PERCENTILE = "part_", "percentile_"
# In a workbook, the figures of a part that count: of a listing in several tables the first one.
COUNTED = "counted_"

_PART = re.compile(r"\s*(?:(?P<weight>\d+\.?\d*|\.\d+)\s*\*?\s*)?(?P<name>[^\W\d]\w*)\s*")


@dataclass(frozen=True, slots=True)
class Part:
    """One metric of a composite, and its share of the whole: all shares make 1."""

    metric: Metric
    share: float


def resolve(
    by: str, years: Sequence[int], scope: Scope = "sector"
) -> tuple[Mapping[str, Metric], Metric]:
    """The catalogue and the metric in it that ranks: the one called `by`, or a composite.

    `by` is a metric's name, or weights and names: `0.5 pe_fy1 + 0.3 peg`. Raises UnknownNameError
    for a metric that there is not, UsageError for what is no composite.
    """
    metrics = catalogue(years)
    if re.fullmatch(r"\w*", by) or plain(by) in spellings(metrics.values()):
        return metrics, ranking_metric(by, metrics)
    parts = _parts(by, metrics)
    made = {metric.name: metric for metric in _metrics(parts, scope)}
    return {**metrics, **made}, made[NAME]


def weights(metrics: Mapping[str, Metric]) -> dict[str, float]:
    """The share of each part by the name of its column; none where there is no composite."""
    return {name: each.weight for name, each in metrics.items() if name.startswith(PART)}


# Weights are shares of their sum: what is larger is a slip, and beyond what floats can share out.
_MOST_WEIGHT = 1e6


def _parts(text: str, metrics: Mapping[str, Metric]) -> tuple[Part, ...]:
    found: dict[str, float] = {}
    for piece in text.split("+"):
        match = _PART.fullmatch(piece)
        if match is None:
            raise UsageError(
                say(
                    "{piece!r} is no part of a composite: write '0.5 pe_fy1 + 0.3 peg + 0.2"
                    " eps_cagr'",
                    piece=piece.strip(),
                )
            )
        name = ranking_metric(match["name"], metrics).name
        weight = float(match["weight"] or 1)
        if name in found:
            raise UsageError(say("{name} stands in the composite twice", name=name))
        if not 0 < weight <= _MOST_WEIGHT:
            raise UsageError(
                say(
                    "the weight of {name} must be above zero, and no more than {most:g}",
                    name=name,
                    most=_MOST_WEIGHT,
                )
            )
        found[name] = weight
    total = sum(found.values())
    return tuple(Part(metrics[name], weight / total) for name, weight in found.items())


def _metrics(parts: Sequence[Part], scope: Scope) -> list[Metric]:
    where = say("the sector") if scope == "sector" else say("all sectors")
    places = [_percentile(each.metric, scope, where) for each in parts]
    weights = "+".join(f"Weight_{place}" for place, _ in enumerate(parts, start=1))
    shares = [_share(each, n, f"({weights})", scope) for n, each in enumerate(parts, start=1)]
    weighted = " + ".join(f"{each.share:g} {each.metric.name}" for each in parts)
    is_whole = reduce(and_, (is_number(column(share.name)) for share in shares))
    total = reduce(add, (column(share.name) for share in shares))
    composite = Metric(
        name=NAME,
        title=say("Composite"),
        format="ratio",
        meaning=say(
            "Weighted mean of percentile ranks within {where}, 1 is best: {parts}",
            where=where,
            parts=weighted,
        ),
        formula=joined((share.formula for share in shares), say(" + ")),
        value=when(is_whole, total),
        needs=tuple(dict.fromkeys(name for part in parts for name in part.metric.needs)),
        not_meaningful=say("a part of it is"),
        best="high",
        parts=tuple(part.metric.name for part in parts),
    )
    return [*places, *shares, composite]


def _share(part: Part, place: int, weights: str, scope: Scope) -> Metric:
    """What a part adds: its share times the percentile rank of its figure."""
    metric, percentile = part.metric, f"{PERCENTILE}{part.metric.name}"
    own = nw.col(percentile)
    if scope == "all":
        # That of the row that counts, for those that stand again in another table.
        own = nw.when(~nw.col(metric.name).is_null()).then(own.max().over("symbol"))
    return Metric(
        name=f"{PART}{metric.name}",
        title=say("{metric} part", metric=metric.title),
        family=metric.family and f"{PART}{metric.family}",
        year=metric.year,
        format="ratio",
        meaning=say(
            "What {name} adds to the composite: its share times its percentile rank",
            name=metric.name,
        ),
        formula=say("{share:g} × {percentile}", share=part.share, percentile=percentile),
        value=Term(
            part.share * own,
            f"IF(ISNUMBER({{{metric.name}}})*ISNUMBER({{of_first[{percentile}]}})"
            f"*(Weight_{place}>=0)*({weights}>0),"
            f'Weight_{place}/{weights}*{{of_first[{percentile}]}},"NM")',
        ),
        needs=metric.needs,
        not_meaningful=metric.not_meaningful,
        best="high",
        weight=part.share,
    )


def _percentile(metric: Metric, scope: Scope, where: Sentence) -> Metric:
    """The share of the others that are worse, ties counting half; 1 where there is no other.

    Across all, a listing of several tables counts once: by the first of its rows that has a figure,
    which alone has a percentile.
    """
    return Metric(
        name=f"{PERCENTILE}{metric.name}",
        title=say("{metric} percentile", metric=metric.title),
        family=metric.family and f"{PERCENTILE}{metric.family}",
        year=metric.year,
        format="percent",
        meaning=say(
            "Which share of the other names in {where} is worse by {name}, 1 is best",
            where=where,
            name=metric.name,
        ),
        formula=say("(number of worse ones + half of those that tie) ÷ number of others"),
        value=_standing(metric, scope),
        needs=metric.needs,
        not_meaningful=metric.not_meaningful,
    )


def _standing(metric: Metric, scope: Scope) -> Term:
    """(number - place) / (number - 1), where places of equals are their mean."""
    figure = nw.col(metric.name).round(TIE_DECIMALS)
    if scope == "all":
        first = nw.when(~figure.is_null()).then(nw.col("row")).min().over("symbol")
        figure = nw.when(nw.col("row") == first).then(figure)
    place = figure.rank("average", descending=metric.best == "high")
    count = figure.count()
    if scope == "sector":
        place, count = place.over("sector"), count.over("sector")
    alone = nw.when(~figure.is_null()).then(nw.lit(1.0))
    frame = nw.when(count > 1).then((count - place) / (count - 1)).otherwise(alone)
    return Term(frame, _standing_formula(metric, scope))


def _standing_formula(metric: Metric, scope: Scope) -> str:
    own, area = f"{{{COUNTED}{metric.name}}}", f"{{area[{COUNTED}{metric.name}]}}"
    if scope == "sector":
        # Worse less better ones, over all others, is 1 for the best and -1 for the worst.
        above, below = f"RANK({own},{area},0)", f"RANK({own},{area},1)"
        worse, better = (above, below) if metric.best == "low" else (below, above)
        share = f"IF(COUNT({area})>1,(1+({worse}-{better})/(COUNT({area})-1))/2,1)"
    else:
        count, beaten = f"({{count[{metric.name}]}})", f"{{beaten[{metric.name}]}}"
        share = f"IF({count}>1,({beaten}-1/2)/({count}-1),1)"
    return f'IF(ISNUMBER({own}),{share},"NM")'


def beaten_formula(metric: Metric, figure: str, area: str) -> str:
    """How many of the names in an area of some sheet a figure beats, half of those that tie."""
    worse = f"({area}>{figure})" if metric.best == "low" else f"({area}<{figure})"
    return f"SUMPRODUCT(ISNUMBER({area})*({worse}+({area}={figure})/2))"
