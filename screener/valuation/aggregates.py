"""What a sector's names come to together: quartiles, means, and the aggregate P/E."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

import narwhals as nw
from narwhals.typing import IntoFrameT

from screener.model.column_table import columns_of
from screener.model.columns import check
from screener.valuation.limits import TIE_DECIMALS
from screener.valuation.metric import Metric
from screener.valuation.term import Term, finite

if TYPE_CHECKING:
    import polars as pl

    from screener.model.columns import Column

AGGREGATE_COLUMNS: tuple[Column, ...] = columns_of("aggregate")
NO_STATISTIC = "–"


# So many figures are summed up at once; of more rows, metric after metric.
_FIGURES_AT_ONCE = 500_000


class Figures(NamedTuple):
    """What statistics are of: the column of the figures, that of earnings yields, who lacks what.

    `lacking` says which rows have no figure because an input is missing.
    """

    name: str
    earnings_yield: str
    lacking: nw.Expr

    @property
    def column(self) -> nw.Expr:
        return nw.col(self.name)


def _of_figures(frame: Callable[[nw.Expr], nw.Expr], cell: str) -> Callable[[Figures], Term]:
    """A statistic of the meaningful figures; none where there is no such figure."""

    def statistic(figures: Figures) -> Term:
        area = f"{{area[{figures.name}]}}"
        shown = f'IF(COUNT({area})>0,{cell.format(area)},"{NO_STATISTIC}")'
        return Term(frame(figures.column), shown)

    return statistic


def _named(word: str, frame: Callable[[Figures], nw.Expr]) -> Callable[[Figures], Term]:
    """How many names have no figure, for the reason whose word stands in its place."""
    return lambda figures: Term(
        frame(figures).sum().cast(nw.Int64), f'COUNTIF({{area[{figures.name}]}},"{word}")'
    )


def _lacks_input(metric: Metric) -> nw.Expr:
    lacking = (nw.col(name).is_null() for name in metric.needs)
    return nw.any_horizontal(*lacking, ignore_nulls=False) & nw.col(metric.name).is_null()


def _is_meaningless(figures: Figures) -> nw.Expr:
    return figures.column.is_null() & ~figures.lacking


def _number(figures: Figures) -> Term:
    return Term(figures.column.count().cast(nw.Int64), f"COUNT({{area[{figures.name}]}})")


def _in_aggregate(figures: Figures) -> Term:
    """How many names have market cap and earnings, losses among them."""
    caps, yields = "{area[market_cap]}", f"{{area[{figures.earnings_yield}]}}"
    earnings = nw.col("market_cap") * nw.col(figures.earnings_yield)
    return Term(earnings.count().cast(nw.Int64), f"SUMPRODUCT(ISNUMBER({caps})*ISNUMBER({yields}))")


def _aggregate(figures: Figures) -> Term:
    """All market caps over all earnings, where those are above zero."""
    caps, yields = "{area[market_cap]}", f"{{area[{figures.earnings_yield}]}}"
    cap = nw.col("market_cap")
    earnings = cap * nw.col(figures.earnings_yield)
    total = earnings.sum()
    ratio = nw.when(~earnings.is_null()).then(cap).sum() / total
    sum_of_earnings = f"SUMPRODUCT({caps},{yields})"
    return Term(
        nw.when(total > 0).then(ratio),
        f"IF({sum_of_earnings}>0,SUMPRODUCT(ISNUMBER({caps})*ISNUMBER({yields}),{caps})"
        f'/{sum_of_earnings},"{NO_STATISTIC}")',
    )


# Every statistic by its column; the figure and the formula of each are one term.
STATISTICS: Mapping[str, Callable[[Figures], Term]] = {
    "n": _number,
    "n_nm": _named("NM", _is_meaningless),
    "n_missing": _named("n/a", lambda figures: figures.lacking),
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
# Those that are figures, not counts.
MEASURES = tuple(name for name in STATISTICS if not name.startswith("n"))
# Those that only a multiple of earnings has.
OF_MULTIPLES = ("harmonic_mean", "aggregate", "n_aggregate")


def statistics_of(metric: Metric) -> dict[str, Term]:
    """The statistics that a metric has, by the name of their column."""
    figures = Figures(metric.name, metric.earnings_yield, _lacks_input(metric))
    names = (n for n in STATISTICS if metric.earnings_yield or n not in OF_MULTIPLES)
    return {name: STATISTICS[name](figures) for name in names}


def aggregate(ranked: pl.DataFrame, metrics: Iterable[Metric]) -> pl.DataFrame:
    """One row for each sector and each metric that ranks, sectors in the order of the frame.

    `n` names are meaningful, `n_nm` are not, `n_missing` lack an input. Harmonic mean and
    aggregate are for P/Es only; the aggregate counts losses, `n_aggregate` names went into it.
    """
    at_once = max(_FIGURES_AT_ONCE // max(len(ranked), 1), 1)
    return check(aggregated(ranked.lazy(), metrics, at_once).collect(), AGGREGATE_COLUMNS)


def aggregated(
    ranked: IntoFrameT, metrics: Iterable[Metric], at_once: int | None = None
) -> IntoFrameT:
    """The same of any frame narwhals knows, eager or lazy: the sector of the lowest row first.

    So many metrics are taken `at_once`: None takes all.
    """
    frame: Any = nw.from_native(ranked)
    ranking = list(enumerate(metric for metric in metrics if metric.best is not None))
    size = at_once or len(ranking)
    parts = [
        _summed_up(frame, ranking[begin : begin + size]) for begin in range(0, len(ranking), size)
    ]
    names = (column.name for column in AGGREGATE_COLUMNS)
    return nw.concat(parts).sort("_order", "_place").select(*names).to_native()  # type: ignore[no-any-return]


# The columns of a metric and its rows, by names that all metrics share.
_FIGURES = Figures("_figure", "_yield", nw.col("_lacking"))


def _summed_up(frame: Any, metrics: Sequence[tuple[int, Metric]]) -> Any:
    """The statistics of these metrics, with their place and the first row of the sector.

    The figures of all stand under each other: an expression a statistic, whatever the metrics.
    """
    high = [metric.name for _, metric in metrics if metric.best == "high"]
    multiples = [metric.name for _, metric in metrics if metric.earnings_yield]
    long = nw.concat([_figures_of(frame, place, metric) for place, metric in metrics])
    sign = nw.when(nw.col("metric").is_in(high)).then(nw.lit(-1)).otherwise(nw.lit(1))
    long = long.with_columns(
        _key=(nw.col("_figure") * sign).round(TIE_DECIMALS).fill_null(inf),
        _tie=(-nw.col("_yield")).round(TIE_DECIMALS).fill_null(inf),
    )
    found = long.group_by("sector", "metric", "_place").agg(
        **{name: statistic(_FIGURES).frame for name, statistic in STATISTICS.items()},
        _best=nw.col("symbol").first(order_by=["_key", "_tie", "symbol"]),
        _order=nw.col("row").min(),
    )
    found = found.with_columns(**finite(MEASURES))
    is_multiple = nw.col("metric").is_in(multiples)
    return found.with_columns(
        best=nw.when(nw.col("n") > 0).then(nw.col("_best")),
        **{name: nw.when(is_multiple).then(nw.col(name)) for name in OF_MULTIPLES},
    )


def _figures_of(ranked: Any, place: int, metric: Metric) -> Any:
    return ranked.select(
        "sector",
        "row",
        "symbol",
        "market_cap",
        metric=nw.lit(metric.name),
        _place=nw.lit(place),
        _figure=nw.col(metric.name).cast(nw.Float64),
        _yield=nw.col(metric.tie_breaker),
        _lacking=_lacks_input(metric),
    )
