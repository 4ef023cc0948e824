"""What a run wants of the price sources, and what has come of it so far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from screener.model.extents import MARKET_CAP
from screener.model.messages import Sentence
from screener.model.problems import Problem
from screener.model.records import Profile, Quote, Rate
from screener.model.symbols import currency_of
from screener.sources.answers import Items, RefusalError, StaleError, figure, name
from screener.sources.asking import Asker, spelled
from screener.sources.contract import Ask
from screener.sources.eastmoney import accounts
from screener.sources.eastmoney import prices as eastmoney
from screener.sources.merging import Merged, merged
from screener.sources.plausible import is_doubtful, is_doubtful_rate, rate_fault
from screener.sources.splits import Splits, ask_first
from screener.sources.vendors import (
    ACCOUNTS,
    EASTMONEY,
    EASTMONEY_SPLITS,
    PROFILES,
    YAHOO,
    YAHOO_SPLITS,
)
from screener.sources.yahoo import prices as yahoo
from screener.sources.yahoo import profiles as yahoo_profiles


@dataclass
class Inquiry:
    """The prices, rates and names that are wanted, and what has come of them, by source."""

    wish: Ask
    symbols: set[str]
    found: dict[str, dict[str, Quote]] = field(default_factory=lambda: {YAHOO: {}, EASTMONEY: {}})
    rates: list[Rate] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, list[Sentence]] = field(default_factory=lambda: defaultdict(list))
    refused: dict[str, list[Sentence]] = field(default_factory=lambda: defaultdict(list))
    stale: dict[str, list[Quote]] = field(default_factory=lambda: defaultdict(list))
    problems: list[Problem] = field(default_factory=list)
    year_ends: dict[str, str] = field(default_factory=dict)
    market_caps: dict[str, float] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)
    dividends: dict[str, float] = field(default_factory=dict)
    splits: Splits = field(default_factory=Splits)
    of_yahoo: Mapping[str, str] = field(init=False)
    pairs: Mapping[str, tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.of_yahoo = spelled(YAHOO, themselves(self.symbols))
        # Both currencies are spelled: Yahoo answers `CNY=X` under another name.
        self.pairs = {f"{base}{quote}=X": (base, quote) for base, quote in sorted(self.wish.pairs)}

    def ask_yahoo(self, asker: Asker) -> None:
        names = {**self.of_yahoo, **themselves(self.pairs)}
        asker.ask(YAHOO, "quotes", names, self.take_yahoo, self.refuse)

    def ask_eastmoney(self, asker: Asker, symbols: Iterable[str]) -> None:
        names = themselves(symbols)
        asker.ask(EASTMONEY, "items", names, self.take_item, self.refuse, insist=True)

    def ask_tables(self, asker: Asker) -> None:
        """Ask for splits, and for the accounts of those that Yahoo has not: two requests have all
        of the mainland."""
        wanted = sorted(self.wish.unprofiled & self.symbols)
        codes = spelled(ACCOUNTS, themselves(wanted))

        def take_reports(_: str, rows: Items) -> None:
            found, refused = accounts.profiles(rows, codes, self.wish.now)
            self.profiles |= found
            self.refuse_accounts(refused)

        def take_dividends(rows: Items) -> None:
            found, refused = accounts.dividends(rows, codes, self.wish.now)
            self.dividends |= found
            self.refuse_accounts(refused)

        since = dict.fromkeys(wanted, self.wish.now.date() - accounts.REPORTS_SINCE)
        asker.ask(ACCOUNTS, "accounts", codes, take_reports, since=since)
        ask_first(asker, self.splits, self.wish.splits_since, self.wish.now, codes, take_dividends)

    def refuse_accounts(self, refused: accounts.Refused) -> None:
        self.problems += [
            Problem("no_accounts", symbol, refusal.message, symbol)
            for symbol, refusal in refused.items()
        ]

    def ask_rates_of_accounts(self, asker: Asker) -> None:
        """Ask for the rates of currencies that only the answers have named."""
        named = {
            (currency_of(symbol), profile.accounts_currency)
            for symbol, profile in self.profiles.items()
            if profile.accounts_currency not in ("", currency_of(symbol))
        }
        # The pair turned round does as well.
        known = {pair for each in self.pairs.values() for pair in (each, each[::-1])}
        new = {f"{base}{quote}=X": (base, quote) for base, quote in sorted(named - known)}
        if asker.waits_for(YAHOO, "quotes"):
            return  # it is late with the prices themselves
        self.pairs = {**self.pairs, **new}
        asker.ask(YAHOO, "quotes", themselves(new), self.take_yahoo, self.refuse)

    def profile(self, symbol: str) -> Profile | None:
        """What was said of a company, by whom of all."""
        profile = self.profiles.get(symbol)
        if profile is None:
            return None
        return replace(
            profile,
            name=self.names.get(symbol, profile.name),
            year_end=self.year_ends.get(symbol, ""),
            dividend=self.dividends.get(symbol, profile.dividend),
            market_cap=profile.market_cap or self.market_caps.get(symbol),
        )

    def unprofiled(self, asker: Asker) -> bool:
        """Whether accounts that may still come are wanted."""
        has_all = self.wish.unprofiled & self.symbols <= self.profiles.keys() & self.dividends
        return not has_all and ACCOUNTS not in asker.faults

    def waits_for_splits(self, asker: Asker) -> bool:
        """Whether splits or dividends may still come."""
        jobs = ((EASTMONEY_SPLITS, "bonus"), (YAHOO_SPLITS, "splits"))
        return any(asker.waits_for(source, kind) for source, kind in jobs)

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
        if self.unprofiled(asker) or self.waits_for_splits(asker):
            return False
        return not self.unnamed() or PROFILES in asker.faults

    def report(self) -> None:
        """Tell how many prices have come."""
        if self.wish.progress is not None:
            self.wish.progress(len(self.symbols) - len(self.open()), len(self.symbols))

    def take_yahoo(self, _: str, items: Items) -> None:
        for symbol, answer in yahoo.quotes(items, self.of_yahoo, self.wish.now).items():
            if isinstance(answer, Quote):
                self.found[YAHOO][symbol] = answer
            else:
                self.refuse_stale(symbol, answer)
        rates, refused = yahoo.rates(items, self.pairs)
        self.take_believable(rates)
        self.problems += [
            Problem("improbable_rate", pair, refusal.message) for pair, refusal in refused.items()
        ]
        self.profiles |= yahoo_profiles.profiles(items, self.of_yahoo, self.wish.now)

    def take_item(self, symbol: str, item: Mapping[str, Any]) -> None:
        if symbol not in self.symbols:
            return  # the whole of Beijing has others, too
        if said := name(item, "name"):
            self.names[symbol] = said
        if cap := figure(item, "market_cap", MARKET_CAP):
            self.market_caps[symbol] = cap
        try:
            self.found[EASTMONEY][symbol] = eastmoney.quote(item, symbol, self.wish.now)
        except RefusalError as refusal:
            self.refuse_stale(symbol, refusal)

    def take_rates(self, _: str, items: Items) -> None:
        rate = eastmoney.rate(items, self.wish.now)
        self.take_believable([rate] if rate else [])

    def take_believable(self, rates: Iterable[Rate]) -> None:
        for rate in rates:
            if fault := rate_fault(rate, self.wish.now):
                pair = f"{rate.base}/{rate.quote}"
                self.problems.append(Problem("improbable_rate", pair, fault))
            else:
                self.rates.append(rate)

    def take_name(self, symbol: str, said: Mapping[str, str]) -> None:
        if called := name(said, "name"):
            self.names[symbol] = called
        if ends := eastmoney.year_end(said):
            self.year_ends[symbol] = ends

    def refuse(self, symbol: str, reason: Sentence) -> None:
        self.reasons[symbol].append(reason)

    def refuse_stale(self, symbol: str, refusal: RefusalError) -> None:
        """An answer that is no price of now; what another source says may show that it still is."""
        self.refuse(symbol, refusal.message)
        if isinstance(refusal, StaleError):
            self.stale[symbol].append(refusal.quote)
        else:
            self.refused[symbol].append(refusal.message)


def themselves(symbols: Iterable[str]) -> dict[str, str]:
    # The child spells these, as what it has to ask depends on the exchange.
    return {symbol: symbol for symbol in sorted(symbols)}
