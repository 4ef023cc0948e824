"""Codes: one spelling each however they are written, the currency they trade in, and no guesses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.model.codes import AmbiguousError, canonical, printed_code
from screener.model.names import Names, names_of
from screener.model.symbols import CODE_RANGES, SymbolError, currency_of


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("600941.SH", "600941.SH"),
        ("600941", "600941.SH"),
        ("sh600941", "600941.SH"),
        ("SH.600941", "600941.SH"),
        ("600941.SS", "600941.SH"),
        ("600941.XSHG", "600941.SH"),
        ("SHSE:600941", "600941.SH"),
        ("600941 CH Equity", "600941.SH"),
        ("600941-CN", "600941.SH"),
        ("６００９４１", "600941.SH"),
        (" 000032.sz ", "000032.SZ"),
        ("000032 CH", "000032.SZ"),
        ("302132", "302132.SZ"),
        ("0700.HK", "0700.HK"),
        ("00700.HK", "0700.HK"),
        ("00700", "0700.HK"),
        ("700 HK", "0700.HK"),
        ("700.hk", "0700.HK"),
        ("HK00700", "0700.HK"),
        ("700 HK Equity", "0700.HK"),
        ("HKEX:700", "0700.HK"),
        ("80700.HK", "80700.HK"),
        ("920808.BJ", "920808.BJ"),
        ("bj920808", "920808.BJ"),
        ("872808", "872808.BJ"),
    ],
)
def test_a_code_has_one_spelling(text: str, symbol: str) -> None:
    assert symbol == canonical(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "32.SZ", "6009410", "600941.SZ", "000300.SH", "510300", "000700.HK", "SH600941.SZ"),
        *("AAPL", "005930.KS", "000660 KS", "2330.TW", "7203 JP", "US.AAPL", "BABA US Equity"),
        *("XBSE:872808", "BSE:500325", "600941.KS", "A600941", "600941A", "中国移动"),
    ],
)
def test_what_is_no_code_of_these_exchanges_is_refused(text: str) -> None:
    with pytest.raises(SymbolError) as error:
        canonical(text)
    assert not isinstance(error.value, AmbiguousError)


@pytest.mark.parametrize("text", ["AAPL", "005930.KS", "2330.TW"])
def test_of_a_foreign_code_is_said_which_exchanges_there_are(text: str) -> None:
    with pytest.raises(SymbolError) as error:
        canonical(text)
    said = error.value.message.said("en")
    assert text in said
    assert all(name in said for name in ("Shanghai", "Shenzhen", "Beijing", "Hong Kong"))


@pytest.mark.parametrize(
    ("text", "candidate"),
    [
        ("000001", "000001.SZ"),  # Shanghai's index has that number, too
        ("000660", "000660.SZ"),  # and a maker of memory in Seoul that one
        ("2330", "2330.HK"),  # Taipei
        ("7203", "7203.HK"),  # Tokyo
        ("700", "0700.HK"),
        ("60094", "60094.HK"),  # a digit may be missing
        ("80700", "80700.HK"),
    ],
)
def test_a_code_that_may_be_something_else_is_asked_back_with_what_it_may_be(
    text: str, candidate: str
) -> None:
    with pytest.raises(AmbiguousError) as error:
        canonical(text)
    assert candidate == error.value.candidate
    assert candidate in error.value.message.said("en")
    # Where the listing is known here, it is meant.
    assert candidate == names_of({candidate: ["X"]}).meant(text)


SIX_DIGITS = [f"{number:06}" for number in range(1_000_000)]
# Every share of the mainland that there may be, by exchange.
SHARES = {
    market: [digits for digits in SIX_DIGITS if range_.fullmatch(digits)]
    for market, range_ in CODE_RANGES.items()
}


def shares(market: str) -> st.SearchStrategy[str]:
    return st.sampled_from(SHARES[market])


MAINLAND = {
    "SH": ("{}.SH", "{}.sh", "sh{}", "SH.{}", "{}.SS", "{}.XSHG", "SHSE:{}", "{} CH", " {}-CN "),
    "SZ": ("{}.SZ", "sz{}", "SZ.{}", "{}.XSHE", "SZSE:{}", "{} CH Equity", "{}-CN"),
    "BJ": ("{}.BJ", "bj{}", "BJ.{}", "{}.bj", "{} CH"),
}


@given(st.sampled_from(sorted(MAINLAND)).flatmap(lambda at: st.tuples(st.just(at), shares(at))))
def test_every_spelling_of_a_code_of_the_mainland_comes_back_to_one(given: tuple[str, str]) -> None:
    market, digits = given
    spelled = {canonical(form.format(digits)) for form in MAINLAND[market]}
    assert {f"{digits}.{market}"} == spelled
    assert f"{digits}.{market}" == printed_code(digits).symbol
    if not digits.startswith("000"):
        assert f"{digits}.{market}" == canonical(digits)


@given(st.integers(1, 99_999))
def test_every_spelling_of_a_code_of_hong_kong_comes_back_to_one(number: int) -> None:
    forms = ("{}.HK", "{} HK", "hk{}", "HK.{}", "{}.hk", "{}-HK", "{:05}.HK", "HK{:05}", "SEHK:{}")
    assert {f"{number:04}.HK"} == {canonical(form.format(number)) for form in forms}


FOREIGN = [
    *("KS", "KQ", "KR", "T", "TW", "TWO", "TT", "JP", "JT", "US", "UW", "UN", "O", "N", "L", "LN"),
    *("DE", "GR", "GY", "PA", "FP", "SI", "SP", "AX", "AU", "NS", "BO", "IN", "TO", "CT", "SW"),
    *("VX", "MI", "AS", "BK", "KL", "JK", "VN", "XBSE", "BSE", "NYSE", "NASDAQ", "TYO"),
]


@given(st.integers(0, 999_999), st.integers(1, 6), st.sampled_from(FOREIGN))
def test_no_spelling_of_a_foreign_code_becomes_one_of_ours(
    number: int, width: int, market: str
) -> None:
    digits = f"{number:0{width}}"
    for form in ("{0}.{1}", "{0} {1}", "{1}:{0}", "{0}-{1}", "{0} {1} Equity", "{1}.{0}"):
        with pytest.raises(SymbolError):
            canonical(form.format(digits, market))
        with pytest.raises(SymbolError):
            printed_code(form.format(digits, market), in_hong_kong=True)


@given(st.from_regex("[A-Z]{1,5}([.-][A-Z]{1,3})?", fullmatch=True))
def test_letters_alone_are_no_code(ticker: str) -> None:
    with pytest.raises(SymbolError):
        canonical(ticker)


@pytest.fixture
def names() -> Names:
    names = names_of(
        {
            "0700.HK": ["腾讯控股", "Tencent Holdings Limited"],
            "1698.HK": ["腾讯音乐-SW", "Tencent Music"],
            "600941.SH": ["中国移动", "China Mobile"],
            "872808.BJ": ["曙光数创"],
        }
    )
    names.add("9988.HK", ["阿里巴巴－Ｗ", "Alibaba Group"], printed="9898.HK")
    return names


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("中国移动", "600941.SH"),
        (" 中 国 移 动", "600941.SH"),
        ("china mobile", "600941.SH"),
        ("alibaba", "9988.HK"),
        ("阿里巴巴-W", "9988.HK"),
        ("阿里", "9988.HK"),
        ("腾讯控", "0700.HK"),
        ("tencent holdings", "0700.HK"),
        ("9898.HK", "9988.HK"),  # as the table prints it
        ("920808", "872808.BJ"),  # the list has its old code
        ("600050", "600050.SH"),  # a code needs nobody to know it
    ],
)
def test_a_listing_is_meant_by_its_name_too(names: Names, text: str, symbol: str) -> None:
    assert symbol == names.meant(text)


@pytest.mark.parametrize("text", ["腾讯", "tencent"])
def test_a_name_of_several_listings_is_asked_back_with_their_codes(names: Names, text: str) -> None:
    with pytest.raises(SymbolError) as error:
        names.meant(text)
    assert "0700.HK, 1698.HK" in error.value.message.said("en")


@pytest.mark.parametrize("text", ["", "讯", "mobile", "AAPL", "腾讯音乐集团"])
def test_what_is_neither_code_nor_name_means_nothing(names: Names, text: str) -> None:
    with pytest.raises(SymbolError):
        names.meant(text)


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
