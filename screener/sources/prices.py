"""Live prices: Yahoo for all it has, Eastmoney for Beijing and for what Yahoo leaves open.

The sources run in children, side by side, and are ended at the deadline whatever they are doing.
"""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from typing import Any

from screener.model.messages import NOTHING, Sentence, joined, message_of, say
from screener.model.problems import Problem
from screener.model.records import Listing, Quote, Rate
from screener.model.symbols import SymbolError, asked_as, spelling
from screener.sources.answers import RefusalError
from screener.sources.child import Child, Message, refusal_of, words_of
from screener.sources.contract import Ask, Fetched
from screener.sources.eastmoney import prices as eastmoney_prices
from screener.sources.network import network_is_there
from screener.sources.yahoo import prices as yahoo_prices

# After this share of the time, what Yahoo has not answered is asked of Eastmoney as well.
PATIENCE = 0.5

# Two sources that differ by more than this are a problem.
CROSS_CHECK_TOLERANCE = 0.01

TITLES = {"yahoo": "Yahoo", "akshare": eastmoney_prices.SOURCE}


def fetch_prices(ask: Ask) -> Fetched:
    """A live price, or a problem with the reasons, for each listing; and the rates they need.

    Ends within `ask.timeout` seconds. A source that is out is named once, not once a listing.
    """
    deadline = time.monotonic() + ask.timeout
    codes, retired = _codes(ask)
    if not network_is_there():
        out = Problem("source_out", "network", say("no connection to any price source"))
        return Fetched({}, (), [out, *retired, *_unpriced(codes, {}, {})])
    inquiry = _Inquiry(ask, set(codes.values()), deadline)
    inquiry.run()
    found = inquiry.quotes()
    quotes = {row: found[code] for row, code in codes.items() if code in found}
    problems = [
        *inquiry.outages(),
        *retired,
        *_differences(codes, inquiry.found),
        *_wrong_names(codes, inquiry.names),
        *_unpriced(codes, quotes, inquiry.reasons),
    ]
    return Fetched(quotes, inquiry.rates, problems)


class _Inquiry:
    """The asking of both sources: what is wanted, what has come, and who is out."""

    def __init__(self, ask: Ask, symbols: set[str], deadline: float) -> None:
        self.found: dict[str, dict[str, Quote]] = {"yahoo": {}, "akshare": {}}
        self.rates: list[Rate] = []
        self.names: dict[str, str] = {}
        self.reasons: dict[str, list[Sentence]] = {}
        self._ask = ask
        self._symbols = symbols
        self._deadline = deadline
        self._inbox: SimpleQueue[tuple[str, Message]] = SimpleQueue()
        self._faults: dict[str, Sentence] = {}
        self._heard: set[str] = set()
        self._done: dict[str, int] = {"yahoo": 0, "akshare": 0}
        self._sent: dict[str, int] = {"yahoo": 0, "akshare": 0}
        self._for_yahoo = {
            name: symbol for symbol in sorted(symbols) if (name := spelling("yahoo", symbol))
        }
        self._pairs = {f"{base}{quote}=X": (base, quote) for base, quote in sorted(ask.pairs)}

    def run(self) -> None:
        """Ask, and listen until all is answered, or the deadline."""
        children = {vendor: Child(vendor, self._inbox) for vendor in self._done}
        try:
            self._send(children["yahoo"], [*self._for_yahoo, *self._pairs])
            first = self._symbols - set(self._for_yahoo.values())
            if self._ask.cross_check:
                first = self._symbols
            self._send(children["akshare"], sorted(first), names=sorted(self._unnamed()))
            self._listen(until=self._now_plus(PATIENCE), enough=lambda: self._done["yahoo"] > 0)
            self._send(
                children["akshare"],
                sorted(self._open() - first),
                rates=("HKD", "CNY") in self._missing_rates(),
            )
            self._listen(until=self._deadline, enough=self._is_complete)
        finally:
            for child in children.values():
                child.kill()

    def ask_one(self, vendor: str) -> None:
        """Ask one source alone, and listen until it is done, or the deadline."""
        child = Child(vendor, self._inbox)
        try:
            symbols = list(self._for_yahoo) if vendor == "yahoo" else sorted(self._symbols)
            self._send(child, symbols)
            self._listen(until=self._deadline, enough=lambda: self._done[vendor] > 0)
        finally:
            child.kill()

    def quotes(self) -> dict[str, Quote]:
        """The quote of each symbol: the more recent one, Yahoo's where both are of one time."""
        merged = dict(self.found["akshare"])
        for symbol, quote in self.found["yahoo"].items():
            if symbol not in merged or quote.market_time >= merged[symbol].market_time:
                merged[symbol] = quote
        return merged

    def outages(self) -> Iterable[Problem]:
        """One problem a source that failed or did not finish."""
        for vendor, title in TITLES.items():
            fault = self._faults.get(vendor)
            unfinished = self._done[vendor] < self._sent[vendor]
            if fault is None and unfinished and (self._open() or vendor not in self._heard):
                fault = say("no answer within {timeout:g} seconds", timeout=self._ask.timeout)
            if fault is not None:
                yield Problem("source_out", title, fault)
        if "names" in self._faults:
            message = say("names could not be compared: {fault}", fault=self._faults["names"])
            yield Problem("names_unchecked", f"{eastmoney_prices.SOURCE}, Hong Kong", message)

    def _send(
        self,
        child: Child,
        symbols: list[str],
        *,
        rates: bool = False,
        names: Sequence[str] = (),
    ) -> None:
        if symbols or rates or names:
            timeout = max(1.0, (self._deadline - time.monotonic()) / 3)
            self._sent[child.vendor] += 1
            child.send({"symbols": symbols, "rates": rates, "names": names, "timeout": timeout})

    def _now_plus(self, share: float) -> float:
        now = time.monotonic()
        return now + (self._deadline - now) * share

    def _listen(self, *, until: float, enough: Callable[[], bool]) -> None:
        while not enough() and (left := until - time.monotonic()) > 0:
            try:
                vendor, message = self._inbox.get(timeout=left)
            except Empty:
                return
            self._take(vendor, message)
            if self._ask.progress is not None:
                self._ask.progress(len(self._symbols) - len(self._open()), len(self._symbols))

    def _is_complete(self) -> bool:
        if self._done == self._sent:
            return True
        if self._ask.cross_check or self._open() or self._missing_rates():
            return False
        return not self._unnamed() or "names" in self._faults

    def _unnamed(self) -> set[str]:
        """The Hong Kong listings whose names are still to be compared."""
        return {symbol for symbol in self._symbols if symbol.endswith(".HK")} - set(self.names)

    def _missing_rates(self) -> set[tuple[str, str]]:
        return set(self._pairs.values()) - {(rate.base, rate.quote) for rate in self.rates}

    def _open(self) -> set[str]:
        return self._symbols - set(self.found["yahoo"]) - set(self.found["akshare"])

    def _take(self, vendor: str, message: Message) -> None:
        self._heard.add(vendor)
        takers: Mapping[str, Callable[[str, Message], None]] = {
            "done": self._take_done,
            "gone": self._take_gone,
            "name_of": self._take_unnamed,
            "error": self._take_error,
            "quotes": self._take_yahoo,
            "item": self._take_eastmoney,
            "rates": self._take_rates,
            "name": self._take_name,
        }
        next(taker for key, taker in takers.items() if key in message)(vendor, message)

    def _take_done(self, vendor: str, _: Message) -> None:
        self._done[vendor] += 1

    def _take_gone(self, vendor: str, _: Message) -> None:
        self._done[vendor] = self._sent[vendor]
        self._faults.setdefault(vendor, say("its library ended unexpectedly"))

    def _take_rates(self, _: str, message: Message) -> None:
        rate = eastmoney_prices.rate(message["rates"], self._ask.now)
        self.rates += [rate] if rate else []

    def _take_name(self, _: str, message: Message) -> None:
        self.names[message["symbol"]] = message["name"]

    def _take_unnamed(self, _: str, message: Message) -> None:
        self._faults["names"] = words_of(message)

    def _take_error(self, vendor: str, message: Message) -> None:
        words = words_of(message)
        asked = message.get("symbol", "")
        symbol = self._for_yahoo.get(asked, asked)
        if symbol and message["error"] == "RefusalError":
            self._refuse(symbol, refusal_of(message))
            return
        if symbol:
            self._refuse(symbol, say("{source}: {fault}", source=TITLES[vendor], fault=words))
        if not message.get("outage", True):
            return
        if message["status"] in yahoo_prices.REFUSED:
            words = say("{fault} (it refuses, and is not asked again)", fault=words)
        self._faults.setdefault(vendor, words)

    def _take_yahoo(self, _: str, message: Message) -> None:
        items: Sequence[Mapping[str, Any]] = message["quotes"]
        for symbol, answer in yahoo_prices.quotes(items, self._for_yahoo, self._ask.now).items():
            if isinstance(answer, Quote):
                self.found["yahoo"][symbol] = answer
            else:
                self._refuse(symbol, answer.message)
        self.rates += yahoo_prices.rates(items, self._pairs)

    def _take_eastmoney(self, _: str, message: Message) -> None:
        symbol, item = message["symbol"], message["item"]
        if symbol not in self._symbols:
            return
        self.names |= {symbol: item["name"]} if isinstance(item.get("name"), str) else {}
        try:
            self.found["akshare"][symbol] = eastmoney_prices.quote(item, symbol, self._ask.now)
        except RefusalError as refusal:
            self._refuse(symbol, refusal.message)

    def _refuse(self, symbol: str, reason: Sentence) -> None:
        self.reasons.setdefault(symbol, []).append(reason)


def _codes(ask: Ask) -> tuple[dict[Listing, str], list[Problem]]:
    """The code each listing is asked for by today, and a problem for each that has none."""
    codes: dict[Listing, str] = {}
    problems = []
    for row in ask.listings:
        try:
            codes[row] = asked_as(row.symbol, ask.now.date())
        except SymbolError as error:
            problems.append(Problem("no_price", row.where, message_of(error), row.symbol))
    return codes, problems


def _differences(
    codes: Mapping[Listing, str], found: Mapping[str, Mapping[str, Quote]]
) -> Iterable[Problem]:
    """A problem for each listing whose two sources differ by more than the tolerance."""
    for row, code in codes.items():
        quotes = [by_symbol[code] for by_symbol in found.values() if code in by_symbol]
        prices = [quote.price for quote in quotes]
        if len(prices) > 1 and max(prices) / min(prices) - 1 > CROSS_CHECK_TOLERANCE:
            each = joined(
                say(
                    "{source} {price:g} of {time}",
                    source=quote.source,
                    price=quote.price,
                    time=f"{quote.market_time:%Y-%m-%d %H:%M}",
                )
                for quote in quotes
            )
            message = say("the sources differ, the more recent price is used: {each}", each=each)
            yield Problem("sources_differ", row.where, message, row.symbol)


def _wrong_names(codes: Mapping[Listing, str], names: Mapping[str, str]) -> Iterable[Problem]:
    for row, code in codes.items():
        name = names.get(code)
        if name is not None and plain_name(name) != plain_name(row.name):
            message = say(
                "the watchlist says {printed}, {source} says {name}",
                printed=row.name,
                source=eastmoney_prices.SOURCE,
                name=name,
            )
            yield Problem("wrong_name", row.where, message, row.symbol)


def plain_name(name: str) -> str:
    """A name without what changes by day or vendor: width, spaces, ST and ex-dividend marks."""
    plain = "".join(unicodedata.normalize("NFKC", name).split()).upper()
    for mark in ("*ST", "ST", "XD", "XR", "DR", "N", "C"):
        rest = plain.removeprefix(mark)
        # A mark stands before a Chinese name; a name in Latin letters may begin like one.
        if rest != plain and rest and not rest[0].isascii():
            return rest.removesuffix("退")
    return plain.removesuffix("退")


def _unpriced(
    codes: Mapping[Listing, str],
    quotes: Mapping[Listing, Quote],
    reasons: Mapping[str, list[Sentence]],
) -> Iterable[Problem]:
    for row, code in codes.items():
        if row not in quotes:
            why = joined(dict.fromkeys(reasons.get(code, ()))) or say("no source answered for it")
            yield Problem("no_price", row.where, why, row.symbol)


@dataclass(frozen=True, slots=True)
class Trial:
    """How one source answered for one name: a quote or a fault, and how long it took."""

    source: str
    symbol: str
    quote: Quote | None
    fault: Sentence
    seconds: float


def try_source(vendor: str, symbol: str, ask: Ask) -> Trial:
    """Ask one source for one name, and say how that went."""
    started = time.monotonic()
    inquiry = _Inquiry(replace(ask, listings=()), {symbol}, started + ask.timeout)
    inquiry.ask_one(vendor)
    fault = joined(
        [*(problem.message for problem in inquiry.outages()), *inquiry.reasons.get(symbol, ())]
    )
    quote = inquiry.found[vendor].get(symbol)
    return Trial(
        source=TITLES[vendor],
        symbol=symbol,
        quote=quote,
        fault=fault or (NOTHING if quote else say("no answer for it")),
        seconds=time.monotonic() - started,
    )
