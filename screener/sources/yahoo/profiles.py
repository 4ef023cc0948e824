"""What Yahoo says of companies beside their prices, in the items of a v7 answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from screener.model.extents import DIVIDEND, MARKET_CAP, MULTIPLE, PER_SHARE, PRICE, YIELD
from screener.model.records import Profile
from screener.model.symbols import exchange_of
from screener.sources.answers import Item, Items, currency, figure, name
from screener.sources.vendors import YAHOO


def profiles(items: Items, asked: Mapping[str, str], now: datetime) -> dict[str, Profile]:
    """The profile of each asked name that the items hold; `asked` gives the symbol for Yahoo's."""
    return {
        symbol: _profile(item, symbol, now)
        for item in items
        if (symbol := asked.get(str(item.get("symbol")))) is not None
    }


def _profile(item: Item, symbol: str, now: datetime) -> Profile:
    """The profile that an item holds.

    Trailing EPS is in the currency of the price, book value and dividend are in that of the
    accounts: of 2026-10-03 BABA, 105.85 USD, has EPS 4.36 beside estimates of 44.07 CNY, and a
    book value of 66.97 CNY. Yahoo's own P/B and yield divide the one by the other as they are.
    """
    today = now.astimezone(exchange_of(symbol).zone).date()
    return Profile(
        symbol=symbol,
        source=YAHOO,
        as_of=today,
        per_share_of=today,
        fetched_at=now,
        name_en=name(item, "longName") or name(item, "shortName"),
        eps_ttm=figure(item, "epsTrailingTwelveMonths", PER_SHARE),
        eps_currency=currency(item, "currency"),
        book_value=figure(item, "bookValue", PER_SHARE),
        dividend=figure(item, "trailingAnnualDividendRate", DIVIDEND),
        accounts_currency=currency(item, "financialCurrency"),
        market_cap=figure(item, "marketCap", MARKET_CAP),
        price=figure(item, "regularMarketPrice", PRICE),
        previous_close=figure(item, "regularMarketPreviousClose", PRICE),
        own_pe=figure(item, "trailingPE", MULTIPLE),
        own_pb=figure(item, "priceToBook", MULTIPLE),
        own_yield=figure(item, "trailingAnnualDividendYield", YIELD),
    )
