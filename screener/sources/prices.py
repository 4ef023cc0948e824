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
from screener.sources.answers import RefusalError, StaleError
from screener.sources.asking import Asker, spelled
from screener.sources.child import Children
from screener.sources.contract import Ask, Fetched
from screener.sources.eastmoney import prices as eastmoney
from screener.sources.merging import Merged, merged
from screener.sources.network import no_network
from screener.sources.plausible import is_doubtful, is_doubtful_rate, rate_fault
from screener.sources.vendors import EASTMONEY, PROFILES, YAHOO, Vendor
from screener.sources.yahoo import prices as yahoo

# After this share of the time, what Yahoo has not answered is asked of Eastmoney as well: Yahoo
# takes a second when it is well, and Eastmoney needs the other half for a request each.
PATIENCE = 0.5


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
    found = {symbol: inquiry.merged(symbol) for symbol in inquiry.symbols}
    for symbol, each in found.items():
        if each.refused:
            inquiry.refuse(symbol, each.refused)
    differing = {row: found[code].differing for row, code in codes.items()}
    quotes = {row: quote for row, code in codes.items() if (quote := found[code].quote)}
    problems = [
        *_outages(asker, inquiry),
        *retired,
        *inquiry.problems,
        *(row.problem("sources_differ", words) for row, words in differing.items() if words),
        *_wrong_names(codes, inquiry.names),
        *_unpriced(codes, quotes, inquiry.reasons),
    ]
    return Fetched(quotes, inquiry.believed_rates(), problems)


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
    inquiry.ask_eastmoney(asker, (inquiry.open() | inquiry.unconfirmed()) - first)
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
    stale: dict[str, list[Quote]] = field(default_factory=lambda: defaultdict(list))
    problems: list[Problem] = field(default_factory=list)
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

    def merged(self, symbol: str) -> Merged:
        """What the sources come to."""
        quotes = [of[symbol] for of in self.found.values() if symbol in of]
        return merged(symbol, quotes, self.stale[symbol], self.wish.known)

    def unconfirmed(self) -> set[str]:
        """The symbols whose price is doubtful as long as no other source says the same."""
        known, other = self.wish.known, self.found[EASTMONEY]
        found = self.found[YAHOO].items()
        return {symbol for symbol, quote in found if is_doubtful(symbol, quote, known)} - set(other)

    def open(self) -> set[str]:
        """The symbols without a price."""
        return self.symbols - set(self.found[YAHOO]) - set(self.found[EASTMONEY])

    def unnamed(self) -> set[str]:
        """The Hong Kong listings whose names are still to be compared."""
        return {symbol for symbol in self.symbols if symbol.endswith(".HK")} - set(self.names)

    def missing_rates(self) -> set[tuple[str, str]]:
        sure = (rate for rate in self.rates if not is_doubtful_rate(rate, self.wish.known))
        return set(self.pairs.values()) - {(rate.base, rate.quote) for rate in sure}

    def believed_rates(self) -> list[Rate]:
        """The rates, without those that are doubtful where another source has one that is not."""
        sure = [rate for rate in self.rates if not is_doubtful_rate(rate, self.wish.known)]
        pairs = {(rate.base, rate.quote) for rate in sure}
        return sure + [rate for rate in self.rates if (rate.base, rate.quote) not in pairs]

    def is_complete(self, asker: Asker) -> bool:
        """Whether no answer that may come is needed."""
        if self.wish.cross_check or self.open() or self.unconfirmed() or self.missing_rates():
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
                self.refuse_stale(symbol, answer)
        self.take_believable(yahoo.rates(items, self.pairs))

    def take_item(self, symbol: str, item: Mapping[str, Any]) -> None:
        if symbol not in self.symbols:
            return  # the whole of Beijing has others, too
        if isinstance(item.get("name"), str):
            self.names[symbol] = item["name"]
        try:
            self.found[EASTMONEY][symbol] = eastmoney.quote(item, symbol, self.wish.now)
        except RefusalError as refusal:
            self.refuse_stale(symbol, refusal)

    def take_rates(self, _: str, items: Sequence[Mapping[str, Any]]) -> None:
        rate = eastmoney.rate(items, self.wish.now)
        self.take_believable([rate] if rate else [])

    def take_believable(self, rates: Iterable[Rate]) -> None:
        for rate in rates:
            if fault := rate_fault(rate):
                pair = f"{rate.base}/{rate.quote}"
                self.problems.append(Problem("improbable_rate", pair, fault))
            else:
                self.rates.append(rate)

    def take_name(self, symbol: str, name: str) -> None:
        self.names[symbol] = name

    def refuse(self, symbol: str, reason: Sentence) -> None:
        self.reasons[symbol].append(reason)

    def refuse_stale(self, symbol: str, refusal: RefusalError) -> None:
        """An answer that is no price of now; what another source says may show that it still is."""
        self.refuse(symbol, refusal.message)
        if isinstance(refusal, StaleError):
            self.stale[symbol].append(refusal.quote)


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


def _wrong_names(codes: Mapping[Listing, str], names: Mapping[str, str]) -> Iterable[Problem]:
    for row, code in codes.items():
        name = names.get(code)
        # What has no Chinese name cannot be compared with one.
        if name is None or row.name in (row.symbol, row.name_en):
            continue
        if plain_name(name) != plain_name(row.name):
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
