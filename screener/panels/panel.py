"""`screener.panel`: closes and vintages of estimates to a frame of every listing and day."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from screener.model.messages import say
from screener.model.usage import UnknownNameError, UsageError
from screener.panels.asked import Asked
from screener.panels.days import metrics_of

Engine = Literal["polars", "spark"]


def panel(
    prices: Any,
    estimates: Any,
    *,
    listings: Any = None,
    splits: Any = None,
    rates: Any = None,
    engine: Engine = "polars",
    output: str | Path | None = None,
    session: Any = None,
    **asked: Any,
) -> Any:
    """Every metric of the catalogue for each listing and day, its ranks, its sector, its own past.

    `prices` has a row a listing and day (symbol, day, close, currency; market_cap in 100 million
    CNY if known), `estimates` one a vintage and fiscal year (symbol, published, fiscal_year, eps,
    currency), `listings` sector and fiscal_year_end, `splits` (symbol, ex_day, factor), `rates`
    (day, base, quote, rate). Each is a frame of the engine, or a path of Parquet. On each day only
    what was published by then is known; EPS is per share of that day.

    `by` ranks, `where` are conditions that a row must meet to be ranked (polars only), `nm_above`
    is the limit of NM, `window_days` how far the own past reaches, `memory` what polars may take.

    With `output` the panel is written there as Parquet, a folder a month, and the path comes back;
    with `since` only the months from that day's on are written anew. Without, a frame of the
    engine comes back. Raises UsageError for a frame that lacks a column, UnknownNameError for an
    engine or a metric that there is not.
    """
    given: Mapping[str, Any] = {
        name: frame
        for name, frame in (
            ("prices", prices), ("estimates", estimates), ("listings", listings),
            ("splits", splits), ("rates", rates),
        )
        if frame is not None
    }  # fmt: skip
    where = asked.pop("where", ())
    wanted = Asked(where=(where,) if isinstance(where, str) else tuple(where), **asked)
    metrics_of(wanted.by)  # before anything is read
    if wanted.since is not None and output is None:
        raise UsageError(say("since writes some months of a panel anew: name its output"))
    if engine == "polars":
        from screener.panels import on_polars

        return on_polars.panel(given, wanted, None if output is None else Path(output))
    if engine == "spark":
        from screener.panels import on_spark

        return on_spark.panel(given, wanted, None if output is None else str(output), session)
    raise UnknownNameError(say("engine"), engine, ["polars", "spark"])
