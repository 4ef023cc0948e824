"""Daily closes, asked of Yahoo and, for Beijing, of Eastmoney."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from screener.model.calendars import last_trade
from screener.model.messages import Sentence, say
from screener.model.problems import Problem
from screener.model.records import Close, Lookup
from screener.sources.answers import RefusalError, is_final
from screener.sources.asking import Asker, codes_of, spelled
from screener.sources.child import Children
from screener.sources.eastmoney import bars
from screener.sources.network import network_is_there
from screener.sources.vendors import EASTMONEY, YAHOO
from screener.sources.yahoo import charts


@dataclass
class Closes:
    """The daily closes found, which days are known by that; why a symbol has none; what failed.

    A source that has no new close of a symbol has answered, too.
    """

    closes: list[Close] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    lookups: list[Lookup] = field(default_factory=list)
    reasons: dict[str, list[Sentence]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def fetch_closes(
    children: Children, since: Mapping[str, date], now: datetime, timeout: float
) -> Closes:
    """The closes of symbols from their days on, or the reasons why there are none.

    Beijing's come from Eastmoney, as they were traded; all others from Yahoo, per share of now.
    """
    found = Closes()
    codes = codes_of(since, now)
    if codes and not network_is_there():
        message = say("no connection: no history is fetched")
        found.problems.append(Problem("source_out", "network", message))
        return found
    of_yahoo = spelled("yahoo", codes)
    others = {symbol: code for symbol, code in codes.items() if symbol not in of_yahoo.values()}
    of_eastmoney = spelled("akshare", others)
    with Asker(children, timeout) as asker:
        _ask_closes(asker, found, YAHOO, "closes", of_yahoo, charts.days, since, now)
        _ask_closes(asker, found, EASTMONEY, "daily", of_eastmoney, bars.days, since, now)
        asker.listen()
        found.problems += asker.outages(say("history"))
    for symbol in codes.keys() - found.answered - found.reasons.keys():
        found.reasons[symbol] = [say("no source answered for it")]
    return found


def _ask_closes(
    asker: Asker,
    found: Closes,
    source: str,
    kind: str,
    symbols: Mapping[str, str],
    days_of: Callable[[Any, str], Iterable[tuple[date, Any]]],
    since: Mapping[str, date],
    now: datetime,
) -> None:
    def take(name: str, answer: Any) -> None:
        symbol = symbols[name]
        closes = _closes(days_of(answer, symbol), symbol, source, now)
        found.answered.add(symbol)
        found.closes += closes
        # The last day is known only if its close was there.
        until = max((close.day for close in closes), default=None)
        if until is not None:
            found.lookups.append(Lookup(symbol, source, since[symbol], until))

    def refuse(name: str, why: Sentence) -> None:
        found.reasons.setdefault(symbols[name], []).append(why)

    days = {name: since[symbol].isoformat() for name, symbol in symbols.items()}
    asker.ask(source, kind, days, take, refuse)


def _closes(
    days: Iterable[tuple[date, Any]], symbol: str, source: str, now: datetime
) -> list[Close]:
    """The closes of days that are over; None is a day without a trade. Raises RefusalError."""
    traded = last_trade(symbol, now)
    found: dict[date, Close] = {}
    for day, close in days:
        if close is None or not is_final(day, traded, now):
            continue
        if not (math.isfinite(close) and close > 0):
            raise RefusalError(
                say("{source} has a close of {close} on {day}", source=source, close=close, day=day)
            )
        # Yahoo adjusts its closes for splits, not for dividends; Eastmoney's are as traded.
        per_share_of = traded.date() if source == YAHOO else day
        found[day] = Close(symbol, day, float(close), per_share_of, source)
    return list(found.values())
