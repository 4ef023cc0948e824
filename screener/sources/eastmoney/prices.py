"""Prices of Eastmoney, for Beijing and as the second source elsewhere, and its daily bars.

A-share names come with their code and name, which are compared with those asked for, but without
a time: a price is dated with the last moment the market traded. Hong Kong prices come as daily
bars, with a day; their names are asked for beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from screener.model.calendars import close_of, last_trade
from screener.model.messages import Sentence, say
from screener.model.records import Quote, Rate
from screener.model.symbols import currency_of, exchange_of, spelling
from screener.sources.answers import Item, Items, RefusalError, day, live_quote, number, text
from screener.sources.vendors import EASTMONEY

# Beijing's codes: 920xxx since 2025-10-09, and the ones before, which its list still has.
_BEIJING = re.compile(r"920\d{3}|[84]\d{5}")
# The list has junk in it, too: of right columns most rows, not all, hold what they are named after.
LEAST_FITTING = 0.9


def whole_list(frame: Any) -> dict[str, dict[str, Any]]:
    """Code, name and last price of every Beijing name that a whole-market table holds once.

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
        f"{code}.BJ": {"code": code, "name": name, "price": _plain(price)}
        for code, name, price in zip(codes, names, frame["最新价"], strict=True)
        if beijing.count(code) == 1
    }


def facts(frame: Any) -> dict[str, Any]:
    """Code, name, last price and market cap of an A share, each found by its label."""
    found = dict(zip(frame["item"], frame["value"], strict=True))
    keys = {"code": "股票代码", "name": "股票简称", "price": "最新", "market_cap": "总市值"}
    return {key: _plain(found.get(label)) for key, label in keys.items()}


def daily_bars(frame: Any) -> list[list[Any]]:
    """Day and close of each bar. Raises RefusalError where the figures do not fit together."""
    if not len(frame):
        return []
    return _bars(frame, say("its bars close outside their own range: the order has changed"))


def last_bar(frame: Any) -> dict[str, Any]:
    """Day and close of the last daily bar. Raises RefusalError where there is none."""
    if not len(frame):
        raise RefusalError(say("Eastmoney has no bars for it"))
    fault = say("its last bar closes outside its own range: the order has changed")
    ((day, close),) = _bars(frame.tail(1), fault)
    return {"day": day, "price": close}


def _bars(frame: Any, fault: Sentence) -> list[list[Any]]:
    # akshare names the figures of a bar by place: in another order they would not fit together.
    if not ((frame["最低"] <= frame["收盘"]) & (frame["收盘"] <= frame["最高"])).all():
        raise RefusalError(fault)
    return [
        [str(day), float(close)] for day, close in zip(frame["日期"], frame["收盘"], strict=True)
    ]


def bar_days(bars: Sequence[Sequence[Any]], _: str) -> Iterator[tuple[date, Any]]:
    """Day and close of each bar."""
    return ((date.fromisoformat(day), close) for day, close in bars)


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
        dated_by="day" if "day" in item else "nothing",
    )


def _market_time(item: Item, symbol: str, now: datetime) -> datetime:
    if "day" not in item:
        # akshare lets another stock's answer pass: the code in it is the proof that it is not.
        code = text(item, "code")
        if code != spelling("akshare", symbol):
            raise RefusalError(say("{source} answers with {code}", source=EASTMONEY, code=code))
        return last_trade(symbol, now)
    fault = say("{source} dates its last bar {found}", source=EASTMONEY, found=repr(item["day"]))
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
            since = datetime.fromisoformat(text(item, "day")).replace(tzinfo=zone)
            middle = (number(item, "buy") + number(item, "sell")) / 2
        except ValueError:
            continue
        if since <= now and middle > 0:
            usable.append(Rate("HKD", "CNY", middle, since, "Shanghai Stock Exchange"))
    return max(usable, key=lambda found: found.market_time, default=None)
