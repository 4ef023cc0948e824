"""Trailing P/E, P/B and dividend yield: by hand, through the real libraries, and with faults."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import narwhals as nw
import pytest
from openpyxl import load_workbook

from screener.consensus.splits import Record, record
from screener.market_data.trailing import newest, trailing
from screener.model.figures import Interval
from screener.model.records import Listing, Lookup, Profile, Quote, Rate, Split
from screener.sources.answers import RefusalError
from screener.sources.eastmoney.accounts import dividends, profiles
from screener.sources.yahoo.profiles import profiles as of_yahoo
from screener.watchlists.read import load_watchlists
from tests.command import Command
from tests.conftest import NOW, reads_past_extensions, write_watchlist
from tests.loopback import Vendor

DAY = date(2026, 11, 20)
# Tencent as a source may have it: EPS in HKD as the price, book value and dividend in CNY.
TENCENT = Profile(
    symbol="0700.HK",
    source="Yahoo",
    as_of=DAY,
    per_share_of=DAY,
    fetched_at=NOW - timedelta(days=3),
    eps_ttm=26.5,
    eps_currency="HKD",
    book_value=118.0,
    dividend=4.14,
    accounts_currency="CNY",
    price=620.0,
    previous_close=615.0,
    own_pe=620 / 26.5,
    own_pb=620 / 118,
    own_yield=4.14 / 615,
)
RATES = [Rate("HKD", "CNY", 0.91, NOW - timedelta(days=4), "Yahoo")]


@pytest.fixture
def tencent(tmp_path: Path) -> Listing:
    (tmp_path / "mine.csv").write_text("symbol\n0700.HK\n", encoding="utf-8")
    ((table,), _) = load_watchlists(tmp_path, (), DAY)
    return table.listings[0]


def quote(price: float, currency: str = "HKD") -> Quote:
    then = NOW - timedelta(days=4)
    return Quote(price, currency, then, DAY, "Yahoo", "close", Interval(price, price))


def test_tencents_multiples_by_hand(run: Callable[..., dict[str, Any]]) -> None:
    """620 HKD: 620 ÷ 26.5; 620 × 0.91 = 564.2 CNY, ÷ 118; 4.14 ÷ 564.2."""
    row = run(TENCENT)
    assert pytest.approx(23.3962, abs=1e-4) == row["pe_ttm"]
    assert pytest.approx(4.7814, abs=1e-4) == row["pb"]
    assert pytest.approx(0.0073378, abs=1e-7) == row["dividend_yield"]


@pytest.fixture
def run(tencent: Listing) -> Callable[..., dict[str, Any]]:
    """The multiples of Tencent at 620 HKD by the formulas of the catalogue."""
    import polars as pl

    from screener.valuation.trailing import DIVIDEND_YIELD, PB, PE_TTM

    def valued(profile: Profile, price: float = 620.0) -> dict[str, Any]:
        found, _ = trailing({tencent: quote(price)}, {"0700.HK": profile}, RATES, SPLITS, DAY)
        made = found[tencent]
        figures = {
            "price": price,
            "eps_ttm": made.eps_ttm,
            "eps_ttm_fx": made.eps_fx,
            "book_value": made.book_value,
            "dividend": made.dividend,
            "accounts_fx": made.accounts_fx,
            "nm_above": 1000.0,
        }
        frame = nw.from_native(pl.DataFrame([figures], dict.fromkeys(figures, pl.Float64)))
        metrics = (PE_TTM, PB, DIVIDEND_YIELD)
        (row,) = frame.select(**{each.name: each.value.frame for each in metrics}).rows(named=True)
        return row

    return valued


# Nothing was split in the year before.
SPLITS = record([], [Lookup("0700.HK", "Yahoo", date(2025, 1, 1), DAY)])


def test_losses_and_negative_books_mean_nothing(run: Callable[..., dict[str, Any]]) -> None:
    row = run(replace(TENCENT, eps_ttm=-0.5, book_value=-3.0, dividend=0.0))
    assert (None, None, 0.0) == (row["pe_ttm"], row["pb"], row["dividend_yield"])
    # A P/E above the limit is none, either.
    assert run(replace(TENCENT, eps_ttm=0.5))["pe_ttm"] is None


def test_figures_of_before_a_split_are_per_share_of_after_it(tencent: Listing) -> None:
    split = Split("0700.HK", date(2026, 11, 10), 5.0, "Yahoo")
    known = record([split], [Lookup("0700.HK", "Yahoo", date(2025, 1, 1), DAY)])
    old = replace(TENCENT, per_share_of=date(2026, 11, 1))
    found, _ = trailing({tencent: quote(124.0)}, {"0700.HK": old}, RATES, known, DAY)
    made = found[tencent]
    assert pytest.approx((5.3, 23.6, 0.828)) == (made.eps_ttm, made.book_value, made.dividend)


def test_without_a_word_on_splits_figures_of_before_are_doubtful(tencent: Listing) -> None:
    old = replace(TENCENT, per_share_of=date(2026, 11, 1), own_pb=None, own_yield=None)
    _, problems = trailing({tencent: quote(620.0)}, {"0700.HK": old}, RATES, Record(), DAY)
    assert ["splits_unknown"] == [problem.kind for problem in problems]


def kinds(row: Listing, profile: Profile) -> list[str]:
    _, problems = trailing({row: quote(620.0)}, {"0700.HK": profile}, RATES, SPLITS, DAY)
    return [problem.kind for problem in problems]


def test_a_source_that_divides_two_currencies_is_told_from_one_that_slips(tencent: Listing) -> None:
    assert ["ratio_unconverted", "ratio_unconverted"] == kinds(tencent, TENCENT)
    # Converted by the source itself: nothing to say.
    right = replace(TENCENT, own_pb=564.2 / 118, own_yield=4.14 / (615 * 0.91))
    assert [] == kinds(tencent, right)
    # EPS in CNY passed for HKD: its own P/E is a tenth away.
    assert ["ratio_differs"] == kinds(tencent, replace(right, own_pe=620 / 26.5 / 0.91))
    # Within a twentieth are other days' prices and rounding.
    assert [] == kinds(tencent, replace(right, own_pe=620 / 26.5 * 1.04))
    assert ["ratio_differs"] == kinds(tencent, replace(right, own_pe=620 / 26.5 * 1.06))


def test_accounts_in_a_currency_without_a_rate_are_named(tencent: Listing) -> None:
    in_dollars = replace(TENCENT, accounts_currency="USD", own_pb=None, own_yield=None)
    assert ["no_accounts_rate"] == kinds(tencent, in_dollars)


def test_a_valuation_of_an_earlier_day_knows_no_later_accounts() -> None:
    later = replace(TENCENT, as_of=DAY + timedelta(days=1))
    assert {"0700.HK": TENCENT} == newest([TENCENT, later], DAY)


BEIJING = {"920808": "920808.BJ"}


def reports(**eps: float | None) -> list[dict[str, Any]]:
    return [
        {
            "SECURITY_CODE": "920808",
            "SECURITY_NAME_ABBR": "曙光数创",
            "REPORTDATE": f"{day.replace('_', '-').removeprefix('d')} 00:00:00",
            "BASIC_EPS": earned,
            "BPS": 4.0,
        }
        for day, earned in eps.items()
    ]


@pytest.mark.parametrize(
    ("eps", "expected"),
    [
        # Nine months of this year, last year, less its first nine months: 0.8 + 1.0 − 0.7.
        ({"d2026_09_30": 0.8, "d2025_12_31": 1.0, "d2025_09_30": 0.7}, 1.1),
        ({"d2025_12_31": 1.0, "d2025_09_30": 0.7}, 1.0),
        # Listed this year: nobody knows what it earned in the last months of the one before.
        ({"d2026_09_30": 0.8, "d2025_12_31": 1.0}, None),
        ({"d2026_09_30": 0.8, "d2025_12_31": None, "d2025_09_30": 0.7}, None),
    ],
)
def test_four_quarters_of_reports_that_count_from_new_year(
    eps: dict[str, float | None], expected: float | None
) -> None:
    made = profiles(reports(**eps), BEIJING, NOW)[0]["920808.BJ"]
    assert expected == (None if made.eps_ttm is None else pytest.approx(made.eps_ttm))
    assert (4.0, "CNY", "曙光数创") == (made.book_value, made.accounts_currency, made.name)


def test_who_has_no_reports_has_no_profile() -> None:
    assert ({}, {}) == profiles([], BEIJING, NOW)
    with pytest.raises(RefusalError, match="Eastmoney answers with 920808"):
        profiles(reports(d2025_12_31=1.0), {"920799": "920799.BJ"}, NOW)
    undated = {**reports(d2025_12_31=1.0)[0], "REPORTDATE": "soon"}
    found, refused = profiles([undated], BEIJING, NOW)
    assert {} == found
    assert "dates a report" in str(refused["920808.BJ"])


def test_dividends_are_of_ten_shares_and_of_the_last_year_alone() -> None:
    rows = [
        {"SECURITY_CODE": "920808", "EX_DIVIDEND_DATE": f"{day} 00:00:00", "PRETAX_BONUS_RMB": cash}
        for day, cash in (("2026-06-26", 3.0), ("2026-01-05", 1.0), ("2025-06-26", 9.0))
    ]
    planned = {"SECURITY_CODE": "920808", "EX_DIVIDEND_DATE": None, "PRETAX_BONUS_RMB": 5.0}
    symbols = {"920808": "920808.BJ", "920799": "920799.BJ"}
    paid, refused = dividends([*rows, planned], symbols, NOW)
    assert {"920808.BJ": pytest.approx(0.4), "920799.BJ": 0.0} == paid
    assert {} == refused


def test_of_whom_a_row_is_no_dividend_nobody_knows_what_it_paid() -> None:
    rows = [
        {"SECURITY_CODE": code, "EX_DIVIDEND_DATE": "2026-06-26 00:00:00", "PRETAX_BONUS_RMB": cash}
        for code, cash in (("920808", 3e300), ("920799", 1.0))
    ]
    paid, refused = dividends(rows, {"920808": "920808.BJ", "920799": "920799.BJ"}, NOW)
    assert {"920799.BJ": pytest.approx(0.1)} == paid
    assert ["920808.BJ"] == list(refused)


# --- through the real libraries -----------------------------------------------------------------

Screened = Callable[..., dict[str, Any]]


@pytest.fixture
def live(online: Command, tmp_path: Path) -> Screened:
    write_watchlist(
        tmp_path / "lists",
        "0700.HK,腾讯控股,1.00,2.00,CNY",
        "920808.BJ,曙光数创,1.00,2.00,CNY",
        "600941.SH,中国移动,1.00,2.00,CNY",
        header="symbol,name,eps_2025,eps_2026,eps_currency",
    )

    def screened(*arguments: str) -> dict[str, Any]:
        where = ("-w", "lists", "-o", "out.xlsx", "--timeout", "10")
        done = online("run", "--prices", "live", "--json", *where, *arguments)
        document: dict[str, Any] = json.loads(done.stdout)
        return document

    return screened


def rows(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["symbol"]: row for row in document["rows"]}


def of_kind(document: Mapping[str, Any], kind: str) -> list[str]:
    return [each["message"] for each in document["problems"] if each["kind"] == kind]


def test_every_market_has_its_trailing_multiples_and_asks_little_for_them(
    live: Screened, vendor: Vendor
) -> None:
    market = vendor.market
    market.accounts["0700.HK"] = (market.prices["0700.HK"] / 20, 100.0, 8.0)
    found = rows(live())
    price = market.prices["0700.HK"]
    assert pytest.approx((20.0, price * 0.92 / 100, 8 / (price * 0.92))) == tuple(
        found["0700.HK"][name] for name in ("pe_ttm", "pb", "dividend_yield")
    )
    eps, book, _ = market.accounts["920808.BJ"]
    price = market.prices["920808.BJ"]
    # The loopback's company in Beijing paid 1.50 for ten shares in June.
    assert pytest.approx((price / eps, price / book, 0.15 / price)) == tuple(
        found["920808.BJ"][name] for name in ("pe_ttm", "pb", "dividend_yield")
    )
    assert ("Yahoo", "Eastmoney") == (
        found["600941.SH"]["accounts_source"], found["920808.BJ"]["accounts_source"]
    )  # fmt: skip
    assert 1 == sum("RPT_LICO_FN_CPD" in url for url in vendor.asked)
    vendor.asked.clear()
    again = rows(live("--max-age", "0"))
    # Beijing's reports are asked for once a day; the others' come with the price.
    assert [] == [url for url in vendor.asked if "RPT_LICO_FN_CPD" in url]
    assert found["920808.BJ"]["pe_ttm"] == again["920808.BJ"]["pe_ttm"]


def test_what_a_source_does_not_say_is_missing_and_named(live: Screened, vendor: Vendor) -> None:
    del vendor.market.accounts["0700.HK"]
    document = live()
    row = rows(document)["0700.HK"]
    assert (None, None) == (row["pe_ttm"], row["pb"])
    assert ["no source has eps_ttm, book_value, dividend of it"] == of_kind(document, "no_accounts")


@pytest.mark.parametrize("fault", ["html", "500", "short"])
def test_reports_that_do_not_come_cost_no_price(live: Screened, vendor: Vendor, fault: str) -> None:
    vendor.faults["RPT_LICO_FN_CPD"] = fault
    document = live()
    row = rows(document)["920808.BJ"]
    assert (vendor.market.prices["920808.BJ"], None) == (row["price"], row["pe_ttm"])
    assert 1 == len(of_kind(document, "no_accounts"))


def test_reports_of_another_share_are_none(live: Screened, vendor: Vendor) -> None:
    def another(content: Any) -> Any:
        for row in content["result"]["data"]:
            row["SECURITY_CODE"] = "920799"
        return content

    vendor.changes["RPT_LICO_FN_CPD"] = another
    assert rows(live())["920808.BJ"]["pe_ttm"] is None


@pytest.mark.parametrize("figure", [None, "12.3", True, float("nan"), float("inf"), {}])
def test_a_figure_that_is_no_number_is_missing_and_costs_only_itself(figure: object) -> None:
    item = {
        "symbol": "0700.HK",
        "currency": "HKD",
        "financialCurrency": "CNY",
        "epsTrailingTwelveMonths": figure,
        "bookValue": 118.0,
    }
    made = of_yahoo([item], {"0700.HK": "0700.HK"}, NOW)["0700.HK"]
    assert (None, 118.0, "CNY") == (made.eps_ttm, made.book_value, made.accounts_currency)


def test_accounts_in_cents_or_another_currency_show_by_the_sources_own_ratio(
    live: Screened, vendor: Vendor
) -> None:
    def in_cents(content: Any) -> Any:
        for item in content["quoteResponse"]["result"]:
            if item["symbol"] == "600941.SS":
                item["epsTrailingTwelveMonths"] *= 100
        return content

    vendor.changes["/v7/finance/quote"] = in_cents
    (said,) = of_kind(live(), "ratio_differs")
    assert "Yahoo's own P/E TTM is" in said


def test_a_currency_that_only_the_answer_names_has_its_rate_asked_for(
    live: Screened, vendor: Vendor
) -> None:
    def in_dollars(content: Any) -> Any:
        for item in content["quoteResponse"]["result"]:
            if item["symbol"] == "0700.HK":
                item |= {"financialCurrency": "USD", "bookValue": 10.0}
                del item["priceToBook"], item["trailingAnnualDividendYield"]
        return content

    vendor.changes["/v7/finance/quote"] = in_dollars
    vendor.market.rates["HKDUSD=X"] = 0.128
    row = rows(live())["0700.HK"]
    assert pytest.approx(vendor.market.prices["0700.HK"] * 0.128 / 10) == row["pb"]
    assert 2 == Counter("/v7/finance/quote" in url for url in vendor.asked)[True]


@reads_past_extensions
def test_the_workbook_types_what_was_reported_and_shows_the_multiples(
    live: Screened, tmp_path: Path
) -> None:
    row = rows(live())["0700.HK"]
    sheet = load_workbook(tmp_path / "out.xlsx")["Inputs"]
    header, *lines = sheet[sheet.tables["tblInputs"].ref]
    titles = [cell.value for cell in header]
    (typed,) = (line for line in lines if line[titles.index("Symbol")].value == "0700.HK")
    assert row["book_value"] == typed[titles.index("Book value")].value
    assert "CNY" == typed[titles.index("Accounts ccy")].value
    shown = load_workbook(tmp_path / "out.xlsx", data_only=True).worksheets
    values = {cell.value for page in shown for line in page.iter_rows() for cell in line}
    assert {row["pb"], row["pe_ttm"]} <= values
