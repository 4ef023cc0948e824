"""What is shown says what it is: how old, in which currency, of which year, and how bad."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from openpyxl import load_workbook
from rich.console import Console

import screener
from screener import to_dict, write
from screener.model.figures import Interval
from screener.model.records import Estimate, Vintage
from screener.model.usage import UnknownNameError
from screener.output.formats import markdown_bytes
from screener.output.terminal.result import result_tables
from screener.store.store import Store
from tests.command import Command
from tests.conftest import (
    NOW,
    WATCHLISTS,
    reads_past_extensions,
    screen,
    write_prices,
    write_watchlist,
)

pytestmark = reads_past_extensions

DAY = date(2026, 11, 23)
Screen = Callable[..., screener.Result]


def printed(result: screener.Result, width: int = 200, lang: str = "en") -> str:
    """The terminal's tables as text."""
    console = Console(width=width, markup=False, emoji=False, highlight=False, no_color=True)
    with console.capture() as capture:
        console.print(result_tables(result, lang, None, width))
    return capture.get()


# --- staleness --------------------------------------------------------------------------------


def test_a_valuation_behind_the_last_session_says_so_first(
    report_result: screener.Result, tmp_path: Path
) -> None:
    # 2025-01-31 to 2026-11-24: 334 days to the end of 2025, and 328 of 2026.
    words = "valued on 2025-01-31, 662 days ago: the last session was on 2026-11-24; the oldest"
    words += " consensus, of 2025-01-31, is 662 days old today"
    assert printed(report_result).startswith(f"! {words}")
    expected = {"price_day": "2025-01-31", "last_session": "2026-11-24", "days": 334 + 328}
    found = to_dict(report_result)["staleness"]
    assert expected == {name: found[name] for name in expected}
    assert ("2025-01-31", 662, words) == tuple(
        found[name] for name in ("consensus_day", "consensus_days", "banner")
    )
    assert f"**{words}**" in markdown_bytes(report_result, "en").decode()
    book = load_workbook(write(report_result, tmp_path / "screen.xlsx", "en"))
    assert words == book["Summary"]["A3"].value


def test_a_valuation_of_the_last_session_has_no_banner(tmp_path: Path) -> None:
    write_watchlist(tmp_path / "lists", "600941.SH,A,100,1,1,1,20,20,20,CNY")
    prices = write_prices(tmp_path / "prices.csv", "600941.SH,20,CNY,2026-11-23")
    # Before the bell of the 24th the last session is the 23rd's.
    early = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    result = screener.screen(watchlists=tmp_path / "lists", prices=prices, now=early)
    assert to_dict(result)["staleness"] is None
    assert "ago" not in printed(result)


# --- currencies, years, small prices ----------------------------------------------------------


def mixed(folder: Path, *lines: str) -> screener.Result:
    toml = 'as_of = 2026-10-30\nlabel_en = "Mixed"\nlabel_zh = "混合"'
    rows = (
        "600941.SH,中国移动,100,1.00,1.10,1.20,20,18,17,CNY",
        "0700.HK,腾讯控股,100,1.00,1.10,1.20,20,18,17,HKD",
    )
    write_watchlist(folder / "lists", *rows, toml=toml)
    prices = write_prices(folder / "prices.csv", *lines)
    return screener.screen(watchlists=folder / "lists", prices=prices, now=NOW)


def test_a_table_of_two_currencies_shows_the_currency_of_each_price(tmp_path: Path) -> None:
    shown = printed(mixed(tmp_path, f"600941.SH,20,CNY,{DAY}", f"0700.HK,0.119,HKD,{DAY}"))
    assert "20.00 CNY" in shown
    # The tick of such a share is a thousandth: 0.12 would be another price.
    assert "0.119 HKD" in shown


def test_tables_of_one_currency_each_head_their_prices_with_it(
    report_result: screener.Result,
) -> None:
    assert "Price CNY" not in printed(report_result)
    in_hong_kong = pl.when(pl.col("symbol").str.ends_with(".HK")).then(pl.lit("HKD"))
    both = report_result.table.with_columns(price_currency=in_hong_kong.otherwise(pl.lit("CNY")))
    shown = printed(replace(report_result, table=both))
    assert "Price CNY" in shown and "Price HKD" in shown


def test_a_small_price_has_three_decimals_in_the_workbook_too(tmp_path: Path) -> None:
    result = mixed(tmp_path, f"600941.SH,20,CNY,{DAY}", f"0700.HK,0.119,HKD,{DAY}")
    book = load_workbook(write(result, tmp_path / "screen.xlsx", "en"))
    heads = [cell.value for cell in book["Mixed"][4]]
    cell = book["Mixed"].cell(5, heads.index("Price") + 1)
    assert "[<1]0.000;#,##0.00" == cell.number_format


def test_years_are_headed_as_desks_write_them(tmp_path: Path) -> None:
    result = mixed(tmp_path, f"600941.SH,20,CNY,{DAY}", f"0700.HK,20,HKD,{DAY}")
    shown = printed(result)
    assert "P/E 2026E" in shown and "FY1 2026E, FY2 2027E" in shown
    book = load_workbook(write(result, tmp_path / "screen.xlsx", "en"))
    heads = [str(cell.value).replace("\n", " ") for cell in book["Mixed"][4]]
    assert {"EPS 2024E (EPS currency)", "P/E 2026E (x)", "P/E FY1 (x)"} <= set(heads)
    # What is read back from a workbook keeps its names.
    assert "EPS FY2024" in {cell.value for row in book["Inputs"] for cell in row}


@pytest.mark.parametrize(
    ("actual", "head"), [((1, 1), "2024A"), ((1, 0), "2024"), ((0, 0), "2024E")]
)
def test_a_year_is_actual_where_every_source_has_its_results(
    tmp_path: Path, actual: tuple[int, int], head: str
) -> None:
    mixed(tmp_path)
    store = Store(tmp_path / "quotes.db")
    fetched = datetime(2026, 11, 2, 4, tzinfo=UTC)
    for symbol, is_actual in zip(("600941.SH", "0700.HK"), actual, strict=True):
        estimates = tuple(
            Estimate(year, date(year, 12, 31), 1.0, Interval(1.0, 1.0), None,
                     year == 2024 and bool(is_actual))
            for year in (2024, 2025, 2026)
        )  # fmt: skip
        currency = "HKD" if symbol == "0700.HK" else "CNY"
        vintage = Vintage(symbol, "desk", fetched.date(), currency, estimates, fetched)
        store.save_vintages([vintage], fetched)
        store.accept([vintage], fetched)
    result = screener.screen(
        watchlists=tmp_path / "lists", prices=tmp_path / "prices.csv", store=store.path, now=NOW
    )
    assert f"EPS {head}" == result.heading(result.columns["eps_2024"], "en")


def test_one_year_end_among_others_keeps_fy1_as_it_is(report_result: screener.Result) -> None:
    later = screen(watchlists=WATCHLISTS, now=NOW, sectors=["media"], as_of=date(2025, 5, 5))
    # In May 2025 Tencent is in FY2025, Alibaba in the year that ends in March 2026.
    assert "P/E FY1" in printed(later)
    assert "P/E 2025E" in printed(report_result)


# --- growth over unlike numbers of years ------------------------------------------------------


def test_growth_over_unlike_years_is_marked_and_ranking_by_it_is_a_problem(
    screen_rows: Screen,
) -> None:
    header = "symbol,name,eps_2025,eps_2026,eps_2027,eps_currency,price,currency"
    rows = (
        "600941.SH,A,1.00,1.20,1.44,CNY,20,CNY",
        "600050.SH,B,1.00,1.10,1.21,CNY,20,CNY",
        "601728.SH,C,1.00,1.30,,CNY,20,CNY",
    )
    result = screen_rows(*rows, header=header, by="peg")
    (problem,) = [each for each in result.problems if each.kind == "growth_horizon"]
    assert "1 over 1: 601728.SH; 2 over 2: 600941.SH, 600050.SH" in problem.message
    shown = printed(result)
    # 30 % in one year, 20 % and 10 % in each of two.
    assert "30.0%¹" in shown and "20.0% " in shown
    assert "¹: growth over so many years, unlike the others'" in shown
    plain = screen_rows(*rows, header=header)
    assert "growth_horizon" not in {each.kind for each in plain.problems}
    assert "CAGR years" in {result.heading(each, "en") for each in result.columns.values()}


# --- how bad ----------------------------------------------------------------------------------


def test_the_light_counts_what_problems_and_audit_hold(
    report_result: screener.Result, tmp_path: Path
) -> None:
    book = load_workbook(write(report_result, tmp_path / "screen.xlsx", "en"), data_only=True)
    held = [
        row[0]
        for sheet in ("Problems", "Audit")
        for row in book[sheet].iter_rows(min_row=5, values_only=True)
    ]
    counts = {word: held.count(word) for word in ("error", "warning")}
    cells = [cell.value for row in book["Summary"].iter_rows() for cell in row]
    at = cells.index("Checks")
    assert ["ERRORS", "Errors", counts["error"], "Warnings", counts["warning"]] == cells[
        at + 1 : at + 6
    ]
    assert 0 < counts["error"]


def test_a_printed_slip_is_as_bad_as_a_problem_as_it_is_as_a_finding(
    report_result: screener.Result,
) -> None:
    of_cells = ("sign", "cell", "decimal", "digits", "columns_swapped", "years_swapped")
    problems = {each.severity for each in report_result.problems if each.kind == "printed_cell"}
    findings = {each.severity for each in report_result.findings if each.kind in of_cells}
    assert {"error"} == problems == findings


# --- names as people write them ---------------------------------------------------------------


def asked(*sectors: str, **more: Any) -> screener.Result:
    return screen(watchlists=WATCHLISTS, now=NOW, sectors=sectors, **more)


@pytest.mark.parametrize("name", ["telecom", "TELECOM", "通信", "Telecom"])
def test_a_watchlist_is_known_by_its_labels(name: str) -> None:
    assert {"telecom"} == set(asked(name).table["sector"])


@pytest.mark.parametrize("name", ["PE_FY1", "市盈率", "市盈率 FY1", "p/e fy1", "P/E"])
def test_a_metric_is_known_by_its_labels(name: str) -> None:
    assert "pe_fy1" == asked("media", by=name).by


def test_parts_of_a_composite_and_conditions_are_known_by_their_labels() -> None:
    parts = asked("media", by="0.5 PEG + 0.5 市盈率").metrics["composite"].parts
    assert ("peg", "pe_fy1") == parts
    one, other = (
        asked("telecom", where="市盈率 < 20 AND PEG<3"),
        asked("telecom", where="pe_fy1 < 20 and peg < 3"),
    )
    assert 0 < len(one.table) < 10
    assert one.table["symbol"].to_list() == other.table["symbol"].to_list()


def test_a_familys_name_offers_its_members() -> None:
    with pytest.raises(UnknownNameError, match=r"Did you mean pe_fy1, pe_ntm, pe_2024\?"):
        asked("media", by="pe")


def test_files_are_named_by_what_was_meant(command: Command) -> None:
    first = command("run", "通信", "--prices", "report", "--by", "市盈率", "-q")
    other = command("run", "telecom", "--prices", "report", "-q")
    assert first.stdout == other.stdout
