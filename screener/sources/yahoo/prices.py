"""Yahoo through yfinance: one request for all names and rates, a chart a name where that fails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from screener.model.messages import say
from screener.model.records import Quote, Rate
from screener.sources.answers import RefusalError, live_quote, number, text
from screener.sources.child import Emit, Message, fault_of, probe_then_all

QUOTE_URL = "https://query1.finance.yahoo.com/v7/finance/quote"

CHART_URL = "https://query2.finance.yahoo.com/v8/finance/chart/"

# Statuses by which a source refuses; it is not asked again in that run.
REFUSED = (401, 403, 429, 999)


def answer(job: Message, emit: Emit) -> None:
    """In the child: ask for `symbols`, those that do not come back once more; else by chart.

    Emits `{"quotes": […]}` or `{"charts": …}` as they arrive, and `{"error": …}` for a failure.
    """
    import warnings

    from yfinance.data import YfData

    # yfinance turns its own deprecation warnings on when it is imported.
    warnings.simplefilter("ignore")
    data = YfData()
    symbols: Sequence[str] = job["symbols"]
    for _ in range(2):
        try:
            body = data.get_raw_json(
                QUOTE_URL,
                params={"symbols": ",".join(symbols), "formatted": "false"},
                timeout=job["timeout"],
            )
            items = quote_items(body)
        except Exception as error:  # noqa: BLE001 - whatever the library raises is an answer
            fault = fault_of(error)
            emit(fault)
            if fault["status"] not in REFUSED:
                _charts(data, symbols, job["timeout"], emit)
            return
        emit({"quotes": items})
        echoed = {item.get("symbol") for item in items}
        symbols = [symbol for symbol in symbols if symbol not in echoed]
        if not symbols:
            return


def _charts(data: Any, symbols: Sequence[str], timeout: float, emit: Emit) -> None:
    """A chart a name: the first alone, as a probe, then the others a few at a time."""

    def chart(symbol: str) -> bool:
        try:
            body = data.get_raw_json(
                CHART_URL + symbol, params={"range": "5d", "interval": "1d"}, timeout=timeout
            )
            emit({"quotes": [chart_item(body)]})
        except Exception as error:  # noqa: BLE001 - whatever the library raises is an answer
            fault = fault_of(error)
            # A name that Yahoo has not is 404; anything else is of the source.
            is_outage = fault["status"] != 404 and not isinstance(error, RefusalError)
            emit({**fault, "symbol": symbol, "outage": is_outage})
            return not is_outage
        return True

    probe_then_all(chart, symbols)


def quote_items(body: Any) -> list[dict[str, Any]]:
    """The items of a v7 answer. Raises RefusalError for a body that is none."""
    result = body.get("quoteResponse", {}).get("result") if isinstance(body, dict) else None
    if not isinstance(result, list):
        raise RefusalError(say("the answer has no quoteResponse.result"))
    return [item for item in result if isinstance(item, dict)]


def chart_item(body: Any) -> dict[str, Any]:
    """What a chart says of the last price, in the words of a v7 item. Raises RefusalError."""
    result = body.get("chart", {}).get("result") if isinstance(body, dict) else None
    if not isinstance(result, list) or not result or not isinstance(result[0], dict):
        raise RefusalError(say("the answer has no chart.result"))
    meta = result[0].get("meta")
    if not isinstance(meta, dict):
        raise RefusalError(say("the chart has no meta"))
    kept = ("symbol", "currency", "regularMarketPrice", "regularMarketTime")
    return {key: meta.get(key) for key in kept}


def quotes(
    items: Iterable[Mapping[str, Any]], asked: Mapping[str, str], now: datetime
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


def _quote(item: Mapping[str, Any], symbol: str, now: datetime) -> Quote:
    delay = item.get("exchangeDataDelayedBy")
    is_open = item.get("marketState") == "REGULAR"
    return live_quote(
        symbol,
        price=number(item, "regularMarketPrice"),
        currency=text(item, "currency"),
        market_time=_time(item),
        now=now,
        source="Yahoo",
        obtained=("delayed" if delay else "live") if is_open else "close",
        delay_minutes=delay if isinstance(delay, int) else None,
        shares=_shares(item),
    )


def _shares(item: Mapping[str, Any]) -> float | None:
    try:
        shares = number(item, "sharesOutstanding")
    except RefusalError:
        return None  # a price is none the worse for it
    return shares if shares > 0 else None


def rates(items: Iterable[Mapping[str, Any]], pairs: Mapping[str, tuple[str, str]]) -> list[Rate]:
    """The exchange rates that the items hold; `pairs` gives (base, quote) for Yahoo's spelling."""
    found = []
    for item in items:
        pair = pairs.get(str(item.get("symbol")))
        if pair is None:
            continue
        try:
            if text(item, "currency") != pair[1]:
                continue
            value = number(item, "regularMarketPrice")
            if value > 0:
                found.append(Rate(*pair, value, _time(item), "Yahoo"))
        except RefusalError:
            continue
    return found


def _time(item: Mapping[str, Any]) -> datetime:
    seconds = number(item, "regularMarketTime")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise RefusalError(
            say("the answer's regularMarketTime is {seconds:g}, no time", seconds=seconds)
        ) from None
