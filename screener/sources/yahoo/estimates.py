"""Estimates and splits from Yahoo through yfinance: a request a name for either.

`Ticker.earnings_estimate` drops the day that a fiscal year ends on, and turns HTTP 401 and 500
into an empty frame, the same as for a name without analysts. So its request is made, and read
here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from screener.consensus.fiscal_calendar import period_end
from screener.model.calendars import last_trade
from screener.model.figures import Interval
from screener.model.messages import say
from screener.model.records import Close, Estimate, Split, Vintage
from screener.model.symbols import currency_of, exchange_of
from screener.sources.answers import RefusalError, is_final, number, text
from screener.sources.child import Emit, Message, fault_of, probe_then_all
from screener.sources.yahoo.prices import CHART_URL

ESTIMATES_URL = "https://query2.finance.yahoo.com/v10/finance/quoteSummary/"

SOURCE = "Yahoo"

# The fiscal years of the trend; its other periods are quarters.
PERIODS = ("0y", "+1y")

# Vendors round the end of a 52-week year to a day nearby.
NEAR = timedelta(days=10)


def answer(job: Message, emit: Emit) -> None:
    """In the child: splits and closes of names since their days, estimates of `estimates`.

    Emits a name's symbol with its `splits`, `closes` or `trend`, or
    `{"error": …}`; an error says whether it is of the source (`outage`) or of that name.
    """
    import warnings

    from yfinance.data import YfData

    # yfinance turns its own deprecation warnings on when it is imported.
    warnings.simplefilter("ignore")
    data = YfData()
    since: Mapping[str, str] = job.get("splits", {})
    closes_since: Mapping[str, str] = job.get("closes", {})

    def chart(symbol: str, since: str) -> Any:
        begin = datetime.fromisoformat(since).replace(tzinfo=UTC)
        params = {
            "period1": int(begin.timestamp()),
            "period2": int((datetime.now(UTC) + timedelta(days=2)).timestamp()),
            "interval": "1d",
            "events": "split",
        }
        return data.get_raw_json(CHART_URL + symbol, params=params, timeout=job["timeout"])

    def splits(symbol: str) -> list[Any]:
        return chart_splits(chart(symbol, since[symbol]), symbol)

    def closes(symbol: str) -> list[Any]:
        return chart_closes(chart(symbol, closes_since[symbol]), symbol)

    def trend(symbol: str) -> list[Any]:
        params = {"modules": "earningsTrend", "formatted": "false", "symbol": symbol}
        body = data.get_raw_json(ESTIMATES_URL + symbol, params=params, timeout=job["timeout"])
        return estimate_trend(body)

    probe_then_all(_asker("splits", splits, emit), list(since))
    probe_then_all(_asker("closes", closes, emit), list(closes_since))
    probe_then_all(_asker("trend", trend, emit), job.get("estimates", []))


def _asker(what: str, get: Callable[[str], list[Any]], emit: Emit) -> Callable[[str], bool]:
    """A call that emits what it gets of a name; it says whether the source goes on answering."""

    def ask(symbol: str) -> bool:
        try:
            emit({"symbol": symbol, what: get(symbol)})
        except Exception as error:  # noqa: BLE001 - whatever the library raises is an answer
            fault = fault_of(error)
            # A name that Yahoo has not is 404; anything else is of the source.
            is_outage = fault["status"] != 404 and not isinstance(error, RefusalError)
            emit({**fault, "symbol": symbol, "of": what, "outage": is_outage})
            return not is_outage
        return True

    return ask


def chart_splits(body: Any, symbol: str) -> list[Any]:
    """The split events of a chart of that symbol. Raises RefusalError for another answer."""
    return list((_chart_of(body, symbol).get("events") or {}).get("splits", {}).values())


def chart_closes(body: Any, symbol: str) -> list[Any]:
    """Time and close of each bar of a chart of that symbol, with its currency first."""
    chart = _chart_of(body, symbol)
    quote = ((chart.get("indicators") or {}).get("quote") or [{}])[0]
    pairs = zip(chart.get("timestamp") or [], quote.get("close") or [], strict=True)
    return [chart["meta"].get("currency"), *(list(pair) for pair in pairs)]


def closes(bars: list[Any], symbol: str, now: datetime) -> list[Close]:
    """The closes that the bars are: those of days that are over, per share of now.

    Yahoo's closes are adjusted for splits, not for dividends. A bar without a close is a day
    without a trade. Raises RefusalError for bars in another currency, or of no price.
    """
    currency, *pairs = bars
    if currency != currency_of(symbol):
        raise RefusalError(
            say(
                "Yahoo's chart is in {currency}, {symbol} trades in {traded}",
                currency=currency,
                symbol=symbol,
                traded=currency_of(symbol),
            )
        )
    zone, traded = exchange_of(symbol).zone, last_trade(symbol, now)
    found: dict[date, Close] = {}
    for seconds, close in pairs:
        day = datetime.fromtimestamp(seconds, UTC).astimezone(zone).date()
        if close is not None and is_final(day, traded, now):
            if not close > 0:
                raise RefusalError(
                    say("Yahoo has a close of {close} on {day}", close=close, day=day)
                )
            found[day] = Close(symbol, day, float(close), traded.date(), SOURCE)
    return list(found.values())


def _chart_of(body: Any, symbol: str) -> Any:
    result = _result(body, "chart")
    if not isinstance(result, list) or not result or not isinstance(result[0], dict):
        raise RefusalError(say("the answer has no chart.result"))
    meta = result[0].get("meta") or {}
    if meta.get("symbol") != symbol:
        raise RefusalError(say("Yahoo answers with {symbol}", symbol=meta.get("symbol")))
    return result[0]


def splits(events: list[Any], symbol: str) -> list[Split]:
    """The splits that the events are, dated in the exchange's zone. Raises RefusalError."""
    zone = exchange_of(symbol).zone
    found = []
    for event in events:
        seconds, new, old = (number(event, key) for key in ("date", "numerator", "denominator"))
        if new <= 0 or old <= 0:
            raise RefusalError(say("Yahoo has a split of {new:g}:{old:g}", new=new, old=old))
        day = datetime.fromtimestamp(seconds, UTC).astimezone(zone).date()
        found.append(Split(symbol, day, new / old, SOURCE))
    return found


def estimate_trend(body: Any) -> list[Any]:
    """The fiscal years of an earnings trend, as plain values. Raises RefusalError."""
    result = _result(body, "quoteSummary")
    if not isinstance(result, list) or not result:
        raise RefusalError(say("Yahoo has no estimates of it"))
    trend = (result[0].get("earningsTrend") or {}).get("trend", [])
    return [_plain(item) for item in trend if item.get("period") in PERIODS]


def _result(body: Any, part: str) -> Any:
    """What a part of an answer holds. Raises TypeError for what is no answer of Yahoo's."""
    if not isinstance(body, dict) or not isinstance(body.get(part), dict):
        raise TypeError(f"the answer has no {part}")
    return body[part].get("result")


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    estimate = item.get("earningsEstimate") or {}
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


def vintage(
    trend: list[Any], symbol: str, fiscal_year_end: tuple[int, int], now: datetime
) -> Vintage:
    """The vintage that a trend is: all of its years, or none. Raises RefusalError.

    A trend that names no currency gives a vintage without one.
    """
    years = [each for each in trend if each["eps"] is not None]
    if not years:
        raise RefusalError(say("Yahoo has no estimates of it"))
    currencies = {each["currency"] for each in years}
    if len(currencies) > 1:
        raise RefusalError(
            say("Yahoo's years are in different currencies: {currencies}", currencies=currencies)
        )
    estimates = tuple(_estimate(each, fiscal_year_end) for each in years)
    return Vintage(
        symbol=symbol,
        source=SOURCE,
        as_of=now.astimezone(exchange_of(symbol).zone).date(),
        currency=currencies.pop() or "",
        estimates=estimates,
        fetched_at=now,
    )


def _estimate(year: Mapping[str, Any], fiscal_year_end: tuple[int, int]) -> Estimate:
    try:
        end = date.fromisoformat(text(year, "end"))
    except ValueError:
        raise RefusalError(
            say("Yahoo ends a fiscal year on {found}", found=repr(year["end"]))
        ) from None
    nearest = min(
        (period_end(each, fiscal_year_end) for each in (end.year - 1, end.year, end.year + 1)),
        key=lambda day: abs(day - end),
    )
    if abs(nearest - end) > NEAR:
        month, day = fiscal_year_end
        raise RefusalError(
            say(
                "Yahoo's fiscal year ends {end}, the watchlist's on {month:02}-{day:02}",
                end=end,
                month=month,
                day=day,
            )
        )
    eps, analysts = number(year, "eps"), year["analysts"]
    return Estimate(
        fiscal_year=nearest.year,
        period_end=nearest,
        eps=eps,
        bounds=Interval(eps, eps),
        analysts=int(analysts) if isinstance(analysts, int | float) else None,
    )
