"""Trading days, from the calendars that exchange_calendars keeps."""

from __future__ import annotations

import warnings
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from screener.model.messages import InputError, say
from screener.model.symbols import EXCHANGES, exchange_of


class NoCalendarError(InputError):
    """The calendar does not reach the day asked for."""


def market_day(now: datetime) -> date:
    """The day it is on the markets here, which all share Shanghai's."""
    return now.astimezone(EXCHANGES["SH"].zone).date()


def last_close(symbol: str, day: date) -> datetime:
    """When the listing's market last closed on or before `day`, in the exchange's time.

    Raises NoCalendarError where the calendar does not reach that day.
    """
    exchange = exchange_of(symbol)
    calendar = _calendar(exchange.calendar, day)
    closed: datetime = calendar.session_close(calendar.last_session).to_pydatetime()
    return closed.astimezone(exchange.zone)


def close_of(symbol: str, day: date) -> datetime:
    """When the listing's market closed on a day, half days as well, in the exchange's time.

    The usual time on days that the calendar has no session of.
    """
    exchange = exchange_of(symbol)
    usual = datetime.combine(day, exchange.close, exchange.zone)
    try:
        closed = last_close(symbol, day)
    except NoCalendarError:
        return usual
    return closed if closed.date() == day else usual


def last_trade(symbol: str, now: datetime) -> datetime:
    """The last moment up to `now` at which the listing's market traded, in the exchange's time.

    Where the calendar does not reach that day, that is now: the market may be trading.
    """
    exchange = exchange_of(symbol)
    try:
        calendar = _calendar(exchange.calendar, now.astimezone(exchange.zone).date())
    except NoCalendarError:
        return now.astimezone(exchange.zone)
    session = calendar.last_session
    # Before the opening bell the last trade is the session before's.
    if calendar.session_open(session).to_pydatetime() > now:
        session = calendar.previous_session(session)
    closed: datetime = calendar.session_close(session).to_pydatetime()
    return min(closed, now).astimezone(exchange.zone)


def sessions_since(symbol: str, traded: datetime, now: datetime) -> int:
    """How many sessions of the listing's market began after the day of a trade, up to today.

    At most those of two months; where the calendar does not reach today, five of seven days count.
    """
    exchange = exchange_of(symbol)
    day, today = traded.astimezone(exchange.zone).date(), now.astimezone(exchange.zone).date()
    try:
        calendar = _calendar(exchange.calendar, today)
    except NoCalendarError:
        return (today - day).days * 5 // 7
    return sum(1 for session in calendar.sessions if session.date() > day)


@cache
def _calendar(name: str, day: date) -> Any:
    from exchange_calendars import errors, get_calendar

    # No closure of these markets lasts as long (Spring Festival takes up to ten days); a short
    # window also builds in milliseconds.
    start = day - timedelta(days=60)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # exchange_calendars 4.13 on pandas 3.1
            return get_calendar(name, start=start.isoformat(), end=day.isoformat())
    except (errors.CalendarError, ValueError) as error:
        fault = say("no trading calendar of {name} reaches {day}", name=name, day=day)
        raise NoCalendarError(fault) from error
