"""What makes an answer of a live source a price or an estimate, whichever source it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from screener.model.calendars import last_trade, sessions_since
from screener.model.extents import PRICE, YEAR, Extent
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

# No name, code or date of a vendor's is longer.
LONGEST_TEXT, LONGEST_SHOWN = 200, 60
# Beyond it no figure of anybody's is.
MOST = 10**18

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
    if not PRICE.holds(price):
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
    """The vintage of what was fetched now, which is of the day it is on the symbol's market.

    Raises RefusalError where all is zero, as it is of who has no estimates.
    """
    as_of = now.astimezone(exchange_of(symbol).zone).date()
    every = tuple(estimates)
    if every and not any(estimate.eps for estimate in every):
        raise RefusalError(say("{source} expects zero for every year", source=source))
    return Vintage(symbol, source, as_of, currency, every, fetched_at=now, note=note)


def is_stale(symbol: str, traded: datetime, now: datetime) -> bool:
    """Whether a price is of so many sessions ago that it is no price of today."""
    return sessions_since(symbol, traded, now) > STALE_AFTER_SESSIONS


def number(item: Item, key: str, extent: Extent | None = None) -> float:
    """The finite number under a key, of a size that it can have. Raises RefusalError.

    Text, truth, nothing and NaN are no numbers.
    """
    value = item.get(key)
    # A number in quotes stays a text, a suspended share has "-", and json.loads takes NaN.
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise RefusalError(
            say("the answer's {key} is {found}, which is no number", key=key, found=shown(value))
        )
    # Of a whole number of 400 digits there is no float.
    if abs(value) > MOST or not (extent is None or extent.holds(value)):
        raise RefusalError(
            say("the answer's {key} is {found}, which cannot be", key=key, found=shown(value))
        )
    return float(value)


def figure(item: Item, key: str, extent: Extent) -> float | None:
    """The number under a key, if it has one of a size that it can have: what stands beside."""
    try:
        return number(item, key, extent)
    except RefusalError:
        return None  # the rest is none the worse for it


def whole(item: Item, key: str, extent: Extent) -> int | None:
    """The whole number under a key, if it has one of a size that it can have."""
    found = figure(item, key, extent)
    return int(found) if found is not None and found.is_integer() else None


def year(item: Item, key: str) -> int:
    """The year under a key. Raises RefusalError."""
    return int(number(item, key, YEAR))


def text(item: Item, key: str) -> str:
    """The text under a key. Raises RefusalError where there is none."""
    value = item.get(key)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_TEXT:
        raise RefusalError(say("the answer's {key} is {found}", key=key, found=shown(value)))
    return value


def name(item: Item, key: str) -> str:
    """The name under a key, empty where it has none: of a company, or of an industry.

    No company's has signs that are not seen, nor begins as a formula does.
    """
    value = item.get(key)
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        return ""
    plain = value.strip()
    return plain if plain.isprintable() and not plain.startswith(("=", "+", "-", "@")) else ""


def currency(item: Item, key: str) -> str:
    """The currency under a key, empty where it has none: three letters, pence are two and one."""
    value = item.get(key)
    return value if isinstance(value, str) and re.fullmatch("[A-Za-z]{3}", value) else ""


def day(item: Item, key: str, fault: Sentence) -> date:
    """The day under a key, with or without a time. Raises RefusalError with `fault` for another."""
    try:
        found = date.fromisoformat(text(item, key)[:10])
    except ValueError:
        raise RefusalError(fault) from None
    if not YEAR.holds(found.year):
        raise RefusalError(fault)
    return found


def part(item: Any, key: str) -> Mapping[str, Any]:
    """What is under a key of an answer, with names of its own; empty where that has none."""
    found = item.get(key) if isinstance(item, dict) else None
    return found if isinstance(found, dict) else {}


def code_shown(value: Any) -> str:
    """The code that an answer has, as it is if it can be one."""
    is_code = isinstance(value, str) and re.fullmatch(r"[\w.=^-]{1,20}", value, re.ASCII)
    return str(value) if is_code else shown(value)


def shown(value: Any) -> str:
    """What an answer has in place of what was expected, in short; signs not seen are spelled."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > MOST:
        return f"{str(value)[:20]}…"
    found = repr(value) if isinstance(value, str | int | float | None) else type(value).__name__
    return found if len(found) <= LONGEST_SHOWN else f"{found[:LONGEST_SHOWN]}…"
