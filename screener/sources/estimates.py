"""Estimates of listings, asked of Eastmoney, Yahoo and etnet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from screener.model.messages import Sentence, say
from screener.model.problems import Problem
from screener.model.records import Vintage
from screener.sources.answers import RefusalError
from screener.sources.asking import Asker, codes_of, spelled
from screener.sources.child import Children
from screener.sources.eastmoney.estimates import forecasts
from screener.sources.etnet import etnet_vintage
from screener.sources.network import network_is_there
from screener.sources.vendors import EASTMONEY, ETNET, YAHOO
from screener.sources.yahoo.estimates import vintage

# By symbol, the month and day its fiscal years end on.
Ends = Mapping[str, tuple[int, int]]


@dataclass
class Estimates:
    """The vintages found; why a symbol has none from a source; and which sources failed."""

    vintages: list[Vintage] = field(default_factory=list)
    reasons: dict[str, list[Sentence]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, symbol: str, why: Sentence) -> None:
        self.reasons.setdefault(symbol, []).append(why)


def fetch_estimates(children: Children, ends: Ends, now: datetime, timeout: float) -> Estimates:
    """A vintage, or the reasons why there is none, for each symbol.

    The mainland's come from Eastmoney in one request, and from Yahoo where that has none; Hong
    Kong's from Yahoo, and from etnet where that has none. A vintage has all of its source's years.
    """
    found = Estimates()
    codes = codes_of(ends, now)
    for symbol in ends.keys() - codes.keys():
        found.refuse(
            symbol, say("{symbol} is retired, and its new code is not known here", symbol=symbol)
        )
    if codes and not network_is_there():
        message = say("no connection: no estimates are fetched")
        found.problems.append(Problem("source_out", "network", message))
        return found
    mainland = {symbol: code for symbol, code in codes.items() if not symbol.endswith(".HK")}
    hong_kong = {symbol: code for symbol, code in codes.items() if symbol.endswith(".HK")}
    with Asker(children, timeout) as asker:
        _ask_forecasts(asker, found, mainland, ends, now)
        trend = partial(_ask_names, asker, found, YAHOO, "trend", vintage, ends, now)
        trend(spelled("yahoo", hong_kong))
        asker.listen()
        done = {kept.symbol for kept in found.vintages}
        trend(spelled("yahoo", _without(mainland, done)))
        others = spelled("akshare", _without(hong_kong, done))
        _ask_names(asker, found, ETNET, "etnet", etnet_vintage, ends, now, others)
        asker.listen()
        found.problems += asker.outages(say("estimates"))
    done = {kept.symbol for kept in found.vintages}
    for symbol in codes.keys() - done - found.reasons.keys():
        found.refuse(symbol, say("no source answered for it"))
    return found


def _without(codes: Mapping[str, str], done: Iterable[str]) -> dict[str, str]:
    return {symbol: code for symbol, code in codes.items() if symbol not in done}


def _ask_forecasts(
    asker: Asker, found: Estimates, codes: Mapping[str, str], ends: Ends, now: datetime
) -> None:
    symbols = spelled("akshare", codes)
    asked = {code: (symbol, ends[symbol]) for code, symbol in symbols.items()}

    def take(_: str, rows: Any) -> None:
        answers = forecasts(rows, asked, now)
        for symbol in codes:
            answer = answers.get(symbol, RefusalError(say("Eastmoney has no estimates of it")))
            if isinstance(answer, Vintage):
                found.vintages.append(answer)
            else:
                found.refuse(symbol, answer.message)

    asker.ask(EASTMONEY, "forecasts", list(asked), take)


def _ask_names(
    asker: Asker,
    found: Estimates,
    source: str,
    kind: str,
    parse: Callable[[Any, str, tuple[int, int], datetime], Vintage],
    ends: Ends,
    now: datetime,
    symbols: Mapping[str, str],
) -> None:
    def take(name: str, answer: Any) -> None:
        symbol = symbols[name]
        found.vintages.append(parse(answer, symbol, ends[symbol], now))

    def refuse(name: str, why: Sentence) -> None:
        found.refuse(symbols[name], why)

    asker.ask(source, kind, list(symbols), take, refuse)
