"""What a sector's names come to together: quartiles, means, and the aggregate P/E."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from screener.model.columns import Column, check
from screener.model.messages import Sentence, say
from screener.valuation.metric import TIE_DECIMALS, Metric


def aggregate(ranked: pl.DataFrame, metrics: Iterable[Metric]) -> pl.DataFrame:
    """One row for each sector and each metric that ranks, sectors in the order of the frame.

    `n` names are meaningful, `n_nm` are not, `n_missing` lack an input. Harmonic mean and
    aggregate are for P/Es only; the aggregate counts losses, `n_aggregate` names went into it.
    """
    frames = [_of_metric(ranked, metric) for metric in metrics if metric.best is not None]
    sectors = ranked["sector"].unique(maintain_order=True)
    order = pl.DataFrame({"sector": sectors, "_order": range(len(sectors))})
    table = pl.concat(frames).join(order, on="sector", maintain_order="left")
    table = table.sort("_order", maintain_order=True).drop("_order")
    return check(table, AGGREGATE_COLUMNS)


def _of_metric(ranked: pl.DataFrame, metric: Metric) -> pl.DataFrame:
    figure = pl.col(metric.name)
    missing = pl.any_horizontal(pl.col(name).is_null() for name in metric.needs) & figure.is_null()
    multiple, total, n_aggregate = _multiples(metric)
    best = pl.col("symbol").sort_by(
        figure.round(TIE_DECIMALS),
        pl.col(metric.earnings_yield or "earnings_yield_fy1").round(TIE_DECIMALS),
        "symbol",
        descending=[metric.best == "high", True, False],
        nulls_last=True,
    )
    return ranked.group_by("sector", maintain_order=True).agg(
        pl.lit(metric.name).alias("metric"),
        figure.count().cast(pl.Int64).alias("n"),
        (figure.is_null() & ~missing).sum().cast(pl.Int64).alias("n_nm"),
        missing.sum().cast(pl.Int64).alias("n_missing"),
        figure.min().alias("low"),
        figure.quantile(0.25, "linear").alias("lower_quartile"),
        figure.median().alias("median"),
        _finite(figure.mean()).alias("mean"),
        figure.quantile(0.75, "linear").alias("upper_quartile"),
        figure.max().alias("high"),
        multiple.alias("harmonic_mean"),
        total.alias("aggregate"),
        n_aggregate.alias("n_aggregate"),
        pl.when(figure.count() > 0).then(best.first()).alias("best"),
    )


def _multiples(metric: Metric) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Harmonic mean, aggregate P/E and the number of names in it; nulls if it is no P/E."""
    if not metric.earnings_yield:
        nothing = pl.lit(None, dtype=pl.Float64)
        return nothing, nothing, pl.lit(None, dtype=pl.Int64)
    figure = pl.col(metric.name)
    earnings = pl.col("market_cap") * pl.col(metric.earnings_yield)
    market_cap = pl.when(earnings.is_not_null()).then(pl.col("market_cap"))
    total = pl.when(earnings.sum() > 0).then(market_cap.sum() / earnings.sum())
    return (
        _finite(figure.count() / (1 / figure).sum()),
        _finite(total),
        earnings.count().cast(pl.Int64),
    )


def _finite(expression: pl.Expr) -> pl.Expr:
    return pl.when(expression.is_finite()).then(expression)


def _number(name: str, zh: str, en: str, meaning: Sentence) -> Column:
    # Its format is that of the metric it is about.
    return Column(name=name, kind="number", zh=zh, en=en, nullable=True, meaning=meaning)


def _count(name: str, zh: str, en: str, meaning: Sentence, *, nullable: bool = False) -> Column:
    return Column(
        name=name,
        kind="integer",
        zh=zh,
        en=en,
        format="integer",
        nullable=nullable,
        meaning=meaning,
    )


AGGREGATE_COLUMNS = (
    Column(name="sector", kind="text", zh="行业", en="Sector", meaning=say("The watchlist")),
    Column(
        name="metric", kind="text", zh="指标", en="Metric", meaning=say("Name in the catalogue")
    ),
    _count("n", "家数", "n", say("Names with a meaningful figure")),
    _count("n_nm", "NM", "NM", say("Names whose figure means nothing")),
    _count("n_missing", "缺失", "Missing", say("Names that lack a price or an estimate")),
    _number("low", "最低", "Low", say("The lowest meaningful figure")),
    _number("lower_quartile", "25%", "25%", say("A quarter of the meaningful figures lie below")),
    _number("median", "中位数", "Median", say("Half of the meaningful figures lie below")),
    _number("mean", "均值", "Mean", say("Arithmetic mean of the meaningful figures")),
    _number(
        "upper_quartile", "75%", "75%", say("Three quarters of the meaningful figures lie below")
    ),
    _number("high", "最高", "High", say("The highest meaningful figure")),
    _number("harmonic_mean", "调和平均", "Harmonic", say("n ÷ Σ(1 ÷ P/E) of the meaningful ones")),
    _number("aggregate", "整体法", "Aggregate", say("Σ market cap ÷ Σ earnings, losses included")),
    _count("n_aggregate", "整体法家数", "n agg.", say("Names in the aggregate"), nullable=True),
    Column(
        name="best",
        kind="text",
        zh="最优",
        en="Best",
        nullable=True,
        meaning=say("Symbol of the name that ranks first by it"),
    ),
)
