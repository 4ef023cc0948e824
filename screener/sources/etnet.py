"""Hong Kong estimates of etnet, through akshare."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from screener.consensus.fiscal_calendar import period_end
from screener.model.figures import Interval
from screener.model.messages import say
from screener.model.records import Estimate, Vintage
from screener.model.symbols import exchange_of
from screener.sources.answers import RefusalError, number
from screener.sources.vendors import ETNET


def etnet_rows(frame: Any) -> list[dict[str, Any]]:
    """Year and EPS in cents of each row. Raises RefusalError where the table is another one."""
    columns = ("财政年度", "每股盈利/每股亏损")
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise RefusalError(say("etnet's table lacks {missing}", missing=", ".join(missing)))
    return [
        {"year": str(year), "cents": None if math.isnan(cents) else float(cents)}
        for year, cents in zip(*(frame[name] for name in columns), strict=True)
    ]


def etnet_vintage(
    rows: Sequence[Mapping[str, Any]], symbol: str, fiscal_year_end: tuple[int, int], now: datetime
) -> Vintage:
    """The vintage that etnet's rows are, without a currency. Raises RefusalError.

    EPS is in cents: of which dollar or yuan stands in a heading that akshare drops.
    """
    estimates = []
    for year, cents in _etnet_years(rows):
        estimates.append(
            Estimate(
                fiscal_year=year,
                period_end=period_end(year, fiscal_year_end),
                eps=cents / 100,
                bounds=Interval(cents / 100, cents / 100),
            )
        )
    if not estimates:
        raise RefusalError(say("etnet has no estimates of it"))
    return Vintage(
        symbol=symbol,
        source=ETNET,
        as_of=now.astimezone(exchange_of(symbol).zone).date(),
        currency="",
        estimates=tuple(sorted(estimates, key=lambda estimate: estimate.fiscal_year)),
        fetched_at=now,
        note=say("stated in cents"),
    )


def _etnet_years(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, float]]:
    seen: set[int] = set()
    for row in rows:
        match = re.search(r"(?:19|20)\d\d", row["year"])
        if match is None or row["cents"] is None:
            continue
        year = int(match[0])
        if year in seen:
            raise RefusalError(say("etnet has FY{year} twice", year=year))
        seen.add(year)
        yield year, number(row, "cents")
