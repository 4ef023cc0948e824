"""The workbook, read back: the terminal's numbers as numbers, text as text, nothing lost."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

import screener
from screener import workbook

HEADER_ROW = 4


@pytest.fixture(scope="module")
def path(report_result: screener.Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report_result.to_excel(tmp_path_factory.mktemp("out") / "screen.xlsx", lang="en")


def records(sheet: Worksheet) -> list[dict[str, object]]:
    header, *rows = sheet.iter_rows(min_row=HEADER_ROW, values_only=True)
    names = [str(name).partition("\n")[0] for name in header]
    return [dict(zip(names, row, strict=True)) for row in rows]


def test_sheets_stand_in_the_order_they_are_read(path: Path) -> None:
    sectors = ["Electronics", "Telecom", "Computing", "Media"]
    expected = ["Summary", *sectors, "Ranking", "Sources", "Problems", "About"]
    assert expected == load_workbook(path).sheetnames


def test_sector_sheets_hold_the_tables_figures_in_its_order(
    path: Path, report_result: screener.Result
) -> None:
    book = load_workbook(path)
    compared = 0
    for watchlist in report_result.watchlists:
        rows = report_result.table.filter(report_result.table["sector"] == watchlist.name)
        found = records(book[watchlist.provenance.label_en])
        for expected, row in zip(rows.to_dicts(), found, strict=True):
            for name in workbook._shown(report_result):
                column = report_result.columns[name]
                value, cell = expected[name], row[column.label("en")]
                if isinstance(value, float):
                    assert isinstance(cell, float | int)
                    assert math.isclose(value, cell, rel_tol=1e-14)
                    compared += 1
                elif value is None:
                    assert cell in ("NM", "n/a", None), (row["Symbol"], name)
                else:
                    assert value == cell
    assert compared > 53 * 10


def test_the_ranking_sheet_is_ranked_across_sectors(path: Path) -> None:
    ranks = [row["Rank of all"] for row in records(load_workbook(path)["Ranking"])]
    numbers = [rank for rank in ranks if rank is not None]
    assert list(range(1, 51)) == numbers
    assert 53 == len(ranks)


def test_every_row_says_where_its_price_is_from_and_how_old(path: Path) -> None:
    rows = records(load_workbook(path)["Sources"])
    assert 53 == len(rows)
    for row in rows:
        assert "report" == row["Obtained"]
        assert row["Price source"] and row["Price time"]
        assert row["Price age"] in (3, 4)


def test_every_problem_is_on_its_sheet(path: Path, report_result: screener.Result) -> None:
    messages = [row["Message"] for row in records(load_workbook(path)["Problems"])]
    assert [problem.message for problem in report_result.problems] == messages


def test_tables_have_a_frozen_header_a_filter_and_widths_that_fit_chinese(
    report_result: screener.Result, tmp_path: Path
) -> None:
    book = load_workbook(report_result.to_excel(tmp_path / "zh.xlsx", lang="zh"))
    sheet = book["计算机"]
    assert "F5" == sheet.freeze_panes
    assert sheet.auto_filter.ref is not None
    for column in sheet.iter_cols(min_row=HEADER_ROW):
        width = sheet.column_dimensions[column[0].column_letter].width
        for cell in column:
            for line in str(cell.value).split("\n") if isinstance(cell.value, str) else ():
                assert workbook._width(line) <= width


def test_figures_have_the_formats_of_the_catalogue(path: Path) -> None:
    sheet = load_workbook(path)["Telecom"]
    formats = {
        str(sheet.cell(HEADER_ROW, column).value).partition("\n")[0]: sheet.cell(
            HEADER_ROW + 1, column
        ).number_format
        for column in range(1, sheet.max_column + 1)
    }
    assert '0.0"x";(0.0"x")' == formats["P/E FY1"]
    assert "0.0%;(0.0%)" == formats["EPS CAGR"]
    assert "#,##0.00;(#,##0.00)" == formats["Price"]


HOSTILE = ("=1+1", "+1", "@SUM(A1)", "https://example.invalid/", "1E10", "{=1}", "-2+3")


def test_text_never_becomes_a_formula_a_link_or_a_number(
    screen_rows: Callable[..., screener.Result], tmp_path: Path
) -> None:
    symbols = [f"60000{number}.SH" for number in range(len(HOSTILE))]
    rows = [
        f"{symbol},{name},100,0.50,0.80,1.00,40.00,25.00,20.00,CNY"
        for symbol, name in zip(symbols, HOSTILE, strict=True)
    ]
    book = load_workbook(screen_rows(*rows).to_excel(tmp_path / "hostile.xlsx", lang="en"))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert "f" != cell.data_type, (sheet.title, cell.coordinate)
                assert cell.hyperlink is None
    assert set(HOSTILE) == {row["Name"] for row in records(book["demo"])}


def test_the_same_result_gives_the_same_bytes(report_result: screener.Result) -> None:
    first = workbook.render(report_result, "zh")
    assert first == workbook.render(report_result, "zh")


def test_a_workbook_written_here_is_replaced_and_an_edited_one_is_kept(
    report_result: screener.Result, tmp_path: Path
) -> None:
    target = tmp_path / "screen.xlsx"
    assert target == report_result.to_excel(target)
    assert target == report_result.to_excel(target)
    book = load_workbook(target)
    book.active["A1"] = "mine"
    book.save(target)
    edited = target.read_bytes()
    assert tmp_path / "screen-2.xlsx" == report_result.to_excel(target)
    assert edited == target.read_bytes()


def test_a_file_that_is_no_workbook_is_kept(report_result: screener.Result, tmp_path: Path) -> None:
    target = tmp_path / "screen.xlsx"
    target.write_bytes(b"my notes")
    assert tmp_path / "screen-2.xlsx" == report_result.to_excel(target)
    assert b"my notes" == target.read_bytes()


def test_a_failed_write_leaves_nothing_half_written(
    report_result: screener.Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        report_result.to_excel(tmp_path / "screen.xlsx")
    assert [] == list(tmp_path.iterdir())


def test_sheet_names_are_legal_and_unique(tmp_path: Path) -> None:
    from tests.conftest import screen, write_watchlist

    row = "600941.SH,A,100,0.50,0.80,1.00,40.00,25.00,20.00,CNY"
    for number in range(3):
        label = 'label_en = "Optics [and] lasers: a/b of every kind?"'
        toml = f"as_of = 2025-01-31\n{label}\ntable = {number}"
        write_watchlist(tmp_path / "lists", row, name=f"l{number}", toml=toml)
    odd = ("History", "😀" * 31)
    for number, label in enumerate(odd):
        toml = f'as_of = 2025-01-31\nlabel_en = "{label}"'
        write_watchlist(tmp_path / "lists", row, name=f"odd{number}", toml=toml)
    write_watchlist(
        tmp_path / "lists", row, name="s", toml='as_of = 2025-01-31\nlabel_en = "summary"'
    )
    result = screen(watchlists=tmp_path / "lists")
    names = load_workbook(result.to_excel(tmp_path / "o.xlsx", lang="en")).sheetnames
    assert len(names) == len({name.lower() for name in names})
    assert "history" not in {name.lower() for name in names}
    assert all(len(name) <= 31 and not set("[]:*?/\\") & set(name) for name in names)
