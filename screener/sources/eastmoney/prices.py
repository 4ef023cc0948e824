"""Prices of Eastmoney, for Beijing and as the second source elsewhere, and its daily bars.

A-share names come with their code and name, which are compared with those asked for, but without
a time: a price is dated with the last moment the market traded. Hong Kong prices come as daily
bars, with a day; their names are asked for beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

from screener.model.calendars import close_of, last_trade
from screener.model.extents import MARKET_CAP, PRICE, RATE, SHARES
from screener.model.messages import NOTHING, say
from screener.model.records import Quote, Rate
from screener.model.symbols import currency_of, exchange_of, spelling
from screener.sources.answers import (
    Item,
    Items,
    RefusalError,
    code_shown,
    day,
    figure,
    live_quote,
    number,
    part,
    shown,
    text,
)
from screener.sources.vendors import EASTMONEY

# Beijing's codes: 920xxx since 2025-10-09, and the ones before, which its list still has.
_BEIJING = re.compile(r"920\d{3}|[84]\d{5}")
# The list has junk in it, too: of right columns most rows, not all, hold what they are named after.
LEAST_FITTING = 0.9


def whole_list(frame: Any) -> dict[str, dict[str, Any]]:
    """Code, name, last price and market cap of every Beijing name that a whole-market table holds
    once.

    Columns are found by name, and must hold what they are named after: akshare names them by
    place, so an answer in another order would put one figure under another's name. Raises
    RefusalError for such a table.
    """
    codes, names = [str(code) for code in frame["代码"]], list(frame["名称"])
    beijing = [code for code in codes if _BEIJING.fullmatch(code)]
    named = [name for name in names if isinstance(name, str) and not name.isascii()]
    if min(len(beijing), len(named)) < LEAST_FITTING * len(codes):
        raise RefusalError(
            say("its table has other figures under 代码 or 名称: the order has changed")
        )
    # Pages of a list that moves meanwhile may repeat a row, at another price: neither is sure.
    return {
        f"{code}.BJ": {
            "code": code,
            "name": name,
            "price": _plain(price),
            "market_cap": _plain(cap),
        }
        for code, name, price, cap in zip(
            codes, names, frame["最新价"], frame["总市值"], strict=True
        )
        if beijing.count(code) == 1
    }


def facts(frame: Any) -> dict[str, Any]:
    """Code, name, last price and market cap of an A share, each found by its label."""
    found = dict(zip(frame["item"], frame["value"], strict=True))
    keys = {"code": "股票代码", "name": "股票简称", "price": "最新", "market_cap": "总市值"}
    return {key: _plain(found.get(label)) for key, label in keys.items()}


def bars_query(secid: str, span: str = "") -> dict[str, str]:
    """How the daily bars of a share are asked for: all, or those within a span of days."""
    begin, _, end = span.replace("-", "").partition("/")
    return {
        "secid": secid,
        "fields1": "f1,f2,f3,f4,f5,f6",
        "fields2": "f51,f52,f53,f54,f55,f56,f57,f58,f59,f60,f61",
        "klt": "101",
        "fqt": "0",
        "end": end or "20500000",
        **({"beg": begin} if begin else {"lmt": "1000000"}),
    }


def daily_bars(body: Any, code: str) -> list[list[Any]]:
    """Day and close of each bar of a code.

    Raises RefusalError for another code's bars, and where the figures do not fit together.
    """
    data = part(body, "data")
    if not data:
        return []
    # akshare drops it, and another share's bars would pass for these.
    if data.get("code") != code:
        found = code_shown(data.get("code"))
        raise RefusalError(say("{source} answers with {code}", source=EASTMONEY, code=found))
    lines = data.get("klines") or []
    if not isinstance(lines, list):
        raise RefusalError(say("Eastmoney has a bar that is {found}", found=shown(lines)))
    return [_bar(line) for line in lines]


def last_bar(body: Any, code: str) -> dict[str, Any]:
    """Day and close of the last daily bar of a code. Raises RefusalError where there is none."""
    lines = part(body, "data").get("klines")
    kept = lines[-1:] if isinstance(lines, list) else lines
    bars = daily_bars({"data": {**part(body, "data"), "klines": kept}}, code)
    if not bars:
        raise RefusalError(say("Eastmoney has no bars for it"))
    ((day, close),) = bars
    return {"day": day, "price": close}


def _bar(line: Any) -> list[Any]:
    """Day and close of a line of a bar: its figures stand by place."""
    cells = line.split(",") if isinstance(line, str) else []
    try:
        _, close, high, low = map(float, cells[1:5])
    except ValueError:
        fault = say("Eastmoney has a bar that is {found}", found=shown(line))
        raise RefusalError(fault) from None
    # In another order they would not fit together.
    if not low <= close <= high:
        raise RefusalError(say("a bar of it closes outside its own range: the order has changed"))
    return [cells[0], close]


def bar_days(bars: Sequence[Sequence[Any]], _: str) -> Iterator[tuple[date, Any]]:
    """Day and close of each bar. Raises RefusalError for one of no day."""
    for dated, close in bars:
        fault = say("{source} dates a bar {found}", source=EASTMONEY, found=shown(dated))
        yield day({"day": dated}, "day", fault), close


def reference_rates(frame: Any) -> list[dict[str, Any]]:
    """Buying and selling rates of the Hong Kong dollar in CNY, by the day they hold for."""
    keys = {"buy": "参考汇率买入价", "sell": "参考汇率卖出价"}
    # The table goes back for years; ten days of trading reach over the longest holidays.
    return [
        {"day": str(row["适用日期"])} | {key: _plain(row[label]) for key, label in keys.items()}
        for row in frame.to_dict("records")[-10:]
    ]


def _plain(value: Any) -> Any:
    # numpy's numbers are not JSON's.
    return value.item() if hasattr(value, "item") else value


def quote(item: Item, symbol: str, now: datetime) -> Quote:
    """The quote that one item holds. Raises RefusalError where it is none, or another's."""
    market_time = _market_time(item, symbol, now)
    return live_quote(
        symbol,
        price=number(item, "price"),
        # Eastmoney names no currency: its tables are in the listing's own.
        currency=currency_of(symbol),
        market_time=market_time,
        now=now,
        source=EASTMONEY,
        obtained="live" if market_time == now else "close",
        shares=_shares(item, symbol),
        dated_by="day" if "day" in item else "nothing",
    )


def _shares(item: Item, symbol: str) -> float | None:
    """How many shares the market cap of a Beijing name is of.

    Elsewhere Yahoo counts, and of shares of two classes Eastmoney may mean others by it.
    """
    cap, price = figure(item, "market_cap", MARKET_CAP), figure(item, "price", PRICE)
    if not (cap and price and symbol.endswith(".BJ")):
        return None
    shares = cap / price
    return shares if SHARES.holds(shares) else None


def _market_time(item: Item, symbol: str, now: datetime) -> datetime:
    if "day" not in item:
        # akshare lets another stock's answer pass: the code in it is the proof that it is not.
        code = text(item, "code")
        if code != spelling("akshare", symbol):
            raise RefusalError(
                say("{source} answers with {code}", source=EASTMONEY, code=code_shown(code))
            )
        return last_trade(symbol, now)
    fault = say("{source} dates its last bar {found}", source=EASTMONEY, found=shown(item["day"]))
    traded, today = day(item, "day", fault), now.astimezone(exchange_of(symbol).zone).date()
    if traded > today:
        raise RefusalError(fault)
    # Today's bar grows until the close, so while the market trades it is of now.
    return min(close_of(symbol, traded), now)


def rate(items: Items, now: datetime) -> Rate | None:
    """The middle of the newest reference rate that holds by now; None where there is none."""
    zone = exchange_of("0700.HK").zone
    usable = []
    for item in items:
        try:
            dated = day(item, "day", NOTHING)
            middle = (number(item, "buy", RATE) + number(item, "sell", RATE)) / 2
        except RefusalError:
            continue
        since = datetime.combine(dated, time(), zone)
        if since <= now:
            usable.append(Rate("HKD", "CNY", middle, since, "Shanghai Stock Exchange"))
    return max(usable, key=lambda found: found.market_time, default=None)


def year_end(said: Item) -> str:
    """The month and day that a company says its year ends on, as MM-DD; empty for anything else."""
    stated = said.get("year_end")
    if not isinstance(stated, str) or not re.fullmatch(r"\d\d-\d\d", stated, re.ASCII):
        return ""
    try:
        # Of a leap year: 02-29 is a day.
        date.fromisoformat(f"2024-{stated}")
    except ValueError:
        return ""
    return stated
