"""Ranks within a sector and across sectors, with the ranks that rounding leaves possible."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING, Any

import narwhals as nw
from narwhals.typing import IntoFrameT

from screener.model.column_table import columns_of
from screener.model.messages import NOTHING, Sentence, say
from screener.model.problems import Problem
from screener.valuation.limits import TIE_DECIMALS
from screener.valuation.metric import Metric
from screener.valuation.term import Term, finite

if TYPE_CHECKING:
    import polars as pl


RANK_COLUMNS = columns_of("rank")
RANK_COLUMN_NAMES = tuple(column.name for column in RANK_COLUMNS)
# In a workbook: figures as ties are told by, without the noise of floating point, and the figure
# of a listing's first row.
TIED, ONCE = "tied_", "once"
# And what ranges are counted by: the end that is sure to count, and who could have a rank.
SURE, POSSIBLE = "sure", "possible"
# The order in which a sector is listed; only the first kind has a rank.
STATUSES = ("ranked", "nm", "no_estimate", "no_rate", "no_price")


def rank(valued: IntoFrameT, metric: Metric) -> IntoFrameT:
    """The frame with each row's status and ranks by `metric`, ordered as a sector is read.

    Sectors keep their order. In each, meaningful figures come first, the best at the top; equal
    ones share a rank, and stand by higher earnings yield, then symbol. The others follow by
    earnings yield, without a rank.
    `figure_low` and `figure_high` are the ends of the figure when each EPS moves within its
    rounding, `rank_best` and `rank_worst` the ranks that are possible then; null for a metric
    without such ends. `rank_all` is the rank across sectors; it counts a listing that stands in
    several of them once.
    """
    given: Any = nw.from_native(valued)
    columns = list(given.collect_schema().names())
    frame: Any = nw.from_native(placed(valued, metric, nw.lit("all")))
    frame = frame.with_columns(
        _status_place().alias("_status"), nw.col("row").min().over("sector").alias("_sector")
    ).sort("_sector", "_status", "rank", "_tie", "symbol", nulls_last=True)
    return frame.select(*RANK_COLUMN_NAMES, *columns).to_native()  # type: ignore[no-any-return]


def placed(valued: Any, metric: Metric, whole: nw.Expr) -> Any:
    """The frame with the columns that `rank` gives, in no order: an engine may part it as it likes.

    `whole` is the same for all rows that `rank_all` is a place among.
    """
    best_first = 1 if metric.best == "low" else -1
    frame: Any = nw.from_native(valued)
    frame = frame.with_columns(
        status(metric).frame.alias("status"),
        (nw.col(metric.name) * best_first).round(TIE_DECIMALS).alias("_key"),
        (-nw.col(metric.tie_breaker)).round(TIE_DECIMALS).fill_null(inf).alias("_tie"),
        _end(metric.low).alias("figure_low"),
        _end(metric.high).alias("figure_high"),
        whole.alias("_all"),
    )
    ranked_row = nw.when(~nw.col("_key").is_null()).then(nw.col("row"))
    frame = frame.with_columns(
        ranked_row.min().over("symbol").alias("_first_row"), **finite(("figure_low", "figure_high"))
    )
    once = nw.when(nw.col("row") == nw.col("_first_row")).then(nw.col("_key"))
    frame = frame.with_columns(once.alias("_key_once"))
    frame = frame.with_columns(
        rank_term(metric).frame.alias("rank"), rank_all_term(metric).frame.alias("rank_all")
    )
    return _with_bounds(frame, metric, best_first).to_native()


def explain(ranked: pl.DataFrame, metric: Metric, problems: Sequence[Problem]) -> list[Problem]:
    """A problem for each row that has no rank and that no problem accounts for yet."""
    explained = {problem.where for problem in problems if problem.is_gap}
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
        why = _why_meaningless(row, metric)
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


def _why_meaningless(row: dict[str, Any], metric: Metric) -> Sentence:
    why = metric.not_meaningful or say("the figure is out of range")
    if metric.parts:
        parts = ", ".join(name for name in metric.parts if row[name] is None)
        return say("{why}: {parts}", why=why, parts=parts)
    is_profit = all(row[name] > 0 for name in metric.needs if name.startswith("eps"))
    if row["nm_above"] is None or not is_profit:
        return why
    if metric.format == "multiple":
        return say("the P/E is above {most:,g}", most=row["nm_above"])
    return say("{why}, or the P/E is above {most:,g}", why=why, most=row["nm_above"])


def status(metric: Metric) -> Term:
    """Why a row has no figure: the first of what is missing, or that it means nothing."""
    lacking = (nw.col(name).is_null() for name in metric.needs)
    frame = (
        nw.when(~nw.col(metric.name).is_null())
        .then(nw.lit("ranked"))
        .when(nw.col("price").is_null())
        .then(nw.lit("no_price"))
        .when(nw.col("fx").is_null())
        .then(nw.lit("no_rate"))
        .when(nw.any_horizontal(*lacking, ignore_nulls=False))
        .then(nw.lit("no_estimate"))
        .otherwise(nw.lit("nm"))
    )
    figure = f"{{{metric.name}}}"
    return Term(
        frame,
        f'IF(ISNUMBER({figure}),"{{word[ranked]}}",IF(ISNUMBER({{price}}),IF(ISNUMBER({{fx}}),'
        f'IF({figure}="n/a","{{word[no_estimate]}}","{{word[nm]}}"),"{{word[no_rate]}}"),'
        '"{word[no_price]}"))',
    )


def _status_place() -> nw.Expr:
    status = nw.col("status")
    place: Any = nw
    for number, name in enumerate(STATUSES):
        place = place.when(status == name).then(nw.lit(number))
    return place.otherwise(nw.lit(len(STATUSES)))  # type: ignore[no-any-return]


def rank_term(metric: Metric) -> Term:
    """The place in the sector; equal figures share it, and the next one counts all (1, 1, 3)."""
    return Term(_place("_key", "sector"), _place_formula(metric, TIED + metric.name))


def rank_all_term(metric: Metric) -> Term:
    """The place across sectors, each listing once: on the sheet of all names."""
    return Term(_place("_key_once", "_all"), _place_formula(metric, ONCE))


def _place(key: str, within: str) -> nw.Expr:
    """1 for the rows with the lowest key, and so on; null where the key is."""
    return nw.col(key).rank("min").over(within).cast(nw.Int64)


def _place_formula(metric: Metric, figure: str) -> str:
    ascending = 1 if metric.best == "low" else 0
    return f'IF(ISNUMBER({{{figure}}}),RANK({{{figure}}},{{area[{figure}]}},{ascending}),"")'


def once_formula(metric: Metric) -> str:
    """A listing counts across sectors by the first of its rows that has a figure."""
    own, before = f"{{{metric.name}}}", '{area[symbol]},{symbol},{area[row]},"<"&{row}'
    # Words are neither: of the rows before, those are counted that have a figure.
    earlier = "+".join(
        f'COUNTIFS({before},{{area[{metric.name}]}},"{sign}0")' for sign in (">=", "<")
    )
    return f'IF(ISNUMBER({own}),IF({earlier}=0,ROUND({own},Tie_Decimals),""),"")'


def sure_formula(metric: Metric) -> str:
    """The end of a ranked name that counts against others: nothing where it is open."""
    _, worst = _ends(metric)
    own = f"{{{TIED}{metric.name}}}"
    return f'IF(ISNUMBER({own})*ISNUMBER({{{worst}}}),{{{worst}}},"")'


def possible_formula(metric: Metric) -> str:
    """1 for a name that has a rank, or could have one at an end of its rounding."""
    any_number = "+".join(f"ISNUMBER({{{name}}})" for name in (TIED + metric.name, *_ends(metric)))
    return f'IF({any_number}>0,1,"")'


def rank_best_formula(metric: Metric) -> str:
    """How many are better for sure; an end that is no number leaves everything open."""
    best, _ = _ends(metric)
    better = _better(metric)
    return (
        f"IF(ISNUMBER({{{TIED}{metric.name}}}),1+IF(ISNUMBER({{{best}}}),"
        f'COUNTIF({{area[{SURE}]}},"{better}"&{{{best}}}),0),"")'
    )


def rank_worst_formula(metric: Metric) -> str:
    """One more than those that could be better: all that could have a figure, without the worse."""
    best, worst = _ends(metric)
    not_better = ">=" if _better(metric) == "<" else "<="
    # A name could be better than itself where its ends differ: it counts as the one more then.
    alone = f"ISNUMBER({{{best}}})*ISNUMBER({{{worst}}})*({{{best}}}={{{worst}}})"
    return (
        f"IF(ISNUMBER({{{TIED}{metric.name}}}),{alone}+COUNT({{area[{POSSIBLE}]}})"
        f"-IF(ISNUMBER({{{worst}}}),"
        f'COUNTIF({{area[{best}]}},"{not_better}"&{{{worst}}}),0),"")'
    )


def _better(metric: Metric) -> str:
    return "<" if metric.best == "low" else ">"


def _ends(metric: Metric) -> tuple[str, str]:
    """The columns of the end that ranks first, and of the other, rounded as ties are told."""
    ends = f"{TIED}figure_low", f"{TIED}figure_high"
    return ends if metric.best == "low" else ends[::-1]


def _end(end: Term | None) -> nw.Expr:
    """The figure at that end of the rounding; null where it has none."""
    return nw.lit(None).cast(nw.Float64) if end is None else end.frame


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
    before = _count(frame, marks="_high", of="_low", name="_before")
    perhaps = _count(frame, marks="_any_low", of="_high", name="_perhaps")
    frame = frame.join(before, on="row", how="left").join(perhaps, on="row", how="left")
    # Among those that could be better a name finds itself, unless its ends are one.
    is_sure = (nw.col("_low") == nw.col("_high")).cast(nw.Int64)
    return frame.with_columns(
        rank_best=nw.col("_before") + 1, rank_worst=nw.col("_perhaps") + is_sure
    )


def _count(frame: Any, *, marks: str, of: str, name: str) -> Any:
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
    # Of equals the values come first: a mark that ties lies not below.
    counted = nw.col("_mark").cum_sum().over("sector", order_by=["_at", "_mark"])
    line = line.with_columns(counted.cast(nw.Int64).alias(name))
    return line.filter(nw.col("_mark") == 0).select("row", name)
