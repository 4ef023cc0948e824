"""What asks Yahoo through yfinance, in a child: one request for all prices, else one a name.

`Ticker.earnings_estimate` drops the day that a fiscal year ends on, and turns HTTP 401 and 500
into an empty frame, the same as for a name without analysts; `Ticker.history` returns the day
before where the last bar is empty. So their requests are made here, and read beside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from curl_cffi import CurlOpt
from curl_cffi.requests import RequestsError, Session
from yfinance.data import YfData

from screener.sources.answers import RefusalError
from screener.sources.bounds import MOST_BYTES, shallow, too_large
from screener.sources.child import Emit, Message, fault_of, probe_then_all, status_of, tell
from screener.sources.lacking import KIND, contract
from screener.sources.vendors import VENDORS
from screener.sources.yahoo.estimates import estimate_trend
from screener.sources.yahoo.prices import chart_item, chart_past, chart_splits, quote_items

# The only request of Yahoo's that takes many symbols.
QUOTE_URL = "https://query1.finance.yahoo.com/v7/finance/quote"
CHART_URL = "https://query2.finance.yahoo.com/v8/finance/chart/"
ESTIMATES_URL = "https://query2.finance.yahoo.com/v10/finance/quoteSummary/"

# What of the library is called, with which parameters.
FUNCTIONS = {
    "yfinance.data.YfData": ("session",),
    "yfinance.data.YfData.get_raw_json": ("url", "params", "timeout"),
}

Get = Callable[[str, Mapping[str, Any]], Any]

# What curl says of an answer that is larger than it may be.
TOO_LARGE = 63


def answer(job: Message, emit: Emit) -> None:
    """Ask for the `names` of the job: `quotes`, `trend`, `splits` since their days, or `closes`
    within a span of days; or say what the library lacks.

    Quotes come as lists of items of a v7 answer, everything else a name.
    """
    kind, names = job["kind"], job["names"]
    if kind == KIND:
        tell(emit, kind, lambda _: contract("yfinance", FUNCTIONS))
        return
    # It adds cookie and crumb. The timeout does not cover those: a hanging host of theirs costs
    # 30 s a call (yfinance 1.7), which is why the parent has a deadline of its own.
    get: Get = partial(_get, YfData(), job["timeout"])
    if kind == "quotes":
        _quotes(get, names, emit)
        return
    asks: Mapping[str, Callable[[str], Any]] = {
        "splits": lambda name: chart_splits(_chart_since(get, name, names[name]), name),
        "closes": lambda name: chart_past(_chart_within(get, name, names[name]), name),
        "trend": lambda name: estimate_trend(_trend(get, name)),
    }
    probe_then_all(partial(tell, emit, kind, asks[kind], is_outage=_is_outage), names)


def prepare() -> None:
    """Bound what an answer may be."""
    # As yfinance makes its own, with a bound. There is one for all: every `YfData()` is this.
    options = {CurlOpt.MAXFILESIZE_LARGE: MOST_BYTES}
    YfData(session=Session(impersonate="chrome", curl_options=options))


def _get(data: YfData, timeout: float, url: str, params: Mapping[str, Any]) -> Any:
    try:
        return shallow(lambda: data.get_raw_json(url, params=params, timeout=timeout))
    except RequestsError as error:
        if error.code == TOO_LARGE:
            raise too_large() from None
        raise


def _is_outage(error: Exception) -> bool:
    # A name that Yahoo has not is 404; anything else is of the source.
    return status_of(error) != 404 and not isinstance(error, RefusalError)


def _quotes(get: Get, names: Iterable[str], emit: Emit) -> None:
    """All names at once, those that do not come back once more; else a chart a name."""
    left = list(names)
    ask_chart = partial(tell, emit, "quotes", partial(_chart, get), is_outage=_is_outage)
    # Once more: on 2025-03-13 an answer had the last symbol only (yahoo-finance2#896).
    for _ in range(2):
        try:
            items = quote_items(get(QUOTE_URL, {"symbols": ",".join(left), "formatted": "false"}))
        except Exception as error:  # noqa: BLE001 - whatever the library raises is an answer
            emit({**fault_of(error), "kind": "quotes", "symbol": "", "outage": True})
            # Charts need no crumb, so they may come where quotes do not.
            if status_of(error) not in VENDORS["yahoo"].refuses:
                probe_then_all(ask_chart, left)
            return
        emit({"kind": "quotes", "symbol": "", "answer": items})
        echoed = {item.get("symbol") for item in items}
        left = [name for name in left if name not in echoed]
        if not left:
            return


def _chart(get: Get, name: str) -> list[dict[str, Any]]:
    return [chart_item(get(CHART_URL + name, {"range": "5d", "interval": "1d"}))]


def _chart_since(get: Get, name: str, since: str) -> Any:
    return _chart_within(get, name, f"{since}/{datetime.now(UTC).date()}")


def _chart_within(get: Get, name: str, span: str) -> Any:
    begin, end = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in span.split("/"))
    # Tomorrow has begun in Asia before it has in UTC, and the end is not included.
    end += timedelta(days=2)
    days = {"period1": int(begin.timestamp()), "period2": int(end.timestamp())}
    return get(CHART_URL + name, {**days, "interval": "1d", "events": "split"})


def _trend(get: Get, name: str) -> Any:
    params = {"modules": "earningsTrend", "formatted": "false", "symbol": name}
    return get(ESTIMATES_URL + name, params)
