"""Exchanges: which codes are of which, where and in which currency they trade."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from zoneinfo import ZoneInfo

from screener.model.messages import InputError, say


@dataclass(frozen=True, slots=True)
class Exchange:
    """A market: the ending of its codes, their lengths, its trading calendar and hours."""

    suffix: str
    digits: tuple[int, ...]
    calendar: str
    zone: ZoneInfo
    open: time
    close: time
    currency: str
    # Codes that trade in another currency than the exchange's own: pattern of the digits.
    other_currencies: Mapping[str, str]


_SHANGHAI, _HONG_KONG = ZoneInfo("Asia/Shanghai"), ZoneInfo("Asia/Hong_Kong")
# Of all four; Hong Kong's was half an hour later until March 2011.
_OPEN = time(9, 30)

# The mainland's three exchanges share one calendar. B shares trade in foreign currency: 900xxx in
# Shanghai in USD, 200xxx in Shenzhen in HKD. In Hong Kong a share may have two counters: 80700 is
# 0700 in RMB, the same share at another currency's price.
EXCHANGES: Mapping[str, Exchange] = {
    exchange.suffix: exchange
    for exchange in (
        Exchange("SH", (6,), "XSHG", _SHANGHAI, _OPEN, time(15), "CNY", {r"900\d{3}": "USD"}),
        Exchange("SZ", (6,), "XSHG", _SHANGHAI, _OPEN, time(15), "CNY", {r"200\d{3}": "HKD"}),
        Exchange("BJ", (6,), "XSHG", _SHANGHAI, _OPEN, time(15), "CNY", {}),
        Exchange("HK", (4, 5), "XHKG", _HONG_KONG, _OPEN, time(16), "HKD", {r"8\d{4}": "CNY"}),
    )
}

# How each vendor spells a code: the ending, and how many digits it is filled up to.
# Beijing is missing where the vendor has it not; a code is never turned into another market's.
VENDOR_SPELLINGS: Mapping[str, Mapping[str, tuple[str, int]]] = {
    "yahoo": {"SH": (".SS", 6), "SZ": (".SZ", 6), "HK": (".HK", 4)},
    "akshare": {"SH": ("", 6), "SZ": ("", 6), "BJ": ("", 6), "HK": ("", 5)},
}

# Beijing moved all its listings from 43, 83, 87 and 88xxxx to 920xxx on that day. The last three
# digits mostly stayed, but not where two old codes shared them: only published moves count.
BEIJING_MOVED = date(2025, 10, 9)
BEIJING_MOVES: Mapping[str, str] = {
    "430489.BJ": "920489.BJ",
    "833819.BJ": "920819.BJ",
    "872808.BJ": "920808.BJ",
}

# The ranges that the exchanges give their codes from, of shares only (as of 2025): 600, 601, 603,
# 605 Shanghai's main board, 688 and 689 its STAR market; 000 to 003 Shenzhen's main board, 300 to
# 302 ChiNext. Funds, bonds and indices have others: 000300 of Shanghai is an index.
CODE_RANGES: Mapping[str, re.Pattern[str]] = {
    "SH": re.compile(r"60[0135]\d{3}|68[89]\d{3}|900\d{3}"),
    "SZ": re.compile(r"00[0-3]\d{3}|30[0-2]\d{3}|200\d{3}"),
    "BJ": re.compile(r"(43|83|87|88|92)\d{4}"),
}


# How far a session may take a price from the close before it, by the beginning of the code: a tenth
# on the main boards, a fifth on ChiNext and STAR, three tenths in Beijing (as of 2026). Hong Kong
# has no such limit; a quarter is the most that one of its larger names moves by in a day.
DAILY_LIMITS: Mapping[str, Mapping[str, float]] = {
    "SH": {"68": 0.2, "": 0.1},
    "SZ": {"30": 0.2, "": 0.1},
    "BJ": {"": 0.3},
    "HK": {"": 0.25},
}


class SymbolError(InputError):
    """A code that names no listing; the message says what would be right."""


def exchange_by_range(digits: str) -> str | None:
    """The mainland exchange whose range six digits lie in."""
    return next((name for name, range_ in CODE_RANGES.items() if range_.fullmatch(digits)), None)


def exchange_of(symbol: str) -> Exchange:
    """The exchange of a canonical symbol."""
    return EXCHANGES[symbol.rpartition(".")[2]]


def currency_of(symbol: str) -> str:
    """The currency a canonical symbol trades in (B shares and Hong Kong's RMB counters differ)."""
    exchange, digits = exchange_of(symbol), symbol.rpartition(".")[0]
    others = exchange.other_currencies.items()
    fits = (currency for pattern, currency in others if re.fullmatch(pattern, digits))
    return next(fits, exchange.currency)


def daily_limit(symbol: str) -> float:
    """How far a session may take a price from the close before it, as a part of that."""
    limits = DAILY_LIMITS[symbol.rpartition(".")[2]]
    return next(limit for begin, limit in limits.items() if symbol.startswith(begin))


def spelling(vendor: str, symbol: str) -> str | None:
    """How a vendor spells a canonical symbol; None where it has not the market."""
    digits, _, suffix = symbol.rpartition(".")
    if suffix not in VENDOR_SPELLINGS[vendor]:
        return None
    ending, length = VENDOR_SPELLINGS[vendor][suffix]
    return digits.zfill(length) + ending


def lasting(symbol: str) -> str:
    """The one code of a listing at all times: of Beijing's old code and its new one the new."""
    return BEIJING_MOVES.get(symbol, symbol)


def asked_as(symbol: str, day: date) -> str:
    """The code under which a listing is asked for on a day: Beijing's retired codes became others.

    Raises SymbolError for a retired code whose new one is not known here.
    """
    digits, _, suffix = symbol.rpartition(".")
    if suffix != "BJ" or day < BEIJING_MOVED or digits.startswith("920"):
        return symbol
    if symbol not in BEIJING_MOVES:
        fault = say(
            "{symbol} was retired on {day}; its new code is not known here: put"
            " it in the watchlist, or a correction",
            symbol=symbol,
            day=BEIJING_MOVED,
        )
        raise SymbolError(fault)
    return BEIJING_MOVES[symbol]
