"""Prices: what tables imply, what a user's file gives, and what every source must do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import screener
from screener.model.figures import Interval, agreed
from screener.model.records import Listing
from screener.sources import pricefile
from screener.sources.contract import Ask, Provider
from screener.sources.printed import printed_prices
from screener.sources.registry import find_provider
from screener.watchlists.read import load_watchlists
from tests.conftest import HEADER, NOW, ROW, WATCHLISTS, screen, write_prices, write_watchlist

Screen = Callable[..., screener.Result]


def price_file(folder: Path, *lines: str) -> Path:
    return write_prices(folder / "my.csv", *lines)


def kinds(result: screener.Result) -> list[str]:
    return [problem.kind for problem in result.problems]


# --- what a table implies -------------------------------------------------------------------


def row(eps: str, pe: str) -> str:
    return f"600941.SH,A,100,{eps},{pe},CNY"


@pytest.mark.parametrize(
    ("eps", "pe", "price", "problem"),
    [
        ("0.50,0.80,1.00", "40.00,25.00,20.00", 20.0, []),
        ("0.50,0.80,1.00", "40.00,-25.00,20.00", 20.0, ["printed_cell"]),
        ("0.50,0.80,1.00", "40.00,25.00,22.00", 20.0, ["printed_cell"]),
        ("0.50,0.80,", "40.00,25.00,", 20.0, []),
        (",0.80,", ",25.00,", 20.0, []),
        ("0.50,0.80,1.00", "40.00,30.00,50.00", None, ["no_price"]),
        ("0.50,0.80,", "40.00,30.00,", None, ["no_price"]),
        ("-0.50,0.80,1.00", "-40.00,25.00,20.00", 20.0, []),
        ("0.00,0.80,1.00", "25000,25.00,20.00", 20.0, []),
        ("0.50,0.80,1.00", ",,", None, ["no_price"]),
        (",0.80,", ",-25.00,", None, ["no_price"]),
    ],
)
def test_the_price_is_what_most_years_of_a_row_agree_on(
    screen_rows: Screen, eps: str, pe: str, price: float | None, problem: list[str]
) -> None:
    result = screen_rows(row(eps, pe))
    found = result.table["price"].item()
    assert (price is None and found is None) or price == pytest.approx(found, rel=1e-3)
    of_interest = ("printed_cell", "no_price")
    assert problem == [kind for kind in kinds(result) if kind in of_interest]


def test_a_printed_price_is_the_price_and_cells_at_odds_with_it_are_named(
    screen_rows: Screen,
) -> None:
    result = screen_rows(
        row("0.50,0.80,1.00", "40.00,30.00,20.00") + ",20.10,CNY",
        header=f"{HEADER},price,currency",
    )
    assert 20.10 == result.table["price"].item()
    assert [("printed_cell", "FY2025")] == [
        (p.kind, p.message[:6]) for p in result.problems if p.kind == "printed_cell"
    ]


@given(
    st.floats(0.01, 2000),
    st.lists(st.floats(0.005, 60), min_size=1, max_size=4),
    st.integers(2, 3),
)
def test_a_table_printed_from_one_price_always_agrees_on_it(
    price: float, all_eps: list[float], places: int
) -> None:
    """However P/E and EPS are rounded, the price they were made from is within the interval."""
    all_eps = [eps for eps in all_eps if round(eps, places) > 0 and price / eps >= 0.01]
    implied = []
    for eps in all_eps:
        half_eps, half_pe = 0.5 * 10**-places, 0.005
        shown_eps, shown_pe = round(eps, places), round(price / eps, 2)
        bounds = Interval(shown_eps - half_eps, shown_eps + half_eps)
        implied.append(bounds.times(Interval(shown_pe - half_pe, shown_pe + half_pe)))
    if implied:
        common = agreed(implied)
        assert common is not None
        assert common.low * (1 - 1e-9) <= price <= common.high * (1 + 1e-9)


def test_years_that_print_the_same_price_are_as_many_that_agree() -> None:
    twenty, thirty, slip = Interval(19.9, 20.1), Interval(29.9, 30.1), Interval(199.0, 201.0)
    assert twenty == agreed([twenty, twenty, slip])
    assert twenty == agreed([slip, twenty, twenty])
    assert agreed([twenty, twenty, thirty, Interval(29.8, 30.2)]) is None
    assert agreed([twenty, slip]) is None


# --- a user's file ---------------------------------------------------------------------------

TENCENT = "0700.HK,腾讯控股,34070.69,19.92,22.39,24.99,18.46,16.43,14.72,CNY"


def test_a_users_price_is_used_and_the_market_cap_rolls_forward(
    screen_rows: Screen, tmp_path: Path
) -> None:
    path = price_file(tmp_path, "600941.SH,24,CNY,2025-02-10 14:30")
    found = screen_rows(ROW, prices=path).table.row(0, named=True)
    assert 30.0 == found["pe_fy1"]
    assert ("file", "my.csv") == (found["price_obtained"], found["price_source"])
    assert datetime.fromisoformat("2025-02-10T14:30:00+08:00") == found["price_time"]
    assert 0.2 == pytest.approx(found["price_change"], rel=1e-5)
    assert 120.0 == pytest.approx(found["market_cap"], rel=1e-5)
    assert "rolled forward" == found["market_cap_basis"]


def test_a_hong_kong_price_is_converted_to_the_currency_of_the_eps(
    screen_rows: Screen, tmp_path: Path
) -> None:
    path = price_file(tmp_path, "0700.HK,400,HKD,2025-02-10", "HKD/CNY,0.94,CNY,2025-02-10")
    found = screen_rows(TENCENT, prices=path).table.row(0, named=True)
    assert (0.94, "my.csv") == (found["fx"], found["fx_source"])
    assert 400 * 0.94 / 22.39 == pytest.approx(found["pe_fy1"])
    closing = datetime.fromisoformat("2025-02-10T16:00:00+08:00")
    assert closing == found["price_time"]


def test_the_opposite_rate_is_turned_round(screen_rows: Screen, tmp_path: Path) -> None:
    path = price_file(tmp_path, "0700.HK,400,HKD,2025-02-10", "CNY/HKD,1.25,HKD,2025-02-10")
    assert 0.8 == screen_rows(TENCENT, prices=path).table["fx"].item()


def test_without_a_rate_there_is_no_pe_and_the_missing_pair_is_named(
    screen_rows: Screen, tmp_path: Path
) -> None:
    path = price_file(tmp_path, "0700.HK,400,HKD,2025-02-10")
    result = screen_rows(TENCENT, prices=path)
    assert ([None], ["no_rate"]) == (
        result.table["pe_fy1"].to_list(),
        result.table["status"].to_list(),
    )
    (problem,) = [each for each in result.problems if each.kind == "no_rate"]
    assert "no rate HKD/CNY by 2025-02-10" in problem.message


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("600941.SH,0,CNY,2025-02-10", "price '0' must be above zero"),
        ("600941.SH,-3,CNY,2025-02-10", "price '-3' must be above zero"),
        ("600941.SH,nan,CNY,2025-02-10", "price 'nan' is no number"),
        ("600941.SH,inf,CNY,2025-02-10", "price 'inf' is no number"),
        ("600941.SH,-,CNY,2025-02-10", "price '-' is no number"),
        ("600941.SH,1_0,CNY,2025-02-10", "price '1_0' is no number"),
        ('600941.SH,"1,5",CNY,2025-02-10', "price '1,5' is no number"),
        ("600941.SH,1e-320,CNY,2025-02-10", "price '1e-320' is no number"),
        ("600941.SH,20,HKD,2025-02-10", "600941.SH trades in CNY, not HKD"),
        ("600941.SH,20,CNY,9999-12-31 23:59-12:00", "'9999-12-31' is no day"),
        ("600941.SH,20,元,2025-02-10", "currency '元': write three capitals"),
        ("600941.SH,20,CNY,10.2.2025", "'10.2.2025' is no day: write 2025-10-09"),
        ("600941.SH,20,CNY,2025-02-10 25:00", "write 2025-01-27 or 2025-01-27 14:30"),
        ("AAPL,20,USD,2025-02-10", "'AAPL' is no code"),
    ],
)
def test_a_price_that_cannot_be_one_is_refused_and_the_name_is_unpriced(
    screen_rows: Screen, tmp_path: Path, line: str, message: str
) -> None:
    path = price_file(tmp_path, line)
    result = screen_rows(ROW, prices=path)
    assert ["no_price"] == result.table["status"].to_list()
    faults = {problem.kind: problem for problem in result.problems}
    assert message in faults["bad_line"].message
    assert f"{path}:2" == faults["bad_line"].where
    assert "has no usable price for it" in faults["no_price"].message


def test_two_prices_for_one_name_are_none(screen_rows: Screen, tmp_path: Path) -> None:
    path = price_file(tmp_path, "600941.SH,20,CNY,2025/2/10", "600941.SH,21,CNY,2025-02-10")
    result = screen_rows(ROW, prices=path)
    assert [None] == result.table["price"].to_list()
    assert f"600941.SH stands at {path}:2 already: neither is used" in [
        problem.message for problem in result.problems
    ]


def test_a_price_of_after_the_day_of_the_valuation_is_refused(
    screen_rows: Screen, tmp_path: Path
) -> None:
    path = price_file(tmp_path, "600941.SH,20,CNY,2025-02-10")
    result = screen_rows(ROW, prices=path, as_of=date(2025, 2, 9))
    assert ["no_price"] == result.table["status"].to_list()
    assert ["the price of my.csv is of 2025-02-10, after 2025-02-09"] == [
        problem.message for problem in result.problems if problem.kind == "no_price"
    ]


@pytest.mark.parametrize(("day", "old"), [(date(2025, 2, 20), False), (date(2025, 2, 21), True)])
def test_an_old_price_is_warned_of(
    screen_rows: Screen, tmp_path: Path, day: date, old: bool
) -> None:
    path = price_file(tmp_path, "600941.SH,20,CNY,2025-02-10")
    result = screen_rows(ROW, prices=path, as_of=day)
    assert old == ("old_price" in kinds(result))


def test_a_price_after_the_consensus_says_that_splits_are_not_looked_up(
    screen_rows: Screen, tmp_path: Path
) -> None:
    path = price_file(tmp_path, "600941.SH,20,CNY,2025-02-10")
    assert "splits_unknown" in kinds(screen_rows(ROW, prices=path))
    assert "splits_unknown" not in kinds(screen_rows(ROW))


def test_an_unknown_source_names_those_there_are() -> None:
    with pytest.raises(
        screener.UsageError, match=r"there are auto, live, report\. Did you mean 'report'"
    ):
        find_provider("repot")
    with pytest.raises(screener.UsageError, match=r"there is no price file my\.csv"):
        find_provider("my.csv")
    with pytest.raises(screener.UsageError, match="no price source"):
        find_provider("/")


def test_a_price_of_the_future_is_refused_and_costs_only_itself(
    screen_rows: Screen, tmp_path: Path
) -> None:
    path = price_file(tmp_path, "600941.SH,20,CNY,2052-02-10", "600050.SH,20,CNY,2025-02-10")
    result = screen_rows(ROW, ROW.replace("600941", "600050"), prices=path)
    assert date(2025, 2, 10) == result.price_day
    assert ["the price of my.csv is of 2052-02-10, in the future"] == [
        problem.message for problem in result.problems if problem.kind == "no_price"
    ]


def test_the_day_of_a_price_is_the_exchanges(screen_rows: Screen, tmp_path: Path) -> None:
    path = price_file(tmp_path, "600941.SH,20,CNY,2025-02-10T22:00:00-05:00")
    assert date(2025, 2, 11) == screen_rows(ROW, prices=path).price_day


@pytest.mark.parametrize(
    ("rate", "kind"),
    [
        ("HKD/CNY,0.94,CNY,2025-02-11", "no_rate"),
        ("HKD/CNY,0.94,CNY,2025-01-30", "old_rate"),
        ("HKD/CNY,0.94,CNY,2025-01-31", ""),
    ],
)
def test_a_rate_has_a_day_too(screen_rows: Screen, tmp_path: Path, rate: str, kind: str) -> None:
    path = price_file(tmp_path, "0700.HK,400,HKD,2025-02-10", rate)
    found = kinds(screen_rows(TENCENT, prices=path))
    assert {kind} - {""} == {"no_rate", "old_rate"} & set(found)


def test_rates_of_both_directions_that_contradict_are_a_problem(
    screen_rows: Screen, tmp_path: Path
) -> None:
    day = "2025-02-10"
    path = price_file(
        tmp_path, f"0700.HK,400,HKD,{day}", f"HKD/CNY,0.94,CNY,{day}", f"CNY/HKD,1.2,HKD,{day}"
    )
    assert "rate_conflict" in kinds(screen_rows(TENCENT, prices=path))


def test_findings_about_the_table_stand_with_prices_from_elsewhere(
    screen_rows: Screen, tmp_path: Path
) -> None:
    path = price_file(tmp_path, "600941.SH,20,CNY,2025-02-10", "600050.SH,20,CNY,2025-02-10")
    odd_cell = row("0.50,0.80,1.00", "40.00,30.00,20.00")
    no_agreement = row("0.50,0.80,1.00", "40.00,30.00,50.00").replace("600941", "600050")
    result = screen_rows(odd_cell, no_agreement, prices=path)
    assert {"printed_cell", "no_report_price"} <= set(kinds(result))
    assert [None] == result.table.filter(symbol="600050.SH")["market_cap"].to_list()
    assert not any(problem.is_gap for problem in result.problems)


def test_a_consensus_of_after_the_day_is_a_problem(screen_rows: Screen, tmp_path: Path) -> None:
    path = price_file(tmp_path, "600941.SH,20,CNY,2024-06-03")
    assert "later_consensus" in kinds(screen_rows(ROW, prices=path))


# --- what every source must do ---------------------------------------------------------------


def sources(folder: Path) -> dict[str, Provider]:
    file = price_file(folder, "600941.SH,20,CNY,2025-02-10", "HKD/CNY,0.94,CNY,2025-02-10")
    missing = folder / "missing.csv"
    return {
        "report": printed_prices,
        "file": partial(pricefile.fetch, file),
        "no file": partial(pricefile.fetch, missing),
    }


@pytest.fixture
def listings(tmp_path: Path) -> list[Listing]:
    write_watchlist(tmp_path / "odd", row("0.50,0.80,1.00", ",,"), name="odd")
    bundled, _ = load_watchlists(WATCHLISTS, (), date(2026, 1, 1))
    odd, _ = load_watchlists(tmp_path / "odd", (), date(2026, 1, 1))
    return [listing for table in (*bundled, *odd) for listing in table.listings]


@pytest.mark.parametrize("name", ["report", "file", "no file"])
def test_a_source_prices_or_explains_every_listing(
    tmp_path: Path, listings: list[Listing], name: str
) -> None:
    fetched = sources(tmp_path)[name](Ask(listings, NOW))
    explained = {p.where for p in fetched.problems if p.kind == "no_price"}
    for listing in listings:
        assert (listing in fetched.quotes) != (listing.where in explained), listing
    for quote in fetched.quotes.values():
        assert quote.bounds.low <= quote.price <= quote.bounds.high
        assert quote.market_time.tzinfo is not None
        assert quote.market_time.date() <= quote.as_of


def test_a_calendar_that_does_not_reach_the_day_is_a_problem_and_the_price_is_kept(
    tmp_path: Path,
) -> None:
    # The calendar of Shanghai begins with its exchange, in December 1990.
    write_watchlist(tmp_path / "far", ROW, toml="as_of = 1990-02-01\n")
    result = screen(watchlists=tmp_path / "far")
    assert "no_calendar" in kinds(result)
    assert result.table["price"].item() is not None


def test_a_market_cap_in_another_currency_is_one_in_yuan_or_named(tmp_path: Path) -> None:
    row = "0700.HK,腾讯,34000,20.00,22.00,24.00,,,,HKD"
    toml = 'as_of = 2025-01-31\nmarket_cap_unit = "亿港元"'
    write_watchlist(tmp_path / "lists", row, toml=toml)
    price = "0700.HK,400,HKD,2025-02-10"
    found = {}
    for name, rate in (("with", ["HKD/CNY,0.9,,2025-02-10"]), ("without", [])):
        prices = price_file(tmp_path, price, *rate)
        result = screener.screen(watchlists=tmp_path / "lists", prices=prices, now=NOW, by="pe_fy1")
        problems = [each.message for each in result.problems if each.kind == "no_market_cap"]
        found[name] = (result.table["market_cap_printed"][0], problems)
    # 34,000 × 0.9, in 100 million yuan.
    assert (30600.0, []) == found["with"]
    assert (None, ["market cap in HKD: no rate to CNY by 2025-02-10"]) == found["without"]


@pytest.mark.parametrize("code", ["872808.BJ", "920808.BJ"])
def test_a_price_of_beijing_is_found_under_the_old_code_and_the_new(
    tmp_path: Path, code: str
) -> None:
    for listed in ("872808.BJ", "920808.BJ"):
        write_watchlist(tmp_path / "lists", f"{listed},曙光,100,1,2,3,,,,CNY")
        prices = price_file(tmp_path, f"{code},60,CNY,2025-03-03")
        result = screener.screen(watchlists=tmp_path / "lists", prices=prices, now=NOW)
        assert [(listed, 60.0)] == result.table.select("symbol", "price").rows()
