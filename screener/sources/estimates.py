"""Estimates of listings, asked of Eastmoney, Yahoo and etnet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from screener.model.messages import say
from screener.model.problems import Problem
from screener.model.records import Vintage
from screener.sources.answers import RefusalError, YearEnd
from screener.sources.asking import Asker, Codes, Found, by_market, codes_of, spelled
from screener.sources.child import Children
from screener.sources.eastmoney.tables import Asked, forecasts
from screener.sources.etnet import etnet_vintage
from screener.sources.network import no_network
from screener.sources.vendors import EASTMONEY, ETNET, YAHOO
from screener.sources.yahoo.estimates import vintage

# By symbol, the month and day its fiscal years end on.
Ends = Mapping[str, YearEnd]
# By symbol, the Chinese names it is known by.
Called = Mapping[str, Collection[str]]


@dataclass
class Estimates(Found):
    """The vintages found; why a symbol has none from a source; and which sources failed."""

    vintages: list[Vintage] = field(default_factory=list)

    def without(self, codes: Codes) -> Codes:
        """Those of the codes whose symbols have no vintage yet."""
        done = {vintage.symbol for vintage in self.vintages}
        return {symbol: code for symbol, code in codes.items() if symbol not in done}


def fetch_estimates(
    children: Children, ends: Ends, called: Called, now: datetime, timeout: float
) -> Estimates:
    """A vintage, or the reasons why there is none, for each symbol; `called` are their names.

    The mainland's come from Eastmoney in one request, and from Yahoo where that has none; Hong
    Kong's from Yahoo, and from etnet where that has none. A vintage has all of its source's years.
    """
    found = Estimates()
    codes = codes_of(ends, now)
    for symbol in ends.keys() - codes.keys():
        found.refuse(
            symbol, say("{symbol} is retired, and its new code is not known here", symbol=symbol)
        )
    if codes and (out := no_network(say("no connection: no estimates are fetched"))):
        found.problems += out
        return found
    mainland, hong_kong = by_market(codes)
    with Asker(children, timeout) as asker:
        # A vendor of its own is asked a name at a time, so it is asked last, and for the least.
        ask_names = partial(_ask_names, asker, found, ends, now)
        _ask_forecasts(asker, found, ends, called, now, mainland)
        ask_names(YAHOO, "trend", vintage, hong_kong)
        asker.listen()
        ask_names(YAHOO, "trend", vintage, found.without(mainland))
        ask_names(ETNET, "etnet", etnet_vintage, found.without(hong_kong))
        asker.listen()
        found.problems += asker.outages(say("estimates"))
    found.explain(found.without(codes))
    return found


def _ask_forecasts(
    asker: Asker, found: Estimates, ends: Ends, called: Called, now: datetime, codes: Codes
) -> None:
    symbols = spelled(EASTMONEY, codes)
    asked = {
        code: Asked(symbol, ends[symbol], called.get(symbol, ()))
        for code, symbol in symbols.items()
    }

    def take(_: str, rows: Any) -> None:
        answers = forecasts(rows, asked, now)
        # One answer for all of them: whom it leaves out has no analysts there.
        for symbol in codes:
            answer = answers.get(symbol, RefusalError(say("Eastmoney has no estimates of it")))
            if isinstance(answer, Vintage):
                found.vintages.append(answer)
            else:
                found.refuse(symbol, answer.message)
                # It has a row, which cannot be: another source may have one that can.
                if symbol in answers:
                    message = say("the estimates are not used: {why}", why=answer.message)
                    found.problems.append(Problem("doubted_consensus", symbol, message, symbol))

    asker.ask(EASTMONEY, "forecasts", symbols, take)


def _ask_names(
    asker: Asker,
    found: Estimates,
    ends: Ends,
    now: datetime,
    source: str,
    kind: str,
    parse: Callable[[Any, str, YearEnd, datetime], Vintage],
    codes: Codes,
) -> None:
    def take(symbol: str, answer: Any) -> None:
        found.vintages.append(parse(answer, symbol, ends[symbol], now))

    asker.ask(source, kind, spelled(source, codes), take, found.refuse)
