"""What Yahoo says of companies beside their prices, in the items of a v7 answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from screener.model.records import Profile
from screener.model.symbols import exchange_of
from screener.sources.answers import Item, Items, RefusalError, number
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
        name_en=_text(item, "longName") or _text(item, "shortName"),
        eps_ttm=_figure(item, "epsTrailingTwelveMonths"),
        eps_currency=_text(item, "currency"),
        book_value=_figure(item, "bookValue"),
        dividend=_figure(item, "trailingAnnualDividendRate"),
        accounts_currency=_text(item, "financialCurrency"),
        market_cap=_figure(item, "marketCap"),
        price=_figure(item, "regularMarketPrice"),
        previous_close=_figure(item, "regularMarketPreviousClose"),
        own_pe=_figure(item, "trailingPE"),
        own_pb=_figure(item, "priceToBook"),
        own_yield=_figure(item, "trailingAnnualDividendYield"),
    )


def _text(item: Item, key: str) -> str:
    value = item.get(key)
    return value.strip() if isinstance(value, str) else ""


def _figure(item: Item, key: str) -> float | None:
    try:
        return number(item, key)
    except RefusalError:
        return None  # what it does not say is shown as missing
