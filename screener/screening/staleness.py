"""How far a valuation lies behind the markets: the first thing that its reader has to know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from screener.model.calendars import last_trade, market_day
from screener.model.messages import Sentence, say
from screener.model.symbols import EXCHANGES


@dataclass(frozen=True, slots=True)
class Staleness:
    """A valuation of an earlier day than the last session, seen from the day it was made.

    `consensus_day` is that of the oldest estimates; None where there are no rows.
    """

    price_day: date
    last_session: date
    days: int
    consensus_day: date | None
    consensus_days: int | None

    @property
    def banner(self) -> Sentence:
        """The sentence that stands above everything."""
        if self.consensus_day is None:
            return say(
                "valued on {day}, {days} days ago: the last session was on {session}",
                day=self.price_day,
                days=self.days,
                session=self.last_session,
            )
        return say(
            "valued on {day}, {days} days ago: the last session was on {session}; the oldest"
            " consensus, of {consensus}, is {age} days old today",
            day=self.price_day,
            days=self.days,
            session=self.last_session,
            consensus=self.consensus_day,
            age=self.consensus_days,
        )


def staleness(price_day: date, consensus_day: Any, now: datetime) -> Staleness | None:
    """How far a valuation is behind at that moment; None where it is of the last session."""
    session = max(last_trade(f"600000.{suffix}", now).date() for suffix in EXCHANGES)
    if price_day >= session:
        return None
    today = market_day(now)
    return Staleness(
        price_day=price_day,
        last_session=session,
        days=(today - price_day).days,
        consensus_day=consensus_day,
        consensus_days=consensus_day and (today - consensus_day).days,
    )
