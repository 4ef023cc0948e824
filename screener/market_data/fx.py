"""Exchange rates: from the currency a share trades in to the currency of its estimates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from screener.model.messages import say
from screener.model.problems import Problem
from screener.model.records import Listing, Quote, Rate

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
    A rate of the pair is used as it is, or turned round where only the opposite pair is known.
    Rates of after the day are not used; old ones and those that contradict are problems.
    """
    direct = _direct(rates, day)
    known = _either_way(direct)
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
    return conversions, [*problems, *_old(used, day), *_contradictions(direct)]


def market_caps(
    listings: Iterable[Listing], rates: Sequence[Rate], day: date
) -> tuple[dict[Listing, float], list[Problem]]:
    """The printed market caps in 100 million CNY at the rate of the day, or a problem for each."""
    known = {("CNY", "CNY"): SAME_CURRENCY, **known_rates(rates, day)}
    caps, problems = {}, []
    for row in listings:
        currency = row.provenance.market_cap_currency
        if row.market_cap is not None and (currency, "CNY") in known:
            caps[row] = row.market_cap * known[currency, "CNY"].value
        elif row.market_cap is not None:
            message = say(
                "market cap in {currency}: no rate to CNY by {day}", currency=currency, day=day
            )
            problems.append(row.problem("no_market_cap", message))
    return caps, problems


def known_rates(rates: Sequence[Rate], day: date = date.max) -> dict[Pair, Conversion]:
    """The pairs that there are rates of by a day, one way or the other."""
    return _either_way(_direct(rates, day))


def _direct(rates: Sequence[Rate], day: date) -> dict[Pair, Conversion]:
    """The pairs that there are rates of by a day."""
    return {
        (rate.base, rate.quote): Conversion(rate.value, rate.source, rate.market_time)
        for rate in rates
        if rate.market_time.date() <= day
    }


def _either_way(direct: Mapping[Pair, Conversion]) -> dict[Pair, Conversion]:
    """The pairs and, where only the opposite one is known, those turned round."""
    # Sources quote HKD/CNY; a share in CNY with EPS in HKD needs the other way.
    turned = {pair[::-1]: replace(rate, value=1 / rate.value) for pair, rate in direct.items()}
    return turned | {**direct}


def _old(used: Mapping[Pair, Conversion], day: date) -> Iterator[Problem]:
    for pair, rate in used.items():
        age = (day - rate.market_time.date()).days if rate.market_time else 0
        if age > OLD_AFTER_DAYS:
            message = say("the rate is {age} days old on {day}", age=age, day=day)
            yield Problem("old_rate", "/".join(pair), message)


def _contradictions(direct: Mapping[Pair, Conversion]) -> Iterator[Problem]:
    for pair, rate in direct.items():
        opposite = direct.get(pair[::-1])
        if opposite and pair < pair[::-1] and abs(rate.value * opposite.value - 1) > TOLERANCE:
            message = say(
                "{rate:g} and, the other way, {opposite:g} contradict each other",
                rate=rate.value,
                opposite=opposite.value,
            )
            yield Problem("rate_conflict", "/".join(pair), message)
