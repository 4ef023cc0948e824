"""What an analyst typed into Inputs, read back; what cannot be used is named by its cell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

import screener
from tests.conftest import NOW, WATCHLISTS, cell_of, reads_past_extensions, screen, type_rate

pytestmark = reads_past_extensions

Workbook = Callable[..., Path]


@pytest.fixture
def workbook(report_result: screener.Result, tmp_path: Path) -> Workbook:
    """The report's workbook with some cells of Inputs changed."""

    def write(cells: dict[tuple[str, str], Any] | None = None, lang: str = "en") -> Path:
        path = screener.write(report_result, tmp_path / "screen.xlsx", lang)
        if cells:
            book = load_workbook(path)
            for (symbol, title), value in cells.items():
                cell_of(book["Inputs"], symbol, title).value = value
            book.save(path)
        return path

    return write


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_untouched_workbook_gives_back_its_inputs(
    workbook: Workbook, report_result: screener.Result, lang: str
) -> None:
    found = screener.read_inputs(workbook(lang=lang))
    assert () == found.problems
    assert date(2025, 1, 31) == found.price_day
    rows = report_result.table.sort("row").to_dicts()
    assert len(rows) == len(found.rows)
    for expected, row in zip(rows, found.rows, strict=True):
        assert expected["symbol"] == row.symbol
        assert expected["price"] == row.price
        assert expected["eps_currency"] == row.eps_currency
        eps = {year: expected[f"eps_{year}"] for year in (2024, 2025, 2026)}
        assert eps == row.eps
        assert expected["market_cap_printed"] == row.market_cap


def test_typed_prices_eps_and_rates_come_back(workbook: Workbook) -> None:
    path = workbook({("600941.SH", "Price"): 99.5, ("600941.SH", "EPS FY2025"): -1})
    book = load_workbook(path)
    type_rate(book, 0.93)
    book.save(path)
    found = screener.read_inputs(path)
    (row,) = (row for row in found.rows if row.symbol == "600941.SH")
    assert (99.5, -1.0) == (row.price, row.eps[2025])
    assert {("HKD", "CNY"): 0.93} == found.rates
    assert () == found.problems


@pytest.mark.parametrize(
    ("title", "value", "fault"),
    [
        ("Price", "about 12", "'about 12' is no number: write 12.34"),
        ("Price", -3, "-3 must be above zero, or empty"),
        ("Price", True, "'True' is no number: write 12.34"),
        ("Price", datetime(2025, 1, 1), "'2025-01-01 00:00:00' is no number: write 12.34"),  # noqa: DTZ001
        ("Price", "=1+1", "holds a formula that was never computed"),
        ("EPS FY2025", "n/a", "'n/a' is no number: write 12.34"),
        ("EPS ccy", "yuan", "'yuan' is no currency: write three capitals"),
        ("Symbol", "AAPL", "'AAPL' is no code"),
    ],
)
def test_what_cannot_be_used_is_named_by_sheet_and_cell(
    workbook: Workbook, title: str, value: Any, fault: str
) -> None:
    path = workbook({("600941.SH", title): value})
    found = screener.read_inputs(path)
    (problem,) = found.problems
    sheet: Worksheet = load_workbook(path)["Inputs"]
    symbol = str(value) if title == "Symbol" else "600941.SH"
    assert f"{path}:Inputs!{cell_of(sheet, symbol, title).coordinate}" == problem.where
    assert ("bad_cell", True) == (problem.kind, fault in problem.message)
    if title != "Symbol":
        (row,) = (row for row in found.rows if row.symbol == "600941.SH")
        assert 52 == sum(each.price is not None for each in found.rows) or title != "Price"
        assert row.where == f"{path}:Inputs!{cell_of(sheet, '600941.SH', 'Symbol').coordinate}"


def test_an_empty_cell_is_nothing_and_no_problem(workbook: Workbook) -> None:
    found = screener.read_inputs(workbook({("600941.SH", "EPS FY2025"): None}))
    (row,) = (row for row in found.rows if row.symbol == "600941.SH")
    assert [2024, 2026] == sorted(row.eps)
    assert () == found.problems


@pytest.mark.parametrize("content", [b"", b"my notes", b"PK\x03\x04 broken"])
def test_a_file_that_is_no_workbook_is_one_problem(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.xlsx"
    path.write_bytes(content)
    found = screener.read_inputs(path)
    assert ["bad_file"] == [problem.kind for problem in found.problems]
    assert () == found.rows


def test_a_workbook_of_another_program_has_no_inputs(tmp_path: Path) -> None:
    from openpyxl import Workbook as Plain

    path = tmp_path / "plain.xlsx"
    Plain().save(path)
    (problem,) = screener.read_inputs(path).problems
    assert "has no table tblInputs" in problem.message


def test_rows_of_one_name_in_two_sectors_are_kept_apart() -> None:
    result = screen(watchlists=WATCHLISTS, now=NOW)
    assert 2 == (result.table["symbol"] == "688041.SH").sum()
