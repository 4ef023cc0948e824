"""Trading days, from a table that is made of the calendars of exchange_calendars.

The library brings pandas with it, which was a third of a run's time; so it makes the table, and is
the judge of it in the tests: `python -m tests.holidays`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files

from screener.model.messages import NOTHING, Sentence, say
from screener.model.symbols import EXCHANGES, Exchange, exchange_of

DAY = timedelta(days=1)
SATURDAY = 5
# Since how long sessions are counted at most: no price of before is one of now.
COUNTED = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The trading days of an exchange: from Monday to Friday, but for those `closed`.

    `early` are the closing times of half days. Of days before `first` and after `last` nothing is
    known, and each from Monday to Friday counts as one.
    """

    first: date
    last: date
    closed: frozenset[date]
    early: Mapping[date, time]

    def is_session(self, day: date) -> bool:
        """Whether the market trades on a day."""
        return day.weekday() < SATURDAY and day not in self.closed

    def last_session(self, day: date) -> date:
        """The last day of trading by a day, that one included."""
        while not self.is_session(day):
            day -= DAY
        return day


def market_day(now: datetime) -> date:
    """The day it is on the markets here, which all share Shanghai's."""
    return now.astimezone(EXCHANGES["SH"].zone).date()


def last_close(symbol: str, day: date) -> datetime:
    """When the listing's market last closed on or before `day`, in the exchange's time."""
    exchange = exchange_of(symbol)
    return close_of(symbol, calendar_of(exchange).last_session(day))


def close_of(symbol: str, day: date) -> datetime:
    """When the listing's market closed on a day, half days as well, in the exchange's time.

    The usual time on days that are no sessions.
    """
    exchange = exchange_of(symbol)
    closes = calendar_of(exchange).early.get(day, exchange.close)
    return datetime.combine(day, closes, exchange.zone)


def last_trade(symbol: str, now: datetime) -> datetime:
    """The last moment up to `now` at which the listing's market traded, in the exchange's time."""
    exchange = exchange_of(symbol)
    calendar, local = calendar_of(exchange), now.astimezone(exchange.zone)
    session = calendar.last_session(local.date())
    # Before the opening bell the last trade is the session before's.
    if datetime.combine(session, exchange.open, exchange.zone) > local:
        session = calendar.last_session(session - DAY)
    return min(close_of(symbol, session), local)


def sessions_since(symbol: str, traded: datetime, now: datetime) -> int:
    """How many sessions of the listing's market began after the day of a trade, up to now.

    At most those of two months.
    """
    exchange = exchange_of(symbol)
    calendar, local = calendar_of(exchange), now.astimezone(exchange.zone)
    # Before the opening bell today's has not begun.
    last = local.date() if local.time() >= exchange.open else local.date() - DAY
    day = max(traded.astimezone(exchange.zone).date(), last - COUNTED)
    return sum(calendar.is_session(day + DAY * n) for n in range(1, (last - day).days + 1))


def unknown_days(symbol: str, day: date) -> Sentence:
    """Why nobody knows whether the listing's market trades on a day; nothing where it is known."""
    exchange = exchange_of(symbol)
    calendar = calendar_of(exchange)
    if calendar.first <= day <= calendar.last:
        return NOTHING
    return say(
        "its trading days are known from {first} to {last}; on {day}, each day from Monday to"
        " Friday counts as one, holidays too. A newer version of screener may know them",
        first=calendar.first,
        last=calendar.last,
        day=day,
    )


def calendar_of(exchange: Exchange) -> Calendar:
    """The trading days of an exchange."""
    return _calendars()[exchange.calendar]


@cache
def _calendars() -> dict[str, Calendar]:
    """Each calendar of the table: what each of its days is, with the first and the last known."""
    table = files("screener.model").joinpath("holidays.csv").read_text(encoding="utf-8")
    days: dict[str, dict[str, list[date]]] = {}
    for row in csv.DictReader(table.splitlines()):
        of_calendar = days.setdefault(row["calendar"], {})
        of_calendar.setdefault(row["what"], []).append(date.fromisoformat(row["day"]))
    return {
        name: Calendar(
            first=of.pop("first")[0],
            last=of.pop("last")[0],
            closed=frozenset(of.pop("closed")),
            # What is left are half days, by the time they end at.
            early={day: time.fromisoformat(closes) for closes in of for day in of[closes]},
        )
        for name, of in days.items()
    }
