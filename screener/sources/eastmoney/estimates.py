"""Estimates of A shares from Eastmoney's table of forecasts: each row by its own years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from screener.consensus.fiscal_calendar import period_end
from screener.model.figures import Interval
from screener.model.messages import NOTHING, say
from screener.model.records import Estimate, Vintage
from screener.model.symbols import exchange_of
from screener.sources.answers import RefusalError, number
from screener.sources.eastmoney.tables import YEARS
from screener.sources.vendors import EASTMONEY


def forecasts(
    rows: Sequence[Mapping[str, Any]],
    asked: Mapping[str, tuple[str, tuple[int, int]]],
    now: datetime,
) -> dict[str, Vintage | RefusalError]:
    """A vintage, or why there is none, for each asked symbol that the rows hold.

    `asked` gives symbol and fiscal year end by Eastmoney's code. Equal rows of one code are one,
    two that differ are none. The years are each row's own.
    """
    found: dict[str, Vintage | RefusalError] = {}
    by_code: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        of_code = by_code.setdefault(str(row["SECURITY_CODE"]), [])
        if row not in of_code:
            of_code.append(row)
    for code, of_code in by_code.items():
        if code not in asked:
            continue
        symbol, fiscal_year_end = asked[code]
        try:
            if len(of_code) > 1:
                raise RefusalError(say("Eastmoney answers twice, and differently"))
            found[symbol] = _forecast(of_code[0], symbol, fiscal_year_end, now)
        except RefusalError as refusal:
            found[symbol] = refusal
    return found


def _forecast(
    row: Mapping[str, Any], symbol: str, fiscal_year_end: tuple[int, int], now: datetime
) -> Vintage:
    estimates, actual = [], []
    for place in YEARS:
        if row[f"EPS{place}"] is None:
            continue
        year, eps = int(number(row, f"YEAR{place}")), number(row, f"EPS{place}")
        is_actual = row[f"YEAR_MARK{place}"] == "A"
        actual += [f"FY{year}"] if is_actual else []
        analysts = row["RATING_ORG_NUM"]
        estimates.append(
            Estimate(
                fiscal_year=year,
                period_end=period_end(year, fiscal_year_end),
                eps=eps,
                bounds=Interval(eps, eps),
                analysts=None if is_actual or not isinstance(analysts, int) else analysts,
            )
        )
    years = [estimate.fiscal_year for estimate in estimates]
    if not estimates or len(years) == len(actual):
        raise RefusalError(say("Eastmoney has no estimates of it"))
    if years != sorted(set(years)) or not all(1990 <= year < 2100 for year in years):
        raise RefusalError(say("Eastmoney's years are {years}", years=", ".join(map(str, years))))
    return Vintage(
        symbol=symbol,
        source=EASTMONEY,
        as_of=now.astimezone(exchange_of(symbol).zone).date(),
        currency="CNY",
        estimates=tuple(estimates),
        fetched_at=now,
        note=say("{years} actual", years=", ".join(actual)) if actual else NOTHING,
    )
