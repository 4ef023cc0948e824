"""Hong Kong estimates of etnet, through akshare."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from screener.consensus.fiscal_calendar import period_end
from screener.model.extents import CENTS
from screener.model.messages import say
from screener.model.records import Vintage
from screener.sources.answers import (
    LONGEST_TEXT,
    Items,
    RefusalError,
    YearEnd,
    exact_estimate,
    fetched_vintage,
    number,
)
from screener.sources.vendors import ETNET


def etnet_rows(frame: Any) -> list[dict[str, Any]]:
    """Year and EPS in cents of each row. Raises RefusalError where the table is another one."""
    columns = ("财政年度", "每股盈利/每股亏损")
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise RefusalError(say("etnet's table lacks {missing}", missing=", ".join(missing)))
    return [
        {"year": str(year)[:LONGEST_TEXT], "cents": None if cents != cents else float(cents)}
        for year, cents in zip(*(frame[name] for name in columns), strict=True)
    ]


def etnet_vintage(rows: Items, symbol: str, year_end: YearEnd, now: datetime) -> Vintage:
    """The vintage that etnet's rows are, without a currency. Raises RefusalError."""
    by_year: dict[int, float] = {}
    for row in rows:
        # The year stands among other words, which change with the page.
        match = re.search(r"(?:19|20)\d\d", row["year"])
        if match is None or row["cents"] is None:
            continue
        year = int(match[0])
        if year in by_year:
            raise RefusalError(say("etnet has FY{year} twice", year=year))
        by_year[year] = number(row, "cents", CENTS) / 100
    if not by_year:
        raise RefusalError(say("etnet has no estimates of it"))
    estimates = [
        exact_estimate(period_end(year, year_end), eps) for year, eps in sorted(by_year.items())
    ]
    # Cents of which dollar or yuan stands in a heading that akshare drops (1.19.5): a person has to
    # say it before such figures are used.
    return fetched_vintage(symbol, ETNET, "", estimates, now, say("stated in cents"))
