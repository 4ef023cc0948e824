"""A workbook edited by an analyst and read back: the edits are used, exactly, and named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

import screener
from screener import write
from screener.model.records import Lookup, Split
from screener.model.usage import UsageError
from screener.store.store import Store
from tests.conftest import (
    NOW,
    WATCHLISTS,
    cell_of,
    header_of,
    reads_past_extensions,
    screen,
    write_prices,
    write_watchlist,
)

pytestmark = reads_past_extensions

HEADER = header_of(2025, 2026, 2027)
ROWS = (
    "600941.SH,移动,2000,6.48,6.86,7.25,17.13,16.18,15.31,CNY",
    "600050.SH,联通,1500,0.29,0.32,0.35,17.00,15.41,14.09,CNY",
    "300308.SZ,旭创,1287,4.95,8.11,9.34,23.19,14.16,12.29,CNY",
)
DAY = date(2026, 11, 20)


def edited(path: Path, *cells: tuple[str, str, Any]) -> Path:
    """The workbook with these cells of Inputs typed over, as openpyxl saves it."""
    book = load_workbook(path)
    for symbol, title, value in cells:
        cell_of(book["Inputs"], symbol, title).value = value
    target = path.with_stem("edited")
    book.save(target)
    return target


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., screener.Result]:
    """Value three names, one of which was split since its estimates."""
    write_watchlist(tmp_path / "lists", *ROWS, header=HEADER)
    kept = Store(tmp_path / "quotes.db")
    lookups = [
        Lookup(row[:9], "Eastmoney", date(2025, 1, 31), DAY + timedelta(days=9)) for row in ROWS
    ]
    kept.save_splits([Split("300308.SZ", date(2025, 6, 10), 1.4, "Eastmoney")], lookups, NOW)
    lines = [f"{row[:9]},{price},CNY,{DAY}" for row, price in zip(ROWS, (110, 5, 90), strict=True)]
    prices = write_prices(tmp_path / "prices.csv", *lines)

    def value(**options: Any) -> screener.Result:
        return screener.screen(
            watchlists=tmp_path / "lists",
            prices=prices,
            now=NOW,
            store=tmp_path / "quotes.db",
            **options,
        )

    return value


def figures(result: screener.Result) -> dict[str, dict[str, Any]]:
    names = [name for name in result.table.columns if not name.startswith("consensus_")]
    return {row["symbol"]: row for row in result.table.select(names).to_dicts()}


def test_a_workbook_nobody_edited_changes_nothing(
    run: Callable[..., screener.Result], tmp_path: Path
) -> None:
    first = run()
    path = write(first, tmp_path / "screen.xlsx", "en")
    second = run(consensus=edited(path))
    assert figures(first) == figures(second)
    assert ["desk"] * 3 == second.table["consensus_source"].to_list()
    assert not [each for each in second.problems if each.kind == "edited_estimate"]


def test_edits_are_used_to_the_last_digit_and_named_with_their_cells(
    run: Callable[..., screener.Result], tmp_path: Path
) -> None:
    first = run()
    path = write(first, tmp_path / "screen.xlsx", "en")
    again = edited(
        path,
        ("600941.SH", "EPS FY2026", 7.123456789),
        ("600050.SH", "EPS FY2027", None),
        ("300308.SZ", "EPS FY2026", 9.9),
    )
    result = run(consensus=again)
    rows = figures(result)
    assert 7.123456789 == rows["600941.SH"]["eps_2026"]
    assert None is rows["600050.SH"]["eps_2027"]
    # EPS stands there per share of its own day: after ten for four it is divided, like the others.
    assert 9.9 / 1.4 == rows["300308.SZ"]["eps_2026"]
    untouched = ("eps_2025", "eps_2027", "eps_low_2025")
    before = figures(first)["300308.SZ"]
    assert [before[name] for name in untouched] == [rows["300308.SZ"][name] for name in untouched]
    sheet = load_workbook(again)["Inputs"]
    named = {
        (each.symbol, each.where.rpartition("!")[2]): each.message
        for each in result.problems
        if each.kind == "edited_estimate"
    }
    assert {
        ("600941.SH", cell_of(sheet, "600941.SH", "EPS FY2026").coordinate): (
            "EPS FY2026 6.86 → 7.12346"
        ),
        ("600050.SH", cell_of(sheet, "600050.SH", "EPS FY2027").coordinate): (
            "EPS FY2027 0.35 → none"
        ),
        ("300308.SZ", cell_of(sheet, "300308.SZ", "EPS FY2026").coordinate): (
            "EPS FY2026 8.11 → 9.9"
        ),
    } == named
    assert ["edited in edited.xlsx"] * 3 == result.table["consensus_source"].to_list()
    # What the run wrote of it is read back the same.
    written = write(result, tmp_path / "second.xlsx", "en")
    typed = {row.symbol: row.eps for row in screener.read_inputs(written).rows}
    assert 7.123456789 == typed["600941.SH"][2026]
    assert pytest.approx(9.9, rel=1e-15) == typed["300308.SZ"][2026]


def test_a_cell_that_is_no_number_is_a_problem_and_no_figure(
    run: Callable[..., screener.Result], tmp_path: Path
) -> None:
    path = write(run(), tmp_path / "screen.xlsx", "en")
    result = run(consensus=edited(path, ("600941.SH", "EPS FY2026", "about 7")))
    (problem,) = [each for each in result.problems if each.kind == "bad_cell"]
    assert "edited.xlsx:Inputs!" in problem.where
    assert "'about 7' is no number" in problem.message
    assert None is figures(result)["600941.SH"]["pe_fy1"]


def test_a_name_that_the_workbook_has_not_keeps_its_estimates_and_says_so(
    run: Callable[..., screener.Result], tmp_path: Path
) -> None:
    path = write(run(), tmp_path / "screen.xlsx", "en")
    book = load_workbook(path)
    sheet = book["Inputs"]
    for title in ("Key", "Symbol", "Name", "Price", "EPS FY2026"):
        cell_of(sheet, "600941.SH", title)
    row = cell_of(sheet, "600941.SH", "Symbol").row
    for cell in sheet[row]:
        cell.value = None
    book.save(tmp_path / "less.xlsx")
    result = run(consensus=tmp_path / "less.xlsx")
    (problem,) = [each for each in result.problems if each.kind == "not_in_workbook"]
    assert ("600941.SH", "less.xlsx has no row of it: desk of 2025-01-31 is used") == (
        problem.symbol,
        problem.message,
    )
    assert 6.86 == figures(result)["600941.SH"]["eps_fy1"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_listing_in_two_tables_is_read_back_from_its_own_sheet(tmp_path: Path, lang: str) -> None:
    first = screen(watchlists=WATCHLISTS, now=NOW)
    path = write(first, tmp_path / "screen.xlsx", lang)
    again = screen(watchlists=WATCHLISTS, now=NOW, consensus=path)
    assert first.table.equals(again.table)


def test_a_file_that_is_no_workbook_is_refused_before_anything_is_asked(
    run: Callable[..., screener.Result], tmp_path: Path
) -> None:
    path = tmp_path / "other.xlsx"
    path.write_text("no workbook", "utf-8")
    with pytest.raises(UsageError, match=r"other\.xlsx cannot be read \(BadZipFile"):
        run(consensus=path)


def test_a_renamed_sheet_is_read_all_the_same(
    run: Callable[..., screener.Result], tmp_path: Path
) -> None:
    path = write(run(), tmp_path / "screen.xlsx", "en")
    book = load_workbook(path)
    cell_of(book["Inputs"], "600941.SH", "EPS FY2026").value = 7.5
    book["Inputs"].title = "My inputs"
    book.save(tmp_path / "renamed.xlsx")
    assert 7.5 == figures(run(consensus=tmp_path / "renamed.xlsx"))["600941.SH"]["eps_fy1"]


def test_a_second_row_of_a_symbol_is_named(
    run: Callable[..., screener.Result], tmp_path: Path
) -> None:
    path = write(run(), tmp_path / "screen.xlsx", "en")
    again = edited(path, ("600050.SH", "Symbol", "600941.SH"))
    (problem,) = [each for each in run(consensus=again).problems if each.kind == "bad_cell"]
    assert "600941.SH stands at" in problem.message


def test_figures_beyond_reason_and_far_from_before_are_said(
    run: Callable[..., screener.Result], tmp_path: Path
) -> None:
    path = write(run(), tmp_path / "screen.xlsx", "en")
    result = run(
        consensus=edited(
            path, ("600941.SH", "EPS FY2026", 7.25e9), ("600050.SH", "EPS FY2026", 3.2)
        )
    )
    (beyond,) = [each.message for each in result.problems if each.kind == "bad_cell"]
    assert "7.25e+09 is beyond reason" in beyond
    (far,) = [each.message for each in result.problems if each.kind == "edited_estimate"]
    assert "EPS FY2026 0.32 → 3.2: far from it, look again" == far


def test_an_edited_consensus_day_is_the_day_of_the_shares(
    run: Callable[..., screener.Result], tmp_path: Path
) -> None:
    path = write(run(), tmp_path / "screen.xlsx", "en")
    # After the split of June 2025: EPS typed there is per new share already.
    again = edited(
        path,
        ("300308.SZ", "Consensus day", datetime(2026, 11, 1)),  # noqa: DTZ001 - a cell
        ("300308.SZ", "EPS FY2026", 6.0),
    )
    result = run(consensus=again)
    assert 6.0 == figures(result)["300308.SZ"]["eps_fy1"]
    assert "consensus day 2025-01-31 → 2026-11-01" in [each.message for each in result.problems]
