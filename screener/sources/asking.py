"""Asking vendors: jobs for their children, and their answers as they come, until a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from queue import Empty, SimpleQueue
from types import TracebackType

from screener.model.messages import Sentence, say
from screener.model.problems import Problem
from screener.model.symbols import SymbolError, asked_as
from screener.sources import etnet
from screener.sources.child import Child, Message, refusal_of, words_of
from screener.sources.eastmoney import estimates as eastmoney_estimates
from screener.sources.yahoo import estimates as yahoo_estimates

# Which child asks which source.
VENDORS = {
    yahoo_estimates.SOURCE: "yahoo facts",
    eastmoney_estimates.SOURCE: "akshare facts",
    etnet.HONG_KONG_SOURCE: "akshare facts",
}


def why_not(title: str, message: Message) -> Sentence:
    if message["error"] == "RefusalError":
        return refusal_of(message)
    return say("{source}: {fault}", source=title, fault=words_of(message))


def codes_of(symbols: Iterable[str], now: datetime) -> dict[str, str]:
    """The code each symbol is asked for by today, without those that have none."""
    codes = {}
    for symbol in symbols:
        try:
            codes[symbol] = asked_as(symbol, now.date())
        except SymbolError:
            continue  # the price says so, or the caller
    return codes


Take = Callable[[Message], None]


class Asking:
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

    def __enter__(self) -> Asking:
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
                source = etnet.HONG_KONG_SOURCE
                if message["of"] != "etnet":
                    source = next(name for name, each in VENDORS.items() if each == vendor)
                self._faults.setdefault(source, words_of(message))
        else:
            next(take for key, take in self._takers.items() if key in message)(message)


def _pass_over(_: Message) -> None:
    """What a source has not of a name, another may have."""
