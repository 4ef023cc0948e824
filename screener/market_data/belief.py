"""What is believed of prices and rates before a run, and what becomes of those it has fetched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from screener.consensus.judge import factor_of
from screener.consensus.splits import Record
from screener.market_data.fx import SAME_CURRENCY, Conversion, Pair, known_rates
from screener.model.calendars import market_day, sessions_since
from screener.model.messages import Sentence, say
from screener.model.problems import Problem
from screener.model.records import Listing, Quote, Rate
from screener.model.symbols import currency_of, lasting
from screener.sources.plausible import (
    JUMP,
    REFUSED,
    Known,
    Move,
    Reference,
    is_doubtful_rate,
    move,
    rate_fault,
)
from screener.store.kept import Stored
from screener.store.store import Store

# Quotes of longer ago tell less than what the table says.
KEPT_DAYS = 400

# From so many sessions without a trade on, a share counts as halted: in the first minutes of one
# session some have not traded yet.
HALTED_AFTER = 2


@dataclass(frozen=True, slots=True)
class Past:
    """What there was before anybody is asked at `now`: the tables' prices, and what is stored."""

    listings: Sequence[Listing]
    printed: Mapping[Listing, Quote]
    quotes: Mapping[str, Sequence[Stored]]
    rates: Sequence[Rate]
    now: datetime

    def known(self, record: Record) -> Known:
        """What is believed of that, as far as splits are on record."""
        rates = known_rates(self.rates)
        prices: dict[str, list[Reference]] = {}
        for row in self.listings:
            symbol, stored = lasting(row.symbol), self.quotes[row.symbol]
            if symbol not in prices:
                first = _of_table(row, self.printed.get(row), rates)
                prices[symbol] = believed(row.symbol, first, stored, record, self.now)
        return Known(prices, {(rate.base, rate.quote): rate for rate in self.rates})


def past(
    listings: Sequence[Listing], printed: Mapping[Listing, Quote], store: Store, now: datetime
) -> Past:
    """What the store and the tables have of these listings from before `now`."""
    since = now - timedelta(days=KEPT_DAYS)
    quotes = store.every_quote({row.symbol for row in listings}, since)
    before = {
        symbol: [each for each in stored if each.fetched_at < now]
        for symbol, stored in quotes.items()
    }
    rates = [
        rate
        for rate in store.every_rate()
        if market_day(rate.market_time) < market_day(now) and not rate_fault(rate)
    ]
    return Past(listings, printed, before, rates, now)


def _of_table(
    row: Listing, quote: Quote | None, rates: Mapping[Pair, Conversion]
) -> Reference | None:
    """The price that a table implies, in the currency that the share trades in, if there is one."""
    if quote is None:
        return None
    traded = currency_of(row.symbol)
    rate = SAME_CURRENCY if quote.currency == traded else rates.get((quote.currency, traded))
    if rate is None:
        return None
    return Reference(quote.price * rate.value, quote.market_time.date(), quote.source)


def believed(
    symbol: str,
    first: Reference | None,
    stored: Iterable[Stored],
    record: Record,
    now: datetime,
) -> list[Reference]:
    """The prices that are believed, the oldest first, per share of now.

    Each is held against the one before: one that has jumped is no measure for the next, unless
    two sources said it. Else a wrong price that stays would be believed on its second day.
    """
    shares, today = factor_of(symbol, record), market_day(now)
    found = [replace(first, price=first.price / shares(first.day, today))] if first else []
    for each in stored:
        day = each.quote.market_time.date()
        price = each.quote.price / shares(day, today)
        has_jumped = found and Move(price / found[-1].price, found[-1], JUMP).is_doubtful
        if each.quote.confirmed_by or not has_jumped:
            found.append(Reference(price, day, each.quote.source))
    return sorted(found, key=lambda reference: reference.day)


def moves(quotes: Mapping[Listing, Quote], known: Known) -> dict[Listing, Move]:
    """How far each price has come since the last one known; none for the table's own prices."""
    found = {
        row: move(row.symbol, quote, known.prices.get(lasting(row.symbol), ()))
        for row, quote in quotes.items()
        if quote.obtained != "report"
    }
    return {row: each for row, each in found.items() if each is not None}


def judged(
    quotes: Mapping[Listing, Quote], moved: Mapping[Listing, Move], now: datetime
) -> tuple[dict[Listing, Quote], list[Problem]]:
    """The quotes that can be believed, and a problem for each that is doubtful, or refused.

    What the user's own file says is never refused. Shares that have not traded for sessions are
    halted, whatever their source calls the price.
    """
    kept = dict(quotes)
    problems = []
    for row, found in moved.items():
        quote = quotes[row]
        if not found.is_doubtful or quote.confirmed_by:
            continue
        if found.size >= REFUSED and quote.obtained != "file":
            del kept[row]
            refused = say(
                "{move}: it is refused; a price file overrules it", move=_said(quote, found)
            )
            problems.append(row.problem("no_price", refused))
        else:
            doubtful = say("{move}, and no other source says the same", move=_said(quote, found))
            problems.append(row.problem("improbable_price", doubtful))
    for row, quote in kept.items():
        if quote.obtained in ("report", "file"):
            continue
        count = sessions_since(row.symbol, quote.market_time, now)
        if count >= HALTED_AFTER:
            kept[row] = replace(quote, obtained="halted")
            message = say(
                "it has not traded since {day}: halted, or {source} is behind",
                day=quote.market_time.date(),
                source=quote.source,
            )
            if quote.confirmed_by:
                message = say("it has not traded since {day}", day=quote.market_time.date())
            problems.append(row.problem("halted", message))
    return kept, problems


def _said(quote: Quote, found: Move) -> Sentence:
    reference = found.reference
    return say(
        "{source} says {price:,.6g}, {times:.3g} times the {before:,.6g} of {day} ({known})",
        source=quote.source,
        price=quote.price,
        times=found.times,
        before=reference.price,
        day=_day_of(quote, reference),
        known=reference.source,
    )


def _day_of(quote: Quote, reference: Reference) -> date | Sentence:
    is_own = reference.day == quote.market_time.date()
    return say("the session before") if is_own else reference.day


def rate_problems(rates: Iterable[Rate], known: Known) -> list[Problem]:
    """A problem for each rate that has moved further in some days than currencies do."""
    problems = []
    for rate in rates:
        if is_doubtful_rate(rate, known):
            before = known.rates[rate.base, rate.quote]
            message = say(
                "{source} says {rate:g}, {change:+.1%} from {before:g} of {day}",
                source=rate.source,
                rate=rate.value,
                change=rate.value / before.value - 1,
                before=before.value,
                day=market_day(before.market_time),
            )
            problems.append(Problem("improbable_rate", f"{rate.base}/{rate.quote}", message))
    return problems
