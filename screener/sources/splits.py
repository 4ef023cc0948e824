"""Splits and bonus issues, asked of Eastmoney and Yahoo."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from screener.model.calendars import last_trade
from screener.model.messages import say
from screener.model.problems import Problem
from screener.model.records import Lookup, Split
from screener.sources.answers import RefusalError
from screener.sources.asking import Asker, Codes, Days, by_market, codes_of, spelled
from screener.sources.child import Children
from screener.sources.eastmoney import tables
from screener.sources.network import no_network
from screener.sources.vendors import EASTMONEY, YAHOO
from screener.sources.yahoo import prices


@dataclass
class Splits:
    """The splits found, which days of which symbols are known by that, and what failed."""

    splits: list[Split] = field(default_factory=list)
    lookups: list[Lookup] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def look_up_splits(
    children: Children,
    since: Days,
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
    codes = codes_of(since, now)
    if codes and (unreachable := no_network(say("no connection: splits are not looked up"))):
        return Splits(problems=unreachable)
    found = Splits()
    until = {symbol: last_trade(code, now).date() for symbol, code in codes.items()}
    mainland, hong_kong = by_market(codes)
    with Asker(children, timeout, out) as asker:
        _ask_yahoo(asker, found, hong_kong, since, until)
        _ask_eastmoney(asker, found, mainland, since, until)
        asker.listen()
        # A split changes every figure per share, so one vendor's word is not taken for it.
        open_to_doubt = {split.symbol for split in found.splits}.union(
            doubted, mainland.keys() - {lookup.symbol for lookup in found.lookups}
        )
        second = {symbol: code for symbol, code in mainland.items() if symbol in open_to_doubt}
        _ask_yahoo(asker, found, second, since, until)
        asker.listen()
        found.problems += asker.outages(say("splits"))
    return found


def _ask_yahoo(asker: Asker, found: Splits, codes: Codes, since: Days, until: Days) -> None:
    def take(symbol: str, events: Any) -> None:
        try:
            found.splits += prices.splits(events, symbol)
            found.lookups.append(Lookup(symbol, YAHOO, since[symbol], until[symbol]))
        except RefusalError as refusal:
            found.problems.append(Problem("splits_unknown", symbol, refusal.message, symbol))

    asker.ask(YAHOO, "splits", spelled(YAHOO, codes), take, since=since)


def _ask_eastmoney(asker: Asker, found: Splits, codes: Codes, since: Days, until: Days) -> None:
    symbols = spelled(EASTMONEY, codes)

    def take(_: str, rows: Any) -> None:
        # One request has one first day: the earliest, which is known of all of them then.
        earliest = min(since[symbol] for symbol in codes)
        try:
            splits, refused = tables.splits(rows, symbols)
        except RefusalError as refusal:
            found.problems.append(Problem("source_out", EASTMONEY, refusal.message))
            return
        found.splits += splits
        found.lookups += [
            Lookup(symbol, EASTMONEY, earliest, until[symbol])
            for symbol in codes.keys() - refused.keys()
        ]
        found.problems += [
            Problem("splits_unknown", symbol, refusal.message, symbol)
            for symbol, refusal in refused.items()
        ]

    asker.ask(EASTMONEY, "bonus", symbols, take, since=since)
