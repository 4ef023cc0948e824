"""Codes of listings as people and programs write them, and the one spelling they have here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from unicodedata import normalize

from screener.model.messages import NOTHING, Sentence, say
from screener.model.symbols import EXCHANGES, SymbolError, exchange_by_range

# How the exchanges are called before or after a code: by Wind, Yahoo and Sina, by their MICs, by
# Bloomberg and FactSet, by TradingView. `CH` and `CN` are any exchange of the mainland. XBSE and
# BSE are not Beijing's: they are Bucharest's and Bombay's.
_MARKETS: Mapping[str, str] = {
    **dict.fromkeys(("SH", "SS", "XSHG", "SHSE", "SSE"), "SH"),
    **dict.fromkeys(("SZ", "XSHE", "SZSE"), "SZ"),
    **dict.fromkeys(("BJ", "BJSE"), "BJ"),
    **dict.fromkeys(("HK", "XHKG", "HKEX", "SEHK"), "HK"),
    **dict.fromkeys(("CH", "CN"), ""),
    "C1": "SH",
    "C2": "SZ",  # Bloomberg's, by the connect with Hong Kong
}
_CODE = re.compile(
    r"(?:(?P<before>[A-Z]{2,5})[.: -]?)?(?P<digits>\d{1,6})(?:[.: -]?(?P<after>[A-Z]{1,5}|C[12]))?"
    r"(?P<bloomberg> EQUITY)?",
    re.ASCII,
)
_MAINLAND_DIGITS = 6
# Funds, bonds and indices that are traded or quoted beside the shares.
_NO_SHARES: Mapping[str, re.Pattern[str]] = {
    "SH": re.compile(r"[15]\d{5}"),
    "SZ": re.compile(r"1\d{5}|399\d{3}"),
    "BJ": re.compile(r"899\d{3}"),
}
# 00700 is how Hong Kong's exchange prints 0700: no other market here has five digits.
_HONG_KONG_DIGITS = 5
_FEWEST_DIGITS = 3


class AmbiguousError(SymbolError):
    """A code that may name a listing here, or something else elsewhere."""

    def __init__(self, message: Sentence, candidate: str) -> None:
        super().__init__(message)
        self.candidate = candidate


class WrongExchangeError(SymbolError):
    """A code of one exchange's range with the ending of another."""

    def __init__(self, message: Sentence, as_written: str) -> None:
        super().__init__(message)
        self.as_written = as_written


def canonical(text: str) -> str:
    """The one spelling of a code: `CODE.EXCHANGE`, capitals, Hong Kong with four or five digits.

    Takes it with the exchange before or after, as 600941, sh600941, SH.600941, 600941.SS,
    600941 CH Equity, 00700, 700 HK. Raises AmbiguousError for one that may mean something else,
    SymbolError for what is none.
    """
    match = _CODE.fullmatch(_plain(text))
    if match is None:
        raise SymbolError(_not_here(text))
    digits, named = match["digits"], {match["before"], match["after"]} - {None}
    markets = {_MARKETS.get(name) for name in named}
    if None in markets or len(markets) > 1:
        raise SymbolError(_not_here(text))
    market = markets.pop() if markets else None
    if market == "HK":
        return _in_hong_kong(text, digits)
    if market:
        return _on_the_mainland(text, digits, market)
    if market is None and len(digits) < _MAINLAND_DIGITS:
        return _bare_in_hong_kong(text, digits)
    return _by_range(text, digits, is_share=market is not None)


def _plain(text: str) -> str:
    """Capitals, one blank between words, no full-width signs."""
    return " ".join(normalize("NFKC", text).upper().split())


def _not_here(text: str) -> Sentence:
    return say(
        "{text!r} is no code of an exchange known here: those are Shanghai (600941.SH), Shenzhen"
        " (000063.SZ), Beijing (920808.BJ) and Hong Kong (0700.HK)",
        text=text,
    )


def _in_hong_kong(text: str, digits: str) -> str:
    if len(digits) > _HONG_KONG_DIGITS:
        raise SymbolError(_wrong_count(text, digits, "HK"))
    # The exchange prints 00700, Wind 0700: one of them must be the listing's only name.
    return f"{digits.lstrip('0').zfill(EXCHANGES['HK'].digits[0])}.HK"


def _on_the_mainland(text: str, digits: str, market: str) -> str:
    if len(digits) != _MAINLAND_DIGITS:
        raise SymbolError(_wrong_count(text, digits, market))
    if _NO_SHARES[market].fullmatch(digits):
        fault = say("{text!r} is a fund, a bond or an index: no share has such a code", text=text)
        raise SymbolError(fault)
    # 000300 of Shanghai is an index; a share of that number is Shenzhen's.
    other = exchange_by_range(digits)
    if other not in (None, market):
        fault = say(
            "{text!r} is no share of {suffix}: {digits} is in the range of {other}",
            text=text,
            suffix=market,
            digits=digits,
            other=f"{digits}.{other}",
        )
        raise WrongExchangeError(fault, f"{digits}.{market}")
    return f"{digits}.{market}"


def _wrong_count(text: str, digits: str, suffix: str) -> Sentence:
    return say(
        "{text!r} has {count} digits: {suffix} codes have {lengths}",
        text=text,
        count=len(digits),
        suffix=suffix,
        lengths="/".join(map(str, EXCHANGES[suffix].digits)),
    )


def _bare_in_hong_kong(text: str, digits: str) -> str:
    symbol = _in_hong_kong(text, digits)
    if len(digits) == _HONG_KONG_DIGITS and digits.startswith("0"):
        return symbol
    # 2330 is of Taipei, 7203 of Tokyo, and five digits may be six with one left out.
    raise AmbiguousError(_names_none(text, symbol), symbol)


def _names_none(text: str, symbol: str) -> Sentence:
    return say(
        "{text!r} names no exchange: write it as {symbol}, if it is that", text=text, symbol=symbol
    )


def _by_range(text: str, digits: str, *, is_share: bool) -> str:
    exchange = exchange_by_range(digits) if len(digits) == _MAINLAND_DIGITS else None
    if exchange is None:
        fault = say(
            "{text!r} is in no exchange's range: write it as {digits}.SH", text=text, digits=digits
        )
        raise SymbolError(fault)
    symbol = f"{digits}.{exchange}"
    # 000001 is a bank in Shenzhen, and Shanghai's index; 000660 is a maker of memory in Seoul.
    if digits.startswith("000") and not is_share:
        fault = say(
            "{text!r} may be the share {symbol}, an index of Shanghai or a share of Seoul: write"
            " {symbol}, if it is that",
            text=text,
            symbol=symbol,
        )
        raise AmbiguousError(fault, symbol)
    return symbol


@dataclass(frozen=True, slots=True)
class PrintedCode:
    """A code as some table prints it: the symbol it means, and what of it is guessed."""

    symbol: str
    guessed: Sentence = NOTHING


def printed_code(text: str, *, in_hong_kong: bool = False) -> PrintedCode:
    """The symbol that a table of shares means by `300433.SZ`, `300433`, `700 HK` or `00700`.

    Six digits alone get their exchange by the exchanges' ranges; up to five are of Hong Kong, but
    only where the table or the row says so (`in_hong_kong`). Raises SymbolError for all else.
    """
    digits = _plain(text)
    is_bare = digits.isdecimal()
    if not is_bare:
        return PrintedCode(canonical(text))
    if len(digits) < _MAINLAND_DIGITS:
        symbol = _in_hong_kong(text, digits)
        # A number of a line may stand where codes do.
        if not in_hong_kong or len(digits) < _FEWEST_DIGITS:
            raise AmbiguousError(_names_none(text, symbol), symbol)
        said = say("exchange of {code}: Hong Kong, as the table says", code=digits)
        return PrintedCode(symbol, said)
    return PrintedCode(
        _by_range(text, digits, is_share=True), say("exchange of {code} by its range", code=digits)
    )
