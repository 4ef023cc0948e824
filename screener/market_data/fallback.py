"""Prices by the best way there is: stored and still fresh, live, stored before, the report's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from screener.model.calendars import last_trade, market_day
from screener.model.messages import Sentence, say
from screener.model.problems import Problem
from screener.model.records import Listing, Quote
from screener.model.symbols import exchange_of, lasting
from screener.sources.answers import VENDORS_DELAY, is_stale
from screener.sources.child import Children
from screener.sources.contract import Ask, Fetched
from screener.sources.prices import fetch_prices
from screener.sources.printed import printed_prices
from screener.store.kept import Stored
from screener.store.store import Store

# While a market trades, a price fetched less than this ago is not asked for again: enough for a
# run and the next one with another option, and no vendor bans for it.
MAX_AGE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Fallback:
    """Which rungs a run may step on.

    `children` are the vendors' that the run has. `ask` opens connections; `fall_back` allows older
    stored prices and the report's. `max_age` is how many seconds old a stored price may be to be
    used without asking; None: a minute while the market trades, until its next open otherwise.
    """

    store: Store
    children: Children
    ask: bool = True
    fall_back: bool = True
    max_age: float | None = None

    def __call__(self, ask: Ask) -> Fetched:
        """A price for each listing by the first rung that has one, or a problem that names it."""
        # What is asked or was stored is of today, or nearly: of no use for a day that is past.
        is_past = ask.as_of is not None and ask.as_of < market_day(ask.now)
        stored: Mapping[Listing, Stored] = {} if is_past else self._stored(ask.listings)
        quotes = {
            row: _served(row.symbol, last, ask.now)
            for row, last in stored.items()
            if not ask.cross_check and is_fresh(row.symbol, last.fetched_at, ask.now, self.max_age)
        }
        left = [row for row in ask.listings if row not in quotes]
        asked = Fetched({})
        if left and self.ask and not is_past:
            unprofiled = self._unprofiled(left, ask.now)
            asked = fetch_prices(self.children, replace(ask, listings=left, unprofiled=unprofiled))
            fetched = {row.symbol: quote for row, quote in asked.quotes.items()}
            self.store.save(fetched, asked.rates, ask.now)
            self.store.save_profiles(asked.profiles)
            self.store.save_splits(asked.splits.splits, asked.splits.lookups, ask.now)
            quotes |= asked.quotes
        unpriced = [problem for problem in asked.problems if problem.kind == "no_price"]
        reasons = {problem.where: problem.message for problem in unpriced}
        problems = [problem for problem in asked.problems if problem.kind != "no_price"]
        for row in ask.listings:
            if row not in quotes:
                older, problem = self._older(ask, row, stored.get(row), reasons.get(row.where))
                problems.append(problem)
                if older is not None:
                    quotes[row] = older
        rates = [*self.store.rates(), *asked.rates]
        return replace(
            asked, quotes=quotes, rates=rates, problems=[*self.store.problems, *problems]
        )

    def _unprofiled(self, rows: Iterable[Listing], now: datetime) -> frozenset[str]:
        """Beijing's listings, today's codes, whose accounts were not asked for today.

        All others' come with their prices.
        """
        symbols = {row.symbol for row in rows if row.symbol.endswith(".BJ")}
        today = market_day(now)
        known = {
            profile.symbol
            for profile in self.store.profiles(symbols)
            if market_day(profile.fetched_at) == today
        }
        return frozenset(lasting(symbol) for symbol in symbols - known)

    def _stored(self, listings: Iterable[Listing]) -> dict[Listing, Stored]:
        """The last quote of each listing, whichever source it is of."""
        kept = {row: self.store.quotes(row.symbol) for row in listings}
        return {row: quotes[0] for row, quotes in kept.items() if quotes}

    def _older(
        self, ask: Ask, row: Listing, stored: Stored | None, why: Sentence | None
    ) -> tuple[Quote | None, Problem]:
        """A price of before, if that is allowed, and what is to be said of it or of its absence."""
        if not self.fall_back:
            none = say("live prices were not asked for, and none is stored")
            return None, row.problem("no_price", why or none)
        why = why or say("live prices were not asked for")
        if stored is not None and not is_stale(row.symbol, stored.quote.market_time, ask.now):
            time = f"{stored.fetched_at:%Y-%m-%d %H:%M}"
            message = say("{why}; the price stored on {time} UTC is used", why=why, time=time)
            return _served(row.symbol, stored, ask.now), row.problem("stored_price", message)
        printed = printed_prices(replace(ask, listings=[row])).quotes.get(row)
        if printed is None:
            return None, row.problem("no_price", why)
        day = printed.market_time.date()
        message = say("{why}; the report's price of {day} is used", why=why, day=day)
        return printed, row.problem("report_price", message)


def is_fresh(symbol: str, fetched_at: datetime, now: datetime, max_age: float | None) -> bool:
    """Whether a price fetched then may be used now without asking again.

    Within `max_age` seconds; without it, within a minute while the market trades, and otherwise if
    it was fetched after the last close, when the vendors' delay had passed.
    """
    age = now - fetched_at
    if age < timedelta(0):
        return False
    if max_age is not None:
        return age <= timedelta(seconds=max_age)
    traded = last_trade(symbol, now)
    # Lunch counts as trading: the calendar has no break in it, and a minute costs little.
    if traded == now:
        return age <= timedelta(seconds=MAX_AGE_SECONDS)
    return fetched_at >= traded + VENDORS_DELAY


def _served(symbol: str, stored: Stored, now: datetime) -> Quote:
    """A stored price as it stands today, in its exchange's time."""
    zone = exchange_of(symbol).zone
    return replace(
        stored.quote,
        market_time=stored.quote.market_time.astimezone(zone),
        as_of=now.astimezone(zone).date(),
        fetched_at=stored.fetched_at,
    )
