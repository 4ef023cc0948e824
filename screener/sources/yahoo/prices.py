"""Prices and exchange rates of Yahoo: the items of a v7 answer, or what a chart has of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from screener.model.messages import say
from screener.model.records import Quote, Rate
from screener.sources.answers import Item, Items, RefusalError, live_quote, number, text
from screener.sources.vendors import YAHOO


def quote_items(body: Any) -> list[dict[str, Any]]:
    """The items of a v7 answer. Raises RefusalError for a body that is none."""
    result = body.get("quoteResponse", {}).get("result") if isinstance(body, dict) else None
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
        currency=text(item, "currency"),
        market_time=_time(item),
        now=now,
        source=YAHOO,
        obtained=("delayed" if delay else "live") if is_open else "close",
        delay_minutes=delay if isinstance(delay, int) else None,
        shares=_shares(item),
    )


def _shares(item: Item) -> float | None:
    try:
        shares = number(item, "sharesOutstanding")
    except RefusalError:
        return None  # a price is none the worse for it
    return shares if shares > 0 else None


def rates(items: Items, pairs: Mapping[str, tuple[str, str]]) -> list[Rate]:
    """The exchange rates that the items hold; `pairs` gives (base, quote) for Yahoo's spelling."""
    found = []
    for item in items:
        pair = pairs.get(str(item.get("symbol")))
        if pair is None:
            continue
        try:
            # Some pairs come in hundredths, under the name of the smaller unit (yfinance#719).
            if text(item, "currency") != pair[1]:
                continue
            value = number(item, "regularMarketPrice")
            if value > 0:
                found.append(Rate(*pair, value, _time(item), YAHOO))
        except RefusalError:
            continue
    return found


def _time(item: Item) -> datetime:
    seconds = number(item, "regularMarketTime")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise RefusalError(
            say("the answer's regularMarketTime is {seconds:g}, no time", seconds=seconds)
        ) from None
