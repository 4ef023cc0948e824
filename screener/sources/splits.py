"""Splits and bonus issues, asked of Eastmoney and Yahoo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from screener.model.calendars import last_trade
from screener.model.messages import say
from screener.model.problems import Problem
from screener.model.records import Lookup, Split
from screener.sources.answers import Items, RefusalError
from screener.sources.asking import Asker, Codes, Days, by_market, codes_of, spelled
from screener.sources.child import Children
from screener.sources.eastmoney import tables
from screener.sources.eastmoney.accounts import YEAR
from screener.sources.network import no_network
from screener.sources.vendors import EASTMONEY, EASTMONEY_SPLITS, YAHOO, YAHOO_SPLITS
from screener.sources.yahoo import prices

NOBODY: Codes = MappingProxyType({})


@dataclass
class Splits:
    """The splits found, which days of which symbols are known by that, and what failed.

    `asked` are the symbols that a source was asked for, whatever came of it.
    """

    splits: list[Split] = field(default_factory=list)
    lookups: list[Lookup] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)


def ask_first(
    asker: Asker,
    found: Splits,
    since: Days,
    now: datetime,
    payers: Codes = NOBODY,
    take_dividends: Callable[[Items], None] = lambda _: None,
) -> None:
    """Ask the first source of each symbol for its splits since a day: the mainland's Eastmoney, in
    one request, Hong Kong's Yahoo, in one each.

    The same table has the dividends of the `payers`, which are by code.
    """
    codes = codes_of(since, now)
    found.asked |= codes.keys()
    mainland, hong_kong = by_market(codes)
    _ask_yahoo(asker, found, hong_kong, since, now)
    symbols = spelled(EASTMONEY, mainland)

    def take(_: str, rows: Items) -> None:
        try:
            splits, refused = tables.splits(rows, {**payers, **symbols})
        except RefusalError as refusal:
            found.problems.append(Problem("source_out", EASTMONEY_SPLITS, refusal.message))
            return
        found.splits += [split for split in splits if split.symbol in mainland]
        known = {symbol: code for symbol, code in mainland.items() if symbol not in refused}
        # One request has one first day: the earliest, which is known of all of them then.
        first = min((since[symbol] for symbol in mainland), default=now.date())
        found.lookups += _known(EASTMONEY, known, dict.fromkeys(known, first), now)
        found.problems += [
            Problem("splits_unknown", symbol, refused[symbol].message, symbol)
            for symbol in refused.keys() & mainland.keys()
        ]
        take_dividends([row for row in rows if row["SECURITY_CODE"] in payers])

    days = dict.fromkeys(payers.values(), now.date() - YEAR) | dict(since)
    asker.ask(EASTMONEY_SPLITS, "bonus", {**payers, **symbols}, take, since=days)


def ask_yahoo(
    children: Children,
    found: Splits,
    since: Days,
    now: datetime,
) -> None:
    """Ask Yahoo, too, for the splits of symbols since their days."""
    with Asker(children, children.left) as asker:
        _ask_yahoo(asker, found, codes_of(since, now), since, now)
        asker.listen()
        found.problems += asker.outages(say("splits"))


def look_up_splits(children: Children, since: Days, now: datetime) -> Splits:
    """What the first source of each symbol has of splits since a day, up to the last day that its
    market traded."""
    found = Splits()
    if since and (unreachable := no_network(say("no connection: splits are not looked up"))):
        return Splits(problems=unreachable, asked={*since})
    with Asker(children, children.left) as asker:
        ask_first(asker, found, since, now)
        asker.listen()
        found.problems += asker.outages(say("splits"))
    return found


def _ask_yahoo(asker: Asker, found: Splits, codes: Codes, since: Days, now: datetime) -> None:
    def take(symbol: str, events: Any) -> None:
        take_splits(found, symbol, events, codes, since, now)

    asker.ask(YAHOO_SPLITS, "splits", spelled(YAHOO, codes), take, since=since)


def take_splits(
    found: Splits, symbol: str, events: Any, codes: Codes, since: Days, now: datetime
) -> None:
    """Take the splits that a chart of Yahoo's has of a symbol since a day."""
    try:
        found.splits += prices.splits(events, symbol)
        found.lookups += _known(YAHOO, {symbol: codes[symbol]}, since, now)
    except RefusalError as refusal:
        found.problems.append(Problem("splits_unknown", symbol, refusal.message, symbol))


def _known(source: str, codes: Codes, since: Days, now: datetime) -> Iterator[Lookup]:
    """What is known by an answer: the days since, up to the last that the market traded."""
    for symbol, code in codes.items():
        yield Lookup(symbol, source, since[symbol], last_trade(code, now).date())
