"""The figures of every listing and day, by the same catalogue, ranks and statistics as a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from screener.model.column_table import columns_of
from screener.panels.known import VINTAGE_YEARS, with_rate, with_vintage
from screener.valuation.aggregates import MEASURES, statistics_of
from screener.valuation.metric import Metric, ranking_metric
from screener.valuation.metrics import catalogue
from screener.valuation.periods import ENDS, STATED, per_share_of_the_day
from screener.valuation.ranking import RANK_COLUMN_NAMES, placed
from screener.valuation.term import finite
from screener.valuation.value import value

# The fiscal years of a row, from the one before its calendar year on: in columns `pe_y0`, `pe_y1`.
YEARS: Sequence[int] = range(5)
# A vintage of an earlier calendar year is used for so many more.
_YEARS_AFTER = 3
# What is said of the sector of the day, by the metric that ranks.
SECTOR_STATISTICS = (
    "n", "lower_quartile", "median", "upper_quartile", "harmonic_mean", "aggregate",
)  # fmt: skip
_BETWEEN = "\x1f"
# What a table prints, and what companies report, a panel knows nothing of.
_NOT_OF_A_PANEL = (
    "price_change", "rerating", "pe_ttm", "pe_ttm_percentile", "pb", "dividend_yield",
)  # fmt: skip


def metrics_of(by: str) -> tuple[dict[str, Metric], Metric]:
    """The catalogue for years counted from each row's own, and the metric that ranks.

    Raises UnknownNameError for one that a panel has not, or that does not rank.
    """
    every = catalogue(YEARS)
    metrics = {name: each for name, each in every.items() if name not in _NOT_OF_A_PANEL}
    own = {renamed(name): name for name in metrics}
    return metrics, ranking_metric(own.get(by, by), metrics)


def valued(
    closes: Any, known: Any, splits: Any, rates: Any, by: str, nm_above: float | None
) -> Any:
    """A row a close and sector, with every metric by what was known of it on its day.

    `known` is what `vintages` gives. All are frames of narwhals; so is what comes back.
    """
    metrics, _ = metrics_of(by)
    rows = with_rate(with_vintage(closes, known, splits), rates, closes)
    rows = _stated(rows, nm_above)
    rows = nw.from_native(per_share_of_the_day(rows.to_native(), YEARS, nw.col("base_year")))
    return nw.from_native(value(rows.to_native(), metrics.values()))


def ranked(rows: Any, by: str) -> Any:
    """The rows with their ranks in sector and day, and the statistics of their sector."""
    _, metric = metrics_of(by)
    placed_ = nw.from_native(placed(rows.to_native(), metric, nw.col("day")))
    return _with_sector(placed_, metric)


def _stated(rows: Any, nm_above: float | None) -> Any:
    """What a run's frame of inputs states, from what was known of each row on its day."""
    nothing = nw.lit(None).cast(nw.Float64)
    base = nw.col("day").dt.year().cast(nw.Int64) - 1
    rows = rows.with_columns(
        base_year=base,
        after=base - nw.col("published").dt.year().cast(nw.Int64),
        p_after=base - nw.col("before").dt.year().cast(nw.Int64),
        split_factor=(nw.col("day_log_split") - nw.col("log_split")).exp(),
        split_since_report=(nw.col("day_log_split") - nw.col("p_log_split")).exp(),
        # Within a day a sector is one, and so is a listing: every figure of others is of that day.
        sector_name=nw.col("sector"),
        symbol_name=nw.col("symbol"),
    )
    day = nw.col("day").cast(nw.String)
    month, last = (nw.col("fiscal_year_end").str.slice(at, 2).cast(nw.Int64) for at in (0, 3))
    rows = rows.with_columns(
        sector=nw.concat_str(nw.col("sector"), day, separator=_BETWEEN),
        symbol=nw.concat_str(nw.col("symbol"), day, separator=_BETWEEN),
        row=nw.concat_str(nw.col("symbol"), nw.col("sector"), day, separator=_BETWEEN),
        nm_above=nw.lit(nm_above).cast(nw.Float64),
        fy1_rule=nw.lit("calendar"),
        price_day=nw.col("day"),
        price=nw.col("close"),
        eps_currency=nw.col("currency"),
        year_end_month=month,
        year_end_day=last,
        stated_rounding=nw.col("rounding"),
        traded_currency=nw.col("traded"),
        stated_report_price=nw.col("close"),
        report_price_currency=nw.col("traded"),
        stated_market_cap=nw.col("cap"),
        cap_fx=nw.lit(1.0),
        **dict.fromkeys(_figures_of_accounts(), nothing),
    )
    same = nw.when(nw.col("p_currency") == nw.col("currency"))
    stated: dict[str, nw.Expr] = {}
    for year in YEARS:
        eps = _of_year("e", year, "after", -1)
        stated[f"{STATED}eps_{year}"] = eps
        stated[f"{STATED}eps_low_{year}"] = eps - nw.col("rounding")
        stated[f"{STATED}eps_high_{year}"] = eps + nw.col("rounding")
        stated[f"{STATED}eps_report_{year}"] = same.then(_of_year("p", year, "p_after", -1))
    return rows.with_columns(**stated)


def _figures_of_accounts() -> list[str]:
    return [column.name for column in columns_of("accounts") if column.kind == "number"]


def _of_year(prefix: str, year: int, after: str, first: int) -> nw.Expr:
    """EPS of the year-th of the row's fiscal years, wherever its vintage has that."""
    found = [
        nw.when(nw.col(after) == late).then(nw.col(f"{prefix}{year + late + 1}"))
        for late in range(first, first + _YEARS_AFTER + 1)
        if year + late + 1 < VINTAGE_YEARS
    ]
    return nw.coalesce(*found, nw.lit(None).cast(nw.Float64))


def _with_sector(rows: Any, metric: Metric) -> Any:
    """The rows with the statistics of their sector of the day."""
    terms = statistics_of(metric)
    names = [name for name in SECTOR_STATISTICS if name in terms]
    found = rows.group_by("sector").agg(**{f"sector_{name}": terms[name].frame for name in names})
    found = found.with_columns(**finite(f"sector_{name}" for name in names if name in MEASURES))
    return rows.join(found, on="sector", how="left")


def named(rows: Any, by: str) -> Any:
    """The columns of the panel, by the names that it has for them."""
    metrics, _ = metrics_of(by)
    given = ["day", "sector_name", "symbol_name", "price", "traded_currency", "eps_currency"]
    follows = ["published", "split_factor", "fx", "fy1", "ntm_weight", "cagr_years"]
    by_year = [f"{end}_{year}" for year in YEARS for end in ENDS[:1]]
    by_year += [f"eps_report_{year}" for year in YEARS]
    names = [
        *given, *follows, *by_year, "eps_fy1", "eps_fy2", *RANK_COLUMN_NAMES,
        *metrics,
        *(f"sector_{name}" for name in SECTOR_STATISTICS),
    ]  # fmt: skip
    present = set(rows.collect_schema().names())
    return rows.select(**{renamed(name): nw.col(name) for name in names if name in present})


def renamed(name: str) -> str:
    """What the panel calls a column: `pe_1`, of the second of the row's years, is `pe_y1`."""
    family, _, year = name.rpartition("_")
    if year.isdecimal() and family:
        return f"{family}_y{year}"
    return name.removesuffix("_name") if name in ("sector_name", "symbol_name") else name
