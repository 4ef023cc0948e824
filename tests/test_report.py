"""The broker's report of 2025-02-03, reproduced from its own figures and no others."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

import screener
from tests.conftest import NOW, WATCHLISTS, screen

SECTOR_SIZES = {"electronics": 17, "telecom": 10, "computing": 24, "media": 2}
CANNOT_BE_RIGHT = {("688256.SH", 2025), ("9898.HK", 2024)}


def printed_rows() -> Iterator[tuple[str, dict[str, str]]]:
    for sector in SECTOR_SIZES:
        with (WATCHLISTS / f"{sector}.csv").open(encoding="utf-8-sig") as file:
            for row in csv.DictReader(file):
                yield sector, row


def rounding(texts: list[str]) -> Fraction:
    """Half a unit in the last place of the longest of these figures."""
    places = max(len(text.partition(".")[2]) for text in texts)
    return Fraction(1, 2 * 10**places)


def row_of(result: screener.Result, sector: str, printed_symbol: str) -> dict[str, Any]:
    rows = result.table.filter(
        (pl.col("sector") == sector) & (pl.col("printed_symbol") == printed_symbol)
    )
    return rows.row(0, named=True)


def test_the_report_is_53_rows_of_52_listings(report_result: screener.Result) -> None:
    sizes = Counter(report_result.table["sector"])
    assert dict(sizes) == SECTOR_SIZES
    assert report_result.table["symbol"].n_unique() == 52


def test_every_printed_pe_is_matched_within_rounding_but_two(
    report_result: screener.Result,
) -> None:
    """price ÷ P/E must be an EPS that prints as it does, in exact arithmetic."""
    cells, unmatched = 0, set()
    for sector, row in printed_rows():
        price = Fraction(row_of(report_result, sector, row["symbol"])["price"])
        eps_step = rounding([row[f"eps_{year}"] for year in (2024, 2025, 2026)])
        pe_step = rounding([row[f"pe_{year}"] for year in (2024, 2025, 2026)])
        for year in (2024, 2025, 2026):
            cells += 1
            eps, pe = Fraction(row[f"eps_{year}"]), Fraction(row[f"pe_{year}"])
            ends = sorted(price / (pe + step) for step in (-pe_step, pe_step))
            if not (ends[0] <= eps + eps_step and ends[1] >= eps - eps_step):
                unmatched.add((row["symbol"], year))
    assert cells == 159
    assert unmatched == CANNOT_BE_RIGHT


def test_the_two_cells_that_cannot_be_right_are_problems_by_name(
    report_result: screener.Result,
) -> None:
    found = {
        (problem.symbol, problem.message.split(":")[0])
        for problem in report_result.problems
        if problem.kind == "printed_cell"
    }
    assert found == {("688256.SH", "FY2025"), ("9988.HK", "FY2024")}


def test_a_name_in_two_tables_keeps_each_tables_price_and_the_conflict_is_a_problem(
    report_result: screener.Result,
) -> None:
    # 0.82 × 155.3 … 1.64 × 78.2 and 0.82 × 159.76 … 1.64 × 79.88, by hand.
    electronics = row_of(report_result, "electronics", "688041.SH")
    computing = row_of(report_result, "computing", "688041.SH")
    assert electronics["price"] == pytest.approx((127.79025 + 128.16375) / 2, abs=1e-9)
    assert computing["price"] == pytest.approx((130.595625 + 131.41082499999996) / 2, abs=1e-9)
    conflicts = [p for p in report_result.problems if p.kind == "price_conflict"]
    assert [("688041.SH", "warning")] == [(p.symbol, p.severity) for p in conflicts]


def test_losses_are_nm_after_every_meaningful_name_and_never_cheapest(
    report_result: screener.Result,
) -> None:
    losses = {
        (name, year)
        for name, year in (
            ("翱捷科技", 2024),
            ("翱捷科技", 2025),
            ("敏芯股份", 2024),
            ("寒武纪", 2024),
            ("寒武纪", 2025),
        )
    }
    table = report_result.table
    for year in (2024, 2025, 2026):
        by_year = screen(by=f"pe_{year}", watchlists=WATCHLISTS, now=NOW)
        for rows in by_year.table.partition_by("sector"):
            nm = {name for name in rows["name"] if (name, year) in losses}
            ordered = rows["name"].to_list()
            assert nm == set(ordered[len(ordered) - len(nm) :])
            assert nm == set(rows.filter(pl.col("rank").is_null())["name"])
        found = set(table.filter(pl.col(f"pe_{year}").is_null())["name"])
        assert {name for name, lost in losses if lost == year} == found


def test_hong_kong_names_are_valued_in_the_currency_of_their_eps(
    report_result: screener.Result,
) -> None:
    rows = report_result.table.filter(pl.col("sector") == "media")
    assert ["CNY", "CNY"] == rows["price_currency"].to_list()
    assert [1.0, 1.0] == rows["fx"].to_list()
    assert ["CNY", "CNY"] == rows["eps_currency"].to_list()


def test_fy1_is_the_year_in_progress_of_each_listing(report_result: screener.Result) -> None:
    ends = dict(report_result.table.select("symbol", "fy1_end").iter_rows())
    assert date(2025, 3, 31) == ends["9988.HK"]
    assert date(2025, 12, 31) == ends["0700.HK"]
    assert date(2025, 12, 31) == ends["600941.SH"]


def test_report_prices_date_from_the_last_session_before_the_spring_festival(
    report_result: screener.Result,
) -> None:
    days = {
        str(row["symbol"])[-2:]: str(row["price_time"].date())
        for row in report_result.table.iter_rows(named=True)
    }
    assert days == {
        "SH": "2025-01-27",
        "SZ": "2025-01-27",
        "BJ": "2025-01-27",
        "HK": "2025-01-28",
    }
    assert date(2025, 1, 31) == report_result.price_day


def test_corrected_codes_are_used_and_the_printed_ones_kept(
    report_result: screener.Result,
) -> None:
    assert "9988.HK" == row_of(report_result, "media", "9898.HK")["symbol"]
    assert "920808.BJ" == row_of(report_result, "computing", "872808.BJ")["symbol"]
    noted = {p.symbol for p in report_result.problems if p.kind == "correction"}
    assert noted == {"9988.HK", "920808.BJ"}


def test_a_retired_code_holds_until_the_day_it_was_retired() -> None:
    before = screen(sectors=["computing"], as_of=date(2025, 10, 8), watchlists=WATCHLISTS)
    after = screen(sectors=["computing"], as_of=date(2025, 10, 9), watchlists=WATCHLISTS)
    assert "872808.BJ" in before.table["symbol"]
    assert "920808.BJ" in after.table["symbol"]


def test_the_report_run_lacks_no_figure(report_result: screener.Result) -> None:
    assert [] == [problem for problem in report_result.problems if problem.is_gap]
