"""Codes: one spelling each, the currency they trade in, and no guesses."""

import pytest

from screener.model.symbols import SymbolError, canonical, currency_of


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("600941.SH", "600941.SH"),
        (" 000032.sz ", "000032.SZ"),
        ("0700.HK", "0700.HK"),
        ("00700.HK", "0700.HK"),
        ("80700.HK", "80700.HK"),
        ("920808.BJ", "920808.BJ"),
    ],
)
def test_a_code_has_one_spelling(text: str, symbol: str) -> None:
    assert symbol == canonical(text)


@pytest.mark.parametrize("text", ["", "32.SZ", "600941", "SH600941", "600941.SS", "6００941.SH"])
def test_what_is_not_certainly_a_code_is_refused(text: str) -> None:
    with pytest.raises(SymbolError):
        canonical(text)


@pytest.mark.parametrize(
    ("symbol", "currency"),
    [
        ("600941.SH", "CNY"),
        ("900901.SH", "USD"),
        ("000032.SZ", "CNY"),
        ("200011.SZ", "HKD"),
        ("920808.BJ", "CNY"),
        ("0700.HK", "HKD"),
        ("8083.HK", "HKD"),
        ("80700.HK", "CNY"),
    ],
)
def test_the_listing_decides_the_currency_of_its_price(symbol: str, currency: str) -> None:
    assert currency == currency_of(symbol)
