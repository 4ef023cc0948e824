"""What two sources say of one name: whose price is used, and whether it is certain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from screener.model.messages import NOTHING, Sentence, joined, say
from screener.model.records import Quote
from screener.model.symbols import daily_limit
from screener.sources.plausible import Known, is_doubtful

# Two sources that differ by more than this are a problem. They may be 15 minutes apart, in which a
# share seldom moves by 1 %; an old code, a split or a wrong currency makes far more.
CROSS_CHECK_TOLERANCE = 0.01

# A share that is halted has one price, whoever says it: rounding is all that may differ.
SAME_PRICE = 0.0005


@dataclass(frozen=True, slots=True)
class Merged:
    """The quote of a symbol, if any; `differing` says how its sources differ, `refused` that they
    leave none.
    """

    quote: Quote | None
    differing: Sentence = NOTHING
    refused: Sentence = NOTHING


def merged(symbol: str, quotes: Sequence[Quote], stale: Sequence[Quote], known: Known) -> Merged:
    """The quote that the sources of a symbol come to.

    `stale` are prices of many sessions ago: where another source has the same one, the share has
    not traded since, whatever time that source puts to it.
    """
    for old in stale:
        others = [each for each in (*quotes, *stale) if each.source != old.source]
        if others and all(_apart(old, each) <= SAME_PRICE for each in others):
            return Merged(replace(old, obtained="halted", confirmed_by=others[0].source))
    if not quotes:
        return Merged(None)
    best, *others = sorted(quotes, key=_dating, reverse=True)
    agreeing = [each for each in others if _apart(best, each) <= CROSS_CHECK_TOLERANCE]
    if agreeing:
        best = replace(best, confirmed_by=agreeing[0].source)
    if len(agreeing) == len(others):
        return Merged(best)
    each = joined(map(priced, quotes))
    fitting = [quote for quote in quotes if not is_doubtful(symbol, quote, known)]
    if len(fitting) == 1:
        words = say(
            "the sources differ, the price that fits the last known is used: {each}", each=each
        )
        return Merged(fitting[0], words)
    # From the lower end of a day's range to its upper one: more is no market's doing.
    limit = daily_limit(symbol)
    widest = max(_apart(best, other) for other in others)
    if widest > (1 + limit) / (1 - limit) - 1 and not agreeing:
        return Merged(
            None, refused=say("the sources differ, neither is certain: {each}", each=each)
        )
    words = say(
        "the sources differ, that of {source} is used: {each}", source=best.source, each=each
    )
    return Merged(best, words)


def _apart(one: Quote, other: Quote) -> float:
    return max(one.price, other.price) / min(one.price, other.price) - 1


def _dating(quote: Quote) -> tuple[date, bool, datetime]:
    """What tells which of two quotes is the more recent; a time that is ours tells nothing."""
    day = date.min if quote.dated_by == "nothing" else quote.market_time.date()
    return day, quote.dated_by == "time", quote.market_time


def priced(quote: Quote) -> Sentence:
    """A price with its source and time."""
    time = f"{quote.market_time:%Y-%m-%d %H:%M}"
    if quote.dated_by == "nothing":
        return say("{source} {price:g} without a time", source=quote.source, price=quote.price)
    return say("{source} {price:g} of {time}", source=quote.source, price=quote.price, time=time)
