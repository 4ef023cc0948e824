"""What a sector's names come to together: quartiles, means, and the aggregate P/E."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import inf
from typing import TYPE_CHECKING, Any

import narwhals as nw
from narwhals.typing import IntoFrameT

from screener.model.column_table import columns_of
from screener.model.columns import check
from screener.valuation.limits import TIE_DECIMALS
from screener.valuation.metric import Metric
from screener.valuation.term import Term

if TYPE_CHECKING:
    import polars as pl

    from screener.model.columns import Column

AGGREGATE_COLUMNS: tuple[Column, ...] = columns_of("aggregate")
NO_STATISTIC = "–"


def _of_figures(frame: Callable[[nw.Expr], nw.Expr], cell: str) -> Callable[[Metric], Term]:
    """A statistic of the meaningful figures of a metric; none where there is no such figure."""

    def statistic(metric: Metric) -> Term:
        area = f"{{area[{metric.name}]}}"
        value = frame(nw.col(metric.name))
        return Term(
            nw.when(value.is_finite()).then(value),
            f'IF(COUNT({area})>0,{cell.format(area)},"{NO_STATISTIC}")',
        )

    return statistic


def _named(word: str, frame: Callable[[Metric], nw.Expr]) -> Callable[[Metric], Term]:
    """How many names have no figure, for the reason whose word stands in its place."""
    return lambda metric: Term(
        frame(metric).sum().cast(nw.Int64), f'COUNTIF({{area[{metric.name}]}},"{word}")'
    )


def _lacks_input(metric: Metric) -> nw.Expr:
    lacking = (nw.col(name).is_null() for name in metric.needs)
    return nw.any_horizontal(*lacking, ignore_nulls=False) & nw.col(metric.name).is_null()


def _is_meaningless(metric: Metric) -> nw.Expr:
    return nw.col(metric.name).is_null() & ~_lacks_input(metric)


def _number(metric: Metric) -> Term:
    return Term(nw.col(metric.name).count().cast(nw.Int64), f"COUNT({{area[{metric.name}]}})")


def _in_aggregate(metric: Metric) -> Term:
    """How many names have market cap and earnings, losses among them."""
    caps, yields = "{area[market_cap]}", f"{{area[{metric.earnings_yield}]}}"
    earnings = nw.col("market_cap") * nw.col(metric.earnings_yield)
    return Term(earnings.count().cast(nw.Int64), f"SUMPRODUCT(ISNUMBER({caps})*ISNUMBER({yields}))")


def _aggregate(metric: Metric) -> Term:
    """All market caps over all earnings, where those are above zero."""
    caps, yields = "{area[market_cap]}", f"{{area[{metric.earnings_yield}]}}"
    cap = nw.col("market_cap")
    earnings = cap * nw.col(metric.earnings_yield)
    total = earnings.sum()
    ratio = nw.when(~earnings.is_null()).then(cap).sum() / total
    sum_of_earnings = f"SUMPRODUCT({caps},{yields})"
    return Term(
        nw.when((total > 0) & ratio.is_finite()).then(ratio),
        f"IF({sum_of_earnings}>0,SUMPRODUCT(ISNUMBER({caps})*ISNUMBER({yields}),{caps})"
        f'/{sum_of_earnings},"{NO_STATISTIC}")',
    )


# Every statistic by its column; the figure and the formula of each are one term.
STATISTICS: Mapping[str, Callable[[Metric], Term]] = {
    "n": _number,
    "n_nm": _named("NM", _is_meaningless),
    "n_missing": _named("n/a", _lacks_input),
    "low": _of_figures(lambda figure: figure.min(), "MIN({})"),
    "lower_quartile": _of_figures(lambda figure: figure.quantile(0.25, "linear"), "QUARTILE({},1)"),
    "median": _of_figures(lambda figure: figure.median(), "MEDIAN({})"),
    "mean": _of_figures(lambda figure: figure.mean(), "AVERAGE({})"),
    "upper_quartile": _of_figures(lambda figure: figure.quantile(0.75, "linear"), "QUARTILE({},3)"),
    "high": _of_figures(lambda figure: figure.max(), "MAX({})"),
    "harmonic_mean": _of_figures(lambda figure: figure.count() / (1 / figure).sum(), "HARMEAN({})"),
    "aggregate": _aggregate,
    "n_aggregate": _in_aggregate,
}
# Those that only a multiple of earnings has.
OF_MULTIPLES = ("harmonic_mean", "aggregate", "n_aggregate")


def statistics_of(metric: Metric) -> dict[str, Term]:
    """The statistics that a metric has, by the name of their column."""
    names = (n for n in STATISTICS if metric.earnings_yield or n not in OF_MULTIPLES)
    return {name: STATISTICS[name](metric) for name in names}


def aggregate(ranked: pl.DataFrame, metrics: Iterable[Metric]) -> pl.DataFrame:
    """One row for each sector and each metric that ranks, sectors in the order of the frame.

    `n` names are meaningful, `n_nm` are not, `n_missing` lack an input. Harmonic mean and
    aggregate are for P/Es only; the aggregate counts losses, `n_aggregate` names went into it.
    """
    return check(aggregated(ranked, metrics), AGGREGATE_COLUMNS)


def aggregated(ranked: IntoFrameT, metrics: Iterable[Metric]) -> IntoFrameT:
    """The same of any frame narwhals knows, eager or lazy: the sector of the lowest row first."""
    frame: Any = nw.from_native(ranked)
    ranking = [metric for metric in metrics if metric.best is not None]
    frames = [
        _of_metric(frame, metric).with_columns(_metric=nw.lit(place))
        for place, metric in enumerate(ranking)
    ]
    order = frame.group_by("sector").agg(_order=nw.col("row").min())
    table = nw.concat(frames).join(order, on="sector", how="left").sort("_order", "_metric")
    return table.select(*(column.name for column in AGGREGATE_COLUMNS)).to_native()  # type: ignore[no-any-return]


def _of_metric(ranked: Any, metric: Metric) -> Any:
    figure, yields = nw.col(metric.name), nw.col(metric.tie_breaker)
    first = 1 if metric.best == "low" else -1
    frame = ranked.with_columns(
        _key=(figure * first).round(TIE_DECIMALS).fill_null(inf),
        _tie=(-yields).round(TIE_DECIMALS).fill_null(inf),
    )
    statistics = {name: term.frame for name, term in statistics_of(metric).items()}
    best = nw.col("symbol").first(order_by=["_key", "_tie", "symbol"])
    found = frame.group_by("sector").agg(**statistics, _best=best)
    nothing = {
        column.name: nw.lit(None).cast(nw.Int64 if column.kind == "integer" else nw.Float64)
        for column in AGGREGATE_COLUMNS
        if column.name in OF_MULTIPLES and column.name not in statistics
    }
    named = found.with_columns(
        metric=nw.lit(metric.name), best=nw.when(nw.col("n") > 0).then(nw.col("_best")), **nothing
    )
    return named.select(*(column.name for column in AGGREGATE_COLUMNS))
