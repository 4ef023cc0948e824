"""What asks Eastmoney and etnet through akshare, in a child: tables at once, else a name each.

akshare names the years of Eastmoney's forecasts after the most frequent ones, so that a row of
other years has its figures under wrong ones, and the columns of its bonus table by place. So
both tables are asked for with akshare's own request, and each row is read by its own fields.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from itertools import takewhile
from typing import Any

from screener.model.messages import say
from screener.model.symbols import spelling
from screener.sources.answers import RefusalError, text
from screener.sources.child import Emit, Message, fault_of, probe_then_all, tell
from screener.sources.eastmoney.bars import daily_bars, last_bar
from screener.sources.eastmoney.prices import facts, reference_rates, whole_list
from screener.sources.eastmoney.tables import (
    BONUS_FIELDS,
    FORECAST_FIELDS,
    bonus_table,
    forecast_table,
    table_page,
)
from screener.sources.etnet import etnet_rows

TABLES_URL = "https://datacenter-web.eastmoney.com/api/data/v1/get"

PAGE = "500"

# All of Beijing takes three requests and three seconds; from so many names on that is quicker.
WHOLE_BEIJING_FROM = 30


def answer(job: Message, emit: Emit) -> None:
    """Ask for the `names` of the job in the way of its `kind`.

    By symbol: `items`, which are prices, and `names` of Hong Kong listings. By code: `daily` bars
    since their days, and `etnet`. At once: `rates`, `forecasts` of codes, and `bonus` issues of
    codes since the first of their days.
    """
    import warnings

    import akshare

    warnings.simplefilter("ignore")
    kind, names, timeout = job["kind"], job["names"], job["timeout"]
    asks: Mapping[str, Callable[[str], Any]] = {
        "rates": partial(_rates, akshare),
        "bonus": partial(_bonus, names, timeout),
        "forecasts": partial(_forecasts, names, timeout),
        "names": partial(_name, akshare),
        "items": partial(_item, akshare, timeout),
        "daily": partial(_daily, akshare, names, timeout),
        "etnet": partial(_etnet, akshare),
    }
    ask = partial(tell, emit, kind, asks[kind])
    if kind in ("rates", "bonus", "forecasts"):
        ask()
    elif kind == "names":
        # One after the other, and no more of them after one that fails.
        list(takewhile(ask, names))
    else:
        left = _unlisted(akshare, names, emit) if kind == "items" else names
        probe_then_all(partial(ask, is_outage=_is_outage), left)


def _is_outage(error: Exception) -> bool:
    # requests' errors are of the connection or the whole answer; any other is of this name.
    return isinstance(error, OSError)


def _item(akshare: Any, timeout: float, symbol: str) -> dict[str, Any]:
    code = spelling("akshare", symbol)
    if symbol.endswith(".HK"):
        return last_bar(akshare.stock_hk_hist(symbol=code))
    return facts(akshare.stock_individual_info_em(symbol=code, timeout=timeout))


def _name(akshare: Any, symbol: str) -> str:
    """The name of a Hong Kong listing, which its daily bars have not."""
    profile = akshare.stock_hk_security_profile_em(symbol=spelling("akshare", symbol))
    return text({"name": profile["证券简称"].iloc[0]}, "name")


def _rates(akshare: Any, _: str) -> list[dict[str, Any]]:
    return reference_rates(akshare.stock_sgt_reference_exchange_rate_sse())


def _daily(akshare: Any, since: Mapping[str, str], timeout: float, code: str) -> list[list[Any]]:
    begin = since[code].replace("-", "")
    return daily_bars(akshare.stock_zh_a_hist(symbol=code, start_date=begin, timeout=timeout))


def _etnet(akshare: Any, code: str) -> list[dict[str, Any]]:
    return etnet_rows(akshare.stock_hk_profit_forecast_et(symbol=code, indicator="综合盈利预测"))


def _unlisted(akshare: Any, symbols: Collection[str], emit: Emit) -> list[str]:
    """The symbols that are to be asked one by one: all, but for many of Beijing at once."""
    beijing = [symbol for symbol in symbols if symbol.endswith(".BJ")]
    if len(beijing) < WHOLE_BEIJING_FROM:
        return list(symbols)
    try:
        items = whole_list(akshare.stock_bj_a_spot_em())
    except Exception as error:  # noqa: BLE001 - whatever the library raises is an answer
        emit({**fault_of(error), "kind": "items", "symbol": "", "outage": True})
        return list(symbols)
    for symbol, item in items.items():
        emit({"kind": "items", "symbol": symbol, "answer": item})
    return [symbol for symbol in symbols if symbol not in items]


def _bonus(since: Mapping[str, str], timeout: float, _: str) -> list[dict[str, Any]]:
    return _rows(bonus_table(since, min(since.values())), BONUS_FIELDS, timeout)


def _forecasts(codes: Collection[str], timeout: float, _: str) -> list[dict[str, Any]]:
    return _rows(forecast_table(codes), FORECAST_FIELDS, timeout)


def _rows(table: Mapping[str, str], fields: Sequence[str], timeout: float) -> list[dict[str, Any]]:
    """All rows of a table, with these fields, over all its pages."""
    from akshare.utils.request import request_with_retry

    params = {**table, "pageSize": PAGE, "source": "WEB", "client": "WEB"}
    rows: list[dict[str, Any]] = []
    pages = page = 1
    while page <= pages:
        numbered = {**params, "pageNumber": str(page)}
        reply = request_with_retry(TABLES_URL, numbered, timeout=timeout, max_retries=2)
        found, pages, count = table_page(reply.json(), fields)
        rows += found
        page += 1
    if len(rows) != count:
        raise RefusalError(
            say("Eastmoney announces {count} rows, and sends {rows}", count=count, rows=len(rows))
        )
    return rows
