"""Asking vendors: jobs for their children, and their answers as they come, until a deadline."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from screener.model.messages import Sentence, from_plain, say
from screener.model.problems import Problem
from screener.model.records import Span
from screener.model.symbols import SymbolError, asked_as, spelling
from screener.sources.answers import RefusalError
from screener.sources.child import Children, Message, words_of
from screener.sources.vendors import NETWORK, PROFILES, VENDOR_OF, VENDORS

# A child whose last answer has come says that it is done within this, or it is at something else.
# One that is done can be asked again; to begin a new one costs the second its imports take.
GRACE_SECONDS = 0.2

# Codes, days, and spans of days, by symbol.
Codes = Mapping[str, str]
Days = Mapping[str, date]
Spans = Mapping[str, Span]

# Of a symbol, or of "" where a job is answered at once: what there is, or why there is nothing.
Take = Callable[[str, Any], None]
Refuse = Callable[[str, Sentence], None]


class Fault(NamedTuple):
    """What failed of a source, whether it refuses to answer, and whether the proxy does."""

    words: Sentence
    is_refusal: bool = False
    is_of_proxy: bool = False


@dataclass
class Found:
    """What came of asking, beside the answers: why a symbol has none, and what failed."""

    reasons: dict[str, list[Sentence]] = field(default_factory=lambda: defaultdict(list))
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, symbol: str, why: Sentence) -> None:
        self.reasons[symbol].append(why)

    def explain(self, unanswered: Iterable[str]) -> None:
        """Give a reason to those of the symbols that have none yet."""
        for symbol in set(unanswered) - self.reasons.keys():
            self.refuse(symbol, say("no source answered for it"))


class _Asked(NamedTuple):
    source: str
    symbols: Mapping[str, str]
    take: Take
    refuse: Refuse


def _pass_over(_name: str, _why: Sentence) -> None:
    """What a source has not of a name, another may have."""


class Asker:
    """Children that are given jobs, and whose answers are taken as they come, until a deadline.

    At exit a child that has not done its jobs is ended; the others wait for who asks next. A
    source that is `out` is not asked, nor is any where the time of all is over. `progress` is
    called after each answer.
    """

    def __init__(
        self,
        children: Children,
        timeout: float,
        out: Collection[str] = (),
        progress: Callable[[], None] = lambda: None,
    ) -> None:
        self.faults: dict[str, Fault] = {}
        self._children = children
        self._timeout = min(timeout, children.left)
        self._deadline = time.monotonic() + self._timeout
        self._out = out
        self._progress = progress
        self._inbox: SimpleQueue[tuple[str, Message]] = SimpleQueue()
        self._asked: dict[str, _Asked] = {}
        # Jobs that are not done, by vendor and kind.
        self._open: Counter[tuple[str, str]] = Counter()
        self._heard: set[str] = set()
        self._gone: set[str] = set()
        self._refusing: set[str] = set()

    def __enter__(self) -> Asker:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # After an error, Ctrl-C too, nobody waits for what a child still has to say.
        if kind is None:
            self._deadline = min(self._deadline, time.monotonic() + GRACE_SECONDS)
            self.listen()
        for vendor in self._late():
            self._children.end(vendor)

    def ask(
        self,
        source: str,
        kind: str,
        symbols: Mapping[str, str],
        take: Take,
        refuse: Refuse = _pass_over,
        *,
        since: Days | None = None,
        within: Spans | None = None,
        insist: bool = False,
    ) -> None:
        """Give the child of a source a job of that kind, unless there is nothing to ask for.

        `symbols` are by the vendor's names, `since` are the days to ask from, `within` the spans
        of days to ask for. Answers are taken by their kind; a RefusalError of `take` and the error
        of a name are told to `refuse`. A source that has failed is not asked again; with `insist`
        it is, unless it refuses.
        """
        vendor = VENDOR_OF[source]
        # A refusal is heeded whatever is at stake: asking on makes a ban longer.
        out = self._refusing if insist else self.faults
        if not symbols or vendor in self._gone or source in self._out or source in out:
            return
        if time.monotonic() >= self._deadline:
            for symbol in symbols.values():
                refuse(symbol, say("{source} was not asked: the time was over", source=source))
            return
        self._asked[kind] = _Asked(source, symbols, take, refuse)
        self._open[vendor, kind] += 1
        names: Collection[str] = list(symbols)
        if since is not None:
            names = {name: since[symbol].isoformat() for name, symbol in symbols.items()}
        if within is not None:
            # As ISO 8601 writes a span.
            names = {name: "/".join(map(str, within[of])) for name, of in symbols.items()}
        # A third: the library may try twice, and one more source is to have its turn.
        timeout = max(1.0, (self._deadline - time.monotonic()) / 3)
        job = {"kind": kind, "names": names, "timeout": timeout}
        self._children.of(vendor, self._inbox).send(job)

    def waits_for(self, source: str, kind: str) -> bool:
        """Whether a job of that kind is not done."""
        return self._open[VENDOR_OF[source], kind] > 0

    def _late(self) -> list[str]:
        """The vendors that have jobs that are not done."""
        return sorted({vendor for vendor, _ in +self._open})

    def listen(self, share: float = 1.0, enough: Callable[[], bool] = lambda: False) -> None:
        """Take what comes until every job is done, it is enough, or a share of the time is over."""
        now = time.monotonic()
        until = now + (self._deadline - now) * share
        while +self._open and not enough() and (left := until - time.monotonic()) > 0:
            try:
                vendor, message = self._inbox.get(timeout=left)
            except Empty:
                return
            self._heard.add(vendor)
            self._take(vendor, message)
            self._progress()

    def failed(self, *, is_complete: bool = False) -> dict[str, Fault]:
        """What failed of each source; where all is complete, who answered may have gone on."""
        late = say("no answer within {timeout:.3g} seconds", timeout=self._timeout)
        for vendor in self._late():
            if not (is_complete and vendor in self._heard):
                self.faults.setdefault(VENDORS[vendor].title, Fault(late))
        faults = {source: self.faults[source] for source in VENDOR_OF if source in self.faults}
        refused = {
            VENDOR_OF[source]: fault for source, fault in faults.items() if fault.is_of_proxy
        }
        if refused.keys() >= {VENDOR_OF[asked.source] for asked in self._asked.values()} != set():
            return {NETWORK: next(iter(refused.values()))}
        return faults

    def news(self, *, is_complete: bool = False) -> dict[str, Fault]:
        """What failed, without what was told in this run already, and the parts of what is out."""
        failed = self.failed(is_complete=is_complete)
        found = {}
        for source, fault in failed.items():
            whole = _whole(source)
            if source != whole and whole in failed:
                continue
            if self._children.is_news(whole, "" if source == whole else fault.words):
                parts = (each for part, each in failed.items() if _whole(part) == source)
                # One address tells that it refuses; another one's library does not look.
                found[source] = next((each for each in parts if each.is_refusal), fault)
        return found

    def outages(self, what: Sentence) -> Iterator[Problem]:
        """One problem a source that failed."""
        for source, fault in self.news().items():
            message = say("{what}: {fault}", what=what, fault=fault.words)
            yield Problem("source_out", source, message)

    def _take(self, vendor: str, message: Message) -> None:
        if "done" in message:
            self._open[vendor, message["done"]] -= 1
        elif "gone" in message:
            for vendor_and_kind in self._open:
                if vendor_and_kind[0] == vendor:
                    self._open[vendor_and_kind] = 0
            self._gone.add(vendor)
            self._children.end(vendor)
            # It takes its sources with it; the first is named, as one line says it all.
            fault = Fault(say("its library ended unexpectedly"))
            self.faults.setdefault(VENDORS[vendor].title, fault)
        elif "error" in message:
            self._take_error(VENDORS[vendor].refuses, message)
        else:
            asked, name = self._asked[message["kind"]], message["symbol"]
            symbol = asked.symbols.get(name, name)
            try:
                asked.take(symbol, message["answer"])
            except RefusalError as refusal:
                asked.refuse(symbol, refusal.message)

    def _take_error(self, refuses: Collection[int], message: Message) -> None:
        asked, name = self._asked[message["kind"]], message["symbol"]
        if name:
            asked.refuse(asked.symbols.get(name, name), _why_not(asked.source, message))
        if message["outage"]:
            # The first fault is kept: those after it follow from it.
            # Without a status it is a vendor that breaks off behind the proxy.
            is_of_proxy = message["error"] == "ProxyError" and bool(message["status"])
            is_refusal = message["status"] in refuses and not is_of_proxy
            if is_refusal:
                self._refusing.add(asked.source)
            fault = Fault(words_of(message), is_refusal, is_of_proxy)
            self.faults.setdefault(asked.source, fault)


def _whole(source: str) -> str:
    """The source that one is a part of. That names are not compared is a matter of its own."""
    return source if source == PROFILES else source.partition(",")[0]


def _why_not(source: str, message: Message) -> Sentence:
    """Why a source has nothing of a name."""
    if message["error"] == "RefusalError":
        return from_plain(message["words"])
    return say("{source}: {fault}", source=source, fault=words_of(message))


def codes_of(symbols: Iterable[str], now: datetime) -> dict[str, str]:
    """The code each symbol is asked for by today, without those that have none."""
    codes = {}
    for symbol in symbols:
        # The price says what is wrong with such a code, or the caller.
        with suppress(SymbolError):
            codes[symbol] = asked_as(symbol, now.date())
    return codes


def spelled(source: str, codes: Codes) -> dict[str, str]:
    """The symbols by a source's names for their codes, without those it has no name for."""
    vendor = VENDOR_OF[source]
    return {name: symbol for symbol, code in codes.items() if (name := spelling(vendor, code))}


def by_market(codes: Codes) -> tuple[Codes, Codes]:
    """The codes of symbols of the mainland, and those of Hong Kong."""
    hong_kong = {symbol: code for symbol, code in codes.items() if symbol.endswith(".HK")}
    mainland = {symbol: code for symbol, code in codes.items() if symbol not in hong_kong}
    return mainland, hong_kong
