"""Ranks within a sector and across sectors, with the ranks that rounding leaves possible."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING, Any

import narwhals as nw
from narwhals.typing import IntoFrameT

from screener.model.columns import Column
from screener.model.messages import NOTHING, Sentence, say
from screener.model.problems import Problem
from screener.valuation.metric import TIE_DECIMALS, Metric
from screener.valuation.term import Term

if TYPE_CHECKING:
    import polars as pl


# The order in which a sector is listed; only the first kind has a rank.
STATUSES = ("ranked", "nm", "no_estimate", "no_rate", "no_price")


def rank(valued: IntoFrameT, metric: Metric) -> IntoFrameT:
    """The frame with each row's status and ranks by `metric`, ordered as a sector is read.

    Sectors keep their order. In each, meaningful figures come first, the best at the top, ties by
    higher earnings yield, then symbol; the others follow by earnings yield, without a rank.
    `figure_low` and `figure_high` are the ends of the figure when each EPS moves within its
    rounding, `rank_best` and `rank_worst` the ranks that are possible then; null for a metric
    without such ends. `rank_all` is the rank across sectors; it counts a listing that stands in
    several of them once.
    """
    best_first = 1 if metric.best == "low" else -1
    earnings_yield = metric.earnings_yield or "earnings_yield_fy1"
    frame: Any = nw.from_native(valued)
    columns = list(frame.collect_schema().names())
    frame = frame.with_columns(
        _status(metric).alias("status"),
        (nw.col(metric.name) * best_first).round(TIE_DECIMALS).alias("_key"),
        (-nw.col(earnings_yield)).round(TIE_DECIMALS).fill_null(inf).alias("_tie"),
        _end(metric.low).alias("figure_low"),
        _end(metric.high).alias("figure_high"),
        nw.lit("all").alias("_all"),
        nw.col("row").min().over("sector").alias("_sector"),
    )
    ranked_row = nw.when(~nw.col("_key").is_null()).then(nw.col("row"))
    frame = frame.with_columns(ranked_row.min().over("symbol").alias("_first_row"))
    once = nw.when(nw.col("row") == nw.col("_first_row")).then(nw.col("_key"))
    frame = frame.with_columns(once.alias("_key_once"))
    frame = frame.with_columns(
        _place("_key", "sector").alias("rank"), _place("_key_once", "_all").alias("rank_all")
    )
    frame = _with_bounds(frame, metric, best_first)
    frame = frame.with_columns(_status_place().alias("_status")).sort(
        "_sector", "_status", "rank", "_tie", "symbol", nulls_last=True
    )
    return frame.select(*RANK_COLUMN_NAMES, *columns).to_native()  # type: ignore[no-any-return]


def explain(ranked: pl.DataFrame, metric: Metric, problems: Sequence[Problem]) -> list[Problem]:
    """A problem for each row that has no rank and that no problem accounts for yet."""
    explained = {problem.where for problem in problems if problem.severity == "error"}
    kinds = {"nm": "not_meaningful", "ranked": "listed_twice"}
    found = []
    for row in ranked.iter_rows(named=True):
        why = _why_unranked(row, metric)
        if why and row["where"] not in explained:
            kind = kinds.get(row["status"], row["status"])
            found.append(Problem(kind, row["where"], why, row["symbol"]))
    return found


def _why_unranked(row: dict[str, Any], metric: Metric) -> Sentence:
    if row["status"] == "nm":
        why = metric.not_meaningful or say("the figure is out of range")
        if metric.parts:
            parts = ", ".join(name for name in metric.parts if row[name] is None)
            why = say("{why}: {parts}", why=why, parts=parts)
        if row["nm_above"] is not None:
            why = say("{why}, or the P/E is above {most:g}", why=why, most=row["nm_above"])
        eps = ", ".join(f"{name} {row[name]:g}" for name in metric.needs if name.startswith("eps"))
        return say("{name} is NM: {why} ({eps})", name=metric.name, why=why, eps=eps)
    if row["status"] != "ranked":
        missing = ", ".join(name for name in metric.needs if row[name] is None)
        return say("{name} needs {missing}", name=metric.name, missing=missing)
    if row["rank_all"] is None:
        return say(
            "stands in several watchlists: across sectors it is ranked once, by its first row"
        )
    return NOTHING


def _status(metric: Metric) -> nw.Expr:
    """Why a row has no figure: the first of what is missing, or that it means nothing."""
    missing = nw.any_horizontal(
        *(nw.col(name).is_null() for name in metric.needs), ignore_nulls=False
    )
    return (
        nw.when(~nw.col(metric.name).is_null())
        .then(nw.lit("ranked"))
        .when(nw.col("price").is_null())
        .then(nw.lit("no_price"))
        .when(nw.col("fx").is_null())
        .then(nw.lit("no_rate"))
        .when(missing)
        .then(nw.lit("no_estimate"))
        .otherwise(nw.lit("nm"))
    )


def _status_place() -> nw.Expr:
    status = nw.col("status")
    place: Any = nw
    for number, name in enumerate(STATUSES):
        place = place.when(status == name).then(nw.lit(number))
    return place.otherwise(nw.lit(len(STATUSES)))  # type: ignore[no-any-return]


def _place(key: str, within: str) -> nw.Expr:
    """1 for the row with the lowest key, and so on; null where the key is."""
    count = nw.col(key).cum_count().over(within, order_by=[key, "_tie", "symbol"])
    return nw.when(~nw.col(key).is_null()).then(count.cast(nw.Int64))


def _end(end: Term | None) -> nw.Expr:
    """The figure at that end of the rounding; null where it has none or means nothing there."""
    if end is None:
        return nw.lit(None).cast(nw.Float64)
    return nw.when(end.frame.is_finite()).then(end.frame)


def _with_bounds(frame: Any, metric: Metric, best_first: int) -> Any:
    if metric.low is None:
        nothing = nw.lit(None).cast(nw.Int64)
        return frame.with_columns(nothing.alias("rank_best"), nothing.alias("rank_worst"))
    ends = ("figure_low", "figure_high")[::best_first]
    low, high = ((nw.col(end) * best_first).round(TIE_DECIMALS) for end in ends)
    is_ranked = ~nw.col("rank").is_null()
    # An end that means nothing (EPS of zero within the rounding) has no bound on its side; a row
    # that is not ranked but could be stands before nobody for sure, and before some perhaps.
    could_be = is_ranked | ~low.is_null() | ~high.is_null()
    at_worst = nw.when(~high.is_null()).then(high).otherwise(nw.lit(inf))
    at_best = nw.when(~low.is_null()).then(low).otherwise(nw.lit(-inf))
    frame = frame.with_columns(
        nw.when(is_ranked).then(at_worst).alias("_high"),
        nw.when(is_ranked).then(at_best).alias("_low"),
        nw.when(could_be).then(at_best).alias("_any_low"),
    )
    before = _count(frame, marks="_high", of="_low", ties_count=False, name="_before")
    not_after = _count(frame, marks="_any_low", of="_high", ties_count=True, name="rank_worst")
    frame = frame.join(before, on="row", how="left").join(not_after, on="row", how="left")
    return frame.with_columns((nw.col("_before") + 1).alias("rank_best"))


def _count(frame: Any, *, marks: str, of: str, ties_count: bool, name: str) -> Any:
    """For each row with a value of `of`, how many marks of its sector lie below that.

    Marks and values are lined up together and the marks counted along the line: n log n, and
    the same on any engine, where a comparison of all with all would not scale.
    """
    line = nw.concat(
        [
            frame.select("sector", "row", _at=nw.col(marks), _mark=nw.lit(1)),
            frame.select("sector", "row", _at=nw.col(of), _mark=nw.lit(0)),
        ]
    ).filter(~nw.col("_at").is_null())
    first_at_a_tie = nw.col("_mark") if not ties_count else 1 - nw.col("_mark")
    line = line.with_columns(_tie=first_at_a_tie)
    counted = nw.col("_mark").cum_sum().over("sector", order_by=["_at", "_tie"])
    line = line.with_columns(counted.cast(nw.Int64).alias(name))
    return line.filter(nw.col("_mark") == 0).select("row", name)


def _integer(name: str, zh: str, en: str, meaning: Sentence) -> Column:
    return Column(
        name=name, kind="integer", zh=zh, en=en, format="integer", nullable=True, meaning=meaning
    )


def _number(name: str, zh: str, en: str, meaning: Sentence) -> Column:
    # Its format is that of the metric that ranks.
    return Column(
        name=name, kind="number", zh=zh, en=en, format="ratio", nullable=True, meaning=meaning
    )


RANK_COLUMNS = (
    _integer("rank", "排名", "Rank", say("Place in the sector, 1 is best")),
    _integer(
        "rank_best", "最好", "Best", say("The best rank that rounding of EPS leaves possible")
    ),
    _integer(
        "rank_worst", "最差", "Worst", say("The worst rank that rounding of EPS leaves possible")
    ),
    _integer("rank_all", "总排名", "Rank of all", say("Place across sectors, each listing once")),
    _number(
        "figure_low", "依据下限", "Low end", say("The ranking figure at the low end of rounding")
    ),
    _number(
        "figure_high", "依据上限", "High end", say("The ranking figure at the high end of rounding")
    ),
    Column(
        name="status",
        kind="text",
        zh="状态",
        en="Status",
        meaning=say("ranked, nm (no meaningful figure), no_estimate, no_rate or no_price"),
    ),
)

RANK_COLUMN_NAMES = tuple(column.name for column in RANK_COLUMNS)
