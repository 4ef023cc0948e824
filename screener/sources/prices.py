"""Live prices: Yahoo for all it has, Eastmoney for Beijing and for what Yahoo leaves open.

The sources run in children, side by side, and are ended at the deadline whatever they are doing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from screener.model.messages import NOTHING, Sentence, joined, message_of, say
from screener.model.problems import Problem
from screener.model.records import Listing, Quote
from screener.model.symbols import SymbolError, asked_as
from screener.sources.asking import Asker
from screener.sources.child import Children
from screener.sources.contract import Ask, Fetched
from screener.sources.inquiry import Inquiry, themselves
from screener.sources.network import no_network
from screener.sources.plausible import is_called
from screener.sources.splits import Splits
from screener.sources.vendors import EASTMONEY, PROFILES, YAHOO, Vendor

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
        unasked = Splits(asked={*ask.splits_since})
        problems = [*out, *retired, *_unpriced(codes, {}, {})]
        return Fetched({}, problems=problems, splits=unasked)
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
        *inquiry.splits.problems,
        *retired,
        *inquiry.problems,
        *(row.problem("sources_differ", words) for row, words in differing.items() if words),
        *_replaced(codes, quotes, inquiry.refused),
        *_wrong_names(codes, inquiry.names),
        *_unpriced(codes, quotes, inquiry.reasons),
    ]
    profiles = [
        replace(profile, symbol=row.symbol)
        for row, code in codes.items()
        if (profile := inquiry.profile(code)) is not None
    ]
    rates = inquiry.believed_rates()
    return Fetched(quotes, rates, problems, profiles, inquiry.splits)


def _ask_both(asker: Asker, inquiry: Inquiry) -> None:
    """Yahoo first, beside it Eastmoney for what Yahoo has not; then that for what is left open."""
    inquiry.ask_yahoo(asker)
    first = inquiry.symbols - set(inquiry.of_yahoo.values())
    if inquiry.wish.cross_check:
        first = inquiry.symbols
    # Bars of Hong Kong have no name, and a chart of another code would pass without one.
    asker.ask(PROFILES, "names", themselves(inquiry.unnamed()), inquiry.take_name)
    inquiry.ask_eastmoney(asker, first)
    inquiry.ask_tables(asker)
    asker.listen(PATIENCE, enough=lambda: not asker.waits_for(YAHOO, "quotes"))
    inquiry.ask_rates_of_accounts(asker)
    if ("HKD", "CNY") in inquiry.missing_rates():
        # Without it no Hong Kong name with EPS in CNY has a P/E. Shanghai's is the official
        # reference rate: of the day, not of the minute.
        asker.ask(EASTMONEY, "rates", {"HKD/CNY": ""}, inquiry.take_rates, insist=True)
    inquiry.ask_eastmoney(asker, (inquiry.open() | inquiry.unconfirmed()) - first)
    asker.listen(enough=lambda: inquiry.is_complete(asker))


def _outages(asker: Asker, inquiry: Inquiry) -> Iterable[Problem]:
    """One problem a source that failed or, where something is missing, did not finish."""
    is_complete = not inquiry.open() and not inquiry.waits_for_splits(asker)
    for source, fault in asker.news(is_complete=is_complete).items():
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


def _replaced(
    codes: Mapping[Listing, str],
    quotes: Mapping[Listing, Quote],
    refused: Mapping[str, list[Sentence]],
) -> Iterable[Problem]:
    """What one source said that can be no price, where another's stands in."""
    for row, quote in quotes.items():
        for why in dict.fromkeys(refused.get(codes[row], ())):
            message = say("{why}; that of {source} is used", why=why, source=quote.source)
            yield row.problem("sources_differ", message)


def _wrong_names(codes: Mapping[Listing, str], names: Mapping[str, str]) -> Iterable[Problem]:
    for row, code in codes.items():
        name = names.get(code)
        # What has no Chinese name cannot be compared with one.
        if name is None or row.name in (row.symbol, row.name_en):
            continue
        if not is_called(name, [row.name]):
            message = say(
                "the watchlist says {printed}, {source} says {name}",
                printed=row.name,
                source=EASTMONEY,
                name=name,
            )
            yield row.problem("wrong_name", message)


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
    fault = joined(outages) or joined(inquiry.reasons.get(symbol, ()))
    quote = inquiry.found[source].get(symbol)
    return quote, fault or (NOTHING if quote else say("no answer for it"))
