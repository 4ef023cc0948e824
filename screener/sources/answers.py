"""What makes an answer of a live source a price or an estimate, whichever source it is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from screener.model.calendars import last_trade, sessions_since
from screener.model.figures import Interval
from screener.model.messages import NOTHING, InputError, Sentence, say
from screener.model.records import Estimate, Quote, Vintage
from screener.model.symbols import currency_of, exchange_of

# What a vendor calls things, and their values; and the month and day that fiscal years end on.
Item = Mapping[str, Any]
Items = Sequence[Item]
YearEnd = tuple[int, int]

# A price that this many sessions have passed since is of a suspended share, or stale: no library
# notices a `regularMarketTime` of a month ago. Sessions, as a holiday can last ten days.
STALE_AFTER_SESSIONS = 5

# Vendors show closing prices as late as this after the close: free quotes of Hong Kong are 15
# minutes late. Its closing auction, which may last until 16:10, is not counted in that.
VENDORS_DELAY = timedelta(minutes=20)

# A clock that is ahead by more than this is wrong, here or there.
CLOCK_SLACK = timedelta(minutes=5)

# A price that is dated by its day alone counts as of that day's close, which may be to come.
DAY_SLACK = timedelta(days=1)


class RefusalError(InputError):
    """An answer that is no price; the message says why, for the user."""

    # Equal if they say the same: a name that comes twice with one fault does not contradict itself.
    def __eq__(self, other: object) -> bool:
        return isinstance(other, RefusalError) and str(other) == str(self)

    def __hash__(self) -> int:
        return hash(str(self))


class StaleError(RefusalError):
    """An answer that is a price, of too many sessions ago: of a halted share, or not brought on."""

    def __init__(self, message: Sentence, quote: Quote) -> None:
        super().__init__(message)
        self.quote = quote


def is_final(day: date, traded: datetime, now: datetime) -> bool:
    """Whether a day's price is its close: that of the last day of trading, once all have shown it.

    `traded` is when the market last traded by now.
    """
    return day < traded.date() or (day == traded.date() and traded + VENDORS_DELAY <= now)


def last_final_day(symbol: str, now: datetime) -> date:
    """The last day whose close all vendors have shown: while a market trades, one before today."""
    traded = last_trade(symbol, now)
    if is_final(traded.date(), traded, now):
        return traded.date()
    return last_trade(symbol, datetime.combine(traded.date(), time(), traded.tzinfo)).date()


def price_fault(
    source: str, price: float, market_time: datetime, now: datetime, as_of: date | None = None
) -> Sentence:
    """Why that is no price, or nothing; with `as_of`, of a price that is dated by its day."""
    if not (math.isfinite(price) and price > 0):
        return say("{source} says {price:g}, which is no price", source=source, price=price)
    if as_of is not None and market_time > now + DAY_SLACK:
        return say("the price of {source} is of {as_of}, in the future", source=source, as_of=as_of)
    if as_of is None and market_time > now + CLOCK_SLACK:
        time = f"{market_time:%Y-%m-%d %H:%M}"
        return say("{source} dates its price {time}, in the future", source=source, time=time)
    return NOTHING


def live_quote(
    symbol: str,
    *,
    price: float,
    currency: str,
    market_time: datetime,
    now: datetime,
    source: str,
    obtained: Literal["live", "delayed", "close"],
    delay_minutes: int | None = None,
    shares: float | None = None,
    previous_close: float | None = None,
    dated_by: Literal["time", "day", "nothing"] = "time",
) -> Quote:
    """The quote, if this can be the price of that listing now. Raises RefusalError otherwise.

    Of a session before the last one it is a close, whatever the source calls it.
    """
    fault = price_fault(source, price, market_time, now)
    if fault:
        raise RefusalError(fault)
    # HKD or CNY of one name differ by 10 %, which nothing else would show.
    if currency != currency_of(symbol):
        raise RefusalError(
            say(
                "{source} says {currency}, but {symbol} trades in {traded}",
                source=source,
                currency=currency,
                symbol=symbol,
                traded=currency_of(symbol),
            )
        )
    zone = exchange_of(symbol).zone
    traded = market_time.astimezone(zone)
    quote = Quote(
        price=price,
        currency=currency,
        market_time=traded,
        as_of=now.astimezone(zone).date(),
        source=source,
        obtained=obtained if traded.date() >= last_trade(symbol, now).date() else "close",
        bounds=Interval(price, price),
        fetched_at=now,
        delay_minutes=delay_minutes,
        shares=shares,
        previous_close=previous_close,
        dated_by=dated_by,
    )
    if is_stale(symbol, market_time, now):
        fault = say(
            "{source}'s last price is of {traded}, too many sessions ago",
            source=source,
            traded=traded.date(),
        )
        raise StaleError(fault, quote)
    return quote


def exact_estimate(
    period_end: date, eps: float, analysts: int | None = None, *, is_actual: bool = False
) -> Estimate:
    """An estimate that no rounding leaves open, for the fiscal year that ends on a day."""
    return Estimate(period_end.year, period_end, eps, Interval(eps, eps), analysts, is_actual)


def fetched_vintage(
    symbol: str,
    source: str,
    currency: str,
    estimates: Iterable[Estimate],
    now: datetime,
    note: Sentence = NOTHING,
) -> Vintage:
    """The vintage of what was fetched now, which is of the day it is on the symbol's market."""
    as_of = now.astimezone(exchange_of(symbol).zone).date()
    return Vintage(symbol, source, as_of, currency, tuple(estimates), fetched_at=now, note=note)


def is_stale(symbol: str, traded: datetime, now: datetime) -> bool:
    """Whether a price is of so many sessions ago that it is no price of today."""
    return sessions_since(symbol, traded, now) > STALE_AFTER_SESSIONS


def number(item: Item, key: str) -> float:
    """The finite number under a key; text, truth, nothing and NaN are none. Raises RefusalError."""
    value = item.get(key)
    # A number in quotes stays a text, a suspended share has "-", and json.loads takes NaN.
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise RefusalError(
            say("the answer's {key} is {found}, which is no number", key=key, found=repr(value))
        )
    return float(value)


def text(item: Item, key: str) -> str:
    """The text under a key. Raises RefusalError where there is none."""
    value = item.get(key)
    if not isinstance(value, str) or not value:
        raise RefusalError(say("the answer's {key} is {found}", key=key, found=repr(value)))
    return value


def day(item: Item, key: str, fault: Sentence) -> date:
    """The day under a key, with or without a time. Raises RefusalError with `fault` for another."""
    try:
        return date.fromisoformat(text(item, key)[:10])
    except ValueError:
        raise RefusalError(fault) from None
