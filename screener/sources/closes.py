"""Daily closes, asked of Yahoo and, for Beijing, of Eastmoney."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from screener.model.messages import Sentence, say
from screener.model.problems import Problem
from screener.model.records import Close, Lookup
from screener.model.symbols import spelling
from screener.sources import etnet
from screener.sources.answers import RefusalError
from screener.sources.asking import Asking, codes_of, why_not
from screener.sources.child import Message
from screener.sources.eastmoney import estimates as eastmoney_estimates
from screener.sources.network import network_is_there
from screener.sources.yahoo import estimates as yahoo_estimates


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


def fetch_closes(since: Mapping[str, date], now: datetime, timeout: float) -> Closes:
    """The closes of symbols from their days on, or the reasons why there are none.

    Beijing's come from Eastmoney, as they were traded; all others from Yahoo, per share of now.
    """
    found = Closes()
    codes = codes_of(since, now)
    if codes and not network_is_there():
        message = say("no connection: no history is fetched")
        found.problems.append(Problem("source_out", "network", message))
        return found
    with Asking(timeout) as desk:
        yahoo = {name: each for each, code in codes.items() if (name := spelling("yahoo", code))}
        others = {
            etnet.code_of(code): symbol
            for symbol, code in codes.items()
            if spelling("yahoo", code) is None
        }
        for source, kind, asked, parse in (
            (yahoo_estimates.SOURCE, "closes", yahoo, yahoo_estimates.closes),
            (eastmoney_estimates.SOURCE, "daily", others, eastmoney_estimates.closes),
        ):
            _ask_closes(desk, found, source, kind, asked, parse, since, now)
        desk.listen()
        found.problems += desk.outages(say("history"))
    for symbol in codes.keys() - found.answered - found.reasons.keys():
        found.reasons[symbol] = [say("no source answered for it")]
    return found


def _ask_closes(
    desk: Asking,
    found: Closes,
    source: str,
    kind: str,
    asked: Mapping[str, str],
    parse: Callable[[Any, str, datetime], list[Close]],
    since: Mapping[str, date],
    now: datetime,
) -> None:
    def take(message: Message) -> None:
        symbol = asked[message["symbol"]]
        try:
            closes = parse(message[kind], symbol, now)
        except RefusalError as refusal:
            found.reasons.setdefault(symbol, []).append(refusal.message)
            return
        found.answered.add(symbol)
        found.closes += closes
        # The last day is known only if its close was there.
        until = max((each.day for each in closes), default=None)
        if until is not None:
            found.lookups.append(Lookup(symbol, source, since[symbol], until))

    def refused(message: Message) -> None:
        found.reasons.setdefault(asked[message["symbol"]], []).append(why_not(source, message))

    job = {"closes": {name: since[each].isoformat() for name, each in asked.items()}}
    desk.ask(source, job if asked else {}, {kind: take}, refused)
