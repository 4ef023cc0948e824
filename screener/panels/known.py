"""What was known on each day: the vintage of estimates, the splits, the exchange rate.

Every step takes and gives frames of narwhals, and runs on each engine alike. What was published
later is never looked at: a running maximum and a running sum along the days of a listing know
nothing of the days to come.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import narwhals as nw

# A vintage has estimates of so many fiscal years: from the one before its own calendar year on.
VINTAGE_YEARS = 8
# Before anything was published.
_NEVER = date(1900, 1, 1)
# Among what happens on one day a split comes first, then estimates, then the close: a close of the
# ex-date is per new share, and estimates published on a day are known at its close.
_SPLIT, _VINTAGE, _CLOSE = 0, 1, 2


def vintages(estimates: Any, splits: Any) -> Any:
    """A row a vintage: its estimates by year, the vintage before it, and until when it is the last.

    `e0` … are EPS of the fiscal years from the one before the year of publication on, `p0` … those
    of the vintage before, by that one's own year; `log_split` and `p_log_split` are what shares had
    been split into by then.
    """
    of_year = nw.col("fiscal_year") - nw.col("published").dt.year() + 1
    every = estimates.group_by("symbol", "published").agg(
        nw.col("currency").max(),
        nw.col("rounding").max(),
        nw.col("actual_year").max(),
        **{
            f"e{number}": nw.when(of_year == number).then(nw.col("eps")).max()
            for number in range(VINTAGE_YEARS)
        },
    )
    along = nw.concat(
        [
            _at(splits, "ex_day", _SPLIT, nw.col("factor").log()),
            _at(every, "published", _VINTAGE, nw.lit(0.0)),
        ]
    )
    along = along.with_columns(
        log_split=nw.col("log").cum_sum().over("symbol", order_by=["at", "kind"])
    )
    own = along.filter(nw.col("kind") == _VINTAGE).select(
        "symbol", "log_split", published=nw.col("at")
    )
    every = every.join(own, on=["symbol", "published"], how="left").with_columns(
        before=nw.col("published").shift(1).over("symbol", order_by="published"),
        until=nw.col("published").shift(-1).over("symbol", order_by="published"),
    )
    earlier = every.select(
        "symbol",
        before=nw.col("published"),
        p_currency=nw.col("currency"),
        p_log_split=nw.col("log_split"),
        **{f"p{number}": nw.col(f"e{number}") for number in range(VINTAGE_YEARS)},
    )
    return every.join(earlier, on=["symbol", "before"], how="left")


def with_vintage(closes: Any, known: Any, splits: Any) -> Any:
    """The closes with the last vintage published by their day, and the splits by then."""
    along = nw.concat(
        [
            _at(splits, "ex_day", _SPLIT, nw.col("factor").log()),
            _at(known, "published", _VINTAGE, nw.lit(0.0)),
            _at(closes.select("symbol", "day").unique(), "day", _CLOSE, nw.lit(0.0)),
        ]
    )
    is_vintage = nw.when(nw.col("kind") == _VINTAGE).then(nw.col("at")).otherwise(nw.lit(_NEVER))
    along = along.with_columns(published=is_vintage).with_columns(
        published=nw.col("published").cum_max().over("symbol", order_by=["at", "kind"]),
        day_log_split=nw.col("log").cum_sum().over("symbol", order_by=["at", "kind"]),
    )
    of_close = along.filter(nw.col("kind") == _CLOSE).select(
        "symbol", "published", "day_log_split", day=nw.col("at")
    )
    found = closes.join(of_close, on=["symbol", "day"], how="left")
    return found.join(known, on=["symbol", "published"], how="left")


def with_rate(rows: Any, rates: Any, days: Any) -> Any:
    """The rows with `fx`, EPS currency for one of the price's: the last rate by their day."""
    turned = rates.select(
        "day", base=nw.col("quote"), quote=nw.col("base"), rate=1 / nw.col("rate")
    )
    every = nw.concat([rates.select("day", "base", "quote", "rate"), turned]).unique(
        ["day", "base", "quote"], keep="any"
    )
    pairs = every.select("base", "quote").unique()
    asked = pairs.join(days.select("day").unique(), how="cross").with_columns(
        kind=nw.lit(1), rate_day=nw.lit(_NEVER)
    )
    along = nw.concat(
        [
            every.select("base", "quote", "day", kind=nw.lit(0), rate_day=nw.col("day")),
            asked.select("base", "quote", "day", "kind", "rate_day"),
        ]
    )
    last = nw.col("rate_day").cum_max().over("base", "quote", order_by=["day", "kind"])
    along = along.with_columns(rate_day=last).filter(nw.col("kind") == 1)
    of_day = every.select("base", "quote", "rate", rate_day=nw.col("day"))
    found = along.join(of_day, on=["base", "quote", "rate_day"], how="left").select(
        "day", "rate", traded=nw.col("base"), currency=nw.col("quote")
    )
    joined = rows.join(found, on=["day", "traded", "currency"], how="left")
    # Without a vintage there is nothing to convert to: what lacks then is the estimate.
    is_own = (nw.col("traded") == nw.col("currency")) | nw.col("currency").is_null()
    same = nw.when(is_own).then(nw.lit(1.0))
    return joined.with_columns(fx=nw.coalesce(same, nw.col("rate"))).drop("rate")


def _at(frame: Any, day: str, kind: int, log: nw.Expr) -> Any:
    return frame.select("symbol", at=nw.col(day), kind=nw.lit(kind), log=log.cast(nw.Float64))
