"""Estimates of Yahoo: the fiscal years of a name's earnings trend."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from screener.consensus.fiscal_calendar import period_end
from screener.model.extents import ANALYSTS, PER_SHARE
from screener.model.messages import say
from screener.model.records import Estimate, Vintage
from screener.sources.answers import (
    Item,
    RefusalError,
    YearEnd,
    currency,
    day,
    exact_estimate,
    fetched_vintage,
    number,
    part,
    shown,
    whole,
)
from screener.sources.vendors import YAHOO
from screener.sources.yahoo.prices import result_of

# The fiscal years of the trend; its other periods are quarters.
PERIODS = ("0y", "+1y")

# Vendors round the end of a 52-week year to a day nearby.
NEAR = timedelta(days=10)


def estimate_trend(body: Any) -> list[Any]:
    """The fiscal years of an earnings trend, as plain values. Raises RefusalError."""
    result = result_of(body, "quoteSummary")
    if not isinstance(result, list) or not result:
        raise RefusalError(say("Yahoo has no estimates of it"))
    trend = part(result[0], "earningsTrend").get("trend") or []
    if not isinstance(trend, list):
        raise RefusalError(say("the answer's {key} is {found}", key="trend", found=shown(trend)))
    years = (item for item in trend if isinstance(item, dict))
    return [_year(item) for item in years if str(item.get("period")) in PERIODS]


def _year(item: Item) -> dict[str, Any]:
    estimate = part(item, "earningsEstimate")
    return {
        "period": item["period"],
        "end": item.get("endDate"),
        "eps": _raw(estimate.get("avg")),
        "analysts": _raw(estimate.get("numberOfAnalysts")),
        "currency": estimate.get("earningsCurrency"),
    }


def _raw(value: Any) -> Any:
    # Formatted or not, a figure comes as itself or as {"raw": …}; nothing as {}.
    return value.get("raw") if isinstance(value, dict) else value


def vintage(trend: list[Any], symbol: str, year_end: YearEnd, now: datetime) -> Vintage:
    """The vintage that a trend is: all of its years, or none. Raises RefusalError.

    A trend that names no currency gives a vintage without one.
    """
    years = [year for year in trend if year["eps"] is not None]
    if not years:
        raise RefusalError(say("Yahoo has no estimates of it"))
    # The estimates' own currency: Yahoo's v7 puts EPS of two currencies side by side, and
    # `financialCurrency` is of the accounts (yfinance#2699).
    currencies = {currency(year, "currency") for year in years}
    if len(currencies) > 1:
        raise RefusalError(
            say(
                "Yahoo's years are in different currencies: {currencies}",
                currencies=", ".join(sorted(currencies)),
            )
        )
    estimates = [_estimate(year, year_end) for year in years]
    if len({estimate.fiscal_year for estimate in estimates}) < len(estimates):
        raise RefusalError(say("Yahoo answers twice, and differently"))
    return fetched_vintage(symbol, YAHOO, currencies.pop(), estimates, now)


def _estimate(year: Item, year_end: YearEnd) -> Estimate:
    end = day(year, "end", say("Yahoo ends a fiscal year on {found}", found=shown(year["end"])))
    # Yahoo's year has no number: it is the watchlist's year that ends about then.
    nearest = min(
        (period_end(near, year_end) for near in (end.year - 1, end.year, end.year + 1)),
        key=lambda found: abs(found - end),
    )
    if abs(nearest - end) > NEAR:
        raise RefusalError(
            say(
                "Yahoo's fiscal year ends {end}, the watchlist's on {month:02}-{day:02}",
                end=end,
                month=year_end[0],
                day=year_end[1],
            )
        )
    return exact_estimate(
        nearest, number(year, "eps", PER_SHARE), whole(year, "analysts", ANALYSTS)
    )
