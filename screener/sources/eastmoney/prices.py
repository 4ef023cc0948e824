"""Eastmoney through akshare: a request a name, for Beijing and as the second source elsewhere.

A-share names come with their code and name, which are compared with those asked for, but without
a time: a price is dated with the last moment the market traded. Hong Kong prices come as daily
bars, with a day; their names are asked for beside them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from screener.model.calendars import last_trade
from screener.model.messages import say
from screener.model.records import Quote, Rate
from screener.model.symbols import currency_of, exchange_of, spelling
from screener.sources.answers import RefusalError, live_quote, number, text
from screener.sources.child import Emit, Message, fault_of, probe_then_all

# All of Beijing takes three requests and three seconds; from so many names on that is quicker.
WHOLE_BEIJING_FROM = 30

SOURCE = "Eastmoney"


def answer(job: Message, emit: Emit) -> None:
    """In the child: ask for each of `symbols`, and for the Hong Kong rate where `rates` says so.

    `names` are Hong Kong listings whose names are wanted. Emits `{"symbol": …, "item": …}` a
    price, `{"symbol": …, "name": …}` a name, `{"rates": […]}`, or `{"error": …}` for a failure.
    The first name is asked alone: where it fails, the source is out, and the others are not tried.
    """
    import warnings

    import akshare

    warnings.simplefilter("ignore")
    if job.get("rates"):
        _emit_rates(akshare, emit)
    for symbol in job.get("names", ()):
        if not _emit_name(akshare, symbol, emit):
            break

    def ask(symbol: str) -> bool:
        try:
            emit({"symbol": symbol, "item": _item(akshare, symbol, job["timeout"])})
        except Exception as error:  # noqa: BLE001 - whatever the library raises is an answer
            # requests' errors are of the connection or the whole answer; any other is of this name.
            is_outage = isinstance(error, OSError)
            emit({**fault_of(error), "symbol": symbol, "outage": is_outage})
            return not is_outage
        return True

    symbols: Sequence[str] = job["symbols"]
    beijing = [symbol for symbol in symbols if symbol.endswith(".BJ")]
    if len(beijing) >= WHOLE_BEIJING_FROM:
        listed = _whole_beijing(akshare, emit)
        symbols = [symbol for symbol in symbols if symbol not in listed]
    probe_then_all(ask, symbols)


def _item(akshare: Any, symbol: str, timeout: float) -> dict[str, Any]:
    code = spelling("akshare", symbol)
    if symbol.endswith(".HK"):
        return last_bar(akshare.stock_hk_hist(symbol=code))
    return facts(akshare.stock_individual_info_em(symbol=code, timeout=timeout))


def _emit_name(akshare: Any, symbol: str, emit: Emit) -> bool:
    """The name of a Hong Kong listing, which its daily bars have not; whether it was to be had."""
    code = spelling("akshare", symbol)
    try:
        profile = akshare.stock_hk_security_profile_em(symbol=code)
        name = text({"name": profile["证券简称"].iloc[0]}, "name")
    except Exception as error:  # noqa: BLE001 - whatever the library raises is an answer
        emit({**fault_of(error), "name_of": symbol})
        return False
    emit({"symbol": symbol, "name": name})
    return True


def _emit_rates(akshare: Any, emit: Emit) -> None:
    try:
        emit({"rates": reference_rates(akshare.stock_sgt_reference_exchange_rate_sse())})
    except Exception as error:  # noqa: BLE001 - whatever the library raises is an answer
        emit({**fault_of(error), "symbol": "HKD/CNY"})


def _whole_beijing(akshare: Any, emit: Emit) -> set[str]:
    """Ask for all of Beijing at once, and say which names came; the others are asked one by one."""
    try:
        items = whole_list(akshare.stock_bj_a_spot_em())
    except Exception as error:  # noqa: BLE001 - whatever the library raises is an answer
        emit(fault_of(error))
        return set()
    for symbol, item in items.items():
        emit({"symbol": symbol, "item": item})
    return set(items)


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


def last_bar(frame: Any) -> dict[str, Any]:
    """Day and close of the last daily bar. Raises RefusalError where there is none."""
    if not len(frame):
        raise RefusalError(say("Eastmoney has no bars for it"))
    bar = frame.iloc[-1]
    # akshare names the figures of a bar by place: in another order they would not fit together.
    if not bar["最低"] <= bar["收盘"] <= bar["最高"]:
        raise RefusalError(say("its last bar closes outside its own range: the order has changed"))
    return {"day": str(bar["日期"]), "price": _plain(bar["收盘"])}


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
        traded = datetime.combine(_day(item), exchange.close)
        market_time = min(traded.replace(tzinfo=exchange.zone), now)
    else:
        code = text(item, "code")
        if code != spelling("akshare", symbol):
            raise RefusalError(say("{source} answers with {code}", source=SOURCE, code=code))
        market_time = last_trade(symbol, now)
    return live_quote(
        symbol,
        price=number(item, "price"),
        # Eastmoney names no currency: its tables are in the listing's own.
        currency=currency_of(symbol),
        market_time=market_time,
        now=now,
        source=SOURCE,
        obtained="live" if market_time == now else "close",
    )


def _day(item: Mapping[str, Any]) -> date:
    try:
        return date.fromisoformat(text(item, "day"))
    except ValueError:
        raise RefusalError(
            say("{source} dates its last bar {found}", source=SOURCE, found=repr(item["day"]))
        ) from None


def rate(items: Sequence[Mapping[str, Any]], now: datetime) -> Rate | None:
    """The middle of the newest reference rate that holds by now; None where there is none."""
    zone = exchange_of("0700.HK").zone
    usable = []
    for item in items:
        try:
            day = datetime.fromisoformat(text(item, "day")).replace(tzinfo=zone)
            middle = (number(item, "buy") + number(item, "sell")) / 2
        except ValueError:
            continue
        if day <= now and middle > 0:
            usable.append(Rate("HKD", "CNY", middle, day, "Shanghai Stock Exchange"))
    return max(usable, key=lambda each: each.market_time, default=None)
