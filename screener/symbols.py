"""Codes of listings: how they are written, where they trade, in which currency."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
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


# How each vendor spells a code: the ending, and how many digits it is filled up to.
# Beijing is missing where the vendor has it not; a code is never turned into another market's.
VENDOR_SPELLINGS: Mapping[str, Mapping[str, tuple[str, int]]] = {
    "yahoo": {"SH": (".SS", 6), "SZ": (".SZ", 6), "HK": (".HK", 4)},
    "akshare": {"SH": ("", 6), "SZ": ("", 6), "BJ": ("", 6), "HK": ("", 5)},
}

# Beijing moved its listings to 920xxx codes on that day; these moves are published.
BEIJING_MOVED = date(2025, 10, 9)
BEIJING_MOVES: Mapping[str, str] = {
    "430489.BJ": "920489.BJ",
    "833819.BJ": "920819.BJ",
    "872808.BJ": "920808.BJ",
}


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


def spelling(vendor: str, symbol: str) -> str | None:
    """How a vendor spells a canonical symbol; None where it has not the market."""
    digits, _, suffix = symbol.rpartition(".")
    if suffix not in VENDOR_SPELLINGS[vendor]:
        return None
    ending, length = VENDOR_SPELLINGS[vendor][suffix]
    return digits.zfill(length) + ending


def asked_as(symbol: str, day: date) -> str:
    """The code under which a listing is asked for on a day: Beijing's retired codes became others.

    Raises SymbolError for a retired code whose new one is not known here.
    """
    digits, _, suffix = symbol.rpartition(".")
    if suffix != "BJ" or day < BEIJING_MOVED or digits.startswith("920"):
        return symbol
    if symbol not in BEIJING_MOVES:
        raise SymbolError(
            f"{symbol} was retired on {BEIJING_MOVED}; its new code is not known here:"
            " put it in the watchlist, or a correction"
        )
    return BEIJING_MOVES[symbol]
