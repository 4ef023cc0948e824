"""Prices by the best way there is: stored and still fresh, live, stored before, the report's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from screener.model.calendars import last_trade, market_day
from screener.model.messages import say
from screener.model.problems import Problem
from screener.model.records import Listing, Quote
from screener.model.symbols import exchange_of
from screener.sources.answers import VENDORS_DELAY, is_stale
from screener.sources.child import Children
from screener.sources.contract import Ask, Fetched
from screener.sources.prices import fetch_prices
from screener.sources.printed import printed_prices
from screener.store.kept import Stored
from screener.store.store import Store

# While a market trades, a price fetched less than this ago is not asked for again.
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
        stored = {row: [] if is_past else self.store.quotes(row.symbol) for row in ask.listings}
        fresh = {
            row: _served(row.symbol, found[0], ask.now)
            for row, found in stored.items()
            if found
            and not ask.cross_check
            and is_fresh(row.symbol, found[0].fetched_at, ask.now, self.max_age)
        }
        left = [row for row in ask.listings if row not in fresh]
        asked = Fetched({})
        if left and self.ask and not is_past:
            asked = fetch_prices(self.children, replace(ask, listings=left))
            self.store.save(
                {row.symbol: quote for row, quote in asked.quotes.items()}, asked.rates, ask.now
            )
        quotes = {**fresh, **asked.quotes}
        problems = list(asked.problems)
        if self.fall_back:
            older, problems = self._fall_back(ask, stored, quotes, problems)
            quotes |= older
        else:
            problems += _not_stored(left, quotes, problems)
        rates = [*self.store.rates(), *asked.rates]
        return Fetched(quotes, rates, [*self.store.problems, *problems])

    def _fall_back(
        self,
        ask: Ask,
        stored: Mapping[Listing, list[Stored]],
        quotes: Mapping[Listing, Quote],
        problems: list[Problem],
    ) -> tuple[dict[Listing, Quote], list[Problem]]:
        """Older prices for what is still open, and the problems with those rows' reasons turned."""
        open_rows = [row for row in ask.listings if row not in quotes]
        reasons = {
            problem.where: problem.message for problem in problems if problem.kind == "no_price"
        }
        kept = [problem for problem in problems if problem.kind != "no_price"]
        printed = printed_prices(replace(ask, listings=open_rows))
        found: dict[Listing, Quote] = {}
        for row in open_rows:
            why = reasons.get(row.where, say("live prices were not asked for"))
            old = stored[row][0] if stored[row] else None
            if old is not None and not is_stale(row.symbol, old.quote.market_time, ask.now):
                found[row] = _served(row.symbol, old, ask.now)
                message = say(
                    "{why}; the price stored on {time} UTC is used",
                    why=why,
                    time=f"{old.fetched_at:%Y-%m-%d %H:%M}",
                )
                kept.append(row.problem("stored_price", message))
            elif row in printed.quotes:
                found[row] = printed.quotes[row]
                message = say(
                    "{why}; the report's price of {day} is used",
                    why=why,
                    day=found[row].market_time.date(),
                )
                kept.append(row.problem("report_price", message))
            else:
                kept.append(row.problem("no_price", why))
        return found, kept


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
    if traded == now:
        return age <= timedelta(seconds=MAX_AGE_SECONDS)
    return fetched_at >= traded + VENDORS_DELAY


def _not_stored(
    left: list[Listing], quotes: Mapping[Listing, Quote], problems: list[Problem]
) -> list[Problem]:
    explained = {problem.where for problem in problems if problem.kind == "no_price"}
    return [
        row.problem("no_price", say("live prices were not asked for, and none is stored"))
        for row in left
        if row not in quotes and row.where not in explained
    ]


def _served(row_symbol: str, stored: Stored, now: datetime) -> Quote:
    """A stored price as it stands today, in its exchange's time."""
    zone = exchange_of(row_symbol).zone
    return replace(
        stored.quote,
        market_time=stored.quote.market_time.astimezone(zone),
        as_of=now.astimezone(zone).date(),
        fetched_at=stored.fetched_at,
    )
