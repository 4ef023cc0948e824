"""What asks Eastmoney and etnet through akshare, in a child: tables at once, else a name each.

akshare names the years of Eastmoney's forecasts after the most frequent ones, so that a row of
other years has its figures under wrong ones, and the columns of its bonus table by place; and it
drops the code that daily bars are of. So these are asked for with akshare's own request, and read
by their own fields.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import akshare
from akshare.utils.request import request_with_retry

from screener.model.messages import say
from screener.model.symbols import spelling
from screener.sources.answers import RefusalError, text
from screener.sources.bounds import bound_requests, shallow
from screener.sources.child import Emit, Message, fault_of, probe_then_all, tell
from screener.sources.eastmoney import accounts, boards, prices, tables, valuations
from screener.sources.etnet import etnet_rows
from screener.sources.lacking import KIND, contract

BARS_URL = "https://push2his.eastmoney.com/api/qt/stock/kline/get"
HONG_KONG_BARS_URL = "https://33.push2his.eastmoney.com/api/qt/stock/kline/get"
# The host that stays up: a ban of push2, which has the prices, leaves it alone.
TABLES_URL = "https://datacenter-web.eastmoney.com/api/data/v1/get"
PAGE = "500"
# Of a share's days, as akshare asks for them.
LONG_PAGE = "5000"
# Between the pages of a list, as akshare waits.
PAUSE_SECONDS = 0.5

# All of Beijing takes three requests and three seconds (2026-10): akshare sleeps between pages.
# From so many names on that is quicker than a request each, and less likely to be banned.
WHOLE_BEIJING_FROM = 30


def answer(job: Message, emit: Emit) -> None:
    """Ask for the `names` of the job in the way of its `kind`.

    By symbol: `items`, which are prices, and `names` of Hong Kong listings. By code: `daily` bars
    and `valuations` within their spans of days, `etnet`, the `industry` of a code, all `boards`,
    and the `members` of a board's. At once: `rates`, `forecasts` of codes, and `bonus` issues
    with dividends, and `accounts`, of codes since the first of their days.
    """
    kind, names = job["kind"], job["names"]
    ask = partial(tell, emit, kind, lambda name: shallow(lambda: ASKS[kind](job, name)))
    if kind in AT_ONCE:
        ask()
    elif kind == "names":
        # They matter least, and no name is worth a ban: one at a time, and none after a failure.
        for name in names:
            if not ask(name):
                break
    else:
        left = _unlisted(names, emit) if kind == "items" else names
        probe_then_all(partial(ask, is_outage=_is_outage), left)


def prepare() -> None:
    """Bound what an answer may be."""
    bound_requests()


def _is_outage(error: Exception) -> bool:
    # requests' errors are of the connection or the whole answer; any other is of this name.
    return isinstance(error, OSError)


def _item(job: Message, symbol: str) -> dict[str, Any]:
    code = spelling("akshare", symbol)
    if symbol.endswith(".HK"):
        # akshare has no quote of one Hong Kong name: the whole market takes 55 s and a ban.
        return prices.last_bar(_bars(job, HONG_KONG_BARS_URL, f"116.{code}"), str(code))
    frame = akshare.stock_individual_info_em(symbol=code, timeout=job["timeout"])
    return prices.facts(frame)


def _name(_: Message, symbol: str) -> dict[str, str]:
    """Name and year end of a Hong Kong listing, which its daily bars have not."""
    profile = akshare.stock_hk_security_profile_em(symbol=spelling("akshare", symbol))
    said = {"name": profile["证券简称"].iloc[0], "year_end": profile["年结日"].iloc[0]}
    return {"name": text(said, "name"), "year_end": str(said["year_end"] or "")}


def _rates(_job: Message, _: str) -> list[dict[str, Any]]:
    return prices.reference_rates(akshare.stock_sgt_reference_exchange_rate_sse())


def _daily(job: Message, code: str) -> list[list[Any]]:
    market = 1 if code.startswith("6") else 0
    return prices.daily_bars(_bars(job, BARS_URL, f"{market}.{code}", job["names"][code]), code)


def _bars(job: Message, url: str, secid: str, span: str = "") -> Any:
    query = prices.bars_query(secid, span)
    return request_with_retry(url, query, timeout=job["timeout"], max_retries=1).json()


def _etnet(_: Message, code: str) -> list[dict[str, Any]]:
    return etnet_rows(akshare.stock_hk_profit_forecast_et(symbol=code, indicator="综合盈利预测"))


def _bonus(job: Message, _: str) -> list[dict[str, Any]]:
    since = job["names"]
    table = tables.bonus_table(since, min(since.values()))
    return _rows(table, tables.BONUS_FIELDS, job["timeout"])


def _accounts(job: Message, _: str) -> list[dict[str, Any]]:
    since = job["names"]
    table = accounts.reports_table(since, min(since.values()))
    return _rows(table, accounts.REPORT_FIELDS, job["timeout"])


def _boards(job: Message, _: str) -> dict[str, str]:
    ask = partial(_page, job["timeout"], boards.BOARDS_URL)
    return boards.board_codes(boards.whole_list(ask, boards.boards_query()))


def _members(job: Message, board: str) -> list[dict[str, Any]]:
    ask = partial(_page, job["timeout"], boards.MEMBERS_URL)
    return boards.members(boards.whole_list(ask, boards.members_query(board)))


def _page(timeout: float, url: str, query: Mapping[str, str]) -> Any:
    if query["pn"] != "1":
        time.sleep(PAUSE_SECONDS)
    return request_with_retry(url, dict(query), timeout=timeout, max_retries=2).json()


def _industry(job: Message, code: str) -> str:
    """What board an A share is of."""
    frame = akshare.stock_individual_info_em(symbol=code, timeout=job["timeout"])
    found = dict(zip(frame["item"], frame["value"], strict=True))
    if str(found.get("股票代码")) != code:
        raise RefusalError(
            say("{source} answers with {code}", source="Eastmoney", code=found.get("股票代码"))
        )
    return text(found, "行业")


def _valuations(job: Message, code: str) -> list[dict[str, Any]]:
    table = valuations.valuation_table(code, job["names"][code])
    return _rows(table, valuations.VALUATION_FIELDS, job["timeout"], page_size=LONG_PAGE)


def _baidu(metric: str, job: Message, code: str) -> list[list[Any]]:
    today = datetime.now(UTC).date()
    frame = akshare.stock_hk_valuation_baidu(
        symbol=code,
        indicator=valuations.INDICATORS[metric],
        period=valuations.period_of(job["names"][code], today),
    )
    return valuations.series(frame.to_dict("records"))


def _forecasts(job: Message, _: str) -> list[dict[str, Any]]:
    return _rows(tables.forecast_table(job["names"]), tables.FORECAST_FIELDS, job["timeout"])


# What of the library is called, with which parameters.
FUNCTIONS = {
    "akshare.stock_individual_info_em": ("symbol", "timeout"),
    "akshare.stock_hk_security_profile_em": ("symbol",),
    "akshare.stock_sgt_reference_exchange_rate_sse": (),
    "akshare.stock_hk_profit_forecast_et": ("symbol", "indicator"),
    "akshare.stock_hk_valuation_baidu": ("symbol", "indicator", "period"),
    "akshare.stock_bj_a_spot_em": (),
    "akshare.utils.request.request_with_retry": ("url", "params", "timeout", "max_retries"),
}

AT_ONCE = (KIND, "rates", "bonus", "accounts", "forecasts")
ASKS: Mapping[str, Callable[[Message, str], Any]] = {
    KIND: lambda *_: contract("akshare", FUNCTIONS),
    "items": _item,
    "names": _name,
    "rates": _rates,
    "daily": _daily,
    "etnet": _etnet,
    "bonus": _bonus,
    "accounts": _accounts,
    "boards": _boards,
    "members": _members,
    "industry": _industry,
    "valuations": _valuations,
    "baidu_pe_ttm": partial(_baidu, "pe_ttm"),
    "baidu_pb": partial(_baidu, "pb"),
    "forecasts": _forecasts,
}


def _unlisted(symbols: Collection[str], emit: Emit) -> list[str]:
    """The symbols that are to be asked one by one: all, but for many of Beijing at once."""
    beijing = [symbol for symbol in symbols if symbol.endswith(".BJ")]
    if len(beijing) < WHOLE_BEIJING_FROM:
        return list(symbols)
    try:
        items = shallow(lambda: prices.whole_list(akshare.stock_bj_a_spot_em()))
    except Exception as error:  # noqa: BLE001 - whatever the library raises is an answer
        emit({**fault_of(error), "kind": "items", "symbol": "", "outage": True})
        return list(symbols)
    for symbol, item in items.items():
        emit({"kind": "items", "symbol": symbol, "answer": item})
    return [symbol for symbol in symbols if symbol not in items]


def _rows(
    table: Mapping[str, str], fields: Sequence[str], timeout: float, page_size: str = PAGE
) -> list[dict[str, Any]]:
    """All rows of a table, with these fields, over all its pages."""
    params = {**table, "pageSize": page_size, "source": "WEB", "client": "WEB"}
    rows: list[dict[str, Any]] = []
    pages = page = 1
    while page <= pages:
        numbered = {**params, "pageNumber": str(page)}
        reply = request_with_retry(TABLES_URL, numbered, timeout=timeout, max_retries=2)
        found, pages, count = tables.table_page(reply.json(), fields)
        rows += found
        page += 1
    # A page that comes back empty, or is page 1 again, is no error to anybody else.
    if len(rows) != count:
        raise RefusalError(
            say("Eastmoney announces {count} rows, and sends {rows}", count=count, rows=len(rows))
        )
    return rows
