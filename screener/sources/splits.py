"""Splits and bonus issues, asked of Eastmoney and Yahoo."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from screener.model.calendars import last_trade
from screener.model.messages import message_of, say
from screener.model.problems import Problem
from screener.model.records import Lookup, Split
from screener.model.symbols import spelling
from screener.sources import etnet
from screener.sources.answers import RefusalError
from screener.sources.asking import Asking, codes_of
from screener.sources.child import Message
from screener.sources.eastmoney import estimates as eastmoney_estimates
from screener.sources.network import network_is_there
from screener.sources.yahoo import estimates as yahoo_estimates


@dataclass
class Splits:
    """The splits found, which days of which symbols are known by that, and what failed."""

    splits: list[Split] = field(default_factory=list)
    lookups: list[Lookup] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def look_up_splits(
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
    with Asking(timeout, out) as desk:
        mainland = {symbol: code for symbol, code in codes.items() if not symbol.endswith(".HK")}
        hong_kong = [symbol for symbol in codes if symbol.endswith(".HK")]
        _ask_yahoo(desk, found, {each: codes[each] for each in hong_kong}, since, until)
        if mainland:
            _ask_eastmoney(desk, found, mainland, since, until)
        desk.listen()
        known = {each.symbol for each in found.lookups}
        split = {each.symbol for each in found.splits}
        second = [
            each for each in mainland if each in split or each not in known or each in doubted
        ]
        _ask_yahoo(desk, found, {each: codes[each] for each in second}, since, until)
        desk.listen()
        found.problems += desk.outages(say("splits"))
    return found


def _ask_yahoo(
    desk: Asking,
    found: Splits,
    codes: Mapping[str, str],
    since: Mapping[str, date],
    until: Mapping[str, date],
) -> None:
    asked = {name: symbol for symbol, code in codes.items() if (name := spelling("yahoo", code))}

    def take(message: Message) -> None:
        symbol = asked[message["symbol"]]
        try:
            splits = yahoo_estimates.splits(message["splits"], symbol)
        except RefusalError as refusal:
            found.problems.append(Problem("splits_unknown", symbol, message_of(refusal), symbol))
            return
        found.splits += splits
        found.lookups.append(Lookup(symbol, yahoo_estimates.SOURCE, since[symbol], until[symbol]))

    job = {"splits": {name: since[symbol].isoformat() for name, symbol in asked.items()}}
    desk.ask(yahoo_estimates.SOURCE, job if asked else {}, {"splits": take})


def _ask_eastmoney(
    desk: Asking,
    found: Splits,
    codes: Mapping[str, str],
    since: Mapping[str, date],
    until: Mapping[str, date],
) -> None:
    asked = {etnet.code_of(code): symbol for symbol, code in codes.items()}
    earliest = min(since[symbol] for symbol in codes)

    def take(message: Message) -> None:
        try:
            found.splits += eastmoney_estimates.splits(message["bonus"], asked)
        except RefusalError as refusal:
            found.problems.append(
                Problem("source_out", eastmoney_estimates.SOURCE, message_of(refusal))
            )
            return
        found.lookups += [
            Lookup(symbol, eastmoney_estimates.SOURCE, earliest, until[symbol]) for symbol in codes
        ]

    job = {"bonus": list(asked), "since": earliest.isoformat()}
    desk.ask(eastmoney_estimates.SOURCE, job, {"bonus": take})
