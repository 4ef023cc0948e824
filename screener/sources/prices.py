"""Live prices: Yahoo for all it has, Eastmoney for Beijing and for what Yahoo leaves open.

The sources run in children, side by side, and are ended at the deadline whatever they are doing.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from screener.model.messages import NOTHING, Sentence, joined, message_of, say
from screener.model.problems import Problem
from screener.model.records import Listing, Quote, Rate
from screener.model.symbols import SymbolError, asked_as
from screener.sources.asking import Asker, spelled
from screener.sources.child import Children
from screener.sources.contract import Ask, Fetched
from screener.sources.eastmoney import prices as eastmoney
from screener.sources.network import no_network
from screener.sources.vendors import EASTMONEY, PROFILES, YAHOO, Vendor
from screener.sources.yahoo import prices as yahoo

# After this share of the time, what Yahoo has not answered is asked of Eastmoney as well: Yahoo
# takes a second when it is well, and Eastmoney needs the other half for a request each.
PATIENCE = 0.5

# Two sources that differ by more than this are a problem. They may be 15 minutes apart, in which a
# share seldom moves by 1 %; an old code, a split or a wrong currency makes far more.
CROSS_CHECK_TOLERANCE = 0.01


def fetch_prices(children: Children, ask: Ask) -> Fetched:
    """A live price, or a problem with the reasons, for each listing; and the rates they need.

    Ends within `ask.timeout` seconds. A source that is out is named once, not once a listing.
    """
    codes, retired = _codes(ask)
    inquiry = Inquiry(ask, set(codes.values()))
    asker = Asker(children, ask.timeout, progress=inquiry.report)
    if out := no_network(say("no connection to any price source")):
        return Fetched({}, (), [*out, *retired, *_unpriced(codes, {}, {})])
    with asker:
        _ask_both(asker, inquiry)
    found = inquiry.quotes()
    quotes = {row: found[code] for row, code in codes.items() if code in found}
    problems = [
        *_outages(asker, inquiry),
        *retired,
        *_differences(codes, inquiry.found),
        *_wrong_names(codes, inquiry.names),
        *_unpriced(codes, quotes, inquiry.reasons),
    ]
    return Fetched(quotes, inquiry.rates, problems)


def _ask_both(asker: Asker, inquiry: Inquiry) -> None:
    """Yahoo first, beside it Eastmoney for what Yahoo has not; then that for what is left open."""
    inquiry.ask_yahoo(asker)
    first = inquiry.symbols - set(inquiry.of_yahoo.values())
    if inquiry.wish.cross_check:
        first = inquiry.symbols
    # Bars of Hong Kong have no name, and a chart of another code would pass without one.
    asker.ask(PROFILES, "names", _themselves(inquiry.unnamed()), inquiry.take_name)
    inquiry.ask_eastmoney(asker, first)
    asker.listen(PATIENCE, enough=lambda: not asker.waits_for(YAHOO))
    if ("HKD", "CNY") in inquiry.missing_rates():
        # Without it no Hong Kong name with EPS in CNY has a P/E. Shanghai's is the official
        # reference rate: of the day, not of the minute.
        asker.ask(EASTMONEY, "rates", {"HKD/CNY": ""}, inquiry.take_rates, insist=True)
    inquiry.ask_eastmoney(asker, inquiry.open() - first)
    asker.listen(enough=lambda: inquiry.is_complete(asker))


@dataclass
class Inquiry:
    """The prices, rates and names that are wanted, and what has come of them, by source."""

    wish: Ask
    symbols: set[str]
    found: dict[str, dict[str, Quote]] = field(default_factory=lambda: {YAHOO: {}, EASTMONEY: {}})
    rates: list[Rate] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, list[Sentence]] = field(default_factory=lambda: defaultdict(list))
    of_yahoo: Mapping[str, str] = field(init=False)
    pairs: Mapping[str, tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.of_yahoo = spelled(YAHOO, _themselves(self.symbols))
        # Both currencies are spelled: Yahoo answers `CNY=X` under another name.
        self.pairs = {f"{base}{quote}=X": (base, quote) for base, quote in sorted(self.wish.pairs)}

    def ask_yahoo(self, asker: Asker) -> None:
        names = {**self.of_yahoo, **_themselves(self.pairs)}
        asker.ask(YAHOO, "quotes", names, self.take_yahoo, self.refuse)

    def ask_eastmoney(self, asker: Asker, symbols: Iterable[str]) -> None:
        names = _themselves(symbols)
        asker.ask(EASTMONEY, "items", names, self.take_item, self.refuse, insist=True)

    def quotes(self) -> dict[str, Quote]:
        """The quote of each symbol: the more recent one, Yahoo's where both are of one time."""
        # Yahoo's says its own time and currency; an A share of Eastmoney's is only dated by us.
        merged = dict(self.found[EASTMONEY])
        for symbol, quote in self.found[YAHOO].items():
            if symbol not in merged or quote.market_time >= merged[symbol].market_time:
                merged[symbol] = quote
        return merged

    def open(self) -> set[str]:
        """The symbols without a price."""
        return self.symbols - set(self.found[YAHOO]) - set(self.found[EASTMONEY])

    def unnamed(self) -> set[str]:
        """The Hong Kong listings whose names are still to be compared."""
        return {symbol for symbol in self.symbols if symbol.endswith(".HK")} - set(self.names)

    def missing_rates(self) -> set[tuple[str, str]]:
        return set(self.pairs.values()) - {(rate.base, rate.quote) for rate in self.rates}

    def is_complete(self, asker: Asker) -> bool:
        """Whether no answer that may come is needed."""
        if self.wish.cross_check or self.open() or self.missing_rates():
            return False
        return not self.unnamed() or PROFILES in asker.faults

    def report(self) -> None:
        """Tell how many prices have come."""
        if self.wish.progress is not None:
            self.wish.progress(len(self.symbols) - len(self.open()), len(self.symbols))

    def take_yahoo(self, _: str, items: Sequence[Mapping[str, Any]]) -> None:
        for symbol, answer in yahoo.quotes(items, self.of_yahoo, self.wish.now).items():
            if isinstance(answer, Quote):
                self.found[YAHOO][symbol] = answer
            else:
                self.refuse(symbol, answer.message)
        self.rates += yahoo.rates(items, self.pairs)

    def take_item(self, symbol: str, item: Mapping[str, Any]) -> None:
        if symbol not in self.symbols:
            return  # the whole of Beijing has others, too
        if isinstance(item.get("name"), str):
            self.names[symbol] = item["name"]
        self.found[EASTMONEY][symbol] = eastmoney.quote(item, symbol, self.wish.now)

    def take_rates(self, _: str, items: Sequence[Mapping[str, Any]]) -> None:
        if rate := eastmoney.rate(items, self.wish.now):
            self.rates.append(rate)

    def take_name(self, symbol: str, name: str) -> None:
        self.names[symbol] = name

    def refuse(self, symbol: str, reason: Sentence) -> None:
        self.reasons[symbol].append(reason)


def _themselves(symbols: Iterable[str]) -> dict[str, str]:
    # The child spells these, as what it has to ask depends on the exchange.
    return {symbol: symbol for symbol in sorted(symbols)}


def _outages(asker: Asker, inquiry: Inquiry) -> Iterable[Problem]:
    """One problem a source that failed or, where prices are missing, did not finish."""
    for source, fault in asker.failed(is_complete=not inquiry.open()).items():
        message = fault.words
        if source == PROFILES:
            message = say("names could not be compared: {fault}", fault=message)
        elif fault.is_refusal:
            message = say("{fault} (it refuses, and is not asked again)", fault=message)
        yield Problem("names_unchecked" if source == PROFILES else "source_out", source, message)


def _codes(ask: Ask) -> tuple[dict[Listing, str], list[Problem]]:
    """The code each listing is asked for by today, and a problem for each that has none."""
    codes: dict[Listing, str] = {}
    problems = []
    for row in ask.listings:
        try:
            codes[row] = asked_as(row.symbol, ask.now.date())
        except SymbolError as error:
            problems.append(row.problem("no_price", message_of(error)))
    return codes, problems


def _differences(
    codes: Mapping[Listing, str], found: Mapping[str, Mapping[str, Quote]]
) -> Iterable[Problem]:
    """A problem for each listing whose two sources differ by more than the tolerance."""
    for row, code in codes.items():
        quotes = [by_symbol[code] for by_symbol in found.values() if code in by_symbol]
        prices = [quote.price for quote in quotes]
        if len(prices) > 1 and max(prices) / min(prices) - 1 > CROSS_CHECK_TOLERANCE:
            each = joined(_priced(quote) for quote in quotes)
            message = say("the sources differ, the more recent price is used: {each}", each=each)
            yield row.problem("sources_differ", message)


def _priced(quote: Quote) -> Sentence:
    time = f"{quote.market_time:%Y-%m-%d %H:%M}"
    return say("{source} {price:g} of {time}", source=quote.source, price=quote.price, time=time)


def _wrong_names(codes: Mapping[Listing, str], names: Mapping[str, str]) -> Iterable[Problem]:
    for row, code in codes.items():
        name = names.get(code)
        if name is not None and plain_name(name) != plain_name(row.name):
            message = say(
                "the watchlist says {printed}, {source} says {name}",
                printed=row.name,
                source=EASTMONEY,
                name=name,
            )
            yield row.problem("wrong_name", message)


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
            yield row.problem("no_price", why)


def try_source(children: Children, vendor: Vendor, ask: Ask) -> tuple[Quote | None, Sentence]:
    """The quote that one source has of the name it is sure to have, or what it fails of."""
    source, symbol = vendor.title, vendor.known
    inquiry = Inquiry(ask, {symbol})
    with Asker(children, ask.timeout) as asker:
        if source == YAHOO:
            inquiry.ask_yahoo(asker)
        else:
            inquiry.ask_eastmoney(asker, {symbol})
        asker.listen()
    outages = (problem.message for problem in _outages(asker, inquiry))
    fault = joined([*outages, *inquiry.reasons.get(symbol, ())])
    quote = inquiry.found[source].get(symbol)
    return quote, fault or (NOTHING if quote else say("no answer for it"))
