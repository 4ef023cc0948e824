"""Prices of Eastmoney, for Beijing and as the second source elsewhere.

A-share names come with their code and name, which are compared with those asked for, but without
a time: a price is dated with the last moment the market traded. Hong Kong prices come as daily
bars, with a day; their names are asked for beside them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from screener.model.calendars import last_trade
from screener.model.messages import say
from screener.model.records import Quote, Rate
from screener.model.symbols import currency_of, exchange_of, spelling
from screener.sources.answers import RefusalError, day, live_quote, number, text
from screener.sources.vendors import EASTMONEY


def whole_list(frame: Any) -> dict[str, dict[str, Any]]:
    """Code, name and last price of every Beijing name that a whole-market table holds once.

    Columns are found by name, and must hold what they are named after: akshare names them by
    place, so an answer in another order would put one figure under another's name. Raises
    RefusalError for such a table.
    """
    codes = [str(code) for code in frame["代码"]]
    beijing = [code for code in codes if re.fullmatch(r"(920|8|4)\d+", code) and len(code) == 6]
    named = [name for name in frame["名称"] if isinstance(name, str) and not name.isascii()]
    if len(beijing) < 0.9 * len(codes) or len(named) < 0.9 * len(codes):
        raise RefusalError(
            say("its table has other figures under 代码 or 名称: the order has changed")
        )
    items = {}
    for code, name, price in zip(codes, frame["名称"], frame["最新价"], strict=True):
        if code in beijing and codes.count(code) == 1:
            items[f"{code}.BJ"] = {"code": code, "name": name, "price": _plain(price)}
    return items


def facts(frame: Any) -> dict[str, Any]:
    """Code, name and last price of an A share, each found by its label."""
    found = dict(zip(frame["item"], frame["value"], strict=True))
    keys = {"code": "股票代码", "name": "股票简称", "price": "最新"}
    return {key: _plain(found.get(name)) for key, name in keys.items()}


def reference_rates(frame: Any) -> list[dict[str, Any]]:
    """Buying and selling rates of the Hong Kong dollar in CNY, by the day they hold for."""
    return [
        {
            "day": str(row["适用日期"]),
            "buy": _plain(row["参考汇率买入价"]),
            "sell": _plain(row["参考汇率卖出价"]),
        }
        for row in frame.to_dict("records")[-10:]
    ]


def _plain(value: Any) -> Any:
    # numpy's numbers are not JSON's.
    return value.item() if hasattr(value, "item") else value


def quote(item: Mapping[str, Any], symbol: str, now: datetime) -> Quote:
    """The quote that one item holds. Raises RefusalError where it is none, or another's."""
    exchange = exchange_of(symbol)
    if "day" in item:
        fault = say(
            "{source} dates its last bar {found}", source=EASTMONEY, found=repr(item["day"])
        )
        traded = datetime.combine(day(item, "day", fault), exchange.close)
        market_time = min(traded.replace(tzinfo=exchange.zone), now)
    else:
        code = text(item, "code")
        if code != spelling("akshare", symbol):
            raise RefusalError(say("{source} answers with {code}", source=EASTMONEY, code=code))
        market_time = last_trade(symbol, now)
    return live_quote(
        symbol,
        price=number(item, "price"),
        # Eastmoney names no currency: its tables are in the listing's own.
        currency=currency_of(symbol),
        market_time=market_time,
        now=now,
        source=EASTMONEY,
        obtained="live" if market_time == now else "close",
    )


def rate(items: Sequence[Mapping[str, Any]], now: datetime) -> Rate | None:
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
