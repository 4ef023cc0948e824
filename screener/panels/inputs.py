"""The frames that a panel is computed from: their columns, and what stands for those not given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from screener.model.messages import say
from screener.model.usage import UsageError

# The columns that each must have, and those it may have with what stands for a missing one.
REQUIRED: Mapping[str, Sequence[str]] = {
    "prices": ("symbol", "day", "close", "currency"),
    "estimates": ("symbol", "published", "fiscal_year", "eps", "currency"),
    "listings": ("symbol", "sector"),
    "splits": ("symbol", "ex_day", "factor"),
    "rates": ("day", "base", "quote", "rate"),
}


@dataclass(frozen=True, slots=True)
class Inputs:
    """Frames of narwhals with the columns that `known` and `days` read; all of one engine.

    `spans` has the first and the last day of each listing's closes.
    """

    prices: Any
    spans: Any
    listings: Any | None
    estimates: Any
    splits: Any
    rates: Any


def inputs_of(frames: Mapping[str, Any]) -> Inputs:
    """The frames made ready. Raises UsageError for one that lacks a column, by its name."""
    for name, frame in frames.items():
        lacking = [each for each in REQUIRED[name] if each not in _names(frame)]
        if lacking:
            raise UsageError(say("{name} lacks {columns}", name=name, columns=", ".join(lacking)))
    prices, estimates = frames["prices"], frames["estimates"]
    return Inputs(
        prices=prices,
        spans=prices.select("symbol", "day", traded=nw.col("currency"))
        .group_by("symbol", "traded")
        .agg(first=nw.col("day").min(), last=nw.col("day").max()),
        listings=frames.get("listings"),
        estimates=estimates.select(
            "symbol", "published", "currency", "eps",
            nw.col("fiscal_year").cast(nw.Int64),
            rounding=_or(estimates, "rounding", nw.lit(0.0)).cast(nw.Float64),
            actual_year=_or(estimates, "actual_year", nw.lit(None)).cast(nw.Int64),
        ),
        splits=frames.get("splits", _none_of(estimates, "splits")),
        rates=frames.get("rates", _none_of(estimates, "rates")),
    )  # fmt: skip


def closes_of(prices: Any, spans: Any, listings: Any | None) -> Any:
    """The closes of some days, each listing's sectors beside it.

    Where a listing has no close on a day that its market has, between its first and its last, a
    row without a price stands for it. A listing without a line in `listings` is of the sector
    `all`, and its fiscal year ends in December; without `listings` all are.
    """
    cap = _or(prices, "market_cap", nw.lit(None)).cast(nw.Float64)
    closes = prices.select("symbol", "day", "close", cap=cap, traded=nw.col("currency"))
    days = closes.select("traded", "day").unique()
    whole = spans.join(days, on="traded", how="inner").filter(
        nw.col("day") >= nw.col("first"), nw.col("day") <= nw.col("last")
    )
    filled = whole.select("symbol", "traded", "day").join(
        closes, on=["symbol", "traded", "day"], how="left"
    )
    return _of_listings(filled, listings)


def _of_listings(closes: Any, listings: Any | None) -> Any:
    """A row a close and sector of its listing, with the end of its fiscal year."""
    if listings is None:
        return closes.with_columns(sector=nw.lit("all"), fiscal_year_end=nw.lit("12-31"))
    known = listings.select(
        "symbol", "sector", fiscal_year_end=_or(listings, "fiscal_year_end", nw.lit("12-31"))
    )
    return closes.join(known, on="symbol", how="left").with_columns(
        sector=nw.coalesce(nw.col("sector"), nw.lit("all")),
        fiscal_year_end=nw.coalesce(nw.col("fiscal_year_end"), nw.lit("12-31")),
    )


def _none_of(estimates: Any, name: str) -> Any:
    """A frame of the engine without rows, with the columns of that input."""
    symbol, day = nw.col("symbol"), nw.col("published")
    number = nw.lit(1.0)
    columns = {
        "splits": {"symbol": symbol, "ex_day": day, "factor": number},
        "rates": {"day": day, "base": symbol, "quote": symbol, "rate": number},
    }[name]
    return estimates.filter(symbol.is_null() & ~symbol.is_null()).select(**columns)


def _or(frame: Any, name: str, otherwise: nw.Expr) -> nw.Expr:
    return nw.col(name) if name in _names(frame) else otherwise


def _names(frame: Any) -> list[str]:
    return list(frame.collect_schema().names())
