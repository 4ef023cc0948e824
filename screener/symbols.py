"""Codes of listings: how they are written, where they trade, in which currency."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Exchange:
    """A market: the ending of its codes, their lengths, its trading calendar and closing time."""

    suffix: str
    digits: tuple[int, ...]
    calendar: str
    zone: ZoneInfo
    close: time
    currency: str
    # Codes that trade in another currency than the exchange's own: pattern of the digits.
    other_currencies: Mapping[str, str]


_SHANGHAI = ZoneInfo("Asia/Shanghai")
_HONG_KONG = ZoneInfo("Asia/Hong_Kong")

EXCHANGES: Mapping[str, Exchange] = {
    exchange.suffix: exchange
    for exchange in (
        Exchange("SH", (6,), "XSHG", _SHANGHAI, time(15), "CNY", {r"900\d{3}": "USD"}),
        Exchange("SZ", (6,), "XSHG", _SHANGHAI, time(15), "CNY", {r"200\d{3}": "HKD"}),
        Exchange("BJ", (6,), "XSHG", _SHANGHAI, time(15), "CNY", {}),
        Exchange("HK", (4, 5), "XHKG", _HONG_KONG, time(16), "HKD", {r"8\d{4}": "CNY"}),
    )
}

_CODE = re.compile(r"(?P<digits>[0-9]+)\.(?P<suffix>[A-Z]+)")


class SymbolError(ValueError):
    """A code that names no listing; the message says what would be right."""


def canonical(text: str) -> str:
    """The one spelling of a code: `CODE.EXCHANGE`, capitals, Hong Kong with four or five digits.

    Raises SymbolError for anything that is not certainly one listing.
    """
    match = _CODE.fullmatch(text.strip().upper())
    if match is None:
        raise SymbolError(
            f"{text!r} is no code: write digits, a dot and the exchange, such as 600941.SH"
        )
    digits, suffix = match["digits"], match["suffix"]
    if suffix not in EXCHANGES:
        known = ", ".join(EXCHANGES)
        raise SymbolError(f"{text!r} is on no exchange known here ({known})")
    if suffix == "HK" and len(digits) == 5 and digits.startswith("0"):
        digits = digits[1:]
    allowed = EXCHANGES[suffix].digits
    if len(digits) not in allowed:
        lengths = " or ".join(str(length) for length in allowed)
        raise SymbolError(f"{text!r} has {len(digits)} digits: {suffix} codes have {lengths}")
    return f"{digits}.{suffix}"


def exchange_of(symbol: str) -> Exchange:
    """The exchange of a canonical symbol."""
    return EXCHANGES[symbol.rpartition(".")[2]]


def currency_of(symbol: str) -> str:
    """The currency a canonical symbol trades in (B shares and Hong Kong's RMB counters differ)."""
    exchange = exchange_of(symbol)
    code = symbol.rpartition(".")[0]
    for pattern, currency in exchange.other_currencies.items():
        if re.fullmatch(pattern, code):
            return currency
    return exchange.currency
