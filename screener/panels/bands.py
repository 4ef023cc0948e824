"""The band of a name's multiple over the years, read from a panel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from screener.market_data.band import Band, Of, band_of, band_problems
from screener.market_data.past_days import DAYS_A_YEAR
from screener.model.messages import say
from screener.model.problems import Problem
from screener.model.records import Listing
from screener.model.usage import UsageError

# What a panel has a past of.
OF = ("pe_fy1",)


def panel_bands(
    folder: Path, rows: Sequence[Listing], years: float, of: Of, today: date
) -> tuple[list[Band], list[Problem]]:
    """The bands of these listings, on EPS as it was known on each day. Raises UsageError where the
    panel has no such multiple.
    """
    if of not in OF:
        raise UsageError(say("a panel has no {multiple}: it has pe_fy1", multiple=of))
    since = today - timedelta(days=round(years * DAYS_A_YEAR))
    kept = (
        pl.scan_parquet(folder / "**" / "*.parquet", hive_partitioning=False)
        .filter(pl.col("symbol").is_in([row.symbol for row in rows]), pl.col("day") >= since)
        .select("symbol", "day", "price", of, "status")
        .unique(["symbol", "day"], keep="any")
        .sort("day")
        .collect(engine="streaming")
    )
    bands = [_band(row, of, kept.filter(kept["symbol"] == row.symbol)) for row in rows]
    return bands, [
        problem
        for band in bands
        for problem in band_problems(band, band.days[-1] if band.days else today)
    ]


def _band(row: Listing, of: Of, days: pl.DataFrame) -> Band:
    last = days["status"][-1] if len(days) else ""
    return band_of(
        row,
        of,
        days["day"].to_list(),
        days["price"].to_list(),
        days[of].to_list(),
        gap="NM" if last == "nm" else "n/a",
    )
