"""Charts of Yahoo: a name's last price, its daily closes and its splits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from screener.model.messages import say
from screener.model.records import Split
from screener.model.symbols import currency_of, exchange_of
from screener.sources.answers import RefusalError, number
from screener.sources.vendors import YAHOO


def result_of(body: Any, part: str) -> Any:
    """What a part of an answer holds. Raises TypeError for what is no answer of Yahoo's."""
    if not isinstance(body, dict) or not isinstance(body.get(part), dict):
        raise TypeError(f"the answer has no {part}")
    return body[part].get("result")


def chart_item(body: Any) -> dict[str, Any]:
    """What a chart says of the last price, in the words of a v7 item. Raises RefusalError."""
    result = body.get("chart", {}).get("result") if isinstance(body, dict) else None
    meta = _first(result).get("meta")
    if not isinstance(meta, dict):
        raise RefusalError(say("the chart has no meta"))
    # Not the last close: where that bar is empty, Yahoo's is of the day before (yfinance#2895).
    kept = ("symbol", "currency", "regularMarketPrice", "regularMarketTime")
    return {key: meta.get(key) for key in kept}


def chart_splits(body: Any, symbol: str) -> list[Any]:
    """The split events of a chart of that symbol. Raises RefusalError for another answer."""
    return list((_chart_of(body, symbol).get("events") or {}).get("splits", {}).values())


def chart_closes(body: Any, symbol: str) -> list[Any]:
    """Time and close of each bar of a chart of that symbol, with its currency first."""
    chart = _chart_of(body, symbol)
    quote = ((chart.get("indicators") or {}).get("quote") or [{}])[0]
    # Closes as they were, not `adjclose`: that one takes dividends off, and a P/E is of prices.
    pairs = zip(chart.get("timestamp") or [], quote.get("close") or [], strict=True)
    return [chart["meta"].get("currency"), *(list(pair) for pair in pairs)]


def chart_days(bars: list[Any], symbol: str) -> Iterator[tuple[date, Any]]:
    """Day and close of each bar. Raises RefusalError for bars in another currency."""
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
    for seconds, close in pairs:
        yield _day(seconds, symbol), close


def _day(seconds: float, symbol: str) -> date:
    return datetime.fromtimestamp(seconds, exchange_of(symbol).zone).date()


def _chart_of(body: Any, symbol: str) -> dict[str, Any]:
    # yfinance does not look, so the chart of another share would pass for this one.
    chart = _first(result_of(body, "chart"))
    meta = chart.get("meta") or {}
    if meta.get("symbol") != symbol:
        raise RefusalError(say("Yahoo answers with {symbol}", symbol=meta.get("symbol")))
    return chart


def _first(result: Any) -> dict[str, Any]:
    if not isinstance(result, list) or not result or not isinstance(result[0], dict):
        raise RefusalError(say("the answer has no chart.result"))
    return result[0]


def splits(events: list[Any], symbol: str) -> list[Split]:
    """The splits that the events are, dated in the exchange's zone. Raises RefusalError."""
    found = []
    for event in events:
        seconds, new, old = (number(event, key) for key in ("date", "numerator", "denominator"))
        if new <= 0 or old <= 0:
            raise RefusalError(say("Yahoo has a split of {new:g}:{old:g}", new=new, old=old))
        found.append(Split(symbol, _day(seconds, symbol), new / old, YAHOO))
    return found
