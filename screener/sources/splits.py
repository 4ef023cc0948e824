"""Splits and bonus issues, asked of Eastmoney and Yahoo."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from screener.model.calendars import last_trade
from screener.model.messages import message_of, say
from screener.model.problems import Problem
from screener.model.records import Lookup, Split
from screener.sources.answers import RefusalError
from screener.sources.asking import Asker, codes_of, spelled
from screener.sources.child import Children
from screener.sources.eastmoney import tables
from screener.sources.network import network_is_there
from screener.sources.vendors import EASTMONEY, YAHOO
from screener.sources.yahoo import charts


@dataclass
class Splits:
    """The splits found, which days of which symbols are known by that, and what failed."""

    splits: list[Split] = field(default_factory=list)
    lookups: list[Lookup] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def look_up_splits(
    children: Children,
    since: Mapping[str, date],
    doubted: Iterable[str],
    now: datetime,
    timeout: float,
    out: Collection[str] = (),
) -> Splits:
    """The splits of symbols since their days, up to the last day their market traded.

    The mainland's are asked of Eastmoney in one request, Hong Kong's of Yahoo in one each. Those
    that Eastmoney has a split of, that it leaves open, and those that are `doubted` are asked of
    Yahoo too. A source that is `out` is not asked.
    """
    found = Splits()
    codes = codes_of(since, now)
    if not codes:
        return found
    if not network_is_there():
        message = say("no connection: splits are not looked up")
        found.problems.append(Problem("source_out", "network", message))
        return found
    until = {symbol: last_trade(code, now).date() for symbol, code in codes.items()}
    mainland = {symbol: code for symbol, code in codes.items() if not symbol.endswith(".HK")}
    hong_kong = {symbol: code for symbol, code in codes.items() if symbol.endswith(".HK")}
    with Asker(children, timeout, out) as asker:
        _ask_yahoo(asker, found, hong_kong, since, until)
        if mainland:
            _ask_eastmoney(asker, found, mainland, since, until)
        asker.listen()
        open_to_doubt = {split.symbol for split in found.splits}.union(
            doubted, mainland.keys() - {lookup.symbol for lookup in found.lookups}
        )
        second = {symbol: code for symbol, code in mainland.items() if symbol in open_to_doubt}
        _ask_yahoo(asker, found, second, since, until)
        asker.listen()
        found.problems += asker.outages(say("splits"))
    return found


def _ask_yahoo(
    asker: Asker,
    found: Splits,
    codes: Mapping[str, str],
    since: Mapping[str, date],
    until: Mapping[str, date],
) -> None:
    symbols = spelled("yahoo", codes)

    def take(name: str, events: Any) -> None:
        symbol = symbols[name]
        try:
            splits = charts.splits(events, symbol)
        except RefusalError as refusal:
            found.problems.append(Problem("splits_unknown", symbol, message_of(refusal), symbol))
            return
        found.splits += splits
        found.lookups.append(Lookup(symbol, YAHOO, since[symbol], until[symbol]))

    days = {name: since[symbol].isoformat() for name, symbol in symbols.items()}
    asker.ask(YAHOO, "splits", days, take)


def _ask_eastmoney(
    asker: Asker,
    found: Splits,
    codes: Mapping[str, str],
    since: Mapping[str, date],
    until: Mapping[str, date],
) -> None:
    symbols = spelled("akshare", codes)
    earliest = min(since[symbol] for symbol in codes)

    def take(_: str, rows: Any) -> None:
        try:
            found.splits += tables.splits(rows, symbols)
        except RefusalError as refusal:
            found.problems.append(Problem("source_out", EASTMONEY, message_of(refusal)))
            return
        found.lookups += [Lookup(symbol, EASTMONEY, earliest, until[symbol]) for symbol in codes]

    asker.ask(EASTMONEY, "bonus", dict.fromkeys(symbols, earliest.isoformat()), take)
