"""Prices and exchange rates from a CSV file that the user keeps."""

from __future__ import annotations

import re
from datetime import datetime, time
from pathlib import Path

from screener.model.calendars import close_of
from screener.model.codes import canonical
from screener.model.figures import Interval
from screener.model.messages import InputError, message_of, say
from screener.model.problems import Problem
from screener.model.records import Quote, Rate
from screener.model.symbols import EXCHANGES, Exchange, currency_of, exchange_of, lasting
from screener.sources.contract import Ask, Fetched
from screener.watchlists import csvfile
from screener.watchlists.csvfile import CsvLine

COLUMNS = ("symbol", "price", "currency", "time")

_PAIR = re.compile(r"(?P<base>[A-Z]{3})/(?P<quote>[A-Z]{3})")


def fetch(path: Path, ask: Ask) -> Fetched:
    """A price for each listing the file names, and a rate for each line `HKD/CNY`.

    `time` is a day (its close is meant) or a date and time, in the exchange's zone where it
    names none. Lines for other listings are passed over; two prices for one listing are none.
    """
    lines, problems = csvfile.read(path, COLUMNS)
    records: dict[str, Quote | Rate] = {}
    seen: dict[str, str] = {}
    for line in lines:
        try:
            key, record = _record(line, path.name)
            # Which of two lines was meant is the user's to say, so neither is guessed.
            if key in seen:
                records.pop(key, None)
                raise InputError(
                    say("{key} stands at {seen} already: neither is used", key=key, seen=seen[key])
                )
            seen[key] = line.where
            records[key] = record
        except ValueError as error:
            problems.append(
                Problem("bad_line", line.where, message_of(error), line.cells["symbol"])
            )

    quotes = {
        row: found
        for row in ask.listings
        if isinstance(found := records.get(lasting(row.symbol)), Quote)
    }
    problems += [
        row.problem("no_price", say("{path} has no usable price for it", path=path))
        for row in ask.listings
        if row not in quotes
    ]
    return Fetched(quotes, [rate for rate in records.values() if isinstance(rate, Rate)], problems)


def _record(line: CsvLine, source: str) -> tuple[str, Quote | Rate]:
    cells, currency = line.cells, line.cells["currency"]
    price = _price(cells["price"])
    if pair := _PAIR.fullmatch(cells["symbol"]):
        base, quote = pair.groups()
        if currency not in ("", quote):
            raise InputError(
                say(
                    "the currency of {pair} is {quote}, not {currency}",
                    pair=pair[0],
                    quote=quote,
                    currency=currency,
                )
            )
        # A pair has no exchange: its day ends with Shanghai's, as its reference rate does.
        return pair[0], Rate(base, quote, price, _time(cells["time"], EXCHANGES["SH"]), source)
    symbol = canonical(cells["symbol"])
    traded, exchange = currency_of(symbol), exchange_of(symbol)
    if not re.fullmatch("[A-Z]{3}", currency):
        raise InputError(
            say("currency {currency!r}: write three capitals, such as CNY", currency=currency)
        )
    if currency != traded:
        raise InputError(
            say(
                "{symbol} trades in {traded}, not {currency}",
                symbol=symbol,
                traded=traded,
                currency=currency,
            )
        )
    market_time = _time(cells["time"], exchange, symbol)
    return lasting(symbol), Quote(
        price=price,
        currency=currency,
        market_time=market_time,
        as_of=market_time.astimezone(exchange.zone).date(),
        source=source,
        obtained="file",
        bounds=Interval(price, price),
    )


def _price(text: str) -> float:
    try:
        price = csvfile.parse_number(text)
        if price <= 0:
            raise InputError(say("{text!r} must be above zero", text=text))
    except ValueError as error:
        raise InputError(say("price {error}", error=error)) from None
    return float(price)


def _time(text: str, exchange: Exchange, symbol: str = "") -> datetime:
    day_text, _, clock = text.replace("T", " ").partition(" ")
    day = csvfile.parse_day(day_text)
    if symbol and not clock:
        return close_of(symbol, day)
    try:
        market_time = datetime.combine(day, time.fromisoformat(clock) if clock else exchange.close)
    except ValueError:
        raise InputError(
            say("time {text!r}: write 2025-01-27 or 2025-01-27 14:30", text=text)
        ) from None
    return market_time if market_time.tzinfo else market_time.replace(tzinfo=exchange.zone)
