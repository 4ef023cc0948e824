"""Estimates of listings, asked of Eastmoney, Yahoo and etnet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from screener.model.messages import Sentence, say
from screener.model.problems import Problem
from screener.model.records import Vintage
from screener.model.symbols import spelling
from screener.sources import etnet
from screener.sources.answers import RefusalError
from screener.sources.asking import Asking, codes_of, why_not
from screener.sources.child import Message
from screener.sources.eastmoney import estimates as eastmoney_estimates
from screener.sources.network import network_is_there
from screener.sources.yahoo import estimates as yahoo_estimates


@dataclass(frozen=True, slots=True)
class Wanted:
    """A symbol whose estimates are wanted, and the month and day its fiscal years end on."""

    symbol: str
    fiscal_year_end: tuple[int, int]


@dataclass
class Estimates:
    """The vintages found; why a symbol has none from a source; and which sources failed."""

    vintages: list[Vintage] = field(default_factory=list)
    reasons: dict[str, list[Sentence]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, symbol: str, why: Sentence) -> None:
        self.reasons.setdefault(symbol, []).append(why)


def fetch_estimates(wanted: Sequence[Wanted], now: datetime, timeout: float) -> Estimates:
    """A vintage, or the reasons why there is none, for each symbol.

    The mainland's come from Eastmoney in one request, and from Yahoo where that has none; Hong
    Kong's from Yahoo, and from etnet where that has none. A vintage has all of its source's years.
    """
    found = Estimates()
    codes = codes_of({each.symbol: now.date() for each in wanted}, now)
    ends = {each.symbol: each.fiscal_year_end for each in wanted}
    for symbol in ends.keys() - codes.keys():
        found.refuse(
            symbol, say("{symbol} is retired, and its new code is not known here", symbol=symbol)
        )
    if codes and not network_is_there():
        message = say("no connection: no estimates are fetched")
        found.problems.append(Problem("source_out", "network", message))
        return found
    with Asking(timeout) as desk:
        mainland = {symbol: code for symbol, code in codes.items() if not symbol.endswith(".HK")}
        hong_kong = {symbol: code for symbol, code in codes.items() if symbol.endswith(".HK")}
        _ask_forecasts(desk, found, mainland, ends, now)
        _ask_trends(desk, found, hong_kong, ends, now)
        desk.listen()
        done = {each.symbol for each in found.vintages}
        _ask_trends(desk, found, _without(mainland, done), ends, now)
        _ask_etnet(desk, found, _without(hong_kong, done), ends, now)
        desk.listen()
        found.problems += desk.outages(say("estimates"))
    for symbol in codes.keys() - {each.symbol for each in found.vintages} - found.reasons.keys():
        found.refuse(symbol, say("no source answered for it"))
    return found


def _without(codes: Mapping[str, str], done: Iterable[str]) -> dict[str, str]:
    return {symbol: code for symbol, code in codes.items() if symbol not in done}


Ends = Mapping[str, tuple[int, int]]


def _ask_forecasts(
    desk: Asking, found: Estimates, codes: Mapping[str, str], ends: Ends, now: datetime
) -> None:
    asked = {etnet.code_of(code): (symbol, ends[symbol]) for symbol, code in codes.items()}

    def take(message: Message) -> None:
        answers = eastmoney_estimates.forecasts(message["forecasts"], asked, now)
        for symbol in codes:
            answer = answers.get(symbol, RefusalError(say("Eastmoney has no estimates of it")))
            _keep(found, symbol, answer)

    job = {"estimates": list(asked)} if asked else {}
    desk.ask(eastmoney_estimates.SOURCE, job, {"forecasts": take})


def _ask_trends(
    desk: Asking, found: Estimates, codes: Mapping[str, str], ends: Ends, now: datetime
) -> None:
    asked = {name: symbol for symbol, code in codes.items() if (name := spelling("yahoo", code))}

    def take(message: Message) -> None:
        symbol = asked[message["symbol"]]
        _keep(
            found, symbol, _or_refusal(yahoo_estimates.vintage, message["trend"], symbol, ends, now)
        )

    def refused(message: Message) -> None:
        found.refuse(asked[message["symbol"]], why_not("Yahoo", message))

    job = {"estimates": list(asked)} if asked else {}
    desk.ask(yahoo_estimates.SOURCE, job, {"trend": take}, refused)


def _ask_etnet(
    desk: Asking, found: Estimates, codes: Mapping[str, str], ends: Ends, now: datetime
) -> None:
    asked = {etnet.code_of(code): symbol for symbol, code in codes.items()}

    def take(message: Message) -> None:
        symbol, rows = asked[message["symbol"]], message["etnet"]
        _keep(found, symbol, _or_refusal(etnet.etnet_vintage, rows, symbol, ends, now))

    def refused(message: Message) -> None:
        found.refuse(asked[message["symbol"]], why_not("etnet", message))

    job = {"hong_kong": list(asked)} if asked else {}
    desk.ask(etnet.HONG_KONG_SOURCE, job, {"etnet": take}, refused)


def _or_refusal(
    parse: Callable[[Any, str, tuple[int, int], datetime], Vintage],
    answer: Any,
    symbol: str,
    ends: Ends,
    now: datetime,
) -> Vintage | RefusalError:
    try:
        return parse(answer, symbol, ends[symbol], now)
    except RefusalError as refusal:
        return refusal


def _keep(found: Estimates, symbol: str, answer: Vintage | RefusalError) -> None:
    if isinstance(answer, Vintage):
        found.vintages.append(answer)
    else:
        found.refuse(symbol, answer.message)
