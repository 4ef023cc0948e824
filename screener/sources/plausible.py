"""Which prices and rates can be believed: each is held against what was known before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from screener.model.calendars import sessions_since
from screener.model.currencies import plausible_rates
from screener.model.messages import NOTHING, Sentence, say
from screener.model.records import Quote, Rate
from screener.model.symbols import daily_limit, exchange_of

# A price that is more than so many times the last one known, or less than that part of it, is
# doubted however long ago that was: a wrong unit makes ten at least, and no split is forgotten.
JUMP = 3.0
# From here on it is refused, unless another source says the same: in no market does a share do so
# between two looks at it.
REFUSED = 8.0
# What rounding and ticks add to a daily limit.
SLACK = 1.02
# A rate that has moved by more than this since one of the last days is doubted.
RATE_JUMP = 0.05
RATE_DAYS = 10


@dataclass(frozen=True, slots=True)
class Reference:
    """A price that is believed, of an earlier day, per share of now."""

    price: float
    day: date
    source: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is believed before anybody is asked: prices by symbol, the oldest first, and rates."""

    prices: Mapping[str, Sequence[Reference]] = field(default_factory=dict)
    rates: Mapping[tuple[str, str], Rate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Move:
    """By how much a price differs from one before it, and by how much it may."""

    times: float
    reference: Reference
    allowed: float

    @property
    def size(self) -> float:
        """The factor, whichever way it goes."""
        return max(self.times, 1 / self.times)

    @property
    def is_doubtful(self) -> bool:
        return self.size > self.allowed


def move(symbol: str, quote: Quote, references: Sequence[Reference]) -> Move | None:
    """How far a price has come since the last one known of an earlier day; None without one.

    What the source itself says of the session before counts as well, where it says more.
    """
    traded = quote.market_time.date()
    before = [each for each in references if each.day < traded]
    moves = [_since(symbol, quote, before[-1])] if before else []
    if quote.previous_close is not None:
        own = Reference(quote.previous_close, traded, quote.source)
        moves.append(_moved(symbol, quote, own, 1))
    return max(moves, key=lambda each: each.size / each.allowed, default=None)


def _since(symbol: str, quote: Quote, reference: Reference) -> Move:
    exchange = exchange_of(symbol)
    before = datetime.combine(reference.day, exchange.close, exchange.zone)
    sessions = sessions_since(symbol, before, quote.market_time)
    return _moved(symbol, quote, reference, max(sessions, 1))


def _moved(symbol: str, quote: Quote, reference: Reference, sessions: int) -> Move:
    times, limit = quote.price / reference.price, daily_limit(symbol)
    of_a_day = 1 + limit if times > 1 else 1 / (1 - limit)
    # A limit on each of many days would allow anything.
    return Move(times, reference, min(JUMP, of_a_day**sessions * SLACK))


def is_doubtful(symbol: str, quote: Quote, known: Known) -> bool:
    """Whether a price has come further than a market goes, and no other source says the same."""
    found = move(symbol, quote, known.prices.get(symbol, ()))
    return found is not None and found.is_doubtful and not quote.confirmed_by


def rate_fault(rate: Rate) -> Sentence:
    """Why that can be no rate of its pair, or nothing."""
    band = plausible_rates(rate.base, rate.quote)
    if band is None or band.low <= rate.value <= band.high:
        return NOTHING
    return say(
        "{source} says {rate:g}, which is not between {low:.4g} and {high:.4g}: not used",
        source=rate.source,
        rate=rate.value,
        low=band.low,
        high=band.high,
    )


def is_doubtful_rate(rate: Rate, known: Known) -> bool:
    """Whether a rate has moved further in some days than currencies do."""
    before = known.rates.get((rate.base, rate.quote))
    if before is None or (rate.market_time - before.market_time).days > RATE_DAYS:
        return False
    return abs(rate.value / before.value - 1) > RATE_JUMP
