"""Exchange rates: from the currency a share trades in to the currency of its estimates."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from screener.model.calendars import market_day
from screener.model.messages import say
from screener.model.problems import Problem
from screener.model.records import Listing, Quote, Rate
from screener.sources.plausible import rate_fault

# A rate this many days older than the valuation is still used, and warned of: the reference rate
# of Shanghai rests over the same holidays as the market.
OLD_AFTER_DAYS = 10

# The two directions of one pair may differ by this much before they contradict each other: more
# than a bank's spread, less than a P/E is printed with.
TOLERANCE = 0.01


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a price is multiplied by to be in the currency of the EPS, who says so, and of when."""

    value: float
    source: str
    market_time: datetime | None


SAME_CURRENCY = Conversion(1.0, "", None)

Pair = tuple[str, str]


def convert(
    quotes: Mapping[Listing, Quote],
    currencies: Mapping[Listing, str],
    rates: Sequence[Rate],
    day: date,
) -> tuple[dict[Listing, Conversion], list[Problem]]:
    """A conversion, or a problem that names it, for every listing that has a quote.

    `currencies` are those of the estimates that are used.
    A rate of the pair is used as it is, or turned round where the opposite pair's is newer.
    Rates of after the day are not used; old ones and those that contradict are problems.
    """
    known = known_rates(rates, day)
    conversions: dict[Listing, Conversion] = {}
    used: dict[Pair, Conversion] = {}
    problems = []
    for listing, quote in quotes.items():
        traded, currency = pair = quote.currency, currencies[listing]
        if traded == currency:
            conversions[listing] = SAME_CURRENCY
        elif pair in known:
            conversions[listing] = used[pair] = known[pair]
        else:
            message = say(
                "price in {traded}, EPS in {currency}: no rate {pair} by {day}",
                traded=traded,
                currency=currency,
                pair="/".join(pair),
                day=day,
            )
            problems.append(listing.problem("no_rate", message))
    return conversions, [
        *problems,
        *_incredible(rates),
        *_old(used, day),
        *_contradictions(_direct(rates, day)),
    ]


def cap_rates(
    listings: Iterable[Listing], rates: Sequence[Rate], day: date
) -> tuple[dict[Listing, float], list[Problem]]:
    """CNY for one of the currency of each printed market cap, or a problem for each."""
    known = {("CNY", "CNY"): SAME_CURRENCY, **known_rates(rates, day)}
    found, problems = {}, []
    for row in listings:
        currency = row.provenance.market_cap_currency
        if row.market_cap is not None and (currency, "CNY") in known:
            found[row] = known[currency, "CNY"].value
        elif row.market_cap is not None:
            message = say(
                "market cap in {currency}: no rate to CNY by {day}", currency=currency, day=day
            )
            problems.append(row.problem("no_market_cap", message))
    return found, problems


def known_rates(rates: Iterable[Rate], day: date = date.max) -> dict[Pair, Conversion]:
    """The newest credible rate by a day of each pair, one way or the other."""
    known = {pair: on(found, day) for pair, found in by_pair(rates).items()}
    return {pair: rate for pair, rate in known.items() if rate is not None}


def by_pair(rates: Iterable[Rate]) -> dict[Pair, list[Conversion]]:
    """Every credible rate of each pair, the oldest first, and those of the opposite turned round.

    Of one day the last is the pair's own.
    """
    # Sources quote HKD/CNY; a share in CNY with EPS in HKD needs the other way.
    dated: dict[Pair, list[tuple[date, bool, datetime, Conversion]]] = {}
    for rate in _credible(rates):
        day, time = market_day(rate.market_time), rate.market_time
        for pair, value in (
            ((rate.base, rate.quote), rate.value),
            ((rate.quote, rate.base), 1 / rate.value),
        ):
            is_own = pair == (rate.base, rate.quote)
            known = (day, is_own, time, Conversion(value, rate.source, time))
            dated.setdefault(pair, []).append(known)
    return {pair: [each[3] for each in sorted(all_, key=_age)] for pair, all_ in dated.items()}


def _age(dated: tuple[date, bool, datetime, Conversion]) -> tuple[date, bool, datetime]:
    return dated[:3]


def on(rates: Sequence[Conversion], day: date) -> Conversion | None:
    """The newest of rates of one pair, the oldest first, that was made by a day."""
    made = bisect_right(rates, day, key=_day_of)
    return rates[made - 1] if made else None


def _day_of(rate: Conversion) -> date:
    return market_day(rate.market_time) if rate.market_time else date.min


def age_of(rate: Conversion, day: date) -> int:
    """How many days before a day a rate was made."""
    return (day - _day_of(rate)).days


def _direct(rates: Sequence[Rate], day: date) -> dict[Pair, Rate]:
    """The newest rate of each pair by a day, as its source says it."""
    made = (rate for rate in _credible(rates) if market_day(rate.market_time) <= day)
    in_order = sorted(made, key=lambda rate: rate.market_time)
    return {(rate.base, rate.quote): rate for rate in in_order}


def _credible(rates: Iterable[Rate]) -> Iterator[Rate]:
    return (rate for rate in rates if not rate_fault(rate))


def _incredible(rates: Iterable[Rate]) -> Iterator[Problem]:
    for rate in rates:
        if fault := rate_fault(rate):
            yield Problem("improbable_rate", f"{rate.base}/{rate.quote}", fault)


def _old(used: Mapping[Pair, Conversion], day: date) -> Iterator[Problem]:
    for pair, rate in used.items():
        age = age_of(rate, day)
        if age > OLD_AFTER_DAYS:
            message = say("the rate is {age} days old on {day}", age=age, day=day)
            yield Problem("old_rate", "/".join(pair), message)


def _contradictions(direct: Mapping[Pair, Rate]) -> Iterator[Problem]:
    for pair, rate in direct.items():
        opposite = direct.get(pair[::-1])
        if opposite is None or pair > pair[::-1]:
            continue
        # A rate of long ago differs from today's without being wrong.
        apart = abs(rate.market_time - opposite.market_time).days
        if apart <= OLD_AFTER_DAYS and abs(rate.value * opposite.value - 1) > TOLERANCE:
            message = say(
                "{rate:g} and, the other way, {opposite:g} contradict each other",
                rate=rate.value,
                opposite=opposite.value,
            )
            yield Problem("rate_conflict", "/".join(pair), message)
