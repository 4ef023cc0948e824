"""Estimates and splits of listings, asked of Yahoo, Eastmoney and etnet.

As with prices, the libraries run in children that are ended at the deadline.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any

from screener.calendars import last_trade
from screener.model import Close, Lookup, Problem, Split, Vintage
from screener.providers import akshare_facts, yahoo_facts
from screener.providers.child import Child, Message, refusal_of, words_of
from screener.providers.live import network_is_there
from screener.providers.live_quote import RefusalError
from screener.symbols import SymbolError, asked_as, spelling
from screener.wording import Sentence, message_of, say

# Which child asks which source.
VENDORS = {
    yahoo_facts.SOURCE: "yahoo facts",
    akshare_facts.SOURCE: "akshare facts",
    akshare_facts.HONG_KONG_SOURCE: "akshare facts",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A symbol whose estimates are wanted, and the month and day its fiscal years end on."""

    symbol: str
    fiscal_year_end: tuple[int, int]


@dataclass
class Splits:
    """The splits found, which days of which symbols are known by that, and what failed."""

    splits: list[Split] = field(default_factory=list)
    lookups: list[Lookup] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass
class Estimates:
    """The vintages found; why a symbol has none from a source; and which sources failed."""

    vintages: list[Vintage] = field(default_factory=list)
    reasons: dict[str, list[Sentence]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, symbol: str, why: Sentence) -> None:
        self.reasons.setdefault(symbol, []).append(why)


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
    codes = _codes(since, now)
    if not codes:
        return found
    if not network_is_there():
        message = say("no connection: splits are not looked up")
        found.problems.append(Problem("source_out", "network", message))
        return found
    until = {symbol: last_trade(code, now).date() for symbol, code in codes.items()}
    with _Asking(timeout, out) as desk:
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
    desk: _Asking,
    found: Splits,
    codes: Mapping[str, str],
    since: Mapping[str, date],
    until: Mapping[str, date],
) -> None:
    asked = {name: symbol for symbol, code in codes.items() if (name := spelling("yahoo", code))}

    def take(message: Message) -> None:
        symbol = asked[message["symbol"]]
        try:
            splits = yahoo_facts.splits(message["splits"], symbol)
        except RefusalError as refusal:
            found.problems.append(Problem("splits_unknown", symbol, message_of(refusal), symbol))
            return
        found.splits += splits
        found.lookups.append(Lookup(symbol, yahoo_facts.SOURCE, since[symbol], until[symbol]))

    job = {"splits": {name: since[symbol].isoformat() for name, symbol in asked.items()}}
    desk.ask(yahoo_facts.SOURCE, job if asked else {}, {"splits": take})


def _ask_eastmoney(
    desk: _Asking,
    found: Splits,
    codes: Mapping[str, str],
    since: Mapping[str, date],
    until: Mapping[str, date],
) -> None:
    asked = {akshare_facts.code_of(code): symbol for symbol, code in codes.items()}
    earliest = min(since[symbol] for symbol in codes)

    def take(message: Message) -> None:
        try:
            found.splits += akshare_facts.splits(message["bonus"], asked)
        except RefusalError as refusal:
            found.problems.append(Problem("source_out", akshare_facts.SOURCE, message_of(refusal)))
            return
        found.lookups += [
            Lookup(symbol, akshare_facts.SOURCE, earliest, until[symbol]) for symbol in codes
        ]

    job = {"bonus": list(asked), "since": earliest.isoformat()}
    desk.ask(akshare_facts.SOURCE, job, {"bonus": take})


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
    codes = _codes(since, now)
    if codes and not network_is_there():
        message = say("no connection: no history is fetched")
        found.problems.append(Problem("source_out", "network", message))
        return found
    with _Asking(timeout) as desk:
        yahoo = {name: each for each, code in codes.items() if (name := spelling("yahoo", code))}
        others = {
            akshare_facts.code_of(code): symbol
            for symbol, code in codes.items()
            if spelling("yahoo", code) is None
        }
        for source, kind, asked, parse in (
            (yahoo_facts.SOURCE, "closes", yahoo, yahoo_facts.closes),
            (akshare_facts.SOURCE, "daily", others, akshare_facts.closes),
        ):
            _ask_closes(desk, found, source, kind, asked, parse, since, now)
        desk.listen()
        found.problems += desk.outages(say("history"))
    for symbol in codes.keys() - found.answered - found.reasons.keys():
        found.reasons[symbol] = [say("no source answered for it")]
    return found


def _ask_closes(
    desk: _Asking,
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
        found.reasons.setdefault(asked[message["symbol"]], []).append(_why(source, message))

    job = {"closes": {name: since[each].isoformat() for name, each in asked.items()}}
    desk.ask(source, job if asked else {}, {kind: take}, refused)


def fetch_estimates(wanted: Sequence[Wanted], now: datetime, timeout: float) -> Estimates:
    """A vintage, or the reasons why there is none, for each symbol.

    The mainland's come from Eastmoney in one request, and from Yahoo where that has none; Hong
    Kong's from Yahoo, and from etnet where that has none. A vintage has all of its source's years.
    """
    found = Estimates()
    codes = _codes({each.symbol: now.date() for each in wanted}, now)
    ends = {each.symbol: each.fiscal_year_end for each in wanted}
    for symbol in ends.keys() - codes.keys():
        found.refuse(
            symbol, say("{symbol} is retired, and its new code is not known here", symbol=symbol)
        )
    if codes and not network_is_there():
        message = say("no connection: no estimates are fetched")
        found.problems.append(Problem("source_out", "network", message))
        return found
    with _Asking(timeout) as desk:
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
    desk: _Asking, found: Estimates, codes: Mapping[str, str], ends: Ends, now: datetime
) -> None:
    asked = {akshare_facts.code_of(code): (symbol, ends[symbol]) for symbol, code in codes.items()}

    def take(message: Message) -> None:
        answers = akshare_facts.forecasts(message["forecasts"], asked, now)
        for symbol in codes:
            answer = answers.get(symbol, RefusalError(say("Eastmoney has no estimates of it")))
            _keep(found, symbol, answer)

    job = {"estimates": list(asked)} if asked else {}
    desk.ask(akshare_facts.SOURCE, job, {"forecasts": take})


def _ask_trends(
    desk: _Asking, found: Estimates, codes: Mapping[str, str], ends: Ends, now: datetime
) -> None:
    asked = {name: symbol for symbol, code in codes.items() if (name := spelling("yahoo", code))}

    def take(message: Message) -> None:
        symbol = asked[message["symbol"]]
        _keep(found, symbol, _or_refusal(yahoo_facts.vintage, message["trend"], symbol, ends, now))

    def refused(message: Message) -> None:
        found.refuse(asked[message["symbol"]], _why("Yahoo", message))

    job = {"estimates": list(asked)} if asked else {}
    desk.ask(yahoo_facts.SOURCE, job, {"trend": take}, refused)


def _ask_etnet(
    desk: _Asking, found: Estimates, codes: Mapping[str, str], ends: Ends, now: datetime
) -> None:
    asked = {akshare_facts.code_of(code): symbol for symbol, code in codes.items()}

    def take(message: Message) -> None:
        symbol, rows = asked[message["symbol"]], message["etnet"]
        _keep(found, symbol, _or_refusal(akshare_facts.etnet_vintage, rows, symbol, ends, now))

    def refused(message: Message) -> None:
        found.refuse(asked[message["symbol"]], _why("etnet", message))

    job = {"hong_kong": list(asked)} if asked else {}
    desk.ask(akshare_facts.HONG_KONG_SOURCE, job, {"etnet": take}, refused)


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


def _why(title: str, message: Message) -> Sentence:
    if message["error"] == "RefusalError":
        return refusal_of(message)
    return say("{source}: {fault}", source=title, fault=words_of(message))


def _codes(symbols: Iterable[str], now: datetime) -> dict[str, str]:
    """The code each symbol is asked for by today, without those that have none."""
    codes = {}
    for symbol in symbols:
        try:
            codes[symbol] = asked_as(symbol, now.date())
        except SymbolError:
            continue  # the price says so, or the caller
    return codes


Take = Callable[[Message], None]


class _Asking:
    """Children that are given jobs, and whose answers are taken as they come, until a deadline."""

    def __init__(self, timeout: float, out: Collection[str] = ()) -> None:
        self._out = out
        self._deadline = time.monotonic() + timeout
        self._timeout = timeout
        self._inbox: SimpleQueue[tuple[str, Message]] = SimpleQueue()
        self._children: dict[str, Child] = {}
        self._takers: dict[str, Take] = {}
        self._refused: dict[str, Take] = {}
        self._open: dict[str, int] = {}
        self._faults: dict[str, Sentence] = {}

    def __enter__(self) -> _Asking:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for child in self._children.values():
            child.kill()

    def ask(
        self,
        source: str,
        job: Message,
        takers: Mapping[str, Take],
        refused: Take | None = None,
    ) -> None:
        """Give the child of a source a job, unless that is empty or the source is out.

        An answer is taken by what it is of, and so is a name's error, by `refused`.
        """
        vendor = VENDORS[source]
        if not job or source in self._out or self._faults.keys() & {source, vendor}:
            return
        if vendor not in self._children:
            self._children[vendor] = Child(vendor, self._inbox)
        self._takers |= takers
        self._refused |= dict.fromkeys(takers, refused or _pass_over)
        self._open[vendor] = self._open.get(vendor, 0) + 1
        timeout = max(1.0, (self._deadline - time.monotonic()) / 3)
        self._children[vendor].send({**job, "timeout": timeout})

    def listen(self) -> None:
        """Take what comes until every job is done, or the deadline."""
        while any(self._open.values()) and (left := self._deadline - time.monotonic()) > 0:
            try:
                vendor, message = self._inbox.get(timeout=left)
            except Empty:
                break
            self._take(vendor, message)
        for vendor, jobs in self._open.items():
            if jobs:
                self._faults.setdefault(
                    vendor, say("no answer within {timeout:g} seconds", timeout=self._timeout)
                )

    def outages(self, what: Sentence) -> Iterator[Problem]:
        """One problem a source that failed."""
        for source, fault in self._faults.items():
            # A child that is gone or late takes its sources with it; the first is named.
            title = next((name for name, vendor in VENDORS.items() if vendor == source), source)
            yield Problem("source_out", title, say("{what}: {fault}", what=what, fault=fault))

    def _take(self, vendor: str, message: Message) -> None:
        if "done" in message:
            self._open[vendor] -= 1
        elif "gone" in message:
            self._open[vendor] = 0
            self._faults.setdefault(vendor, say("its library ended unexpectedly"))
        elif "error" in message:
            if message.get("symbol"):
                self._refused[message["of"]](message)
            if message.get("outage"):
                source = akshare_facts.HONG_KONG_SOURCE
                if message["of"] != "etnet":
                    source = next(name for name, each in VENDORS.items() if each == vendor)
                self._faults.setdefault(source, words_of(message))
        else:
            next(take for key, take in self._takers.items() if key in message)(message)


def _pass_over(_: Message) -> None:
    """What a source has not of a name, another may have."""
