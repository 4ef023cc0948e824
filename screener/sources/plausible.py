"""Which prices and rates can be believed: each is held against what was known before it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from screener.model.calendars import sessions_since
from screener.model.currencies import plausible_rates
from screener.model.extents import CLOSE, RATE
from screener.model.figures import Interval
from screener.model.messages import NOTHING, Sentence, say
from screener.model.records import Quote, Rate
from screener.model.symbols import daily_limit, exchange_of

# A price that is more than so many times the last one known, or less than that part of it, is
# doubted however long ago that was: a wrong unit makes ten at least, and no split is forgotten.
JUMP = 3.0
# From here on it is refused, unless another source says the same: in no market does a share do so
# between two looks at it.
REFUSED = 8.0
# A close is held against so many around it.
AROUND = 4
# What rounding and ticks add to a daily limit.
SLACK = 1.02
# A rate that has moved by more than this since one of the last days is doubted.
RATE_JUMP = 0.05
RATE_DAYS = 10
# What the clocks of two places may differ by, and a day that is named by its end.
AHEAD = timedelta(days=1)


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
        moved = _moved(symbol, quote, own, 1)
        # Where the price is as it was, a session before that is nothing like it is the slip.
        if moved.size < REFUSED or not moves or moves[0].is_doubtful:
            moves.append(moved)
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


def odd_ones(closes: Sequence[float]) -> set[int]:
    """The places of closes that can be none: each is many times all those around it, or a part.

    They are per share of one day, in order. Where the level changes for good, none is odd.
    """
    sound = [at for at, close in enumerate(closes) if CLOSE.holds(close)]
    odd = set(range(len(closes))) - set(sound)
    for place, at in enumerate(sound):
        first = max(0, min(place - AROUND // 2, len(sound) - AROUND - 1))
        around = [each for each in sound[first : first + AROUND + 1] if each != at]
        if len(around) == AROUND and all(_apart(closes[at], closes[each]) for each in around):
            odd.add(at)
    return odd


def _apart(one: float, other: float) -> bool:
    return max(one, other) / min(one, other) >= REFUSED


def rate_fault(rate: Rate, now: datetime | None = None) -> Sentence:
    """Why that can be no rate of its pair, by `now` if that is given; or nothing."""
    if now is not None and rate.market_time > now + AHEAD:
        time = f"{rate.market_time:%Y-%m-%d %H:%M}"
        return say("{source} dates its rate {time}, in the future", source=rate.source, time=time)
    band = plausible_rates(rate.base, rate.quote) or Interval(RATE.least, RATE.most)
    if band.low <= rate.value <= band.high:
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


def is_called(said: str, names: Collection[str]) -> bool:
    """Whether a name that a source says can be that of a listing, by what that is called here.

    What has no name here may be called anything.
    """
    return not names or plain_name(said) in map(plain_name, names)


def plain_name(name: str) -> str:
    """A name without what changes by day or vendor: width, spaces, marks before and behind it."""
    plain = "".join(unicodedata.normalize("NFKC", name).split()).upper()
    # Behind it stands what kind of share it is: 寒武纪-U has no profit, 阿里巴巴-W weighs votes.
    plain = re.sub("-[A-Z]{1,3}$", "", plain)
    for mark in ("*ST", "ST", "XD", "XR", "DR", "N", "C"):
        rest = plain.removeprefix(mark)
        # A mark stands before a Chinese name; a name in Latin letters may begin like one.
        if rest != plain and rest and not rest[0].isascii():
            return rest.removesuffix("退")
    return plain.removesuffix("退")
