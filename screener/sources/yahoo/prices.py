"""Prices, exchange rates and splits of Yahoo: from the items of a v7 answer, and from charts.

A v7 answer has many names at once, their last prices alone; a chart is of one name, with its days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from screener.model.extents import MINUTES, PRICE, RATE, RATIO, SECONDS, SHARES
from screener.model.messages import say
from screener.model.records import Quote, Rate, Split
from screener.model.symbols import EXCHANGES, currency_of, exchange_of
from screener.sources.answers import (
    Item,
    Items,
    RefusalError,
    code_shown,
    currency,
    figure,
    live_quote,
    number,
    part,
    shown,
    whole,
)
from screener.sources.vendors import YAHOO


def quote_items(body: Any) -> list[dict[str, Any]]:
    """The items of a v7 answer. Raises RefusalError for a body that is none."""
    result = part(body, "quoteResponse").get("result")
    if not isinstance(result, list):
        raise RefusalError(say("the answer has no quoteResponse.result"))
    return [item for item in result if isinstance(item, dict)]


def quotes(
    items: Items, asked: Mapping[str, str], now: datetime
) -> dict[str, Quote | RefusalError]:
    """A quote, or why there is none, for each asked name that the items hold.

    `asked` gives the canonical symbol for Yahoo's. Items for other names are passed over; two
    different prices for one name are none.
    """
    found: dict[str, Quote | RefusalError] = {}
    for item in items:
        symbol = asked.get(str(item.get("symbol")))
        if symbol is None:
            continue
        try:
            quote: Quote | RefusalError = _quote(item, symbol, now)
        except RefusalError as refusal:
            quote = refusal
        if symbol in found and found[symbol] != quote:
            quote = RefusalError(say("Yahoo answers twice, and differently"))
        found[symbol] = quote
    return found


def _quote(item: Item, symbol: str, now: datetime) -> Quote:
    # PRE, POST and the like are of the last close, as CLOSED is.
    delay = item.get("exchangeDataDelayedBy")
    is_open = item.get("marketState") == "REGULAR"
    return live_quote(
        symbol,
        price=number(item, "regularMarketPrice"),
        currency=_currency(item),
        market_time=_time(item),
        now=now,
        source=YAHOO,
        obtained=("delayed" if delay else "live") if is_open else "close",
        delay_minutes=whole(item, "exchangeDataDelayedBy", MINUTES),
        shares=figure(item, "sharesOutstanding", SHARES),
        previous_close=figure(item, "regularMarketPreviousClose", PRICE),
    )


def _currency(item: Item) -> str:
    found = currency(item, "currency")
    if not found:
        said = shown(item.get("currency"))
        raise RefusalError(say("the answer's {key} is {found}", key="currency", found=said))
    return found


def rates(
    items: Items, pairs: Mapping[str, tuple[str, str]]
) -> tuple[list[Rate], dict[str, RefusalError]]:
    """The exchange rates that the items hold, and why others can be none, by pair.

    `pairs` gives (base, quote) for Yahoo's spelling.
    """
    found: list[Rate] = []
    refused: dict[str, RefusalError] = {}
    for item in items:
        pair = pairs.get(str(item.get("symbol")))
        if pair is None:
            continue
        try:
            found.append(_rate(item, pair))
        except RefusalError as refusal:
            refused["/".join(pair)] = refusal
    return found, refused


def _rate(item: Item, pair: tuple[str, str]) -> Rate:
    # Some pairs come in hundredths, under the name of the smaller unit (yfinance#719).
    if _currency(item) != pair[1]:
        said = shown(item.get("currency"))
        raise RefusalError(say("the answer's {key} is {found}", key="currency", found=said))
    return Rate(*pair, number(item, "regularMarketPrice", RATE), _time(item), YAHOO)


def _time(item: Item) -> datetime:
    return datetime.fromtimestamp(number(item, "regularMarketTime", SECONDS), UTC)


def result_of(body: Any, part: str) -> Any:
    """What a part of an answer holds. Raises TypeError for what is no answer of Yahoo's."""
    if not isinstance(body, dict) or not isinstance(body.get(part), dict):
        raise TypeError(f"the answer has no {part}")
    return body[part].get("result")


def chart_item(body: Any) -> dict[str, Any]:
    """What a chart says of the last price, in the words of a v7 item. Raises RefusalError."""
    meta = _first(part(body, "chart").get("result")).get("meta")
    if not isinstance(meta, dict):
        raise RefusalError(say("the chart has no meta"))
    # Not the last close: where that bar is empty, Yahoo's is of the day before (yfinance#2895).
    kept = ("symbol", "currency", "regularMarketPrice", "regularMarketTime")
    return {key: meta.get(key) for key in kept}


def chart_splits(body: Any, symbol: str) -> Any:
    """The split events of a chart of that symbol: a list, or what the chart has in their place.

    Raises RefusalError for another answer.
    """
    events = part(_chart_of(body, symbol), "events").get("splits") or {}
    return list(events.values()) if isinstance(events, dict) else shown(events)


def chart_past(body: Any, symbol: str) -> dict[str, Any]:
    """The bars of a chart of that symbol, and the split events of their days."""
    return {"bars": chart_closes(body, symbol), "splits": chart_splits(body, symbol)}


def chart_closes(body: Any, symbol: str) -> list[Any]:
    """Time and close of each bar of a chart of that symbol, with its currency first."""
    chart = _chart_of(body, symbol)
    quotes = part(chart, "indicators").get("quote") or [{}]
    days = chart.get("timestamp") or []
    # Closes as they were, not `adjclose`: that one takes dividends off, and a P/E is of prices.
    closes = part({"bars": quotes[0] if isinstance(quotes, list) else None}, "bars").get("close")
    closes = closes or []
    if not (isinstance(days, list) and isinstance(closes, list) and len(days) == len(closes)):
        raise RefusalError(say("the chart's days and closes are not as many"))
    return [part(chart, "meta").get("currency"), *map(list, zip(days, closes, strict=True))]


def chart_days(bars: list[Any], symbol: str) -> Iterator[tuple[date, Any]]:
    """Day and close of each bar, of a share or of a pair of currencies, as `HKD/CNY`.

    Raises RefusalError for bars in another currency.
    """
    stated, *closes = bars
    traded = symbol.partition("/")[2] or currency_of(symbol)
    if stated != traded:
        raise RefusalError(
            say(
                "Yahoo's chart is in {currency}, {symbol} trades in {traded}",
                currency=currency({"said": stated}, "said") or shown(stated),
                symbol=symbol,
                traded=traded,
            )
        )
    for seconds, close in closes:
        yield _day({"timestamp": seconds}, "timestamp", symbol), close


def _day(item: Item, key: str, symbol: str) -> date:
    # A pair trades everywhere; its day is one of these markets, which all share Shanghai's.
    zone = EXCHANGES["SH"].zone if "/" in symbol else exchange_of(symbol).zone
    return datetime.fromtimestamp(number(item, key, SECONDS), zone).date()


def _chart_of(body: Any, symbol: str) -> dict[str, Any]:
    # yfinance does not look, so the chart of another share would pass for this one.
    chart = _first(result_of(body, "chart"))
    echoed = part(chart, "meta").get("symbol")
    if echoed != symbol:
        raise RefusalError(say("Yahoo answers with {symbol}", symbol=code_shown(echoed)))
    return chart


def _first(result: Any) -> dict[str, Any]:
    if not isinstance(result, list) or not result or not isinstance(result[0], dict):
        raise RefusalError(say("the answer has no chart.result"))
    return result[0]


def splits(events: Any, symbol: str) -> list[Split]:
    """The splits that the events are, dated in the exchange's zone. Raises RefusalError."""
    if not isinstance(events, list):
        raise RefusalError(say("the chart's splits are {found}", found=events))
    found = []
    for event in events:
        if not isinstance(event, dict):
            raise RefusalError(say("Yahoo has a split that is {found}", found=shown(event)))
        new, old = (number(event, key) for key in ("numerator", "denominator"))
        if new <= 0 or old <= 0 or not RATIO.holds(new / old):
            raise RefusalError(say("Yahoo has a split of {new:g}:{old:g}", new=new, old=old))
        found.append(Split(symbol, _day(event, "date", symbol), new / old, YAHOO))
    return found
